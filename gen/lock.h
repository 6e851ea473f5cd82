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

/* The name of the lock file that belongs to INI, for the caller to free; NULL without memory. */
char *lock_path(const char *ini);

/* Gives each image in TARGETS its digest of the file PATH, if there is one.  False after reporting
 * every error: a malformed line, an image without a digest, or one that no target has. */
bool lock_apply(struct targets *targets, const char *path, struct diag *diag);

/* Writes the file PATH, keeping the digests that it has, unless UPDATE.  The engine is asked for
 * others by SCRIPT, the path of sh/lock.sh.  False after reporting an error. */
bool lock_write(const struct targets *targets, const char *path, bool update, const char *script,
                struct diag *diag);

#endif
