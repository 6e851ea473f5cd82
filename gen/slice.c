#include "slice.h"

bool slice_starts(struct slice s, const char *text) {
    size_t len = strlen(text);
    return s.len >= len && memcmp(s.text, text, len) == 0;
}

bool slice_ends(struct slice s, const char *text) {
    size_t len = strlen(text);
    return s.len >= len && memcmp(s.text + (s.len - len), text, len) == 0;
}

bool slice_has(struct slice s, char c) {
    return s.len > 0 && memchr(s.text, c, s.len) != NULL;
}

struct slice slice_trim(struct slice s) {
    while (s.len > 0 && is_whitespace(s.text[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_whitespace(s.text[0]))
        s = slice_skip(s, 1);
    return s;
}

bool slice_cut(struct slice *rest, char separator, struct slice *front) {
    const char *at = rest->len > 0 ? memchr(rest->text, separator, rest->len) : NULL;
    *front = *rest;
    if (at != NULL)
        front->len = (size_t)(at - rest->text);
    *rest = slice_skip(*rest, front->len + (at != NULL));
    return at != NULL;
}

bool slice_cut_start(struct slice *rest, const char *start) {
    if (!slice_starts(*rest, start))
        return false;
    *rest = slice_skip(*rest, strlen(start));
    return true;
}

bool slice_cut_word(struct slice *rest, struct slice *word) {
    while (rest->len > 0 && is_whitespace(*rest->text))
        *rest = slice_skip(*rest, 1);
    word->text = rest->text;
    for (word->len = 0; word->len < rest->len && !is_whitespace(rest->text[word->len]);)
        word->len++;
    *rest = slice_skip(*rest, word->len);
    return word->len > 0;
}
