/* pool: memory for many small things that are all freed together. */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

struct pool {
    struct pool_chunk *chunks; /* owned; the newest is first, and has the free bytes */
    char *free;
    size_t free_len;
};

/* An empty pool is all zeros. */

/* SIZE bytes, aligned for sizes and pointers; they are the pool's.  NULL without memory. */
void *pool_alloc(struct pool *pool, size_t size);

/* A copy of TEXT.  NULL without memory. */
char *pool_copy(struct pool *pool, const char *text);

/* Frees all that the pool has, and makes it empty. */
void pool_release(struct pool *pool);

#endif
