/* mustache: renders templates in the Mustache language (the specification's mandatory parts:
 * interpolation, sections, inverted sections, partials, comments, set delimiters).
 *
 * The engine knows nothing of targets, files or shells.  Data comes in through a struct of
 * callbacks, escaping is a function, and so is the loading of partials.
 */
#ifndef MUSTACHE_H
#define MUSTACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "diag.h"

enum mustache_type {
    MUSTACHE_FALSE,  /* false, null, or an empty list: renders as nothing */
    MUSTACHE_TEXT,   /* bytes; an empty text is as good as false to a section */
    MUSTACHE_OBJECT, /* something with names in it */
    MUSTACHE_LIST    /* `count` values in a row, count > 0 */
};

/* One value of the data.  Points into the data's own memory and owns nothing. */
struct mustache_value {
    enum mustache_type type;
    const char *text;   /* MUSTACHE_TEXT */
    size_t len;         /* MUSTACHE_TEXT, in bytes */
    const void *object; /* MUSTACHE_OBJECT, MUSTACHE_LIST: whatever the callbacks understand */
    size_t count;       /* MUSTACHE_LIST */
};

struct mustache {
    /* Looks NAME (LEN bytes, without dots) up in OBJECT, a MUSTACHE_OBJECT.  False if it has no
     * such name; VALUE is then left alone. */
    bool (*get)(const void *object, const char *name, size_t len, struct mustache_value *value);

    /* Stores element INDEX of LIST, a MUSTACHE_LIST, into VALUE. */
    void (*item)(const struct mustache_value *list, size_t index, struct mustache_value *value);

    /* Appends TEXT to OUT in the form that the output's reader takes for exactly that text. */
    void (*escape)(struct buf *out, const char *text, size_t len);

    /* Finds the partial NAME.  Stores its text into *TEXT and *LEN and the name of its file, for
     * messages, into *FILE; all stay the callback's and valid until rendering ends.  False if
     * there is none (a callback that reports errors of its own does so and returns false). */
    bool (*partial)(void *partials, const char *name, const char **text, size_t *len,
                    const char **file);
    void *partials; /* handed to `partial` */

    /* A tag that names nothing is an error with file and line.  Otherwise, as the specification
     * has it, it renders as nothing. */
    bool strict;
};

/* Renders TEMPLATE (LEN bytes, called FILE in messages) with ROOT as the outermost context and
 * appends the result to OUT.  Returns false after reporting at least one error (a malformed
 * template, a missing name or partial, nesting too deep, render limit exceeded, out of memory); OUT
 * is then unspecified. */
bool mustache_render(const struct mustache *m, const char *file, const char *template, size_t len,
                     const struct mustache_value *root, struct buf *out, struct diag *diag);

#endif
