#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool report(const struct output *o, const char *what) {
    return diag_error(o->diag, o->path, 0, "%s: %s", what, strerror(errno));
}

/* ---- Signals ---- */

/* Those that end a program from outside, and those that a limit of the system sends. */
static const int ending_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ};

enum { ENDING_COUNT = sizeof ending_signals / sizeof *ending_signals };

/* Keeps them waiting, and stores the mask to restore.  A signal that is ignored stays so: blocked,
 * it would count as one that waits. */
static void hold_signals(sigset_t *old) {
    sigset_t held;
    struct sigaction action;
    sigemptyset(&held);
    for (size_t i = 0; i < ENDING_COUNT; i++)
        if (sigaction(ending_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&held, ending_signals[i]);
    sigprocmask(SIG_BLOCK, &held, old);
}

static bool has_waiting_signal(void) {
    sigset_t waiting;
    bool any = false;
    if (sigpending(&waiting) == 0)
        for (size_t i = 0; i < ENDING_COUNT; i++)
            any = any || sigismember(&waiting, ending_signals[i]) == 1;
    return any;
}

/* ---- The temporary file ---- */

static bool write_all(int fd, const char *text, size_t len) {
    while (len > 0) {
        if (has_waiting_signal()) {
            errno = EINTR;
            return false;
        }
        ssize_t done = write(fd, text, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        text += done;
        len -= (size_t)done;
    }
    return true;
}

static void close_old(struct output *o) {
    if (o->old != NULL)
        fclose(o->old);
    o->old = NULL;
}

/* Writes the beginning of the old file, which is equal, to the new one. */
static bool copy_same(struct output *o) {
    char chunk[8192];
    if (o->old != NULL)
        rewind(o->old);
    while (o->same > 0) {
        size_t wanted = o->same < sizeof chunk ? o->same : sizeof chunk;
        if (fread(chunk, 1, wanted, o->old) != wanted) {
            errno = ferror(o->old) ? errno : EIO;
            return false;
        }
        if (!write_all(o->fd, chunk, wanted))
            return false;
        o->same -= wanted;
    }
    close_old(o);
    return true;
}

/* Frees the name of the temporary file and lets signals through: one that waits ends us now. */
static void forget_file(struct output *o) {
    free(o->temporary);
    o->temporary = NULL;
    sigprocmask(SIG_SETMASK, &o->signals, NULL);
}

static bool begin_file(struct output *o) {
    o->temporary = text_format("%s.tmp-XXXXXX", o->real);
    if (o->temporary == NULL)
        return diag_no_memory(o->diag);
    hold_signals(&o->signals);
    o->fd = mkstemp(o->temporary);
    if (o->fd >= 0)
        return copy_same(o) || report(o, "cannot write");
    report(o, "cannot create a file next to it");
    forget_file(o);
    return false;
}

/* The umask can be read only by setting it. */
static mode_t current_umask(void) {
    mode_t mask = umask(0);
    umask(mask);
    return mask;
}

/* The mode for a new file at PATH: that of the one already there, if any. */
static mode_t wanted_mode(const char *path) {
    struct stat old;
    if (stat(path, &old) == 0)
        return old.st_mode & 0777;
    return 0666 & ~current_umask();
}

static bool close_file(struct output *o) {
    int fd = o->fd;
    o->fd = -1;
    return close(fd) == 0;
}

/* Sets the modification time again, so that files written since the last byte are older. */
static bool finish_file(struct output *o) {
    return (fchmod(o->fd, wanted_mode(o->real)) == 0 && futimens(o->fd, NULL) == 0 &&
            fsync(o->fd) == 0 && close_file(o) && rename(o->temporary, o->real) == 0) ||
           report(o, "cannot write");
}

/* ---- The place of the file ---- */

/* Whether the directory of PATH exists; reports it, with the remedy, if not.  We create none: a
 * misspelt path would leave directories that nobody removes. */
static bool check_directory(const char *path, struct diag *diag) {
    const char *slash = strrchr(path, '/');
    struct stat status;
    if (slash == NULL)
        return true;
    char *directory = strndup(path, (size_t)(slash - path) + 1);
    if (directory == NULL)
        return diag_no_memory(diag);
    bool missing = stat(directory, &status) != 0 && errno == ENOENT;
    directory[slash - path] = '\0';
    if (missing)
        diag_error(diag, path, 0, "there is no directory '%s'; create it with mkdir -p '%s'",
                   directory, directory);
    free(directory);
    return !missing;
}

/* Whether PATH leads to what a program has open: what is there is not ours to replace. */
static bool is_descriptor(const char *path) {
    static const char *const starts[] = {"/dev/fd/", "/dev/std", "/proc/"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(path, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/* Stores the name of the file to write, or reports why there is none. */
static bool find_place(struct output *o) {
    struct stat status;
    if (is_descriptor(o->path) || (stat(o->path, &status) == 0 && !S_ISREG(status.st_mode))) {
        diag_error(o->diag, o->path, 0, "not a regular file; '-o -' writes to standard output");
        return false;
    }
    o->real = realpath(o->path, NULL);
    if (o->real != NULL)
        return true;
    if (errno != ENOENT || lstat(o->path, &status) == 0)
        return report(o, "cannot write"); /* a link to nothing among others */
    if (!check_directory(o->path, o->diag))
        return false;
    o->real = strdup(o->path);
    return o->real != NULL || diag_no_memory(o->diag);
}

/* ---- Writing ---- */

bool output_open(struct output *o, const char *path, enum output_mode mode, struct diag *diag) {
    *o = (struct output){.path = path, .mode = mode, .diag = diag, .fd = -1};
    if (mode != OUTPUT_CHECK && !find_place(o))
        return false;
    o->old = fopen(path, "rb"); /* what cannot be read is not equal */
    if (o->old != NULL)
        setvbuf(o->old, NULL, _IONBF, 0); /* straight into our chunks */
    return true;
}

/* Whether TEXT comes next in the old file. */
static bool is_same(struct output *o, const char *text, size_t len) {
    char chunk[1 << 15];
    while (len > 0) {
        size_t wanted = len < sizeof chunk ? len : sizeof chunk;
        if (fread(chunk, 1, wanted, o->old) != wanted || memcmp(chunk, text, wanted) != 0)
            return false;
        text += wanted;
        len -= wanted;
    }
    return true;
}

bool output_add(struct output *o, const char *text, size_t len) {
    if (o->old != NULL && is_same(o, text, len)) {
        o->same += len;
        return true;
    }
    if (o->mode == OUTPUT_CHECK) {
        close_old(o);
        return true;
    }
    if (o->temporary == NULL && !begin_file(o))
        return false;
    return write_all(o->fd, text, len) || report(o, "cannot write");
}

/* Gives the file a new time, if it is ours to change. */
static bool touch(struct output *o) {
    return utimensat(AT_FDCWD, o->real, NULL, 0) == 0 || errno == EACCES || errno == EPERM ||
           errno == EROFS || report(o, "cannot set its modification time");
}

static bool report_different(struct output *o) {
    if (access(o->path, F_OK) != 0)
        return diag_error(o->diag, o->path, 0, "does not exist; run cachemk without --check");
    if (access(o->path, R_OK) != 0)
        return report(o, "cannot read");
    return diag_error(o->diag, o->path, 0, "out of date; run cachemk without --check");
}

static bool commit(struct output *o) {
    bool same = o->old != NULL && getc(o->old) == EOF && !ferror(o->old);
    if (o->mode == OUTPUT_CHECK)
        return same || report_different(o);
    if (same)
        return o->mode == OUTPUT_KEEP || touch(o);
    if ((o->temporary == NULL && !begin_file(o)) || !finish_file(o))
        return false;
    forget_file(o);
    return true;
}

bool output_close(struct output *o, bool all) {
    bool done = all && commit(o);
    close_old(o);
    if (o->fd >= 0)
        close(o->fd);
    if (o->temporary != NULL) {
        unlink(o->temporary);
        forget_file(o);
    }
    free(o->real);
    *o = (struct output){.fd = -1};
    return done;
}

bool output_write(const char *path, enum output_mode mode, const char *text, size_t len,
                  struct diag *diag) {
    struct output o;
    return output_open(&o, path, mode, diag) && output_close(&o, output_add(&o, text, len));
}

/* Adds the bytes of the file FROM. */
static bool add_file(struct output *o, const char *from) {
    FILE *in = fopen(from, "rb");
    char chunk[1 << 15];
    bool added = true;
    if (in != NULL)
        setvbuf(in, NULL, _IONBF, 0); /* straight into the chunk */
    while (added && in != NULL && !feof(in) && !ferror(in))
        added = output_add(o, chunk, fread(chunk, 1, sizeof chunk, in));
    bool read = (in != NULL && !ferror(in)) ||
                diag_error(o->diag, from, 0, "cannot read: %s", strerror(errno));
    if (in != NULL)
        fclose(in);
    return read && added;
}

bool output_copy(const char *path, enum output_mode mode, const char *from, struct diag *diag) {
    struct output o;
    return output_open(&o, path, mode, diag) && output_close(&o, add_file(&o, from));
}

/* ---- Standard output ---- */

bool output_is_standard(const char *path) {
    struct stat file, standard;
    return stat(path, &file) == 0 && fstat(STDOUT_FILENO, &standard) == 0 &&
           file.st_dev == standard.st_dev && file.st_ino == standard.st_ino;
}

bool output_print(const struct buf *text, struct diag *diag) {
    if (text->failed)
        return diag_no_memory(diag);
    if (fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0)
        return true;
    return diag_error(diag, "standard output", 0, "cannot write: %s", strerror(errno));
}
