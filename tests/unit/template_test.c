/* The tests run in a directory of their own, with a directory templates/ in it. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "escape.h"
#include "suites.h"
#include "template.h"

static char directory[] = "/tmp/template_test.XXXXXX";
static int before;

static char *messages;
static size_t messages_len;
static struct diag diag;
static struct templates templates;

static void make_file(const char *path, const char *text, size_t len) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

static void setup(void) {
    memcpy(strrchr(directory, '.'), ".XXXXXX", 7);
    before = open(".", O_RDONLY);
    ck_assert_int_ge(before, 0);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_int_eq(mkdir("templates", 0777), 0);
    make_file("templates/a.mk.mustache", "main", 4);
    make_file("templates/part.mustache", "part", 4);
    diag = (struct diag){.out = open_memstream(&messages, &messages_len)};
    ck_assert_ptr_nonnull(diag.out);
    templates_init(&templates, &diag);
    templates.installed = "installed/";
}

static void teardown(void) {
    templates_release(&templates);
    fclose(diag.out);
    free(messages);
    ck_assert_int_eq(fchdir(before), 0);
    close(before);
    char command[60];
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static void expect_messages(const char *expected) {
    ck_assert_int_eq(fflush(diag.out), 0);
    ck_assert_str_eq(messages, expected);
}

static void expect_template(const struct template *t, const char *path, const char *text) {
    ck_assert_ptr_nonnull(t);
    ck_assert_str_eq(t->path, path);
    ck_assert_str_eq(t->text.data, text);
    ck_assert_uint_eq(t->text.len, strlen(text));
}

START_TEST(name_is_looked_for_in_templates) {
    expect_template(templates_open(&templates, "a.mk"), "templates/a.mk.mustache", "main");
    ck_assert_str_eq(templates.directory, "templates/");
}
END_TEST

START_TEST(name_with_a_slash_is_a_path) {
    make_file("b.mk.mustache", "here", 4);
    expect_template(templates_open(&templates, "./b.mk.mustache"), "./b.mk.mustache", "here");
    ck_assert_str_eq(templates.directory, "./");
}
END_TEST

START_TEST(ending_may_be_left_out) {
    make_file("templates/ci.yml.mustache", "ci", 2);
    expect_template(templates_open(&templates, "ci"), "templates/ci.yml.mustache", "ci");
    ck_assert_str_eq(templates.directory, "templates/");
}
END_TEST

START_TEST(every_kind_of_output_is_found_without_its_ending) {
    const char *ending;
    for (size_t i = 0; (ending = escape_extension(i)) != NULL; i++) {
        char name[20], path[60];
        snprintf(name, sizeof name, "kind%zu", i);
        snprintf(path, sizeof path, "templates/%s%s.mustache", name, ending);
        make_file(path, "", 0);
        expect_template(templates_open(&templates, name), path, "");
        templates_release(&templates);
    }
}
END_TEST

START_TEST(exact_name_goes_before_endings) {
    make_file("templates/part.yml.mustache", "other", 5);
    expect_template(templates_open(&templates, "part"), "templates/part.mustache", "part");
}
END_TEST

START_TEST(unknown_ending_is_not_tried) {
    make_file("templates/notes.rtf.mustache", "x", 1);
    ck_assert_ptr_null(templates_open(&templates, "notes"));
}
END_TEST

START_TEST(two_endings_are_an_error) {
    make_file("templates/ci.yml.mustache", "ci", 2);
    make_file("templates/ci.md.mustache", "ci", 2);
    ck_assert_ptr_null(templates_open(&templates, "ci"));
    expect_messages(
        "templates/ci.md.mustache: error: 'ci.yml' also exists; choose ci.md or ci.yml\n");
}
END_TEST

START_TEST(installed_templates_come_second) {
    ck_assert_int_eq(mkdir("installed", 0777), 0);
    make_file("installed/a.mk.mustache", "installed", 9);
    make_file("installed/b.mk.mustache", "installed", 9);
    make_file("installed/part.mustache", "its part", 8);
    make_file("installed/theirs.mustache", "theirs", 6);
    expect_template(templates_open(&templates, "a"), "templates/a.mk.mustache", "main");
    templates_release(&templates);
    templates.installed = "installed/";
    expect_template(templates_open(&templates, "b"), "installed/b.mk.mustache", "installed");
    expect_template(templates_partial(&templates, "theirs"), "installed/theirs.mustache", "theirs");
    expect_template(templates_partial(&templates, "part"), "templates/part.mustache", "part");
}
END_TEST

START_TEST(missing_template_is_named) {
    ck_assert_ptr_null(templates_open(&templates, "none.mk"));
    expect_messages("templates/none.mk.mustache: error: no such template\n"
                    "templates/: note: available: a.mk\n"
                    "installed/: note: no templates here\n");
    ck_assert_uint_eq(diag.errors, 1);
}
END_TEST

START_TEST(templates_there_are_listed_in_order) {
    make_file("templates/z.yml.mustache", "", 0);
    make_file("templates/b.md.mustache", "", 0);
    make_file("templates/c.rtf.mustache", "", 0);
    make_file("templates/d.mk", "", 0);
    ck_assert_ptr_null(templates_open(&templates, ""));
    expect_messages("templates/.mustache: error: no such template\n"
                    "templates/: note: available: a.mk, b.md, z.yml\n"
                    "installed/: note: no templates here\n");
}
END_TEST

START_TEST(missing_path_is_named) {
    ck_assert_ptr_null(templates_open(&templates, "./a.mk"));
    expect_messages("./a.mk: error: cannot read: No such file or directory\n");
}
END_TEST

START_TEST(directory_is_no_template) {
    ck_assert_ptr_null(templates_open(&templates, "./templates"));
    expect_messages("./templates: error: cannot read: Is a directory\n");
}
END_TEST

START_TEST(every_byte_is_read) {
    char text[20000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    make_file("c.mk.mustache", text, sizeof text);
    const struct template *t = templates_open(&templates, "./c.mk.mustache");
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_eq(t->text.len, sizeof text);
    ck_assert_mem_eq(t->text.data, text, sizeof text);
    ck_assert_int_eq(t->text.data[t->text.len], '\0');
}
END_TEST

START_TEST(empty_template) {
    make_file("d.mk.mustache", "", 0);
    expect_template(templates_open(&templates, "./d.mk.mustache"), "./d.mk.mustache", "");
}
END_TEST

START_TEST(partial_lies_beside_the_main_template) {
    ck_assert_int_eq(mkdir("other", 0777), 0);
    make_file("other/b.mk.mustache", "other", 5);
    make_file("other/part.mustache", "own", 3);
    ck_assert_ptr_nonnull(templates_open(&templates, "other/b.mk.mustache"));
    expect_template(templates_partial(&templates, "part"), "other/part.mustache", "own");
}
END_TEST

START_TEST(partial_may_be_an_installed_one) {
    ck_assert_int_eq(mkdir("installed", 0777), 0);
    make_file("installed/theirs.mustache", "theirs", 6);
    templates.installed = "installed/";
    ck_assert_ptr_nonnull(templates_open(&templates, "a.mk"));
    expect_template(templates_partial(&templates, "theirs"), "installed/theirs.mustache", "theirs");
}
END_TEST

START_TEST(text_is_a_file_of_just_its_name) {
    ck_assert_ptr_nonnull(templates_open(&templates, "a.mk"));
    make_file("templates/part.sh", "text", 4);
    expect_template(templates_text(&templates, "part.sh"), "templates/part.sh", "text");
    ck_assert_ptr_null(templates_text(&templates, "part"));
    expect_messages("");
}
END_TEST

START_TEST(texts_stay_while_more_are_read) {
    const struct template *t = templates_open(&templates, "a.mk");
    for (int i = 0; i < 100; i++) {
        char name[20], path[60];
        snprintf(name, sizeof name, "p%d", i);
        snprintf(path, sizeof path, "templates/%s.mustache", name);
        make_file(path, name, strlen(name));
        expect_template(templates_partial(&templates, name), path, name);
    }
    expect_template(t, "templates/a.mk.mustache", "main");
}
END_TEST

START_TEST(missing_partial_is_null_without_a_message) {
    ck_assert_ptr_nonnull(templates_open(&templates, "a.mk"));
    ck_assert_ptr_null(templates_partial(&templates, "none"));
    expect_messages("");
}
END_TEST

START_TEST(partial_that_cannot_be_read_is_an_error) {
    ck_assert_int_eq(mkdir("templates/bad.mustache", 0777), 0);
    ck_assert_ptr_nonnull(templates_open(&templates, "a.mk"));
    ck_assert_ptr_null(templates_partial(&templates, "bad"));
    expect_messages("templates/bad.mustache: error: cannot read: Is a directory\n");
}
END_TEST

/* A partial of the main template's name is a file of its own. */
START_TEST(main_template_may_be_a_partial_of_itself) {
    const struct template *t = templates_open(&templates, "a.mk");
    const struct template *again = templates_partial(&templates, "a.mk");
    ck_assert_ptr_ne(again, t);
    expect_template(again, "templates/a.mk.mustache", "main");
}
END_TEST

START_TEST(release_makes_it_empty) {
    ck_assert_ptr_nonnull(templates_open(&templates, "a.mk"));
    templates_release(&templates);
    ck_assert_ptr_null(templates.items);
    ck_assert_ptr_null(templates.directory);
    ck_assert_ptr_eq(templates.diag, &diag);
}
END_TEST

Suite *template_suite(void) {
    Suite *suite = suite_create("template");
    TCase *tests = tcase_create("template");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, name_is_looked_for_in_templates);
    tcase_add_test(tests, name_with_a_slash_is_a_path);
    tcase_add_test(tests, ending_may_be_left_out);
    tcase_add_test(tests, every_kind_of_output_is_found_without_its_ending);
    tcase_add_test(tests, exact_name_goes_before_endings);
    tcase_add_test(tests, unknown_ending_is_not_tried);
    tcase_add_test(tests, two_endings_are_an_error);
    tcase_add_test(tests, installed_templates_come_second);
    tcase_add_test(tests, missing_template_is_named);
    tcase_add_test(tests, templates_there_are_listed_in_order);
    tcase_add_test(tests, missing_path_is_named);
    tcase_add_test(tests, directory_is_no_template);
    tcase_add_test(tests, every_byte_is_read);
    tcase_add_test(tests, empty_template);
    tcase_add_test(tests, partial_lies_beside_the_main_template);
    tcase_add_test(tests, partial_may_be_an_installed_one);
    tcase_add_test(tests, text_is_a_file_of_just_its_name);
    tcase_add_test(tests, texts_stay_while_more_are_read);
    tcase_add_test(tests, missing_partial_is_null_without_a_message);
    tcase_add_test(tests, partial_that_cannot_be_read_is_an_error);
    tcase_add_test(tests, main_template_may_be_a_partial_of_itself);
    tcase_add_test(tests, release_makes_it_empty);
    suite_add_tcase(suite, tests);
    return suite;
}
