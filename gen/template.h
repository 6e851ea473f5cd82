/* template: finds template files and holds their text. */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "buf.h"
#include "diag.h"
#include "mustache.h"

struct template {
    char *path;            /* owned; how it is called in messages */
    struct buf text;       /* may hold NULs */
    struct template *next; /* owned */
};

static inline struct mustache_source template_source(const struct template *t) {
    return (struct mustache_source){t->path, {t->text.data, t->text.len}};
}

/* All files of one run: the main template, its partials, and plain texts. */
struct templates {
    struct template *items; /* owned; the newest is first */
    char *directory;        /* owned; where the main template is, and its partials; ends in '/' */
    const char *installed;  /* where the installed ones are; ends in '/' */
    struct diag *diag;
};

/* Makes TEMPLATES empty; messages go to DIAG. */
void templates_init(struct templates *templates, struct diag *diag);

void templates_release(struct templates *templates);

/* Reads the main template.  NAME with a slash is a path.  Otherwise it is looked for in templates/
 * and then among the installed ones, as NAME.mustache or, where there is none, as NAME.mustache
 * with the extension of an output that can be escaped before the `.mustache`: `ci` finds
 * `ci.yml.mustache`.  NULL after reporting an error: there is none (the message lists those
 * available), there is more than one, or it cannot be read. */
const struct template *templates_open(struct templates *templates, const char *name);

/* Reads the partial NAME.mustache: from templates/ or, if the main template is neither there nor
 * installed, from its directory; otherwise from the installed ones.  NULL if there is none, after
 * reporting any other error. */
const struct template *templates_partial(struct templates *templates, const char *name);

/* The path of the plain text file NAME, with extension and without tags, which is looked for in the
 * same way; for the caller to free.  NULL after reporting an error. */
char *templates_find(struct templates *templates, const char *name);

/* Reads such a file.  NULL if there is none, after reporting any other error. */
const struct template *templates_text(struct templates *templates, const char *name);

#endif
