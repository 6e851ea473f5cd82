/* The tests run in a directory of their own.  They may run as root, whom no mode stops: what fails
 * here fails for root, too. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "output.h"
#include "suites.h"

static char directory[] = "/tmp/output_test.XXXXXX";
static int before;
static mode_t umask_before;

static char *messages;
static size_t messages_len;
static struct diag diag;

static void setup(void) {
    memcpy(strrchr(directory, '.'), ".XXXXXX", 7);
    umask_before = umask(022);
    before = open(".", O_RDONLY);
    ck_assert_int_ge(before, 0);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    diag = (struct diag){.out = open_memstream(&messages, &messages_len)};
    ck_assert_ptr_nonnull(diag.out);
}

static void teardown(void) {
    fclose(diag.out);
    free(messages);
    umask(umask_before);
    ck_assert_int_eq(fchdir(before), 0);
    close(before);
    char command[60];
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

static bool write_text(const char *path, const char *text) {
    return output_write(path, OUTPUT_TOUCH, text, strlen(text), &diag);
}

static void make_file(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void expect_messages(const char *expected) {
    ck_assert_int_eq(fflush(diag.out), 0);
    ck_assert_str_eq(messages, expected);
}

static void expect_file(const char *path, const char *text) {
    char found[100];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "no %s", path);
    size_t len = fread(found, 1, sizeof found - 1, file);
    fclose(file);
    found[len] = '\0';
    ck_assert_str_eq(found, text);
}

/* COUNT entries stand in this directory, and so no temporary file beside them. */
static void expect_entries(size_t count) {
    DIR *dir = opendir(".");
    ck_assert_ptr_nonnull(dir);
    size_t found = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        found += entry->d_name[0] != '.';
    closedir(dir);
    ck_assert_uint_eq(found, count);
}

static struct stat status_of(const char *path) {
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return status;
}

static mode_t mode_of(const char *path) {
    return status_of(path).st_mode & 07777;
}

/* Makes PATH look as if written in 2001. */
static void make_old(const char *path) {
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* ---- Writing ---- */

START_TEST(new_file) {
    ck_assert(write_text("out", "text\n"));
    expect_file("out", "text\n");
    expect_entries(1);
    expect_messages("");
}
END_TEST

START_TEST(new_empty_file) {
    ck_assert(write_text("out", ""));
    expect_file("out", "");
}
END_TEST

START_TEST(new_file_obeys_the_umask) {
    ck_assert(write_text("a", "x"));
    ck_assert_uint_eq(mode_of("a"), 0644);
    umask(027);
    ck_assert(write_text("b", "x"));
    ck_assert_uint_eq(mode_of("b"), 0640);
    ck_assert_uint_eq(umask(0), 027);
    ck_assert(write_text("c", "x"));
    ck_assert_uint_eq(mode_of("c"), 0666);
}
END_TEST

START_TEST(replaced_file_keeps_its_mode) {
    make_file("out", "old");
    ck_assert_int_eq(chmod("out", 0751), 0);
    ck_assert(write_text("out", "new"));
    ck_assert_uint_eq(mode_of("out"), 0751);
    expect_file("out", "new");
    expect_entries(1);
}
END_TEST

START_TEST(file_is_replaced_not_written_into) {
    make_file("out", "old");
    ck_assert_int_eq(link("out", "also"), 0);
    ck_assert(write_text("out", "new"));
    expect_file("also", "old");
    expect_file("out", "new");
}
END_TEST

START_TEST(longer_and_shorter_text_replaces_it) {
    static const char *const texts[] = {"a", "ab", "a", "", "b"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert(write_text("out", texts[i]));
        expect_file("out", texts[i]);
    }
}
END_TEST

START_TEST(same_bytes_stay_and_get_a_new_time) {
    make_file("out", "same");
    make_old("out");
    ino_t inode = status_of("out").st_ino;
    ck_assert(write_text("out", "same"));
    ck_assert_uint_eq(status_of("out").st_ino, inode);
    ck_assert_int_gt(status_of("out").st_mtime, 1000000000);
}
END_TEST

START_TEST(same_bytes_with_a_nul_are_compared_whole) {
    ck_assert(output_write("out", OUTPUT_TOUCH, "a\0b", 3, &diag));
    ck_assert_int_eq(status_of("out").st_size, 3);
    ck_assert(output_write("out", OUTPUT_TOUCH, "a\0c", 3, &diag));
    ck_assert(output_write("out", OUTPUT_CHECK, "a\0c", 3, &diag));
    ck_assert(!output_write("out", OUTPUT_CHECK, "a\0b", 3, &diag));
}
END_TEST

START_TEST(symbolic_link_is_followed) {
    ck_assert_int_eq(mkdir("real", 0777), 0);
    make_file("real/file", "old");
    ck_assert_int_eq(symlink("real/file", "out"), 0);
    ck_assert(write_text("out", "new"));
    expect_file("real/file", "new");
    struct stat status;
    ck_assert_int_eq(lstat("out", &status), 0);
    ck_assert(S_ISLNK(status.st_mode));
    expect_entries(2);
}
END_TEST

START_TEST(large_text) {
    size_t len = 5 * 1000 * 1000;
    char *text = malloc(len);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(i % 251);
    ck_assert(output_write("out", OUTPUT_TOUCH, text, len, &diag));
    ck_assert_int_eq(status_of("out").st_size, (int)len);
    ck_assert(output_write("out", OUTPUT_CHECK, text, len, &diag));
    ck_assert(!output_write("out", OUTPUT_CHECK, text, len - 1, &diag));
    text[len - 1] ^= 1;
    ck_assert(!output_write("out", OUTPUT_CHECK, text, len, &diag));
    free(text);
}
END_TEST

/* ---- What cannot be written ---- */

START_TEST(directory_that_is_a_file) {
    make_file("file", "x");
    ck_assert(!write_text("file/out", "new"));
    expect_messages("file/out: error: cannot write: Not a directory\n");
    expect_file("file", "x");
    expect_entries(1);
}
END_TEST

START_TEST(directory_that_is_not_there) {
    ck_assert(!write_text("none/out", "new"));
    expect_messages(
        "none/out: error: there is no directory 'none'; create it with mkdir -p 'none'\n");
    expect_entries(0);
}
END_TEST

START_TEST(directories_that_are_not_there) {
    ck_assert_int_eq(mkdir("some", 0777), 0);
    ck_assert(!write_text("some/none/deep/out", "new"));
    expect_messages(
        "some/none/deep/out: error: there is no directory 'some/none/deep'; create it with "
        "mkdir -p 'some/none/deep'\n");
    expect_entries(1);
}
END_TEST

START_TEST(output_named_like_a_directory_that_is_not_there) {
    ck_assert(!write_text("none/", "new"));
    expect_messages("none/: error: there is no directory 'none'; create it with mkdir -p 'none'\n");
    expect_entries(0);
}
END_TEST

START_TEST(output_that_is_a_directory) {
    ck_assert_int_eq(mkdir("out", 0777), 0);
    ck_assert(!write_text("out", "new"));
    expect_messages("out: error: not a regular file; '-o -' writes to standard output\n");
    expect_entries(1);
}
END_TEST

START_TEST(output_that_is_a_device) {
    ck_assert(!write_text("/dev/null", "new"));
    expect_messages("/dev/null: error: not a regular file; '-o -' writes to standard output\n");
}
END_TEST

START_TEST(link_to_nothing) {
    ck_assert_int_eq(symlink("nowhere", "out"), 0);
    ck_assert(!write_text("out", "new"));
    char expected[100];
    snprintf(expected, sizeof expected, "out: error: cannot write: %s\n", strerror(ENOENT));
    expect_messages(expected);
    expect_entries(1);
}
END_TEST

START_TEST(links_in_a_circle) {
    ck_assert_int_eq(symlink("out", "out"), 0);
    ck_assert(!write_text("out", "new"));
    char expected[100];
    snprintf(expected, sizeof expected, "out: error: cannot write: %s\n", strerror(ELOOP));
    expect_messages(expected);
    expect_entries(1);
}
END_TEST

/* Calls write_text() while no file may grow over two bytes, as on a full disk. */
static bool write_on_a_full_disk(const char *path, const char *text) {
    struct rlimit old, two;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    two = (struct rlimit){.rlim_cur = 2, .rlim_max = old.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    int limited = setrlimit(RLIMIT_FSIZE, &two);
    bool written = write_text(path, text);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, handler);
    ck_assert_int_eq(limited, 0);
    return written;
}

START_TEST(full_disk_keeps_the_old_file) {
    make_file("out", "the old text");
    ino_t inode = status_of("out").st_ino;
    ck_assert(!write_on_a_full_disk("out", "new text"));
    expect_messages("out: error: cannot write: File too large\n");
    expect_file("out", "the old text");
    ck_assert_uint_eq(status_of("out").st_ino, inode);
    expect_entries(1);
}
END_TEST

START_TEST(full_disk_leaves_no_new_file) {
    ck_assert(!write_on_a_full_disk("out", "new text"));
    expect_messages("out: error: cannot write: File too large\n");
    expect_entries(0);
}
END_TEST

START_TEST(name_too_long_for_a_temporary) {
    char name[256];
    memset(name, 'n', sizeof name);
    name[255] = '\0';
    make_file(name, "old");
    ck_assert(!write_text(name, "new"));
    expect_file(name, "old");
    expect_entries(1);
    ck_assert_uint_eq(diag.errors, 1);
}
END_TEST

/* ---- Checking ---- */

START_TEST(check_of_equal_bytes) {
    make_file("out", "same");
    make_old("out");
    ck_assert(output_write("out", OUTPUT_CHECK, "same", 4, &diag));
    ck_assert_int_eq(status_of("out").st_mtime, 1000000000);
    expect_messages("");
}
END_TEST

START_TEST(check_of_other_bytes) {
    make_file("out", "same");
    make_old("out");
    ck_assert(!output_write("out", OUTPUT_CHECK, "other", 5, &diag));
    expect_messages("out: error: out of date; run cachemk without --check\n");
    expect_file("out", "same");
    ck_assert_int_eq(status_of("out").st_mtime, 1000000000);
}
END_TEST

START_TEST(check_of_a_missing_file) {
    ck_assert(!output_write("out", OUTPUT_CHECK, "", 0, &diag));
    expect_messages("out: error: does not exist; run cachemk without --check\n");
    expect_entries(0);
}
END_TEST

/* ---- Printing ---- */

/* Calls output_print with standard output going to PATH. */
static bool print_to(const char *path, const char *text) {
    fflush(stdout);
    int saved = dup(STDOUT_FILENO), fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_ge(saved, 0);
    ck_assert_int_ge(fd, 0);
    dup2(fd, STDOUT_FILENO);
    close(fd);
    struct buf all;
    buf_init(&all);
    buf_add_str(&all, text);
    bool printed = output_print(&all, &diag);
    buf_release(&all);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    clearerr(stdout);
    return printed;
}

START_TEST(print_writes_all) {
    ck_assert(print_to("printed", "a%sb\n"));
    expect_file("printed", "a%sb\n");
}
END_TEST

START_TEST(print_to_a_full_device) {
    if (access("/dev/full", W_OK) != 0)
        return; /* a device of Linux */
    ck_assert(!print_to("/dev/full", "text\n"));
    expect_messages("standard output: error: cannot write: No space left on device\n");
}
END_TEST

Suite *output_suite(void) {
    Suite *suite = suite_create("output");
    TCase *tests = tcase_create("output");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, new_file);
    tcase_add_test(tests, new_empty_file);
    tcase_add_test(tests, new_file_obeys_the_umask);
    tcase_add_test(tests, replaced_file_keeps_its_mode);
    tcase_add_test(tests, file_is_replaced_not_written_into);
    tcase_add_test(tests, longer_and_shorter_text_replaces_it);
    tcase_add_test(tests, same_bytes_stay_and_get_a_new_time);
    tcase_add_test(tests, same_bytes_with_a_nul_are_compared_whole);
    tcase_add_test(tests, symbolic_link_is_followed);
    tcase_add_test(tests, large_text);
    tcase_add_test(tests, directory_that_is_a_file);
    tcase_add_test(tests, directory_that_is_not_there);
    tcase_add_test(tests, directories_that_are_not_there);
    tcase_add_test(tests, output_named_like_a_directory_that_is_not_there);
    tcase_add_test(tests, output_that_is_a_directory);
    tcase_add_test(tests, output_that_is_a_device);
    tcase_add_test(tests, link_to_nothing);
    tcase_add_test(tests, links_in_a_circle);
    tcase_add_test(tests, full_disk_keeps_the_old_file);
    tcase_add_test(tests, full_disk_leaves_no_new_file);
    tcase_add_test(tests, name_too_long_for_a_temporary);
    tcase_add_test(tests, check_of_equal_bytes);
    tcase_add_test(tests, check_of_other_bytes);
    tcase_add_test(tests, check_of_a_missing_file);
    tcase_add_test(tests, print_writes_all);
    tcase_add_test(tests, print_to_a_full_device);
    suite_add_tcase(suite, tests);
    return suite;
}
