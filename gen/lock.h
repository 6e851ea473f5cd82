/* lock: the digests of the base images, in a file next to that of the targets: targets.lock.
 *
 * Each line of it is an image as the targets have it, and its digest, as in a reference to it:
 * `rust:latest@sha256:…`.  Lines that begin with `#`, and empty ones, do not count.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>

#include "diag.h"
#include "targets.h"
#include "template.h"

enum lock_mode {
    LOCK_ADD,    /* keep digests that are known */
    LOCK_UPDATE, /* ask for all */
    LOCK_CHECK   /* write nothing; a file that is missing or not complete is an error */
};

/* The name of the lock file that belongs to INI, for the caller to free; NULL without memory. */
char *lock_path(const char *ini);

/* Gives each image in TARGETS its digest of the file PATH, if there is one.  False after reporting
 * every error: a malformed line, an image without a digest, or one that no target has. */
bool lock_apply(struct targets *targets, const char *path, struct diag *diag);

/* Writes or checks the file PATH.  The engine is asked for digests by sh/lock.sh of TEMPLATES.
 * False after reporting an error. */
bool lock_write(struct targets *targets, const char *path, enum lock_mode mode,
                struct templates *templates, struct diag *diag);

#endif
