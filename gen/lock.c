#include "lock.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "grammar.h"
#include "output.h"
#include "slice.h"
#include "table.h"

extern char **environ;

static const char header[] =
    "# Written by cachemk lock: the base images of the targets, with their digests.\n"
    "# To get newer ones: cachemk lock --update.\n";

/* An image of a target without a digest of its own. */
struct image {
    const char *name;     /* the targets' own, as is what follows */
    const char *platform; /* of the first target that has it */
    size_t line;          /* in the file of the targets */
    struct slice locked;  /* with its digest; empty if it is not known */
    size_t locked_line;
};

struct lock {
    const char *path; /* not owned */
    struct diag *diag;
    struct buf text;      /* of the file */
    struct buf answers;   /* of the engine, in the form of the file */
    struct image *images; /* owned; in the order of the targets */
    size_t count, cap;
    struct table indexes; /* in `images`, by their names */
};

char *lock_path(const char *ini) {
    size_t len = strlen(ini);
    bool is_ini = len > 4 && slice_ends(slice_of(ini), ".ini");
    return text_format("%.*s.lock", (int)(is_ini ? len - 4 : len), ini);
}

/* ---- The images of the targets ---- */

static struct image *find_image(struct lock *lock, struct slice name) {
    const struct table_row *row = table_find(&lock->indexes, name);
    return row != NULL ? &lock->images[row->value] : NULL;
}

/* Adds the image in FIELD; false without memory. */
static bool add_image(struct lock *lock, const struct field *field, const char *platform) {
    struct image *images = array_grow(lock->images, lock->count, &lock->cap, sizeof *images);
    if (images == NULL)
        return false;
    lock->images = images;
    images[lock->count] =
        (struct image){.name = field->text, .platform = platform, .line = field->line};
    return table_add(&lock->indexes, slice_of(field->text), lock->count++) != NULL;
}

static bool collect_images(struct lock *lock, const struct targets *targets) {
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        const struct field *field = target_field(targets, target, KEY_IMAGE);
        if (strchr(field->text, '@') != NULL || find_image(lock, slice_of(field->text)) != NULL)
            continue;
        if (!add_image(lock, field, target_value(targets, target, KEY_PLATFORM)))
            return diag_no_memory(lock->diag);
    }
    return true;
}

/* ---- Reading ---- */

/* Whether REFERENCE is an image and a digest; stores the image into *IMAGE. */
static bool split_reference(struct slice reference, struct slice *image) {
    struct slice digest = reference;
    return slice_cut(&digest, '@', image) && slice_starts(digest, "sha256:") &&
           grammar_image(reference);
}

static void take_line(struct lock *lock, struct slice text, size_t line) {
    struct slice name;
    if (!split_reference(text, &name)) {
        diag_error(lock->diag, lock->path, line,
                   "'%.*s' is not an image with its digest, such as rust:latest@sha256:...; run "
                   "cachemk lock --update",
                   (int)text.len, text.text);
        return;
    }
    struct image *image = find_image(lock, name);
    if (image == NULL)
        diag_error(lock->diag, lock->path, line, "no target has the image '%.*s'; run cachemk lock",
                   (int)name.len, name.text);
    else if (image->locked.len > 0)
        diag_error(lock->diag, lock->path, line,
                   "'%s' is already in line %zu; remove one of the lines", image->name,
                   image->locked_line);
    else {
        image->locked = text;
        image->locked_line = line;
    }
}

/* Takes the lines of the file; those for images that are gone only if they are to be REPORTED. */
static void take_lines(struct lock *lock, bool reported) {
    struct slice rest = {lock->text.data, lock->text.len}, text, name;
    for (size_t line = 1; rest.len > 0; line++) {
        slice_cut(&rest, '\n', &text);
        text = slice_trim(text);
        bool gone = split_reference(text, &name) && find_image(lock, name) == NULL;
        if (text.len > 0 && text.text[0] != '#' && (reported || !gone))
            take_line(lock, text, line);
    }
}

/* Reads the file PATH; *THERE is false if there is none.  False after reporting an error.
 * lock_release is to follow in any case. */
static bool lock_read(struct lock *lock, const char *path, bool *there, struct diag *diag) {
    *lock = (struct lock){.path = path, .diag = diag};
    buf_init(&lock->text);
    buf_init(&lock->answers);
    *there = file_read(path, &lock->text);
    if (!*there && errno != ENOENT)
        return diag_error(diag, path, 0, "cannot read: %s", strerror(errno));
    return !lock->text.failed || diag_no_memory(diag);
}

static void lock_release(struct lock *lock) {
    buf_release(&lock->text);
    buf_release(&lock->answers);
    free(lock->images);
    table_release(&lock->indexes);
}

/* Reports each image without a digest. */
static void report_unlocked(const struct lock *lock, const char *ini) {
    for (size_t i = 0; i < lock->count; i++)
        if (lock->images[i].locked.len == 0)
            diag_error(lock->diag, ini, lock->images[i].line,
                       "the image '%s' is not in %s; run cachemk lock", lock->images[i].name,
                       lock->path);
}

/* ---- Using it ---- */

/* Replaces the image of TARGET itself by the reference with a digest. */
static bool lock_image(struct lock *lock, struct targets *targets, struct target *target) {
    const struct field *field = target->fields[KEY_IMAGE];
    const struct image *image = field != NULL ? find_image(lock, slice_of(field->text)) : NULL;
    return image == NULL || target_set(targets, target, KEY_IMAGE, image->locked, field->line) ||
           diag_no_memory(lock->diag);
}

static bool lock_targets(struct lock *lock, struct targets *targets) {
    bool done = lock_image(lock, targets, &targets->defaults);
    for (size_t i = 0; done && i < targets->count; i++)
        done = lock_image(lock, targets, &targets->items[i]);
    return done;
}

bool lock_apply(struct targets *targets, const char *path, struct diag *diag) {
    struct lock lock;
    size_t errors = diag->errors;
    bool done = lock_read(&lock, path, &targets->locked, diag);
    if (done && targets->locked && (done = collect_images(&lock, targets))) {
        take_lines(&lock, true);
        report_unlocked(&lock, targets->file);
        done = diag->errors == errors && lock_targets(&lock, targets);
    }
    lock_release(&lock);
    return done;
}

/* ---- Asking for digests ---- */

/* The words of the command that prints the references of all images without a digest, one a line;
 * for the caller to free. */
static const char **command_words(const struct lock *lock, const char *script) {
    const char **words = calloc(2 * lock->count + 3, sizeof *words);
    size_t count = 0;
    if (words == NULL)
        return NULL;
    words[count++] = "sh";
    words[count++] = script;
    for (size_t i = 0; i < lock->count; i++) {
        if (lock->images[i].locked.len == 0) {
            words[count++] = lock->images[i].name;
            words[count++] = lock->images[i].platform;
        }
    }
    return words;
}

/* Starts the command with its standard output at ENDS[1].  Returns 0, or an errno. */
static int spawn(const char **words, const int ends[2], pid_t *child) {
    posix_spawn_file_actions_t actions;
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0)
        return reason;
    reason = posix_spawn_file_actions_addclose(&actions, ends[0]);
    if (reason == 0)
        reason = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (reason == 0 && ends[1] != STDOUT_FILENO)
        reason = posix_spawn_file_actions_addclose(&actions, ends[1]);
    if (reason == 0)
        reason = posix_spawnp(child, words[0], &actions, NULL, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

/* Appends all that can be read from FD to OUT, and closes it. */
static bool read_all(int fd, struct buf *out) {
    char part[4096];
    ssize_t len;
    while ((len = read(fd, part, sizeof part)) > 0)
        buf_add(out, part, (size_t)len);
    close(fd);
    return len == 0;
}

/* Runs the command, and appends to OUT what it prints.  Returns NULL, or what went wrong. */
static const char *run_words(const char **words, struct buf *out) {
    int ends[2], status;
    pid_t child;
    if (pipe(ends) != 0)
        return strerror(errno);
    int reason = spawn(words, ends, &child);
    close(ends[1]);
    bool read = read_all(ends[0], out);
    if (reason != 0)
        return strerror(reason);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return strerror(errno);
    return read && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "see above";
}

/* Asks for all digests that are missing.  False after reporting an error. */
static bool ask_engine(struct lock *lock, const char *script) {
    const char **words = command_words(lock, script);
    if (words == NULL)
        return diag_no_memory(lock->diag);
    const char *problem = run_words(words, &lock->answers);
    free((void *)words);
    if (problem != NULL)
        return diag_error(lock->diag, lock->path, 0, "not written: %s", problem);
    return !lock->answers.failed || diag_no_memory(lock->diag);
}

/* Takes the answers, which have to be one for each image that has no digest. */
static bool take_answers(struct lock *lock) {
    struct slice rest = {lock->answers.data, lock->answers.len}, text, name;
    for (size_t i = 0; i < lock->count; i++) {
        struct image *image = &lock->images[i];
        if (image->locked.len > 0)
            continue;
        slice_cut(&rest, '\n', &text);
        if (!split_reference(text, &name) || !slice_is(name, image->name))
            return diag_error(lock->diag, lock->path, 0,
                              "not written: the engine's answer for %s is no digest", image->name);
        image->locked = text;
    }
    return true;
}

static int compare_images(const void *a, const void *b) {
    return strcmp(((const struct image *)a)->name, ((const struct image *)b)->name);
}

/* Writes the file, in the order of the names. */
static bool write_lock(struct lock *lock) {
    struct output o;
    if (!output_open(&o, lock->path, OUTPUT_KEEP, lock->diag))
        return false;
    if (lock->count > 1)
        qsort(lock->images, lock->count, sizeof *lock->images, compare_images);
    bool added = output_add(&o, header, sizeof header - 1);
    for (size_t i = 0; added && i < lock->count; i++) {
        struct slice locked = lock->images[i].locked;
        added = output_add(&o, locked.text, locked.len) && output_add(&o, "\n", 1);
    }
    return output_close(&o, added);
}

/* Whether an image has no digest yet. */
static bool is_incomplete(const struct lock *lock) {
    for (size_t i = 0; i < lock->count; i++)
        if (lock->images[i].locked.len == 0)
            return true;
    return false;
}

bool lock_write(const struct targets *targets, const char *path, bool update, const char *script,
                struct diag *diag) {
    struct lock lock;
    bool there;
    bool done = lock_read(&lock, path, &there, diag) && collect_images(&lock, targets);
    if (done && !update)
        take_lines(&lock, false);
    done = done && diag->errors == 0;
    if (done && is_incomplete(&lock))
        done = ask_engine(&lock, script) && take_answers(&lock);
    done = done && write_lock(&lock);
    lock_release(&lock);
    return done;
}
