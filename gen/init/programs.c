#include "programs.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "packages.h"
#include "paths.h"
#include "project.h"

enum { SHOWN_MAX = 8 }; /* names in a comment */

/* What is built by default, of one package or of several. */
struct products {
    struct project *project;
    struct buf names; /* of programs, with commas */
    size_t programs;
    size_t packages;
    size_t default_runs;  /* packages that set it; cargo run wants just one */
    struct buf libraries; /* crate types */
    struct buf seen;      /* the names of one package's programs, a line each */
};

static bool has_line(const struct buf *lines, const char *line, size_t len) {
    for (const char *at = lines->data; *at != '\0'; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") == len && memcmp(at, line, len) == 0)
            return true;
    return false;
}

static void add_program(struct products *products, const char *name, size_t len) {
    if (has_line(&products->seen, name, len))
        return;
    buf_add(&products->seen, name, len);
    buf_add_str(&products->seen, "\n");
    products->programs++;
    if (products->programs > SHOWN_MAX)
        return;
    if (products->programs > 1)
        buf_add_str(&products->names, ", ");
    buf_add(&products->names, name, len);
}

/* A directory that cannot be read has no programs; without memory, one cannot tell. */
static int stops_glob(const char *path, int reason) {
    (void)path;
    return reason == ENOMEM;
}

/* Runs glob on PATTERN in DIRECTORY; the caller frees FOUND, whatever is returned. */
static size_t find(struct project *project, const char *directory, const char *pattern,
                   glob_t *found) {
    struct buf path;
    buf_init(&path);
    buf_add_str(&path, directory);
    buf_add_str(&path, pattern);
    *found = (glob_t){.gl_pathc = 0};
    int status = path.failed ? GLOB_NOSPACE : glob(path.data, 0, stops_glob, found);
    project->failed = project->failed || status == GLOB_NOSPACE || status == GLOB_ABORTED;
    buf_release(&path);
    return status == 0 ? found->gl_pathc : 0;
}

/* Adds those that cargo finds in src/bin: a.rs, and b/main.rs. */
static void add_found(struct products *products, const char *directory) {
    static const char *const patterns[] = {"src/bin/*.rs", "src/bin/*/main.rs"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        glob_t found;
        size_t count = find(products->project, directory, patterns[i], &found);
        for (size_t n = 0; n < count; n++) {
            const char *name = found.gl_pathv[n] + strlen(directory) + strlen("src/bin/");
            add_program(products, name, strcspn(name, i == 0 ? "." : "/"));
        }
        globfree(&found);
    }
}

static void add_programs(struct products *products, const char *directory,
                         const struct toml *toml) {
    const char *name = toml_text(toml, "package.name");
    bool own_main = false;
    buf_clear(&products->seen);
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, "bin.[].path", item)) != NULL)
        own_main = own_main || strcmp(item->text, "src/main.rs") == 0;
    while ((item = toml_next(toml, "bin.[].name", item)) != NULL)
        add_program(products, item->text, strlen(item->text));
    item = toml_next(toml, "package.autobins", NULL);
    if (name == NULL || (item != NULL && strcmp(item->text, "false") == 0))
        return;
    if (!own_main && project_has(products->project, directory, "src/main.rs"))
        add_program(products, name, strlen(name));
    add_found(products, directory);
}

static void add_library(struct products *products, const struct toml *toml) {
    static const char *const patterns[] = {"lib.crate-type.[]", "lib.crate_type.[]"};
    static const char *const types[] = {"cdylib", "staticlib"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (const struct toml_item *item = NULL;
             (item = toml_next(toml, patterns[i], item)) != NULL;)
            for (size_t t = 0; t < sizeof types / sizeof *types; t++)
                if (strcmp(item->text, types[t]) == 0 &&
                    strstr(products->libraries.data, types[t]) == NULL) {
                    buf_add_str(&products->libraries, products->libraries.len > 0 ? ", " : "");
                    buf_add_str(&products->libraries, types[t]);
                }
}

static void add_package(struct products *products, const char *directory, const struct toml *toml) {
    products->packages++;
    products->default_runs += toml_text(toml, "package.default-run") != NULL;
    packages_gather(products->project, toml);
    if (toml != products->project->top)
        paths_check(products->project, directory, toml);
    add_programs(products, directory, toml);
    add_library(products, toml);
}

static bool is_excluded(const struct toml *root, const char *path) {
    const struct toml_item *item = NULL;
    while ((item = toml_next(root, "workspace.exclude.[]", item)) != NULL) {
        size_t len = strlen(item->text);
        if (strncmp(item->text, path, len) == 0 && (path[len] == '\0' || path[len] == '/'))
            return true;
    }
    return false;
}

/* Adds the packages that the array PATTERN lists, by name or by glob. */
static void add_members(struct products *products, const char *pattern) {
    struct project *project = products->project;
    const char *root = project->root.data;
    for (const struct toml_item *item = NULL;
         (item = toml_next(project->top, pattern, item)) != NULL;) {
        glob_t found;
        size_t count = find(project, root, item->text, &found);
        for (size_t i = 0; i < count; i++) {
            struct toml toml;
            struct buf directory;
            buf_init(&directory);
            buf_add_str(&directory, found.gl_pathv[i]);
            buf_add_str(&directory, "/");
            if (!is_excluded(project->top, found.gl_pathv[i] + strlen(root)) &&
                project_read(project, directory.data, "Cargo.toml", &toml)) {
                add_package(products, directory.data, &toml);
                toml_release(&toml);
            }
            project->failed = project->failed || directory.failed;
            buf_release(&directory);
        }
        globfree(&found);
    }
}

/* ---- Saying it ---- */

/* MEMBERS: a build builds them, and not only the package at the root. */
static void say_workspace(const struct products *products, bool members) {
    notes_comment(&products->project->notes,
                  "This is a workspace: a build builds %s; set cargo_args = -p MEMBER for one "
                  "member%s",
                  members ? "its default members" : "the package at its root",
                  members ? "." : ", or --workspace for all.");
}

static void say_programs(const struct products *products) {
    struct notes *notes = &products->project->notes;
    if (products->programs < 2)
        return;
    char more[40] = "";
    if (products->programs > SHOWN_MAX)
        snprintf(more, sizeof more, " and %zu more", products->programs - SHOWN_MAX);
    notes_comment(notes,
                  products->default_runs == 1
                      ? "The programs are %s%s. make run-linux-x64 runs the one that default-run "
                        "names; another: make run-linux-x64 CARGO_FLAGS=--bin=NAME."
                      : "There are several programs (%s%s): make run-linux-x64 "
                        "CARGO_FLAGS=--bin=NAME.",
                  products->names.data, more);
}

/* musl's programs are static by default, and then there are no shared libraries. */
static void say_library(const struct products *products) {
    struct project *project = products->project;
    if (products->libraries.len == 0) {
        project->library = products->programs == 0 && products->packages > 0;
        if (project->library)
            notes_comment(&project->notes, "There is no program here: run make test-linux-x64 or "
                                           "check-linux-x64 rather than a build.");
        return;
    }
    notes_comment(&project->notes,
                  "A build makes a library for other languages (%s), in target/TRIPLE/release/.",
                  products->libraries.data);
    if (products->programs > 0 || strstr(products->libraries.data, "cdylib") == NULL)
        return;
    notes_comment(&project->notes, "Shared libraries for musl need the RUSTFLAGS below: by "
                                   "default, Rust links everything for musl statically.");
    for (size_t i = 0; i < PLAN_COUNT; i++)
        if (project->plan.targets[i].row->alpine)
            plan_add_env(&project->plan.targets[i], "RUSTFLAGS=-Ctarget-feature=-crt-static");
}

void programs_find(struct project *project) {
    struct products products = {.project = project};
    buf_init(&products.names);
    buf_init(&products.libraries);
    buf_init(&products.seen);
    bool is_root = project->top == &project->manifest, members = true;
    if (is_root && toml_next(project->top, "workspace.default-members", NULL) != NULL) {
        add_members(&products, "workspace.default-members.[]");
    } else if (toml_next(&project->manifest, "package", NULL) != NULL) {
        members = false;
        add_package(&products, project->directory.data, &project->manifest);
    } else {
        add_members(&products, "workspace.members.[]");
    }
    if (is_root && toml_next(project->top, "workspace.members", NULL) != NULL)
        say_workspace(&products, members);
    say_programs(&products);
    say_library(&products);
    project->failed = project->failed || products.names.failed || products.libraries.failed ||
                      products.seen.failed;
    buf_release(&products.names);
    buf_release(&products.libraries);
    buf_release(&products.seen);
}
