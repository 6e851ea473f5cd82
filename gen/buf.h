/* buf: a growable byte buffer, the only place where text is built.
 *
 * A failed allocation sets `failed`, and later additions do nothing, so that a writer can add many
 * pieces and check once, at the end.  `data` is then what it was before.
 */
#ifndef BUF_H
#define BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Has the compiler compare a format, argument number F, with what follows from number A on. */
#if defined(__GNUC__)
#define PRINTF_FORMAT(f, a) __attribute__((format(printf, f, a)))
#else
#define PRINTF_FORMAT(f, a)
#endif

struct buf {
    char *data; /* always ends with a NUL that `len` does not count; never NULL after buf_init */
    size_t len;
    size_t cap; /* bytes allocated; 0 while data is the shared empty string */
    bool failed;
};

/* Makes B empty.  Allocates nothing. */
void buf_init(struct buf *b);

/* Frees what B holds and makes it empty again. */
void buf_release(struct buf *b);

/* Forgets the text (and an earlier failure), keeps the memory. */
void buf_clear(struct buf *b);

/* Makes room, and then appends LEN bytes of TEXT.  For buf_add. */
void buf_add_more(struct buf *b, const char *text, size_t len);

/* Appends LEN bytes of TEXT. */
static inline void buf_add(struct buf *b, const char *text, size_t len) {
    if (b->failed || len == 0 || len >= b->cap - b->len) {
        buf_add_more(b, text, len);
        return;
    }
    memcpy(b->data + b->len, text, len);
    b->len += len;
    b->data[b->len] = '\0';
}

static inline void buf_add_char(struct buf *b, char c) {
    buf_add(b, &c, 1);
}

void buf_add_str(struct buf *b, const char *text);

/* Appends what printf would print. */
void buf_add_format(struct buf *b, const char *format, ...) PRINTF_FORMAT(2, 3);
void buf_add_args(struct buf *b, const char *format, va_list args) PRINTF_FORMAT(2, 0);

/* Passes the text to the caller, who frees it; B is empty afterwards.
 * NULL if an addition had failed (B is then released). */
char *buf_detach(struct buf *b);

/* What printf would print, for the caller to free; NULL without memory. */
char *text_format(const char *format, ...) PRINTF_FORMAT(1, 2);

/* Makes room for one more element in an array of COUNT elements of SIZE bytes each, which has room
 * for *CAP.  Returns the array, perhaps moved; NULL without memory, and then the old array is
 * still valid. */
void *array_grow(void *array, size_t count, size_t *cap, size_t size);

#endif
