#include "context.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "slice.h"
#include "table.h"
#include "triples.h"
#include "version.h"

enum object_kind { OBJECT_ROOT, OBJECT_TARGET, OBJECT_CACHE };

/* The texts that are made for a target. */
enum text {
    TEXT_TARGET_DIR,
    TEXT_IMAGE_TAG,
    TEXT_COMPILER,
    TEXT_TRIPLE_UPPER,
    TEXT_TRIPLE_LOWER,
    TEXT_COUNT
};

static const char *const text_names[TEXT_COUNT] = {
    "target_dir", "image_tag", "compiler", "triple_upper", "triple_lower",
};

/* A MUSTACHE_OBJECT. */
struct object {
    enum object_kind kind;
    const struct context *context;
    const struct target *target; /* TARGET; CACHE: the first one that has it */
};

/* A value that follows from a target's keys, and needs no text of its own.  START is how the value
 * of sccache has to start; NULL where that does not matter. */
typedef struct slice fact_fn(const struct object *object, const char *start);

static fact_fn get_name, get_processor, get_has_cargo_args, get_store, get_bucket, get_prefix;

static const struct fact {
    const char *name;
    fact_fn *get;
    const char *start;
} facts[] = {
    {"name", get_name, NULL},
    {"processor", get_processor, NULL},
    {"has_cargo_args", get_has_cargo_args, NULL},
    {"sccache_volume", get_store, "volume"},
    {"sccache_gha", get_store, "gha"},
    {"sccache_redis", get_store, "redis://"},
    {"sccache_bucket", get_bucket, "s3://"},
    {"sccache_prefix", get_prefix, "s3://"},
};

enum { FACT_COUNT = sizeof facts / sizeof *facts };

/* The lists of a target: of the words of a key, all or some of them. */
enum list { LIST_ALIASES, LIST_ENV, LIST_CARGO_ARGS, LIST_SETTINGS, LIST_SECRETS, LIST_COUNT };

static const struct list_row {
    const char *name;
    enum target_key key;
    bool settings; /* the words with a `=` */
    bool others;   /* the words without */
} lists[LIST_COUNT] = {
    [LIST_ALIASES] = {"aliases", KEY_ALIASES, true, true},
    [LIST_ENV] = {"env", KEY_ENV, true, true},
    [LIST_CARGO_ARGS] = {"cargo_args", KEY_CARGO_ARGS, true, true},
    [LIST_SETTINGS] = {"env_settings", KEY_ENV, true, false},
    [LIST_SECRETS] = {"env_secrets", KEY_ENV, false, true},
};

/* What is made for a target. */
struct made {
    const struct triple *row;     /* of the cross compiler, or NULL */
    size_t texts[TEXT_COUNT];     /* where in context->text each begins */
    size_t words[LIST_COUNT + 1]; /* where in context->words each list begins, and the last ends */
};

struct context {
    const struct targets *targets;
    struct object root;
    struct object *objects;        /* owned; one a target, and then one a cache */
    struct made *made;             /* owned; one a target */
    struct mustache_value *values; /* owned; of the objects */
    size_t count;                  /* of the objects so far */
    struct mustache_value *words;  /* owned; of all lists, one after the other */
    size_t word_count, word_cap;
    struct buf text; /* the texts of all targets, with a NUL after each */
};

/* ---- Values ---- */

static struct mustache_value slice_value(struct slice s) {
    return (struct mustache_value){.type = MUSTACHE_TEXT, .text = s.text, .len = s.len};
}

static struct mustache_value text_value(const char *text) {
    return slice_value(slice_of(text));
}

static struct mustache_value object_value(const struct object *object) {
    return (struct mustache_value){.type = MUSTACHE_OBJECT, .object = object};
}

static struct mustache_value list_value(const struct mustache_value *items, size_t len) {
    return (struct mustache_value){
        .type = len > 0 ? MUSTACHE_LIST : MUSTACHE_FALSE, .items = items, .len = len};
}

static const struct made *made_for(const struct object *o) {
    return &o->context->made[o->target - o->context->targets->items];
}

static const char *own_value(const struct object *o, enum target_key key) {
    return target_value(o->context->targets, o->target, key);
}

/* ---- Facts ---- */

static const struct slice nothing = {"", 0};

static struct slice get_name(const struct object *o, const char *start) {
    (void)start;
    return slice_of(o->target->name);
}

static struct slice get_processor(const struct object *o, const char *start) {
    const struct triple *row = made_for(o)->row;
    (void)start;
    return row != NULL ? slice_of(row->processor) : nothing;
}

static struct slice get_has_cargo_args(const struct object *o, const char *start) {
    bool has = *own_value(o, KEY_CROSS) != '\0' || *own_value(o, KEY_CARGO_ARGS) != '\0';
    (void)start;
    return has ? slice_of("yes") : nothing;
}

static struct slice get_store(const struct object *o, const char *start) {
    struct slice store = slice_of(own_value(o, KEY_SCCACHE));
    return slice_starts(store, start) ? store : nothing;
}

static struct slice get_bucket(const struct object *o, const char *start) {
    struct slice rest = slice_of(own_value(o, KEY_SCCACHE)), bucket = nothing;
    if (slice_cut_start(&rest, start))
        slice_cut(&rest, '/', &bucket);
    return bucket;
}

static struct slice get_prefix(const struct object *o, const char *start) {
    struct slice rest = slice_of(own_value(o, KEY_SCCACHE)), bucket;
    return slice_cut_start(&rest, start) && slice_cut(&rest, '/', &bucket) ? rest : nothing;
}

/* ---- Finding values by their names ---- */

static struct mustache_value get_list(const struct object *o, size_t list) {
    const size_t *words = made_for(o)->words + list;
    size_t count = words[1] - words[0];
    return list_value(count > 0 ? o->context->words + words[0] : NULL, count);
}

/* Templates mostly want the target directory, so that one has the key's name. */
static const char *key_name(enum target_key key) {
    return key == KEY_TARGET_DIR ? "target_in" : target_key_name(key);
}

/* What a template can ask a target for, by number: first texts, then facts, lists and keys. */
enum {
    TEXTS_END = TEXT_COUNT,
    FACTS_END = TEXTS_END + FACT_COUNT,
    LISTS_END = FACTS_END + LIST_COUNT,
    KEYS_END = LISTS_END + KEY_COUNT
};

static const char *entry_name(size_t number) {
    if (number < TEXTS_END)
        return text_names[number];
    if (number < FACTS_END)
        return facts[number - TEXTS_END].name;
    return number < LISTS_END ? lists[number - FACTS_END].name
                              : key_name((enum target_key)(number - LISTS_END));
}

static struct mustache_value get_entry(const struct object *o, size_t number) {
    if (number < TEXTS_END)
        return text_value(o->context->text.data + made_for(o)->texts[number]);
    if (number < FACTS_END)
        return slice_value(facts[number - TEXTS_END].get(o, facts[number - TEXTS_END].start));
    return number < LISTS_END ? get_list(o, number - FACTS_END)
                              : text_value(own_value(o, (enum target_key)(number - LISTS_END)));
}

/* A list has the name of its key, and is found before it. */
size_t context_name_id(struct slice name) {
    size_t number = 0;
    while (number < KEYS_END && !slice_is(name, entry_name(number)))
        number++;
    return number;
}

static bool find_extra(const struct target *target, struct slice name,
                       struct mustache_value *value) {
    const struct extra *extra = target->extras;
    while (extra != NULL && !slice_is(name, extra->name))
        extra = extra->next;
    if (extra != NULL)
        *value = text_value(extra->field->text);
    return extra != NULL;
}

/* A key of the user's own hides the one of [defaults]. */
static bool find_in_target(const struct object *o, const struct mustache_name *name,
                           struct mustache_value *value) {
    if (name->id < KEYS_END)
        *value = get_entry(o, name->id);
    return name->id < KEYS_END || find_extra(o->target, name->text, value) ||
           find_extra(&o->context->targets->defaults, name->text, value);
}

/* Whether make and sh read FILE as a name in every context. */
static bool is_plain(const char *file) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    return file[0] != '-' && file[0] != '/' && file[strspn(file, plain)] == '\0';
}

/* Whether sccache has this STORE in any of the targets. */
static struct mustache_value any_store(const struct targets *targets, const char *store) {
    for (size_t i = 0; i < targets->count; i++)
        if (strcmp(target_value(targets, &targets->items[i], KEY_SCCACHE), store) == 0)
            return text_value("yes");
    return text_value("");
}

/* An `x-…` that a target does not have is empty, not unknown: templates may ask for any. */
static bool find_in_root(const struct object *o, struct slice name, struct mustache_value *value) {
    const struct context *c = o->context;
    const struct targets *targets = c->targets;
    if (slice_is(name, "version"))
        *value = text_value(CACHEMK_VERSION);
    else if (slice_is(name, "ini"))
        *value = text_value(is_plain(targets->file) ? targets->file : "");
    else if (slice_is(name, "lock"))
        *value = text_value(targets->lock != NULL && is_plain(targets->lock) ? targets->lock : "");
    else if (slice_is(name, "locked"))
        *value = text_value(targets->locked ? "yes" : "");
    else if (slice_is(name, "any_sccache_volume"))
        *value = any_store(targets, "volume");
    else if (slice_is(name, "any_sccache_gha"))
        *value = any_store(targets, "gha");
    else if (slice_is(name, "targets"))
        *value = list_value(c->values, targets->count);
    else if (slice_is(name, "caches"))
        *value = list_value(c->values + targets->count, c->count - targets->count);
    else if (slice_starts(name, "x-"))
        *value = (struct mustache_value){.type = MUSTACHE_FALSE};
    else
        return false;
    return true;
}

bool context_get(const void *object, const struct mustache_name *name,
                 struct mustache_value *value) {
    const struct object *o = object;
    if (o->kind == OBJECT_ROOT)
        return find_in_root(o, name->text, value);
    bool known = o->kind == OBJECT_TARGET || name->id == LISTS_END + KEY_CACHE;
    return known && find_in_target(o, name, value);
}

/* ---- Building ---- */

/* Continues HASH with TEXT and its NUL. */
static uint64_t hash_value(uint64_t hash, const char *text) {
    return hash_text(hash, (struct slice){text, strlen(text) + 1});
}

/* The target that texts and lists are being made for. */
struct maker {
    struct context *c;
    const struct target *target;
    struct made *made;
    uint64_t hash;            /* of what goes into every image */
    const struct made *first; /* of the first target with this triple, perhaps of this target */
};

static const char *value_of(const struct maker *m, enum target_key key) {
    return target_value(m->c->targets, m->target, key);
}

/* The end of the texts, where the next one, WHICH, begins. */
static struct buf *begin_text(struct maker *m, enum text which) {
    m->made->texts[which] = m->c->text.len;
    return &m->c->text;
}

static void add_image_tag(struct maker *m) {
    static const enum target_key inputs[] = {KEY_IMAGE,           KEY_PLATFORM, KEY_PACKAGES,
                                             KEY_TARGET_PACKAGES, KEY_SETUP,    KEY_TRIPLE,
                                             KEY_CROSS,           KEY_GLIBC,    KEY_MIRROR};
    const struct triple *row = m->made->row;
    uint64_t hash = m->hash;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        hash = hash_value(hash, value_of(m, inputs[i]));
    if (row != NULL)
        hash = hash_value(hash_value(hash, row->compiler), row->processor);
    struct buf *text = begin_text(m, TEXT_IMAGE_TAG);
    buf_add_str(text, m->target->name);
    buf_add_char(text, '-');
    for (int shift = 60; shift >= 0; shift -= 4)
        buf_add_char(text, "0123456789abcdef"[hash >> shift & 15]);
    buf_add_char(text, '\0');
}

/* The target directory has the triple's name if no target before has that triple. */
static void add_target_dir(struct maker *m) {
    struct buf *text = begin_text(m, TEXT_TARGET_DIR);
    buf_add_str(text, "target/");
    buf_add_str(text, value_of(m, KEY_TRIPLE));
    if (m->first != m->made) { /* no triple has an `@`, so that no two targets meet */
        buf_add_char(text, '@');
        buf_add_str(text, m->target->name);
    }
    buf_add_char(text, '\0');
}

static void add_compiler(struct maker *m) {
    struct buf *text = begin_text(m, TEXT_COMPILER);
    buf_add_str(text, *value_of(m, KEY_GLIBC) != '\0' ? "zig-" : "");
    buf_add_str(text, m->made->row != NULL ? m->made->row->compiler : "");
    buf_add_char(text, '\0');
}

/* Stores the triple as variables have it in their names: WHICH is in capitals or not.  Targets with
 * the same triple share it. */
static void add_triple(struct maker *m, enum text which) {
    if (m->first != m->made) {
        m->made->texts[which] = m->first->texts[which];
        return;
    }
    struct buf *text = begin_text(m, which);
    for (const char *at = value_of(m, KEY_TRIPLE); *at != '\0'; at++) {
        if (*at == '-' || *at == '.')
            buf_add_char(text, '_');
        else if (which == TEXT_TRIPLE_UPPER)
            buf_add_char(text, (char)toupper((unsigned char)*at));
        else
            buf_add_char(text, *at);
    }
    buf_add_char(text, '\0');
}

static void add_texts(struct maker *m) {
    bool is_cross = *value_of(m, KEY_CROSS) != '\0' || *value_of(m, KEY_GLIBC) != '\0';
    m->made->row = is_cross ? triple_find(value_of(m, KEY_TRIPLE)) : NULL;
    add_target_dir(m);
    add_image_tag(m);
    add_compiler(m);
    add_triple(m, TEXT_TRIPLE_UPPER);
    add_triple(m, TEXT_TRIPLE_LOWER);
}

static bool add_word(struct context *c, struct slice word) {
    struct mustache_value *words = array_grow(c->words, c->word_count, &c->word_cap, sizeof *words);
    if (words == NULL)
        return false;
    c->words = words;
    words[c->word_count++] = slice_value(word);
    return true;
}

static bool add_list(struct maker *m, const struct list_row *list) {
    struct slice rest = slice_of(value_of(m, list->key)), word;
    while (slice_cut_word(&rest, &word)) {
        bool wanted = slice_has(word, '=') ? list->settings : list->others;
        if (wanted && !add_word(m->c, word))
            return false;
    }
    return true;
}

static bool add_lists(struct maker *m) {
    size_t i = 0;
    m->made->words[0] = m->c->word_count;
    while (i < LIST_COUNT && add_list(m, &lists[i]))
        m->made->words[++i] = m->c->word_count;
    return i == LIST_COUNT;
}

/* Adds the value of an object of KIND for TARGET. */
static void add_object(struct context *c, enum object_kind kind, const struct target *target) {
    c->objects[c->count] = (struct object){.kind = kind, .context = c, .target = target};
    c->values[c->count] = object_value(&c->objects[c->count]);
    c->count++;
}

/* Stores into FIRST, for each target, the index of the first with its value of KEY. */
static bool find_firsts(const struct targets *targets, enum target_key key, size_t *first) {
    struct table table;
    bool done = table_init(&table, targets->count);
    for (size_t i = 0; done && i < targets->count; i++) {
        struct slice text = slice_of(target_value(targets, &targets->items[i], key));
        const struct table_row *row = table_add(&table, text, i);
        done = row != NULL;
        first[i] = done ? row->value : 0;
    }
    table_release(&table);
    return done;
}

static bool add_targets(struct context *c, const char *dockerfile, size_t *first) {
    struct maker m = {.c = c, .hash = hash_value(HASH_BASIS, dockerfile)};
    bool done = find_firsts(c->targets, KEY_TRIPLE, first);
    for (size_t i = 0; done && i < c->targets->count; i++) {
        m.target = &c->targets->items[i];
        m.made = &c->made[i];
        m.first = &c->made[first[i]];
        add_object(c, OBJECT_TARGET, m.target);
        add_texts(&m);
        done = add_lists(&m) && !c->text.failed;
    }
    return done;
}

static bool add_caches(struct context *c, size_t *first) {
    bool done = find_firsts(c->targets, KEY_CACHE, first);
    for (size_t i = 0; done && i < c->targets->count; i++)
        if (first[i] == i)
            add_object(c, OBJECT_CACHE, &c->targets->items[i]);
    return done;
}

/* False without memory. */
static bool init(struct context *c, const struct targets *targets) {
    size_t count = targets->count;
    c->targets = targets;
    c->root = (struct object){.kind = OBJECT_ROOT, .context = c};
    buf_init(&c->text);
    c->objects = calloc(count, 2 * sizeof *c->objects);
    c->values = calloc(count, 2 * sizeof *c->values);
    c->made = calloc(count, sizeof *c->made);
    return c->objects != NULL && c->values != NULL && c->made != NULL;
}

struct context *context_new(const struct targets *targets, const char *dockerfile) {
    struct context *c = calloc(1, sizeof *c);
    size_t *first = calloc(targets->count, sizeof *first);
    bool made = c != NULL && init(c, targets) && first != NULL &&
                add_targets(c, dockerfile, first) && add_caches(c, first);
    free(first);
    if (made)
        return c;
    context_free(c);
    return NULL;
}

void context_free(struct context *c) {
    if (c == NULL)
        return;
    free(c->objects);
    free(c->values);
    free(c->made);
    free(c->words);
    buf_release(&c->text);
    free(c);
}

struct mustache_value context_root(const struct context *c) {
    return object_value(&c->root);
}
