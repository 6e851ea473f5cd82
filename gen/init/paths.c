#include "paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The real path of PATH, for the caller to free; NULL if there is none. */
static char *resolve(struct project *project, const char *path) {
    char *real = realpath(path, NULL);
    project->failed = project->failed || (real == NULL && errno == ENOMEM);
    return real;
}

/* The real path of the highest directory that builds see, for the caller to free; or NULL. */
static char *find_top(struct project *project) {
    struct buf path;
    buf_init(&path);
    buf_add_str(&path, ".");
    for (size_t i = 0; i < project->reach; i++)
        buf_add_str(&path, "/..");
    char *top = path.failed ? NULL : resolve(project, path.data);
    project->failed = project->failed || path.failed;
    buf_release(&path);
    return top;
}

/* Whether PATH, as it stands in the Cargo.toml in DIRECTORY, is there and leads out of TOP.  In a
 * container, an absolute one does so always. */
static bool leads_out(struct project *project, const char *top, const char *directory,
                      const char *path) {
    struct buf whole;
    buf_init(&whole);
    if (*path != '/')
        buf_add_str(&whole, *directory != '\0' ? directory : "./");
    buf_add_str(&whole, path);
    char *real = whole.failed ? NULL : resolve(project, whole.data);
    size_t len = strlen(top);
    bool inside = real != NULL && strncmp(real, top, len) == 0 &&
                  (real[len] == '/' || real[len] == '\0' || strcmp(top, "/") == 0);
    bool out = real != NULL && (*path == '/' || !inside);
    project->failed = project->failed || whole.failed;
    free(real);
    buf_release(&whole);
    return out;
}

void paths_check(struct project *project, const char *directory, const struct toml *toml) {
    static const char *const patterns[] = {
        "dependencies.*.path",           "dev-dependencies.*.path",
        "build-dependencies.*.path",     "target.*.dependencies.*.path",
        "workspace.dependencies.*.path", "patch.*.*.path"};
    char *top = find_top(project);
    struct buf file;
    buf_init(&file);
    buf_add_str(&file, directory);
    buf_add_str(&file, "Cargo.toml");
    for (size_t i = 0; top != NULL && i < sizeof patterns / sizeof *patterns; i++)
        for (const struct toml_item *item = NULL;
             (item = toml_next(toml, patterns[i], item)) != NULL;)
            if (leads_out(project, top, directory, item->text))
                notes_say(&project->notes, file.data, item->line,
                          "the path '%s' is outside of what builds see; make doctor says how to "
                          "mount it",
                          item->text);
    project->failed = project->failed || file.failed;
    buf_release(&file);
    free(top);
}
