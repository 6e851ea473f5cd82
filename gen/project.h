/* project: what a Cargo project, in the current directory, needs to be built.
 *
 * Cargo.toml, Cargo.lock and the toolchain file are searched, not parsed: what is not in the usual
 * form is not found.  See The Manifest Format in cargo's book, and The toolchain file in rustup's.
 */
#ifndef PROJECT_H
#define PROJECT_H

#include <stdbool.h>

#include "buf.h"

struct project {
    struct buf channel;     /* what the toolchain file asks for, or nothing */
    struct buf packages;    /* comments: which crate needs which packages */
    struct buf glibc_setup; /* values of the key setup */
    struct buf musl_setup;
    bool failed; /* memory ran out for what is not kept here; see project_failed */
    bool is_version;
    bool ssh;
    bool workspace;
    bool library;
    bool programs; /* several, and none that cargo runs if it is not told which */
};

/* Looks at the project, and fills PROJECT in, which project_release then frees. */
void project_look(struct project *project);

/* Whether memory ran out meanwhile, so that something is missing. */
bool project_failed(const struct project *project);

void project_release(struct project *project);

/* Whether there is a file or a directory PATH. */
bool project_exists(const char *path);

/* Whether the file PATH has TEXT in it; one that cannot be read has not. */
bool project_file_has(const char *path, const char *text);

#endif
