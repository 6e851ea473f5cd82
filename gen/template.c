#include "template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"

#ifndef CACHEMK_TEMPLATES
#define CACHEMK_TEMPLATES "/usr/local/share/cachemk/templates/"
#endif

void templates_init(struct templates *templates, struct diag *diag) {
    *templates = (struct templates){.diag = diag};
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
    free(templates->folder);
    templates_init(templates, templates->diag);
}

/* FOLDER, NAME and ENDING as one text, for the caller to free; NULL without memory. */
static char *join(const char *folder, const char *name, const char *ending) {
    struct buf path;
    buf_init(&path);
    buf_add_str(&path, folder);
    buf_add_str(&path, name);
    buf_add_str(&path, ending);
    return buf_detach(&path);
}

/* Reads the whole file PATH into TEXT; false with errno set. */
static bool read_file(const char *path, struct buf *text) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char chunk[8192];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_add(text, chunk, got);
    bool read = !ferror(file);
    int reason = errno;
    fclose(file);
    errno = reason;
    return read;
}

/* Stores a template in the list, which then owns it. */
static bool keep(struct templates *templates, struct template *t) {
    struct template **items = array_grow(templates->items, templates->count, sizeof *items);
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

/* Reads PATH, taking it over, as the template NAME. */
static const struct template *load(struct templates *templates, const char *name, char *path) {
    struct template *t = calloc(1, sizeof *t);
    if (t == NULL || path == NULL) {
        free(path);
        return no_memory(templates, t);
    }
    t->path = path;
    t->name = text_copy(name, strlen(name));
    struct buf text;
    buf_init(&text);
    if (!read_file(path, &text)) {
        diag_error(templates->diag, path, 0, "cannot read the template: %s", strerror(errno));
        buf_release(&text);
        template_free(t);
        return NULL;
    }
    t->len = text.len;
    t->text = buf_detach(&text);
    if (t->name == NULL || t->text == NULL || !keep(templates, t))
        return no_memory(templates, t);
    return t;
}

/* The path of the main template NAME, for the caller to free; NULL without memory. */
static char *main_path(const char *name) {
    if (strchr(name, '/') != NULL)
        return text_copy(name, strlen(name));
    char *own = join("templates/", name, ".mustache");
    if (own == NULL || access(own, F_OK) == 0)
        return own;
    char *installed = join(CACHEMK_TEMPLATES, name, ".mustache");
    if (installed == NULL || access(installed, F_OK) == 0) {
        free(own);
        return installed;
    }
    free(installed);
    return own; /* which is not there: the message names the place that users can fill */
}

const struct template *templates_open(struct templates *templates, const char *name) {
    const struct template *t = load(templates, name, main_path(name));
    if (t == NULL)
        return NULL;
    const char *slash = strrchr(t->path, '/');
    templates->folder = text_copy(t->path, (size_t)(slash - t->path) + 1);
    return templates->folder != NULL ? t : no_memory(templates, NULL);
}

const struct template *templates_partial(struct templates *templates, const char *name) {
    for (size_t i = 1; i < templates->count; i++) /* the first is the main template */
        if (strcmp(templates->items[i]->name, name) == 0)
            return templates->items[i];
    char *path = join(templates->folder, name, ".mustache");
    if (path != NULL && access(path, F_OK) != 0) {
        free(path);
        return NULL;
    }
    return load(templates, name, path);
}
