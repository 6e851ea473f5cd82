#include "cross.h"

#include <string.h>

#include "project.h"

/* A key of Cross.toml, and the targets that it applies to. */
struct setting {
    struct project *project;
    const struct toml *toml;
    const char *file;
    const char *triple; /* NULL: all */
    const char *whose;  /* ` of TARGET`, or nothing for all */
    const struct toml_item *item;
};

static void say_rest(const struct setting *s) {
    notes_say(&s->project->notes, s->file, s->item->line,
              "%s is not taken over; see From cross in cachemk's docs/migration.md",
              toml_key(s->item));
}

/* The targets that a setting applies to, one by one. */
static struct plan_target *next_target(const struct setting *s, size_t *index) {
    while (*index < PLAN_COUNT) {
        struct plan_target *target = &s->project->plan.targets[(*index)++];
        if (s->triple == NULL || strcmp(s->triple, target->row->triple) == 0)
            return target;
    }
    return NULL;
}

/* ---- pre-build ---- */

/* Appends TEXT without what makes apt install another processor's packages: cross runs an image of
 * this machine's processor, and cachemk one of the target's. */
static void add_native(struct buf *out, const char *text) {
    static const char *const parts[] = {":$CROSS_DEB_ARCH", ":${CROSS_DEB_ARCH}"};
    while (*text != '\0') {
        size_t skipped = 0;
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            if (strncmp(text, parts[i], strlen(parts[i])) == 0)
                skipped = strlen(parts[i]);
        if (skipped == 0)
            buf_add_char(out, *text);
        text += skipped > 0 ? skipped : 1;
    }
}

/* What follows the first command of TEXT, if that is dpkg --add-architecture; or else TEXT. */
static const char *skip_architecture(const char *text) {
    static const char dpkg[] = "dpkg --add-architecture";
    if (strncmp(text, dpkg, sizeof dpkg - 1) != 0)
        return text;
    const char *next = strstr(text, "&&");
    return next != NULL ? next + 2 + strspn(next + 2, " ") : "";
}

static bool is_debians(const char *command) {
    return strstr(command, "apt") != NULL || strstr(command, "dpkg") != NULL;
}

/* Adds COMMAND to TARGET's setup, after the update that apt needs in images without its lists. */
static bool add_updated(struct plan_target *target, const char *command) {
    struct buf both;
    buf_init(&both);
    if (is_debians(command) && strstr(command, "install") != NULL &&
        strstr(command, "update") == NULL && strstr(target->setup.data, "update") == NULL)
        buf_add_str(&both, "apt-get update && ");
    buf_add_str(&both, command);
    bool added = !both.failed && plan_add_command(target, both.data);
    target->setup.failed = target->setup.failed || both.failed;
    buf_release(&both);
    return added;
}

/* Adds COMMAND to TARGET's setup.  What it installs with apt is for the image's processor, which
 * then must be the target's. */
static bool add_emulated(const struct setting *s, struct plan_target *target, const char *command) {
    if (target->cross && is_debians(command))
        notes_comment(
            &s->project->notes,
            "%s is emulated, since pre-build installs packages for it; target_packages and "
            "cross = yes do this without.",
            target->row->name);
    target->cross = target->cross && !is_debians(command);
    return add_updated(target, command);
}

/* Adds COMMAND to the setups, of Debian's images alone if it is of a DEBIAN script; false if that
 * is not possible for each of them. */
static bool add_command(const struct setting *s, const char *command, bool debian) {
    struct buf native;
    buf_init(&native);
    command = skip_architecture(command + strspn(command, " \t\r\n"));
    add_native(&native, command);
    while (native.len > 0 && strchr(" \t\r\n", native.data[native.len - 1]) != NULL)
        native.data[--native.len] = '\0';
    struct plan_target *target;
    bool added = strstr(native.data, "CROSS_") == NULL;
    for (size_t i = 0; added && native.len > 0 && (target = next_target(s, &i)) != NULL;)
        if (!target->row->alpine || !debian)
            added = add_emulated(s, target, native.data);
        else
            added = s->triple == NULL; /* those of Debian have it */
    s->project->failed = s->project->failed || native.failed;
    buf_release(&native);
    return added;
}

static void take_commands(const struct setting *s) {
    struct notes *notes = &s->project->notes;
    if (s->item->kind != TOML_ARRAY) {
        notes_say(notes, s->file, s->item->line,
                  "pre-build is a script; put its commands into setup, which does not see the "
                  "project's files");
        return;
    }
    bool debian = false, all = true;
    const struct toml_item *end = s->toml->items + s->toml->count;
    /* What installs a program may stand before or after what runs it. */
    for (const struct toml_item *item = s->item + 1; item < end && toml_is_in(s->item, item);
         item++)
        debian = debian || is_debians(item->text);
    for (const struct toml_item *item = s->item + 1; item < end && toml_is_in(s->item, item);
         item++) {
        if (add_command(s, item->text, debian))
            continue;
        all = false;
        notes_say(notes, s->file, item->line, "this pre-build command is not taken over; %s",
                  debian && s->triple != NULL && strstr(s->triple, "musl") != NULL
                      ? "it is Debian's, and the image is Alpine's"
                      : "setup cannot hold it as it is");
    }
    if (all)
        notes_say(notes, s->file, s->item->line, "pre-build is now setup%s%s", s->whose,
                  !debian             ? ""
                  : s->triple == NULL ? " in the Debian images, without $CROSS_DEB_ARCH"
                                      : ", without $CROSS_DEB_ARCH");
}

/* ---- env, image ---- */

/* Adds WORD to env, or says that it cannot. */
static void take_variable(const struct setting *s, const struct toml_item *word) {
    if (!plan_takes(KEY_ENV, word->text)) {
        notes_say(&s->project->notes, s->file, word->line,
                  "'%s' is not taken over; env cannot hold it", word->text);
        return;
    }
    struct plan_target *target;
    for (size_t i = 0; (target = next_target(s, &i)) != NULL;)
        plan_add_env(target, word->text);
}

static void take_variables(const struct setting *s) {
    const struct toml_item *end = s->toml->items + s->toml->count;
    bool passes = false; /* in the array passthrough */
    for (const struct toml_item *item = s->item + 1; item < end && toml_is_in(s->item, item);
         item++) {
        if (item->kind == TOML_ARRAY) {
            passes = strcmp(toml_key(item), "passthrough") == 0;
            if (passes)
                notes_say(&s->project->notes, s->file, item->line, "env.passthrough is now env%s",
                          s->whose);
            else
                say_rest(
                    &(struct setting){s->project, s->toml, s->file, s->triple, s->whose, item});
        } else if (passes && item->kind == TOML_STRING) {
            take_variable(s, item);
        }
    }
}

static void take_image(const struct setting *s) {
    const char *image = s->item->kind == TOML_STRING ? s->item->text : "";
    const struct toml_item *end = s->toml->items + s->toml->count;
    for (const struct toml_item *item = s->item + 1; item < end && toml_is_in(s->item, item);
         item++)
        if (strcmp(toml_key(item), "name") == 0)
            image = item->text;
    bool own = strstr(image, "cross-rs/") != NULL || strstr(image, "rustembedded/cross") != NULL;
    if (own || !plan_takes(KEY_IMAGE, image)) {
        notes_say(&s->project->notes, s->file, s->item->line, "image '%s' is not taken over%s",
                  image, own ? ": cross's own images have no cargo" : "");
        return;
    }
    struct plan_target *target;
    for (size_t i = 0; (target = next_target(s, &i)) != NULL;) {
        buf_clear(&target->image);
        buf_add_str(&target->image, image);
        if (target->row->alpine)
            buf_clear(&target->packages);
    }
    notes_say(&s->project->notes, s->file, s->item->line, "image is now that%s%s", s->whose,
              strstr(s->triple, "musl") != NULL ? ", whose packages are left out" : "");
    notes_say(&s->project->notes, s->file, s->item->line,
              "an image made for cross has no cargo: install it in setup; and if the image is not "
              "for the target's platform, set cross = yes");
}

/* ---- Keys ---- */

static void take_setting(const struct setting *s) {
    const char *key = toml_key(s->item);
    if (strcmp(key, "pre-build") == 0)
        take_commands(s);
    else if (strcmp(key, "env") == 0)
        take_variables(s);
    else if (strcmp(key, "image") == 0 && s->triple != NULL)
        take_image(s);
    else
        say_rest(s);
}

/* Takes over the keys of the table PREFIX and NAME. */
static void take_table(struct setting s, const char *prefix, const char *name) {
    struct buf pattern;
    buf_init(&pattern);
    buf_add_str(&pattern, prefix);
    buf_add_str(&pattern, name);
    buf_add_str(&pattern, ".*");
    s.item = NULL;
    while ((s.item = toml_next(s.toml, pattern.data, s.item)) != NULL)
        take_setting(&s);
    s.project->failed = s.project->failed || pattern.failed;
    buf_release(&pattern);
}

/* Whether targets.ini has a section for the triple. */
static bool is_planned(const struct plan *plan, const char *triple) {
    for (size_t i = 0; i < PLAN_COUNT; i++)
        if (strcmp(triple, plan->targets[i].row->triple) == 0)
            return true;
    return false;
}

/* Says which targets of the file targets.ini has no section for. */
static void say_others(const struct setting *s, const char *prefix) {
    struct buf pattern, others;
    size_t line = 0;
    buf_init(&pattern);
    buf_init(&others);
    buf_add_str(&pattern, prefix);
    buf_add_str(&pattern, "target.*");
    for (const struct toml_item *item = NULL;
         (item = toml_next(s->toml, pattern.data, item)) != NULL;) {
        if (is_planned(&s->project->plan, toml_key(item)))
            continue;
        line = line > 0 ? line : item->line;
        buf_add_str(&others, others.len > 0 ? ", " : "");
        buf_add_str(&others, toml_key(item));
    }
    if (others.len > 0)
        notes_say(&s->project->notes, s->file, line,
                  "targets.ini has no section for %s; add those for Linux that you need",
                  others.data);
    s->project->failed = s->project->failed || pattern.failed || others.failed;
    buf_release(&pattern);
    buf_release(&others);
}

static void take_file(struct project *project, const struct toml *toml, const char *file,
                      const char *prefix) {
    struct setting s = {.project = project, .toml = toml, .file = file, .whose = ""};
    take_table(s, prefix, "build");
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        struct buf name, whose;
        buf_init(&name);
        buf_init(&whose);
        buf_add_str(&whose, " of ");
        buf_add_str(&whose, project->plan.targets[i].row->name);
        s.triple = project->plan.targets[i].row->triple;
        s.whose = whose.data;
        buf_add_str(&name, "target.");
        buf_add_str(&name, s.triple);
        take_table(s, prefix, name.data);
        project->failed = project->failed || name.failed || whose.failed;
        buf_release(&name);
        buf_release(&whose);
    }
    say_others(&s, prefix);
}

void cross_find(struct project *project) {
    static const char *const tables[] = {"package.metadata.cross.", "workspace.metadata.cross."};
    struct toml toml;
    if (project_read(project, project->root.data, "Cross.toml", &toml)) {
        take_file(project, &toml, "Cross.toml", "");
        toml_release(&toml);
        return;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        take_file(project, project->top, "Cargo.toml", tables[i]);
}
