#include "buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An empty buffer points at a literal, which is never written to, since cap 0 leaves no room. */
void buf_init(struct buf *b) {
    *b = (struct buf){.data = ""};
}

void buf_release(struct buf *b) {
    if (b->cap > 0)
        free(b->data);
    buf_init(b);
}

void buf_clear(struct buf *b) {
    b->len = 0;
    b->failed = false;
    if (b->cap > 0)
        b->data[0] = '\0';
}

/* Makes room for EXTRA bytes and the NUL. */
static bool buf_reserve(struct buf *b, size_t extra) {
    if (b->failed || extra > SIZE_MAX / 4 - b->len) {
        b->failed = true;
        return false;
    }
    size_t need = b->len + extra + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap > 0 ? b->cap : 64;
    while (cap < need)
        cap *= 2;
    char *data = realloc(b->cap > 0 ? b->data : NULL, cap);
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

void buf_add_more(struct buf *b, const char *text, size_t len) {
    if (len > 0 && buf_reserve(b, len))
        buf_add(b, text, len);
}

void buf_add_str(struct buf *b, const char *text) {
    buf_add(b, text, strlen(text));
}

void buf_add_args(struct buf *b, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        b->failed = true;
    else if (buf_reserve(b, (size_t)len))
        b->len += (size_t)vsnprintf(b->data + b->len, (size_t)len + 1, format, args);
}

void buf_add_format(struct buf *b, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buf_add_args(b, format, args);
    va_end(args);
}

char *buf_detach(struct buf *b) {
    char *text = NULL;
    if (buf_reserve(b, 0)) {
        text = b->data;
        text[b->len] = '\0';
        b->cap = 0;
    }
    buf_release(b);
    return text;
}

char *text_format(const char *format, ...) {
    struct buf text;
    va_list args;
    buf_init(&text);
    va_start(args, format);
    buf_add_args(&text, format, args);
    va_end(args);
    return buf_detach(&text);
}

void *array_grow(void *array, size_t count, size_t *cap, size_t size) {
    if (count < *cap)
        return array;
    size_t wanted = *cap == 0 ? 4 : *cap * 2;
    if (wanted > SIZE_MAX / 2 / size)
        return NULL;
    void *grown = realloc(array, wanted * size);
    if (grown != NULL)
        *cap = wanted;
    return grown;
}
