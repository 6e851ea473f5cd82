#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "diag.h"

#define SCRIPT "cache.sh"
#define DOCKERFILE "sh/dockerfile.sh"

/* What follows the last slash of PATH. */
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool script_belongs_to(const struct template *t) {
    return strcmp(base_name(t->path), "cache.mk.mustache") == 0;
}

char *script_find(struct templates *templates) {
    char *path = templates_find(templates, SCRIPT);
    if (path == NULL && templates->diag->errors == 0)
        diag_error(templates->diag, SCRIPT, 0, "it is missing, both in templates/ and in %s",
                   templates->installed);
    return path;
}

static bool report_unreadable(const char *path, const struct output *o) {
    return diag_error(o->diag, path, 0, "cannot read: %s", strerror(errno));
}

bool script_copy(const char *path, struct output *o) {
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return report_unreadable(path, o);
    char chunk[1 << 15];
    bool added = true;
    setvbuf(in, NULL, _IONBF, 0); /* straight into the chunk */
    while (added && !feof(in) && !ferror(in))
        added = output_add(o, chunk, fread(chunk, 1, sizeof chunk, in));
    bool read = !ferror(in) || report_unreadable(path, o);
    fclose(in);
    return read && added;
}

char *script_path(const char *path) {
    return text_format("%.*s" SCRIPT, (int)(base_name(path) - path), path);
}

const char *script_dockerfile(struct templates *templates) {
    const struct template *part = templates_text(templates, DOCKERFILE);
    return part != NULL ? part->text.data : "";
}
