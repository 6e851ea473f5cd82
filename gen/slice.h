/* slice: a part of a text, which it does not own, with its length and without a NUL at its end.
 *
 * Whitespace is that of the "C" locale, in every locale.
 */
#ifndef SLICE_H
#define SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *text; /* may be NULL if len is 0 */
    size_t len;       /* in bytes */
};

static inline bool is_whitespace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* All of TEXT, without its NUL. */
static inline struct slice slice_of(const char *text) {
    return (struct slice){text, strlen(text)};
}

static inline bool slice_equals(struct slice a, struct slice b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static inline bool slice_is(struct slice s, const char *text) {
    return slice_equals(s, slice_of(text));
}

bool slice_starts(struct slice s, const char *text);
bool slice_ends(struct slice s, const char *text);

bool slice_has(struct slice s, char c);

/* S without its first COUNT bytes, of which it has at least so many. */
static inline struct slice slice_skip(struct slice s, size_t count) {
    return count > 0 ? (struct slice){s.text + count, s.len - count} : s;
}

/* S without whitespace at both ends. */
struct slice slice_trim(struct slice s);

/* Cuts the text before the first SEPARATOR off the front of *REST and stores it into *FRONT;
 * neither keeps the separator.  Without one *FRONT gets all of it, *REST is empty, and false is
 * returned. */
bool slice_cut(struct slice *rest, char separator, struct slice *front);

/* Cuts START off the front of *REST; false if REST does not start with it. */
bool slice_cut_start(struct slice *rest, const char *start);

/* Cuts the first word, and the whitespace before it, off the front of *REST and stores it into
 * *WORD; false if there is none. */
bool slice_cut_word(struct slice *rest, struct slice *word);

#endif
