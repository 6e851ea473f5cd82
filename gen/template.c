#include "template.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
#include "file.h"

#define OWN_TEMPLATES "templates/"
#ifndef CACHEMK_TEMPLATES
#define CACHEMK_TEMPLATES "/usr/local/share/cachemk/templates/"
#endif

#define SUFFIX ".mustache"

void templates_init(struct templates *templates, struct diag *diag) {
    *templates = (struct templates){.diag = diag, .installed = CACHEMK_TEMPLATES};
}

void templates_release(struct templates *templates) {
    while (templates->items != NULL) {
        struct template *t = templates->items;
        templates->items = t->next;
        free(t->path);
        buf_release(&t->text);
        free(t);
    }
    free(templates->directory);
    templates_init(templates, templates->diag);
}

/* TEXT, after reporting that there was no memory for it if it is NULL. */
static char *check_memory(struct templates *templates, char *text) {
    if (text == NULL)
        diag_no_memory(templates->diag);
    return text;
}

/* Reads PATH, taking it over; NULL after reporting an error, and if PATH is NULL. */
static const struct template *load(struct templates *templates, char *path) {
    if (path == NULL)
        return NULL;
    struct template *t = calloc(1, sizeof *t);
    if (t == NULL) {
        free(path);
        diag_no_memory(templates->diag);
        return NULL;
    }
    *t = (struct template){.path = path, .next = templates->items};
    templates->items = t;
    buf_init(&t->text);
    bool read = file_read(path, &t->text);
    if (!read)
        diag_error(templates->diag, path, 0, "cannot read: %s", strerror(errno));
    else if (t->text.failed)
        diag_no_memory(templates->diag);
    return read && !t->text.failed ? t : NULL;
}

/* ---- Finding the main template ---- */

/* Partials have no extension before the suffix. */
static int is_main(const struct dirent *entry) {
    return escape_for_template(entry->d_name) != NULL;
}

/* Lists the templates in DIRECTORY, as a note.  A directory that cannot be read has none. */
static void note_directory(struct diag *diag, const char *directory) {
    struct dirent **entries = NULL;
    struct buf text;
    buf_init(&text);
    int count = scandir(directory, &entries, is_main, alphasort);
    for (int i = 0; i < count; i++) {
        buf_add_str(&text, i == 0 ? "available: " : ", ");
        buf_add(&text, entries[i]->d_name, strlen(entries[i]->d_name) - strlen(SUFFIX));
        free(entries[i]);
    }
    if (text.failed || (count < 0 && errno == ENOMEM))
        diag_no_memory(diag);
    else
        diag_note(diag, directory, 0, "%s", count > 0 ? text.data : "no templates here");
    buf_release(&text);
    free(entries);
}

/* PATH, which it takes over, if there is such a file; otherwise NULL.  A PATH that is NULL is one
 * that there was no memory for, and is reported. */
static char *existing(struct templates *templates, char *path) {
    if (check_memory(templates, path) == NULL || access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

/* Finds NAME in DIRECTORY, under its own name or else with an extension.  The path is the caller's
 * to free; NULL if there is none, after reporting any error. */
static char *find_in_directory(struct templates *templates, const char *directory,
                               const char *name) {
    char *path = existing(templates, text_format("%s%s" SUFFIX, directory, name));
    const char *extension, *found = NULL;
    if (path != NULL)
        return path;
    for (size_t i = 0; (extension = escape_extension(i)) != NULL; i++) {
        char *another =
            existing(templates, text_format("%s%s%s" SUFFIX, directory, name, extension));
        if (another == NULL)
            continue;
        if (path != NULL)
            diag_error(templates->diag, path, 0, "'%s%s' also exists; choose %s%s or %s%s", name,
                       extension, name, found, name, extension);
        free(path);
        path = another;
        found = extension;
    }
    return path;
}

static void report_missing(struct templates *templates, const char *name) {
    /* The place that users can fill. */
    char *path = check_memory(templates, text_format(OWN_TEMPLATES "%s" SUFFIX, name));
    if (path == NULL)
        return;
    diag_error(templates->diag, path, 0, "no such template");
    note_directory(templates->diag, OWN_TEMPLATES);
    note_directory(templates->diag, templates->installed);
    free(path);
}

/* The path of the main template NAME, for the caller to free; NULL after reporting an error. */
static char *find_main(struct templates *templates, const char *name) {
    size_t errors = templates->diag->errors;
    if (strchr(name, '/') != NULL)
        return check_memory(templates, strdup(name));
    char *path = find_in_directory(templates, OWN_TEMPLATES, name);
    if (path == NULL && templates->diag->errors == errors)
        path = find_in_directory(templates, templates->installed, name);
    if (path == NULL && templates->diag->errors == errors)
        report_missing(templates, name);
    if (templates->diag->errors == errors)
        return path;
    free(path);
    return NULL;
}

const struct template *templates_open(struct templates *templates, const char *name) {
    const struct template *t = load(templates, find_main(templates, name));
    if (t == NULL)
        return NULL;
    size_t len = (size_t)(strrchr(t->path, '/') - t->path) + 1;
    templates->directory = check_memory(templates, strndup(t->path, len));
    return templates->directory != NULL ? t : NULL;
}

/* The path of the file NAME with EXTENSION, for the caller to free; NULL if there is none, after
 * reporting any other error.  A project can override a partial without a copy of the templates that
 * use it. */
static char *find_beside(struct templates *templates, const char *name, const char *extension) {
    bool is_installed = strcmp(templates->directory, templates->installed) == 0;
    const char *const directories[] = {is_installed ? OWN_TEMPLATES : templates->directory,
                                       OWN_TEMPLATES, templates->installed};
    char *path = NULL;
    for (size_t i = 0; path == NULL && i < sizeof directories / sizeof *directories; i++)
        path = existing(templates, text_format("%s%s%s", directories[i], name, extension));
    return path;
}

char *templates_find(struct templates *templates, const char *name) {
    size_t errors = templates->diag->errors;
    char *path = find_beside(templates, name, "");
    if (path == NULL && templates->diag->errors == errors)
        diag_error(templates->diag, name, 0, "it is missing, both in templates/ and in %s",
                   templates->installed);
    return path;
}

const struct template *templates_partial(struct templates *templates, const char *name) {
    return load(templates, find_beside(templates, name, SUFFIX));
}

const struct template *templates_text(struct templates *templates, const char *name) {
    return load(templates, find_beside(templates, name, ""));
}
