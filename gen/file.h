/* file: reads an entire file, and tells files apart. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>

#include "buf.h"

/* Appends the contents of the file PATH to TEXT.  Returns false and sets errno if it cannot be
 * read.  On allocation failure sets text->failed. */
bool file_read(const char *path, struct buf *text);

/* Whether A and B are names of one file, which exists. */
bool file_is_same(const char *a, const char *b);

#endif
