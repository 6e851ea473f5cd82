/* cross: takes over what the tool of this name reads: Cross.toml, or the same keys below
 * metadata.cross in Cargo.toml.  See its documentation, and docs/migration.md. */
#ifndef CROSS_H
#define CROSS_H

struct project;

/* Adds its commands, variables and images to the targets, and a note for each key. */
void cross_find(struct project *project);

#endif
