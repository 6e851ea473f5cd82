#include "diag.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "utf8.h"

#define NO_MEMORY "cachemk: error: out of memory\n"

/* Length of the UTF-8 character at TEXT; 0 for a stray byte and for a control character, of which
 * U+0080 to U+009F are some: U+009B is to many terminals what ESC [ is. */
static size_t character_length(const char *text) {
    uint32_t c;
    size_t len = utf8_decode(text, strnlen(text, 4), &c);
    return len == 0 || c < ' ' || (c >= 0x7f && c < 0xa0) ? 0 : len;
}

static void add_safely(struct buf *out, const char *text) {
    while (*text != '\0') {
        size_t len = character_length(text);
        buf_add(out, len > 0 ? text : "?", len > 0 ? len : 1);
        text += len > 0 ? len : 1;
    }
}

/* Formats into memory of the right size; NULL without memory. */
static char *format_text(const char *format, va_list args) DIAG_PRINTF(1, 0);
static char *format_text(const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        return NULL;
    char *text = malloc((size_t)len + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

/* Builds the message first and writes it at once, so that those of several programs do not mix. */
static void print_message(struct diag *d, const char *file, size_t line, const char *kind,
                          const char *format, va_list args) DIAG_PRINTF(5, 0);
static void print_message(struct diag *d, const char *file, size_t line, const char *kind,
                          const char *format, va_list args) {
    struct buf message;
    char number[24];
    char *text = format_text(format, args);
    buf_init(&message);
    add_safely(&message, file);
    snprintf(number, sizeof number, ":%zu", line);
    buf_add_str(&message, line > 0 ? number : "");
    buf_add_str(&message, ": ");
    buf_add_str(&message, kind);
    buf_add_str(&message, ": ");
    add_safely(&message, text != NULL ? text : "out of memory");
    buf_add_char(&message, '\n');
    if (message.failed)
        fputs(NO_MEMORY, d->out);
    else
        fwrite(message.data, 1, message.len, d->out);
    buf_release(&message);
    free(text);
}

void diag_error(struct diag *d, const char *file, size_t line, const char *format, ...) {
    va_list args;
    d->errors++;
    va_start(args, format);
    print_message(d, file, line, "error", format, args);
    va_end(args);
}

void diag_note(struct diag *d, const char *file, size_t line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print_message(d, file, line, "note", format, args);
    va_end(args);
}

void diag_no_memory(struct diag *d) {
    d->errors++;
    fputs(NO_MEMORY, d->out);
}
