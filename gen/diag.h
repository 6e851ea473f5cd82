/* diag: error messages, on one stream, in one form:
 *
 *     FILE:LINE: error: what is wrong and what to do
 *     FILE:LINE: note: more about the error above
 *
 * Each is one write to the stream, so that messages of several programs do not mix.
 * Control characters and invalid bytes are printed as '?', so that no input can control the
 * terminal.
 */
#ifndef DIAG_H
#define DIAG_H

#include <stddef.h>
#include <stdio.h>

#include "buf.h"

struct diag {
    FILE *out;     /* where messages go; not owned */
    size_t errors; /* how many errors were reported */
};

/* Reports an error in FILE at LINE (0: the file as a whole, without a line).  Returns false, for
 * functions that return whether they succeeded. */
bool diag_error(struct diag *d, const char *file, size_t line, const char *format, ...)
    PRINTF_FORMAT(4, 5);

/* Reports more about the last error; is not counted. */
void diag_note(struct diag *d, const char *file, size_t line, const char *format, ...)
    PRINTF_FORMAT(4, 5);

/* Reports that memory ran out, without allocating. */
void diag_report_no_memory(struct diag *d);

/* The same.  Returns false, which analysers see here. */
static inline bool diag_no_memory(struct diag *d) {
    diag_report_no_memory(d);
    return false;
}

#endif
