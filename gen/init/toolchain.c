#include "toolchain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "project.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

struct toolchain {
    struct buf directory;  /* where the file is */
    const char *file;      /* its name; NULL if there is none */
    struct buf path;       /* both */
    size_t line;           /* of the channel */
    struct buf channel;    /* without a host; empty for the images' own */
    struct buf components; /* as arguments of rustup */
    struct buf targets;
    bool has_host;   /* the file names a host, which the other images are not */
    bool is_version; /* a number, which is an image's tag */
    bool is_full;    /* one that the image's toolchain has as its name */
};

/* ---- Channels ---- */

/* The length of a date, such as -2026-01-01, at TEXT; 0 if there is none. */
static size_t date_length(const char *text) {
    static const char form[] = "-0000-00-00";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return 0;
    return sizeof form - 1;
}

/* The length of a channel at TEXT: a number, or a word with or without a date. */
static size_t channel_length(const char *text, bool *is_version) {
    static const char *const words[] = {"stable", "beta", "nightly"};
    size_t len = strspn(text, DIGITS ".");
    *is_version = len > 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(text, words[i], strlen(words[i])) == 0) {
            len = strlen(words[i]);
            len += date_length(text + len);
        }
    return len;
}

/* Whether TEXT is empty, or a host's triple after a `-`. */
static bool is_host(const char *text) {
    return *text == '\0' || (*text == '-' && strchr(text + 1, '-') != NULL &&
                             strspn(text, LETTERS DIGITS "-_") == strlen(text));
}

static void set_channel(struct project *project, struct toolchain *t, const char *name) {
    size_t len = channel_length(name, &t->is_version);
    if (len == 0 || !is_host(name + len)) {
        t->is_version = false;
        notes_say(&project->notes, t->path.data, t->line,
                  "toolchain '%s' not understood; set image in targets.ini, or install it in setup",
                  name);
        return;
    }
    buf_add(&t->channel, name, len);
    t->has_host = name[len] != '\0';
    size_t dots = 0;
    for (size_t i = 0; i < len; i++)
        dots += name[i] == '.';
    t->is_full = t->is_version && dots == 2;
}

/* ---- The file ---- */

/* Of the two names, rustup takes the first, in the nearest directory. */
static bool find_file(struct project *project, struct toolchain *t) {
    static const char *const names[] = {"rust-toolchain", "rust-toolchain.toml"};
    buf_add_str(&t->directory, project->directory.data);
    do {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (project_has(project, t->directory.data, names[i])) {
                t->file = names[i];
                buf_add_str(&t->path, t->directory.data);
                buf_add_str(&t->path, names[i]);
                return true;
            }
    } while (project_go_up(&t->directory));
    return false;
}

/* Whether the images lack the toolchain: theirs is called by its full number. */
static bool is_lacking(const struct toolchain *t) {
    return t->channel.len > 0 && !t->is_full;
}

/* Appends each name that the array PATTERN has to OUT, after FLAG. */
static void add_names(struct project *project, const struct toolchain *t, const struct toml *toml,
                      const char *pattern, struct buf *out, const char *flag) {
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, pattern, item)) != NULL) {
        size_t len = strlen(item->text);
        if (len == 0 || *item->text == '-' || strspn(item->text, LETTERS DIGITS "-_.") != len) {
            notes_say(&project->notes, t->path.data, item->line,
                      "'%s' not understood; install it in setup", item->text);
            continue;
        }
        buf_add_str(out, flag);
        buf_add(out, item->text, len);
    }
}

static void read_toml(struct project *project, struct toolchain *t) {
    struct toml toml;
    project_read(project, t->directory.data, t->file, &toml);
    const struct toml_item *channel = toml_next(&toml, "toolchain.channel", NULL);
    const struct toml_item *path = toml_next(&toml, "toolchain.path", NULL);
    if (path != NULL)
        notes_say(&project->notes, t->path.data, path->line,
                  "a toolchain in a directory of this machine; put it into an image of your own");
    if (channel != NULL) {
        t->line = channel->line;
        set_channel(project, t, channel->text);
    }
    bool lacking = is_lacking(t);
    add_names(project, t, &toml, "toolchain.components.[]", &t->components, lacking ? " -c " : " ");
    add_names(project, t, &toml, "toolchain.targets.[]", &t->targets, lacking ? " -t " : " ");
    toml_release(&toml);
}

/* Reads the old form, a name alone, or TOML. */
static void read_file(struct project *project, struct toolchain *t) {
    struct buf text;
    buf_init(&text);
    if (file_read(t->path.data, &text) && strpbrk(text.data, "[=") == NULL) {
        size_t len = strcspn(text.data + strspn(text.data, " \t\r\n"), " \t\r\n");
        struct buf name;
        buf_init(&name);
        buf_add(&name, text.data + strspn(text.data, " \t\r\n"), len);
        t->line = 1;
        set_channel(project, t, name.data);
        project->failed = project->failed || name.failed;
        buf_release(&name);
    } else {
        read_toml(project, t);
    }
    project->failed = project->failed || text.failed;
    buf_release(&text);
}

/* ---- rust-version ---- */

/* The oldest Rust that Cargo.toml accepts; NULL if it does not say. */
static const char *oldest_version(const struct project *project) {
    const char *own = toml_text(&project->manifest, "package.rust-version");
    return own != NULL ? own : toml_text(project->top, "workspace.package.rust-version");
}

/* Whether the version A is older than B, of which parts that are missing count as 0. */
static bool is_older(const char *a, const char *b) {
    for (int part = 0; part < 3; part++) {
        char *rest_a, *rest_b;
        unsigned long left = strtoul(a, &rest_a, 10), right = strtoul(b, &rest_b, 10);
        if (left != right)
            return left < right;
        a = rest_a + (*rest_a == '.');
        b = rest_b + (*rest_b == '.');
    }
    return false;
}

static void check_version(struct project *project, const struct toolchain *t) {
    const char *oldest = oldest_version(project);
    if (oldest == NULL)
        return;
    if (t->is_version && is_older(t->channel.data, oldest))
        notes_say(&project->notes, t->path.data, t->line,
                  "toolchain %s is older than Cargo.toml's rust-version, %s; raise it",
                  t->channel.data, oldest);
    else if (t->channel.len == 0)
        notes_comment(&project->notes,
                      "Cargo.toml asks for Rust %s or later (rust-version). rust:latest is later, "
                      "unless it was pulled long ago: make pull-images.",
                      oldest);
}

/* ---- What the targets get ---- */

static void set_images(struct project *project, const struct toolchain *t) {
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        struct plan_target *target = &project->plan.targets[i];
        buf_add_str(&target->image, "rust:");
        if (t->is_version)
            buf_add_str(&target->image, t->channel.data);
        if (target->row->alpine)
            buf_add_str(&target->image, t->is_version ? "-alpine" : "alpine");
        else if (!t->is_version)
            buf_add_str(&target->image, "latest");
    }
}

/* Adds a command, which is in PARTS, to each setup; with the target, if it INSTALLS a toolchain
 * that cross-compiles. */
static void add_command(struct project *project, const char *const *parts, size_t count,
                        bool installs) {
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        struct plan_target *target = &project->plan.targets[i];
        struct buf command;
        buf_init(&command);
        for (size_t part = 0; part < count; part++)
            buf_add_str(&command, parts[part]);
        if (installs && target->cross) {
            buf_add_str(&command, " -t ");
            buf_add_str(&command, target->row->triple);
        }
        plan_add_command(target, command.data);
        project->failed = project->failed || command.failed;
        buf_release(&command);
    }
}

static void set_up(struct project *project, const struct toolchain *t) {
    if (is_lacking(t)) {
        notes_comment(&project->notes, "`setup` installs the toolchain that %s asks for, %s: %s.",
                      t->path.data, t->channel.data,
                      t->is_version ? "the image's own is called by its full number"
                                    : "no image has one of this name");
        /* Clippy for its rule: images get it for their own toolchain only. */
        bool clippy = strstr(t->components.data, " clippy") != NULL;
        const char *install[] = {"rustup toolchain install ", t->channel.data,
                                 clippy ? "" : " -c clippy", t->components.data, t->targets.data};
        add_command(project, install, sizeof install / sizeof *install, true);
        return;
    }
    if (t->channel.len > 0)
        notes_comment(&project->notes, "The images have the toolchain that %s asks for.",
                      t->path.data);
    if (t->components.len > 0)
        add_command(project, (const char *[]){"rustup component add", t->components.data}, 2,
                    false);
    if (t->targets.len > 0)
        add_command(project, (const char *[]){"rustup target add", t->targets.data}, 2, false);
}

/* A file that builds do not see, or that names one host for all, is overruled. */
static void set_override(struct project *project, const struct toolchain *t) {
    bool above = project_height(t->directory.data) > project->reach;
    if (t->channel.len == 0 || !(above || t->has_host))
        return;
    notes_say(&project->notes, t->path.data, t->line,
              above ? "above the mounted directories; targets.ini sets its toolchain, %s"
                    : "names a host platform; targets.ini sets %s for each platform",
              t->channel.data);
    struct buf word;
    buf_init(&word);
    buf_add_str(&word, "RUSTUP_TOOLCHAIN=");
    buf_add_str(&word, t->channel.data);
    for (size_t i = 0; i < PLAN_COUNT; i++)
        plan_add_env(&project->plan.targets[i], word.data);
    project->failed = project->failed || word.failed;
    buf_release(&word);
}

void toolchain_find(struct project *project) {
    struct toolchain t = {.file = NULL};
    struct buf *const texts[] = {&t.directory, &t.path, &t.channel, &t.components, &t.targets};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_init(texts[i]);
    if (find_file(project, &t))
        read_file(project, &t);
    check_version(project, &t);
    set_images(project, &t);
    set_up(project, &t);
    if (t.file != NULL)
        set_override(project, &t);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        project->failed = project->failed || texts[i]->failed;
        buf_release(texts[i]);
    }
}
