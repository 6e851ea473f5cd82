/* triples: the targets that `cross = yes` knows how to compile for.
 *
 * A row is data.  The prepared image uses it, as far as its distribution goes: see
 * templates/sh/dockerfile.sh.  `cachemk triples` prints the table.
 */
#ifndef TRIPLES_H
#define TRIPLES_H

#include <stdbool.h>

#include "buf.h"

struct triple {
    const char *name;      /* as Rust has it */
    const char *compiler;  /* what the names of its C compiler and binary utilities begin with */
    const char *processor; /* as Debian, Alpine and qemu call it, separated by spaces */
    bool tested;
};

/* The row of the triple NAME; NULL if there is none. */
const struct triple *triple_find(const char *name);

/* Whether the triple NAME is in the table, and for glibc; the others there are for musl. */
bool triple_has_glibc(const char *name);

/* Appends the table, for people. */
void triples_list(struct buf *out);

#endif
