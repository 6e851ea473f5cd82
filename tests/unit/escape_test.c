#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "escape.h"
#include "suites.h"
#include "utf8.h"

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
    check_escape(escape_make, "endef", "'endef'");
    check_escape(escape_make, "define", "'define'");
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

/* ---- The formats of UTF-8 text: what is written is read back by rules written down anew here;
 * tests/templates reads it with programs that are in use. ---- */

#define REPLACEMENT "\xef\xbf\xbd"

/* Reads one character or escape of an output at *AT, and adds what it stands for to OUT. */
typedef void unescape_fn(struct buf *out, const char **at);

static void add_character(struct buf *out, uint32_t c) {
    char bytes[5] = {(char)c};
    if (c >= 0x10000)
        snprintf(bytes, sizeof bytes, "%c%c%c%c", (int)(0xf0 | c >> 18),
                 (int)(0x80 | (c >> 12 & 0x3f)), (int)(0x80 | (c >> 6 & 0x3f)),
                 (int)(0x80 | (c & 0x3f)));
    else if (c >= 0x800)
        snprintf(bytes, sizeof bytes, "%c%c%c", (int)(0xe0 | c >> 12),
                 (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
    else if (c >= 0x80)
        snprintf(bytes, sizeof bytes, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
    buf_add(out, bytes, c == 0 ? 1 : strlen(bytes));
}

/* Adds the character that DIGITS digits of BASE at *AT number. */
static void add_numbered(struct buf *out, const char **at, int base, size_t digits) {
    char number[9] = "";
    char *end;
    ck_assert_uint_le(digits, sizeof number - 1);
    memcpy(number, *at, digits);
    add_character(out, (uint32_t)strtoul(number, &end, base));
    ck_assert_ptr_eq(end, number + digits);
    *at += digits;
}

/* Adds the byte at *AT, which must not be one of BAD. */
static void add_plain(struct buf *out, const char **at, const char *bad) {
    ck_assert_msg(strchr(bad, **at) == NULL, "%s is bare", *at);
    buf_add_char(out, *(*at)++);
}

#define CONTROLS                                                                                   \
    "\1\2\3\4\5\6\7\10\t\n\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37\177"

static void unescape_yaml(struct buf *out, const char **at) {
    if (**at != '\\') {
        add_plain(out, at, CONTROLS "\"");
        return;
    }
    char kind = *++*at;
    ++*at;
    if (kind == 'x' || kind == 'u') {
        add_numbered(out, at, 16, kind == 'x' ? 2 : 4);
    } else {
        ck_assert_msg(kind == '"' || kind == '\\', "\\%c is no escape of YAML's", kind);
        buf_add_char(out, kind);
    }
}

static void unescape_markdown(struct buf *out, const char **at) {
    static const char *const names[] = {"&lt;", "<", "&gt;", ">", "&amp;", "&"};
    for (size_t i = 0; i < COUNT(names); i += 2) {
        if (strncmp(*at, names[i], strlen(names[i])) == 0) {
            buf_add_str(out, names[i + 1]);
            *at += strlen(names[i]);
            return;
        }
    }
    if (**at == '\\') {
        buf_add_char(out, (*at)[1]);
        *at += 2;
    } else if (strncmp(*at, "&#", 2) == 0) {
        *at += 2;
        add_numbered(out, at, 10, strcspn(*at, ";"));
        ++*at;
    } else {
        add_plain(out, at, CONTROLS "`*_[]|~#!$<>&");
    }
}

static void unescape_dot(struct buf *out, const char **at) {
    if (strncmp(*at, "&amp;", 5) == 0) {
        buf_add_char(out, '&');
        *at += 5;
    } else if (**at == '\\') {
        char kind = (*at)[1];
        ck_assert_msg(strchr("n\"\\", kind) != NULL, "\\%c is no escape of DOT's", kind);
        buf_add_char(out, kind == 'n' ? '\n' : kind);
        *at += 2;
    } else {
        add_plain(out, at, "\n\r\"&");
    }
}

/* TEXT comes back as EXPECTED. */
static void check_round_trip(escape_fn *escape, unescape_fn *unescape, const char *text, size_t len,
                             const char *expected, size_t expected_len) {
    struct buf written, read;
    buf_init(&written);
    buf_init(&read);
    escape(&written, text, len);
    for (const char *at = written.data; at < written.data + written.len;)
        unescape(&read, &at);
    ck_assert_uint_eq(read.len, expected_len);
    ck_assert_mem_eq(read.data, expected, expected_len);
    buf_release(&written);
    buf_release(&read);
}

/* Every byte, alone and between letters; those that are no character come back as U+FFFD, and so
 * do those that IS_LOST names. */
static void check_every_byte(escape_fn *escape, unescape_fn *unescape,
                             bool (*is_replaced)(uint32_t)) {
    for (int c = 0; c <= 255; c++) {
        char between[] = {'a', (char)c, 'b'};
        char replaced[] = "a" REPLACEMENT "b";
        bool is_gone = c >= 0x80 || is_replaced((uint32_t)c);
        const char *expected = is_gone ? replaced : between;
        size_t len = is_gone ? 3 : 1;
        check_round_trip(escape, unescape, between + 1, 1, expected + 1, len);
        check_round_trip(escape, unescape, between, 3, expected, len + 2);
    }
}

/* Every character of Unicode that anything is special about, and many of the others. */
static void check_every_character(escape_fn *escape, unescape_fn *unescape,
                                  bool (*is_replaced)(uint32_t)) {
    struct buf text;
    buf_init(&text);
    for (uint32_t c = 0x80; c <= 0x10ffff; c += c < 0x11000 ? 1 : 997) {
        if (c >= 0xd800 && c < 0xe000)
            continue; /* surrogates */
        buf_clear(&text);
        add_character(&text, c);
        if (is_replaced(c))
            check_round_trip(escape, unescape, text.data, text.len, REPLACEMENT, 3);
        else
            check_round_trip(escape, unescape, text.data, text.len, text.data, text.len);
    }
    buf_release(&text);
}

static bool none_is_replaced(uint32_t c) {
    (void)c;
    return false;
}

static bool unprintable_is_replaced(uint32_t c) {
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
           c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

START_TEST(every_byte_is_read_back) {
    check_every_byte(escape_yaml, unescape_yaml, none_is_replaced);
    check_every_byte(escape_markdown, unescape_markdown, unprintable_is_replaced);
    check_every_byte(escape_dot, unescape_dot, unprintable_is_replaced);
}
END_TEST

START_TEST(every_character_is_read_back) {
    check_every_character(escape_yaml, unescape_yaml, none_is_replaced);
    check_every_character(escape_markdown, unescape_markdown, unprintable_is_replaced);
    check_every_character(escape_dot, unescape_dot, unprintable_is_replaced);
}
END_TEST

/* What targets.ini's grammars let through must come out as it is, to be part of a longer word. */
START_TEST(names_stay_what_they_are) {
    static const char *const words[] = {"linux-musl-arm64",
                                        "x86_64-unknown-linux-musl",
                                        "linux/arm/v7",
                                        "target/a-b@c",
                                        "rust:1.2",
                                        "0._-",
                                        "A=b+c"};
    for (size_t i = 0; i < COUNT(words); i++) {
        check_escape(escape_yaml, words[i], words[i]);
        check_escape(escape_dot, words[i], words[i]);
    }
}
END_TEST

START_TEST(yaml_escapes_what_ends_the_quotes) {
    check_escape(escape_yaml, "", "");
    check_escape(escape_yaml, "it's: #1, [a] {b} & *c", "it's: #1, [a] {b} & *c");
    check_escape(escape_yaml, "\"a\\b\"", "\\\"a\\\\b\\\"");
    check_escape(escape_yaml, "a\tb\nc", "a\\u0009b\\u000Ac");
    check_escape(escape_yaml, "\xc3\xa9 \xc2\x85 \xe2\x80\xa8 \xf0\x9f\xa6\x80",
                 "\xc3\xa9 \\u0085 \\u2028 \xf0\x9f\xa6\x80");
}
END_TEST

START_TEST(markdown_escapes_what_begins_something) {
    check_escape(escape_markdown, "Linux ARM64 musl (Alpine Linux compatible)",
                 "Linux ARM64 musl (Alpine Linux compatible)");
    check_escape(escape_markdown, "*a* _b_ `c` [d](e) ~f~ |g| #h !i $j$ \\k",
                 "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\~f\\~ \\|g\\| \\#h \\!i \\$j\\$ \\\\k");
    check_escape(escape_markdown, "<b> &lt;", "&lt;b&gt; &amp;lt;");
    check_escape(escape_markdown, "a\nb", "a&#10;b");
    check_escape(escape_markdown, " a b ", "&#32;a b&#32;");
}
END_TEST

START_TEST(markdown_escapes_what_begins_a_block_at_the_beginning_only) {
    check_escape(escape_markdown, "- a - b", "\\- a - b");
    check_escape(escape_markdown, "+a+", "\\+a+");
    check_escape(escape_markdown, "===", "\\===");
    check_escape(escape_markdown, "---", "\\---");
    check_escape(escape_markdown, ":-:", "\\:-:");
    check_escape(escape_markdown, "(a)", "\\(a)");
    check_escape(escape_markdown, "12. a 3. b", "12\\. a 3. b");
    check_escape(escape_markdown, "1) a", "1\\) a");
    check_escape(escape_markdown, "a1. b", "a1. b");
    check_escape(escape_markdown, ".5", ".5");
}
END_TEST

START_TEST(dot_escapes_what_labels_read) {
    check_escape(escape_dot, "", "");
    check_escape(escape_dot, "say \"\\N\" & <b> {c|d}", "say \\\"\\\\N\\\" &amp; <b> {c|d}");
    check_escape(escape_dot, "a\nb", "a\\nb");
    check_escape(escape_dot, "a\\", "a\\\\");
    check_escape(escape_dot, "a\33[1m", "a" REPLACEMENT "[1m");
}
END_TEST

START_TEST(a_broken_character_is_replaced_byte_by_byte) {
    check_escape(escape_yaml,
                 "\xe6\xbc"
                 "a",
                 REPLACEMENT REPLACEMENT "a");
    check_escape(escape_markdown, "\xff", REPLACEMENT);
    check_escape(escape_dot, "\xc0\xaf", REPLACEMENT REPLACEMENT);
}
END_TEST

/* A word of a list is a part of a longer text, which goes on where the word ends. */
START_TEST(only_the_given_bytes_are_read) {
    struct buf out;
    buf_init(&out);
    escape_yaml(&out, "a\xc3\xa9", 2);
    ck_assert_str_eq(out.data, "a" REPLACEMENT);
    buf_clear(&out);
    escape_markdown(&out, "12.3", 3);
    ck_assert_str_eq(out.data, "12\\.");
    buf_clear(&out);
    escape_markdown(&out, "a b", 2);
    ck_assert_str_eq(out.data, "a&#32;");
    buf_release(&out);
}
END_TEST

START_TEST(a_template_name_tells_its_escape) {
    ck_assert(escape_for_template("cache.mk.mustache") == escape_make);
    ck_assert(escape_for_template("directory/page.html.mustache") == escape_html);
    ck_assert(escape_for_template("ci.yml.mustache") == escape_yaml);
    ck_assert(escape_for_template("readme.md.mustache") == escape_markdown);
    ck_assert(escape_for_template("targets.dot.mustache") == escape_dot);
    ck_assert(escape_for_template("notes.rtf.mustache") == NULL);
    ck_assert(escape_for_template("cache.mk") == NULL);
    ck_assert(escape_for_template("cache.mustache") == NULL);
    ck_assert(escape_for_template("cachemk.mustache") == NULL);
    ck_assert(escape_for_template(".mustache") == NULL);
    ck_assert(escape_for_template("") == NULL);
}
END_TEST

START_TEST(every_ending_has_an_escape) {
    const char *before = "";
    size_t count = 0;
    for (const char *ending; (ending = escape_extension(count)) != NULL; count++) {
        char name[40];
        snprintf(name, sizeof name, "a%s.mustache", ending);
        ck_assert(escape_for_template(name) != NULL);
        ck_assert_int_lt(strcmp(before, ending), 0);
        before = ending;
    }
    ck_assert_uint_gt(count, 0);
    ck_assert_ptr_null(escape_extension(count + 1));
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
    tcase_add_test(tests, every_byte_is_read_back);
    tcase_add_test(tests, every_character_is_read_back);
    tcase_add_test(tests, names_stay_what_they_are);
    tcase_add_test(tests, yaml_escapes_what_ends_the_quotes);
    tcase_add_test(tests, markdown_escapes_what_begins_something);
    tcase_add_test(tests, markdown_escapes_what_begins_a_block_at_the_beginning_only);
    tcase_add_test(tests, dot_escapes_what_labels_read);
    tcase_add_test(tests, a_broken_character_is_replaced_byte_by_byte);
    tcase_add_test(tests, only_the_given_bytes_are_read);
    tcase_add_test(tests, a_template_name_tells_its_escape);
    tcase_add_test(tests, every_ending_has_an_escape);
    suite_add_tcase(suite, tests);
    return suite;
}
