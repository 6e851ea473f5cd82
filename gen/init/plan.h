/* plan: the targets that `cachemk init` writes, and the values of their keys. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "targets.h"

enum { PLAN_COUNT = 4 };

/* What is the same in every project. */
struct plan_row {
    const char *name;
    const char *description;
    const char *triple;
    const char *platform;
    const char *cache;
    const char *aliases;
    bool alpine; /* its image is Alpine's, with apk and musl */
};

struct plan_target {
    const struct plan_row *row;
    struct buf image;
    struct buf cache;
    bool cross; /* cross-compiled: its platform is not this machine's */
    struct buf packages, target_packages;
    struct buf setup;
    struct buf env;
};

struct plan {
    struct plan_target targets[PLAN_COUNT];
};

void plan_init(struct plan *plan);

/* Whether memory ran out for a value. */
bool plan_failed(const struct plan *plan);

void plan_release(struct plan *plan);

/* Whether WORD can be a word of KEY as it is. */
bool plan_takes(enum target_key key, const char *word);

/* Appends a shell command to TARGET's setup.  False if targets.ini cannot hold it. */
bool plan_add_command(struct plan_target *target, const char *command);

/* Appends to each target's packages those of Debian or of Alpine: tools of Debian, APT; libraries
 * of Debian, LIB, unless the image HAS them for its own processor; all of Alpine, APK. */
void plan_add_packages(struct plan *plan, const char *apt, const char *lib, bool has,
                       const char *apk);

/* Appends a word to TARGET's env, if it is not there. */
void plan_add_env(struct plan_target *target, const char *word);

#endif
