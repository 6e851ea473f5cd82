/* nearest: finds the word that a misspelt one was meant to be. */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

/* The word of the COUNT words in WORDS that WORD is most likely a misspelling of; NULL if none
 * is near (at most a third of the longer one's letters differ: one wrong, missing, added or
 * swapped counts as one). */
const char *nearest_word(const char *word, const char *const *words, size_t count);

#endif
