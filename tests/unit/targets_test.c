#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "diag.h"
#include "slice.h"
#include "suites.h"
#include "targets.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The required keys, three lines. */
#define REST "description = D\ntriple = a-b\nimage = rust\n"

/* Reads INI; the messages must be exactly MESSAGES. */
static void read_ini(struct targets *targets, const char *ini, const char *messages) {
    char *text = NULL;
    size_t len;
    FILE *in = tmpfile(), *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(in);
    ck_assert_ptr_nonnull(out);
    fputs(ini, in);
    rewind(in);
    struct diag diag = {.out = out};
    bool valid = targets_read(targets, in, "ini", &diag);
    fclose(in);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_str_eq(text, messages);
    ck_assert_int_eq(valid, *messages == '\0');
    free(text);
}

static void expect_errors(const char *ini, const char *messages) {
    struct targets targets;
    read_ini(&targets, ini, messages);
    targets_release(&targets);
}

static const char *value(const struct targets *targets, size_t index, enum target_key key) {
    return target_value(targets, &targets->items[index], key);
}

/* ---- What is right ---- */

START_TEST(smallest_target) {
    struct targets targets;
    read_ini(&targets, "[t]\n" REST, "");
    ck_assert_uint_eq(targets.count, 1);
    ck_assert_str_eq(targets.items[0].name, "t");
    ck_assert_uint_eq(targets.items[0].line, 1);
    ck_assert_ptr_null(targets.defaults.name);
    ck_assert_str_eq(value(&targets, 0, KEY_DESCRIPTION), "D");
    ck_assert_str_eq(value(&targets, 0, KEY_TRIPLE), "a-b");
    ck_assert_str_eq(value(&targets, 0, KEY_IMAGE), "rust");
    ck_assert_str_eq(value(&targets, 0, KEY_CACHE), "t");
    static const enum target_key optional[] = {KEY_PLATFORM,   KEY_ALIASES, KEY_SETUP, KEY_ENV,
                                               KEY_CARGO_ARGS, KEY_USER,    KEY_SSH};
    for (size_t i = 0; i < COUNT(optional); i++)
        ck_assert_str_eq(value(&targets, 0, optional[i]), "");
    targets_release(&targets);
}
END_TEST

START_TEST(every_key) {
    struct targets targets;
    read_ini(&targets,
             "[t]\n"
             "description = The $(text), 'as' it \"is\"\n"
             "triple = aarch64-unknown-linux-musl\n"
             "image = host:5000/rust:alpine\n"
             "platform = linux/arm64/v8\n"
             "cache = Musl_arm64\n"
             "aliases = u v\n"
             "packages = git g++\n"
             "target_packages = libz1=1.3-r1\n"
             "setup = apk add musl-dev &&\n"
             "  echo done\n"
             "env = GITHUB_TOKEN A=$b\n"
             "cargo_args = --features tls --locked\n"
             "user = root\n"
             "ssh = agent\n"
             "cross =\n"
             "expect = static\n"
             "glibc =\n"
             "glibc_max = 2.31\n"
             "hermetic = yes\n"
             "mirror = sparse+https://x/\n"
             "sccache = volume\n"
             "target_dir = volume\n"
             "registry = ghcr.io/me/project\n"
             "x-own = anything\n",
             "");
    static const char *const expected[KEY_COUNT] = {
        [KEY_DESCRIPTION] = "The $(text), 'as' it \"is\"",
        [KEY_TRIPLE] = "aarch64-unknown-linux-musl",
        [KEY_IMAGE] = "host:5000/rust:alpine",
        [KEY_PLATFORM] = "linux/arm64/v8",
        [KEY_CACHE] = "Musl_arm64",
        [KEY_ALIASES] = "u v",
        [KEY_PACKAGES] = "git g++",
        [KEY_TARGET_PACKAGES] = "libz1=1.3-r1",
        [KEY_SETUP] = "apk add musl-dev && echo done",
        [KEY_ENV] = "GITHUB_TOKEN A=$b",
        [KEY_CARGO_ARGS] = "--features tls --locked",
        [KEY_USER] = "root",
        [KEY_SSH] = "agent",
        [KEY_CROSS] = "",
        [KEY_EXPECT] = "static",
        [KEY_GLIBC] = "",
        [KEY_GLIBC_MAX] = "2.31",
        [KEY_HERMETIC] = "yes",
        [KEY_MIRROR] = "sparse+https://x/",
        [KEY_SCCACHE] = "volume",
        [KEY_TARGET_DIR] = "volume",
        [KEY_REGISTRY] = "ghcr.io/me/project",
    };
    for (size_t i = 0; i < KEY_COUNT; i++) {
        ck_assert_ptr_nonnull(expected[i]);
        ck_assert_str_eq(value(&targets, 0, (enum target_key)i), expected[i]);
    }
    const struct extra *extra = targets.items[0].extras;
    ck_assert_str_eq(extra->name, "x-own");
    ck_assert_str_eq(extra->field->text, "anything");
    ck_assert_ptr_null(extra->next);
    targets_release(&targets);
}
END_TEST

START_TEST(defaults_fill_what_a_target_leaves_out) {
    struct targets targets;
    read_ini(&targets,
             "[one]\ndescription = D\n"
             "[defaults]\ntriple = a-b\nimage = rust\ncache = shared\nsetup = x\n"
             "[two]\ndescription = E\nimage = own\ncache = own\nsetup =\n",
             "");
    ck_assert_uint_eq(targets.count, 2);
    ck_assert_str_eq(value(&targets, 0, KEY_TRIPLE), "a-b");
    ck_assert_str_eq(value(&targets, 0, KEY_IMAGE), "rust");
    ck_assert_str_eq(value(&targets, 0, KEY_CACHE), "shared");
    ck_assert_str_eq(value(&targets, 0, KEY_SETUP), "x");
    ck_assert_str_eq(value(&targets, 1, KEY_IMAGE), "own");
    ck_assert_str_eq(value(&targets, 1, KEY_CACHE), "own");
    ck_assert_str_eq(value(&targets, 1, KEY_SETUP), "");
    targets_release(&targets);
}
END_TEST

START_TEST(empty_cache_is_the_name) {
    struct targets targets;
    read_ini(&targets, "[defaults]\ncache = shared\n[t]\ncache =\n" REST, "");
    ck_assert_str_eq(value(&targets, 0, KEY_CACHE), "t");
    targets_release(&targets);
}
END_TEST

START_TEST(targets_keep_their_order) {
    struct targets targets;
    read_ini(&targets, "[c]\n" REST "[a]\n" REST "[b]\n" REST, "");
    ck_assert_uint_eq(targets.count, 3);
    ck_assert_str_eq(targets.items[0].name, "c");
    ck_assert_str_eq(targets.items[1].name, "a");
    ck_assert_str_eq(targets.items[2].name, "b");
    ck_assert_uint_eq(targets.items[2].line, 9);
    targets_release(&targets);
}
END_TEST

START_TEST(words_of_a_value) {
    struct slice rest = slice_of(" \tone  two\t\v\fthree "), word;
    static const char *const expected[] = {"one", "two", "three"};
    for (size_t i = 0; i < COUNT(expected); i++) {
        ck_assert(slice_cut_word(&rest, &word));
        ck_assert(slice_is(word, expected[i]));
    }
    ck_assert(!slice_cut_word(&rest, &word));
    rest = slice_of("");
    ck_assert(!slice_cut_word(&rest, &word));
}
END_TEST

START_TEST(keys_have_names) {
    ck_assert_str_eq(target_key_name(KEY_CARGO_ARGS), "cargo_args");
}
END_TEST

/* ---- What is wrong, where tests/golden has not the same ---- */

#define OWN_KEYS "your own keys start with 'x-', then letters, digits, '_' and '-'\n"

START_TEST(unknown_key_names_the_nearest) {
    expect_errors("[t]\n" REST "platfrom = linux/arm64\n",
                  "ini:5: error: unknown key 'platfrom'; did you mean 'platform'?\n");
    expect_errors("[t]\n" REST "cargo-args = x\n",
                  "ini:5: error: unknown key 'cargo-args'; did you mean 'cargo_args'?\n");
    expect_errors("[defaults]\nSetup = x\n[t]\n" REST,
                  "ini:2: error: unknown key 'Setup'; did you mean 'setup'?\n");
    expect_errors("[t]\n" REST "volumes = x\n", "ini:5: error: unknown key 'volumes'; " OWN_KEYS);
    expect_errors("[t]\n" REST "x- = 1\nx-a.b = 1\n",
                  "ini:5: error: unknown key 'x-'; " OWN_KEYS
                  "ini:6: error: unknown key 'x-a.b'; " OWN_KEYS);
    expect_errors("[t]\n" REST "x-\x1b = 1\n", "ini:5: error: unknown key 'x-?'; " OWN_KEYS);
}
END_TEST

START_TEST(second_key_in_defaults) {
    expect_errors("[defaults]\nsetup =\nsetup = x\n[t]\n" REST,
                  "ini:3: error: duplicate 'setup' in [defaults]; the first is at line 2\n");
}
END_TEST

/* What is valid need not be checked again in the next target; what is not is reported again. */
START_TEST(the_same_mistake_in_two_targets_is_reported_twice) {
    expect_errors("[t]\ndescription = D\ntriple = a-b\nimage = I\n"
                  "[u]\ndescription = D\ntriple = a-b\nimage = I\n",
                  "ini:4: error: image 'I': expected an image such as rust:alpine, "
                  "host:5000/path/image:tag or image@sha256:…\n"
                  "ini:8: error: image 'I': expected an image such as rust:alpine, "
                  "host:5000/path/image:tag or image@sha256:…\n");
}
END_TEST

/* A key that was misspelt is not missing, too, unless it is there, and empty. */
START_TEST(a_misspelt_key_is_not_missing) {
    expect_errors("[t]\ndescription = D\ntriple = a-b\nimag = i\n",
                  "ini:4: error: unknown key 'imag'; did you mean 'image'?\n");
    expect_errors("[t]\ndescription = D\ntriple = a-b\nimag = i\nimage =\n",
                  "ini:4: error: unknown key 'imag'; did you mean 'image'?\n"
                  "ini:1: error: [t] has no 'image': expected an image such as rust:alpine, "
                  "host:5000/path/image:tag or image@sha256:…\n");
}
END_TEST

START_TEST(names_are_unique) {
    expect_errors("[t]\n" REST "[t]\n" REST,
                  "ini:5: error: target 't' is taken by the target at line 1; choose another\n");
    expect_errors("[t]\n" REST "aliases = u\n[v]\n" REST "aliases = w u\n",
                  "ini:10: error: alias 'u' is taken by the alias at line 5; choose another\n");
    expect_errors("[t]\n" REST "aliases = u\n[u]\n" REST,
                  "ini:6: error: target 'u' is taken by the alias at line 5; choose another\n");
    expect_errors("[t]\n" REST "[u]\n" REST "aliases = t\n",
                  "ini:9: error: alias 't' is taken by the target at line 1; choose another\n");
    expect_errors("[t]\n" REST "aliases = t\n",
                  "ini:5: error: alias 't' is taken by the target at line 1; choose another\n");
    expect_errors("[t]\n" REST "aliases = u u\n",
                  "ini:5: error: alias 'u' is taken by the alias at line 5; choose another\n");
    expect_errors("[t]\n" REST "[u]\n" REST "[t]\n" REST "[t]\n" REST,
                  "ini:9: error: target 't' is taken by the target at line 1; choose another\n"
                  "ini:13: error: target 't' is taken by the target at line 1; choose another\n");
    expect_errors("[t]\n" REST "[b]\n" REST "[defaults]\naliases = b\n",
                  "ini:10: error: alias 'b' is taken by the target at line 5; choose another\n"
                  "ini:10: error: alias 'b' is taken by the alias at line 10; choose another\n");
    expect_errors("[ab]\n" REST "[abc]\n" REST "[a]\n" REST "aliases = b\n", "");
}
END_TEST

START_TEST(aliases_of_defaults_cannot_be_shared) {
    expect_errors("[defaults]\naliases = u\n[t]\n" REST "[v]\n" REST,
                  "ini:2: error: alias 'u' is taken by the alias at line 2; choose another\n");
    expect_errors("[defaults]\naliases = u\n[t]\n" REST "[v]\n" REST "aliases =\n", "");
}
END_TEST

START_TEST(only_all_is_reserved) {
    expect_errors("[all2]\n" REST "aliases = al all-x\n", "");
}
END_TEST

#define NAME_EXPECTED                                                                              \
    "expected a-z, 0-9 and '._-', a letter or digit first, at most 40 characters\n"

START_TEST(bad_names) {
    expect_errors("[Defaults]\n" REST, "ini:1: error: target 'Defaults': " NAME_EXPECTED);
    expect_errors("[\xc3\xa9]\n" REST, "ini:1: error: target '\xc3\xa9': " NAME_EXPECTED);
    expect_errors("[t]\n" REST "aliases = ok A $x\n", "ini:5: error: alias 'A': " NAME_EXPECTED
                                                      "ini:5: error: alias '$x': " NAME_EXPECTED);
}
END_TEST

START_TEST(key_of_one_word_takes_no_other) {
    static const char *const keys[][2] = {{"user", "root"},    {"ssh", "agent"},
                                          {"cross", "yes"},    {"expect", "static"},
                                          {"hermetic", "yes"}, {"target_dir", "volume"}};
    for (size_t i = 0; i < COUNT(keys); i++) {
        const char *word = keys[i][1];
        char almost[5][20], ini[200], errors[300];
        snprintf(almost[0], sizeof almost[0], "%.*s", (int)strlen(word) - 1, word);
        snprintf(almost[1], sizeof almost[1], "%s%s", word, word);
        snprintf(almost[2], sizeof almost[2], "%sx", word);
        snprintf(almost[3], sizeof almost[3], "%c%s", word[0] - 'a' + 'A', word + 1);
        snprintf(almost[4], sizeof almost[4], "no");
        for (size_t j = 0; j < COUNT(almost); j++) {
            snprintf(ini, sizeof ini, "[t]\n" REST "%s = %s\n", keys[i][0], almost[j]);
            snprintf(errors, sizeof errors, "ini:5: error: %s '%s': expected %s, or nothing%s\n",
                     keys[i][0], almost[j], word, i == 0 ? " for the user who runs make" : "");
            expect_errors(ini, errors);
        }
        snprintf(ini, sizeof ini, "[t]\n" REST "%s = %s\n", keys[i][0], word);
        expect_errors(ini, "");
    }
}
END_TEST

/* Any target may lack what was in it. */
START_TEST(key_outside_is_not_missing_as_well) {
    expect_errors("image = x\n[t]\ntriple = a-b\ndescription = d\n",
                  "ini:1: error: key outside a section; add [target] above it\n");
}
END_TEST

START_TEST(keys_of_a_refused_section_are_not_checked) {
    expect_errors("[t]\n" REST "[u\nimage = BAD\nnonsense = 1\n",
                  "ini:5: error: section without a closing ']'\n");
}
END_TEST

START_TEST(many_targets) {
    enum { TARGETS = 10000 };
    struct buf ini;
    struct targets targets;
    char name[32];
    buf_init(&ini);
    for (int i = 0; i < TARGETS; i++) {
        snprintf(name, sizeof name, "[t%d]\n", i);
        buf_add_str(&ini, name);
        buf_add_str(&ini, REST);
    }
    read_ini(&targets, ini.data, "");
    ck_assert_uint_eq(targets.count, TARGETS);
    ck_assert_str_eq(targets.items[TARGETS - 1].name, "t9999");
    targets_release(&targets);
    buf_release(&ini);
}
END_TEST

Suite *targets_suite(void) {
    Suite *suite = suite_create("targets");
    TCase *tests = tcase_create("targets");
    tcase_add_test(tests, smallest_target);
    tcase_add_test(tests, every_key);
    tcase_add_test(tests, defaults_fill_what_a_target_leaves_out);
    tcase_add_test(tests, empty_cache_is_the_name);
    tcase_add_test(tests, targets_keep_their_order);
    tcase_add_test(tests, words_of_a_value);
    tcase_add_test(tests, keys_have_names);
    tcase_add_test(tests, unknown_key_names_the_nearest);
    tcase_add_test(tests, second_key_in_defaults);
    tcase_add_test(tests, the_same_mistake_in_two_targets_is_reported_twice);
    tcase_add_test(tests, a_misspelt_key_is_not_missing);
    tcase_add_test(tests, names_are_unique);
    tcase_add_test(tests, aliases_of_defaults_cannot_be_shared);
    tcase_add_test(tests, only_all_is_reserved);
    tcase_add_test(tests, bad_names);
    tcase_add_test(tests, key_of_one_word_takes_no_other);
    tcase_add_test(tests, key_outside_is_not_missing_as_well);
    tcase_add_test(tests, keys_of_a_refused_section_are_not_checked);
    tcase_add_test(tests, many_targets);
    suite_add_tcase(suite, tests);
    return suite;
}
