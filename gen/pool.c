#include "pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 64 * 1024 - 64 }; /* 64 KiB with the link, and with what malloc adds */

struct pool_chunk {
    struct pool_chunk *next;
    char data[];
};

/* Adds a chunk with room for SIZE bytes. */
static bool add_chunk(struct pool *pool, size_t size) {
    size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    struct pool_chunk *chunk = malloc(sizeof *chunk + room);
    if (chunk == NULL)
        return false;
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    pool->free = chunk->data;
    pool->free_len = room;
    return true;
}

void *pool_alloc(struct pool *pool, size_t size) {
    size_t unit = sizeof pool->free_len, room = (size + unit - 1) / unit * unit;
    if (room > pool->free_len && !add_chunk(pool, room))
        return NULL;
    char *memory = pool->free;
    pool->free += room;
    pool->free_len -= room;
    return memory;
}

char *pool_copy(struct pool *pool, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = pool_alloc(pool, size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void pool_release(struct pool *pool) {
    while (pool->chunks != NULL) {
        struct pool_chunk *chunk = pool->chunks;
        pool->chunks = chunk->next;
        free(chunk);
    }
    *pool = (struct pool){.chunks = NULL};
}
