/* context: the model as template values.
 *
 * Names that templates may use, at the top:
 *     version          of cachemk
 *     ini              the file of the targets; empty if make or sh would not read it as a name,
 *                      or if it is absolute, which is this machine's alone
 *     lock             the file of the digests, in the same way; it may not exist
 *     locked           yes, if it does, or empty
 *     any_sccache_volume any_sccache_gha    yes, if a target's sccache is this, or empty
 *     targets          a list; see below
 *     caches           a list of `cache`, each once, in the order of the first target that has it
 * in each target:
 *     name description triple image platform cache packages target_packages setup user ssh cross
 *     expect glibc glibc_max hermetic mirror sccache registry x-…      texts; perhaps empty
 *     aliases env cargo_args                                      lists of words
 *     env_settings     those words of env that have a value
 *     env_secrets      those that have none: variables whose values come from the caller
 *     sccache_volume sccache_gha sccache_redis sccache_bucket    the store; one is not empty
 *     sccache_prefix   of the bucket; perhaps empty
 *     compiler         what the names of the cross compiler begin with, zig-… if glibc is set;
 *                      empty without both, and for a triple that triples.h does not list
 *     processor        of the triple, as Debian, Alpine and qemu call it
 *     triple_upper     the triple as in the names of cargo's variables, CARGO_TARGET_…_LINKER
 *     triple_lower     the triple as in those of build scripts, CC_…
 *     has_cargo_args   yes, if cross or cargo_args is set, or empty
 *     target_in        what the key target_dir says
 *     target_dir       cargo's target directory in the workspace: target/<triple>, which no other
 *                      target has: all but the first of one triple get target/<triple>@<name>
 *     image_tag        the prepared image's tag: <name>-<hash of all that goes into the image>
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "mustache.h"
#include "targets.h"

struct context; /* owns what it adds to the targets, which must outlive it */

/* Makes the template values of TARGETS.  DOCKERFILE is what goes into every prepared image in
 * addition to its target's keys.  NULL without memory. */
struct context *context_new(const struct targets *targets, const char *dockerfile);

void context_free(struct context *context);

/* The outermost value, for mustache_render. */
struct mustache_value context_root(const struct context *context);

/* The callbacks `name_id` and `get` of struct mustache for these values. */
size_t context_name_id(struct slice name);
bool context_get(const void *object, const struct mustache_name *name,
                 struct mustache_value *value);

#endif
