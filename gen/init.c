#include "init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "escape.h"
#include "file.h"
#include "mustache.h"
#include "output.h"
#include "project.h"

/* ---- The template's values ---- */

/* A section of a flag is rendered once for a text, and not at all without. */
static struct mustache_value flag(bool is_set) {
    const char *text = is_set ? "yes" : "";
    return (struct mustache_value){.type = MUSTACHE_TEXT, .text = text, .len = strlen(text)};
}

static struct mustache_value text_of(const struct buf *buf) {
    return (struct mustache_value){.type = MUSTACHE_TEXT, .text = buf->data, .len = buf->len};
}

static bool get_fact(const void *object, const char *name, size_t len,
                     struct mustache_value *value) {
    const struct project *project = object;
    const struct {
        const char *name;
        struct mustache_value value;
    } values[] = {
        {"version", project->is_version ? text_of(&project->channel) : flag(false)},
        {"channel", project->is_version ? flag(false) : text_of(&project->channel)},
        {"packages", text_of(&project->packages)},
        {"glibc_setup", text_of(&project->glibc_setup)},
        {"musl_setup", text_of(&project->musl_setup)},
        {"ssh", flag(project->ssh)},
        {"workspace", flag(project->workspace)},
        {"library", flag(project->library)},
        {"programs", flag(project->programs)},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strlen(values[i].name) == len && memcmp(values[i].name, name, len) == 0) {
            *value = values[i].value;
            return true;
        }
    }
    return false;
}

/* The template has none. */
static bool no_partial(void *partials, const char *name, const char **text, size_t *len,
                       const char **file) {
    (void)partials, (void)name, (void)text, (void)len, (void)file;
    return false;
}

static bool render(const struct project *project, const struct template *t, struct buf *out,
                   struct diag *diag) {
    struct mustache m = {
        .get = get_fact, .escape = escape_text, .partial = no_partial, .strict = true};
    struct mustache_value root = {.type = MUSTACHE_OBJECT, .object = project};
    return mustache_render(&m, t->path, t->text, t->len, &root, out, diag);
}

bool init_targets(struct templates *templates, struct buf *out, struct diag *diag) {
    if (project_exists("targets.ini")) {
        diag_error(diag, "targets.ini", 0, "already exists; edit it, and run cachemk");
        return false;
    }
    if (!project_exists("Cargo.toml")) {
        diag_error(diag, "Cargo.toml", 0,
                   "not found; change to a Cargo project's directory, or create a project with "
                   "cargo init");
        return false;
    }
    const struct template *t = templates_open(templates, "init");
    if (t == NULL)
        return false;
    struct project project;
    project_look(&project);
    bool rendered = !project_failed(&project) && render(&project, t, out, diag);
    if (project_failed(&project))
        diag_no_memory(diag);
    project_release(&project);
    return rendered;
}

/* ---- The Makefile ---- */

bool init_folder(struct diag *diag) {
    struct stat status;
    if (mkdir("mk", 0777) == 0)
        return true;
    if (errno != EEXIST || stat("mk", &status) != 0)
        diag_error(diag, "mk", 0, "cannot create the directory: %s", strerror(errno));
    else if (!S_ISDIR(status.st_mode))
        diag_error(diag, "mk", 0, "not a directory; rename it");
    else
        return true;
    return false;
}

#define INCLUDE "include mk/cache.mk\n"

static const char new_makefile[] =
    "# The build rules are in mk/cache.mk; `make` lists them.\n" INCLUDE
    ".DEFAULT_GOAL := help-cache\n";

/* The makefile that make would read; NULL if there is none. */
static const char *find_makefile(void) {
    static const char *const names[] = {"GNUmakefile", "makefile", "Makefile"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (project_exists(names[i]))
            return names[i];
    return NULL;
}

static bool is_one_of(const char *const *names, size_t count, const char *name, size_t len) {
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* The rules that a target has.  The first six are there for all targets, too, and those from
 * list-cache on without a target. */
static const char *const generated[] = {
    "prepare",       "fetch",        "build",        "test",         "check",
    "clippy",        "run",          "shell",        "backup-cache", "restore-cache",
    "pull-images",   "list-cache",   "cache-stats",  "clean-cache",  "prune-cache",
    "inspect-cache", "verify-cache", "clean-images", "doctor"};
enum { RULE_COUNT = sizeof generated / sizeof *generated, FOR_ALL = 6, WITHOUT_TARGET = 11 };

/* Whether a rule of the generated makefile has this name, with the targets of the template. */
static bool is_generated(const char *name, size_t len) {
    static const char *const others[] = {"pull-images", "help-cache", "help-cache-all"};
    static const char *const targets[] = {
        "linux-x64",    "linux-arm64", "linux-musl-x64", "linux-musl-arm64", "alpine-x64",
        "alpine-arm64", "all"};
    size_t count = sizeof targets / sizeof *targets;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        size_t rule = strlen(generated[i]);
        if (rule < len && strncmp(name, generated[i], rule) == 0 && name[rule] == '-' &&
            is_one_of(targets, i < FOR_ALL ? count : count - 1, name + rule + 1, len - rule - 1))
            return true;
    }
    return is_one_of(generated + WITHOUT_TARGET, RULE_COUNT - WITHOUT_TARGET, name, len) ||
           is_one_of(others, sizeof others / sizeof *others, name, len);
}

/* Appends to OUT the rules in LINE of a makefile that have the names of generated ones. */
static void add_clashes(struct buf *out, const char *line) {
    size_t end = strcspn(line, ":=#\t\n");
    if (line[end] != ':' || line[end + 1] == '=')
        return;
    for (size_t at = strspn(line, " "); at < end; at += strspn(line + at, " ")) {
        size_t len = strcspn(line + at, " :");
        if (is_generated(line + at, len)) {
            buf_add_str(out, " ");
            buf_add(out, line + at, len);
        }
        at += len;
    }
}

/* Prints the rules of MAKEFILE that have the names of generated ones: make runs one of the two.
 * False after reporting that memory ran out. */
static bool print_clashes(const char *makefile, struct diag *diag) {
    struct buf text, rules;
    buf_init(&text);
    buf_init(&rules);
    if (file_read(makefile, &text))
        for (const char *line = text.data; line != NULL && *line != '\0';) {
            add_clashes(&rules, line);
            line = strchr(line, '\n');
            if (line != NULL)
                line++;
        }
    if (rules.len > 0)
        printf("%s has rules with the names of generated ones:%s\n"
               "Rename them, or see docs/migration.md of cachemk.\n\n",
               makefile, rules.data);
    bool done = !text.failed && !rules.failed;
    if (!done)
        diag_no_memory(diag);
    buf_release(&text);
    buf_release(&rules);
    return done;
}

bool init_makefile(struct diag *diag) {
    struct utsname host;
    bool arm64 = uname(&host) == 0 && strcmp(host.machine, "aarch64") == 0;
    const char *makefile = find_makefile();
    printf("Wrote targets.ini, mk/cache.mk and mk/cache.sh.\n");
    if (makefile == NULL) {
        if (!output_write("Makefile", OUTPUT_TOUCH, new_makefile, strlen(new_makefile), diag))
            return false;
        printf("Wrote Makefile, which includes mk/cache.mk.\n");
    } else if (!project_file_has(makefile, "mk/cache.mk")) {
        printf("Add this line to %s, wherever you like:\n\n%s\n", makefile, INCLUDE);
    }
    if (makefile != NULL && !print_clashes(makefile, diag))
        return false;
    printf("Then: make build-%s\n", arm64 ? "linux-arm64" : "linux-x64");
    return true;
}
