#include "project.h"

#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "cross.h"
#include "file.h"
#include "makefile.h"
#include "packages.h"
#include "paths.h"
#include "programs.h"
#include "toolchain.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

bool project_exists(const char *path) {
    return access(path, F_OK) == 0;
}

static void join(struct buf *path, const char *directory, const char *name) {
    buf_init(path);
    buf_add_str(path, directory);
    buf_add_str(path, name);
}

bool project_has(struct project *project, const char *directory, const char *name) {
    struct buf path;
    join(&path, directory, name);
    bool has = project_exists(path.data);
    project->failed = project->failed || path.failed;
    buf_release(&path);
    return has;
}

bool project_read(struct project *project, const char *directory, const char *name,
                  struct toml *toml) {
    struct buf path, text;
    join(&path, directory, name);
    buf_init(&text);
    *toml = (struct toml){.count = 0};
    bool exists = project_exists(path.data), read = exists && file_read(path.data, &text);
    if (read)
        toml_read(toml, text.data);
    if (exists && (!read || toml->bad_line > 0))
        notes_say(&project->notes, path.data, toml->bad_line,
                  "%s; init ignores this file, so check what it wrote",
                  read ? "not understood" : "cannot be read");
    project->failed = project->failed || path.failed || text.failed || toml->failed;
    buf_release(&path);
    buf_release(&text);
    return exists;
}

/* ---- Directories ---- */

size_t project_height(const char *directory) {
    size_t height = 0;
    while ((directory = strstr(directory, "../")) != NULL) {
        height++;
        directory += strlen("../");
    }
    return height;
}

bool project_go_up(struct buf *directory) {
    if (directory->len > 0 && project_height(directory->data) == 0) {
        buf_clear(directory); /* there is only one directory down */
        return true;
    }
    struct buf here;
    buf_init(&here);
    buf_add_str(&here, directory->data);
    buf_add_str(&here, ".");
    bool is_top = here.failed || file_is_same(here.data, "/");
    buf_release(&here);
    if (!is_top)
        buf_add_str(directory, "../");
    return !is_top && !directory->failed;
}

/* Finds the one directory below this one that has a Cargo.toml, and whose name make leaves as it
 * is.  False after reporting that there is none, or that there are several. */
static bool find_below(struct project *project, struct diag *diag) {
    glob_t found;
    struct buf names;
    buf_init(&names);
    size_t count = glob("*/Cargo.toml", 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    if (count == 0)
        count = glob("*/*/Cargo.toml", 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    for (size_t i = 0; i < count; i++) {
        buf_add_str(&names, i == 0 ? " " : ", ");
        buf_add(&names, found.gl_pathv[i], strlen(found.gl_pathv[i]) - strlen("/Cargo.toml"));
    }
    bool plain = count == 1 && strspn(names.data + 1, PLAIN) == names.len - 1;
    if (plain)
        buf_add(&project->directory, found.gl_pathv[0], strcspn(found.gl_pathv[0], "/") + 1);
    else if (count > 0)
        diag_error(diag, "Cargo.toml", 0, "not found here; change to the directory that has it:%s",
                   names.data);
    else
        diag_error(diag, "Cargo.toml", 0,
                   "not found; change to a Cargo project's directory, or create a project with "
                   "cargo init");
    if (count > 0)
        globfree(&found);
    buf_release(&names);
    return plain;
}

/* ---- The workspace ---- */

/* Whether TOML has the table [workspace], or a part of it. */
static bool has_workspace(const struct toml *toml) {
    return toml_next(toml, "workspace", NULL) != NULL ||
           toml_next(toml, "workspace.*", NULL) != NULL ||
           toml_next(toml, "workspace.*.*", NULL) != NULL;
}

/* Whether the path MEMBER is at or below one that the array PATTERN lists. */
static bool is_listed(const struct toml *toml, const char *pattern, const char *member) {
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, pattern, item)) != NULL) {
        size_t len = strlen(item->text);
        while (len > 0 && item->text[len - 1] == '/')
            len--;
        if (strncmp(item->text, member, len) == 0 && (member[len] == '\0' || member[len] == '/'))
            return true;
    }
    return false;
}

/* The last COUNT names of the path HERE. */
static const char *tail(const char *here, size_t count) {
    const char *at = here + strlen(here);
    while (at > here && count > 0)
        count -= *--at == '/';
    return *at == '/' ? at + 1 : at;
}

/* Whether the workspace that TOML, HEIGHT directories above this one, declares is the project's. */
static bool is_root(struct project *project, const struct toml *toml, size_t height) {
    char *here = realpath(".", NULL);
    if (here == NULL) {
        project->failed = true;
        return false;
    }
    struct buf member;
    join(&member, tail(here, height), height > 0 && project->directory.len > 0 ? "/" : "");
    buf_add(&member, project->directory.data,
            project->directory.len > 0 ? project->directory.len - 1 : 0);
    bool excluded = is_listed(toml, "workspace.exclude.[]", member.data) &&
                    !is_listed(toml, "workspace.members.[]", member.data);
    project->failed = project->failed || member.failed;
    buf_release(&member);
    free(here);
    return !excluded;
}

/* Reads the Cargo.toml in project->root, if the workspace there is the project's. */
static bool read_root(struct project *project, bool named) {
    if (!project_read(project, project->root.data, "Cargo.toml", &project->parent))
        return false;
    size_t height = project_height(project->root.data);
    if (has_workspace(&project->parent) && (named || is_root(project, &project->parent, height)))
        return true;
    toml_release(&project->parent);
    return false;
}

const char *project_package(const struct project *project) {
    const char *name = toml_text(&project->manifest, "package.name");
    bool plain = name != NULL && *name != '-' && name[strspn(name, PLAIN)] == '\0' &&
                 project->root.data[strspn(project->root.data, PLAIN "/")] == '\0';
    bool above = project->root.data[strspn(project->root.data, "./")] == '\0';
    return project->top == &project->parent && !above && plain ? name : NULL;
}

static void say_member(struct project *project) {
    struct buf path;
    join(&path, project->directory.data, "Cargo.toml");
    notes_say(&project->notes, path.data, 0,
              "a member of the workspace in %.*s; builds mount that directory, as cargo does",
              project->root.len > 0 ? (int)project->root.len - 1 : 1,
              project->root.len > 0 ? project->root.data : ".");
    project->failed = project->failed || path.failed;
    buf_release(&path);
}

/* Finds the root that cargo finds. */
static void find_root(struct project *project) {
    const char *named = toml_text(&project->manifest, "package.workspace");
    bool found = false;
    project->top = &project->manifest;
    buf_add_str(&project->root, project->directory.data);
    if (has_workspace(&project->manifest))
        return;
    if (named != NULL) {
        buf_add_str(&project->root, named);
        buf_add_str(&project->root, "/");
        found = read_root(project, true);
    } else {
        while (!found && project_go_up(&project->root))
            found = read_root(project, false);
    }
    if (found) {
        project->top = &project->parent;
        say_member(project);
        return;
    }
    buf_clear(&project->root);
    buf_add_str(&project->root, project->directory.data);
}

/* ---- The whole project ---- */

/* Whether the pattern of members matches PATH, which `exclude` does not list. */
static bool matches(const struct project *project, const char *pattern, const char *path) {
    if (strncmp(pattern, "./", 2) == 0)
        pattern += 2;
    return fnmatch(pattern, path, FNM_PATHNAME) == 0 &&
           !is_listed(project->top, "workspace.exclude.[]", path);
}

/* Says which patterns of members match our directories: cargo takes each one for a package. */
static void check_members(struct project *project) {
    const struct toml_item *item = NULL;
    if (project->root.len > 0)
        return;
    while ((item = toml_next(project->top, "workspace.members.[]", item)) != NULL) {
        bool mk = matches(project, item->text, "mk");
        bool target =
            matches(project, item->text, "target") || matches(project, item->text, "target/debug");
        if (mk || target)
            notes_say(&project->notes, "Cargo.toml", item->line,
                      "members = [\"%s\"] also matches %s, and cargo then fails; add "
                      "exclude = [\"mk\", \"target\"] to [workspace]",
                      item->text,
                      !target ? "mk"
                      : mk    ? "mk and target"
                              : "what is in target");
    }
}

static bool comes_by_ssh(const struct project *project) {
    static const char *const patterns[] = {
        "dependencies.*.git",          "dev-dependencies.*.git",       "build-dependencies.*.git",
        "target.*.dependencies.*.git", "workspace.dependencies.*.git", "package.[].source"};
    const struct toml *const files[] = {&project->manifest, &project->parent, &project->lock};
    for (size_t f = 0; f < sizeof files / sizeof *files; f++)
        for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
            const struct toml_item *item = NULL;
            while ((item = toml_next(files[f], patterns[i], item)) != NULL)
                if (strncmp(item->text, "ssh://", 6) == 0 || strncmp(item->text, "git@", 4) == 0 ||
                    strncmp(item->text, "git+ssh://", 10) == 0)
                    return true;
        }
    return false;
}

/* Whether DIRECTORY is or holds the user's home, which is never mounted. */
static bool holds_home(const struct buf *directory) {
    char *top = realpath(directory->len > 0 ? directory->data : ".", NULL);
    char *home = getenv("HOME") != NULL ? realpath(getenv("HOME"), NULL) : NULL;
    size_t len = top != NULL ? strlen(top) : 0;
    bool holds = home != NULL && len > 0 && strncmp(home, top, len) == 0 &&
                 (home[len] == '/' || home[len] == '\0');
    free(top);
    free(home);
    return holds;
}

/* Finds out how many directories above this one builds see: to the workspace's root, or to the top
 * of the git repository. */
static void find_reach(struct project *project) {
    struct buf at;
    buf_init(&at);
    buf_add_str(&at, project->root.data);
    project->reach = project_height(at.data);
    bool found = project_has(project, at.data, ".git");
    while (!found && project_go_up(&at))
        found = project_has(project, at.data, ".git");
    if (found && !holds_home(&at))
        project->reach = project_height(at.data);
    project->failed = project->failed || at.failed;
    buf_release(&at);
}

bool project_find(struct project *project, struct diag *diag) {
    *project = (struct project){.failed = false};
    buf_init(&project->directory);
    buf_init(&project->root);
    buf_init(&project->crates);
    plan_init(&project->plan);
    if (!project_exists("Cargo.toml") && !find_below(project, diag))
        return false;
    if (project->directory.len > 0)
        notes_say(&project->notes, "Cargo.toml", 0,
                  "found in %.*s; CACHEMK_WORKSPACE tells the rules",
                  (int)project->directory.len - 1, project->directory.data);
    project_read(project, project->directory.data, "Cargo.toml", &project->manifest);
    find_root(project);
    find_reach(project);
    project_read(project, project->root.data, "Cargo.lock", &project->lock);
    project->locked = project->lock.count > 0;
    project->ssh = comes_by_ssh(project);
    check_members(project);
    paths_check(project, project->root.data, project->top);
    programs_find(project);
    packages_find(project);
    toolchain_find(project);
    cross_find(project);
    config_check(project);
    paths_check_links(project);
    makefile_check(project);
    return true;
}

bool project_failed(const struct project *project) {
    return project->failed || project->notes.failed || project->directory.failed ||
           project->root.failed || project->crates.failed || plan_failed(&project->plan);
}

void project_release(struct project *project) {
    buf_release(&project->directory);
    buf_release(&project->root);
    buf_release(&project->crates);
    toml_release(&project->manifest);
    toml_release(&project->parent);
    toml_release(&project->lock);
    notes_release(&project->notes);
    plan_release(&project->plan);
}
