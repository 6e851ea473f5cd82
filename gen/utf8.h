/* utf8: decodes UTF-8. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the UTF-8 character at the start of TEXT (LEN bytes) into *CHARACTER and returns its
 * length, 1 to 4 bytes.  Returns 0 for truncated, overlong or otherwise invalid UTF-8 (RFC 3629);
 * *CHARACTER is then unchanged. */
size_t utf8_decode(const char *text, size_t len, uint32_t *character);

#endif
