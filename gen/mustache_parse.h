/* mustache_parse: the first half of mustache.  Turns the text of a template into a flat array of
 * tokens, so that a section rendered many times, or a partial used in many places, is read once.
 *
 * Comments, delimiters and standalone lines are dealt with here; rendering never sees them.
 */
#ifndef MUSTACHE_PARSE_H
#define MUSTACHE_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"
#include "mustache.h"
#include "slice.h"

enum token_kind {
    TOKEN_TEXT,      /* text, at most one line with its newline */
    TOKEN_LINE,      /* a line of the output starts: a partial's indentation goes here */
    TOKEN_ESCAPED,   /* {{name}} */
    TOKEN_UNESCAPED, /* {{{name}}} and {{&name}} */
    TOKEN_SECTION,   /* {{#name}} */
    TOKEN_INVERTED,  /* {{^name}} */
    TOKEN_PARTIAL    /* {{>name}} */
};

struct token {
    enum token_kind kind;
    bool standalone;            /* PARTIAL: alone on its line... */
    struct slice indent;        /* ...after this whitespace */
    struct slice text;          /* TEXT: the bytes; a tag: its name */
    struct mustache_name first; /* a tag: its name before the first dot; the renderer sets the id */
    struct slice rest;          /* ...and after it; its text is NULL if there is no dot */
    size_t line;                /* where the token starts, counted from 1 */
    size_t end;                 /* SECTION, INVERTED: the index after the last token inside */
};

/* A parsed template.  The tokens point into the text they were parsed from. */
struct tokens {
    const char *file; /* for messages; not owned */
    struct token *items;
    size_t count, cap;
};

/* Parses SOURCE into T.  Returns false after reporting an error; T is then empty.  What SOURCE
 * points to must outlive T. */
bool tokens_parse(struct tokens *t, const struct mustache_source *source, struct diag *diag);

/* Frees what T holds and makes it empty. */
void tokens_release(struct tokens *t);

/* How many bytes of NAME a message shows: for `%.*s`, where an int is wanted. */
int name_shown(struct slice name);

#endif
