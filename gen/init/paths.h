/* paths: dependencies by path, and symbolic links, that lead out of what builds see. */
#ifndef PATHS_H
#define PATHS_H

#include "project.h"

/* Says which path dependencies of the Cargo.toml in DIRECTORY, read into TOML, are outside of what
 * is mounted. */
void paths_check(struct project *project, const char *directory, const struct toml *toml);

/* Says the same of the first three symbolic links in the project, but for those that are not of its
 * sources, such as in target/. */
void paths_check_links(struct project *project);

#endif
