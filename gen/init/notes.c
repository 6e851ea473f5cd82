#include "notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"

enum { COLUMNS = 79, WORD_MAX = 72 }; /* so that a word fits into a line, with `...` */

/* Takes TEXT over. */
static void add(struct notes *notes, struct buf *text, bool printed) {
    struct note *items = array_grow(notes->items, notes->count, &notes->cap, sizeof *items);
    char *copy = buf_detach(text);
    if (items != NULL)
        notes->items = items;
    if (items == NULL || copy == NULL) {
        free(copy);
        notes->failed = true;
        return;
    }
    items[notes->count++] = (struct note){.text = copy, .printed = printed};
}

static void add_formatted(struct buf *out, const char *format, va_list args) PRINTF_FORMAT(2, 0);
static void add_formatted(struct buf *out, const char *format, va_list args) {
    struct buf text;
    buf_init(&text);
    buf_add_args(&text, format, args);
    escape_text(out, text.data, text.len);
    out->failed = out->failed || text.failed;
    buf_release(&text);
}

void notes_comment(struct notes *notes, const char *format, ...) {
    struct buf text;
    va_list args;
    buf_init(&text);
    va_start(args, format);
    add_formatted(&text, format, args);
    va_end(args);
    add(notes, &text, false);
}

/* Whether a printed note has the text that begins at START of TEXT, about another line. */
static bool is_said(const struct notes *notes, const struct buf *text, size_t start) {
    for (size_t i = 0; i < notes->count; i++) {
        const char *said = notes->items[i].printed ? strstr(notes->items[i].text, ": ") : NULL;
        if (said != NULL && strcmp(said, text->data + start) == 0)
            return true;
    }
    return false;
}

void notes_say(struct notes *notes, const char *file, size_t line, const char *format, ...) {
    struct buf text;
    va_list args;
    buf_init(&text);
    escape_text(&text, file, strlen(file));
    if (line > 0)
        buf_add_format(&text, ":%zu", line);
    size_t start = text.len;
    buf_add_str(&text, ": ");
    va_start(args, format);
    add_formatted(&text, format, args);
    va_end(args);
    add(notes, &text, line == 0 || !is_said(notes, &text, start));
}

/* Appends TEXT in lines that begin with FIRST, or all but the first with REST; returns how many. */
static size_t wrap(struct buf *out, const char *text, const char *first, const char *rest) {
    size_t lines = 1, column = strlen(first);
    buf_add_str(out, first);
    for (bool start = true; *(text += strspn(text, " ")) != '\0'; start = false) {
        size_t len = strcspn(text, " "), shown = len < WORD_MAX ? len : WORD_MAX;
        if (!start && column + 1 + shown + (shown < len ? 3 : 0) > COLUMNS) {
            buf_add_char(out, '\n');
            buf_add_str(out, rest);
            column = strlen(rest);
            lines++;
        } else if (!start) {
            buf_add_char(out, ' ');
            column++;
        }
        buf_add(out, text, shown);
        buf_add_str(out, shown < len ? "..." : "");
        column += shown + (shown < len ? 3 : 0);
        text += len;
    }
    return lines;
}

void notes_write(const struct notes *notes, struct buf *out) {
    for (size_t i = 0; i < notes->count; i++) {
        if (i > 0)
            buf_add_char(out, '\n');
        wrap(out, notes->items[i].text, "# ", "#   ");
    }
}

void notes_print(const struct notes *notes, struct buf *out, size_t lines) {
    size_t left = 0;
    for (size_t i = 0; i < notes->count; i++) {
        if (!notes->items[i].printed)
            continue;
        struct buf text;
        buf_init(&text);
        size_t count = wrap(&text, notes->items[i].text, "", "  ");
        bool fits = left == 0 && count < lines; /* a line is for the number of those that do not */
        if (fits) {
            lines -= count;
            buf_add(out, text.data, text.len);
            buf_add_char(out, '\n');
        }
        left += !fits;
        out->failed = out->failed || text.failed;
        buf_release(&text);
    }
    if (left > 0)
        buf_add_format(out, "%zu more: see the comments in targets.ini.\n", left);
}

void notes_release(struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++)
        free(notes->items[i].text);
    free(notes->items);
    *notes = (struct notes){.count = 0};
}
