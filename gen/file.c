#include "file.h"

#include <errno.h>
#include <stdio.h>

bool file_read(const char *path, struct buf *text) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[8192];
    size_t got;
    errno = 0;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_add(text, chunk, got);
    bool read = !ferror(file);
    int reason = errno;
    fclose(file);
    errno = reason;
    return read;
}
