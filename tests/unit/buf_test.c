#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "suites.h"

/* More than there is memory for; gcc would warn of a constant. */
static const volatile size_t too_much = SIZE_MAX / 2;

START_TEST(new_buffer_is_an_empty_string) {
    struct buf b;
    buf_init(&b);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_eq(b.cap, 0);
    buf_release(&b);
    ck_assert_str_eq(b.data, "");
}
END_TEST

START_TEST(additions_follow_each_other) {
    struct buf b;
    buf_init(&b);
    buf_add(&b, "one and more", 3);
    buf_add_char(&b, ' ');
    buf_add_str(&b, "two");
    buf_add_str(&b, "");
    buf_add(&b, NULL, 0);
    ck_assert_str_eq(b.data, "one two");
    ck_assert_uint_eq(b.len, 7);
    buf_release(&b);
}
END_TEST

START_TEST(every_byte_is_kept) {
    struct buf b;
    buf_init(&b);
    for (int round = 0; round < 40; round++) {
        for (int c = 0; c < 256; c++)
            buf_add_char(&b, (char)c);
        ck_assert_int_eq(b.data[b.len], '\0');
    }
    ck_assert_uint_eq(b.len, 40 * 256);
    for (size_t i = 0; i < b.len; i++)
        ck_assert_int_eq((unsigned char)b.data[i], (int)(i % 256));
    buf_release(&b);
}
END_TEST

START_TEST(clear_keeps_the_memory) {
    struct buf b;
    buf_init(&b);
    buf_clear(&b);
    ck_assert_str_eq(b.data, "");
    buf_add_str(&b, "text");
    size_t cap = b.cap;
    buf_clear(&b);
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.len, 0);
    ck_assert_uint_eq(b.cap, cap);
    buf_release(&b);
}
END_TEST

START_TEST(failure_is_remembered_and_changes_nothing) {
    struct buf b;
    buf_init(&b);
    buf_add_str(&b, "kept");
    buf_add(&b, "x", too_much);
    ck_assert(b.failed);
    buf_add_str(&b, "ignored");
    ck_assert_str_eq(b.data, "kept");
    ck_assert_uint_eq(b.len, 4);
    buf_release(&b);
    ck_assert(!b.failed);
}
END_TEST

START_TEST(clear_forgets_a_failure) {
    struct buf b;
    buf_init(&b);
    buf_add(&b, "x", too_much);
    buf_clear(&b);
    buf_add_str(&b, "again");
    ck_assert(!b.failed);
    ck_assert_str_eq(b.data, "again");
    buf_release(&b);
}
END_TEST

START_TEST(detach_hands_the_text_over) {
    struct buf b;
    buf_init(&b);
    buf_add_str(&b, "text");
    char *text = buf_detach(&b);
    ck_assert_str_eq(text, "text");
    ck_assert_str_eq(b.data, "");
    ck_assert_uint_eq(b.cap, 0);
    free(text);
}
END_TEST

START_TEST(detach_of_nothing_is_an_empty_string) {
    struct buf b;
    buf_init(&b);
    char *text = buf_detach(&b);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(detach_after_a_failure_is_null) {
    struct buf b;
    buf_init(&b);
    buf_add_str(&b, "text");
    buf_add(&b, "x", too_much);
    ck_assert_ptr_null(buf_detach(&b));
    ck_assert(!b.failed);
    ck_assert_uint_eq(b.cap, 0);
}
END_TEST

START_TEST(formats_are_appended) {
    struct buf b;
    buf_init(&b);
    buf_add_str(&b, "a");
    buf_add_format(&b, "%s%d", "", 5);
    ck_assert_str_eq(b.data, "a5");
    buf_add_format(&b, "%1000s", "x"); /* more than there is room for */
    ck_assert_uint_eq(b.len, 1002);
    ck_assert_str_eq(b.data + 1000, " x");
    b.failed = true;
    buf_add_format(&b, "more");
    ck_assert_uint_eq(b.len, 1002);
    buf_release(&b);
    char *text = text_format("%.*s-%zu", 2, "abc", (size_t)7);
    ck_assert_str_eq(text, "ab-7");
    free(text);
}
END_TEST

START_TEST(array_has_room_for_one_more_each_time) {
    size_t *array = NULL, cap = 0;
    for (size_t count = 0; count < 1000; count++) {
        size_t *grown = array_grow(array, count, &cap, sizeof *array);
        ck_assert_ptr_nonnull(grown);
        ck_assert_uint_gt(cap, count);
        array = grown;
        array[count] = count;
    }
    for (size_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(array[i], i);
    free(array);
}
END_TEST

START_TEST(array_that_cannot_grow_still_stands) {
    size_t cap = 0;
    char *array = array_grow(NULL, 0, &cap, 8);
    ck_assert_ptr_nonnull(array);
    cap = SIZE_MAX / 8;
    ck_assert_ptr_null(array_grow(array, cap, &cap, 8));
    ck_assert_uint_eq(cap, SIZE_MAX / 8);
    array[7] = 'x';
    free(array);
}
END_TEST

Suite *buf_suite(void) {
    Suite *suite = suite_create("buf");
    TCase *tests = tcase_create("buf");
    tcase_add_test(tests, new_buffer_is_an_empty_string);
    tcase_add_test(tests, additions_follow_each_other);
    tcase_add_test(tests, every_byte_is_kept);
    tcase_add_test(tests, clear_keeps_the_memory);
    tcase_add_test(tests, failure_is_remembered_and_changes_nothing);
    tcase_add_test(tests, clear_forgets_a_failure);
    tcase_add_test(tests, detach_hands_the_text_over);
    tcase_add_test(tests, detach_of_nothing_is_an_empty_string);
    tcase_add_test(tests, detach_after_a_failure_is_null);
    tcase_add_test(tests, formats_are_appended);
    tcase_add_test(tests, array_has_room_for_one_more_each_time);
    tcase_add_test(tests, array_that_cannot_grow_still_stands);
    suite_add_tcase(suite, tests);
    return suite;
}
