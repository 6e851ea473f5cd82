#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "escape.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void check_escape(escape_fn *escape, const char *text, const char *expected) {
    struct buf out;
    buf_init(&out);
    escape(&out, text, strlen(text));
    ck_assert_str_eq(out.data, expected);
    buf_release(&out);
}

START_TEST(make_leaves_safe_words_bare) {
    static const char *const words[] = {
        "rust:alpine", "linux/arm64", "x86_64-unknown-linux-musl",
        "A=b,c",       "+50%",        "--locked",
        "me@host",     ".",           "0",
    };
    for (size_t i = 0; i < COUNT(words); i++)
        check_escape(escape_make, words[i], words[i]);
}
END_TEST

START_TEST(make_quotes_the_rest) {
    check_escape(escape_make, "", "''");
    check_escape(escape_make, "a b", "'a b'");
    check_escape(escape_make, "it's", "'it'\\''s'");
    check_escape(escape_make, "'", "''\\'''");
    check_escape(escape_make, "$HOME", "'$$HOME'");
    check_escape(escape_make, "$(shell id) $$", "'$$(shell id) $$$$'");
    check_escape(escape_make, "\\", "'\\'");
    check_escape(escape_make, "\xc3\xa9", "'\xc3\xa9'");
    check_escape(escape_make, "a\tb", "'a\tb'");
}
END_TEST

START_TEST(make_quotes_every_special_byte) {
    static const char specials[] = "~#$`\"'\\|&;<>()[]{}*?!^ \t";
    for (const char *c = specials; *c != '\0'; c++) {
        char word[] = {'a', *c, '\0'};
        struct buf out;
        buf_init(&out);
        escape_make(&out, word, 2);
        ck_assert_msg(out.data[0] == '\'', "%s is not quoted", word);
        buf_release(&out);
    }
}
END_TEST

/* Runs RECIPE, one line, through make and sh; stores what it prints in OUT. */
static void run_recipe(const char *recipe, struct buf *out) {
    char path[] = "/tmp/escape_test.XXXXXX";
    char command[80];
    char chunk[256];
    size_t len;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *makefile = fdopen(fd, "w");
    ck_assert_ptr_nonnull(makefile);
    fprintf(makefile, "define words\n%s\nendef\nall:\n\t@%s\n\t@$(words)\n", recipe, recipe);
    ck_assert_int_eq(fclose(makefile), 0);
    snprintf(command, sizeof command, "MAKEFLAGS= make --no-print-directory -f %s", path);
    FILE *make = popen(command, "r");
    ck_assert_ptr_nonnull(make);
    while ((len = fread(chunk, 1, sizeof chunk, make)) > 0)
        buf_add(out, chunk, len);
    ck_assert_int_eq(pclose(make), 0);
    ck_assert_int_eq(remove(path), 0);
}

/* Every byte that a value may hold, alone, between others, and all in a row, as a word of a recipe
 * and as one in a define that a recipe uses. */
START_TEST(make_and_sh_read_what_was_written) {
    struct buf recipe, all, line, out;
    buf_init(&recipe);
    buf_init(&all);
    buf_init(&line);
    buf_init(&out);
    buf_add_str(&recipe, "printf '<%s>'");
    for (int c = 1; c <= 255; c++) {
        char words[2][3] = {{(char)c}, {'a', (char)c, 'b'}};
        if (c == '\n' || c == '\r')
            continue;
        buf_add_char(&all, (char)c);
        for (size_t i = 0; i < 2; i++) {
            buf_add_char(&recipe, ' ');
            escape_make(&recipe, words[i], i == 0 ? 1 : 3);
            buf_add_char(&line, '<');
            buf_add(&line, words[i], i == 0 ? 1 : 3);
            buf_add_char(&line, '>');
        }
    }
    buf_add_char(&recipe, ' ');
    escape_make(&recipe, all.data, all.len);
    buf_add_char(&line, '<');
    buf_add(&line, all.data, all.len);
    buf_add_char(&line, '>');
    run_recipe(recipe.data, &out);
    ck_assert_uint_eq(out.len, 2 * line.len);
    ck_assert_mem_eq(out.data, line.data, line.len);
    ck_assert_mem_eq(out.data + line.len, line.data, line.len);
    buf_release(&recipe);
    buf_release(&all);
    buf_release(&line);
    buf_release(&out);
}
END_TEST

START_TEST(html_names_four_characters) {
    check_escape(escape_html, "", "");
    check_escape(escape_html, "a & b", "a &amp; b");
    check_escape(escape_html, "<a href=\"x\">it's</a>",
                 "&lt;a href=&quot;x&quot;&gt;it's&lt;/a&gt;");
    check_escape(escape_html, "&amp;", "&amp;amp;");
}
END_TEST

START_TEST(bytes_after_a_nul_count) {
    struct buf out;
    buf_init(&out);
    escape_html(&out, "a\0<", 3);
    ck_assert_uint_eq(out.len, 6);
    ck_assert_mem_eq(out.data, "a\0&lt;", 6);
    buf_release(&out);
}
END_TEST

START_TEST(a_template_name_tells_its_escape) {
    ck_assert(escape_for_template("cache.mk.mustache") == escape_make);
    ck_assert(escape_for_template("folder/page.html.mustache") == escape_html);
    ck_assert(escape_for_template("ci.yml.mustache") == NULL);
    ck_assert(escape_for_template("cache.mk") == NULL);
    ck_assert(escape_for_template("cache.mustache") == NULL);
    ck_assert(escape_for_template("cachemk.mustache") == NULL);
    ck_assert(escape_for_template(".mustache") == NULL);
    ck_assert(escape_for_template("") == NULL);
}
END_TEST

Suite *escape_suite(void) {
    Suite *suite = suite_create("escape");
    TCase *tests = tcase_create("escape");
    tcase_add_test(tests, make_leaves_safe_words_bare);
    tcase_add_test(tests, make_quotes_the_rest);
    tcase_add_test(tests, make_quotes_every_special_byte);
    tcase_add_test(tests, make_and_sh_read_what_was_written);
    tcase_add_test(tests, html_names_four_characters);
    tcase_add_test(tests, bytes_after_a_nul_count);
    tcase_add_test(tests, a_template_name_tells_its_escape);
    suite_add_tcase(suite, tests);
    return suite;
}
