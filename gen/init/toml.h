/* toml: reads the TOML files of a Cargo project into a flat list of keys and values.
 *
 * All of TOML 1.0's syntax is read.  What a value other than a string means (a number, a date) is
 * not looked at, and nor are keys that are set twice.  A file that breaks the syntax has no items:
 * half of it could mislead.
 *
 * `[[bin]]` with `name = "a"` is two items, `bin.[]` and `bin.[].name`; so is each element of an
 * array, `members.[]`.  A pattern is such a path, in which `*` is any one key; a key may have a dot
 * in it, as keys are compared one by one.
 */
#ifndef TOML_H
#define TOML_H

#include <stdbool.h>
#include <stddef.h>

enum toml_kind {
    TOML_TABLE,
    TOML_ARRAY,
    TOML_STRING,
    TOML_OTHER /* a number, a date, true or false: as they stand in the file */
};

struct toml_item {
    char *path; /* owned; keys with a byte between them that text cannot have */
    char *text; /* owned; empty for a table or an array */
    size_t line;
    enum toml_kind kind;
};

struct toml {
    struct toml_item *items; /* owned; in the order of the file */
    size_t count, cap;
    size_t bad_line; /* where the syntax is broken; 0 if it is not */
    bool failed;     /* memory ran out */
};

/* Reads TEXT, which ends with a NUL, into TOML, which toml_release then frees in any case. */
void toml_read(struct toml *toml, const char *text);

void toml_release(struct toml *toml);

/* The item after AFTER (NULL: the first one) whose path is like PATTERN; NULL if there is none. */
const struct toml_item *toml_next(const struct toml *toml, const char *pattern,
                                  const struct toml_item *after);

/* The text of the first item that is like PATTERN and is a string; NULL if there is none. */
const char *toml_text(const struct toml *toml, const char *pattern);

/* The last key of ITEM's path. */
const char *toml_key(const struct toml_item *item);

/* The key at INDEX in ITEM's path, which begins at 0, and its length; NULL if there is none. */
const char *toml_part(const struct toml_item *item, size_t index, size_t *len);

/* Whether the item CHILD stands in ITEM, directly or deeper. */
bool toml_is_in(const struct toml_item *item, const struct toml_item *child);

#endif
