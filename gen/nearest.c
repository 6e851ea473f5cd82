#include "nearest.h"

#include "slice.h"

static size_t min_of(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Longer words than this are not misspelt keys. */
enum { NEAREST_MAX = 64 };

/* The edit distance with swaps of neighbours (https://en.wikipedia.org/wiki/
 * Damerau-Levenshtein_distance, "optimal string alignment"), from the beginnings of both words on;
 * NEAREST_MAX if one of them is longer. */
static size_t edit_distance(struct slice a, struct slice b) {
    size_t rows[NEAREST_MAX + 1][NEAREST_MAX + 1];
    if (a.len > NEAREST_MAX || b.len > NEAREST_MAX)
        return NEAREST_MAX;
    for (size_t i = 0; i <= a.len; i++)
        rows[i][0] = i;
    for (size_t j = 1; j <= b.len; j++) {
        rows[0][j] = j;
        for (size_t i = 1; i <= a.len; i++) {
            size_t change = rows[i - 1][j - 1] + (a.text[i - 1] != b.text[j - 1]);
            rows[i][j] = min_of(change, min_of(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a.text[i - 1] == b.text[j - 2] && a.text[i - 2] == b.text[j - 1])
                rows[i][j] = min_of(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[a.len][b.len];
}

const char *nearest_word(const char *word, const char *const *words, size_t count) {
    struct slice wrong = slice_of(word);
    const char *nearest = NULL;
    size_t least = NEAREST_MAX;
    for (size_t i = 0; i < count; i++) {
        struct slice right = slice_of(words[i]);
        size_t distance = edit_distance(wrong, right);
        size_t longer = wrong.len > right.len ? wrong.len : right.len;
        if (distance <= longer / 3 && distance < least) {
            least = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
