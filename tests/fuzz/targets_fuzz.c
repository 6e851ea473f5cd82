/* Fuzzes all that a targets.ini goes through: reader, targets, context, a template and escaping. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "context.h"
#include "escape.h"
#include "mustache.h"
#include "targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char template[] =
    "{{#targets}}{{name}} {{#platform}}{{.}}{{/platform}} {{setup}} {{x-note}}\n"
    "{{#env}}{{.}} {{/env}}{{image_tag}} {{target_dir}}{{/targets}}{{#caches}}{{cache}}{{/caches}}";

/* What is read without an error must render without one. */
static void render(const struct targets *targets, struct diag *diag) {
    struct context *context = context_new(targets, "dockerfile");
    if (context == NULL)
        abort();
    struct mustache m = {.name_id = context_name_id, .get = context_get, .escape = escape_make};
    struct mustache_source source = {"fuzz", slice_of(template)};
    struct mustache_value root = context_root(context);
    struct buf out;
    buf_init(&out);
    if (!mustache_render(&m, &source, &root, &out, diag))
        abort();
    buf_release(&out);
    context_free(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FILE *nowhere;
    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    FILE *in = size > 0 ? fmemopen((void *)data, size, "rb") : fopen("/dev/null", "rb");
    if (in == NULL || nowhere == NULL)
        abort();
    struct diag diag = {.out = nowhere};
    struct targets targets;
    if (targets_read(&targets, in, "fuzz", &diag))
        render(&targets, &diag);
    else if (diag.errors == 0)
        abort(); /* refused without a word */
    targets_release(&targets);
    fclose(in);
    return 0;
}
