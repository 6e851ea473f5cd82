#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

bool file_read(const char *path, struct buf *text) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[1 << 15];
    setvbuf(file, NULL, _IONBF, 0); /* straight into the chunk */
    errno = 0;
    while (!feof(file) && !ferror(file))
        buf_add(text, chunk, fread(chunk, 1, sizeof chunk, file));
    bool read = !ferror(file);
    int reason = errno;
    fclose(file);
    errno = reason;
    return read;
}

bool file_is_same(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}
