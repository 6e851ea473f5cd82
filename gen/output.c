#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

static bool report(struct diag *diag, const char *path, const char *what) {
    diag_error(diag, path, 0, "%s: %s", what, strerror(errno));
    return false;
}

bool output_holds(const char *path, const char *text, size_t len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[8192];
    size_t done = 0, got;
    bool same = true;
    while (same && (got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        same = got <= len - done && memcmp(chunk, text + done, got) == 0;
        done += got;
    }
    same = same && done == len && !ferror(file);
    fclose(file);
    return same;
}

static bool write_all(int fd, const char *text, size_t len) {
    while (len > 0) {
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

/* The signals that end a program from outside, and those that a limit of the system sends. */
static const int ending_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ};

enum { ENDING_COUNT = sizeof ending_signals / sizeof *ending_signals };

/* Keeps them waiting, and stores into OLD what restore_signals needs.  A signal that is ignored
 * stays so: blocked, it would count as one that waits. */
static void hold_signals(sigset_t *old) {
    sigset_t held;
    struct sigaction action;
    sigemptyset(&held);
    for (size_t i = 0; i < ENDING_COUNT; i++)
        if (sigaction(ending_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&held, ending_signals[i]);
    sigprocmask(SIG_BLOCK, &held, old);
}

/* One that waits ends the program now. */
static void restore_signals(const sigset_t *old) {
    sigprocmask(SIG_SETMASK, old, NULL);
}

/* Fills and closes FD; errno tells why it returns false. */
static bool fill_file(int fd, mode_t mode, const char *text, size_t len) {
    bool filled = write_all(fd, text, len) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int reason = errno;
    if (close(fd) != 0 && filled)
        return false;
    errno = reason;
    return filled;
}

/* Writes to a new file TEMPORARY, made from its template by mkstemp, and renames it to PATH. */
static bool rename_over(const char *path, const char *shown, char *temporary, const char *text,
                        size_t len, struct diag *diag) {
    int fd = mkstemp(temporary);
    if (fd < 0)
        return report(diag, shown, "cannot create a file next to it");
    if (fill_file(fd, wanted_mode(path), text, len) && rename(temporary, path) == 0)
        return true;
    report(diag, shown, "cannot write");
    unlink(temporary);
    return false;
}

/* The same with no signal in between, which would leave the temporary file. */
static bool replace_file(const char *path, const char *shown, char *temporary, const char *text,
                         size_t len, struct diag *diag) {
    sigset_t old;
    hold_signals(&old);
    bool replaced = rename_over(path, shown, temporary, text, len, diag);
    restore_signals(&old);
    return replaced;
}

/* Replaces or touches PATH, which is no symbolic link.  SHOWN: what messages call it. */
static bool write_file(const char *path, const char *shown, const char *text, size_t len,
                       struct diag *diag) {
    if (output_holds(path, text, len)) {
        bool touched = utimensat(AT_FDCWD, path, NULL, 0) == 0;
        return touched || errno == EACCES || errno == EPERM || errno == EROFS ||
               report(diag, shown, "cannot set its modification time");
    }
    struct buf temporary;
    buf_init(&temporary);
    buf_add_str(&temporary, path);
    buf_add_str(&temporary, ".tmp-XXXXXX");
    bool written = false;
    if (temporary.failed)
        diag_no_memory(diag);
    else
        written = replace_file(path, shown, temporary.data, text, len, diag);
    buf_release(&temporary);
    return written;
}

/* Whether the directory of PATH exists; reports it, with the remedy, if not.  We create none: a
 * misspelt path would leave directories behind. */
static bool check_folder(const char *path, struct diag *diag) {
    const char *slash = strrchr(path, '/');
    struct stat status;
    if (slash == NULL)
        return true;
    char *folder = text_copy(path, (size_t)(slash - path) + 1);
    if (folder == NULL) {
        diag_no_memory(diag);
        return false;
    }
    bool missing = stat(folder, &status) != 0 && errno == ENOENT;
    folder[slash - path] = '\0';
    if (missing)
        diag_error(diag, path, 0, "there is no directory '%s'; create it with mkdir -p '%s'",
                   folder, folder);
    free(folder);
    return !missing;
}

bool output_is_standard(const char *path) {
    struct stat file, standard;
    return stat(path, &file) == 0 && fstat(STDOUT_FILENO, &standard) == 0 &&
           file.st_dev == standard.st_dev && file.st_ino == standard.st_ino;
}

/* Whether PATH leads to what a program has open, and what is there is not ours to replace. */
static bool is_descriptor(const char *path) {
    static const char *const starts[] = {"/dev/fd/", "/dev/std", "/proc/"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(path, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

bool output_write(const char *path, const char *text, size_t len, struct diag *diag) {
    struct stat status;
    if (is_descriptor(path) || (stat(path, &status) == 0 && !S_ISREG(status.st_mode))) {
        diag_error(diag, path, 0, "not a regular file; '-o -' writes to standard output");
        return false;
    }
    char *real = realpath(path, NULL);
    bool is_new = real == NULL && errno == ENOENT && lstat(path, &status) != 0;
    if (real == NULL && !is_new)
        return report(diag, path, "cannot write"); /* a link to nothing among others */
    if (is_new && !check_folder(path, diag))
        return false;
    bool written = write_file(real != NULL ? real : path, path, text, len, diag);
    free(real);
    return written;
}

bool output_check(const char *path, const char *text, size_t len, struct diag *diag) {
    if (output_holds(path, text, len))
        return true;
    if (access(path, F_OK) != 0) {
        diag_error(diag, path, 0, "does not exist; run cachemk without --check");
        return false;
    }
    if (access(path, R_OK) != 0)
        return report(diag, path, "cannot read");
    diag_error(diag, path, 0, "out of date; run cachemk without --check");
    return false;
}

bool output_print(const char *text, size_t len, struct diag *diag) {
    if (fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0)
        return true;
    return report(diag, "standard output", "cannot write");
}
