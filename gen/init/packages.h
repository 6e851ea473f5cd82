/* packages: what crates that build against C libraries need to have installed.
 *
 * A row is data; `cachemk init` turns those of a project's crates into `packages`, and for a
 * library of a target that is cross-compiled into `target_packages`.  What a crate needs stands in
 * its README or its build script.  What the image rust:latest has already (it is built on
 * buildpack-deps, which has libssl-dev, zlib1g-dev, libsqlite3-dev, perl, make, git ...) is not
 * repeated for Debian.
 */
#ifndef PACKAGES_H
#define PACKAGES_H

struct project;
struct toml;

/* Adds the packages that the crates of the project need to all targets: those in
 * Cargo.lock, or without one those that project->crates lists. */
void packages_find(struct project *project);

/* Appends the dependencies in TOML, a Cargo.toml, to project->crates. */
void packages_gather(struct project *project, const struct toml *toml);

#endif
