/* Fuzzes the template engine: the input is a template, and its own partial {{>self}}. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mustache_value numbers[] = {{.type = MUSTACHE_TEXT, .text = "1", .len = 1},
                                                {.type = MUSTACHE_TEXT, .text = "2", .len = 1},
                                                {.type = MUSTACHE_TEXT, .text = "3", .len = 1}};

/* One object for all depths: an object, a list, texts, nothing. */
static bool get(const void *object, const struct mustache_name *name,
                struct mustache_value *value) {
    if (name->text.len != 1)
        return false;
    switch (*name->text.text) {
    case 'o':
        *value = (struct mustache_value){.type = MUSTACHE_OBJECT, .object = object};
        return true;
    case 'l':
        *value = (struct mustache_value){.type = MUSTACHE_LIST, .items = numbers, .len = 3};
        return true;
    case 't':
        *value = (struct mustache_value){.type = MUSTACHE_TEXT, .text = "<$'\"&>", .len = 6};
        return true;
    case 'f':
        *value = (struct mustache_value){.type = MUSTACHE_FALSE};
        return true;
    default:
        return false;
    }
}

static bool partial(void *partials, const char *name, struct mustache_source *source) {
    const struct slice *text = partials;
    *source = (struct mustache_source){"self", *text};
    return strcmp(name, "self") == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FILE *nowhere;
    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    if (nowhere == NULL)
        abort();
    struct mustache_source source = {"fuzz", {(const char *)data, size}};
    struct mustache_value root = {.type = MUSTACHE_OBJECT, .object = numbers};
    struct diag diag = {.out = nowhere};
    struct mustache m = {
        .get = get, .escape = escape_make, .partial = partial, .partials = &source.text};
    struct buf out;
    buf_init(&out);
    bool done = mustache_render(&m, &source, &root, &out, &diag);
    if (done == (diag.errors > 0))
        abort(); /* a failure without a word, or a word without a failure */
    buf_release(&out);
    return 0;
}
