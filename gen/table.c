#include "table.h"

#include <stdbool.h>
#include <stdlib.h>

#define FNV_PRIME UINT64_C(0x100000001b3)

enum { SIZE_MIN = 64 };

uint64_t hash_text(uint64_t hash, struct slice text) {
    for (size_t i = 0; i < text.len; i++) {
        hash ^= (unsigned char)text.text[i];
        hash *= FNV_PRIME;
    }
    return hash;
}

/* The row of KEY, or the free one where it would be. */
static struct table_row *find_row(const struct table *table, struct slice key) {
    size_t at = hash_text(HASH_BASIS, key) & (table->size - 1);
    while (table->rows[at].key.text != NULL && !slice_equals(table->rows[at].key, key))
        at = (at + 1) & (table->size - 1);
    return &table->rows[at];
}

/* Moves all rows into a table of four times the size. */
static bool grow(struct table *table) {
    size_t size = table->size > 0 ? 4 * table->size : SIZE_MIN;
    struct table bigger = {.rows = calloc(size, sizeof *bigger.rows), .size = size};
    if (bigger.rows == NULL)
        return false;
    for (size_t i = 0; i < table->size; i++)
        if (table->rows[i].key.text != NULL)
            *find_row(&bigger, table->rows[i].key) = table->rows[i];
    bigger.count = table->count;
    free(table->rows);
    *table = bigger;
    return true;
}

const struct table_row *table_add(struct table *table, struct slice key, size_t value) {
    if (table->count >= table->size / 3 * 2 && !grow(table))
        return NULL;
    struct table_row *row = find_row(table, key);
    if (row->key.text == NULL) {
        *row = (struct table_row){key, value};
        table->count++;
    }
    return row;
}

const struct table_row *table_find(const struct table *table, struct slice key) {
    const struct table_row *row = table->size > 0 ? find_row(table, key) : NULL;
    return row != NULL && row->key.text != NULL ? row : NULL;
}

void table_release(struct table *table) {
    free(table->rows);
    *table = (struct table){.rows = NULL};
}
