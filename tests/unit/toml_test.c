#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "init/toml.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What the document TEXT has for PATTERN, as a string; "-" if nothing. */
static void check_text(const char *text, const char *pattern, const char *expected) {
    struct toml toml;
    toml_read(&toml, text);
    ck_assert_msg(toml.bad_line == 0, "line %zu of: %s", toml.bad_line, text);
    const char *found = toml_text(&toml, pattern);
    ck_assert_str_eq(found != NULL ? found : "-", expected);
    toml_release(&toml);
}

START_TEST(keys_and_tables) {
    static const struct {
        const char *text, *pattern, *expected;
    } cases[] = {
        {"a = \"x\"", "a", "x"},
        {"\357\273\277a = \"x\"\r\n", "a", "x"},
        {"# a\n\n  a=\"x\" # b\n", "a", "x"},
        {"[t]\na = \"x\"\n[u]\na = \"y\"", "u.a", "y"},
        {"[ t . 'u' ]\na = \"x\"", "t.u.a", "x"},
        {"t.\"u v\" . w = \"x\"", "t.u v.w", "x"},
        {"[target.'cfg(a.b)'.d]\nx = \"y\"", "target.*.d.x", "y"},
        {"[target.'cfg(a.b)'.d]\nx = \"y\"", "target.*.x", "-"},
        {"[[bin]]\nname = \"a\"\n[[bin]]\nname = \"b\"", "bin.[].name", "a"},
        {"t = { a.b = \"x\", c = [ \"y\", { d = \"z\" } ] }", "t.a.b", "x"},
        {"t = { a.b = \"x\", c = [ \"y\", { d = \"z\" } ] }", "t.c.[].d", "z"},
        {"a = [\n \"x\", # c\n # d\n \"y\",\n]\nb = \"z\"", "a.[]", "x"},
        {"a = [\n \"x\", # c\n # d\n \"y\",\n]\nb = \"z\"", "b", "z"},
        {"a = 1\nb = 1979-05-27 07:32:00Z\nc = [-1.5e3, inf]\nd = \"x\"", "d", "x"},
        {"a = []\nb = {}\nc = \"\"", "c", ""},
        {"", "a", "-"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_text(cases[i].text, cases[i].pattern, cases[i].expected);
}
END_TEST

START_TEST(strings) {
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"a = \"\\\" \\\\ \\t \\u00e9 \\U0001F600\"", "\" \\ \t \303\251 \360\237\230\200"},
        {"a = 'C:\\x\"'", "C:\\x\""},
        {"a = \"\"\"\nx\n  y\"\"\"", "x\n  y"},
        {"a = \"\"\"x \\\n\n   y\"\"\"", "x y"},
        {"a = \"\"\"\"x\"\"\"\"\"", "\"x\"\""},
        {"a = '''\nx\\\n'y'''", "x\\\n'y"},
        {"a = \"# no comment\"", "# no comment"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_text(cases[i].text, "a", cases[i].expected);
}
END_TEST

START_TEST(broken_syntax_is_told_by_its_line) {
    static const struct {
        const char *text;
        size_t line;
    } cases[] = {
        {"a", 1},
        {"a =", 1},
        {"= 1", 1},
        {"a = \"x", 1},
        {"b=1\na = 'x\n'", 2},
        {"a = \"\\q\"", 1},
        {"a = \"\\ud800\"", 1},
        {"a = \"\\u0000\"", 1},
        {"a = [1, 2", 1},
        {"a = [\n1\n2]", 3},
        {"a = {b = 1", 1},
        {"[a\nb=1", 1},
        {"[[a]\n", 1},
        {"a = 1 \"x\"", 1},
        {"a..b = 1", 1},
        {"a = \"\"\"\n\n", 3},
        {"a = $x", 1},
        {"\n\na b = 1", 3},
        {"a = \"\\u12", 1},
        {"[a] b = 1", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct toml toml;
        toml_read(&toml, cases[i].text);
        ck_assert_msg(toml.bad_line == cases[i].line, "line %zu of: %s", toml.bad_line,
                      cases[i].text);
        ck_assert_uint_eq(toml.count, 0);
        ck_assert(!toml.failed);
        toml_release(&toml);
    }
}
END_TEST

START_TEST(depth_has_an_end) {
    struct buf text;
    struct toml toml;
    buf_init(&text);
    buf_add_str(&text, "a = ");
    for (size_t i = 0; i < 100000; i++)
        buf_add_str(&text, "[");
    toml_read(&toml, text.data);
    ck_assert_uint_eq(toml.bad_line, 1);
    toml_release(&toml);
    buf_release(&text);
}
END_TEST

START_TEST(items_keep_order_lines_and_places) {
    struct toml toml;
    toml_read(&toml, "[d]\na = { v = \"1\" }\n\nb.w = true\nc = \"\"\"\nx\"\"\"\n");
    const struct toml_item *item = toml_next(&toml, "d.*", NULL);
    ck_assert_str_eq(toml_key(item), "a");
    ck_assert_int_eq(item->kind, TOML_TABLE);
    ck_assert(toml_is_in(item, item + 1) && !toml_is_in(item, item));
    item = toml_next(&toml, "d.*", item);
    ck_assert_str_eq(toml_key(item), "b");
    ck_assert_uint_eq(item->line, 4);
    item = toml_next(&toml, "d.*", item);
    ck_assert_str_eq(toml_key(item), "c");
    ck_assert_uint_eq(item->line, 5);
    ck_assert_ptr_null(toml_next(&toml, "d.*", item));
    item = toml_next(&toml, "d.b.w", NULL);
    ck_assert_str_eq(item->text, "true");
    ck_assert_int_eq(item->kind, TOML_OTHER);
    ck_assert_ptr_null(toml_text(&toml, "d.b.w"));
    toml_release(&toml);
}
END_TEST

Suite *toml_suite(void) {
    Suite *suite = suite_create("toml");
    TCase *tests = tcase_create("toml");
    tcase_add_test(tests, keys_and_tables);
    tcase_add_test(tests, strings);
    tcase_add_test(tests, broken_syntax_is_told_by_its_line);
    tcase_add_test(tests, depth_has_an_end);
    tcase_add_test(tests, items_keep_order_lines_and_places);
    suite_add_tcase(suite, tests);
    return suite;
}
