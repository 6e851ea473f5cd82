/* toolchain: which Rust the project asks for, with a toolchain file or rust-version. */
#ifndef TOOLCHAIN_H
#define TOOLCHAIN_H

struct project;

/* Sets the images of all targets, and adds to their setup what those lack of the toolchain; after
 * the packages. */
void toolchain_find(struct project *project);

#endif
