#include "targets.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "grammar.h"
#include "nearest.h"
#include "reader.h"
#include "slice.h"
#include "table.h"
#include "triples.h"

#define DIRECTORY_REMEDY                                                                           \
    "each target has its own directory; to compile outside the project, set target_dir = volume"
#define TRIPLE_REMEDY "set triple and, to cross-compile, cross = yes"
#define PACKAGE_FORM                                                                               \
    "a package's name: letters, digits and '+._:=~@-', a letter or digit first, no '-' last"
#define PROFILE_REMEDY "set CACHEMK_PROFILE = NAME in the Makefile, or PROFILE=NAME for one run"

/* The keys.  A new key is a row here, and one in docs/targets-ini.md. */
static const struct key_row {
    const char *name;
    bool required;
    bool list; /* words separated by whitespace, each checked */
    grammar_fn *form;
    const char *expected; /* ends the sentence "expected …" */
    const char *word;     /* the only value there is; NULL: any of that form */
} keys[KEY_COUNT] = {
    [KEY_DESCRIPTION] = {"description", true, false, grammar_any, "a text", NULL},
    [KEY_TRIPLE] = {"triple", true, false, grammar_triple,
                    "a Rust target triple such as aarch64-unknown-linux-musl", NULL},
    [KEY_IMAGE] = {"image", true, false, grammar_image,
                   "an image such as rust:alpine, host:5000/path/image:tag or image@sha256:…",
                   NULL},
    [KEY_PLATFORM] = {"platform", false, false, grammar_platform,
                      "os/arch or os/arch/variant, such as linux/arm64", NULL},
    [KEY_CACHE] = {"cache", false, false, grammar_cache,
                   "letters, digits and '_.-', a letter or digit first", NULL},
    [KEY_ALIASES] = {"aliases", false, true, grammar_name,
                     "a-z, 0-9 and '._-', a letter or digit first, at most 40 characters", NULL},
    [KEY_PACKAGES] = {"packages", false, true, grammar_package, PACKAGE_FORM, NULL},
    [KEY_TARGET_PACKAGES] = {"target_packages", false, true, grammar_package, PACKAGE_FORM, NULL},
    [KEY_SETUP] = {"setup", false, false, grammar_any, "shell commands", NULL},
    [KEY_ENV] = {"env", false, true, grammar_env, "NAME or NAME=value, separated by spaces", NULL},
    [KEY_CARGO_ARGS] = {"cargo_args", false, true, grammar_any, "arguments of cargo build", NULL},
    [KEY_USER] = {"user", false, false, grammar_any, "root, or nothing for the user who runs make",
                  "root"},
    [KEY_SSH] = {"ssh", false, false, grammar_any, "agent, or nothing", "agent"},
    [KEY_CROSS] = {"cross", false, false, grammar_any, "yes, or nothing", "yes"},
    [KEY_EXPECT] = {"expect", false, false, grammar_any, "static, or nothing", "static"},
    [KEY_GLIBC] = {"glibc", false, false, grammar_version, "a version such as 2.17", NULL},
    [KEY_GLIBC_MAX] = {"glibc_max", false, false, grammar_version, "a version such as 2.31", NULL},
    [KEY_HERMETIC] = {"hermetic", false, false, grammar_any, "yes, or nothing", "yes"},
    [KEY_MIRROR] = {"mirror", false, false, grammar_mirror,
                    "a registry's URL such as sparse+https://crates.example.org/index/", NULL},
    [KEY_SCCACHE] = {"sccache", false, false, grammar_sccache,
                     "volume, gha, redis://host[:port] or s3://bucket[/prefix], without a password",
                     NULL},
    [KEY_TARGET_DIR] = {"target_dir", false, false, grammar_any, "volume, or nothing", "volume"},
    [KEY_REGISTRY] = {"registry", false, false, grammar_repository,
                      "an image's name without a tag, such as ghcr.io/me/project", NULL},
};

/* Words of `env` and `cargo_args` that would undo what the generated rules rely on, and what to do
 * instead. */
static const struct refusal {
    enum target_key key;
    bool alone; /* of `env`: only without a value, as it then is a path on the caller's machine */
    const char *word;
    const char *remedy;
} refusals[] = {
    {KEY_ENV, false, "CARGO_TARGET_DIR", DIRECTORY_REMEDY},
    {KEY_ENV, false, "CARGO_BUILD_TARGET_DIR", DIRECTORY_REMEDY},
    {KEY_ENV, false, "CARGO_HOME",
     "the caches are in the image's own; remove it, and set cache to share caches"},
    {KEY_ENV, false, "CARGO_BUILD_TARGET", TRIPLE_REMEDY},
    {KEY_ENV, true, "CARGO_HTTP_CAINFO", "remove it; the rules pass on this variable and its file"},
    {KEY_ENV, true, "SSH_AUTH_SOCK", "set ssh = agent, which also mounts the socket"},
    {KEY_ENV, true, "PATH", "your machine's does not fit the image; give it a value: PATH=..."},
    {KEY_ENV, true, "HOME", "your machine's does not fit the image; give it a value: HOME=/tmp"},
    {KEY_ENV, true, "TMPDIR",
     "your machine's does not fit the image; give it a value: TMPDIR=/tmp"},
    {KEY_ENV, true, "RUSTUP_HOME", "your machine's does not fit the image; remove it"},
    {KEY_CARGO_ARGS, false, "--target-dir", DIRECTORY_REMEDY},
    {KEY_CARGO_ARGS, false, "--target", TRIPLE_REMEDY},
    {KEY_CARGO_ARGS, false, "--profile", PROFILE_REMEDY},
    {KEY_CARGO_ARGS, false, "--release", PROFILE_REMEDY},
    {KEY_CARGO_ARGS, false, "-r", PROFILE_REMEDY},
    {KEY_CARGO_ARGS, false, "--manifest-path",
     "set CACHEMK_WORKSPACE = DIRECTORY in the Makefile, or WORKSPACE for one run"},
    {KEY_CARGO_ARGS, false, "build.target-dir", DIRECTORY_REMEDY},
    {KEY_CARGO_ARGS, false, "build.target", TRIPLE_REMEDY},
    {KEY_CARGO_ARGS, false, "--",
     "set CACHEMK_ARGS in the Makefile, or ARGS for one run, to arguments of programs and tests"},
};

/* What the reader's events work on. */
struct loader {
    struct targets *targets;
    struct target *current;               /* the section being read; NULL while it is one to skip */
    const struct field *valid[KEY_COUNT]; /* for each key the last one without an error, or NULL */
    const char *file;
    struct diag *diag;
};

const char *target_key_name(enum target_key key) {
    return keys[key].name;
}

const struct field *target_field(const struct targets *targets, const struct target *target,
                                 enum target_key key) {
    const struct field *own = target->fields[key];
    return own != NULL ? own : targets->defaults.fields[key];
}

const char *target_value(const struct targets *targets, const struct target *target,
                         enum target_key key) {
    const struct field *field = target_field(targets, target, key);
    const char *text = field != NULL ? field->text : "";
    return key == KEY_CACHE && *text == '\0' ? target->name : text;
}

static struct extra *find_extra(const struct target *target, struct slice name) {
    struct extra *extra = target->extras;
    while (extra != NULL && !slice_is(name, extra->name))
        extra = extra->next;
    return extra;
}

const struct field *target_extra(const struct targets *targets, const struct target *target,
                                 struct slice name) {
    const struct extra *own = find_extra(target, name);
    const struct extra *extra = own != NULL ? own : find_extra(&targets->defaults, name);
    return extra != NULL ? extra->field : NULL;
}

/* A field in the pool; NULL without memory. */
static const struct field *make_field(struct targets *targets, struct slice text, size_t line) {
    struct field *field = pool_alloc(&targets->pool, sizeof *field + text.len + 1);
    if (field == NULL)
        return NULL;
    field->line = line;
    memcpy(field->text, text.text, text.len);
    field->text[text.len] = '\0';
    return field;
}

bool target_set(struct targets *targets, struct target *target, enum target_key key,
                struct slice text, size_t line) {
    target->fields[key] = make_field(targets, text, line);
    return target->fields[key] != NULL;
}

/* ---- Reading ---- */

static bool is_valid(enum target_key key, struct slice text) {
    return keys[key].word != NULL ? slice_is(text, keys[key].word) : keys[key].form(text);
}

/* The key NAME; KEY_COUNT if there is none.  Most keys differ in the first byte, and this is asked
 * for each line. */
static enum target_key find_key(struct slice name) {
    size_t i = 0;
    while (i < KEY_COUNT && (*keys[i].name != *name.text || !slice_is(name, keys[i].name)))
        i++;
    return (enum target_key)i;
}

/* Not with a dot, which Mustache would take for the step into an object. */
static bool is_extra(struct slice name) {
    return slice_cut_start(&name, "x-") && grammar_cache(name) && !slice_has(name, '.');
}

static bool is_key(struct slice name) {
    return find_key(name) < KEY_COUNT || is_extra(name);
}

/* What refuses WORD, NAME or NAME=value, in the list KEY; NULL if nothing does. */
static const struct refusal *find_refusal(enum target_key key, struct slice word) {
    struct slice name;
    if (key == KEY_CARGO_ARGS)
        slice_cut_start(&word, "--config=");
    bool has_value = slice_cut(&word, '=', &name);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        if (r->key == key && slice_is(name, r->word) && !(has_value && r->alone))
            return r;
    }
    return NULL;
}

bool target_key_takes(enum target_key key, const char *word) {
    struct slice text = slice_of(word);
    return is_valid(key, text) && find_refusal(key, text) == NULL;
}

/* Checks VALUE, which is not empty, or a word of it as one of KEY, which messages call WHAT. */
static void check_value(struct loader *l, enum target_key key, const char *what, struct slice value,
                        size_t line) {
    const struct refusal *refusal = key != KEY_ALIASES ? find_refusal(key, value) : NULL;
    if (!is_valid(key, value))
        diag_error(l->diag, l->file, line, "%s '%.*s': expected %s", what, (int)value.len,
                   value.text, keys[key].expected);
    else if (key == KEY_ALIASES && slice_is(value, "all"))
        diag_error(l->diag, l->file, line,
                   "%s 'all': this name is reserved for rules such as build-all", what);
    else if (refusal != NULL)
        diag_error(l->diag, l->file, line, "%s cannot %s '%s': %s", what,
                   refusal->alone ? "pass on" : "set", refusal->word, refusal->remedy);
}

static void check_values(struct loader *l, enum target_key key, const char *value, size_t line) {
    const char *what = key == KEY_ALIASES ? "alias" : keys[key].name;
    struct slice rest = slice_of(value), word;
    if (!keys[key].list && rest.len > 0)
        check_value(l, key, what, rest, line);
    while (keys[key].list && slice_cut_word(&rest, &word))
        check_value(l, key, what, word, line);
}

/* ---- Sections ---- */

static struct target *add_target(struct loader *l, const char *name, size_t line) {
    struct targets *all = l->targets;
    struct target *items = array_grow(all->items, all->count, &all->cap, sizeof *items);
    if (items == NULL)
        return NULL;
    all->items = items;
    struct target *target = &items[all->count];
    *target = (struct target){.name = pool_copy(&all->pool, name), .line = line};
    if (target->name == NULL)
        return NULL;
    all->count++;
    return target;
}

static struct target *begin_defaults(struct loader *l, size_t line) {
    struct target *defaults = &l->targets->defaults;
    if (defaults->name != NULL) {
        defaults->incomplete = true;
        diag_error(l->diag, l->file, line, "duplicate [defaults]; the first is at line %zu",
                   defaults->line);
        return NULL;
    }
    defaults->line = line;
    defaults->name = "defaults";
    return defaults;
}

static void on_section(void *user, const char *name, size_t line) {
    struct loader *l = user;
    if (strcmp(name, "defaults") == 0) {
        l->current = begin_defaults(l, line);
    } else {
        /* A target with a bad name is kept, so that its keys are checked, too. */
        check_value(l, KEY_ALIASES, "target", slice_of(name), line);
        l->current = add_target(l, name, line);
        if (l->current == NULL)
            diag_no_memory(l->diag);
    }
}

/* ---- Keys ---- */

static void unknown_key(struct loader *l, const char *key, size_t line) {
    const char *names[KEY_COUNT];
    for (size_t i = 0; i < KEY_COUNT; i++)
        names[i] = keys[i].name;
    const char *near = nearest_word(key, names, KEY_COUNT);
    if (near == NULL) {
        diag_error(
            l->diag, l->file, line,
            "unknown key '%s'; your own keys start with 'x-', then letters, digits, '_' and '-'",
            key);
        return;
    }
    diag_error(l->diag, l->file, line, "unknown key '%s'; did you mean '%s'?", key, near);
    l->current->misspelt[find_key(slice_of(near))] = true;
}

/* Where the key NAME of the user's own is, made if it is new; NULL without memory. */
static const struct field **extra_field(struct loader *l, const char *name) {
    struct pool *pool = &l->targets->pool;
    struct extra *extra = find_extra(l->current, slice_of(name));
    if (extra != NULL)
        return &extra->field;
    const char *copy = pool_copy(pool, name);
    extra = pool_alloc(pool, sizeof *extra);
    if (copy == NULL || extra == NULL)
        return NULL;
    *extra = (struct extra){.name = copy, .next = l->current->extras};
    l->current->extras = extra;
    return &extra->field;
}

/* Sets FIELD, that of the key NAME; NULL stands for one that there was no memory for. */
static void set_field(struct loader *l, const struct field **field, const char *name,
                      const char *value, size_t line) {
    if (field != NULL && *field != NULL)
        diag_error(l->diag, l->file, line, "duplicate '%s' in [%s]; the first is at line %zu", name,
                   l->current->name, (*field)->line);
    else if (field == NULL || (*field = make_field(l->targets, slice_of(value), line)) == NULL)
        diag_no_memory(l->diag);
}

/* Any section may have had the header that was refused. */
static void on_refused(void *user, bool header) {
    struct loader *l = user;
    struct target *section = l->current;
    if (header || section == NULL)
        section = &l->targets->defaults;
    section->incomplete = true;
}

/* What the target before has, as many do, is not checked again. */
static void set_key(struct loader *l, enum target_key key, const char *value, size_t line) {
    const struct field **field = &l->current->fields[key], **valid = &l->valid[key];
    size_t errors = l->diag->errors;
    if (*valid == NULL || strcmp((*valid)->text, value) != 0)
        check_values(l, key, value, line);
    set_field(l, field, keys[key].name, value, line);
    if (l->diag->errors == errors)
        *valid = *field;
}

static void on_value(void *user, const char *name, const char *value, size_t line) {
    struct loader *l = user;
    enum target_key key = find_key(slice_of(name));
    if (l->current == NULL)
        return; /* of a section that was refused */
    if (key < KEY_COUNT)
        set_key(l, key, value, line);
    else if (is_extra(slice_of(name)))
        set_field(l, extra_field(l, name), name, value, line);
    else
        unknown_key(l, name, line);
}

/* ---- Checks across keys and targets ---- */

static bool is_set(const struct loader *l, const struct target *target, enum target_key key) {
    return *target_value(l->targets, target, key) != '\0';
}

/* It was reported already. */
static bool is_misspelt(const struct target *target, enum target_key key) {
    return target->misspelt[key] && target->fields[key] == NULL;
}

/* Not where the key may be in what was refused: each mistake is reported once. */
static void check_required(struct loader *l, const struct target *target) {
    if (target->incomplete || l->targets->defaults.incomplete)
        return;
    for (enum target_key key = 0; key < KEY_COUNT; key++) {
        if (keys[key].required && !is_set(l, target, key) && !is_misspelt(target, key))
            diag_error(l->diag, l->file, target->line, "[%s] has no '%s': expected %s%s",
                       target->name, keys[key].name, keys[key].expected,
                       strcmp(target->name, "default") == 0 ? " (did you mean [defaults]?)" : "");
    }
}

/* What contradicts itself, though each key is well formed. */
static void check_together(struct loader *l, const struct target *target) {
    if (is_set(l, target, KEY_CROSS) && is_set(l, target, KEY_PLATFORM))
        diag_error(l->diag, l->file, target->line,
                   "[%s] has both 'cross' and 'platform', but 'cross' builds on the machine's own "
                   "platform; set one of them to nothing",
                   target->name);
    if (is_set(l, target, KEY_GLIBC) &&
        !triple_has_glibc(target_value(l->targets, target, KEY_TRIPLE)))
        diag_error(l->diag, l->file, target->line,
                   "[%s] has 'glibc', but its triple is not one of those for glibc that 'cachemk "
                   "triples' lists; remove 'glibc'",
                   target->name);
    if (is_set(l, target, KEY_HERMETIC) &&
        strcmp(target_value(l->targets, target, KEY_SCCACHE), "gha") == 0)
        diag_error(l->diag, l->file, target->line,
                   "[%s] has both 'hermetic' and 'sccache = gha', but a hermetic build reaches no "
                   "cache on GitHub; set sccache to volume, or remove one of them",
                   target->name);
}

/* A name that is taken: the key of a row is the name of the target with the index that is its
 * value, or one of its aliases. */
static bool is_alias(const struct targets *all, const struct table_row *row) {
    return row->key.text != all->items[row->value].name;
}

static size_t line_of(const struct targets *all, const struct table_row *row) {
    const struct target *target = &all->items[row->value];
    return is_alias(all, row) ? target_field(all, target, KEY_ALIASES)->line : target->line;
}

static const char *noun_of(const struct targets *all, const struct table_row *row) {
    return is_alias(all, row) ? "alias" : "target";
}

/* Reports two equal names; ROW is after BEFORE in the file. */
static void report_taken(struct loader *l, const struct table_row *row,
                         const struct table_row *before) {
    struct targets *all = l->targets;
    diag_error(l->diag, l->file, line_of(all, row),
               "%s '%.*s' is taken by the %s at line %zu; choose another", noun_of(all, row),
               (int)row->key.len, row->key.text, noun_of(all, before), line_of(all, before));
    if (!is_alias(all, row)) /* perhaps more of the one before */
        all->items[row->value].incomplete = true;
}

/* Has the target INDEX take NAME, or reports that it is taken. */
static bool take_name(struct loader *l, struct table *taken, struct slice name, size_t index) {
    struct table_row own = {name, index};
    const struct table_row *row = table_add(taken, name, index);
    if (row == NULL)
        return diag_no_memory(l->diag);
    bool is_own = row->key.text == name.text && row->value == index;
    if (!is_own && line_of(l->targets, &own) < line_of(l->targets, row))
        report_taken(l, row, &own); /* than an alias of [defaults], further down */
    else if (!is_own)
        report_taken(l, &own, row);
    return true;
}

/* Every name must be unique among the names and aliases of all. */
static void check_unique(struct loader *l) {
    const struct targets *all = l->targets;
    struct table taken = {.rows = NULL};
    bool taking = true;
    for (size_t i = 0; taking && i < all->count; i++) {
        struct slice rest = slice_of(target_value(all, &all->items[i], KEY_ALIASES)), word;
        taking = take_name(l, &taken, slice_of(all->items[i].name), i);
        while (taking && slice_cut_word(&rest, &word))
            taking = take_name(l, &taken, word, i);
    }
    table_release(&taken);
}

bool targets_read(struct targets *targets, FILE *in, const char *file, struct diag *diag) {
    *targets = (struct targets){.file = file};
    struct loader loader = {.targets = targets, .file = file, .diag = diag};
    struct reader_events events = {.section = on_section,
                                   .value = on_value,
                                   .refused = on_refused,
                                   .is_key = is_key,
                                   .user = &loader};
    size_t errors = diag->errors;
    bool read = reader_read(in, file, &events, diag);
    if (read && targets->count == 0)
        diag_error(diag, file, 0, "no target; start one with [name]");
    check_unique(&loader);
    for (size_t i = 0; i < targets->count; i++)
        check_required(&loader, &targets->items[i]);
    for (size_t i = 0; i < targets->count; i++)
        check_together(&loader, &targets->items[i]);
    return diag->errors == errors;
}

void targets_release(struct targets *targets) {
    free(targets->items);
    pool_release(&targets->pool);
    *targets = (struct targets){.count = 0};
}
