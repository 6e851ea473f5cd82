#include "context.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "version.h"

/* A named value of an object. */
struct member {
    const char *name;
    struct mustache_value value;
};

/* A MUSTACHE_OBJECT. */
struct object {
    struct member *members; /* owned */
    size_t count;
    bool has_extras; /* every `x-…` that is not among the members is there, and empty */
};

/* What one target adds to its keys. */
struct entry {
    const struct target *target;
    struct object object;
    struct mustache_value words[KEY_COUNT]; /* the lists; each array is owned */
    struct mustache_value settings;         /* the words of env that have a value; owned likewise */
    struct mustache_value secrets;          /* those that have none; owned likewise */
    char *target_dir;                       /* owned */
    char *image_tag;                        /* owned */
};

struct context {
    const struct targets *targets;
    struct entry *entries;               /* owned; one a target */
    struct mustache_value *targets_list; /* owned; the entries' objects */
    struct object *caches;               /* owned; the first cache_count are in use */
    struct mustache_value *caches_list;  /* owned */
    size_t cache_count;
    struct object root;
};

/* ---- Values ---- */

static struct mustache_value text_value(const char *text) {
    return (struct mustache_value){.type = MUSTACHE_TEXT, .text = text, .len = strlen(text)};
}

static struct mustache_value object_value(const struct object *object) {
    return (struct mustache_value){.type = MUSTACHE_OBJECT, .object = object};
}

static struct mustache_value list_value(const struct mustache_value *items, size_t count) {
    return (struct mustache_value){
        .type = count > 0 ? MUSTACHE_LIST : MUSTACHE_FALSE, .object = items, .count = count};
}

static bool add_member(struct object *object, const char *name, struct mustache_value value) {
    struct member *members = array_grow(object->members, object->count, sizeof *members);
    if (members == NULL)
        return false;
    object->members = members;
    members[object->count++] = (struct member){name, value};
    return true;
}

bool context_get(const void *object, const char *name, size_t len, struct mustache_value *value) {
    const struct object *o = object;
    for (size_t i = 0; i < o->count; i++) {
        const char *own = o->members[i].name;
        if (strlen(own) == len && memcmp(own, name, len) == 0) {
            *value = o->members[i].value;
            return true;
        }
    }
    if (!o->has_extras || len < 2 || memcmp(name, "x-", 2) != 0)
        return false;
    *value = (struct mustache_value){.type = MUSTACHE_FALSE};
    return true;
}

void context_item(const struct mustache_value *list, size_t index, struct mustache_value *value) {
    const struct mustache_value *items = list->object;
    *value = items[index];
}

/* ---- Derived values ---- */

/* 64-bit FNV-1a, of TEXT and its NUL: tells edits apart, is no protection against forgery. */
static uint64_t hash_text(uint64_t hash, const char *text) {
    const char *p = text;
    do {
        hash ^= (unsigned char)*p;
        hash *= UINT64_C(0x100000001b3);
    } while (*p++ != '\0');
    return hash;
}

static char *make_image_tag(const struct targets *targets, const struct target *target,
                            const char *salt) {
    static const enum target_key inputs[] = {KEY_IMAGE,  KEY_PLATFORM, KEY_SETUP,
                                             KEY_TRIPLE, KEY_CROSS,    KEY_MIRROR};
    uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), salt);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        hash = hash_text(hash, target_value(targets, target, inputs[i]));
    char digits[17];
    snprintf(digits, sizeof digits, "%016" PRIx64, hash);
    struct buf tag;
    buf_init(&tag);
    buf_add_str(&tag, target->name);
    buf_add_char(&tag, '-');
    buf_add_str(&tag, digits);
    return buf_detach(&tag);
}

static char *make_target_dir(const char *triple, const char *name) {
    struct buf path;
    buf_init(&path);
    buf_add_str(&path, "target/");
    buf_add_str(&path, triple);
    if (name != NULL) {
        buf_add_char(&path, '@'); /* which no triple has, so that no two targets meet */
        buf_add_str(&path, name);
    }
    return buf_detach(&path);
}

/* An entry by one of its values, to find the entries that have it in common. */
struct keyed {
    const char *text;
    size_t index;
};

static int compare_keyed(const void *left, const void *right) {
    const struct keyed *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

/* Stores into FIRST, for each target, whether it is the first with its value of KEY.  Sorted,
 * since comparing each with each is slow for 10,000 targets. */
static bool find_firsts(const struct targets *targets, enum target_key key, bool *first) {
    struct keyed *sorted = calloc(targets->count, sizeof *sorted);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < targets->count; i++)
        sorted[i] = (struct keyed){target_value(targets, &targets->items[i], key), i};
    qsort(sorted, targets->count, sizeof *sorted, compare_keyed);
    for (size_t i = 0; i < targets->count; i++)
        first[sorted[i].index] = i == 0 || strcmp(sorted[i].text, sorted[i - 1].text) != 0;
    free(sorted);
    return true;
}

/* ---- Building ---- */

static bool is_any(const char *word, size_t len) {
    (void)word;
    return len > 0;
}

static bool is_setting(const char *word, size_t len) {
    return memchr(word, '=', len) != NULL;
}

static bool is_secret(const char *word, size_t len) {
    return len > 0 && !is_setting(word, len);
}

/* The words of TEXT that IS_WANTED as a list, whose array the caller frees through `object`. */
static bool make_words(const char *text, bool (*is_wanted)(const char *, size_t),
                       struct mustache_value *list) {
    struct mustache_value *words = NULL;
    size_t count = 0, len;
    for (; (text = word_next(text, &len)) != NULL; text += len) {
        if (!is_wanted(text, len))
            continue;
        struct mustache_value *grown = array_grow(words, count, sizeof *words);
        if (grown == NULL) {
            free(words);
            return false;
        }
        words = grown;
        words[count++] = (struct mustache_value){.type = MUSTACHE_TEXT, .text = text, .len = len};
    }
    *list = list_value(words, count);
    return true;
}

/* Templates mostly want the target directory, so that one has the key's name. */
static const char *member_name(enum target_key key) {
    return key == KEY_TARGET_DIR ? "target_in" : target_key_name(key);
}

static bool add_keys(struct entry *entry, const struct targets *targets) {
    for (size_t i = 0; i < KEY_COUNT; i++) {
        enum target_key key = (enum target_key)i;
        const char *text = target_value(targets, entry->target, key);
        struct mustache_value value = text_value(text);
        if (target_key_is_list(key)) {
            if (!make_words(text, is_any, &entry->words[i]))
                return false;
            value = entry->words[i];
        }
        if (!add_member(&entry->object, member_name(key), value))
            return false;
    }
    return true;
}

/* What a build without credentials may keep of `env`, and what it may not. */
static bool add_settings(struct entry *entry, const struct targets *targets) {
    const char *env = target_value(targets, entry->target, KEY_ENV);
    return make_words(env, is_setting, &entry->settings) &&
           make_words(env, is_secret, &entry->secrets) &&
           add_member(&entry->object, "env_settings", entry->settings) &&
           add_member(&entry->object, "env_secrets", entry->secrets);
}

/* Whether the rules give cargo arguments for the target alone. */
static bool add_has_cargo_args(struct entry *entry, const struct targets *targets) {
    const char *cross = target_value(targets, entry->target, KEY_CROSS);
    const char *args = target_value(targets, entry->target, KEY_CARGO_ARGS);
    const char *any = cross[0] != '\0' || args[0] != '\0' ? "yes" : "";
    return add_member(&entry->object, "has_cargo_args", text_value(any));
}

static struct mustache_value slice_value(const char *text, size_t len) {
    return (struct mustache_value){.type = MUSTACHE_TEXT, .text = text, .len = len};
}

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

/* The kinds of store that the key sccache names: one of these is not empty, if it is set.  The
 * prefix in a bucket may be empty. */
static bool add_sccache(struct entry *entry, const struct targets *targets) {
    static const char s3[] = "s3://";
    const char *store = target_value(targets, entry->target, KEY_SCCACHE);
    const char *bucket = starts_with(store, s3) ? store + strlen(s3) : "";
    const char *prefix = bucket + strcspn(bucket, "/");
    struct object *object = &entry->object;
    return add_member(object, "sccache_volume",
                      text_value(strcmp(store, "volume") == 0 ? store : "")) &&
           add_member(object, "sccache_redis",
                      text_value(starts_with(store, "redis://") ? store : "")) &&
           add_member(object, "sccache_bucket", slice_value(bucket, (size_t)(prefix - bucket))) &&
           add_member(object, "sccache_prefix", text_value(prefix + (*prefix == '/')));
}

/* An extra key of the target shadows the one of [defaults], which comes after it. */
static bool add_extras(struct object *object, const struct target *target) {
    bool added = true;
    for (size_t i = 0; added && i < target->extra_count; i++)
        added =
            add_member(object, target->extras[i].name, text_value(target->extras[i].value.text));
    return added;
}

static bool fill_entry(struct entry *entry, const struct targets *targets, const char *salt,
                       bool owns_triple) {
    const struct target *target = entry->target;
    entry->target_dir = make_target_dir(target_value(targets, target, KEY_TRIPLE),
                                        owns_triple ? NULL : target->name);
    entry->image_tag = make_image_tag(targets, target, salt);
    return entry->target_dir != NULL && entry->image_tag != NULL &&
           add_member(&entry->object, "name", text_value(target->name)) &&
           add_keys(entry, targets) && add_settings(entry, targets) &&
           add_has_cargo_args(entry, targets) && add_sccache(entry, targets) &&
           add_member(&entry->object, "target_dir", text_value(entry->target_dir)) &&
           add_member(&entry->object, "image_tag", text_value(entry->image_tag)) &&
           add_extras(&entry->object, target) && add_extras(&entry->object, &targets->defaults);
}

static bool fill_entries(struct context *c, const char *salt, const bool *first) {
    for (size_t i = 0; i < c->targets->count; i++) {
        c->entries[i].target = &c->targets->items[i];
        if (!fill_entry(&c->entries[i], c->targets, salt, first[i]))
            return false;
        c->targets_list[i] = object_value(&c->entries[i].object);
    }
    return true;
}

static bool fill_caches(struct context *c, const bool *first) {
    for (size_t i = 0; i < c->targets->count; i++) {
        if (!first[i])
            continue;
        struct object *object = &c->caches[c->cache_count];
        const char *cache = target_value(c->targets, &c->targets->items[i], KEY_CACHE);
        c->caches_list[c->cache_count++] = object_value(object);
        if (!add_member(object, "cache", text_value(cache)))
            return false;
    }
    return true;
}

/* Whether make and sh read FILE as a name, whatever is around it. */
static bool is_plain(const char *file) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    return file[0] != '-' && file[0] != '/' && file[strspn(file, plain)] == '\0';
}

/* An `x-…` that a target does not have is empty, not unknown: templates may ask for any. */
static bool fill_root(struct context *c) {
    c->root.has_extras = true;
    size_t count = c->targets->count;
    return add_member(&c->root, "version", text_value(CACHEMK_VERSION)) &&
           add_member(&c->root, "ini",
                      text_value(is_plain(c->targets->file) ? c->targets->file : "")) &&
           add_member(&c->root, "targets", list_value(c->targets_list, count)) &&
           add_member(&c->root, "caches", list_value(c->caches_list, c->cache_count));
}

static bool context_fill(struct context *c, const char *salt, bool *first) {
    return find_firsts(c->targets, KEY_TRIPLE, first) && fill_entries(c, salt, first) &&
           find_firsts(c->targets, KEY_CACHE, first) && fill_caches(c, first) && fill_root(c);
}

struct context *context_new(const struct targets *targets, const char *salt) {
    size_t count = targets->count;
    struct context *c = calloc(1, sizeof *c);
    bool *first = calloc(count, sizeof *first);
    bool made = false;
    if (c != NULL && first != NULL) {
        c->targets = targets;
        c->entries = calloc(count, sizeof *c->entries);
        c->targets_list = calloc(count, sizeof *c->targets_list);
        c->caches = calloc(count, sizeof *c->caches);
        c->caches_list = calloc(count, sizeof *c->caches_list);
        made = c->entries != NULL && c->targets_list != NULL && c->caches != NULL &&
               c->caches_list != NULL && context_fill(c, salt, first);
    }
    free(first);
    if (!made) {
        context_free(c);
        return NULL;
    }
    return c;
}

static void entry_release(struct entry *entry) {
    free(entry->object.members);
    for (size_t i = 0; i < KEY_COUNT; i++)
        free((void *)entry->words[i].object);
    free((void *)entry->settings.object);
    free((void *)entry->secrets.object);
    free(entry->target_dir);
    free(entry->image_tag);
}

void context_free(struct context *c) {
    if (c == NULL)
        return;
    for (size_t i = 0; c->entries != NULL && i < c->targets->count; i++)
        entry_release(&c->entries[i]);
    for (size_t i = 0; i < c->cache_count; i++)
        free(c->caches[i].members);
    free(c->entries);
    free(c->targets_list);
    free(c->caches);
    free(c->caches_list);
    free(c->root.members);
    free(c);
}

struct mustache_value context_root(const struct context *c) {
    return object_value(&c->root);
}
