#include "reader.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

#include "buf.h"

/* inih keeps the name of a key for its continuation lines in an array of this size. */
enum { KEY_MAX = 49 };

struct reader {
    FILE *in;
    const char *file;
    const struct reader_events *events;
    struct diag *diag;
    size_t line;       /* number of the line read last, from 1 */
    struct buf text;   /* that line, without its end */
    bool too_long;     /* it did not fit; text has its beginning */
    bool in_section;   /* a good section header was seen */
    bool section_lost; /* the last section header was refused: skip what belongs to it */
    bool after_key;    /* an indented line would go on with a value */
    bool key_lost;     /* the last key was refused: skip its continuation lines */
    bool continues;    /* what inih reports next goes on with the pending value */
    struct buf key;    /* the pending key, whose value may still go on */
    struct buf value;  /* its value so far */
    size_t key_line;   /* its line; 0: none is pending */
};

/* What a raw line is, and so what inih gets to see in its place. */
enum line_kind {
    LINE_NOTHING, /* blank, a comment, or refused: an empty line */
    LINE_SECTION, /* a section's header, reported by us: any header, to end the key before */
    LINE_TEXT     /* a key or more of its value: the line itself */
};

/* Reads one line into R->text, at most LIMIT bytes of it and a CR, so that a line of a gigabyte
 * needs no memory.  False at the end of the file. */
static bool line_read(struct reader *r, size_t limit) {
    int c = getc(r->in);
    if (c == EOF)
        return false;
    buf_clear(&r->text);
    r->too_long = false;
    r->line++;
    for (; c != EOF && c != '\n'; c = getc(r->in)) {
        if (r->text.len <= limit)
            buf_add_char(&r->text, (char)c);
        else
            r->too_long = true;
    }
    if (!r->too_long && r->text.len > 0 && r->text.data[r->text.len - 1] == '\r') {
        r->text.len--;
        r->text.data[r->text.len] = '\0';
    }
    r->too_long = r->too_long || r->text.len > limit;
    return true;
}

static const char *skip_blanks(const char *p) {
    while (isspace((unsigned char)*p))
        p++;
    return p;
}

/* Length of TEXT up to END without the whitespace before END. */
static size_t trimmed_length(const char *text, const char *end) {
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    return (size_t)(end - text);
}

static bool has_inline_comment(const char *text) {
    for (const char *p = text; *p != '\0'; p++)
        if (isspace((unsigned char)p[0]) && p[1] == ';')
            return true;
    return false;
}

/* Reports the pending key with its complete value. */
static void value_flush(struct reader *r) {
    if (r->key.failed || r->value.failed)
        diag_no_memory(r->diag);
    else if (r->key_line > 0)
        r->events->value(r->events->user, r->key.data, r->value.data, r->key_line);
    buf_clear(&r->key);
    buf_clear(&r->value);
    r->key_line = 0;
}

/* `[name]` alone on its line: no continuation of a value looks like that. */
static bool is_header(const char *text) {
    const char *end = strchr(text, ']');
    if (*text != '[' || end == NULL || *skip_blanks(end + 1) != '\0')
        return false;
    size_t len = (size_t)(end - text);
    return len > 1 && strspn(text + 1, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len - 1;
}

/* Reports the section itself, since inih would say nothing of one without keys. */
static enum line_kind section_header(struct reader *r, const char *text, bool sound) {
    r->section_lost = true; /* until it proves good: its keys must not fall to the one before */
    r->after_key = false;
    if (!sound)
        return LINE_NOTHING;
    const char *end = strchr(text, ']');
    if (end == NULL) {
        diag_error(r->diag, r->file, r->line, "section without a closing ']'");
        return LINE_NOTHING;
    }
    const char *rest = skip_blanks(end + 1);
    if (*rest != '\0' && *rest != ';' && *rest != '#') {
        diag_error(r->diag, r->file, r->line, "text after the section's ']'");
        return LINE_NOTHING;
    }
    if (end == text + 1) {
        diag_error(r->diag, r->file, r->line, "section without a name");
        return LINE_NOTHING;
    }
    struct buf name;
    buf_init(&name);
    buf_add(&name, text + 1, (size_t)(end - text) - 1);
    if (name.failed)
        diag_no_memory(r->diag);
    else
        r->events->section(r->events->user, name.data, r->line);
    buf_release(&name);
    r->in_section = true;
    r->section_lost = false;
    return LINE_SECTION;
}

/* Whether the line's key, TEXT up to SEPARATOR, is one of the events' keys. */
static bool is_known_key(struct reader *r, const char *text, const char *separator) {
    struct buf name;
    buf_init(&name);
    buf_add(&name, text, trimmed_length(text, separator));
    bool known = !name.failed && r->events->is_key(name.data);
    buf_release(&name);
    return known;
}

static enum line_kind continuation(struct reader *r, const char *text) {
    const char *separator = text + strcspn(text, "=:");
    if (is_header(text)) {
        diag_error(
            r->diag, r->file, r->line,
            "indented line continues the previous value; remove the indentation of the section");
        return LINE_NOTHING;
    }
    if (*separator != '\0' && is_known_key(r, text, separator)) {
        diag_error(r->diag, r->file, r->line,
                   "indented line continues the previous value; remove the indentation of '%.*s'",
                   (int)trimmed_length(text, separator), text);
        return LINE_NOTHING;
    }
    r->continues = true;
    return LINE_TEXT;
}

/* Whether TEXT is `key = value`; reports why not. */
static bool is_key_line(struct reader *r, const char *text) {
    const char *separator = text + strcspn(text, "=:");
    size_t len = trimmed_length(text, separator);
    if (!r->in_section)
        diag_error(r->diag, r->file, r->line, "key outside a section; add [target] above it");
    else if (*separator == '\0')
        diag_error(r->diag, r->file, r->line, "expected 'key = value' or '[target]'");
    else if (len == 0)
        diag_error(r->diag, r->file, r->line, "value without a key");
    else if (len > KEY_MAX)
        diag_error(r->diag, r->file, r->line, "key longer than %d characters", KEY_MAX);
    else
        return true;
    return false;
}

/* What no line may contain.  LIMIT: the longest line that inih reads uncut.
 * HEADER: it is a section's, where a comment may follow, since inih does not see it. */
static bool is_sound(struct reader *r, size_t limit, bool header) {
    const char *text = r->text.data;
    if (r->text.failed)
        diag_no_memory(r->diag);
    else if (r->too_long)
        diag_error(r->diag, r->file, r->line,
                   "line longer than %zu bytes; continue the value on an indented line", limit);
    else if (strlen(text) != r->text.len)
        diag_error(r->diag, r->file, r->line, "NUL byte; remove it");
    else if (strchr(text, '\r') != NULL)
        diag_error(r->diag, r->file, r->line, "carriage return inside a line; remove it");
    else if (!header && has_inline_comment(text))
        diag_error(r->diag, r->file, r->line,
                   "' ;' starts a comment in an INI file; write '&&' between commands, and put "
                   "comments on lines of their own");
    else
        return true;
    return false;
}

/* Decides what inih sees of a line that is neither blank nor a comment.  START: after its
 * indentation.  MORE: it continues a value. */
static enum line_kind content_check(struct reader *r, const char *start, size_t limit, bool more) {
    bool sound = is_sound(r, limit, *start == '[' && !more);
    if (more)
        return sound && !r->key_lost ? continuation(r, start) : LINE_NOTHING;
    if (*start == '[')
        return section_header(r, start, sound);
    r->after_key = true;
    r->key_lost = r->section_lost || !sound || !is_key_line(r, start);
    return r->key_lost ? LINE_NOTHING : LINE_TEXT;
}

/* The same for any line in R->text. */
static enum line_kind line_check(struct reader *r, size_t limit) {
    const char *text = r->text.data;
    if (r->line == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3; /* a byte order mark, which inih skips there, too */
    const char *start = skip_blanks(text);
    bool blank = start == r->text.data + r->text.len && !r->too_long;
    if (blank || *start == ';' || *start == '#')
        return LINE_NOTHING;
    bool more = start > text && r->after_key;
    if (!more)
        value_flush(r);
    size_t errors = r->diag->errors;
    enum line_kind kind = content_check(r, start, limit, more);
    if (kind == LINE_NOTHING && r->diag->errors > errors)
        r->events->refused(r->events->user, *start == '[' && !more);
    return kind;
}

/* inih's fgets: the next line, or what stands in its place. */
static char *reader_line(char *line, int size, void *stream) {
    struct reader *r = stream;
    size_t limit = (size_t)size - 3; /* room for CR, LF and NUL, as ini.h asks */
    if (!line_read(r, limit))
        return NULL;
    r->continues = false;
    enum line_kind kind = line_check(r, limit);
    const char *text = kind == LINE_TEXT ? r->text.data : kind == LINE_SECTION ? "[-]" : "";
    size_t len = strlen(text);
    memcpy(line, text, len);
    memcpy(line + len, "\n", 2);
    return line;
}

/* inih's handler.  Only keys and their continuation lines come here. */
static int reader_value(struct reader *r, const char *key, const char *value) {
    if (r->continues) {
        if (r->value.len > 0)
            buf_add_char(&r->value, ' ');
    } else {
        buf_add_str(&r->key, key);
        r->key_line = r->line;
    }
    buf_add_str(&r->value, value);
    return 1;
}

#if INI_HANDLER_LINENO
static int handler(void *user, const char *section, const char *key, const char *value, int line) {
    (void)line;
#else
static int handler(void *user, const char *section, const char *key, const char *value) {
#endif
    (void)section;
    return reader_value(user, key, value);
}

bool reader_read(FILE *in, const char *file, const struct reader_events *events,
                 struct diag *diag) {
    struct reader r = {.in = in, .file = file, .events = events, .diag = diag};
    size_t errors = diag->errors;
    buf_init(&r.text);
    buf_init(&r.key);
    buf_init(&r.value);
    int status = ini_parse_stream(reader_line, &r, handler, &r);
    if (ferror(in))
        diag_error(diag, file, 0, "cannot read: %s", strerror(errno));
    else if (status > 0)
        diag_error(diag, file, (size_t)status, "syntax error");
    else if (status < 0)
        diag_no_memory(diag);
    value_flush(&r);
    buf_release(&r.text);
    buf_release(&r.key);
    buf_release(&r.value);
    return diag->errors == errors;
}
