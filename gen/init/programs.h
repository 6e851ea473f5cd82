/* programs: what cargo builds of a project: its programs, and libraries for others than Rust. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

struct project;

/* Adds comments that say what a build builds and how to choose, and what a C library needs. */
void programs_find(struct project *project);

#endif
