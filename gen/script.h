/* script: puts cache.sh together, which the rules of the generated makefile call.
 *
 * It is the same in every project: a header with the version, and then plain sh files, as they
 * are, from sh/ next to the templates.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>

#include "output.h"
#include "template.h"

/* Whether the rules that the main template T makes call the script. */
bool script_belongs_to(const struct template *t);

/* Reads the parts of the script.  False after reporting an error: a file is missing or cannot be
 * read, or memory ran out. */
bool script_load(struct templates *templates);

/* Adds the script to O, after script_load.  False after reporting an error. */
bool script_write(struct templates *templates, struct output *o);

/* The path of the script next to the makefile at PATH, for the caller to free; NULL without
 * memory. */
char *script_path(const char *path);

/* The part of the script that goes into an image in addition to its target's keys; empty if it
 * does not exist, as for a user's own templates. */
const char *script_dockerfile(struct templates *templates);

#endif
