#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

struct reader {
    FILE *in;
    const char *file;
    const struct reader_events *events;
    struct diag *diag;
    char *text; /* the line read last; owned, with room for `room` bytes */
    size_t room;
    size_t line;        /* its number, from 1 */
    struct slice key;   /* of that line; empty if it continues a value */
    struct slice part;  /* what it adds to the value; its text is NULL if it has none */
    bool in_section;    /* a valid section header was seen */
    bool skips_section; /* the last header was refused: skip its keys */
    bool after_key;     /* an indented line would continue a value */
    struct buf name;    /* the pending key, whose value may continue */
    struct buf value;   /* its value so far */
    size_t name_line;   /* its line; 0: none is pending, or the last one was refused */
};

/* Reads one line into *LINE, without its end.  False at the end of the file, or without memory. */
static bool read_line(struct reader *r, struct slice *line) {
    errno = 0;
    ssize_t len = getline(&r->text, &r->room, r->in);
    if (len < 0 && errno == ENOMEM)
        diag_no_memory(r->diag);
    if (len < 0)
        return false;
    *line = (struct slice){r->text, (size_t)len};
    if (line->text[line->len - 1] == '\n')
        line->len--;
    if (line->len > 0 && line->text[line->len - 1] == '\r')
        line->len--;
    r->text[line->len] = '\0';
    r->line++;
    return true;
}

/* Reports the pending key with its complete value. */
static void flush_value(struct reader *r) {
    if (r->name.failed || r->value.failed)
        diag_no_memory(r->diag);
    else if (r->name_line > 0)
        r->events->value(r->events->user, r->name.data, r->value.data, r->name_line);
    buf_clear(&r->name);
    buf_clear(&r->value);
    r->name_line = 0;
}

static bool refuse(struct reader *r, const char *problem) {
    return diag_error(r->diag, r->file, r->line, "%s", problem);
}

static bool has_inline_comment(const char *text) {
    for (const char *at = text; (at = strchr(at, ';')) != NULL; at++)
        if (at > text && is_whitespace(at[-1]))
            return true;
    return false;
}

/* Whether LINE holds only what lines may hold.  HEADER: it is a section's, where a comment may
 * follow, since inih does not see it. */
static bool check_bytes(struct reader *r, struct slice line, bool header) {
    if (slice_has(line, '\0'))
        return refuse(r, "NUL byte; remove it");
    if (slice_has(line, '\r'))
        return refuse(r, "carriage return inside a line; remove it");
    if (!header && has_inline_comment(line.text))
        return refuse(r, "' ;' starts a comment in an INI file; write '&&' between commands, and "
                         "put comments on lines of their own");
    return true;
}

/* Whether TEXT is a section's header that can be read; stores its name. */
static bool check_header(struct reader *r, struct slice text, struct slice *name) {
    struct slice after = slice_skip(text, 1);
    if (!slice_cut(&after, ']', name))
        return refuse(r, "section without a closing ']'");
    after = slice_trim(after);
    if (after.len > 0 && *after.text != ';' && *after.text != '#')
        return refuse(r, "text after the section's ']'");
    return name->len > 0 || refuse(r, "section without a name");
}

/* Reports the section itself, since inih would say nothing of one without keys.  Until its header
 * proves valid, its keys must not fall to the section before. */
static bool take_header(struct reader *r, struct slice line, struct slice text) {
    struct slice name;
    r->skips_section = true;
    r->after_key = false;
    if (!check_bytes(r, line, true) || !check_header(r, text, &name))
        return false;
    r->text[name.text + name.len - r->text] = '\0';
    r->events->section(r->events->user, name.text, r->line);
    r->in_section = true;
    r->skips_section = false;
    return true;
}

/* Cuts the key and its separator off the front of *TEXT; false if there is no separator. */
static bool cut_key(struct slice *text, struct slice *key) {
    size_t len = strcspn(text->text, "=:");
    if (len >= text->len)
        return false;
    *key = slice_trim((struct slice){text->text, len});
    *text = slice_trim(slice_skip(*text, len + 1));
    return true;
}

/* `[name]` alone on its line: no continuation of a value looks like that. */
static bool is_header(struct slice text) {
    size_t len = strspn(text.text + 1, "abcdefghijklmnopqrstuvwxyz0123456789._-");
    return *text.text == '[' && len > 0 && text.text[len + 1] == ']' && len + 2 == text.len;
}

#define INDENTED "indented line continues the previous value; remove the indentation of "

static bool take_continuation(struct reader *r, struct slice line, struct slice text) {
    struct slice value = text, key;
    if (!check_bytes(r, line, false) || r->name_line == 0)
        return false;
    if (is_header(text))
        return refuse(r, INDENTED "the section");
    if (cut_key(&value, &key) && key.len > 0 && r->events->is_key(key))
        return diag_error(r->diag, r->file, r->line, INDENTED "'%.*s'", (int)key.len, key.text);
    if (r->value.len > 0)
        buf_add_char(&r->value, ' ');
    r->key = (struct slice){"", 0};
    r->part = text;
    return true;
}

/* Whether a line with KEY is valid here.  FOUND: it has a separator. */
static bool check_key(struct reader *r, struct slice key, bool found) {
    if (!r->in_section)
        return refuse(r, "key outside a section; add [target] above it");
    if (!found)
        return refuse(r, "expected 'key = value' or '[target]'");
    if (key.len == 0)
        return refuse(r, "value without a key");
    return true;
}

static bool take_key(struct reader *r, struct slice line, struct slice text) {
    struct slice key = {"", 0};
    r->after_key = true;
    if (!check_bytes(r, line, false) || r->skips_section)
        return false;
    bool found = cut_key(&text, &key);
    if (!check_key(r, key, found))
        return false;
    r->name_line = r->line;
    r->key = key;
    r->part = text;
    return true;
}

static void take_line(struct reader *r, struct slice line) {
    if (r->line == 1)
        slice_cut_start(&line, "\xef\xbb\xbf"); /* a byte order mark, which inih skips there, too */
    struct slice text = slice_trim(line);       /* without the indentation */
    if (text.len == 0 || *text.text == ';' || *text.text == '#')
        return;
    bool more = text.text > line.text && r->after_key; /* it continues a value */
    bool header = *text.text == '[' && !more;
    if (!more)
        flush_value(r);
    size_t errors = r->diag->errors;
    bool taken = header ? take_header(r, line, text)
                 : more ? take_continuation(r, line, text)
                        : take_key(r, line, text);
    if (!taken && r->diag->errors > errors)
        r->events->refused(r->events->user, header);
}

/* inih's fgets.  It gets keys and continuation lines, with only a sign for each key and value,
 * since it would cut long ones, trim them and look for comments in them; and an empty line for
 * anything else. */
static char *next_line(char *line, int size, void *stream) {
    struct reader *r = stream;
    struct slice text;
    assert((size_t)size >= sizeof "k=|\r\n"); /* a CR, as ini.h asks */
    r->part = (struct slice){NULL, 0};
    if (!read_line(r, &text))
        return NULL;
    take_line(r, text);
    const char *shown = r->part.text == NULL ? "\n" : r->key.len > 0 ? "k=|\n" : " |\n";
    return memcpy(line, shown, strlen(shown) + 1);
}

/* inih's handler. */
#if INI_HANDLER_LINENO
static int add_value(void *user, const char *section, const char *key, const char *sign, int line) {
    (void)line;
#else
static int add_value(void *user, const char *section, const char *key, const char *sign) {
#endif
    struct reader *r = user;
    (void)section, (void)key, (void)sign;
    buf_add(&r->name, r->key.text, r->key.len);
    buf_add(&r->value, r->part.text, r->part.len);
    return 1;
}

bool reader_read(FILE *in, const char *file, const struct reader_events *events,
                 struct diag *diag) {
    struct reader r = {.in = in, .file = file, .events = events, .diag = diag};
    size_t errors = diag->errors;
    buf_init(&r.name);
    buf_init(&r.value);
    int status = ini_parse_stream(next_line, &r, add_value, &r);
    if (ferror(in) && errno != ENOMEM) /* which has been reported */
        diag_error(diag, file, 0, "cannot read: %s", strerror(errno));
    else if (status > 0)
        diag_error(diag, file, (size_t)status, "syntax error");
    else if (status < 0)
        diag_no_memory(diag);
    flush_value(&r);
    buf_release(&r.name);
    buf_release(&r.value);
    free(r.text);
    return diag->errors == errors;
}
