#include "escape.h"

#include <stdbool.h>
#include <string.h>

/* Bytes that neither make nor sh sees anything in, wherever they stand in an argument.  Not among
 * them: `~` (a home folder, also behind `=` or `:`), `#` (a comment), `^` and `!` (syntax of older
 * or other shells).  Listed, since what isalnum() takes for a letter depends on the locale. */
static bool is_safe(char c) {
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_./:=@%+,-";
    return memchr(safe, c, sizeof safe - 1) != NULL;
}

static bool is_safe_word(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!is_safe(text[i]))
            return false;
    }
    return len > 0;
}

void escape_make(struct buf *out, const char *text, size_t len) {
    if (is_safe_word(text, len)) {
        buf_add(out, text, len);
        return;
    }
    buf_add_char(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'')
            buf_add_str(out, "'\\''");
        else if (text[i] == '$')
            buf_add_str(out, "$$");
        else
            buf_add_char(out, text[i]);
    }
    buf_add_char(out, '\'');
}

void escape_html(struct buf *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '&')
            buf_add_str(out, "&amp;");
        else if (text[i] == '<')
            buf_add_str(out, "&lt;");
        else if (text[i] == '>')
            buf_add_str(out, "&gt;");
        else if (text[i] == '"')
            buf_add_str(out, "&quot;");
        else
            buf_add_char(out, text[i]);
    }
}

static bool ends_with(const char *text, size_t len, const char *ending) {
    size_t n = strlen(ending);
    return len >= n && memcmp(text + len - n, ending, n) == 0;
}

escape_fn *escape_for_template(const char *name) {
    static const struct {
        const char *ending;
        escape_fn *escape;
    } rows[] = {
        {".mk", escape_make},
        {".html", escape_html},
    };
    static const char last[] = ".mustache";
    size_t len = strlen(name);
    if (!ends_with(name, len, last))
        return NULL;
    len -= sizeof last - 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (ends_with(name, len, rows[i].ending))
            return rows[i].escape;
    }
    return NULL;
}
