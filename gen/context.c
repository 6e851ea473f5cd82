#include "context.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "slice.h"
#include "triples.h"
#include "version.h"

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

enum object_kind { OBJECT_ROOT, OBJECT_TARGET, OBJECT_CACHE };

/* The texts of a target that are made from its keys. */
enum text {
    TEXT_NAME,
    TEXT_TARGET_DIR,
    TEXT_IMAGE_TAG,
    TEXT_HAS_CARGO_ARGS,
    TEXT_SCCACHE_VOLUME,
    TEXT_SCCACHE_GHA,
    TEXT_SCCACHE_REDIS,
    TEXT_SCCACHE_BUCKET,
    TEXT_SCCACHE_PREFIX,
    TEXT_COMPILER,
    TEXT_PROCESSOR,
    TEXT_TRIPLE_UPPER,
    TEXT_TRIPLE_LOWER,
    TEXT_COUNT
};

static const char *const text_names[TEXT_COUNT] = {
    "name",        "target_dir",    "image_tag",      "has_cargo_args", "sccache_volume",
    "sccache_gha", "sccache_redis", "sccache_bucket", "sccache_prefix", "compiler",
    "processor",   "triple_upper",  "triple_lower",
};

/* A MUSTACHE_OBJECT. */
struct object {
    enum object_kind kind;
    const struct context *context;
    const struct target *target; /* TARGET; CACHE: the first one that has it */
    size_t texts[TEXT_COUNT];    /* TARGET: where in context->text each begins */
};

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

/* What a template can ask a target for, by its name: first the keys, then texts, then lists. */
enum { ENTRY_COUNT = KEY_COUNT + TEXT_COUNT + LIST_COUNT, BUCKET_COUNT = 64 };

struct entry {
    struct slice name;
    const struct entry *next; /* in the same bucket */
};

struct context {
    const struct targets *targets;
    struct entry entries[ENTRY_COUNT];
    const struct entry *buckets[BUCKET_COUNT]; /* the first in each */
    struct object root;
    struct object *objects;        /* owned; one a target */
    struct mustache_value *values; /* owned; of these, and then of the caches */
    struct object *caches;         /* owned; the first cache_count are in use */
    size_t cache_count;
    struct mustache_value *words; /* owned; of all lists, one after the other */
    size_t word_count, word_cap;
    size_t *ends;    /* owned; where each list ends in it, LIST_COUNT a target */
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

static const char *own_value(const struct object *o, enum target_key key) {
    return target_value(o->context->targets, o->target, key);
}

/* ---- Finding values by their names ---- */

static struct mustache_value get_list(const struct object *o, size_t list) {
    const struct context *c = o->context;
    size_t index = (size_t)(o->target - c->targets->items) * LIST_COUNT + list;
    size_t start = index > 0 ? c->ends[index - 1] : 0;
    size_t count = c->ends[index] - start;
    return list_value(count > 0 ? c->words + start : NULL, count);
}

/* The value of the entry number INDEX. */
static struct mustache_value get_entry(const struct object *o, size_t index) {
    if (index < KEY_COUNT)
        return text_value(own_value(o, (enum target_key)index));
    index -= KEY_COUNT;
    return index < TEXT_COUNT ? text_value(o->context->text.data + o->texts[index])
                              : get_list(o, index - TEXT_COUNT);
}

/* The bucket of NAME, chosen so that few of the names that there are share one. */
static size_t bucket_of(struct slice name) {
    if (name.len == 0)
        return 0;
    size_t first = (unsigned char)name.text[0], last = (unsigned char)name.text[name.len - 1];
    return (5 * name.len + 2 * first + last) % BUCKET_COUNT;
}

static bool find_entry(const struct object *o, struct slice name, struct mustache_value *value) {
    const struct context *c = o->context;
    const struct entry *entry = c->buckets[bucket_of(name)];
    while (entry != NULL && !slice_equals(entry->name, name))
        entry = entry->next;
    if (entry == NULL)
        return false;
    *value = get_entry(o, (size_t)(entry - c->entries));
    return true;
}

static bool find_extra(const struct target *target, struct slice name,
                       struct mustache_value *value) {
    for (size_t i = 0; i < target->extra_count; i++) {
        if (slice_is(name, target->extras[i].name)) {
            *value = text_value(target->extras[i].value.text);
            return true;
        }
    }
    return false;
}

/* A key of the user's own hides the one of [defaults]. */
static bool find_in_target(const struct object *o, struct slice name,
                           struct mustache_value *value) {
    return find_entry(o, name, value) || find_extra(o->target, name, value) ||
           find_extra(&o->context->targets->defaults, name, value);
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
        *value = list_value(c->values + targets->count, c->cache_count);
    else if (slice_starts(name, "x-"))
        *value = (struct mustache_value){.type = MUSTACHE_FALSE};
    else
        return false;
    return true;
}

bool context_get(const void *object, const char *name, size_t len, struct mustache_value *value) {
    const struct object *o = object;
    struct slice wanted = {name, len};
    if (o->kind == OBJECT_ROOT)
        return find_in_root(o, wanted, value);
    if (o->kind == OBJECT_TARGET)
        return find_in_target(o, wanted, value);
    return slice_is(wanted, "cache") && find_entry(o, wanted, value);
}

/* ---- Building ---- */

/* 64-bit FNV-1a of TEXT and its NUL, continuing from HASH, at first FNV_BASIS
 * (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv).  It tells edits apart, and is no
 * protection against forgery. */
static uint64_t hash_text(uint64_t hash, const char *text) {
    const char *p = text;
    do {
        hash ^= (unsigned char)*p;
        hash *= FNV_PRIME;
    } while (*p++ != '\0');
    return hash;
}

/* Stores TEXT as O's WHICH. */
static void add_text(struct context *c, struct object *o, enum text which, struct slice text) {
    o->texts[which] = c->text.len;
    buf_add(&c->text, text.text, text.len);
    buf_add_char(&c->text, '\0');
}

/* HASH: of what goes into every image; ROW: of the cross compiler, or NULL. */
static void add_image_tag(struct context *c, struct object *o, uint64_t hash,
                          const struct triple *row) {
    static const enum target_key inputs[] = {KEY_IMAGE,           KEY_PLATFORM, KEY_PACKAGES,
                                             KEY_TARGET_PACKAGES, KEY_SETUP,    KEY_TRIPLE,
                                             KEY_CROSS,           KEY_GLIBC,    KEY_MIRROR};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        hash = hash_text(hash, own_value(o, inputs[i]));
    if (row != NULL)
        hash = hash_text(hash_text(hash, row->compiler), row->processor);
    o->texts[TEXT_IMAGE_TAG] = c->text.len;
    buf_add_str(&c->text, o->target->name);
    buf_add_char(&c->text, '-');
    for (int shift = 60; shift >= 0; shift -= 4)
        buf_add_char(&c->text, "0123456789abcdef"[hash >> shift & 15]);
    buf_add_char(&c->text, '\0');
}

/* The target directory has the triple's name if O is the FIRST with that. */
static void add_target_dir(struct context *c, struct object *o, bool first) {
    o->texts[TEXT_TARGET_DIR] = c->text.len;
    buf_add_str(&c->text, "target/");
    buf_add_str(&c->text, own_value(o, KEY_TRIPLE));
    if (!first) { /* no triple has an `@`, so that no two targets meet */
        buf_add_char(&c->text, '@');
        buf_add_str(&c->text, o->target->name);
    }
    buf_add_char(&c->text, '\0');
}

/* ROW: of the cross compiler, or NULL. */
static void add_compiler(struct context *c, struct object *o, const struct triple *row) {
    o->texts[TEXT_COMPILER] = c->text.len;
    buf_add_str(&c->text, *own_value(o, KEY_GLIBC) != '\0' ? "zig-" : "");
    buf_add_str(&c->text, row != NULL ? row->compiler : "");
    buf_add_char(&c->text, '\0');
    add_text(c, o, TEXT_PROCESSOR, slice_of(row != NULL ? row->processor : ""));
}

/* Stores the triple of O as variables have it in their names: WHICH is in capitals or not. */
static void add_triple(struct context *c, struct object *o, enum text which) {
    o->texts[which] = c->text.len;
    for (const char *at = own_value(o, KEY_TRIPLE); *at != '\0'; at++) {
        if (*at == '-' || *at == '.')
            buf_add_char(&c->text, '_');
        else if (which == TEXT_TRIPLE_UPPER)
            buf_add_char(&c->text, (char)toupper((unsigned char)*at));
        else
            buf_add_char(&c->text, *at);
    }
    buf_add_char(&c->text, '\0');
}

/* The kinds of store that the key sccache names: one of these is not empty, if it is set. */
static void add_sccache(struct context *c, struct object *o) {
    struct slice store = slice_of(own_value(o, KEY_SCCACHE)), none = {"", 0}, bucket = none;
    add_text(c, o, TEXT_SCCACHE_VOLUME, slice_is(store, "volume") ? store : none);
    add_text(c, o, TEXT_SCCACHE_GHA, slice_is(store, "gha") ? store : none);
    add_text(c, o, TEXT_SCCACHE_REDIS, slice_starts(store, "redis://") ? store : none);
    if (slice_cut_start(&store, "s3://"))
        slice_cut(&store, '/', &bucket);
    else
        store = none;
    add_text(c, o, TEXT_SCCACHE_BUCKET, bucket);
    add_text(c, o, TEXT_SCCACHE_PREFIX, store);
}

/* FIRST: O is the first with its triple.  HASH: of what goes into every image. */
static void add_texts(struct context *c, struct object *o, uint64_t hash, bool first) {
    const char *triple = own_value(o, KEY_TRIPLE), *cross = own_value(o, KEY_CROSS);
    bool is_cross = *cross != '\0' || *own_value(o, KEY_GLIBC) != '\0';
    bool has_cargo_args = *cross != '\0' || *own_value(o, KEY_CARGO_ARGS) != '\0';
    const struct triple *row = is_cross ? triple_find(triple) : NULL;
    add_text(c, o, TEXT_NAME, slice_of(o->target->name));
    add_text(c, o, TEXT_HAS_CARGO_ARGS, slice_of(has_cargo_args ? "yes" : ""));
    add_target_dir(c, o, first);
    add_image_tag(c, o, hash, row);
    add_compiler(c, o, row);
    add_triple(c, o, TEXT_TRIPLE_UPPER);
    add_triple(c, o, TEXT_TRIPLE_LOWER);
    add_sccache(c, o);
}

static bool add_word(struct context *c, struct slice word) {
    struct mustache_value *words = array_grow(c->words, c->word_count, &c->word_cap, sizeof *words);
    if (words == NULL)
        return false;
    c->words = words;
    words[c->word_count++] = slice_value(word);
    return true;
}

static bool add_list(struct context *c, const struct object *o, const struct list_row *list) {
    struct slice rest = slice_of(own_value(o, list->key)), word;
    while (slice_cut_word(&rest, &word)) {
        bool wanted = slice_has(word, '=') ? list->settings : list->others;
        if (wanted && !add_word(c, word))
            return false;
    }
    return true;
}

/* Makes the object of target INDEX. */
static bool add_target(struct context *c, size_t index, uint64_t hash, bool first) {
    struct object *o = &c->objects[index];
    *o = (struct object){.kind = OBJECT_TARGET, .context = c, .target = &c->targets->items[index]};
    c->values[index] = object_value(o);
    add_texts(c, o, hash, first);
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (!add_list(c, o, &lists[i]))
            return false;
        c->ends[index * LIST_COUNT + i] = c->word_count;
    }
    return !c->text.failed;
}

static void add_cache(struct context *c, size_t index) {
    struct object *o = &c->caches[c->cache_count];
    *o = (struct object){.kind = OBJECT_CACHE, .context = c, .target = &c->targets->items[index]};
    c->values[c->targets->count + c->cache_count++] = object_value(o);
}

/* Stores into FIRST, for each target, whether it is the first with its value of KEY.  With a hash
 * table, open and at most half full, since comparing each with each is slow for 10,000 targets. */
static bool find_firsts(const struct targets *targets, enum target_key key, bool *first) {
    size_t size = 1;
    while (size < 2 * targets->count)
        size *= 2;
    const char **table = calloc(size, sizeof *table);
    if (table == NULL)
        return false;
    for (size_t i = 0; i < targets->count; i++) {
        const char *text = target_value(targets, &targets->items[i], key);
        size_t at = hash_text(FNV_BASIS, text) & (size - 1);
        while (table[at] != NULL && strcmp(table[at], text) != 0)
            at = (at + 1) & (size - 1);
        first[i] = table[at] == NULL;
        table[at] = text;
    }
    free((void *)table);
    return true;
}

static bool fill(struct context *c, const char *dockerfile, bool *first) {
    uint64_t hash = hash_text(FNV_BASIS, dockerfile);
    if (!find_firsts(c->targets, KEY_TRIPLE, first))
        return false;
    for (size_t i = 0; i < c->targets->count; i++)
        if (!add_target(c, i, hash, first[i]))
            return false;
    if (!find_firsts(c->targets, KEY_CACHE, first))
        return false;
    for (size_t i = 0; i < c->targets->count; i++)
        if (first[i])
            add_cache(c, i);
    return true;
}

/* Templates mostly want the target directory, so that one has the key's name. */
static const char *name_in_templates(enum target_key key) {
    return key == KEY_TARGET_DIR ? "target_in" : target_key_name(key);
}

/* Of two that have one name, the later is found: the list of a key, not its text. */
static void add_entry(struct context *c, size_t index, const char *name) {
    struct entry *entry = &c->entries[index];
    entry->name = slice_of(name);
    const struct entry **bucket = &c->buckets[bucket_of(entry->name)];
    entry->next = *bucket;
    *bucket = entry;
}

static void add_entries(struct context *c) {
    size_t index = 0;
    for (size_t i = 0; i < KEY_COUNT; i++)
        add_entry(c, index++, name_in_templates((enum target_key)i));
    for (size_t i = 0; i < TEXT_COUNT; i++)
        add_entry(c, index++, text_names[i]);
    for (size_t i = 0; i < LIST_COUNT; i++)
        add_entry(c, index++, lists[i].name);
}

/* False without memory. */
static bool init(struct context *c, const struct targets *targets) {
    size_t count = targets->count;
    c->targets = targets;
    c->root = (struct object){.kind = OBJECT_ROOT, .context = c};
    add_entries(c);
    buf_init(&c->text);
    c->objects = calloc(count, sizeof *c->objects);
    c->caches = calloc(count, sizeof *c->caches);
    c->values = calloc(count, 2 * sizeof *c->values);
    c->ends = calloc(count, LIST_COUNT * sizeof *c->ends);
    return c->objects != NULL && c->caches != NULL && c->values != NULL && c->ends != NULL;
}

struct context *context_new(const struct targets *targets, const char *dockerfile) {
    struct context *c = calloc(1, sizeof *c);
    bool *first = calloc(targets->count, sizeof *first);
    bool made = c != NULL && init(c, targets) && first != NULL && fill(c, dockerfile, first);
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
    free(c->caches);
    free(c->values);
    free(c->ends);
    free(c->words);
    buf_release(&c->text);
    free(c);
}

struct mustache_value context_root(const struct context *c) {
    return object_value(&c->root);
}
