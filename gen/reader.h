/* reader: reads an INI file, line by line, through inih (https://github.com/benhoyt/inih, r55).
 *
 * inih cuts, merges or ignores what it does not understand: what does not fit its buffer of 200
 * bytes or its names of 49, text after a ` ;`, an unclosed section, an indented key, a NUL.  So
 * every line passes through a reader of our own first, which knows its number and refuses what
 * inih would misread.  inih gets a sign instead of the key and the value of each line, so that both
 * may have any length; every version and build of it reads what it then sees in the same way.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "diag.h"
#include "slice.h"

/* Callbacks.  Names and values are valid during the call only. */
struct reader_events {
    /* A `[name]` at LINE.  NAME is not empty, and otherwise unchecked. */
    void (*section)(void *user, const char *name, size_t line);

    /* `key = value` at LINE, in the current section; indented lines that continue the value are
     * joined to it with single spaces. */
    void (*value)(void *user, const char *key, const char *value, size_t line);

    /* A line of the current section was refused, and an error reported, or, if HEADER, the header
     * of a section, whose lines are then skipped. */
    void (*refused)(void *user, bool header);

    /* Whether KEY, which is not empty, is the name of a key: an indented `key = …` is then taken
     * for a mistake. */
    bool (*is_key)(struct slice key);

    void *user;
};

/* Reads IN (called FILE in messages) to its end.  Continues after an error, so that one run
 * reports all.  False if any was reported here. */
bool reader_read(FILE *in, const char *file, const struct reader_events *events, struct diag *diag);

#endif
