/* file: reads an entire file, and tells files apart. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "buf.h"

/* Appends the contents of the file PATH to TEXT.  Returns false and sets errno if it cannot be
 * read.  On allocation failure sets text->failed. */
bool file_read(const char *path, struct buf *text);

/* The same from a file that is open, on to its end. */
bool file_read_open(FILE *file, struct buf *text);

/* What all names of a file have in common; zeros for one that does not exist. */
struct file_id {
    dev_t device;
    ino_t inode;
};

struct file_id file_identify(const char *path);

/* Whether A and B are the same file, which exists. */
bool file_is_same(struct file_id a, struct file_id b);

#endif
