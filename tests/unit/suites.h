/* suites: one suite a module of gen/, run by main.c. */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>

Suite *mustache_suite(void);
Suite *escape_suite(void);
Suite *buf_suite(void);
Suite *diag_suite(void);
Suite *reader_suite(void);
Suite *grammar_suite(void);
Suite *targets_suite(void);
Suite *context_suite(void);
Suite *template_suite(void);
Suite *output_suite(void);
Suite *utf8_suite(void);
Suite *toml_suite(void);
Suite *notes_suite(void);
Suite *table_suite(void);

#endif
