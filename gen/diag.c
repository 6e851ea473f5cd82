#include "diag.h"

#include <stdarg.h>
#include <string.h>

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

/* Builds the message first and writes it at once, so that those of several programs do not mix. */
PRINTF_FORMAT(5, 0)
static void print_message(struct diag *d, const char *file, size_t line, const char *kind,
                          const char *format, va_list args) {
    struct buf message, text;
    buf_init(&message);
    buf_init(&text);
    add_safely(&message, file);
    if (line > 0)
        buf_add_format(&message, ":%zu", line);
    buf_add_format(&message, ": %s: ", kind);
    buf_add_args(&text, format, args);
    add_safely(&message, text.data);
    buf_add_char(&message, '\n');
    if (message.failed || text.failed)
        fputs(NO_MEMORY, d->out);
    else
        fwrite(message.data, 1, message.len, d->out);
    buf_release(&message);
    buf_release(&text);
}

bool diag_error(struct diag *d, const char *file, size_t line, const char *format, ...) {
    va_list args;
    d->errors++;
    va_start(args, format);
    print_message(d, file, line, "error", format, args);
    va_end(args);
    return false;
}

void diag_note(struct diag *d, const char *file, size_t line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    print_message(d, file, line, "note", format, args);
    va_end(args);
}

void diag_report_no_memory(struct diag *d) {
    d->errors++;
    fputs(NO_MEMORY, d->out);
}
