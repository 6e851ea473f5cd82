#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grammar.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Looks at a copy without anything behind its end, so that a sanitizer sees a step too far. */
static bool is_valid(grammar_fn *check, const char *text, size_t len) {
    char *copy = malloc(len > 0 ? len : 1);
    ck_assert_ptr_nonnull(copy);
    if (len > 0)
        memcpy(copy, text, len);
    bool valid = check((struct slice){copy, len});
    free(copy);
    return valid;
}

static void check_all(grammar_fn *check, const char *const *texts, size_t count, bool expected) {
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(is_valid(check, texts[i], strlen(texts[i])) == expected, "%s '%s'",
                      expected ? "refused" : "took", texts[i]);
}

#define GOOD(check, texts) check_all(check, texts, COUNT(texts), true)
#define BAD(check, texts) check_all(check, texts, COUNT(texts), false)

/* Whether a text of LEN times 'a' is valid. */
static bool takes_length(grammar_fn *check, size_t len) {
    char text[400];
    ck_assert_uint_le(len, sizeof text);
    memset(text, 'a', sizeof text);
    return is_valid(check, text, len);
}

/* What no name may hold: it would end or split a word of make's or of sh's. */
static const char *const hostile[] = {
    "",    " ",    "a b",  "a\tb", "a\nb", "a\rb", "a$b", "a%b",  "a#b",        "a:b:c", "a;b",
    "a'b", "a\"b", "a`b`", "a\\",  "a|b",  "a&b",  "a*b", "a(b)", "\xc3\xa9-a", "-a",    "a\x01",
};

START_TEST(names) {
    static const char *const good[] = {"a", "0", "linux-x64", "a.b_c-d", "1.2", "a-", "a..b"};
    static const char *const bad[] = {"A", "linuX", "_a", ".a", "a/b", "a=b", "a+b", "a@b", "a,b"};
    GOOD(grammar_name, good);
    BAD(grammar_name, bad);
    BAD(grammar_name, hostile);
    ck_assert(takes_length(grammar_name, 40));
    ck_assert(!takes_length(grammar_name, 41));
    ck_assert(!is_valid(grammar_name, "a\0b", 3));
}
END_TEST

START_TEST(caches) {
    static const char *const good[] = {"x64", "Musl_x64", "A.b-c_d", "0"};
    static const char *const bad[] = {"_a", ".a", "a/b", "a=b", "../a"};
    GOOD(grammar_cache, good);
    BAD(grammar_cache, bad);
    BAD(grammar_cache, hostile);
    ck_assert(takes_length(grammar_cache, 200));
    ck_assert(!takes_length(grammar_cache, 201));
    ck_assert(!is_valid(grammar_cache, "a\0", 2));
}
END_TEST

START_TEST(triples) {
    static const char *const good[] = {
        "a-b",
        "x86_64-unknown-linux-gnu",
        "aarch64-unknown-linux-musl",
        "armv7-unknown-linux-gnueabihf",
        "thumbv8m.main-none-eabi",
        "wasm32-wasip1",
        "x86_64-unknown-linux-gnu.2.17",
        "a-b-c-d-e",
    };
    static const char *const bad[] = {
        "a",     "a-",     "a--b", "a-b-", "a-b-c-d-e-f", "A-b", "x86_64-unknown-linux-GNU",
        "a/b-c", "../a-b",
    };
    GOOD(grammar_triple, good);
    BAD(grammar_triple, bad);
    BAD(grammar_triple, hostile);
    ck_assert(!is_valid(grammar_triple, "a-b\0", 4));
}
END_TEST

START_TEST(platforms) {
    static const char *const good[] = {
        "linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/arm64/v8", "a_b/c.d",
    };
    static const char *const bad[] = {
        "linux", "linux/", "/amd64", "linux//arm", "linux/arm/v7/x", "Linux/amd64", "linux-amd64",
    };
    GOOD(grammar_platform, good);
    BAD(grammar_platform, bad);
    BAD(grammar_platform, hostile);
}
END_TEST

START_TEST(env_names_and_settings) {
    static const char *const good[] = {
        "A", "_", "_a1", "GITHUB_TOKEN", "A=", "A=1", "A=b=c", "a=$(x)", "A='\\\"", "A=\xc3\xa9",
    };
    static const char *const bad[] = {"",    "=",     "=x",         "1A", "1A=x",
                                      "A-B", "A.B=x", "\xc3\xa9=x", "A B"};
    GOOD(grammar_env, good);
    BAD(grammar_env, bad);
}
END_TEST

START_TEST(any_but_nothing) {
    static const char *const good[] = {" ", "x", "$(x)", "\xff"};
    static const char *const bad[] = {""};
    GOOD(grammar_any, good);
    BAD(grammar_any, bad);
}
END_TEST

#define HEX31 "0123456789abcdef0123456789abcde"
#define HEX32 HEX31 "f"

START_TEST(images) {
    static const char *const good[] = {
        "rust",
        "rust:alpine",
        "rust:1.85-slim_x.Y",
        "rust:_x",
        "library/rust",
        "my-org/my_image/x.y",
        "a__b/c---d",
        "localhost/rust",
        "localhost:5000/rust:alpine",
        "host:5000/path/image:tag",
        "ghcr.io/a/b",
        "Registry/rust",
        "my-host.example.com:443/a/b:c",
        "127.0.0.1:5000/rust",
        "[::1]/rust",
        "[2001:DB8::1]:5000/rust:alpine",
        "rust@sha256:" HEX32 HEX32,
        "rust:alpine@sha256:" HEX32 HEX32,
        "host:5000/rust@sha256:" HEX32 HEX32,
        "rust@sha512:" HEX32 HEX32 HEX32 HEX32,
    };
    GOOD(grammar_image, good);
}
END_TEST

START_TEST(repositories) {
    static const char *const good[] = {"me/project", "ghcr.io/me/project",
                                       "registry.example.com:5000/a/b_c", "localhost/x"};
    static const char *const bad[] = {
        "",      "project", "ghcr.io",  "host:5000", "ghcr.io/me/project:latest",
        "me/p/", "/p",      "ghcr.io/", "me//p",     "me/p@sha256:" HEX32 HEX32,
        "me/P"};
    GOOD(grammar_repository, good);
    BAD(grammar_repository, bad);
    BAD(grammar_repository, hostile);
}
END_TEST

START_TEST(what_is_no_image) {
    static const char *const bad[] = {
        "Rust",
        "rust:",
        ":alpine",
        "rust:al pine",
        "rust:.x",
        "rust:-x",
        "rust:a:b",
        "rust/",
        "/rust",
        "a//b",
        "a/Rust",
        "_rust",
        "rust_",
        "a..b",
        "a___b",
        "a-_b",
        ".rust",
        "host:port/rust",
        "host:/rust",
        "host:5000/",
        "a..b/rust",
        ".b/rust",
        "http://host/rust",
        "rust@",
        "rust@sha256",
        "rust@sha256:",
        "rust@sha256:" HEX32 "x",
        "rust@sha256:" HEX31,
        "rust@sha256:" HEX32,
        "rust@sha512:" HEX31,
        "rust@sha256:" HEX32 HEX32 "0",
        "rust@:" HEX32,
        "@sha256:" HEX32,
        "rust@sha256:0123456789abcdef",
        "rust@" HEX32,
        "rust:\xc3\xa9",
        "rust:latest ",
    };
    BAD(grammar_image, bad);
    BAD(grammar_image, hostile);
}
END_TEST

/* An image that begins with a dash would be an option to the engine. */
START_TEST(registry_is_a_host_name) {
    static const char *const bad[] = {
        "-x.y/rust",   "--help.x/rust", "x-.y/rust",      "x.-y/rust",   "-:5000/rust",
        "[]/rust",     "[[::1]/rust",   "[::1/rust",      "[::1]x/rust", "[::1]x:5/rust",
        "[::1]:/rust", "[::1]::5/rust", "[::1]:5:5/rust", "[g::]/rust",
    };
    BAD(grammar_image, bad);
}
END_TEST

START_TEST(image_lengths) {
    char text[600];
    memset(text, 'a', sizeof text);
    ck_assert(is_valid(grammar_image, text, 255));
    ck_assert(!is_valid(grammar_image, text, 256));
    text[4] = ':';
    ck_assert(is_valid(grammar_image, text, 5 + 128));
    ck_assert(!is_valid(grammar_image, text, 5 + 129));
}
END_TEST

START_TEST(versions) {
    static const char *const good[] = {"2.31", "0.0", "10.999"};
    static const char *const bad[] = {"", "2", "2.", ".2", "2.3.1", "2,31", "2.3a", "v2.3", "2.-1"};
    GOOD(grammar_version, good);
    BAD(grammar_version, bad);
    BAD(grammar_version, hostile);
}
END_TEST

START_TEST(packages) {
    static const char *const good[] = {"git",         "g++",       "libssl-dev:arm64",
                                       "zlib=1.3-r1", "a~b",       "libX11-devel",
                                       "python3.11",  "musl@edge", "7zip"};
    static const char *const bad[] = {"git-", "./a.deb", "a/b", "+a", "a,b"};
    GOOD(grammar_package, good);
    BAD(grammar_package, bad);
    for (size_t i = 0; i < COUNT(hostile); i++)
        if (strcmp(hostile[i], "a:b:c") != 0)
            ck_assert_msg(!grammar_package(slice_of(hostile[i])), "%s", hostile[i]);
}
END_TEST

START_TEST(mirrors) {
    static const char *const good[] = {
        "sparse+https://crates.example.org/index/",
        "sparse+http://127.0.0.1:8080/",
        "https://git.example.org/index.git",
        "http://[::1]:80/a_b-c~d%20e+f",
    };
    static const char *const bad[] = {
        "",
        "sparse+https://crates.example.org/index",
        "sparse+",
        "https://",
        "http:///x/",
        "ftp://x/",
        "sparse+ssh://x/",
        "https://user@x/",
        "https://x/a\"b",
        "https://x/a'b",
        "https://x/$(b)",
        "https://x/\\",
        "https://x/ y",
    };
    GOOD(grammar_mirror, good);
    BAD(grammar_mirror, bad);
    BAD(grammar_mirror, hostile);
}
END_TEST

START_TEST(compile_caches) {
    static const char *const good[] = {"volume",          "gha",         "redis://cache:6379",
                                       "redis://[::1]:1", "s3://bucket", "s3://bucket/a/prefix"};
    static const char *const bad[] = {
        "",        "volumes",      "ghac", "redis://", "s3://", "gcs://x", "redis://:secret@host",
        "s3://-b", "s3://b ucket",
    };
    GOOD(grammar_sccache, good);
    BAD(grammar_sccache, bad);
    BAD(grammar_sccache, hostile);
}
END_TEST

Suite *grammar_suite(void) {
    Suite *suite = suite_create("grammar");
    TCase *tests = tcase_create("grammar");
    tcase_add_test(tests, names);
    tcase_add_test(tests, caches);
    tcase_add_test(tests, triples);
    tcase_add_test(tests, platforms);
    tcase_add_test(tests, env_names_and_settings);
    tcase_add_test(tests, any_but_nothing);
    tcase_add_test(tests, images);
    tcase_add_test(tests, repositories);
    tcase_add_test(tests, what_is_no_image);
    tcase_add_test(tests, registry_is_a_host_name);
    tcase_add_test(tests, image_lengths);
    tcase_add_test(tests, versions);
    tcase_add_test(tests, packages);
    tcase_add_test(tests, mirrors);
    tcase_add_test(tests, compile_caches);
    suite_add_tcase(suite, tests);
    return suite;
}
