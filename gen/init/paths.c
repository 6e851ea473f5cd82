#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 3, DEPTH_MAX = 32 };

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

/* Whether PATH, as it stands in a Cargo.toml or a link in DIRECTORY, is there and leads out of TOP.
 * In a container, an absolute one does so always. */
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

/* ---- Symbolic links */

/* What is looked through for links. */
struct search {
    struct project *project;
    const char *top;
    size_t left; /* so many links may be told */
};

/* For scandir: what belongs to the project's sources. */
static int is_source(const struct dirent *entry) {
    static const char *const others[] = {".", "..", ".git", "target", "node_modules"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(entry->d_name, others[i]) == 0)
            return 0;
    return 1;
}

/* Says where the link PATH in DIRECTORY leads, a text of LEN bytes, if builds cannot follow it. */
static void check_link(struct search *search, const char *directory, const char *path, size_t len) {
    struct project *project = search->project;
    char *goal = calloc(len + 1, 1);
    project->failed = project->failed || goal == NULL;
    if (goal != NULL && readlink(path, goal, len) == (ssize_t)len &&
        leads_out(project, search->top, directory, goal)) {
        notes_say(&project->notes, path, 0,
                  "builds cannot follow this link to '%s'; make doctor says how to mount it", goal);
        search->left--;
    }
    free(goal);
}

static void check_directory(struct search *search, const char *directory, size_t depth);

/* Checks NAME in DIRECTORY: a link, or what is in a directory. */
static void check_entry(struct search *search, const char *directory, const char *name,
                        size_t depth) {
    struct stat facts;
    char *path = text_format("%s%s", directory, name);
    char *inner = text_format("%s%s/", directory, name);
    bool known = path != NULL && inner != NULL && lstat(path, &facts) == 0;
    search->project->failed = search->project->failed || path == NULL || inner == NULL;
    if (known && S_ISLNK(facts.st_mode))
        check_link(search, directory, path, (size_t)facts.st_size);
    else if (known && S_ISDIR(facts.st_mode))
        check_directory(search, inner, depth + 1);
    free(path);
    free(inner);
}

static void check_directory(struct search *search, const char *directory, size_t depth) {
    struct dirent **entries = NULL;
    const char *path = *directory != '\0' ? directory : ".";
    int count = depth < DEPTH_MAX ? scandir(path, &entries, is_source, alphasort) : 0;
    search->project->failed = search->project->failed || (count < 0 && errno == ENOMEM);
    for (int i = 0; i < count; i++) {
        if (search->left > 0)
            check_entry(search, directory, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
}

void paths_check_links(struct project *project) {
    char *top = find_top(project);
    struct search search = {.project = project, .top = top, .left = LINKS_MAX};
    if (top != NULL)
        check_directory(&search, project->root.data, 0);
    free(top);
}
