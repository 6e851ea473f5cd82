/* makefile: the project's own Makefile: what `cachemk init` takes over from it, and what it has to
 * be told.
 */
#ifndef MAKEFILE_H
#define MAKEFILE_H

#include <stdbool.h>

#include "buf.h"

struct project;

/* Takes over the names of the caches that the Makefile mounts; adds notes on them, on commands that
 * the generated rules replace, and on rules of the same names as those. */
void makefile_check(struct project *project);

/* The makefile that make reads; NULL if there is none. */
const char *makefile_find(void);

/* Whether it includes the rules already. */
bool makefile_includes(const char *path);

/* Appends the lines that a Makefile of PROJECT needs. */
void makefile_add_lines(const struct project *project, struct buf *out);

#endif
