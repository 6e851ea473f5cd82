#include <check.h>
#include <string.h>

#include "suites.h"
#include "utf8.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

START_TEST(whole_characters) {
    static const struct {
        const char *text;
        uint32_t c;
    } rows[] = {
        {"\x01", 1},
        {"a", 'a'},
        {"\x7f", 0x7f},
        {"\xc2\x80", 0x80},
        {"\xdf\xbf", 0x7ff},
        {"\xe0\xa0\x80", 0x800},
        {"\xed\x9f\xbf", 0xd7ff},
        {"\xee\x80\x80", 0xe000},
        {"\xef\xbf\xbf", 0xffff},
        {"\xf0\x90\x80\x80", 0x10000},
        {"\xf4\x8f\xbf\xbf", 0x10ffff},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t c;
        ck_assert_uint_eq(utf8_decode(rows[i].text, strlen(rows[i].text), &c),
                          strlen(rows[i].text));
        ck_assert_uint_eq(c, rows[i].c);
    }
}
END_TEST

START_TEST(what_is_no_character) {
    static const char *const texts[] = {
        "\x80",             /* a byte of a character's end */
        "\xbf",             /* and the last of them */
        "\xc3",             /* cut */
        "\xe6\xbc",         /* cut */
        "\xf0\x9f\xa6",     /* cut */
        "\xc3(",            /* ended by something else */
        "\xe6\xbc(",        /* the same, later */
        "\xc0\xaf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* the first surrogate */
        "\xed\xbf\xbf",     /* the last one */
        "\xf4\x90\x80\x80", /* beyond Unicode */
        "\xf8\x88\x80\x80", /* five bytes, once */
        "\xff",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        uint32_t c = 42;
        ck_assert_uint_eq(utf8_decode(texts[i], strlen(texts[i]), &c), 0);
        ck_assert_uint_eq(c, 42);
    }
}
END_TEST

START_TEST(no_byte_behind_the_end_is_read) {
    uint32_t c = 42;
    ck_assert_uint_eq(utf8_decode("", 0, &c), 0);
    ck_assert_uint_eq(utf8_decode("a", 0, &c), 0);
    ck_assert_uint_eq(utf8_decode("\xc3\xa9", 1, &c), 0);
    ck_assert_uint_eq(c, 42);
    ck_assert_uint_eq(utf8_decode("\0", 1, &c), 1);
    ck_assert_uint_eq(c, 0);
}
END_TEST

Suite *utf8_suite(void) {
    Suite *suite = suite_create("utf8");
    TCase *tests = tcase_create("utf8");
    tcase_add_test(tests, whole_characters);
    tcase_add_test(tests, what_is_no_character);
    tcase_add_test(tests, no_byte_behind_the_end_is_read);
    suite_add_tcase(suite, tests);
    return suite;
}
