#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diag.h"
#include "nearest.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Messages in memory. */
struct log {
    struct diag diag;
    char *text;
    size_t len;
};

static void log_open(struct log *log) {
    *log = (struct log){.text = NULL};
    log->diag.out = open_memstream(&log->text, &log->len);
    ck_assert_ptr_nonnull(log->diag.out);
}

static void log_expect(struct log *log, const char *expected) {
    ck_assert_int_eq(fclose(log->diag.out), 0);
    ck_assert_str_eq(log->text, expected);
    free(log->text);
}

static void expect_shown(const char *text, const char *shown) {
    struct log log;
    char expected[100];
    log_open(&log);
    diag_error(&log.diag, "f", 0, "%s", text);
    snprintf(expected, sizeof expected, "f: error: %s\n", shown);
    log_expect(&log, expected);
}

START_TEST(error_has_file_and_line_and_is_counted) {
    struct log log;
    log_open(&log);
    diag_error(&log.diag, "targets.ini", 12, "no %s, %d", "image", 3);
    diag_error(&log.diag, "targets.ini", 0, "as a whole");
    ck_assert_uint_eq(log.diag.errors, 2);
    log_expect(&log, "targets.ini:12: error: no image, 3\ntargets.ini: error: as a whole\n");
}
END_TEST

START_TEST(note_is_not_counted) {
    struct log log;
    log_open(&log);
    diag_note(&log.diag, "f", 7, "it is %s", "here");
    ck_assert_uint_eq(log.diag.errors, 0);
    log_expect(&log, "f:7: note: it is here\n");
}
END_TEST

/* A socket of this kind keeps apart what each write sends. */
START_TEST(message_is_one_write) {
    int ends[2];
    char got[200];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    struct diag diag = {.out = fdopen(ends[0], "w")};
    ck_assert_ptr_nonnull(diag.out);
    ck_assert_int_eq(setvbuf(diag.out, NULL, _IONBF, 0), 0);
    diag_error(&diag, "f", 7, "no %s", "\xc3\xa9\033");
    ssize_t len = recv(ends[1], got, sizeof got - 1, 0);
    ck_assert_int_gt(len, 0);
    got[len] = '\0';
    ck_assert_str_eq(got, "f:7: error: no \xc3\xa9?\n");
    ck_assert_int_eq(fclose(diag.out), 0);
    close(ends[1]);
}
END_TEST

START_TEST(no_memory_is_an_error) {
    struct log log;
    log_open(&log);
    diag_no_memory(&log.diag);
    ck_assert_uint_eq(log.diag.errors, 1);
    log_expect(&log, "cachemk: error: out of memory\n");
}
END_TEST

START_TEST(message_of_any_length_is_whole) {
    struct log log;
    char *text = malloc(100001);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', 100000);
    text[100000] = '\0';
    log_open(&log);
    diag_error(&log.diag, "f", 1, "%s.", text);
    ck_assert_int_eq(fclose(log.diag.out), 0);
    ck_assert_uint_eq(log.len, strlen("f:1: error: .\n") + 100000);
    free(log.text);
    free(text);
}
END_TEST

START_TEST(control_characters_are_question_marks) {
    expect_shown("a\x1b[31mb", "a?[31mb");
    expect_shown("a\rb\nc\td\x7f", "a?b?c?d?");
    expect_shown("\x01\x02\x1f ~", "??? ~");
}
END_TEST

START_TEST(control_characters_in_a_file_name_are_question_marks) {
    struct log log;
    log_open(&log);
    diag_error(&log.diag, "a\x1b]0;b\a\nc", 1, "bad");
    log_expect(&log, "a?]0;b??c:1: error: bad\n");
}
END_TEST

START_TEST(utf8_is_shown_as_it_is) {
    expect_shown("\xc3\xa9 \xe2\x80\xa6 \xf0\x9f\xa6\x80 \xef\xbb\xbf",
                 "\xc3\xa9 \xe2\x80\xa6 \xf0\x9f\xa6\x80 \xef\xbb\xbf");
    expect_shown("\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
                 "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}
END_TEST

/* 0x9b, raw or as U+009B, is to many terminals what ESC [ is. */
START_TEST(eight_bit_control_characters_are_question_marks) {
    expect_shown("\x9b"
                 "31m",
                 "?31m");
    expect_shown("a\xc2\x9b"
                 "31m",
                 "a??31m");
    expect_shown("\xc2\x80\xc2\x9f\xc2\xa0", "????\xc2\xa0");
}
END_TEST

START_TEST(stray_bytes_are_question_marks) {
    expect_shown("\x80 \xbf \xfe \xff", "? ? ? ?");
    expect_shown("\xc3", "?");
    expect_shown("\xc3 \xe2\x80 \xf0\x9f\xa6", "? ?? ???");
    expect_shown("\xc0\xaf \xc1\xbf", "?? ??"); /* overlong */
    expect_shown("\xe0\x80\xaf \xf0\x80\x80\xaf", "??? ????");
    expect_shown("\xed\xa0\x80", "???");                            /* half of a pair of UTF-16 */
    expect_shown("\xf4\x90\x80\x80 \xf5\x80\x80\x80", "???? ????"); /* beyond Unicode */
}
END_TEST

static const char *const words[] = {"description", "triple", "image",      "platform", "cache",
                                    "aliases",     "setup",  "cargo_args", "env"};

START_TEST(nearest_finds_the_likely_word) {
    static const char *const rows[][2] = {
        {"image", "image"},
        {"imge", "image"},
        {"imagee", "image"},
        {"iamge", "image"},
        {"imaga", "image"},
        {"tripple", "triple"},
        {"descriptoin", "description"},
        {"discripsion", "description"},
        {"aliasse", "aliases"},
        {"alias", "aliases"},
        {"cargo-args", "cargo_args"},
        {"Platform", "platform"},
        {"evn", "env"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *near = nearest_word(rows[i][0], words, COUNT(words));
        ck_assert_msg(near != NULL && strcmp(near, rows[i][1]) == 0, "%s: %s", rows[i][0],
                      near != NULL ? near : "nothing");
    }
}
END_TEST

START_TEST(nearest_finds_nothing_far_away) {
    static const char *const far[] = {"", "x", "zz", "xyz", "imxyz", "volume", "entrypoint"};
    for (size_t i = 0; i < COUNT(far); i++) {
        const char *near = nearest_word(far[i], words, COUNT(words));
        ck_assert_msg(near == NULL, "%s: %s", far[i], near);
    }
    ck_assert_ptr_null(nearest_word("image", words, 0));
}
END_TEST

START_TEST(nearest_takes_the_closest_of_many) {
    static const char *const many[] = {"caches", "cache", "cached"};
    ck_assert_str_eq(nearest_word("cache", many, COUNT(many)), "cache");
    ck_assert_str_eq(nearest_word("cachex", many, COUNT(many)), "caches");
}
END_TEST

START_TEST(nearest_takes_words_of_any_length) {
    char word[500];
    memset(word, 'a', sizeof word);
    word[sizeof word - 1] = '\0';
    ck_assert_ptr_null(nearest_word(word, words, COUNT(words)));
    const char *const just_it[] = {word};
    ck_assert_ptr_null(nearest_word("aaaa", just_it, 1));
    word[64] = '\0';
    ck_assert_ptr_eq(nearest_word(word, just_it, 1), word);
}
END_TEST

Suite *diag_suite(void) {
    Suite *suite = suite_create("diag");
    TCase *tests = tcase_create("diag");
    tcase_add_test(tests, error_has_file_and_line_and_is_counted);
    tcase_add_test(tests, note_is_not_counted);
    tcase_add_test(tests, message_is_one_write);
    tcase_add_test(tests, no_memory_is_an_error);
    tcase_add_test(tests, message_of_any_length_is_whole);
    tcase_add_test(tests, control_characters_are_question_marks);
    tcase_add_test(tests, control_characters_in_a_file_name_are_question_marks);
    tcase_add_test(tests, utf8_is_shown_as_it_is);
    tcase_add_test(tests, eight_bit_control_characters_are_question_marks);
    tcase_add_test(tests, stray_bytes_are_question_marks);
    tcase_add_test(tests, nearest_finds_the_likely_word);
    tcase_add_test(tests, nearest_finds_nothing_far_away);
    tcase_add_test(tests, nearest_takes_the_closest_of_many);
    tcase_add_test(tests, nearest_takes_words_of_any_length);
    suite_add_tcase(suite, tests);
    return suite;
}
