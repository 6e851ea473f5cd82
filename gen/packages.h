/* packages: what crates that build against C libraries need to have installed.
 *
 * A row is data; `cachemk init` turns those of a project's crates into `setup`.  What a crate needs
 * stands in its README or its build script.  What the image rust:latest has already (it is built on
 * buildpack-deps, which has libssl-dev, zlib1g-dev, libsqlite3-dev, perl, make, git ...) is not
 * repeated for Debian.
 */
#ifndef PACKAGES_H
#define PACKAGES_H

#include <stddef.h>

struct package {
    const char *crate;  /* as it is called in Cargo.lock */
    const char *unless; /* another crate, with which this one needs nothing; or NULL */
    const char *apt;    /* Debian's packages, separated by spaces; empty if the image has them */
    const char *apk;    /* Alpine's */
};

/* The row INDEX, or NULL after the last one. */
const struct package *package_at(size_t index);

#endif
