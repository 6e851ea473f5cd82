/* Fuzzes the reader of TOML, and what looks its items up. */
#include <stdint.h>
#include <stdlib.h>

#include "buf.h"
#include "toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const patterns[] = {"a", "*", "a.[].b", "*.*.[]", "a..", ""};
    struct toml toml;
    char *text = text_copy((const char *)data, size);
    if (text == NULL)
        return 0;
    toml_read(&toml, text);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const struct toml_item *item = NULL;
        while ((item = toml_next(&toml, patterns[i], item)) != NULL)
            if (toml_key(item) == NULL || toml_is_in(item, item))
                abort();
        (void)toml_text(&toml, patterns[i]);
    }
    if (toml.bad_line > 0 && toml.count > 0)
        abort();
    toml_release(&toml);
    free(text);
    return 0;
}
