/* grammar: what names and references may look like.
 *
 * Each check returns whether TEXT is well formed.  Nothing else reaches a
 * recipe's targets, variables and volume names, where quoting could not help.
 */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include <stdbool.h>

#include "slice.h"

typedef bool grammar_fn(struct slice text);

/* Targets and aliases: [a-z0-9][a-z0-9._-]*, at most 40 characters. */
grammar_fn grammar_name;

/* A cache name, the tail of a volume's name: [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 200 characters
 * (engines keep a volume in a directory of its name, and file systems allow 255 bytes). */
grammar_fn grammar_cache;

/* A Rust target triple (https://doc.rust-lang.org/rustc/platform-support.html):
 * [a-z0-9_.]+(-[a-z0-9_.]+){1,4}. */
grammar_fn grammar_triple;

/* A platform of the OCI image specification (https://github.com/opencontainers/image-spec,
 * image-index.md): os/arch or os/arch/variant. */
grammar_fn grammar_platform;

/* An image reference, as https://github.com/distribution/reference (reference.go) defines it:
 * [host[:port]/]path[:tag][@digest]; host and path at most 255 characters, a tag at most 128. */
grammar_fn grammar_image;

/* An image without a tag and a digest, in a repository of its own or of a host:
 * [host[:port]/]path/path. */
grammar_fn grammar_repository;

/* The name of an environment variable, alone or with `=value`. */
grammar_fn grammar_env;

/* Anything but an empty text. */
grammar_fn grammar_any;

/* A package of apt, apk or dnf, perhaps with a version or a processor, at most 200 characters; not
 * `name-`, which tells apt to remove it. */
grammar_fn grammar_package;

/* A version of the C library: [0-9]+.[0-9]+. */
grammar_fn grammar_version;

/* A registry for cargo's source replacement: [sparse+]http[s]://…, at most 1000 characters, of
 * printable ASCII that TOML and sh leave alone between quotes.  Cargo wants a sparse one to end in
 * a slash. */
grammar_fn grammar_mirror;

/* Where sccache keeps what was compiled: volume, gha, redis://…, s3://…, at most 1000 characters.
 * Not with a `@`, before which a password would stand: secrets pass by name. */
grammar_fn grammar_sccache;

#endif
