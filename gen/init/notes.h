/* notes: what `cachemk init` has to say about a project, a sentence or two each.
 *
 * All of it becomes comments in targets.ini; what somebody has to know or do is printed, too.
 * Control characters are printed as `?`.
 */
#ifndef NOTES_H
#define NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "diag.h"

struct note {
    char *text; /* owned */
    bool printed;
};

struct notes {
    struct note *items; /* owned */
    size_t count, cap;
    bool failed; /* memory ran out */
};

/* Adds a comment. */
void notes_comment(struct notes *notes, const char *format, ...) PRINTF_FORMAT(2, 3);

/* Adds a note that is printed, about FILE at LINE (0: the file as a whole). */
void notes_say(struct notes *notes, const char *file, size_t line, const char *format, ...)
    PRINTF_FORMAT(4, 5);

/* Appends all as comments of targets.ini, without a newline after the last. */
void notes_write(const struct notes *notes, struct buf *out);

/* Appends those to print, in at most LINES lines of 80 columns; the last line then says how many
 * more there are in targets.ini. */
void notes_print(const struct notes *notes, struct buf *out, size_t lines);

void notes_release(struct notes *notes);

#endif
