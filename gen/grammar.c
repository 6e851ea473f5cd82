#include "grammar.h"

#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define ALNUM LOWER UPPER DIGITS

/* A part of a text that is being looked at. */
struct part {
    const char *text;
    size_t len;
};

static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

/* Length of the run of bytes of SET at the start of PART. */
static size_t run_of(struct part part, const char *set) {
    size_t n = 0;
    while (n < part.len && is_one_of(part.text[n], set))
        n++;
    return n;
}

/* [FIRST][REST]*, at most MAX bytes. */
static bool is_word(struct part part, const char *first, const char *rest, size_t max) {
    return part.len > 0 && part.len <= max && is_one_of(part.text[0], first) &&
           run_of(part, rest) == part.len;
}

/* Cuts the text before the first SEPARATOR off the front of REST.  Without one it is all that
 * is left, and false is returned. */
static bool cut_front(struct part *rest, char separator, struct part *front) {
    const char *at = rest->len > 0 ? memchr(rest->text, separator, rest->len) : NULL;
    *front = *rest;
    if (at == NULL) {
        rest->text += rest->len;
        rest->len = 0;
        return false;
    }
    front->len = (size_t)(at - rest->text);
    rest->text = at + 1;
    rest->len -= front->len + 1;
    return true;
}

/* Counts the parts of TEXT between SEPARATORs; 0 if one is empty or has a byte not in SET. */
static size_t count_parts(const char *text, size_t len, char separator, const char *set) {
    struct part rest = {text, len}, part;
    size_t count = 0;
    for (bool more = true; more; count++) {
        more = cut_front(&rest, separator, &part);
        if (part.len == 0 || run_of(part, set) != part.len)
            return 0;
    }
    return count;
}

bool grammar_name(const char *text, size_t len) {
    return is_word((struct part){text, len}, LOWER DIGITS, LOWER DIGITS "._-", 40);
}

bool grammar_cache(const char *text, size_t len) {
    return is_word((struct part){text, len}, ALNUM, ALNUM "_.-", 200);
}

bool grammar_triple(const char *text, size_t len) {
    size_t parts = count_parts(text, len, '-', LOWER DIGITS "_.");
    return parts >= 2 && parts <= 5;
}

bool grammar_platform(const char *text, size_t len) {
    size_t parts = count_parts(text, len, '/', LOWER DIGITS "_.");
    return parts == 2 || parts == 3;
}

bool grammar_env(const char *text, size_t len) {
    struct part rest = {text, len}, name;
    cut_front(&rest, '=', &name);
    return is_word(name, ALNUM "_", ALNUM "_", len) && !is_one_of(text[0], DIGITS);
}

bool grammar_any(const char *text, size_t len) {
    (void)text;
    return len > 0;
}

static bool is_text(struct part part, const char *text) {
    return part.len == strlen(text) && memcmp(part.text, text, part.len) == 0;
}

bool grammar_root(const char *text, size_t len) {
    return is_text((struct part){text, len}, "root");
}

bool grammar_agent(const char *text, size_t len) {
    return is_text((struct part){text, len}, "agent");
}

bool grammar_yes(const char *text, size_t len) {
    return is_text((struct part){text, len}, "yes");
}

bool grammar_static(const char *text, size_t len) {
    return is_text((struct part){text, len}, "static");
}

bool grammar_volume(const char *text, size_t len) {
    return is_text((struct part){text, len}, "volume");
}

bool grammar_version(const char *text, size_t len) {
    return count_parts(text, len, '.', DIGITS) == 2;
}

/* Cuts SCHEME off the front of PART, if it stands there. */
static bool cut_scheme(struct part *part, const char *scheme) {
    size_t len = strlen(scheme);
    if (part->len < len || memcmp(part->text, scheme, len) != 0)
        return false;
    part->text += len;
    part->len -= len;
    return true;
}

bool grammar_mirror(const char *text, size_t len) {
    struct part url = {text, len};
    if (cut_scheme(&url, "sparse+") && text[len - 1] != '/')
        return false;
    return (cut_scheme(&url, "https://") || cut_scheme(&url, "http://")) &&
           is_word(url, ALNUM "[", ALNUM "[]_.:/~%+-", 1000);
}

bool grammar_sccache(const char *text, size_t len) {
    struct part store = {text, len};
    return is_text(store, "volume") ||
           ((cut_scheme(&store, "redis://") || cut_scheme(&store, "s3://")) &&
            is_word(store, ALNUM "[", ALNUM "[]_.:/-", 1000));
}

/* One step of an image's path: runs of letters and digits, separated by `.`, `_`, `__` or any
 * number of `-`. */
static bool is_path_step(struct part part) {
    while (true) {
        size_t n = run_of(part, LOWER DIGITS);
        if (n == 0)
            return false;
        part.text += n;
        part.len -= n;
        if (part.len == 0)
            return true;
        size_t dashes = run_of(part, "-");
        size_t lines = run_of(part, "_");
        size_t separator = dashes > 0 ? dashes : lines > 0 ? lines : run_of(part, ".");
        if (separator == 0 || lines > 2 || (part.text[0] == '.' && separator > 1))
            return false;
        part.text += separator;
        part.len -= separator;
    }
}

/* Words of letters, digits and, inside of each, dashes, separated by dots. */
static bool is_host(struct part host) {
    struct part word;
    for (bool more = true; more;) {
        more = cut_front(&host, '.', &word);
        if (!is_word(word, ALNUM, ALNUM "-", word.len) || word.text[word.len - 1] == '-')
            return false;
    }
    return true;
}

static bool is_port(struct part part) {
    return part.len > 0 && run_of(part, DIGITS) == part.len;
}

/* A registry: a host name or an IPv6 address in brackets, perhaps with a port. */
static bool is_registry(struct part part) {
    struct part host;
    if (part.len > 0 && part.text[0] == '[') {
        part.text++;
        part.len--;
        if (!cut_front(&part, ']', &host) || host.len == 0 ||
            run_of(host, DIGITS "abcdefABCDEF:") != host.len)
            return false;
        return part.len == 0 || (cut_front(&part, ':', &host) && host.len == 0 && is_port(part));
    }
    bool port = cut_front(&part, ':', &host);
    return is_host(host) && (!port || is_port(part));
}

/* What stands before the first slash is a registry if it could not be a step of a path. */
static bool looks_like_registry(struct part part) {
    return run_of(part, LOWER DIGITS "_-") != part.len || is_text(part, "localhost");
}

/* algorithm:hex, at least 32 digits; a sha256, which nearly all are, has 64. */
static bool is_digest(struct part part) {
    struct part algorithm;
    if (!cut_front(&part, ':', &algorithm) || run_of(part, DIGITS "abcdef") != part.len)
        return false;
    if (is_text(algorithm, "sha256"))
        return part.len == 64;
    return is_word(algorithm, LOWER UPPER, ALNUM "+._-", algorithm.len) && part.len >= 32;
}

/* Cuts `:tag` off the end of NAME, if there is one; a colon before a slash is a port's. */
static bool cut_tag(struct part *name) {
    size_t n = name->len;
    while (n > 0 && !is_one_of(name->text[n - 1], ":/"))
        n--;
    if (n == 0 || name->text[n - 1] == '/')
        return true;
    struct part tag = {name->text + n, name->len - n};
    name->len = n - 1;
    return is_word(tag, ALNUM "_", ALNUM "_.-", 128);
}

bool grammar_image(const char *text, size_t len) {
    struct part digest = {text, len}, name, step;
    if (cut_front(&digest, '@', &name) && !is_digest(digest))
        return false;
    if (!cut_tag(&name) || name.len > 255)
        return false;
    bool first = true;
    for (bool more = true; more; first = false) {
        more = cut_front(&name, '/', &step);
        bool good =
            first && more && looks_like_registry(step) ? is_registry(step) : is_path_step(step);
        if (!good)
            return false;
    }
    return true;
}
