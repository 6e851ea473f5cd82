/* Most tests compare a transcript: what the reader reported, in order, one a line.
 *     LINE [section]        LINE key=value        ini:LINE: error: message
 * A value is reported when its end is known, so an error of the next line may come before it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "diag.h"
#include "reader.h"
#include "suites.h"

static void print_section(void *user, const char *name, size_t line) {
    fprintf(user, "%zu [%s]\n", line, name);
}

static void print_value(void *user, const char *key, const char *value, size_t line) {
    fprintf(user, "%zu %s=%s\n", line, key, value);
}

/* The message says as much. */
static void print_refused(void *user, bool header) {
    (void)user, (void)header;
}

static bool is_test_key(struct slice key) {
    return slice_is(key, "a") || slice_is(key, "b");
}

/* The transcript of reading IN, for the caller to free. */
static char *transcript(FILE *in) {
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    struct diag diag = {.out = out};
    struct reader_events events = {.section = print_section,
                                   .value = print_value,
                                   .refused = print_refused,
                                   .is_key = is_test_key,
                                   .user = out};
    bool valid = reader_read(in, "ini", &events, &diag);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_int_eq(valid, diag.errors == 0);
    return text;
}

static FILE *file_of(const char *text, size_t len) {
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, len, file), len);
    rewind(file);
    return file;
}

static void check_read(const char *ini, size_t len, const char *expected) {
    FILE *in = file_of(ini, len);
    char *text = transcript(in);
    fclose(in);
    ck_assert_str_eq(text, expected);
    free(text);
}

#define READ(ini, expected) check_read(ini, sizeof(ini) - 1, expected)

/* ---- What is right ---- */

START_TEST(sections_keys_and_lines) {
    READ("# comment\n"
         "[one]\n"
         "a = 1\n"
         "\n"
         "b=2\n"
         "[two]\n"
         "  \t \n"
         "a\t=\tx y\t \n",
         "2 [one]\n3 a=1\n5 b=2\n6 [two]\n8 a=x y\n");
}
END_TEST

START_TEST(last_line_needs_no_newline) {
    READ("[t]\na = 1", "1 [t]\n2 a=1\n");
    READ("[t]", "1 [t]\n");
    READ("[t]\n; c", "1 [t]\n");
}
END_TEST

START_TEST(crlf_is_a_newline) {
    READ("[t]\r\na = 1\r\n  2\r\n\r\nb = 3\r\n", "1 [t]\n2 a=1 2\n5 b=3\n");
    READ("[t]\r\na = 1\r", "1 [t]\n2 a=1\n");
}
END_TEST

START_TEST(colon_separates_too) {
    READ("[t]\na: x:y=z\nb = c:d\n", "1 [t]\n2 a=x:y=z\n3 b=c:d\n");
    READ("[t]\na := 1\n", "1 [t]\n2 a== 1\n");
}
END_TEST

START_TEST(empty_value) {
    READ("[t]\na =\nb\t:\n", "1 [t]\n2 a=\n3 b=\n");
}
END_TEST

START_TEST(empty_file) {
    READ("", "");
    READ("\n\n", "");
    READ("\xef\xbb\xbf", "");
}
END_TEST

START_TEST(empty_and_repeated_sections_are_reported) {
    READ("[one]\n[two]\n[one]\na = 1\n", "1 [one]\n2 [two]\n3 [one]\n4 a=1\n");
}
END_TEST

START_TEST(comment_behind_a_section) {
    READ("[one] ; comment\na = 1\n[two] # comment\n[three];x\n",
         "1 [one]\n2 a=1\n3 [two]\n4 [three]\n");
}
END_TEST

START_TEST(section_name_of_any_length_is_whole) {
    char ini[1000], expected[1010];
    memset(ini, 'n', sizeof ini);
    ini[0] = '[';
    snprintf(ini + 900, sizeof ini - 900, "]");
    snprintf(expected, sizeof expected, "1 %s\n", ini);
    check_read(ini, strlen(ini), expected);
}
END_TEST

START_TEST(values_keep_their_bytes) {
    READ("[t]\na = \"x\" 'y' `z` $(w) \\ # % | \xc3\xa9 \xff\tz \\\n",
         "1 [t]\n2 a=\"x\" 'y' `z` $(w) \\ # % | \xc3\xa9 \xff\tz \\\n");
}
END_TEST

START_TEST(semicolon_without_a_blank_is_kept) {
    READ("[t]\na = x; y;z\nb =;w\n", "1 [t]\n2 a=x; y;z\n3 b=;w\n");
}
END_TEST

/* ---- Values of several lines ---- */

START_TEST(continuations_are_joined_by_one_blank) {
    READ("[t]\na = 1 \n  2\n\t3 = x  \nb = 4\n", "1 [t]\n2 a=1 2 3 = x\n5 b=4\n");
    READ("[t]\na = 1\n\n  2\n; comment\n  # comment\n  3\n", "1 [t]\n2 a=1 2 3\n");
    READ("[t]\na = 1\n  2", "1 [t]\n2 a=1 2\n");
}
END_TEST

START_TEST(value_may_begin_on_the_next_line) {
    READ("[t]\na =\n  1\n  2\n", "1 [t]\n2 a=1 2\n");
}
END_TEST

START_TEST(continuation_may_begin_with_a_bracket) {
    READ("[t]\na = x &&\n  [ -f y ] && z\n", "1 [t]\n2 a=x && [ -f y ] && z\n");
}
END_TEST

START_TEST(value_of_a_megabyte) {
    enum { LINES = 10000 };
    struct buf ini, expected;
    char line[103];
    memset(line, 'v', sizeof line);
    line[0] = ' ';
    line[101] = '\n';
    line[102] = '\0';
    buf_init(&ini);
    buf_init(&expected);
    buf_add_str(&ini, "[t]\na = 1\n");
    buf_add_str(&expected, "1 [t]\n2 a=1");
    for (int i = 0; i < LINES; i++) {
        buf_add(&ini, line, 102);
        buf_add(&expected, line, 101);
    }
    buf_add_char(&expected, '\n');
    check_read(ini.data, ini.len, expected.data);
    buf_release(&ini);
    buf_release(&expected);
}
END_TEST

START_TEST(first_key_of_a_section_may_be_indented) {
    READ("[one]\n  a = 1\n[two]\n  b = 2\n", "1 [one]\n2 a=1\n3 [two]\n4 b=2\n");
}
END_TEST

START_TEST(indented_key_is_refused) {
    READ("[t]\na = 1\n  b = 2\n", "1 [t]\nini:3: error: indented line continues the previous "
                                  "value; remove the indentation of 'b'\n"
                                  "2 a=1\n");
    READ("[t]\na = 1\n  b: 2\n", "1 [t]\nini:3: error: indented line continues the previous value; "
                                 "remove the indentation of 'b'\n"
                                 "2 a=1\n");
    READ("[t]\na = 1\n  c = 2\n", "1 [t]\n2 a=1 c = 2\n");
}
END_TEST

START_TEST(indented_section_is_refused) {
    READ("[t]\na = 1\n  [u]\nb = 2\n", "1 [t]\nini:3: error: indented line continues the previous "
                                       "value; remove the indentation of the "
                                       "section\n2 a=1\n4 b=2\n");
    READ("  [t]\n  [u]\na = 1\n", "1 [t]\n2 [u]\n3 a=1\n");
}
END_TEST

/* ---- What inih would mangle ---- */

#define INLINE_COMMENT                                                                             \
    "error: ' ;' starts a comment in an INI file; write '&&' between commands, and put comments "  \
    "on lines of their own\n"

START_TEST(inline_comment_is_refused) {
    READ("[t]\na = x ; y\nb = 2\n", "1 [t]\nini:2: " INLINE_COMMENT "3 b=2\n");
    READ("[t]\na = x\t;y\n", "1 [t]\nini:2: " INLINE_COMMENT);
    READ("[t]\na = \"x ; y\"\n", "1 [t]\nini:2: " INLINE_COMMENT);
    READ("[t]\na = ; y\n", "1 [t]\nini:2: " INLINE_COMMENT);
    READ("[t]\na ;b = y\n", "1 [t]\nini:2: " INLINE_COMMENT);
    READ("[t]\na = x\n  y ; z\n", "1 [t]\nini:3: " INLINE_COMMENT "2 a=x\n");
}
END_TEST

START_TEST(inline_comment_behind_a_bracket_is_refused) {
    READ("[t]\na = x &&\n  [ -f y ] ; z\n", "1 [t]\nini:3: " INLINE_COMMENT "2 a=x &&\n");
}
END_TEST

/* ---- Lines that do not fit inih's buffer ---- */

/* Reads a value of LEN bytes, a row of SAMPLEs, on a line and on a continuation line. */
static void check_length(const char *sample, size_t len, const char *ending) {
    char value[2000], ini[5000], expected[5000];
    for (size_t i = 0; i < len; i++)
        value[i] = sample[i % strlen(sample)];
    value[len] = '\0';
    snprintf(ini, sizeof ini, "[t]\na = %s.%s  %s.%sb = 2\n", value, ending, value, ending);
    snprintf(expected, sizeof expected, "1 [t]\n2 a=%s. %s.\n4 b=2\n", value, value);
    check_read(ini, strlen(ini), expected);
}

/* Whatever stands where inih's buffer ends: what would be whitespace, a comment, a key or a section
 * if it were the start of a line, and what would be cut off at its end. */
START_TEST(line_of_any_length_is_read_whole) {
    static const char *const samples[] = {"v", "v ", "v\t", "v#", "v;", "[v]=", "|", "v   #   "};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (size_t len = 1; len < 420; len++)
            check_length(samples[i], len, len % 2 == 0 ? "\n" : "\r\n");
    check_length("v = w ", 1900, "\n");
}
END_TEST

START_TEST(whitespace_of_any_length_is_read_whole) {
    char ini[2000];
    snprintf(ini, sizeof ini, "[t]\n%600s%600s=%600sx%100s\nb = 1\n", "a", "", "", "");
    check_read(ini, strlen(ini), "1 [t]\n2 a=x\n3 b=1\n");
}
END_TEST

START_TEST(tail_of_a_long_comment_is_no_line) {
    for (size_t n = 190; n < 420; n++) {
        char ini[500];
        memset(ini, ' ', sizeof ini);
        memcpy(ini, "[t]\n;", 5);
        snprintf(ini + 4 + n, sizeof ini - 4 - n, "a = 1\nb = 2\n");
        check_read(ini, strlen(ini), "1 [t]\n3 b=2\n");
    }
}
END_TEST

START_TEST(line_of_megabytes) {
    enum { LEN = 5000000 };
    struct buf ini, expected;
    buf_init(&ini);
    buf_init(&expected);
    buf_add_str(&ini, "[t]\na = ");
    buf_add_str(&expected, "1 [t]\n2 a=");
    for (size_t i = 0; i < LEN; i++) {
        buf_add_char(&ini, (char)('!' + i % 26)); /* from ! to : */
        buf_add_char(&expected, (char)('!' + i % 26));
    }
    buf_add_char(&expected, '\n');
    check_read(ini.data, ini.len, expected.data);
    buf_release(&ini);
    buf_release(&expected);
}
END_TEST

START_TEST(nul_is_refused) {
    READ("[t]\na = x\0y\nb = 2\n", "1 [t]\nini:2: error: NUL byte; remove it\n3 b=2\n");
    READ("[t]\na = x\n y\0\n", "1 [t]\nini:3: error: NUL byte; remove it\n2 a=x\n");
    READ("[t\0]\na = x\n", "ini:1: error: NUL byte; remove it\n");
    READ("[t]\n\0\n", "1 [t]\nini:2: error: NUL byte; remove it\n");
    READ("[t]\na = x\0", "1 [t]\nini:2: error: NUL byte; remove it\n");
}
END_TEST

START_TEST(carriage_return_inside_a_line_is_refused) {
    READ("[t]\na = x\ry\nb = 2\n",
         "1 [t]\nini:2: error: carriage return inside a line; remove it\n3 b=2\n");
    READ("[t]\na = x\r\r\n", "1 [t]\nini:2: error: carriage return inside a line; remove it\n");
    READ("[t]\ra = x\r", "ini:1: error: carriage return inside a line; remove it\n");
}
END_TEST

START_TEST(comments_hold_anything) {
    READ("[t]\n; a\0b\n# \r x ; y\n;\xff [\n  ; [u]\na = 1\n", "1 [t]\n6 a=1\n");
}
END_TEST

START_TEST(byte_order_mark_in_the_first_line) {
    READ("\xef\xbb\xbf[t]\na = 1\n", "1 [t]\n2 a=1\n");
    READ("\xef\xbb\xbf; comment\n[t]\n", "2 [t]\n");
    READ("\xef\xbb\xbf\n[t]\n", "2 [t]\n");
    READ("\xef\xbb\xbf[t] ; comment\na = 1\n", "1 [t]\n2 a=1\n");
    READ("\xef\xbb\xbf"
         "a = 1\n",
         "ini:1: error: key outside a section; add [target] above it\n");
}
END_TEST

START_TEST(byte_order_mark_elsewhere_is_no_blank) {
    READ("[t]\n\xef\xbb\xbf[u]\na = 1\n",
         "1 [t]\nini:2: error: expected 'key = value' or '[target]'\n3 a=1\n");
    READ("[t]\n\xef\xbb\xbf"
         "a = 1\n",
         "1 [t]\n2 \xef\xbb\xbf"
         "a=1\n");
}
END_TEST

START_TEST(unclosed_section_and_its_keys_are_skipped) {
    READ("[t]\na = 1\n[u\na = 2\n  3\nb = 4\n[v]\na = 5\n",
         "1 [t]\n2 a=1\nini:3: error: section without a closing ']'\n7 [v]\n8 a=5\n");
    READ("[u\n  a = 2\n", "ini:1: error: section without a closing ']'\n");
    READ("[", "ini:1: error: section without a closing ']'\n");
}
END_TEST

START_TEST(section_without_a_name) {
    READ("[t]\n[]\na = 1\n", "1 [t]\nini:2: error: section without a name\n");
}
END_TEST

START_TEST(text_behind_a_section) {
    READ("[t] x\na = 1\n", "ini:1: error: text after the section's ']'\n");
    READ("[t]]\n", "ini:1: error: text after the section's ']'\n");
}
END_TEST

START_TEST(key_outside_a_section) {
    READ("a = 1\n[t]\nb = 2\n",
         "ini:1: error: key outside a section; add [target] above it\n2 [t]\n3 b=2\n");
    READ("  a = 1\n    2\n", "ini:1: error: key outside a section; add [target] above it\n");
}
END_TEST

START_TEST(line_without_a_separator) {
    READ("[t]\na\nb = 1\n", "1 [t]\nini:2: error: expected 'key = value' or '[target]'\n3 b=1\n");
}
END_TEST

START_TEST(empty_key) {
    READ("[t]\n= 1\n : 2\na = 3\n", "1 [t]\nini:2: error: value without a key\n4 a=3\n");
    READ("[t]\n: 1\n", "1 [t]\nini:2: error: value without a key\n");
}
END_TEST

START_TEST(long_key) {
    char key[1000] = "", ini[1100], expected[1100];
    memset(key, 'k', sizeof key - 1);
    snprintf(ini, sizeof ini, "[t]\n%s = 1\n  2\n", key);
    snprintf(expected, sizeof expected, "1 [t]\n2 %s=1 2\n", key);
    check_read(ini, strlen(ini), expected);
}
END_TEST

START_TEST(continuation_of_a_refused_key_is_skipped) {
    READ("[t]\na = 1\nb ; 2\n  3\n  a = 4\nb = 5\n",
         "1 [t]\n2 a=1\nini:3: " INLINE_COMMENT "6 b=5\n");
    READ("[t]\na = 1\nx\n  3\nb = 5\n",
         "1 [t]\n2 a=1\nini:3: error: expected 'key = value' or '[target]'\n5 b=5\n");
}
END_TEST

/* ---- Files of other kinds ---- */

START_TEST(directory_cannot_be_read) {
    FILE *in = fopen(".", "rb");
    ck_assert_ptr_nonnull(in);
    char *text = transcript(in);
    fclose(in);
    ck_assert_str_eq(text, "ini: error: cannot read: Is a directory\n");
    free(text);
}
END_TEST

static TCase *right_tests(void) {
    TCase *tests = tcase_create("right");
    tcase_add_test(tests, sections_keys_and_lines);
    tcase_add_test(tests, last_line_needs_no_newline);
    tcase_add_test(tests, crlf_is_a_newline);
    tcase_add_test(tests, colon_separates_too);
    tcase_add_test(tests, empty_value);
    tcase_add_test(tests, empty_file);
    tcase_add_test(tests, empty_and_repeated_sections_are_reported);
    tcase_add_test(tests, comment_behind_a_section);
    tcase_add_test(tests, section_name_of_any_length_is_whole);
    tcase_add_test(tests, values_keep_their_bytes);
    tcase_add_test(tests, semicolon_without_a_blank_is_kept);
    return tests;
}

static TCase *continuation_tests(void) {
    TCase *tests = tcase_create("continuation");
    tcase_add_test(tests, continuations_are_joined_by_one_blank);
    tcase_add_test(tests, value_may_begin_on_the_next_line);
    tcase_add_test(tests, continuation_may_begin_with_a_bracket);
    tcase_add_test(tests, value_of_a_megabyte);
    tcase_add_test(tests, first_key_of_a_section_may_be_indented);
    tcase_add_test(tests, indented_key_is_refused);
    tcase_add_test(tests, indented_section_is_refused);
    tcase_add_test(tests, continuation_of_a_refused_key_is_skipped);
    return tests;
}

static TCase *refused_tests(void) {
    TCase *tests = tcase_create("refused");
    tcase_add_test(tests, inline_comment_is_refused);
    tcase_add_test(tests, inline_comment_behind_a_bracket_is_refused);
    tcase_add_test(tests, line_of_any_length_is_read_whole);
    tcase_add_test(tests, whitespace_of_any_length_is_read_whole);
    tcase_add_test(tests, tail_of_a_long_comment_is_no_line);
    tcase_add_test(tests, line_of_megabytes);
    tcase_add_test(tests, nul_is_refused);
    tcase_add_test(tests, carriage_return_inside_a_line_is_refused);
    tcase_add_test(tests, comments_hold_anything);
    tcase_add_test(tests, byte_order_mark_in_the_first_line);
    tcase_add_test(tests, byte_order_mark_elsewhere_is_no_blank);
    tcase_add_test(tests, unclosed_section_and_its_keys_are_skipped);
    tcase_add_test(tests, section_without_a_name);
    tcase_add_test(tests, text_behind_a_section);
    tcase_add_test(tests, key_outside_a_section);
    tcase_add_test(tests, line_without_a_separator);
    tcase_add_test(tests, empty_key);
    tcase_add_test(tests, long_key);
    return tests;
}

static TCase *file_tests(void) {
    TCase *tests = tcase_create("files");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, directory_cannot_be_read);
    return tests;
}

Suite *reader_suite(void) {
    Suite *suite = suite_create("reader");
    suite_add_tcase(suite, right_tests());
    suite_add_tcase(suite, continuation_tests());
    suite_add_tcase(suite, refused_tests());
    suite_add_tcase(suite, file_tests());
    return suite;
}
