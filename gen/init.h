/* init: a first targets.ini, and a Makefile, for the Cargo project in the current directory.
 *
 * What is said in targets.ini comes from templates/init.mustache, which sees:
 *     version      the toolchain that the project asks for, if that is a number: an image's tag
 *     channel      the same, if it is another word: nightly-2026-01-01
 *     ssh          a dependency comes by ssh
 *     packages     comments that say which crate needs which packages
 *     glibc_setup  the key `setup` for images of Debian, and of Alpine: packages, and what the
 *     musl_setup   toolchain file asks for
 *     workspace    the project is a workspace
 *     library      it has no program
 *     programs     it has several, and cargo has to be told which to run
 * of which ssh, workspace, library and programs are true or not, and the others texts.
 */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>

#include "buf.h"
#include "diag.h"
#include "template.h"

/* Appends a targets.ini for the project to OUT.  False after reporting an error: there is a
 * targets.ini, or no Cargo.toml, or the template cannot be rendered. */
bool init_targets(struct templates *templates, struct buf *out, struct diag *diag);

/* Creates the directory mk, for the rules, if it is missing.  False after reporting an error. */
bool init_folder(struct diag *diag);

/* Writes a Makefile that includes mk/cache.mk, or says on standard output which lines an existing
 * one needs; and what to type next.  False after reporting an error. */
bool init_makefile(struct diag *diag);

#endif
