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

/* What the template asks for; see init.h. */
struct facts {
    struct buf channel; /* what the toolchain file asks for, or nothing */
    bool is_version;
    bool ssh;
    bool openssl;
    bool workspace;
    bool library;
    bool arm64;
};

/* ---- Looking at the project ---- */

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* Whether a file has TEXT in it; one that cannot be read has not. */
static bool file_has(const char *path, const char *text) {
    struct buf content;
    buf_init(&content);
    bool has = file_read(path, &content) && strstr(content.data, text) != NULL;
    buf_release(&content);
    return has;
}

/* Where the channel is in a toolchain file: after `channel =` and a quote, at the start of a line,
 * or, in the old form, alone. */
static const char *find_channel(const char *text) {
    static const char key[] = "channel";
    if (strchr(text, '[') == NULL)
        return text + strspn(text, " \t\r\n");
    while (text != NULL) {
        text += strspn(text, " \t\r\n");
        if (strncmp(text, key, strlen(key)) == 0)
            return text + strlen(key) + strspn(text + strlen(key), " \t=\"'");
        text = strchr(text, '\n');
    }
    return "";
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Of the two toolchain files rustup takes the first.  `stable` is what images have anyway. */
static void find_toolchain(struct facts *facts) {
    struct buf text;
    buf_init(&text);
    if (file_read("rust-toolchain", &text) || file_read("rust-toolchain.toml", &text)) {
        const char *name = find_channel(text.data);
        size_t len = strspn(name, DIGITS LETTERS ".-_");
        facts->is_version = len > 0 && strspn(name, DIGITS ".") == len;
        if (len != strlen("stable") || memcmp(name, "stable", len) != 0)
            buf_add(&facts->channel, name, len);
    }
    buf_release(&text);
}

static void look(struct facts *facts) {
    struct utsname host;
    *facts = (struct facts){
        .workspace = file_has("Cargo.toml", "[workspace]"),
        .openssl = file_has("Cargo.lock", "name = \"openssl-sys\""),
        .arm64 = uname(&host) == 0 && strcmp(host.machine, "aarch64") == 0,
    };
    buf_init(&facts->channel);
    facts->ssh = file_has("Cargo.toml", "\"ssh://") || file_has("Cargo.toml", "\"git@") ||
                 file_has("Cargo.lock", "\"git+ssh://");
    facts->library = !facts->workspace && !exists("src/main.rs") && !exists("src/bin") &&
                     !file_has("Cargo.toml", "[[bin]]");
    find_toolchain(facts);
}

/* ---- The template's values ---- */

/* A section of a flag is rendered once for a text, and not at all without. */
static struct mustache_value flag(bool is_set) {
    const char *text = is_set ? "yes" : "";
    return (struct mustache_value){.type = MUSTACHE_TEXT, .text = text, .len = strlen(text)};
}

static struct mustache_value channel(const struct facts *facts, bool wanted) {
    if (!wanted)
        return flag(false);
    return (struct mustache_value){
        .type = MUSTACHE_TEXT, .text = facts->channel.data, .len = facts->channel.len};
}

static bool get_fact(const void *object, const char *name, size_t len,
                     struct mustache_value *value) {
    const struct facts *facts = object;
    const struct {
        const char *name;
        struct mustache_value value;
    } values[] = {
        {"version", channel(facts, facts->is_version)},
        {"channel", channel(facts, !facts->is_version)},
        {"ssh", flag(facts->ssh)},
        {"openssl", flag(facts->openssl)},
        {"workspace", flag(facts->workspace)},
        {"library", flag(facts->library)},
        {"arm64", flag(facts->arm64)},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strlen(values[i].name) == len && memcmp(values[i].name, name, len) == 0) {
            *value = values[i].value;
            return true;
        }
    }
    return false;
}

/* No value is a list, and the template has no partials. */
static void no_item(const struct mustache_value *list, size_t index, struct mustache_value *value) {
    (void)index;
    *value = *list;
}

static bool no_partial(void *partials, const char *name, const char **text, size_t *len,
                       const char **file) {
    (void)partials, (void)name, (void)text, (void)len, (void)file;
    return false;
}

static bool render(const struct facts *facts, const struct template *t, struct buf *out,
                   struct diag *diag) {
    struct mustache m = {.get = get_fact,
                         .item = no_item,
                         .escape = escape_text,
                         .partial = no_partial,
                         .strict = true};
    struct mustache_value root = {.type = MUSTACHE_OBJECT, .object = facts};
    return mustache_render(&m, t->path, t->text, t->len, &root, out, diag);
}

bool init_targets(struct templates *templates, struct buf *out, struct diag *diag) {
    if (exists("targets.ini")) {
        diag_error(diag, "targets.ini", 0, "already exists; edit it, and run cachemk");
        return false;
    }
    if (!exists("Cargo.toml")) {
        diag_error(diag, "Cargo.toml", 0,
                   "not found; change to a Cargo project's directory, or create a project with "
                   "cargo init");
        return false;
    }
    const struct template *t = templates_open(templates, "init");
    if (t == NULL)
        return false;
    struct facts facts;
    look(&facts);
    bool rendered = render(&facts, t, out, diag);
    buf_release(&facts.channel);
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
        if (exists(names[i]))
            return names[i];
    return NULL;
}

static bool is_one_of(const char *const *names, size_t count, const char *name, size_t len) {
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* Whether a rule of the generated makefile has this name, with the targets of the template. */
static bool is_generated(const char *rule, size_t len) {
    static const char *const whole[] = {"list-cache",  "cache-stats",   "clean-cache",
                                        "prune-cache", "verify-cache",  "inspect-cache",
                                        "doctor",      "pull-images",   "clean-images",
                                        "help-cache",  "help-cache-all"};
    static const char *const commands[] = {"prepare", "fetch",  "build", "test",
                                           "check",   "clippy", "run",   "shell"};
    static const char *const targets[] = {
        "all",        "linux-x64",   "linux-arm64", "linux-musl-x64", "linux-musl-arm64",
        "alpine-x64", "alpine-arm64"};
    if (is_one_of(whole, sizeof whole / sizeof *whole, rule, len))
        return true;
    size_t command = strcspn(rule, "-");
    return command < len &&
           is_one_of(commands, sizeof commands / sizeof *commands, rule, command) &&
           is_one_of(targets, sizeof targets / sizeof *targets, rule + command + 1,
                     len - command - 1);
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

/* Prints the rules of MAKEFILE that have the names of generated ones, since they replace those.
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
        printf("%s has rules of its own:%s\nThey replace the generated ones: rename them, or see "
               "docs/migration.md of cachemk.\n\n",
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
        if (!output_write("Makefile", new_makefile, strlen(new_makefile), diag))
            return false;
        printf("Wrote Makefile, which includes mk/cache.mk.\n");
    } else if (!file_has(makefile, "mk/cache.mk")) {
        printf("Add this line to %s, wherever you like:\n\n%s\n", makefile, INCLUDE);
    }
    if (makefile != NULL && !print_clashes(makefile, diag))
        return false;
    printf("Then: make build-%s\n", arm64 ? "linux-arm64" : "linux-x64");
    return true;
}
