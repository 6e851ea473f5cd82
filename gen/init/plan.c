#include "plan.h"

#include <string.h>
#include <sys/utsname.h>

/* What begins a line that continues a value. */
#define INDENT "\n              "

enum { COLUMNS = 95, COMMAND_MAX = 150 }; /* longer ones are wrapped between their words */

static const struct plan_row rows[PLAN_COUNT] = {
    {"linux-x64", "Linux x86-64 (glibc)", "x86_64-unknown-linux-gnu", "linux/amd64", "x64", "",
     false},
    {"linux-arm64", "Linux ARM64 (glibc)", "aarch64-unknown-linux-gnu", "linux/arm64", "arm64", "",
     false},
    {"linux-musl-x64", "Linux x86-64 musl (Alpine Linux compatible)", "x86_64-unknown-linux-musl",
     "linux/amd64", "musl-x64", "alpine-x64", true},
    {"linux-musl-arm64", "Linux ARM64 musl (Alpine Linux compatible)", "aarch64-unknown-linux-musl",
     "linux/arm64", "musl-arm64", "alpine-arm64", true},
};

void plan_init(struct plan *plan) {
    struct utsname host;
    if (uname(&host) != 0)
        host.machine[0] = '\0';
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        struct plan_target *target = &plan->targets[i];
        target->row = &rows[i];
        buf_init(&target->image);
        buf_init(&target->cache);
        buf_init(&target->packages);
        buf_init(&target->target_packages);
        buf_init(&target->setup);
        buf_init(&target->env);
        buf_add_str(&target->cache, rows[i].cache);
        if (rows[i].alpine)
            buf_add_str(&target->packages, "musl-dev");
        size_t processor = strcspn(rows[i].triple, "-");
        target->cross = !rows[i].alpine && strlen(host.machine) > 0 &&
                        (strncmp(rows[i].triple, host.machine, processor) != 0 ||
                         host.machine[processor] != '\0');
    }
}

bool plan_failed(const struct plan *plan) {
    bool failed = false;
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        const struct plan_target *t = &plan->targets[i];
        failed = failed || t->image.failed || t->cache.failed || t->packages.failed ||
                 t->target_packages.failed || t->setup.failed || t->env.failed;
    }
    return failed;
}

void plan_release(struct plan *plan) {
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        buf_release(&plan->targets[i].image);
        buf_release(&plan->targets[i].cache);
        buf_release(&plan->targets[i].packages);
        buf_release(&plan->targets[i].target_packages);
        buf_release(&plan->targets[i].setup);
        buf_release(&plan->targets[i].env);
    }
}

/* Appends words to a value, or FIRST words of one, on lines of their own where one would become
 * long; never such that a line begins as a comment or a section. */
static void add_words(struct buf *value, const char *text, bool first) {
    for (; *(text += strspn(text, " ")) != '\0'; first = false) {
        const char *line = strrchr(value->data, '\n');
        size_t len = strcspn(text, " "), length = strlen(line != NULL ? line : value->data);
        if (!first)
            buf_add_str(value, length + len < COLUMNS || strchr("#;[", *text) ? " " : INDENT);
        buf_add(value, text, len);
        text += len;
    }
}

/* Whether targets.ini can hold it: without what starts a comment there, in characters that are
 * printed. */
static bool is_holdable(const char *command) {
    if (*command == ';' || strstr(command, " ;") != NULL)
        return false;
    for (const char *at = command; *at != '\0'; at++)
        if ((*at > '\0' && *at < ' ') || *at == 0x7f)
            return false;
    return true;
}

bool plan_takes(enum target_key key, const char *word) {
    return target_key_takes(key, word) && is_holdable(word) && strchr(word, ' ') == NULL;
}

bool plan_add_command(struct plan_target *target, const char *command) {
    if (!is_holdable(command))
        return false;
    if (target->setup.len > 0)
        buf_add_str(&target->setup, " &&" INDENT);
    if (strlen(command) <= COMMAND_MAX)
        buf_add_str(&target->setup, command);
    else
        add_words(&target->setup, command, true);
    return true;
}

/* Whether VALUE has the word of LEN bytes. */
static bool has_word(const struct buf *value, const char *word, size_t len) {
    for (size_t at = 0; at < value->len;) {
        size_t next = strcspn(value->data + at, " \n");
        if (next == len && memcmp(value->data + at, word, len) == 0)
            return true;
        at += next + 1;
    }
    return false;
}

/* Appends those words that are not there. */
static void add_new_words(struct buf *value, const char *text) {
    struct buf word;
    buf_init(&word);
    for (size_t len; *(text += strspn(text, " ")) != '\0'; text += len) {
        len = strcspn(text, " ");
        buf_clear(&word);
        buf_add(&word, text, len);
        if (!has_word(value, text, len))
            add_words(value, word.data, value->len == 0);
        value->failed = value->failed || word.failed;
    }
    buf_release(&word);
}

void plan_add_packages(struct plan *plan, const char *apt, const char *lib, bool has,
                       const char *apk) {
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        struct plan_target *target = &plan->targets[i];
        add_new_words(&target->packages, target->row->alpine ? apk : apt);
        if (target->cross)
            add_new_words(&target->target_packages, lib);
        else if (!target->row->alpine && !has)
            add_new_words(&target->packages, lib);
    }
}

void plan_add_env(struct plan_target *target, const char *word) {
    add_new_words(&target->env, word);
}
