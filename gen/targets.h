/* targets: the model, what targets.ini says, checked and complete.
 *
 * The keys are a table in targets.c; docs/targets-ini.md describes them.
 */
#ifndef TARGETS_H
#define TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "diag.h"
#include "pool.h"
#include "slice.h"

enum target_key {
    KEY_DESCRIPTION,
    KEY_TRIPLE,
    KEY_IMAGE,
    KEY_PLATFORM,
    KEY_CACHE,
    KEY_ALIASES,
    KEY_PACKAGES,
    KEY_TARGET_PACKAGES,
    KEY_SETUP,
    KEY_ENV,
    KEY_CARGO_ARGS,
    KEY_USER,
    KEY_SSH,
    KEY_CROSS,
    KEY_EXPECT,
    KEY_GLIBC,
    KEY_GLIBC_MAX,
    KEY_HERMETIC,
    KEY_MIRROR,
    KEY_SCCACHE,
    KEY_TARGET_DIR,
    KEY_REGISTRY,
    KEY_COUNT
};

/* What a key was set to. */
struct field {
    size_t line; /* of the key */
    char text[];
};

/* A key of the user's own, `x-…`. */
struct extra {
    const char *name;
    const struct field *field;
    struct extra *next;
};

/* All that it points to is in the pool of the targets. */
struct target {
    const char *name;
    size_t line;
    bool incomplete;          /* not all of its lines are known: one was refused, for example */
    bool misspelt[KEY_COUNT]; /* so that it is not missing, too */
    const struct field *fields[KEY_COUNT]; /* NULL where a key is missing */
    struct extra *extras;                  /* the last is first */
};

struct targets {
    const char *file;       /* its name, as targets_read got it; not owned */
    const char *lock;       /* the name of the file with its digests, or NULL; not owned */
    bool locked;            /* that file exists */
    struct target defaults; /* [defaults]; its name is NULL if there is no such section */
    struct target *items;   /* owned; in the order of the file */
    size_t count, cap;
    struct pool pool; /* has their texts */
};

/* Reads IN, called FILE in messages, into TARGETS, which targets_release then frees in any case.
 * False after reporting every error of the file. */
bool targets_read(struct targets *targets, FILE *in, const char *file, struct diag *diag);

void targets_release(struct targets *targets);

/* What KEY was set to for TARGET: its own field, or else that of [defaults]; NULL without both. */
const struct field *target_field(const struct targets *targets, const struct target *target,
                                 enum target_key key);

/* The value of KEY for TARGET: the text of its field, or else "".  The cache name
 * is the target's name where neither gives one. */
const char *target_value(const struct targets *targets, const struct target *target,
                         enum target_key key);

/* The same for NAME, a key of the user's own. */
const struct field *target_extra(const struct targets *targets, const struct target *target,
                                 struct slice name);

/* Sets KEY of TARGET, one of TARGETS or their defaults, to TEXT, at LINE.  False without memory. */
bool target_set(struct targets *targets, struct target *target, enum target_key key,
                struct slice text, size_t line);

/* The name of KEY in targets.ini. */
const char *target_key_name(enum target_key key);

/* Whether WORD can be a value of KEY, or one of its words. */
bool target_key_takes(enum target_key key, const char *word);

#endif
