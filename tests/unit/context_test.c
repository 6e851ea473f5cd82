#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "diag.h"
#include "suites.h"
#include "targets.h"
#include "version.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A context and the targets it stands on. */
struct fixture {
    struct targets targets;
    struct context *context;
};

static void make(struct fixture *f, const char *ini, const char *dockerfile) {
    struct diag diag = {.out = stderr};
    FILE *in = tmpfile();
    ck_assert_ptr_nonnull(in);
    fputs(ini, in);
    rewind(in);
    ck_assert(targets_read(&f->targets, in, "ini", &diag));
    fclose(in);
    f->context = context_new(&f->targets, dockerfile);
    ck_assert_ptr_nonnull(f->context);
}

static void destroy(struct fixture *f) {
    context_free(f->context);
    targets_release(&f->targets);
}

static bool look_up(const void *object, struct slice text, struct mustache_value *value) {
    struct mustache_name name = {text, context_name_id(text)};
    return context_get(object, &name, value);
}

static struct mustache_value get(const struct mustache_value *object, const char *name) {
    struct mustache_value value;
    ck_assert_int_eq(object->type, MUSTACHE_OBJECT);
    ck_assert_msg(look_up(object->object, slice_of(name), &value), "no %s", name);
    return value;
}

static struct mustache_value item(const struct mustache_value *list, size_t index) {
    ck_assert_int_eq(list->type, MUSTACHE_LIST);
    ck_assert_uint_lt(index, list->len);
    return list->items[index];
}

static void expect_text(struct mustache_value value, const char *expected) {
    ck_assert_int_eq(value.type, MUSTACHE_TEXT);
    ck_assert_uint_eq(value.len, strlen(expected));
    ck_assert_mem_eq(value.text, expected, value.len);
}

static void expect_words(struct mustache_value list, const char *const *words, size_t count) {
    ck_assert_uint_eq(list.len, count);
    for (size_t i = 0; i < count; i++)
        expect_text(item(&list, i), words[i]);
}

/* Target INDEX of F. */
static struct mustache_value target(const struct fixture *f, size_t index) {
    struct mustache_value root = context_root(f->context), targets = get(&root, "targets");
    return item(&targets, index);
}

static void expect_value(const struct fixture *f, size_t index, const char *name,
                         const char *expected) {
    struct mustache_value object = target(f, index);
    expect_text(get(&object, name), expected);
}

/* What make would read otherwise, or is of this machine alone, is in no generated file. */
START_TEST(root_has_the_file_of_the_targets_if_it_is_a_plain_name) {
    static const struct {
        const char *file, *ini;
    } cases[] = {{"targets.ini", "targets.ini"},
                 {"a/b-c_1.ini", "a/b-c_1.ini"},
                 {"/home/me/targets.ini", ""},
                 {"my targets.ini", ""},
                 {"a$b.ini", ""},
                 {"-x.ini", ""},
                 {"a:b", ""}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fixture f;
        make(&f, "[a]\ndescription = D\ntriple = a-b\nimage = i\n", "");
        f.targets.file = cases[i].file;
        context_free(f.context);
        f.context = context_new(&f.targets, "");
        struct mustache_value root = context_root(f.context);
        expect_text(get(&root, "ini"), cases[i].ini);
        destroy(&f);
    }
}
END_TEST

START_TEST(root_has_version_and_lists) {
    struct fixture f;
    make(&f, "[t]\ndescription = D\ntriple = a-b\nimage = i\n", "");
    struct mustache_value root = context_root(f.context), ignored;
    expect_text(get(&root, "version"), CACHEMK_VERSION);
    ck_assert_uint_eq(get(&root, "targets").len, 1);
    ck_assert_uint_eq(get(&root, "caches").len, 1);
    ck_assert(!look_up(root.object, (struct slice){"nothing", 7}, &ignored));
    ck_assert(!look_up(root.object, (struct slice){"versio", 6}, &ignored));
    ck_assert(!look_up(root.object, (struct slice){"versions", 8}, &ignored));
    ck_assert(!look_up(root.object, (struct slice){"", 0}, &ignored));
    destroy(&f);
}
END_TEST

START_TEST(name_with_a_nul_is_unknown) {
    struct fixture f;
    make(&f, "[t]\ndescription = D\ntriple = a-b\nimage = i\n", "");
    struct mustache_value object = target(&f, 0), ignored;
    ck_assert(!look_up(object.object, (struct slice){"name\0and more behind", 20}, &ignored));
    ck_assert(!look_up(object.object, (struct slice){"\0", 1}, &ignored));
    destroy(&f);
}
END_TEST

START_TEST(target_has_its_keys) {
    struct fixture f;
    make(&f,
         "[t]\ndescription = D e\ntriple = a-b\nimage = i:j\nplatform = linux/arm64\ncache = c\n"
         "aliases = u v\nsetup = s; t\nenv = A B=c\ncargo_args = --locked\n",
         "");
    static const char *const texts[][2] = {
        {"name", "t"},     {"description", "D e"},
        {"triple", "a-b"}, {"image", "i:j"},
        {"cache", "c"},    {"platform", "linux/arm64"},
        {"setup", "s; t"}, {"target_dir", "target/a-b"},
    };
    static const char *const aliases[] = {"u", "v"};
    static const char *const env[] = {"A", "B=c"};
    static const char *const cargo_args[] = {"--locked"};
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_value(&f, 0, texts[i][0], texts[i][1]);
    struct mustache_value object = target(&f, 0);
    expect_words(get(&object, "aliases"), aliases, COUNT(aliases));
    expect_words(get(&object, "env"), env, COUNT(env));
    expect_words(get(&object, "cargo_args"), cargo_args, COUNT(cargo_args));
    destroy(&f);
}
END_TEST

START_TEST(what_is_left_out_is_empty) {
    struct fixture f;
    make(&f, "[t]\ndescription = D\ntriple = a-b\nimage = i\n", "");
    struct mustache_value object = target(&f, 0);
    expect_value(&f, 0, "platform", "");
    expect_value(&f, 0, "setup", "");
    expect_value(&f, 0, "cache", "t");
    ck_assert_int_eq(get(&object, "aliases").type, MUSTACHE_FALSE);
    ck_assert_int_eq(get(&object, "env").type, MUSTACHE_FALSE);
    ck_assert_int_eq(get(&object, "cargo_args").type, MUSTACHE_FALSE);
    destroy(&f);
}
END_TEST

START_TEST(targets_of_one_triple_have_directories_of_their_own) {
    struct fixture f;
    make(&f,
         "[defaults]\ndescription = D\nimage = i\n"
         "[z]\ntriple = a-b\n[y]\ntriple = a-c\n[x]\ntriple = a-b\n[w]\ntriple = a-b\n",
         "");
    expect_value(&f, 0, "target_dir", "target/a-b");
    expect_value(&f, 1, "target_dir", "target/a-c");
    expect_value(&f, 2, "target_dir", "target/a-b@x");
    expect_value(&f, 3, "target_dir", "target/a-b@w");
    destroy(&f);
}
END_TEST

START_TEST(caches_come_once_in_order) {
    struct fixture f;
    make(&f,
         "[defaults]\ndescription = D\nimage = i\ntriple = a-b\n"
         "[z]\ncache = two\n[two]\n[y]\n[x]\ncache = one\n[w]\ncache = one\n[v]\ncache = y\n",
         "");
    static const char *const expected[] = {"two", "y", "one"};
    struct mustache_value root = context_root(f.context), caches = get(&root, "caches");
    ck_assert_uint_eq(caches.len, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        struct mustache_value cache = item(&caches, i);
        expect_text(get(&cache, "cache"), expected[i]);
    }
    destroy(&f);
}
END_TEST

/* ---- Keys of the user's own ---- */

START_TEST(extra_keys_are_values) {
    struct fixture f;
    make(&f,
         "[defaults]\ndescription = D\nimage = i\ntriple = a-b\nx-a = 1\nx-b = 2\n"
         "[t]\nx-b = own\nx-c = 3\n[u]\nx-a =\n",
         "");
    expect_value(&f, 0, "x-a", "1");
    expect_value(&f, 0, "x-b", "own");
    expect_value(&f, 0, "x-c", "3");
    expect_value(&f, 1, "x-a", "");
    expect_value(&f, 1, "x-b", "2");
    destroy(&f);
}
END_TEST

START_TEST(missing_extra_keys_are_empty) {
    struct fixture f;
    make(&f, "[t]\ndescription = D\ntriple = a-b\nimage = i\nx-a = 1\n", "");
    struct mustache_value root = context_root(f.context), object = target(&f, 0), ignored;
    ck_assert_int_eq(get(&root, "x-none").type, MUSTACHE_FALSE);
    ck_assert(!look_up(object.object, (struct slice){"x-none", 6}, &ignored));
    ck_assert(!look_up(root.object, (struct slice){"x", 1}, &ignored));
    destroy(&f);
}
END_TEST

/* ---- The prepared image's tag ---- */

/* Stores into TAG the image tag of the one target of INI. */
static void image_tag(const char *ini, const char *dockerfile, char *tag, size_t size) {
    struct fixture f;
    make(&f, ini, dockerfile);
    struct mustache_value object = target(&f, 0), value = get(&object, "image_tag");
    ck_assert_uint_lt(value.len, size);
    memcpy(tag, value.text, value.len);
    tag[value.len] = '\0';
    destroy(&f);
}

#define BASE "[t]\ndescription = D\ntriple = a-b\nimage = i\nplatform = linux/a\nsetup = s\n"

static bool same_tag(const char *ini, const char *dockerfile) {
    char base[80], other[80];
    image_tag(BASE, "dockerfile", base, sizeof base);
    image_tag(ini, dockerfile, other, sizeof other);
    return strcmp(base, other) == 0;
}

START_TEST(image_tag_is_name_and_hash) {
    char tag[80];
    image_tag(BASE, "dockerfile", tag, sizeof tag);
    ck_assert_uint_eq(strlen(tag), strlen("t-") + 16);
    ck_assert_mem_eq(tag, "t-", 2);
    ck_assert_uint_eq(strspn(tag + 2, "0123456789abcdef"), 16);
}
END_TEST

START_TEST(image_tag_is_the_same_on_every_machine) {
    char tag[80];
    image_tag(BASE, "dockerfile", tag, sizeof tag);
    ck_assert_str_eq(tag, "t-3fb32167543c33f7");
}
END_TEST

START_TEST(image_tag_changes_with_each_input) {
    static const char *const others[] = {
        "[u]\ndescription = D\ntriple = a-b\nimage = i\nplatform = linux/a\nsetup = s\n",
        "[t]\ndescription = D\ntriple = a-c\nimage = i\nplatform = linux/a\nsetup = s\n",
        "[t]\ndescription = D\ntriple = a-b\nimage = j\nplatform = linux/a\nsetup = s\n",
        "[t]\ndescription = D\ntriple = a-b\nimage = i\nplatform = linux/b\nsetup = s\n",
        "[t]\ndescription = D\ntriple = a-b\nimage = i\nplatform = linux/a\nsetup = t\n",
        "[t]\ndescription = D\ntriple = a-b\nimage = i\nplatform = linux/a\n",
        "[t]\ndescription = D\ntriple = a-b\nimage = i\nsetup = linux/as\n",
        "[t]\ndescription = D\ntriple = a-b\nimage = i\nsetup = s\ncross = yes\n",
        BASE "mirror = sparse+https://x/\n",
    };
    ck_assert(same_tag(BASE, "dockerfile"));
    for (size_t i = 0; i < COUNT(others); i++)
        ck_assert_msg(!same_tag(others[i], "dockerfile"), "%s", others[i]);
    ck_assert(!same_tag(BASE, "pepper"));
    ck_assert(!same_tag(BASE, ""));
}
END_TEST

START_TEST(image_tag_changes_with_nothing_else) {
    static const char *const others[] = {
        "[t]\ndescription = Other\ntriple = a-b\nimage = i\nplatform = linux/a\nsetup = s\n",
        BASE "cache = c\n",
        BASE "aliases = u\n",
        BASE "env = A\n",
        BASE "expect = static\nglibc_max = 2.31\nhermetic = yes\nsccache = volume\n"
             "target_dir = volume\n",
        BASE "cargo_args = --locked\n",
        BASE "x-own = 1\n",
        BASE "[u]\ndescription = D\ntriple = a-b\nimage = i\n",
        "[defaults]\nimage = i\nplatform = linux/a\nsetup = s\n[t]\ndescription = D\ntriple = a-b",
    };
    for (size_t i = 0; i < COUNT(others); i++)
        ck_assert_msg(same_tag(others[i], "dockerfile"), "%s", others[i]);
}
END_TEST

START_TEST(settings_are_those_of_env_with_a_value) {
    struct fixture f;
    make(&f, BASE "env = TOKEN A=b OTHER EMPTY=\n", "dockerfile");
    struct mustache_value object = target(&f, 0), list = get(&object, "env_settings"), word;
    ck_assert_int_eq(list.type, MUSTACHE_LIST);
    ck_assert_uint_eq(list.len, 2);
    word = list.items[0];
    ck_assert_mem_eq(word.text, "A=b", word.len);
    word = list.items[1];
    ck_assert_mem_eq(word.text, "EMPTY=", word.len);
    destroy(&f);
}
END_TEST

START_TEST(target_dir_is_the_directory_and_target_in_the_key) {
    struct fixture f;
    make(&f, BASE "target_dir = volume\n", "dockerfile");
    struct mustache_value object = target(&f, 0);
    ck_assert_str_eq(get(&object, "target_dir").text, "target/a-b");
    ck_assert_str_eq(get(&object, "target_in").text, "volume");
    destroy(&f);
}
END_TEST

Suite *context_suite(void) {
    Suite *suite = suite_create("context");
    TCase *tests = tcase_create("context");
    tcase_add_test(tests, root_has_the_file_of_the_targets_if_it_is_a_plain_name);
    tcase_add_test(tests, root_has_version_and_lists);
    tcase_add_test(tests, name_with_a_nul_is_unknown);
    tcase_add_test(tests, target_dir_is_the_directory_and_target_in_the_key);
    tcase_add_test(tests, target_has_its_keys);
    tcase_add_test(tests, what_is_left_out_is_empty);
    tcase_add_test(tests, targets_of_one_triple_have_directories_of_their_own);
    tcase_add_test(tests, caches_come_once_in_order);
    tcase_add_test(tests, extra_keys_are_values);
    tcase_add_test(tests, missing_extra_keys_are_empty);
    tcase_add_test(tests, image_tag_is_name_and_hash);
    tcase_add_test(tests, image_tag_is_the_same_on_every_machine);
    tcase_add_test(tests, image_tag_changes_with_each_input);
    tcase_add_test(tests, image_tag_changes_with_nothing_else);
    tcase_add_test(tests, settings_are_those_of_env_with_a_value);
    suite_add_tcase(suite, tests);
    return suite;
}
