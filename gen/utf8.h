/* utf8: tells the characters of a text apart. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Stores the UTF-8 character at the front of TEXT, LEN bytes, into *CHARACTER and returns how many
 * bytes it has.  0 if none stands there whole and in its one right form; *CHARACTER is then left
 * alone. */
size_t utf8_decode(const char *text, size_t len, uint32_t *character);

#endif
