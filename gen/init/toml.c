#include "toml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define BETWEEN '\037' /* between the keys of a path */
#define ELEMENT "[]"

#define DIGITS "0123456789"
#define BARE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_-"

enum { DEPTH_MAX = 32 }; /* of arrays and inline tables in each other */

struct parser {
    struct toml *toml;
    const char *at;
    size_t line;
    size_t depth;
    bool failed;      /* memory ran out for a text that is not in an item yet */
    struct buf table; /* the path of the section that is being read */
};

/* ---- Items ---- */

static void add_key(struct buf *path, const char *key) {
    if (path->len > 0)
        buf_add_char(path, BETWEEN);
    buf_add_str(path, key);
}

static bool add_item(struct parser *p, const char *path, const char *text, enum toml_kind kind) {
    struct toml *toml = p->toml;
    struct toml_item *items = array_grow(toml->items, toml->count, &toml->cap, sizeof *items);
    if (items == NULL) {
        p->failed = true;
        return false;
    }
    toml->items = items;
    struct toml_item *item = &items[toml->count];
    *item = (struct toml_item){
        .path = strdup(path), .text = strdup(text), .line = p->line, .kind = kind};
    toml->count++;
    p->failed = p->failed || item->path == NULL || item->text == NULL;
    return !p->failed;
}

/* ---- Space ---- */

static void skip_blanks(struct parser *p) {
    p->at += strspn(p->at, " \t");
}

/* Skips blanks, comments and ends of lines. */
static void skip_lines(struct parser *p) {
    for (;; p->at++) {
        p->at += strspn(p->at, " \t\r");
        if (*p->at == '#')
            p->at += strcspn(p->at, "\n");
        if (*p->at != '\n')
            return;
        p->line++;
    }
}

/* Skips CHARACTER, if it comes next. */
static bool skip(struct parser *p, char character) {
    bool is_next = *p->at == character;
    p->at += is_next;
    return is_next;
}

/* ---- Strings ---- */

static void add_character(struct buf *out, uint32_t c) {
    if (c < 0x80) {
        buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | c >> 6));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else {
        if (c < 0x10000) {
            buf_add_char(out, (char)(0xe0 | c >> 12));
        } else {
            buf_add_char(out, (char)(0xf0 | c >> 18));
            buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        }
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* Reads the DIGITS_MAX hexadecimal digits of a character's number, which is not 0. */
static bool read_number(struct parser *p, size_t digits_max, struct buf *out) {
    static const char hex[] = "0123456789abcdef0123456789ABCDEF";
    uint32_t c = 0;
    for (size_t i = 0; i < digits_max; i++, p->at++) {
        const char *digit = *p->at != '\0' ? strchr(hex, *p->at) : NULL;
        if (digit == NULL)
            return false;
        c = c << 4 | (uint32_t)((digit - hex) % 16);
    }
    bool valid = c > 0 && c < 0x110000 && (c < 0xd800 || c > 0xdfff);
    if (valid)
        add_character(out, c);
    return valid;
}

/* Reads what follows a backslash; at the end of a line that is all space up to the next text. */
static bool read_escape(struct parser *p, struct buf *out, bool lines) {
    static const char names[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
    if (*p->at == 'u' || *p->at == 'U') {
        size_t digits = *p->at == 'u' ? 4 : 8;
        p->at++;
        return read_number(p, digits, out);
    }
    if (lines && strchr(" \t\r\n", *p->at) != NULL && *p->at != '\0') {
        for (; *p->at != '\0' && strchr(" \t\r\n", *p->at) != NULL; p->at++)
            p->line += *p->at == '\n';
        return true;
    }
    const char *name = *p->at != '\0' ? strchr(names, *p->at) : NULL;
    if (name == NULL)
        return false;
    p->at++;
    buf_add_char(out, meant[name - names]);
    return true;
}

/* The quotes that end a text of several lines may follow one or two that belong to it. */
static bool skip_closing(struct parser *p, char quote, struct buf *out) {
    size_t count = 0;
    while (count < 5 && p->at[count] == quote)
        count++;
    if (count < 3)
        return false;
    buf_add(out, p->at, count - 3);
    p->at += count;
    return true;
}

/* Reads a string with any of the four kinds of quotes. */
static bool read_string(struct parser *p, struct buf *out) {
    char quote = *p->at++;
    bool lines = p->at[0] == quote && p->at[1] == quote;
    if (lines) {
        p->at += 2;
        p->at += *p->at == '\r' && p->at[1] == '\n';
        p->line += skip(p, '\n');
    }
    while (*p->at != '\0') {
        if (lines ? skip_closing(p, quote, out) : skip(p, quote))
            return true;
        if (quote == '"' && skip(p, '\\')) {
            if (!read_escape(p, out, lines))
                return false;
            continue;
        }
        if (*p->at == '\n' && !lines)
            return false;
        p->line += *p->at == '\n';
        buf_add_char(out, *p->at++);
    }
    return false;
}

/* ---- Keys and values ---- */

/* Appends a dotted key to PATH.  TABLES: the keys before a dot become items, too. */
static bool read_key(struct parser *p, struct buf *path, bool tables) {
    struct buf key;
    buf_init(&key);
    bool read, dotted = false;
    do {
        if (dotted && tables && !add_item(p, path->data, "", TOML_TABLE))
            break;
        skip_blanks(p);
        buf_clear(&key);
        size_t len = strspn(p->at, BARE);
        read = len > 0 || *p->at == '"' || *p->at == '\'';
        if (len > 0) {
            buf_add(&key, p->at, len);
            p->at += len;
        } else if (read) {
            read = read_string(p, &key);
        }
        add_key(path, key.data);
        p->failed = p->failed || key.failed || path->failed;
        skip_blanks(p);
    } while (read && !p->failed && (dotted = skip(p, '.')));
    buf_release(&key);
    return read;
}

static bool read_value(struct parser *p, const char *path);

/* Reads `KEY = VALUE` below the table PATH. */
static bool read_pair(struct parser *p, const char *path) {
    struct buf whole;
    buf_init(&whole);
    buf_add_str(&whole, path);
    bool read = read_key(p, &whole, true) && skip(p, '=');
    if (read) {
        skip_blanks(p);
        read = read_value(p, whole.data);
    }
    buf_release(&whole);
    return read;
}

static bool read_array(struct parser *p, const char *path) {
    struct buf element;
    buf_init(&element);
    buf_add_str(&element, path);
    add_key(&element, ELEMENT);
    p->failed = p->failed || element.failed;
    bool read = add_item(p, path, "", TOML_ARRAY);
    skip_lines(p);
    while (read && *p->at != ']') {
        read = read_value(p, element.data);
        skip_lines(p);
        if (!skip(p, ','))
            break;
        skip_lines(p);
    }
    buf_release(&element);
    return read && skip(p, ']');
}

static bool read_inline_table(struct parser *p, const char *path) {
    bool read = add_item(p, path, "", TOML_TABLE);
    skip_lines(p); /* as TOML 1.1 and cargo allow */
    while (read && *p->at != '}') {
        read = read_pair(p, path);
        skip_lines(p);
        if (!skip(p, ','))
            break;
        skip_lines(p);
    }
    return read && skip(p, '}');
}

/* Reads a string, or what is no string, table or array. */
static bool read_scalar(struct parser *p, const char *path) {
    struct buf text;
    buf_init(&text);
    bool is_string = *p->at == '"' || *p->at == '\'', read = true;
    size_t line = p->line;
    if (is_string) {
        read = read_string(p, &text);
    } else {
        size_t len = strspn(p->at, BARE "+.: ");
        buf_add(&text, p->at, len);
        p->at += len;
        read = len > 0;
    }
    p->failed = p->failed || text.failed;
    if (read && add_item(p, path, text.data, is_string ? TOML_STRING : TOML_OTHER))
        p->toml->items[p->toml->count - 1].line = line;
    buf_release(&text);
    return read;
}

static bool read_value(struct parser *p, const char *path) {
    if (p->failed || p->depth == DEPTH_MAX)
        return false;
    p->depth++;
    bool read;
    if (skip(p, '['))
        read = read_array(p, path);
    else if (skip(p, '{'))
        read = read_inline_table(p, path);
    else
        read = read_scalar(p, path);
    p->depth--;
    return read;
}

/* ---- Lines ---- */

/* Reads `[table]` or `[[array of tables]]`; below the latter, a path has its last element.  The
 * elements of arrays before the last key, as in `[a.b]` after `[[a]]`, are not in it. */
static bool read_header(struct parser *p) {
    p->at++;
    bool array = skip(p, '[');
    buf_clear(&p->table);
    bool read = read_key(p, &p->table, false) && skip(p, ']') && (!array || skip(p, ']'));
    if (read && array)
        add_key(&p->table, ELEMENT);
    p->failed = p->failed || p->table.failed;
    return read && add_item(p, p->table.data, "", TOML_TABLE);
}

static bool read_line(struct parser *p) {
    if (!(*p->at == '[' ? read_header(p) : read_pair(p, p->table.data)))
        return false;
    skip_blanks(p);
    return *p->at == '\0' || *p->at == '\n' || *p->at == '\r' || *p->at == '#';
}

void toml_read(struct toml *toml, const char *text) {
    static const char mark[] = "\357\273\277";
    *toml = (struct toml){.count = 0};
    struct parser p = {.toml = toml, .at = text, .line = 1};
    if (strncmp(text, mark, strlen(mark)) == 0)
        p.at += strlen(mark);
    buf_init(&p.table);
    bool read = true;
    for (skip_lines(&p); *p.at != '\0' && (read = read_line(&p));)
        skip_lines(&p);
    buf_release(&p.table);
    if (read && !p.failed)
        return;
    toml_release(toml);
    toml->failed = p.failed;
    toml->bad_line = p.failed ? 0 : p.line;
}

void toml_release(struct toml *toml) {
    for (size_t i = 0; i < toml->count; i++) {
        free(toml->items[i].path);
        free(toml->items[i].text);
    }
    free(toml->items);
    *toml = (struct toml){.count = 0};
}

/* ---- Finding values ---- */

/* Whether PATH is like PATTERN; the keys of an array's elements are in both. */
static bool is_like(const char *path, const char *pattern) {
    static const char end[] = {BETWEEN, '\0'};
    for (;;) {
        size_t len = strcspn(pattern, "."), key = strcspn(path, end);
        bool any = len == 1 && *pattern == '*';
        if (!any && (len != key || memcmp(path, pattern, len) != 0))
            return false;
        path += key;
        pattern += len;
        if (*path == '\0' || *pattern == '\0')
            return *path == *pattern;
        path++;
        pattern++;
    }
}

const struct toml_item *toml_next(const struct toml *toml, const char *pattern,
                                  const struct toml_item *after) {
    for (size_t i = after != NULL ? (size_t)(after - toml->items) + 1 : 0; i < toml->count; i++)
        if (is_like(toml->items[i].path, pattern))
            return &toml->items[i];
    return NULL;
}

const char *toml_text(const struct toml *toml, const char *pattern) {
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, pattern, item)) != NULL)
        if (item->kind == TOML_STRING)
            return item->text;
    return NULL;
}

const char *toml_key(const struct toml_item *item) {
    const char *between = strrchr(item->path, BETWEEN);
    return between != NULL ? between + 1 : item->path;
}

const char *toml_part(const struct toml_item *item, size_t index, size_t *len) {
    const char *at = item->path;
    for (; index > 0 && at != NULL; index--) {
        at = strchr(at, BETWEEN);
        at += at != NULL;
    }
    const char *end = at != NULL ? strchr(at, BETWEEN) : NULL;
    *len = end != NULL ? (size_t)(end - at) : at != NULL ? strlen(at) : 0;
    return at;
}

bool toml_is_in(const struct toml_item *item, const struct toml_item *child) {
    size_t len = strlen(item->path);
    return strncmp(item->path, child->path, len) == 0 && child->path[len] == BETWEEN;
}
