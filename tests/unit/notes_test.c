#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "init/notes.h"
#include "suites.h"

START_TEST(comments_are_wrapped) {
    struct notes notes = {.count = 0};
    struct buf out;
    buf_init(&out);
    notes_comment(&notes, "%s", "short\033");
    notes_say(&notes, "F\n", 7, "%s %s",
              "a text that is as long as a line of a terminal is, namely eighty columns,",
              "and then some");
    notes_write(&notes, &out);
    ck_assert_str_eq(out.data, "# short?\n"
                               "# F?:7: a text that is as long as a line of a terminal is, namely "
                               "eighty\n"
                               "#   columns, and then some");
    buf_release(&out);
    notes_release(&notes);
}
END_TEST

START_TEST(a_word_is_never_longer_than_a_line_may_be) {
    struct notes notes = {.count = 0};
    struct buf out;
    char word[400];
    buf_init(&out);
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    notes_comment(&notes, "a %s b", word);
    notes_write(&notes, &out);
    ck_assert_uint_lt(out.len, 180);
    ck_assert_ptr_nonnull(strstr(out.data, " b"));
    buf_release(&out);
    notes_release(&notes);
}
END_TEST

START_TEST(what_does_not_fit_is_counted) {
    struct notes notes = {.count = 0};
    struct buf out;
    buf_init(&out);
    notes_comment(&notes, "not printed");
    for (int i = 0; i < 5; i++)
        notes_say(&notes, "F", 0, "%d", i);
    notes_print(&notes, &out, 4);
    ck_assert_str_eq(out.data, "F: 0\nF: 1\nF: 2\n2 more: see the comments in targets.ini.\n");
    buf_clear(&out);
    notes_print(&notes, &out, 6);
    ck_assert_str_eq(out.data, "F: 0\nF: 1\nF: 2\nF: 3\nF: 4\n");
    buf_release(&out);
    notes_release(&notes);
}
END_TEST

Suite *notes_suite(void) {
    Suite *suite = suite_create("notes");
    TCase *tests = tcase_create("notes");
    tcase_add_test(tests, comments_are_wrapped);
    tcase_add_test(tests, a_word_is_never_longer_than_a_line_may_be);
    tcase_add_test(tests, what_does_not_fit_is_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
