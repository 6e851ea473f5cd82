/* escape: writes text so that the reader of an output takes it for exactly that text, and for
 * nothing else.  One function a kind of output; all have the type that mustache's `escape` wants.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>

#include "buf.h"

typedef void escape_fn(struct buf *out, const char *text, size_t len);

/* One word of a command in a Makefile's recipe or in a `define` used there: quoted for sh where
 * sh would see anything but letters, and every `$` doubled for make.  An empty text becomes ''.
 * TEXT holds no NUL, CR or newline: no quoting could carry those through make. */
escape_fn escape_make;

/* HTML text or a double-quoted attribute, as the Mustache specification asks. */
escape_fn escape_html;

/* The escape function for a template by its name: NAME ends in `.mustache`, and before that in
 * the ending of what it generates (`cache.mk.mustache`).  NULL for an ending without one. */
escape_fn *escape_for_template(const char *name);

#endif
