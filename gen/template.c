#include "template.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "escape.h"

#define OWN_TEMPLATES "templates/"
#ifndef CACHEMK_TEMPLATES
#define CACHEMK_TEMPLATES "/usr/local/share/cachemk/templates/"
#endif

#define SUFFIX ".mustache"

void templates_init(struct templates *templates, struct diag *diag) {
    *templates = (struct templates){.diag = diag, .installed = CACHEMK_TEMPLATES};
}

static void template_free(struct template *t) {
    if (t == NULL)
        return;
    free(t->path);
    free(t->name);
    free(t->text);
    free(t);
}

void templates_release(struct templates *templates) {
    for (size_t i = 0; i < templates->count; i++)
        template_free(templates->items[i]);
    free(templates->items);
    free(templates->directory);
    templates_init(templates, templates->diag);
}

/* Stores a template in the list, which then owns it. */
static bool keep(struct templates *templates, struct template *t) {
    struct template **items =
        array_grow(templates->items, templates->count, &templates->cap, sizeof *items);
    if (items == NULL)
        return false;
    templates->items = items;
    items[templates->count++] = t;
    return true;
}

static const struct template *no_memory(struct templates *templates, struct template *t) {
    template_free(t);
    diag_no_memory(templates->diag);
    return NULL;
}

/* Reads the file of T; false after reporting that it cannot be read. */
static bool read_text(struct templates *templates, struct template *t) {
    struct buf text;
    buf_init(&text);
    bool read = file_read(t->path, &text);
    if (!read)
        diag_error(templates->diag, t->path, 0, "cannot read the template: %s", strerror(errno));
    t->id = file_identify(t->path);
    t->len = text.len;
    t->text = buf_detach(&text);
    return read;
}

/* Reads PATH, taking it over, as the template NAME. */
static const struct template *load(struct templates *templates, const char *name, char *path) {
    struct template *t = calloc(1, sizeof *t);
    if (t == NULL || path == NULL) {
        free(path);
        return no_memory(templates, t);
    }
    *t = (struct template){.path = path, .name = strdup(name)};
    if (!read_text(templates, t)) {
        template_free(t);
        return NULL;
    }
    if (t->name == NULL || t->text == NULL || !keep(templates, t))
        return no_memory(templates, t);
    return t;
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

/* The path of the file NAME with EXTENSION and SUFFIX in DIRECTORY, for the caller to free; NULL if
 * there is none, after reporting that memory ran out if it has. */
static char *existing_path(struct templates *templates, const char *directory, const char *name,
                           const char *extension, const char *suffix) {
    char *path = text_format("%s%s%s%s", directory, name, extension, suffix);
    if (path == NULL) {
        diag_no_memory(templates->diag);
    } else if (access(path, F_OK) != 0) {
        free(path);
        path = NULL;
    }
    return path;
}

/* Finds NAME in DIRECTORY, under its own name or else with an extension.  The path is the caller's
 * to free; NULL if there is none, after reporting any error. */
static char *find_in_directory(struct templates *templates, const char *directory,
                               const char *name) {
    char *path = existing_path(templates, directory, name, "", SUFFIX);
    const char *extension, *found = NULL;
    if (path != NULL)
        return path;
    for (size_t i = 0; (extension = escape_extension(i)) != NULL; i++) {
        char *another = existing_path(templates, directory, name, extension, SUFFIX);
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

static void report_missing(const struct templates *templates, const char *name) {
    char *path =
        text_format("%s%s%s", OWN_TEMPLATES, name, SUFFIX); /* the place that users can fill */
    if (path == NULL) {
        diag_no_memory(templates->diag);
        return;
    }
    diag_error(templates->diag, path, 0, "no such template");
    note_directory(templates->diag, OWN_TEMPLATES);
    note_directory(templates->diag, templates->installed);
    free(path);
}

/* The path of the main template NAME, for the caller to free; NULL after reporting an error. */
static char *find_main(struct templates *templates, const char *name) {
    size_t errors = templates->diag->errors;
    char *path = find_in_directory(templates, OWN_TEMPLATES, name);
    if (path == NULL && templates->diag->errors == errors)
        path = find_in_directory(templates, templates->installed, name);
    if (templates->diag->errors > errors) {
        free(path);
        return NULL;
    }
    if (path == NULL)
        report_missing(templates, name);
    return path;
}

const struct template *templates_open(struct templates *templates, const char *name) {
    bool is_path = strchr(name, '/') != NULL;
    char *path = is_path ? strdup(name) : find_main(templates, name);
    if (path == NULL && !is_path)
        return NULL;
    const struct template *t = load(templates, name, path);
    if (t == NULL)
        return NULL;
    templates->directory = strndup(t->path, (size_t)(strrchr(t->path, '/') - t->path) + 1);
    return templates->directory != NULL ? t : no_memory(templates, NULL);
}

/* The path of NAME, for the caller to free; NULL if there is none, after reporting any other error.
 * A project can override a partial without a copy of the templates that use it. */
static char *find_beside(struct templates *templates, const char *name, const char *extension) {
    bool is_installed = strcmp(templates->directory, templates->installed) == 0;
    const char *const directories[] = {is_installed ? OWN_TEMPLATES : templates->directory,
                                       OWN_TEMPLATES, templates->installed};
    char *path = NULL;
    for (size_t i = 0; path == NULL && i < sizeof directories / sizeof *directories; i++)
        path = existing_path(templates, directories[i], name, extension, "");
    return path;
}

char *templates_find(struct templates *templates, const char *name) {
    return find_beside(templates, name, "");
}

static const struct template *load_beside(struct templates *templates, const char *name,
                                          const char *extension) {
    char *path = find_beside(templates, name, extension);
    return path != NULL ? load(templates, name, path) : NULL;
}

const struct template *templates_partial(struct templates *templates, const char *name) {
    return load_beside(templates, name, SUFFIX);
}

const struct template *templates_text(struct templates *templates, const char *name) {
    for (size_t i = 1; i < templates->count; i++) /* the first is the main template */
        if (strcmp(templates->items[i]->name, name) == 0)
            return templates->items[i];
    return load_beside(templates, name, "");
}
