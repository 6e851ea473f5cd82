#include <check.h>
#include <stdio.h>
#include <string.h>

#include "pool.h"
#include "suites.h"
#include "table.h"

START_TEST(a_key_keeps_its_first_value) {
    struct table table = {.rows = NULL};
    char again[] = "key";
    const struct table_row *row = table_add(&table, slice_of("key"), 7);
    ck_assert_uint_eq(row->value, 7);
    ck_assert_uint_eq(table_add(&table, slice_of("other"), 8)->value, 8);
    ck_assert_ptr_eq(table_add(&table, slice_of(again), 9), row);
    ck_assert_ptr_eq(table_find(&table, slice_of(again)), row);
    ck_assert_uint_eq(row->value, 7);
    table_release(&table);
}
END_TEST

START_TEST(what_was_not_added_is_not_found) {
    struct table table = {.rows = NULL};
    ck_assert_ptr_null(table_find(&table, slice_of("")));
    ck_assert_ptr_nonnull(table_add(&table, slice_of("ab"), 0));
    ck_assert_ptr_null(table_find(&table, slice_of("a")));
    ck_assert_ptr_null(table_find(&table, slice_of("")));
    ck_assert_ptr_nonnull(table_add(&table, slice_of(""), 1));
    ck_assert_uint_eq(table_find(&table, slice_of(""))->value, 1);
    table_release(&table);
}
END_TEST

START_TEST(it_grows) {
    enum { COUNT = 5000 };
    struct table table = {.rows = NULL};
    struct pool pool = {.chunks = NULL};
    char key[20];
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(key, sizeof key, "%zu", i);
        char *copy = pool_copy(&pool, key);
        ck_assert_ptr_nonnull(copy);
        ck_assert_uint_eq(table_add(&table, slice_of(copy), i)->value, i);
    }
    ck_assert_uint_eq(table.count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(key, sizeof key, "%zu", i);
        ck_assert_uint_eq(table_find(&table, slice_of(key))->value, i);
    }
    table_release(&table);
    pool_release(&pool);
}
END_TEST

/* As its authors give them. */
START_TEST(hashes_are_those_of_fnv) {
    ck_assert(hash_text(HASH_BASIS, slice_of("")) == UINT64_C(0xcbf29ce484222325));
    ck_assert(hash_text(HASH_BASIS, slice_of("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert(hash_text(HASH_BASIS, slice_of("foobar")) == UINT64_C(0x85944171f73967e8));
    ck_assert(hash_text(hash_text(HASH_BASIS, slice_of("foo")), slice_of("bar")) ==
              UINT64_C(0x85944171f73967e8));
}
END_TEST

START_TEST(memory_of_a_pool_is_aligned_and_apart) {
    struct pool pool = {.chunks = NULL};
    size_t *numbers[3000];
    for (size_t i = 0; i < 3000; i++) {
        char *text = pool_copy(&pool, &"0123456789"[10 - i % 11]);
        ck_assert_uint_eq(strlen(text), i % 11);
        numbers[i] = pool_alloc(&pool, sizeof **numbers);
        *numbers[i] = i;
    }
    for (size_t i = 0; i < 3000; i++)
        ck_assert_uint_eq(*numbers[i], i);
    pool_release(&pool);
}
END_TEST

START_TEST(more_than_a_chunk_fits_into_a_pool) {
    struct pool pool = {.chunks = NULL};
    char *small = pool_copy(&pool, "small");
    char *large = pool_alloc(&pool, 1000000);
    memset(large, 'x', 1000000);
    ck_assert_str_eq(small, "small");
    ck_assert_str_eq(pool_copy(&pool, "next"), "next");
    pool_release(&pool);
    ck_assert_ptr_null(pool.chunks);
}
END_TEST

Suite *table_suite(void) {
    Suite *suite = suite_create("table");
    TCase *tests = tcase_create("table");
    tcase_add_test(tests, a_key_keeps_its_first_value);
    tcase_add_test(tests, what_was_not_added_is_not_found);
    tcase_add_test(tests, it_grows);
    tcase_add_test(tests, hashes_are_those_of_fnv);
    tcase_add_test(tests, memory_of_a_pool_is_aligned_and_apart);
    tcase_add_test(tests, more_than_a_chunk_fits_into_a_pool);
    suite_add_tcase(suite, tests);
    return suite;
}
