/* output: writes a generated file atomically, as it is generated.
 *
 * What is added is compared with the file that is there.  From the first difference on, it goes to
 * a temporary file next to it, which is flushed to the disk and renamed at the end.  Whatever
 * happens on the way (a full disk, a kill -9), the old file is as it was.  Signals that end a
 * program do so when the temporary file is removed; only SIGKILL leaves it.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "buf.h"
#include "diag.h"

enum output_mode {
    OUTPUT_TOUCH, /* write; an equal file gets a new time, if it may, so that make sees it as new */
    OUTPUT_KEEP,  /* write; an equal file stays as it is */
    OUTPUT_CHECK  /* write nothing; a file that is not equal is an error */
};

struct output {
    const char *path; /* for messages; not owned */
    enum output_mode mode;
    struct diag *diag;
    char *real;       /* owned; the file to write, which is no symbolic link */
    FILE *old;        /* owned; open while all that was added equals its beginning... */
    size_t same;      /* ...of so many bytes */
    char *temporary;  /* owned; the file's name from the first difference on, or NULL */
    int fd;           /* owned; open on it, or -1 */
    sigset_t signals; /* the mask to restore then */
};

/* Begins to write to PATH, whose directory must exist.  A symbolic link is followed.  The mode will
 * be 0666 less the umask, or that of the old file.  False after reporting an error; O is then
 * released. */
bool output_open(struct output *o, const char *path, enum output_mode mode, struct diag *diag);

/* Adds LEN bytes of TEXT.  False after reporting an error. */
bool output_add(struct output *o, const char *text, size_t len);

/* If ALL was added, puts the file in place, or, with OUTPUT_CHECK, reports it if it is not equal;
 * otherwise leaves the old file as it was.  False without all, and after reporting an error.
 * Releases O. */
bool output_close(struct output *o, bool all);

/* All of this at once. */
bool output_write(const char *path, enum output_mode mode, const char *text, size_t len,
                  struct diag *diag);

/* The same with the bytes of the file FROM. */
bool output_copy(const char *path, enum output_mode mode, const char *from, struct diag *diag);

/* Whether PATH is what standard output goes to, by any name: `/dev/stdout`, for example, or the
 * name of the file. */
bool output_is_standard(const char *path);

/* Writes TEXT to standard output.  False after reporting an error, such as that TEXT has failed. */
bool output_print(const struct buf *text, struct diag *diag);

#endif
