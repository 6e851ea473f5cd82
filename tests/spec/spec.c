/* spec: runs the cases of the Mustache specification, given as its JSON files, against the engine.
 *
 * usage: spec FILE.json...
 *
 * Prints TAP; exits 0 if every case passes, 1 if one fails or a file holds none, 2 on wrong usage.
 */
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "diag.h"
#include "escape.h"
#include "mustache.h"

/* Memory for a test, freed at its end. */
struct held {
    struct held *next;
    max_align_t memory[];
};

struct run {
    FILE *messages; /* nowhere */
    size_t count;
    size_t failures;
    struct held *held;
};

/* A MUSTACHE_OBJECT */
struct node {
    struct run *run;
    const json_t *json;
};

static void *hold(struct run *run, size_t size) {
    struct held *held = calloc(1, sizeof *held + size);
    if (held == NULL)
        abort();
    held->next = run->held;
    run->held = held;
    return held->memory;
}

static void release_held(struct run *run) {
    while (run->held != NULL) {
        struct held *held = run->held;
        run->held = held->next;
        free(held);
    }
}

static struct mustache_value value_of(struct run *run, const json_t *json);

static const struct node *node_of(struct run *run, const json_t *json) {
    struct node *node = hold(run, sizeof *node);
    *node = (struct node){.run = run, .json = json};
    return node;
}

static const struct mustache_value *elements_of(struct run *run, const json_t *json) {
    size_t count = json_array_size(json);
    struct mustache_value *items = hold(run, count * sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = value_of(run, json_array_get(json, i));
    return items;
}

static struct mustache_value value_of(struct run *run, const json_t *json) {
    struct mustache_value value = {.type = MUSTACHE_FALSE};
    if (json_is_object(json)) {
        value.type = MUSTACHE_OBJECT;
        value.object = node_of(run, json);
    } else if (json_is_array(json) && json_array_size(json) > 0) {
        value.type = MUSTACHE_LIST;
        value.len = json_array_size(json);
        value.items = elements_of(run, json);
    } else if (json_is_string(json)) {
        value.type = MUSTACHE_TEXT;
        value.text = json_string_value(json);
        value.len = json_string_length(json);
    } else if (json_is_true(json)) {
        value.type = MUSTACHE_TEXT;
        value.text = "true";
        value.len = strlen(value.text);
    }
    return value;
}

static bool get_member(const void *object, const struct mustache_name *name,
                       struct mustache_value *value) {
    char *key = strndup(name->text.text, name->text.len);
    const struct node *node = object;
    const json_t *json = key != NULL ? json_object_get(node->json, key) : NULL;
    free(key);
    if (json != NULL)
        *value = value_of(node->run, json);
    return json != NULL;
}

static struct mustache_source source_of(const char *file, const json_t *json) {
    return (struct mustache_source){file, {json_string_value(json), json_string_length(json)}};
}

static bool get_partial(void *partials, const char *name, struct mustache_source *source) {
    *source = source_of(name, json_object_get(partials, name));
    return source->text.text != NULL;
}

/* Returns JSON with its numbers made texts, as the engine wants them, in the form in which people
 * write them: 15 digits, so that 1.21 stays 1.21.  Takes over the reference to JSON. */
static json_t *numbers_to_text(json_t *json) {
    const char *key;
    size_t i;
    json_t *child;
    if (json_is_number(json)) {
        char *digits = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        json_t *text = json_string(digits);
        free(digits);
        json_decref(json);
        return text;
    }
    json_object_foreach(json, key, child) {
        json_object_set_new(json, key, numbers_to_text(json_incref(child)));
    }
    json_array_foreach(json, i, child) {
        json_array_set_new(json, i, numbers_to_text(json_incref(child)));
    }
    return json;
}

/* Prints TEXT as the comment that TAP wants behind a failure, on one line. */
static void print_text(const char *label, const char *text, size_t len) {
    json_t *json = json_stringn_nocheck(text, len);
    char *quoted = json_dumps(json, JSON_ENCODE_ANY);
    printf("#   %s %s\n", label, quoted != NULL ? quoted : "(not printable)");
    free(quoted);
    json_decref(json);
}

static void print_result(struct run *run, const char *suite, const json_t *test, bool passed,
                         const struct buf *out) {
    run->count++;
    printf("%s %zu - %s: %s\n", passed ? "ok" : "not ok", run->count, suite,
           json_string_value(json_object_get(test, "name")));
    if (passed)
        return;
    const json_t *template = json_object_get(test, "template");
    const json_t *expected = json_object_get(test, "expected");
    run->failures++;
    print_text("template", json_string_value(template), json_string_length(template));
    print_text("expected", json_string_value(expected), json_string_length(expected));
    print_text("rendered", out->data, out->len);
}

static void run_test(struct run *run, const char *suite, json_t *test) {
    const json_t *template = json_object_get(test, "template");
    const json_t *expected = json_object_get(test, "expected");
    struct mustache m = {
        .get = get_member,
        .escape = escape_html,
        .partial = get_partial,
        .partials = json_object_get(test, "partials"),
    };
    struct mustache_value root = value_of(run, json_object_get(test, "data"));
    struct diag diag = {.out = run->messages};
    struct buf out;
    buf_init(&out);
    struct mustache_source source = source_of("template", template);
    if (source.text.text != NULL) /* names that are missing are errors, and render as nothing */
        mustache_render(&m, &source, &root, &out, &diag);
    bool passed = json_is_string(template) && json_is_string(expected) &&
                  out.len == json_string_length(expected) &&
                  memcmp(out.data, json_string_value(expected), out.len) == 0;
    print_result(run, suite, test, passed, &out);
    buf_release(&out);
    release_held(run);
}

/* Runs the cases of one file; its name without directory and ending names them. */
static bool run_file(struct run *run, const char *path) {
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);
    const json_t *tests = json_object_get(json, "tests");
    if (json_array_size(tests) == 0) {
        fprintf(stderr, "%s: error: %s\n", path, json == NULL ? error.text : "no \"tests\" in it");
        json_decref(json);
        return false;
    }
    const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    char *suite = strndup(base, strcspn(base, "."));
    json = numbers_to_text(json);
    size_t i;
    json_t *test;
    json_array_foreach(tests, i, test) {
        run_test(run, suite != NULL ? suite : base, test);
    }
    free(suite);
    json_decref(json);
    return true;
}

int main(int argc, char **argv) {
    struct run run = {.messages = fopen("/dev/null", "w")};
    bool ok = run.messages != NULL;
    if (argc < 2) {
        fputs("usage: spec FILE.json...\n", stderr);
        return 2;
    }
    for (int i = 1; i < argc; i++)
        ok = run_file(&run, argv[i]) && ok;
    printf("# %zu of %zu passed\n", run.count - run.failures, run.count);
    printf("1..%zu\n", run.count);
    return ok && run.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
