#include "utf8.h"

size_t utf8_decode(const char *text, size_t len, uint32_t *character) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length: not overlong */
    const unsigned char *p = (const unsigned char *)text;
    if (len > 0 && p[0] < 0x80) {
        *character = p[0];
        return 1;
    }
    if (len == 0 || p[0] < 0xc0 || p[0] > 0xf7)
        return 0;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    uint32_t c = p[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if (i == len || (p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fU);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) /* surrogates */
        return 0;
    *character = c;
    return n;
}
