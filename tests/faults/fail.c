/* For LD_PRELOAD: the call number $FAIL_AT of the function $FAIL_CALL fails, as on a machine
 * without memory or on a full disk.  Makes the file $FAIL_MARK when it does.  With $FAIL_SIGNAL,
 * the process gets this signal instead, just before the call.  See run.sh. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether this call of NAME is the one to fail. */
static int fails(const char *name) {
    static long calls;
    const char *call = getenv("FAIL_CALL"), *at = getenv("FAIL_AT"), *mark = getenv("FAIL_MARK");
    if (call == NULL || at == NULL || mark == NULL || strcmp(call, name) != 0)
        return 0;
    if (++calls != strtol(at, NULL, 10))
        return 0;
    int fd = open(mark, O_CREAT | O_WRONLY, 0600);
    if (fd >= 0)
        close(fd);
    const char *number = getenv("FAIL_SIGNAL");
    if (number != NULL)
        raise((int)strtol(number, NULL, 10));
    return number == NULL;
}

/* The function behind ours.  dlsym itself allocates nothing the first time, on glibc. */
#define NEXT(type, name)                                                                           \
    static __typeof__(type) next;                                                                  \
    if (next == NULL)                                                                              \
    *(void **)&next = dlsym(RTLD_NEXT, name)

void *malloc(size_t size) {
    NEXT(void *(*)(size_t), "malloc");
    return fails("malloc") ? (errno = ENOMEM, NULL) : next(size);
}

void *realloc(void *old, size_t size) {
    NEXT(void *(*)(void *, size_t), "realloc");
    return fails("realloc") ? (errno = ENOMEM, NULL) : next(old, size);
}

/* glibc's calloc is what dlsym may call, so it is found by its other name. */
extern void *__libc_calloc(size_t count, size_t size);

void *calloc(size_t count, size_t size) {
    return fails("calloc") ? (errno = ENOMEM, NULL) : __libc_calloc(count, size);
}

ssize_t write(int fd, const void *data, size_t size) {
    NEXT(ssize_t(*)(int, const void *, size_t), "write");
    return fails("write") ? (errno = ENOSPC, -1) : next(fd, data, size);
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *file) {
    NEXT(size_t(*)(const void *, size_t, size_t, FILE *), "fwrite");
    return fails("fwrite") ? (errno = ENOSPC, (size_t)0) : next(data, size, count, file);
}

int fsync(int fd) {
    NEXT(int (*)(int), "fsync");
    return fails("fsync") ? (errno = EIO, -1) : next(fd);
}

int close(int fd) {
    NEXT(int (*)(int), "close");
    int status = next(fd);
    return fails("close") ? (errno = EIO, -1) : status;
}

int rename(const char *from, const char *to) {
    NEXT(int (*)(const char *, const char *), "rename");
    return fails("rename") ? (errno = EACCES, -1) : next(from, to);
}

FILE *fopen(const char *path, const char *mode) {
    NEXT(FILE * (*)(const char *, const char *), "fopen");
    return fails("fopen") ? (errno = EMFILE, NULL) : next(path, mode);
}

int fclose(FILE *file) {
    NEXT(int (*)(FILE *), "fclose");
    int status = next(file);
    return fails("fclose") ? (errno = EIO, -1) : status;
}

int fflush(FILE *file) {
    NEXT(int (*)(FILE *), "fflush");
    return fails("fflush") ? (errno = ENOSPC, -1) : next(file);
}

int mkstemp(char *template) {
    NEXT(int (*)(char *), "mkstemp");
    return fails("mkstemp") ? (errno = ENOSPC, -1) : next(template);
}

int fchmod(int fd, mode_t mode) {
    NEXT(int (*)(int, mode_t), "fchmod");
    return fails("fchmod") ? (errno = EPERM, -1) : next(fd, mode);
}
