/* Runs all unit tests and prints TAP; exits 1 if one fails.  CK_FORK=no, for debuggers and
 * sanitizers, and CK_RUN_SUITE=NAME are Check's own. */
#include <check.h>
#include <stdlib.h>

#include "suites.h"

int main(void) {
    static Suite *(*const suites[])(void) = {
        mustache_suite, escape_suite,  buf_suite,     diag_suite,     reader_suite,
        grammar_suite,  targets_suite, context_suite, template_suite, output_suite,
        utf8_suite,     toml_suite,    notes_suite,   table_suite,
    };
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
