/* script: cache.sh, which the rules of the generated makefile call.
 *
 * It is the same in every project, and is copied from next to the templates; scripts/assemble.sh
 * puts it together there when cachemk is built.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>

#include "output.h"
#include "template.h"

/* Whether the rules that the main template T makes call the script. */
bool script_belongs_to(const struct template *t);

/* The path of the script to copy, for the caller to free.  NULL after reporting an error: there is
 * none, or memory ran out. */
char *script_find(struct templates *templates);

/* Adds the file at PATH, which script_find has found, to O.  False after reporting an error. */
bool script_copy(const char *path, struct output *o);

/* The path of the script next to the makefile at PATH, for the caller to free; NULL without
 * memory. */
char *script_path(const char *path);

/* The part of the script that goes into an image in addition to its target's keys; empty if it
 * does not exist, as for a user's own templates. */
const char *script_dockerfile(struct templates *templates);

#endif
