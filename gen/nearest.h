/* nearest: finds the word that a misspelt one was meant to be. */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

/* The word of the COUNT words in WORDS that WORD is most likely a misspelling of; NULL if none
 * is near (at most a third of the longer one's bytes differ: one wrong, missing, added or swapped
 * counts as one) or WORD has more than 64 bytes.  The first of those that are equally near. */
const char *nearest_word(const char *word, const char *const *words, size_t count);

#endif
