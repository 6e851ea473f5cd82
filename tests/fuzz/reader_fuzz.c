/* Fuzzes what reads INI files: the input is a file.  Any line is either reported or refused. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was reported; every value belongs to a section and has a key. */
struct log {
    size_t sections;
    size_t line;
    size_t refused;
};

static void on_section(void *user, const char *name, size_t line) {
    struct log *log = user;
    if (*name == '\0' || line <= log->line)
        abort();
    log->sections++;
    log->line = line;
}

static void on_value(void *user, const char *key, const char *value, size_t line) {
    struct log *log = user;
    if (log->sections == 0 || *key == '\0' || line <= log->line)
        abort();
    if (strpbrk(value, "\r\n") != NULL)
        abort();
    log->line = line;
}

static void on_refused(void *user, bool header) {
    struct log *log = user;
    (void)header;
    log->refused++;
}

static bool is_key(struct slice key) {
    return slice_is(key, "a");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FILE *nowhere;
    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    FILE *in = size > 0 ? fmemopen((void *)data, size, "rb") : fopen("/dev/null", "rb");
    if (in == NULL || nowhere == NULL)
        abort();
    struct diag diag = {.out = nowhere};
    struct log log = {0};
    struct reader_events events = {.section = on_section,
                                   .value = on_value,
                                   .refused = on_refused,
                                   .is_key = is_key,
                                   .user = &log};
    if (reader_read(in, "fuzz", &events, &diag) != (diag.errors == 0) || diag.errors < log.refused)
        abort();
    fclose(in);
    return 0;
}
