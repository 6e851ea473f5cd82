#include "file.h"

#include <errno.h>
#include <sys/stat.h>

bool file_read_open(FILE *file, struct buf *text) {
    char chunk[1 << 15];
    errno = 0;
    while (!feof(file) && !ferror(file))
        buf_add(text, chunk, fread(chunk, 1, sizeof chunk, file));
    return !ferror(file);
}

bool file_read(const char *path, struct buf *text) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    setvbuf(file, NULL, _IONBF, 0); /* straight into the chunk */
    bool read = file_read_open(file, text);
    int reason = errno;
    fclose(file);
    errno = reason;
    return read;
}

struct file_id file_identify(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0)
        return (struct file_id){0};
    return (struct file_id){.device = status.st_dev, .inode = status.st_ino};
}

bool file_is_same(struct file_id a, struct file_id b) {
    return a.inode != 0 && a.inode == b.inode && a.device == b.device;
}
