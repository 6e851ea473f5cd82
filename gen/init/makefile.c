#include "makefile.h"

#include <string.h>

#include "file.h"
#include "project.h"

const char *makefile_find(void) {
    static const char *const names[] = {"GNUmakefile", "makefile", "Makefile"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (project_exists(names[i]))
            return names[i];
    return NULL;
}

bool makefile_includes(const char *path) {
    struct buf text;
    buf_init(&text);
    bool has = file_read(path, &text) && strstr(text.data, "mk/cache.mk") != NULL;
    buf_release(&text);
    return has;
}

void makefile_add_lines(const struct project *project, struct buf *out) {
    const struct buf *workspace =
        project_package(project) != NULL ? &project->root : &project->directory;
    if (workspace->len > 0) {
        buf_add_str(out, "CACHEMK_WORKSPACE = ");
        buf_add(out, workspace->data, workspace->len - 1);
        buf_add_str(out, "\n");
    }
    buf_add_str(out, "include mk/cache.mk\n");
}

/* ---- Rules of the same names ---- */

static bool is_one_of(const char *const *names, size_t count, const char *name, size_t len) {
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* The rules that a target has.  The first eight are there for all targets, too, and those from
 * pull-images on without a target. */
static const char *const generated[] = {
    "prepare",     "fetch",       "build",         "test",         "check",        "clippy",
    "cargo",       "dist",        "run",           "shell",        "backup-cache", "restore-cache",
    "push-cache",  "pull-cache",  "pull-images",   "push-images",  "list-cache",   "cache-stats",
    "clean-cache", "prune-cache", "inspect-cache", "verify-cache", "clean-images", "doctor"};
enum { RULE_COUNT = sizeof generated / sizeof *generated, FOR_ALL = 8, WITHOUT_TARGET = 14 };

/* Whether a rule of the generated makefile has this name, with the targets of the template. */
static bool is_generated(const char *name, size_t len) {
    static const char *const others[] = {"help-cache", "help-cache-all"};
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

static bool has_word(const char *words, const char *word, size_t len) {
    for (size_t next; *(words += strspn(words, " ")) != '\0'; words += next) {
        next = strcspn(words, " ");
        if (next == len && memcmp(words, word, len) == 0)
            return true;
    }
    return false;
}

/* Appends to OUT the rules in LINE of a makefile that have the names of generated ones. */
static void add_clashes(struct buf *out, const char *line) {
    size_t end = strcspn(line, ":=#\t\n");
    if (line[end] != ':' || line[end + 1] == '=')
        return;
    for (size_t at = strspn(line, " "); at < end; at += strspn(line + at, " ")) {
        size_t len = strcspn(line + at, " :");
        if (is_generated(line + at, len) && !has_word(out->data, line + at, len)) {
            buf_add_str(out, " ");
            buf_add(out, line + at, len);
        }
        at += len;
    }
}

/* ---- Caches and commands ---- */

#define NAME "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* Appends the names of the caches in LINE, whose volumes are called cargo-cache-NAME and
 * cargo-git-cache-NAME, to NAMES, a line each; returns whether there is one of a name that only
 * make knows. */
static bool add_caches(struct buf *names, const char *line) {
    static const char *const starts[] = {"cargo-cache-", "cargo-git-cache-"};
    bool unknown = false;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        for (const char *at = line; (at = strstr(at, starts[i])) != NULL;) {
            at += strlen(starts[i]);
            size_t len = strspn(at, NAME);
            struct buf name;
            buf_init(&name);
            buf_add_str(&name, "\n");
            buf_add(&name, at, len);
            buf_add_str(&name, "\n");
            unknown = unknown || len == 0 || at[len] == '$';
            if (len > 0 && at[len] != '$' && strstr(names->data, name.data) == NULL)
                buf_add(names, name.data + (names->len > 0), name.len - (names->len > 0));
            names->failed = names->failed || name.failed;
            buf_release(&name);
        }
    return unknown;
}

/* The target whose name, alias or cache is NAME. */
static struct plan_target *target_named(struct plan *plan, const char *name) {
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        const struct plan_row *row = plan->targets[i].row;
        if (strcmp(name, row->name) == 0 || strcmp(name, row->aliases) == 0 ||
            strcmp(name, row->cache) == 0 || strcmp(name, row->triple) == 0)
            return &plan->targets[i];
    }
    return NULL;
}

static void set_cache(struct plan_target *target, const char *name) {
    buf_clear(&target->cache);
    buf_add_str(&target->cache, name);
}

/* Gives each target the cache of its name, or all of them the only one that there is. */
static void take_cache(struct project *project, const char *makefile, const char *name, bool only) {
    struct plan_target *target = target_named(&project->plan, name);
    if (!plan_takes(KEY_CACHE, name))
        return;
    if (target != NULL) {
        set_cache(target, name);
        notes_say(&project->notes, makefile, 0,
                  "its volumes cargo-cache-%s and cargo-git-cache-%s "
                  "are used for %s",
                  name, name, target->row->name);
        return;
    }
    if (only)
        for (size_t i = 0; i < PLAN_COUNT; i++)
            set_cache(&project->plan.targets[i], name);
    notes_say(&project->notes, makefile, 0,
              only ? "its volumes cargo-cache-%s and cargo-git-cache-%s are used for all targets"
                   : "its volumes cargo-cache-%s and cargo-git-cache-%s are not used; set cache to "
                     "this name where they belong",
              name, name);
}

static void take_caches(struct project *project, const char *makefile, struct buf *names) {
    bool only = names->len > 1 && strchr(names->data + 1, '\n') == names->data + names->len - 1;
    char *name = names->data + (names->len > 0);
    for (char *end; (end = strchr(name, '\n')) != NULL; name = end + 1) {
        *end = '\0';
        take_cache(project, makefile, name, only);
    }
}

/* Whether LINE, with those that continue it, starts cargo in a container. */
static bool runs_container(const char *line) {
    return strstr(line, " run ") != NULL &&
           (strstr(line, "docker") != NULL || strstr(line, "podman") != NULL ||
            strstr(line, "DOCKER") != NULL) &&
           (strstr(line, "cargo") != NULL || strstr(line, "rust") != NULL);
}

static bool runs_cross(const char *line) {
    static const char *const commands[] = {"cross build", "cross test",  "cross run",
                                           "cross check", "cross rustc", "cross clippy",
                                           "cross +"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const char *at = strstr(line, commands[i]);
        if (at != NULL && (at == line || strchr(" \t@-;&(", at[-1]) != NULL))
            return true;
    }
    return false;
}

/* Whether LINE sets the variable NAME to a value with one of the words. */
static bool sets(const char *line, const char *name, const char *const *words, size_t count) {
    line += strspn(line, " ");
    if (strncmp(line, "export ", 7) == 0)
        line += 7;
    size_t len = strlen(name);
    const char *value = line + strcspn(line, "=");
    if (strncmp(line, name, len) != 0 || strchr(" :?=", line[len]) == NULL || *value == '\0')
        return false;
    for (size_t i = 0; i < count; i++)
        if (strstr(value, words[i]) != NULL)
            return true;
    return false;
}

/* What is found in a Makefile, line by line. */
struct findings {
    struct buf clashes;
    struct buf caches;
    size_t container, cross; /* the first line that runs one */
    size_t flags;            /* the one that asks the shell for pipefail */
    bool has_shell;          /* SHELL is set to one that knows it */
    size_t unknown;          /* the first line with a cache's name that only make knows */
};

/* Takes one line, which begins at START and continues while lines end with a backslash; returns
 * the next one, and counts LINE up. */
static char *take_line(struct findings *f, char *start, size_t *line) {
    char *end = start;
    size_t lines = 1;
    while ((end = strchr(end, '\n')) != NULL && end > start && end[-1] == '\\') {
        lines++;
        end++;
    }
    if (end != NULL)
        *end = '\0';
    if (start[strspn(start, " \t")] != '#') {
        static const char *const option[] = {"pipefail"}, *const shells[] = {"bash", "zsh", "ksh"};
        f->has_shell = f->has_shell || sets(start, "SHELL", shells, 3);
        if (f->flags == 0 && sets(start, ".SHELLFLAGS", option, 1))
            f->flags = *line;
        add_clashes(&f->clashes, start);
        if (add_caches(&f->caches, start) && f->unknown == 0)
            f->unknown = *line;
        if (f->container == 0 && runs_container(start))
            f->container = *line;
        if (f->cross == 0 && runs_cross(start))
            f->cross = *line;
    }
    *line += lines;
    return end != NULL ? end + 1 : NULL;
}

static void say_findings(struct project *project, const char *makefile, struct findings *f) {
    struct notes *notes = &project->notes;
    if (f->clashes.len > 0)
        notes_say(notes, makefile, 0,
                  "has rules with the names of generated ones; rename them, or see cachemk's "
                  "docs/migration.md:%s",
                  f->clashes.data);
    if (f->flags > 0 && !f->has_shell)
        notes_say(
            notes, makefile, f->flags,
            "asks the shell for pipefail, which many a /bin/sh does not know; set SHELL := bash");
    if (f->container > 0)
        notes_say(notes, makefile, f->container,
                  "runs cargo in a container; cachemk's docs/migration.md says what replaces this");
    if (f->cross > 0)
        notes_say(notes, makefile, f->cross,
                  "runs cross; cachemk's docs/migration.md says what replaces this");
    if (f->unknown > 0)
        notes_say(notes, makefile, f->unknown,
                  "mounts volumes of a name that only make knows; set cache in targets.ini to use "
                  "them");
    take_caches(project, makefile, &f->caches);
}

void makefile_check(struct project *project) {
    const char *makefile = makefile_find();
    if (makefile == NULL)
        return;
    struct buf text;
    struct findings findings = {.container = 0};
    buf_init(&text);
    buf_init(&findings.clashes);
    buf_init(&findings.caches);
    size_t line = 1;
    if (!file_read(makefile, &text))
        notes_say(&project->notes, makefile, 0,
                  "cannot be read; check for rules of the same names");
    else if (text.len > 0)
        for (char *at = text.data; at != NULL && *at != '\0';)
            at = take_line(&findings, at, &line);
    say_findings(project, makefile, &findings);
    project->failed =
        project->failed || text.failed || findings.clashes.failed || findings.caches.failed;
    buf_release(&text);
    buf_release(&findings.clashes);
    buf_release(&findings.caches);
}
