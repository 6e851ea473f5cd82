/* mustache: renders templates in the Mustache language (the specification's mandatory parts:
 * interpolation, sections, inverted sections, partials, comments, set delimiters; version 1.4,
 * https://github.com/mustache/spec).
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
#include "slice.h"

enum mustache_type {
    MUSTACHE_FALSE,  /* false, null, or an empty list: renders as nothing */
    MUSTACHE_TEXT,   /* bytes; a section takes an empty text for false */
    MUSTACHE_OBJECT, /* something with names in it */
    MUSTACHE_LIST    /* values in a row, at least one */
};

/* One value of the data.  Points into the data's own memory and owns nothing. */
struct mustache_value {
    enum mustache_type type;
    size_t len; /* TEXT: in bytes; LIST: how many values */
    union {
        const char *text;                   /* TEXT */
        const void *object;                 /* OBJECT: what `get` understands */
        const struct mustache_value *items; /* LIST */
    };
};

/* A template: its text, and the name of its file for messages.  Owns nothing. */
struct mustache_source {
    const char *file;
    struct slice text;
};

/* A name that a template asks for, without dots. */
struct mustache_name {
    struct slice text;
    size_t id; /* what `name_id` said */
};

struct mustache {
    /* A number for NAME, by which `get` may know it: asked for once a tag, since comparing texts
     * for each of many objects takes long.  NULL: all have 0. */
    size_t (*name_id)(struct slice name);

    /* Looks NAME up in OBJECT, a MUSTACHE_OBJECT.  False if it has no such name; VALUE is then left
     * alone. */
    bool (*get)(const void *object, const struct mustache_name *name, struct mustache_value *value);

    /* Appends TEXT to OUT in the form that the output's reader takes for exactly that text. */
    void (*escape)(struct buf *out, const char *text, size_t len);

    /* Finds the partial NAME, whose text and file stay valid until rendering ends.  False if there
     * is none (a callback that reports errors of its own does so and returns false).  NULL: there
     * are no partials. */
    bool (*partial)(void *partials, const char *name, struct mustache_source *source);
    void *partials; /* handed to `partial` */

    /* Takes the text away from OUT, which has grown to some 64 KiB, and empties it.  False stops
     * rendering, after reporting why.  NULL: all stays in OUT. */
    bool (*drain)(void *drained, struct buf *out);
    void *drained; /* handed to `drain` */

    /* How many values the longest list of the data has, about; 0 if that is not known.  Rendering
     * may take 10 million steps and make 256 MiB, and as much again for every 10,000 of these. */
    size_t size;
};

/* Renders SOURCE with ROOT as the outermost context and appends the result to OUT.  Returns false
 * after reporting at least one error (a malformed template, nesting too deep, render limit
 * exceeded, out of memory); OUT is then unspecified.  A tag that names nothing, or a partial that
 * does not exist, is such an error, too, but renders as nothing, as the specification has it: OUT
 * is then what the specification expects. */
bool mustache_render(const struct mustache *m, const struct mustache_source *source,
                     const struct mustache_value *root, struct buf *out, struct diag *diag);

#endif
