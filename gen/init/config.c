#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "project.h"

static const char *const names[] = {"config", "config.toml"}; /* cargo takes the first */

/* Appends the name of the variable that sets the key PART of a target's table. */
static void add_variable(struct buf *out, const char *triple, const char *part) {
    static const char from[] = "abcdefghijklmnopqrstuvwxyz-.",
                      to[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ__";
    buf_add_str(out, "CARGO_TARGET_");
    for (; *triple != '\0'; triple++) {
        const char *at = strchr(from, *triple);
        buf_add(out, at != NULL ? to + (at - from) : triple, 1);
    }
    buf_add_str(out, part);
}

/* Whether the base image for TRIPLE lacks the linker: it has `cc`, `gcc` and, for glibc, gcc under
 * the name of its own processor, such as aarch64-linux-gnu-gcc. */
static bool is_foreign(const char *linker, const char *triple) {
    static const char gcc[] = "-linux-gnu-gcc";
    const char *name = strrchr(linker, '/') != NULL ? strrchr(linker, '/') + 1 : linker;
    size_t processor = strcspn(triple, "-");
    if (strncmp(name, triple, processor) == 0 && strcmp(name + processor, gcc) == 0 &&
        strstr(triple, "-gnu") != NULL)
        return false;
    return strcmp(name, "cc") != 0 && strcmp(name, "gcc") != 0 && strcmp(name, "rust-lld") != 0;
}

static void check_linker(struct project *project, const struct toml *toml, const char *path,
                         const char *triple) {
    struct buf pattern, variable;
    buf_init(&pattern);
    buf_init(&variable);
    buf_add_str(&pattern, "target.");
    buf_add_str(&pattern, triple);
    buf_add_str(&pattern, ".linker");
    add_variable(&variable, triple, "_LINKER");
    const struct toml_item *item = toml_next(toml, pattern.data, NULL);
    if (item != NULL && is_foreign(item->text, triple))
        notes_say(&project->notes, path, item->line,
                  "linker '%s' is not in the images; install it in setup, or set "
                  "env = %s=cc",
                  item->text, variable.data);
    project->failed = project->failed || pattern.failed || variable.failed;
    buf_release(&pattern);
    buf_release(&variable);
}

/* Whether ITEM, in a table of targets, is for one of ours; of those that cfg() describes, only such
 * as name another system are not. */
static bool is_ours(const struct project *project, const struct toml_item *item) {
    static const char *const others[] = {"windows", "msvc", "macos", "apple",
                                         "ios",     "wasm", "bsd",   "android"};
    size_t len;
    const char *key = toml_part(item, 1, &len);
    if (key == NULL)
        return false;
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        const char *triple = project->plan.targets[i].row->triple;
        if (strlen(triple) == len && memcmp(triple, key, len) == 0)
            return true;
    }
    if (strncmp(key, "cfg(", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *found = strstr(key, others[i]);
        if (found != NULL && found < key + len && strstr(key, "not(") == NULL)
            return false;
    }
    return true;
}

/* A runner starts programs and tests in the container. */
static void check_runner(struct project *project, const struct toml *toml, const char *path,
                         const char *pattern) {
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, pattern, item)) != NULL) {
        bool relative = item->text[0] != '/' && item->text[strcspn(item->text, " /")] == '/';
        if (item->kind == TOML_STRING && is_ours(project, item) && !relative)
            notes_say(&project->notes, path, item->line,
                      "runner '%s' may not be in the images, or not work in a container; install "
                      "it in setup, or set env = CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER=env",
                      item->text);
        if (strstr(pattern, "[]") != NULL)
            return;
    }
}

/* Flags that make the linker call another one. */
static void check_flags(struct project *project, const struct toml *toml, const char *path,
                        const char *pattern) {
    static const char *const linkers[] = {"mold", "lld", "wild"};
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, pattern, item)) != NULL)
        for (size_t i = 0; i < sizeof linkers / sizeof *linkers; i++) {
            if (strstr(item->text, "fuse-ld=") == NULL && strstr(item->text, "ld-path") == NULL)
                continue;
            if (strstr(item->text, linkers[i]) == NULL ||
                (strncmp(pattern, "target.", 7) == 0 && !is_ours(project, item)))
                continue;
            notes_say(&project->notes, path, item->line,
                      "the linker %s is not in the images; install it in setup, or set "
                      "env = RUSTFLAGS= to do without these flags",
                      linkers[i]);
            return;
        }
}

/* Whether a dependency comes from a git repository. */
static bool has_git(const struct project *project) {
    static const char *const patterns[] = {"dependencies.*.git", "workspace.dependencies.*.git"};
    const struct toml_item *item = NULL;
    while ((item = toml_next(&project->lock, "package.[].source", item)) != NULL)
        if (strncmp(item->text, "git+", 4) == 0)
            return true;
    for (size_t i = 0; !project->locked && i < sizeof patterns / sizeof *patterns; i++)
        if (toml_next(&project->manifest, patterns[i], NULL) != NULL ||
            toml_next(project->top, patterns[i], NULL) != NULL)
            return true;
    return false;
}

/* Cargo may be told to fetch with the program git, which Alpine's images lack. */
static void check_fetch(struct project *project, const struct toml *toml, const char *path) {
    const struct toml_item *item = toml_next(toml, "net.git-fetch-with-cli", NULL);
    if (item == NULL || strcmp(item->text, "true") != 0 || !has_git(project))
        return;
    notes_comment(&project->notes, "%s needs git (Alpine), for git-fetch-with-cli", path);
    plan_add_packages(&project->plan, "", "", false, "git");
}

static void check_config(struct project *project, const struct toml *toml, const char *path) {
    static const char *const wrappers[] = {"build.rustc-wrapper", "build.rustc-workspace-wrapper",
                                           "build.rustc"};
    static const char *const variables[] = {"RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTC"};
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        const struct toml_item *item = toml_next(toml, wrappers[i], NULL);
        if (item != NULL)
            notes_say(&project->notes, path, item->line,
                      "%s '%s' is not in the images; set env = %s=%s in targets.ini%s",
                      wrappers[i] + strlen("build."), item->text, variables[i],
                      i == 2 ? "rustc" : "",
                      strstr(item->text, "sccache") != NULL ? ", or use the key sccache" : "");
    }
    for (size_t i = 0; i < PLAN_COUNT; i++)
        check_linker(project, toml, path, project->plan.targets[i].row->triple);
    static const char *const flags[] = {"build.rustflags", "build.rustflags.[]",
                                        "target.*.rustflags", "target.*.rustflags.[]"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        check_flags(project, toml, path, flags[i]);
    check_runner(project, toml, path, "target.*.runner");
    check_runner(project, toml, path, "target.*.runner.[]");
    check_fetch(project, toml, path);
}

/* ---- Registries ---- */

/* Says which registries of the dependencies in TOML the configuration in CONFIGS does not have. */
static void check_registries(struct project *project, const struct toml *toml,
                             const struct buf *known) {
    static const char *const patterns[] = {
        "dependencies.*.registry", "dev-dependencies.*.registry", "build-dependencies.*.registry",
        "target.*.dependencies.*.registry", "workspace.dependencies.*.registry"};
    struct buf said, name;
    buf_init(&said);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        for (const struct toml_item *item = NULL;
             (item = toml_next(toml, patterns[i], item)) != NULL;) {
            buf_init(&name);
            buf_add_str(&name, "\n");
            buf_add_str(&name, item->text);
            buf_add_str(&name, "\n");
            if (strcmp(item->text, "crates-io") != 0 && strstr(known->data, name.data) == NULL &&
                strstr(said.data, name.data) == NULL) {
                notes_say(&project->notes, "Cargo.toml", item->line,
                          "registry '%s' is not in the project's .cargo/config.toml; add "
                          "[registries.%s] there, as builds do not see ~/.cargo",
                          item->text, item->text);
                buf_add_str(&said, name.data);
            }
            project->failed = project->failed || name.failed;
            buf_release(&name);
        }
    }
    project->failed = project->failed || said.failed;
    buf_release(&said);
}

/* Appends the names of the registries that TOML declares. */
static void add_registries(struct buf *known, const struct toml *toml) {
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, "registries.*", item)) != NULL) {
        buf_add_str(known, "\n");
        buf_add_str(known, toml_key(item));
        buf_add_str(known, "\n");
    }
}

/* ---- Files ---- */

/* Whether DIRECTORY is the user's home directory, in which .cargo is cargo's own. */
static bool is_home(const char *directory) {
    const char *home = getenv("HOME");
    if (*directory == '\0')
        directory = ".";
    return home != NULL && file_is_same(directory, home);
}

/* Checks the file in DIRECTORY, and appends its registries to KNOWN. */
static void check_directory(struct project *project, const char *directory, struct buf *known) {
    struct buf below, path;
    buf_init(&below);
    buf_add_str(&below, directory);
    buf_add_str(&below, ".cargo/");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!project_has(project, below.data, names[i]) || is_home(directory))
            continue;
        buf_init(&path);
        buf_add_str(&path, below.data);
        buf_add_str(&path, names[i]);
        struct toml toml;
        project_read(project, below.data, names[i], &toml);
        if (project_height(directory) > project->reach) {
            notes_say(&project->notes, path.data, 0,
                      "above the mounted directories, so builds do not see it; copy what they need "
                      "to .cargo/config.toml here");
        } else {
            check_config(project, &toml, path.data);
            add_registries(known, &toml);
        }
        toml_release(&toml);
        project->failed = project->failed || path.failed;
        buf_release(&path);
        break;
    }
    project->failed = project->failed || below.failed;
    buf_release(&below);
}

void config_check(struct project *project) {
    struct buf directory, known;
    buf_init(&directory);
    buf_init(&known);
    buf_add_str(&directory, project->directory.data);
    do
        check_directory(project, directory.data, &known);
    while (project_go_up(&directory));
    check_registries(project, &project->manifest, &known);
    check_registries(project, &project->parent, &known);
    project->failed = project->failed || directory.failed || known.failed;
    buf_release(&directory);
    buf_release(&known);
}
