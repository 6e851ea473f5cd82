#include "grammar.h"

#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define ALNUM LOWER UPPER DIGITS
#define HEX DIGITS "abcdefABCDEF"

static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

/* Length of the run of bytes of SET at the start of PART. */
static size_t run_of(struct slice part, const char *set) {
    size_t n = 0;
    while (n < part.len && is_one_of(part.text[n], set))
        n++;
    return n;
}

/* [FIRST][REST]*, at most MAX bytes. */
static bool is_word(struct slice part, const char *first, const char *rest, size_t max) {
    return part.len > 0 && part.len <= max && is_one_of(part.text[0], first) &&
           run_of(part, rest) == part.len;
}

/* Counts the parts of TEXT between SEPARATORs; 0 if one of them is not of FORM. */
static size_t count_parts(struct slice text, char separator, grammar_fn *form) {
    struct slice part;
    size_t count = 0;
    for (bool more = true; more; count++) {
        more = slice_cut(&text, separator, &part);
        if (!form(part))
            return 0;
    }
    return count;
}

static bool is_number(struct slice part) {
    return is_word(part, DIGITS, DIGITS, part.len);
}

/* What triples and platforms consist of. */
static bool is_lower_word(struct slice part) {
    return is_word(part, LOWER DIGITS "_.", LOWER DIGITS "_.", part.len);
}

bool grammar_name(struct slice text) {
    return is_word(text, LOWER DIGITS, LOWER DIGITS "._-", 40);
}

bool grammar_cache(struct slice text) {
    return is_word(text, ALNUM, ALNUM "_.-", 200);
}

bool grammar_triple(struct slice text) {
    size_t parts = count_parts(text, '-', is_lower_word);
    return parts >= 2 && parts <= 5;
}

bool grammar_platform(struct slice text) {
    size_t parts = count_parts(text, '/', is_lower_word);
    return parts == 2 || parts == 3;
}

bool grammar_env(struct slice text) {
    struct slice name;
    slice_cut(&text, '=', &name);
    return is_word(name, UPPER LOWER "_", ALNUM "_", name.len);
}

bool grammar_any(struct slice text) {
    return text.len > 0;
}

bool grammar_package(struct slice text) {
    return is_word(text, ALNUM, ALNUM "+._:=~@-", 200) && text.text[text.len - 1] != '-';
}

bool grammar_version(struct slice text) {
    return count_parts(text, '.', is_number) == 2;
}

bool grammar_mirror(struct slice text) {
    if (slice_cut_start(&text, "sparse+") && !slice_ends(text, "/"))
        return false;
    return (slice_cut_start(&text, "https://") || slice_cut_start(&text, "http://")) &&
           is_word(text, ALNUM "[", ALNUM "[]_.:/~%+-", 1000);
}

bool grammar_sccache(struct slice text) {
    return slice_is(text, "volume") || slice_is(text, "gha") ||
           ((slice_cut_start(&text, "redis://") || slice_cut_start(&text, "s3://")) &&
            is_word(text, ALNUM "[", ALNUM "[]_.:/-", 1000));
}

/* ---- Images: see grammar.h for the source ---- */

/* One step of an image's path: runs of letters and digits, separated by `.`, `_`, `__` or any
 * number of `-`. */
static bool is_path_step(struct slice part) {
    size_t run = run_of(part, LOWER DIGITS);
    while (run > 0 && run < part.len) {
        part = slice_skip(part, run);
        if (is_one_of(part.text[0], "._"))
            part = slice_skip(part, slice_starts(part, "__") ? 2 : 1);
        else
            part = slice_skip(part, run_of(part, "-"));
        run = run_of(part, LOWER DIGITS);
    }
    return run > 0;
}

/* Letters, digits and, inside, dashes. */
static bool is_host_word(struct slice part) {
    return is_word(part, ALNUM, ALNUM "-", part.len) && part.text[part.len - 1] != '-';
}

/* A registry: a host name or an IPv6 address in brackets, perhaps with a port. */
static bool is_registry(struct slice part) {
    struct slice host;
    if (slice_cut_start(&part, "[")) {
        if (!slice_cut(&part, ']', &host) || !is_word(host, HEX ":", HEX ":", host.len))
            return false;
        return part.len == 0 || (slice_cut_start(&part, ":") && is_number(part));
    }
    bool port = slice_cut(&part, ':', &host);
    return count_parts(host, '.', is_host_word) > 0 && (!port || is_number(part));
}

/* The part before the first slash is a registry if it could not be a step of a path. */
static bool may_be_registry(struct slice part) {
    return run_of(part, LOWER DIGITS "_-") != part.len || slice_is(part, "localhost");
}

/* algorithm:hex, at least 32 digits; a sha256, which nearly all are, has 64. */
static bool is_digest(struct slice part) {
    struct slice algorithm;
    if (!slice_cut(&part, ':', &algorithm) || run_of(part, DIGITS "abcdef") != part.len)
        return false;
    if (slice_is(algorithm, "sha256"))
        return part.len == 64;
    return is_word(algorithm, LOWER UPPER, ALNUM "+._-", algorithm.len) && part.len >= 32;
}

/* Cuts `:tag` off the end of NAME, if there is one; a colon before a slash is a port's. */
static bool cut_tag(struct slice *name) {
    size_t n = name->len;
    while (n > 0 && !is_one_of(name->text[n - 1], ":/"))
        n--;
    if (n == 0 || name->text[n - 1] == '/')
        return true;
    struct slice tag = slice_skip(*name, n);
    name->len = n - 1;
    return is_word(tag, ALNUM "_", ALNUM "_.-", 128);
}

/* An image's name, without a tag and a digest. */
static bool is_image_name(struct slice name) {
    struct slice path = name, first;
    bool registry = slice_cut(&path, '/', &first) && may_be_registry(first);
    if (name.len > 255 || (registry && !is_registry(first)))
        return false;
    return count_parts(registry ? path : name, '/', is_path_step) > 0;
}

bool grammar_image(struct slice text) {
    struct slice name;
    if (slice_cut(&text, '@', &name) && !is_digest(text))
        return false;
    return cut_tag(&name) && is_image_name(name);
}

bool grammar_repository(struct slice text) {
    return slice_has(text, '/') && is_image_name(text);
}
