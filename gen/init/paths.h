/* paths: dependencies by path that builds cannot see. */
#ifndef PATHS_H
#define PATHS_H

#include "project.h"

/* Says which path dependencies of the Cargo.toml in DIRECTORY, read into TOML, are outside of what
 * is mounted. */
void paths_check(struct project *project, const char *directory, const struct toml *toml);

#endif
