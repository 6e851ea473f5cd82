/* file: reads one whole. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>

#include "buf.h"

/* Appends what the file PATH holds to TEXT.  False with errno set; memory that ran out shows in
 * TEXT, as ever. */
bool file_read(const char *path, struct buf *text);

#endif
