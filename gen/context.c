#include "context.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "pool.h"
#include "slice.h"
#include "table.h"
#include "triples.h"
#include "version.h"

enum object_kind { OBJECT_ROOT, OBJECT_TARGET, OBJECT_CACHE };

/* A MUSTACHE_OBJECT. */
struct object {
    enum object_kind kind;
    const struct context *context;
    const struct target *target; /* TARGET; CACHE: the first one that has it */
    const struct made *made;     /* what is made for that one */
};

/* The texts that are made for a target. */
enum text {
    TEXT_NAME,
    TEXT_TARGET_DIR,
    TEXT_IMAGE_TAG,
    TEXT_COMPILER,
    TEXT_PROCESSOR,
    TEXT_TRIPLE_UPPER,
    TEXT_TRIPLE_LOWER,
    TEXT_HAS_CARGO_ARGS,
    TEXT_COUNT
};

/* The lists of a target: of the words of a key, all or some of them. */
enum list { LIST_ALIASES, LIST_ENV, LIST_CARGO_ARGS, LIST_SETTINGS, LIST_SECRETS, LIST_COUNT };

static const struct list_row {
    enum target_key key;
    bool settings; /* the words with a `=` */
    bool others;   /* the words without */
} lists[LIST_COUNT] = {
    [LIST_ALIASES] = {KEY_ALIASES, true, true},       [LIST_ENV] = {KEY_ENV, true, true},
    [LIST_CARGO_ARGS] = {KEY_CARGO_ARGS, true, true}, [LIST_SETTINGS] = {KEY_ENV, true, false},
    [LIST_SECRETS] = {KEY_ENV, false, true},
};

/* What is made for a target. */
struct made {
    const char *texts[TEXT_COUNT];
    size_t words[LIST_COUNT + 1]; /* where in context->words each list begins, and the last ends */
};

struct context {
    const struct targets *targets;
    struct object root;
    struct object *objects;        /* one a target, and after all of them one a cache */
    struct made *made;             /* one a target */
    struct mustache_value *values; /* of the objects */
    size_t cache_count;
    struct mustache_value *words; /* owned; of all lists, one after the other */
    size_t word_count, word_cap;
    struct pool pool; /* has the texts, and all arrays but the words */
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

/* ---- What a template can ask a target for, besides its keys ---- */

struct entry {
    const char *name;
    void (*get)(const struct object *o, const struct entry *entry, struct mustache_value *value);
    int which;         /* enum text, list, target_key or store_part, as `get` wants it */
    const char *start; /* of the value of sccache; the entry is empty for another one */
};

enum store_part { STORE_ALL, STORE_BUCKET, STORE_PREFIX };

static void get_text(const struct object *o, const struct entry *entry,
                     struct mustache_value *value) {
    *value = text_value(o->made->texts[entry->which]);
}

static void get_key(const struct object *o, const struct entry *entry,
                    struct mustache_value *value) {
    *value = text_value(own_value(o, (enum target_key)entry->which));
}

static void get_list(const struct object *o, const struct entry *entry,
                     struct mustache_value *value) {
    const size_t *words = o->made->words + entry->which;
    size_t count = words[1] - words[0];
    *value = list_value(count > 0 ? o->context->words + words[0] : NULL, count);
}

static void get_store(const struct object *o, const struct entry *entry,
                      struct mustache_value *value) {
    struct slice store = slice_of(own_value(o, KEY_SCCACHE)), rest = store, bucket;
    *value = text_value("");
    if (!slice_cut_start(&rest, entry->start))
        return;
    slice_cut(&rest, '/', &bucket);
    *value = slice_value(entry->which == STORE_ALL      ? store
                         : entry->which == STORE_BUCKET ? bucket
                                                        : rest);
}

/* Each is found before the key of the same name. */
static const struct entry entries[] = {
    {"name", get_text, TEXT_NAME, NULL},
    {"target_dir", get_text, TEXT_TARGET_DIR, NULL},
    {"target_in", get_key, KEY_TARGET_DIR, NULL},
    {"image_tag", get_text, TEXT_IMAGE_TAG, NULL},
    {"compiler", get_text, TEXT_COMPILER, NULL},
    {"processor", get_text, TEXT_PROCESSOR, NULL},
    {"triple_upper", get_text, TEXT_TRIPLE_UPPER, NULL},
    {"triple_lower", get_text, TEXT_TRIPLE_LOWER, NULL},
    {"has_cargo_args", get_text, TEXT_HAS_CARGO_ARGS, NULL},
    {"aliases", get_list, LIST_ALIASES, NULL},
    {"env", get_list, LIST_ENV, NULL},
    {"env_settings", get_list, LIST_SETTINGS, NULL},
    {"env_secrets", get_list, LIST_SECRETS, NULL},
    {"cargo_args", get_list, LIST_CARGO_ARGS, NULL},
    {"sccache_volume", get_store, STORE_ALL, "volume"},
    {"sccache_gha", get_store, STORE_ALL, "gha"},
    {"sccache_redis", get_store, STORE_ALL, "redis://"},
    {"sccache_bucket", get_store, STORE_BUCKET, "s3://"},
    {"sccache_prefix", get_store, STORE_PREFIX, "s3://"},
};

/* ---- Finding values by their names ---- */

/* A name's number: first those of entries, then those of keys, and then that of all others. */
enum { ENTRY_COUNT = sizeof entries / sizeof *entries, NAME_COUNT = ENTRY_COUNT + KEY_COUNT };

static const char *name_of(size_t number) {
    return number < ENTRY_COUNT ? entries[number].name
                                : target_key_name((enum target_key)(number - ENTRY_COUNT));
}

size_t context_name_id(struct slice name) {
    size_t number = 0;
    while (number < NAME_COUNT && !slice_is(name, name_of(number)))
        number++;
    return number;
}

static bool find_in_target(const struct object *o, const struct mustache_name *name,
                           struct mustache_value *value) {
    const struct field *extra = NULL;
    if (name->id < ENTRY_COUNT)
        entries[name->id].get(o, &entries[name->id], value);
    else if (name->id < NAME_COUNT)
        *value = text_value(own_value(o, (enum target_key)(name->id - ENTRY_COUNT)));
    else if ((extra = target_extra(o->context->targets, o->target, name->text)) != NULL)
        *value = text_value(extra->text);
    return name->id < NAME_COUNT || extra != NULL;
}

/* The name FILE, if make and sh read it as one in every context. */
static struct mustache_value plain_value(const char *file) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    bool is_plain = file[0] != '-' && file[0] != '/' && file[strspn(file, plain)] == '\0';
    return text_value(is_plain ? file : "");
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
        *value = plain_value(targets->file);
    else if (slice_is(name, "lock"))
        *value = plain_value(targets->lock != NULL ? targets->lock : "");
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

bool context_get(const void *object, const struct mustache_name *name,
                 struct mustache_value *value) {
    const struct object *o = object;
    if (o->kind == OBJECT_ROOT)
        return find_in_root(o, name->text, value);
    bool known = o->kind == OBJECT_TARGET || name->id == ENTRY_COUNT + KEY_CACHE;
    return known && find_in_target(o, name, value);
}

/* ---- Building ---- */

/* Continues HASH with TEXT and its NUL. */
static uint64_t hash_value(uint64_t hash, const char *text) {
    return hash_text(hash, (struct slice){text, strlen(text) + 1});
}

/* The target that texts and lists are being made for, and what is known of those before. */
struct maker {
    struct context *c;
    uint64_t hash;        /* of what goes into every image */
    struct table triples; /* the index of the first target that has each */
    const struct object *object;
    struct made *made;
    const struct made *first; /* of the first target with this triple, perhaps of this target */
};

/* Makes the text WHICH of the PARTS before the first one that is NULL; false without memory. */
static bool add_text(struct maker *m, enum text which, const char *const *parts) {
    size_t size = 1;
    for (size_t i = 0; parts[i] != NULL; i++)
        size += strlen(parts[i]);
    char *end = pool_alloc(&m->c->pool, size);
    m->made->texts[which] = end;
    for (size_t i = 0; end != NULL && parts[i] != NULL; i++)
        end = stpcpy(end, parts[i]);
    return end != NULL;
}

static bool add_image_tag(struct maker *m, const struct triple *row) {
    static const enum target_key inputs[] = {KEY_IMAGE,           KEY_PLATFORM, KEY_PACKAGES,
                                             KEY_TARGET_PACKAGES, KEY_SETUP,    KEY_TRIPLE,
                                             KEY_CROSS,           KEY_GLIBC,    KEY_MIRROR};
    char digits[16 + 1] = "";
    uint64_t hash = m->hash;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        hash = hash_value(hash, own_value(m->object, inputs[i]));
    if (row != NULL)
        hash = hash_value(hash_value(hash, row->compiler), row->processor);
    for (int i = 15; i >= 0; i--, hash >>= 4)
        digits[i] = "0123456789abcdef"[hash & 15];
    return add_text(m, TEXT_IMAGE_TAG,
                    (const char *[]){m->object->target->name, "-", digits, NULL});
}

/* The target directory has the triple's name if no target before has that triple.  No triple has an
 * `@`, so that no two targets meet. */
static bool add_target_dir(struct maker *m) {
    const char *triple = own_value(m->object, KEY_TRIPLE), *more = m->first != m->made ? "@" : NULL;
    const char *const parts[] = {"target/", triple, more, m->object->target->name, NULL};
    return add_text(m, TEXT_TARGET_DIR, parts);
}

/* Stores the triple as variables have it in their names: WHICH is in capitals or not.  Targets with
 * the same triple share it. */
static bool add_triple(struct maker *m, enum text which) {
    if (m->first != m->made) {
        m->made->texts[which] = m->first->texts[which];
        return true;
    }
    char *at = pool_copy(&m->c->pool, own_value(m->object, KEY_TRIPLE));
    m->made->texts[which] = at;
    for (; at != NULL && *at != '\0'; at++) {
        if (*at == '-' || *at == '.')
            *at = '_';
        else if (which == TEXT_TRIPLE_UPPER)
            *at = (char)toupper((unsigned char)*at);
    }
    return at != NULL;
}

static bool add_texts(struct maker *m) {
    const char **texts = m->made->texts;
    bool cross = *own_value(m->object, KEY_CROSS) != '\0',
         glibc = *own_value(m->object, KEY_GLIBC) != '\0';
    const struct triple *row =
        cross || glibc ? triple_find(own_value(m->object, KEY_TRIPLE)) : NULL;
    const char *const compiler[] = {glibc ? "zig-" : "", row != NULL ? row->compiler : "", NULL};
    texts[TEXT_NAME] = m->object->target->name;
    texts[TEXT_PROCESSOR] = row != NULL ? row->processor : "";
    texts[TEXT_HAS_CARGO_ARGS] =
        cross || *own_value(m->object, KEY_CARGO_ARGS) != '\0' ? "yes" : "";
    return add_text(m, TEXT_COMPILER, compiler) && add_image_tag(m, row) && add_target_dir(m) &&
           add_triple(m, TEXT_TRIPLE_UPPER) && add_triple(m, TEXT_TRIPLE_LOWER);
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
    struct slice rest = slice_of(own_value(m->object, list->key)), word;
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

/* Makes the object of KIND for TARGET, and its value, number INDEX of all. */
static const struct object *add_object(struct context *c, size_t index, enum object_kind kind,
                                       const struct target *target) {
    c->objects[index] = (struct object){
        .kind = kind, .context = c, .target = target, .made = &c->made[target - c->targets->items]};
    c->values[index] = object_value(&c->objects[index]);
    return &c->objects[index];
}

static bool add_target(struct maker *m, size_t index) {
    struct context *c = m->c;
    m->object = add_object(c, index, OBJECT_TARGET, &c->targets->items[index]);
    m->made = &c->made[index];
    const char *triple = own_value(m->object, KEY_TRIPLE);
    const struct table_row *row = table_add(&m->triples, slice_of(triple), index);
    m->first = row != NULL ? &c->made[row->value] : NULL;
    return row != NULL && add_texts(m) && add_lists(m);
}

static bool add_targets(struct context *c, const char *dockerfile) {
    struct maker m = {.c = c, .hash = hash_value(HASH_BASIS, dockerfile)};
    bool done = true;
    for (size_t i = 0; done && i < c->targets->count; i++)
        done = add_target(&m, i);
    table_release(&m.triples);
    return done;
}

/* Before the targets, whose texts then go to where the table was. */
static bool add_caches(struct context *c) {
    struct table caches = {.rows = NULL};
    const struct targets *targets = c->targets;
    bool done = true;
    for (size_t i = 0; done && i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        struct slice name = slice_of(target_value(targets, target, KEY_CACHE));
        const struct table_row *row = table_add(&caches, name, i);
        done = row != NULL;
        if (done && row->value == i)
            add_object(c, targets->count + c->cache_count++, OBJECT_CACHE, target);
    }
    table_release(&caches);
    return done;
}

struct context *context_new(const struct targets *targets, const char *dockerfile) {
    size_t count = targets->count;
    struct context *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->targets = targets;
    c->root = (struct object){.kind = OBJECT_ROOT, .context = c};
    c->objects = pool_alloc(&c->pool, 2 * count * sizeof *c->objects);
    c->values = pool_alloc(&c->pool, 2 * count * sizeof *c->values);
    c->made = pool_alloc(&c->pool, count * sizeof *c->made);
    if (c->objects != NULL && c->values != NULL && c->made != NULL && add_caches(c) &&
        add_targets(c, dockerfile))
        return c;
    context_free(c);
    return NULL;
}

void context_free(struct context *c) {
    pool_release(&c->pool);
    free(c->words);
    free(c);
}

struct mustache_value context_root(const struct context *c) {
    return object_value(&c->root);
}
