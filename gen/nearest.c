#include "nearest.h"

#include <string.h>

static size_t min_of(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Longer words than this are not misspelt keys. */
enum { NEAREST_MAX = 64 };

/* The edit distance with swaps of neighbours (https://en.wikipedia.org/wiki/
 * Damerau-Levenshtein_distance, "optimal string alignment"), row by row.  Both words are at most
 * NEAREST_MAX long. */
static size_t edit_distance(const char *a, size_t alen, const char *b, size_t blen) {
    size_t rows[3][NEAREST_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= blen; j++)
        above[j] = j;
    for (size_t i = 1; i <= alen; i++) {
        row[0] = i;
        for (size_t j = 1; j <= blen; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0);
            row[j] = min_of(change, min_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = min_of(row[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[blen];
}

const char *nearest_word(const char *word, const char *const *words, size_t count) {
    size_t len = strlen(word);
    const char *nearest = NULL;
    size_t least = NEAREST_MAX;
    if (len > NEAREST_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(words[i]);
        if (other > NEAREST_MAX)
            continue;
        size_t distance = edit_distance(word, len, words[i], other);
        size_t longer = len > other ? len : other;
        if (distance <= longer / 3 && distance < least) {
            least = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
