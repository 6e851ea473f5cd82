/* init: a first targets.ini, and a Makefile, for the Cargo project in the current directory.
 *
 * targets.ini comes from templates/init.mustache, which sees:
 *     notes     comments: what was found in the project, and what is left to do
 *     ssh       is set if a dependency comes by ssh
 *     targets   each with name, description, triple, image, platform, cache, aliases, setup, env,
 * and package, to build one of a workspace
 */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>

#include "buf.h"
#include "diag.h"
#include "project.h"
#include "template.h"

/* What is to be written and printed. */
struct init {
    struct buf targets;  /* targets.ini */
    struct buf makefile; /* the Makefile, or nothing if there is one */
    struct buf lines;    /* what is to be added to the one that is there */
    struct buf message;  /* at most a screen */
};

/* Looks at the project here and fills INIT in, which init_release then frees in any case.  False
 * after reporting an error: there is a targets.ini, or no Cargo.toml, or the template cannot be
 * rendered. */
bool init_prepare(struct init *init, struct templates *templates, struct diag *diag);

void init_release(struct init *init);

/* Prints targets.ini, and as comments in it what would be in the Makefile, and writes nothing.
 * False after reporting an error. */
bool init_print(const struct init *init, struct diag *diag);

/* Writes targets.ini, with GENERATE what follows from it, and the Makefile, and prints the message.
 * False after reporting an error; then nothing that was not there is left. */
bool init_write(const struct init *init, bool (*generate)(void), struct diag *diag);

#endif
