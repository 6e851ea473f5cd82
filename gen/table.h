/* table: finds a text among many. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "slice.h"

/* A text, and what is known of it. */
struct table_row {
    struct slice key; /* its bytes are the caller's; their address is NULL in a free row */
    size_t value;
};

/* Open: a row is at the hash of its key, or in the first free place after that. */
struct table {
    struct table_row *rows; /* owned */
    size_t size;            /* a power of 2; 0 before the first row */
    size_t count;           /* of the rows in use, at most two thirds of the size */
};

/* An empty table is all zeros. */

/* The row of KEY: a new one, with VALUE, unless there was one before.  NULL without memory. */
const struct table_row *table_add(struct table *table, struct slice key, size_t value);

/* The row of KEY, or NULL. */
const struct table_row *table_find(const struct table *table, struct slice key);

/* Frees what TABLE owns, and makes it empty. */
void table_release(struct table *table);

/* 64-bit FNV-1a of TEXT, continuing from HASH, at first HASH_BASIS
 * (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv).  It tells texts apart, and is no
 * protection against forgery. */
#define HASH_BASIS UINT64_C(0xcbf29ce484222325)
uint64_t hash_text(uint64_t hash, struct slice text);

#endif
