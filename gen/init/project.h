/* project: what `cachemk init` knows of a Cargo project, and what it makes of that.
 *
 * See The Manifest Format, Workspaces and Configuration in cargo's book, and The toolchain file in
 * rustup's.  Paths are prefixes: empty for the current directory, or with a slash at the end.
 */
#ifndef PROJECT_H
#define PROJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "diag.h"
#include "notes.h"
#include "plan.h"
#include "toml.h"

struct project {
    struct buf directory; /* where its Cargo.toml is: here, or one directory down */
    struct buf root;      /* the workspace's root, if it is a member of one, or else as directory */
    size_t reach;         /* how many directories above this one builds see */
    struct toml manifest;
    struct toml parent;     /* the root's Cargo.toml, if that is another one */
    const struct toml *top; /* the root's: one of the two */
    struct toml lock;       /* Cargo.lock, empty if there is none */
    bool locked;            /* there is one */
    struct buf crates;      /* what its Cargo.toml files depend on, a line each */
    bool ssh;               /* a dependency comes by ssh */
    bool library;           /* a build makes nothing but Rust libraries */
    bool failed;            /* memory ran out for what is not kept here; see project_failed */
    struct notes notes;
    struct plan plan;
};

/* Looks at the project in the current directory, or one below it, and fills PROJECT in, which
 * project_release then frees in any case.  False after reporting that there is none. */
bool project_find(struct project *project, struct diag *diag);

/* The package to build, if the project is a member of a workspace whose root is not above it, so
 * that the Makefile has to name it; NULL if the rules find out by themselves. */
const char *project_package(const struct project *project);

/* Whether memory ran out meanwhile, so that something is missing. */
bool project_failed(const struct project *project);

void project_release(struct project *project);

/* Reads the file NAME in DIRECTORY into TOML, which toml_release then frees in any case.  False if
 * there is none; one that cannot be read or breaks TOML's syntax becomes a note and is empty. */
bool project_read(struct project *project, const char *directory, const char *name,
                  struct toml *toml);

/* Makes DIRECTORY the directory above it; false at the file system's root. */
bool project_go_up(struct buf *directory);

/* How many directories DIRECTORY is above the current one. */
size_t project_height(const char *directory);

/* Whether there is a file or a directory NAME in DIRECTORY. */
bool project_has(struct project *project, const char *directory, const char *name);

/* Whether there is a file or a directory PATH. */
bool project_exists(const char *path);

#endif
