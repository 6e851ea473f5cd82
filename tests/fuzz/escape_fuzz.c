/* Fuzzes the escapes: the input is a value, which every kind of output must hold as one text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

/* What sh makes of WORD after make has read it: one word, or this fails. */
static void read_word(const struct buf *word, struct buf *value) {
    bool quoted = false;
    for (size_t i = 0; i < word->len; i++) {
        char c = word->data[i];
        if (c == '$') { /* two are one to make */
            require(word->data[++i] == '$' && quoted);
        } else if (c == '\'') {
            quoted = !quoted;
            continue;
        } else if (c == '\\' && !quoted) {
            c = word->data[++i];
            require(c == '\'');
        } else if (!quoted) {
            require(strchr(" \t\r\"`;&|<>()*?[]#~{}!^", c) == NULL);
        }
        buf_add_char(value, c);
    }
    require(!quoted && word->len > 0);
}

static void check_make(const char *text, size_t size) {
    struct buf word, value;
    buf_init(&word);
    buf_init(&value);
    escape_make(&word, text, size);
    read_word(&word, &value);
    require(value.len == size && memcmp(value.data, text, size) == 0);
    require(strcmp(word.data, "endef") != 0 && strcmp(word.data, "define") != 0);
    buf_release(&word);
    buf_release(&value);
}

/* Without bytes that are no character, control characters, and what the format's text ends at. */
static void check_text(escape_fn *escape, const char *text, size_t size, const char *ends) {
    struct buf out;
    uint32_t c;
    size_t len;
    buf_init(&out);
    escape(&out, text, size);
    for (size_t i = 0; i < out.len; i += len) {
        len = utf8_decode(out.data + i, out.len - i, &c);
        require(len > 0 && (c >= ' ' || c == '\t') && (c < 0x7f || c > 0x9f));
        if (out.data[i] == '\\' && escape != escape_text) {
            len++; /* and what it escapes */
            require(i + len <= out.len);
        } else {
            require(c >= 0x80 || strchr(ends, (int)c) == NULL);
        }
    }
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    if (size > 0 && memchr(text, '\0', size) == NULL && memchr(text, '\n', size) == NULL)
        check_make(text, size);
    check_text(escape_yaml, text, size, "\"");
    check_text(escape_markdown, text, size, "<>`|*");
    check_text(escape_dot, text, size, "\"");
    check_text(escape_text, text, size, "");
    struct buf html;
    buf_init(&html);
    escape_html(&html, text, size);
    require(html.len >= size && memchr(html.data, '<', html.len) == NULL &&
            memchr(html.data, '"', html.len) == NULL);
    buf_release(&html);
    return 0;
}
