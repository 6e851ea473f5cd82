/* file: reads an entire file. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>

#include "buf.h"

/* Appends the contents of the file PATH to TEXT.  Returns false and sets errno if it cannot be
 * read.  On allocation failure sets text->failed. */
bool file_read(const char *path, struct buf *text);

#endif
