/* What the Mustache specification's own cases (tests/spec) leave open: missing names, malformed
 * templates, limits, and bytes that are no text. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "diag.h"
#include "mustache.h"
#include "suites.h"

/* The data of the tests: a tree of named nodes. */
struct node {
    const char *name;
    struct mustache_value value;
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal)                                                                              \
    { .type = MUSTACHE_TEXT, .text = (literal), .len = sizeof(literal) - 1 }
#define OBJECT(nodes)                                                                              \
    { .type = MUSTACHE_OBJECT, .object = (nodes) }
#define LIST(values)                                                                               \
    { .type = MUSTACHE_LIST, .items = (values), .len = COUNT(values) }

/* An object is a row of nodes that ends with one without a name. */
static const struct node address[] = {{"city", TEXT("Bern")}, {.name = NULL}};
static const struct node person[] = {
    {"name", TEXT("Eve")}, {"address", OBJECT(address)}, {.name = NULL}};
static const struct mustache_value first_row[] = {TEXT("1"), TEXT("2")};
static const struct mustache_value second_row[] = {TEXT("3")};
static const struct mustache_value rows[] = {LIST(first_row), LIST(second_row)};
static const struct mustache_value letters[] = {TEXT("a"), TEXT("b"), TEXT("c")};
static const struct mustache_value people[] = {OBJECT(person), OBJECT(person)};
static const struct mustache_value gaps[] = {TEXT("x"), TEXT(""), {.type = MUSTACHE_FALSE}};
static const struct node root[] = {
    {"name", TEXT("Ann")},       {"quote", TEXT("a<b")},    {"empty", TEXT("")},
    {"bytes", TEXT("\0\x80\n")}, {"tag", TEXT("{{name}}")}, {"no", {.type = MUSTACHE_FALSE}},
    {"person", OBJECT(person)},  {"people", LIST(people)},  {"letters", LIST(letters)},
    {"rows", LIST(rows)},        {"gaps", LIST(gaps)},      {.name = NULL},
};

static bool get_node(const void *object, const struct mustache_name *name,
                     struct mustache_value *value) {
    for (const struct node *n = object; n->name != NULL; n++) {
        if (slice_is(name->text, n->name)) {
            *value = n->value;
            return true;
        }
    }
    return false;
}

/* So that a test sees what was escaped. */
static void bracket(struct buf *out, const char *text, size_t len) {
    buf_add_char(out, '[');
    buf_add(out, text, len);
    buf_add_char(out, ']');
}

/* The partials of a test; its file is the partial's name with ".part" behind. */
struct partial_row {
    const char *name;
    const char *text;
    const char *file;
};

struct partials {
    const struct partial_row *rows; /* the last has no name */
    size_t calls;
    struct diag *diag; /* where the callback reports a miss itself; NULL: it does not */
};

static bool get_partial(void *partials, const char *name, struct mustache_source *source) {
    struct partials *p = partials;
    p->calls++;
    for (const struct partial_row *row = p->rows; row != NULL && row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            *source = (struct mustache_source){row->file, slice_of(row->text)};
            return true;
        }
    }
    if (p->diag != NULL)
        diag_error(p->diag, name, 0, "cannot read the file");
    return false;
}

/* Renders TEMPLATE and compares what comes out; ERRORS is "" where it must succeed.  Where it must
 * fail, EXPECTED may be NULL: then the text does not matter. */
static void check_bytes(struct partials *partials, const char *template, size_t len,
                        const char *expected, size_t expected_len, const char *errors) {
    char *messages = NULL;
    size_t messages_len = 0;
    FILE *stream = open_memstream(&messages, &messages_len);
    ck_assert_ptr_nonnull(stream);
    struct diag diag = {.out = stream};
    struct mustache m = {
        .get = get_node, .escape = bracket, .partial = get_partial, .partials = partials};
    struct mustache_value value = OBJECT(root);
    struct buf out;
    buf_init(&out);
    if (partials->diag != NULL)
        partials->diag = &diag;
    char *exact = malloc(len > 0 ? len : 1); /* so that a sanitizer sees a read behind the end */
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, template, len);
    bool ok =
        mustache_render(&m, &(struct mustache_source){"t", {exact, len}}, &value, &out, &diag);
    free(exact);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(messages, errors);
    ck_assert_int_eq(ok, errors[0] == '\0');
    ck_assert_int_eq(ok, diag.errors == 0);
    if (expected != NULL) {
        ck_assert_uint_eq(out.len, expected_len);
        ck_assert_mem_eq(out.data, expected, expected_len);
    }
    buf_release(&out);
    free(messages);
}

static void check_text(const struct partial_row *rows_of_partials, const char *template,
                       const char *expected) {
    struct partials partials = {.rows = rows_of_partials};
    check_bytes(&partials, template, strlen(template), expected, strlen(expected), "");
}

static void check_error(const struct partial_row *rows_of_partials, const char *template,
                        const char *errors) {
    struct partials partials = {.rows = rows_of_partials};
    check_bytes(&partials, template, strlen(template), NULL, 0, errors);
}

/* What is wrong with a tag is reported, and spoils nothing else. */
static void check_spoilt(const char *template, const char *expected, const char *errors) {
    struct partials partials = {.rows = NULL};
    check_bytes(&partials, template, strlen(template), expected, strlen(expected), errors);
}

/* UNIT repeated COUNT times, then MIDDLE, then BACK repeated as often; for the caller to free. */
static char *nest(const char *unit, size_t count, const char *middle, const char *back) {
    struct buf b;
    buf_init(&b);
    for (size_t i = 0; i < count; i++)
        buf_add_str(&b, unit);
    buf_add_str(&b, middle);
    for (size_t i = 0; i < count; i++)
        buf_add_str(&b, back);
    char *text = buf_detach(&b);
    ck_assert_ptr_nonnull(text);
    return text;
}

START_TEST(an_empty_template_renders_as_nothing) {
    check_text(NULL, "", "");
}
END_TEST

START_TEST(output_is_appended) {
    struct mustache m = {.get = get_node, .escape = bracket};
    struct mustache_value value = OBJECT(root);
    struct diag diag = {.out = stderr};
    struct buf out;
    buf_init(&out);
    buf_add_str(&out, "before ");
    struct mustache_source source = {"t", slice_of("{{name}}")};
    ck_assert(mustache_render(&m, &source, &value, &out, &diag));
    ck_assert_str_eq(out.data, "before [Ann]");
    buf_release(&out);
}
END_TEST

/* Takes the text into the buffer DRAINED, which fails after two megabytes. */
static bool take(void *drained, struct buf *out) {
    struct buf *taken = drained;
    buf_add(taken, out->data, out->len);
    buf_clear(out);
    return taken->len < 2000000;
}

/* A template of LEN times `{{.}}` in a list of three letters. */
static bool render_drained(size_t len, struct buf *taken, struct buf *out, struct diag *diag) {
    struct mustache m = {.get = get_node, .escape = bracket, .drain = take, .drained = taken};
    struct mustache_value value = OBJECT(root);
    struct buf template;
    buf_init(&template);
    buf_init(taken);
    buf_init(out);
    buf_add_str(&template, "{{#letters}}");
    for (size_t i = 0; i < len; i++)
        buf_add_str(&template, "{{.}}");
    buf_add_str(&template, "{{/letters}}");
    struct mustache_source source = {"t", {template.data, template.len}};
    bool done = mustache_render(&m, &source, &value, out, diag);
    buf_release(&template);
    return done;
}

START_TEST(output_is_drained) {
    struct diag diag = {.out = stderr};
    struct buf taken, out;
    ck_assert(render_drained(100000, &taken, &out, &diag));
    ck_assert_uint_gt(taken.len, 0);
    ck_assert_uint_lt(out.cap, 200000);
    ck_assert(take(&taken, &out));
    ck_assert_uint_eq(taken.len, 900000);
    for (size_t i = 0; i < taken.len; i += 3) {
        const char expected[] = {'[', (char)('a' + i / 300000), ']'};
        ck_assert_mem_eq(taken.data + i, expected, 3);
    }
    buf_release(&taken);
    buf_release(&out);
}
END_TEST

START_TEST(drain_that_fails_stops_rendering) {
    struct diag diag = {.out = stderr};
    struct buf taken, out;
    ck_assert(!render_drained(1000000, &taken, &out, &diag));
    ck_assert_uint_lt(taken.len, 2200000);
    buf_release(&taken);
    buf_release(&out);
}
END_TEST

START_TEST(only_plain_variables_are_escaped) {
    check_text(NULL, "{{quote}} {{{quote}}} {{&quote}}", "[a<b] a<b a<b");
    check_text(NULL, "{{=<% %>=}}<%quote%> <%{quote}%> <%& quote %>", "[a<b] a<b a<b");
    check_text(NULL, "{{={ }=}}{quote} {{quote}} {&quote}", "[a<b] a<b a<b");
}
END_TEST

START_TEST(values_are_not_templates) {
    check_text(NULL, "{{{tag}}}", "{{name}}");
}
END_TEST

START_TEST(any_bytes_pass_through) {
    static const char template[] = "\0\xff{{bytes}}\r{{{bytes}}}\0";
    static const char expected[] = "\0\xff[\0\x80\n]\r\0\x80\n\0";
    struct partials partials = {0};
    check_bytes(&partials, template, sizeof template - 1, expected, sizeof expected - 1, "");
}
END_TEST

START_TEST(false_and_empty_are_falsy) {
    check_text(NULL, "{{#no}}x{{/no}}{{^no}}y{{/no}}", "y");
    check_text(NULL, "{{#empty}}x{{/empty}}{{^empty}}y{{/empty}}", "y");
    check_text(NULL, "{{#name}}x{{/name}}{{^name}}y{{/name}}", "x");
    check_text(NULL, "{{{no}}}{{{empty}}}", "");
}
END_TEST

START_TEST(list_items_come_in_order) {
    check_text(NULL, "{{#letters}}{{{.}}},{{/letters}}", "a,b,c,");
    check_text(NULL, "{{#rows}}({{#.}}{{{.}}}{{/.}}){{/rows}}", "(12)(3)");
    check_text(NULL, "{{#people}}{{{name}}} {{{address.city}}} {{{quote}}};{{/people}}",
               "Eve Bern a<b;Eve Bern a<b;");
    check_text(NULL, "{{#gaps}}<{{{.}}}{{#.}}+{{/.}}{{^.}}-{{/.}}>{{/gaps}}", "<x+><-><->");
}
END_TEST

START_TEST(a_missing_name_is_an_error) {
    check_error(NULL, "one\n {{nmae}}\n",
                "t:2: error: the variable 'nmae' is not defined; "
                "fix the name, or add it to the data\n");
    check_error(NULL, "\n\n{{{ nmae }}}",
                "t:3: error: the variable 'nmae' is not defined; "
                "fix the name, or add it to the data\n");
    check_error(NULL, "{{#nmae}}x{{/nmae}}",
                "t:1: error: the section 'nmae' is not defined; "
                "fix the name, or add it to the data\n");
    check_error(NULL, "{{^nmae}}x{{/nmae}}",
                "t:1: error: the inverted section 'nmae' is not defined; "
                "fix the name, or add it to the data\n");
    check_spoilt("({{nmae}}\n{{#no}}x{{/no}}{{#nmae}}x{{/nmae}})", "(\n)",
                 "t:1: error: the variable 'nmae' is not defined; "
                 "fix the name, or add it to the data\n"
                 "t:2: error: the section 'nmae' is not defined; "
                 "fix the name, or add it to the data\n");
    check_spoilt("{{^nmae}}y{{/nmae}}", "y",
                 "t:1: error: the inverted section 'nmae' is not defined; "
                 "fix the name, or add it to the data\n");
}
END_TEST

START_TEST(each_part_of_a_dotted_name_must_exist) {
    static const char *const names[] = {
        "person.nmae", "person.name.x", "preson.name", "person.address.city.x",
        "letters.x",   "person.",       ".name",       "person..name",
        "..",
    };
    check_text(NULL, "{{{person.address.city}}}", "Bern");
    for (size_t i = 0; i < COUNT(names); i++) {
        char template[64];
        char errors[128];
        snprintf(template, sizeof template, "{{%s}}", names[i]);
        snprintf(errors, sizeof errors,
                 "t:1: error: the variable '%s' is not defined; "
                 "fix the name, or add it to the data\n",
                 names[i]);
        check_spoilt(template, "", errors);
    }
}
END_TEST

START_TEST(lists_and_objects_are_no_texts) {
    check_spoilt("({{letters}})", "()",
                 "t:1: error: the variable 'letters' is a list, not a text; "
                 "use a section for its items\n");
    check_spoilt("({{{person}}})", "()",
                 "t:1: error: the variable 'person' is an object, not a text; "
                 "choose one of its members\n");
    check_spoilt("({{.}})", "()",
                 "t:1: error: the variable '.' is an object, not a text; "
                 "choose one of its members\n");
}
END_TEST

START_TEST(every_wrong_place_is_reported_once) {
    check_error(NULL, "{{#rows}}{{#.}}\n{{x}}{{/.}}{{/rows}}\n{{x}}",
                "t:2: error: the variable 'x' is not defined; "
                "fix the name, or add it to the data\n"
                "t:3: error: the variable 'x' is not defined; "
                "fix the name, or add it to the data\n");
}
END_TEST

START_TEST(a_section_that_is_not_rendered_is_not_checked) {
    check_text(NULL, "{{#no}}{{x}}{{>x}}{{/no}}{{^name}}{{x}}{{/name}}", "");
}
END_TEST

START_TEST(errors_in_a_partial_name_its_file) {
    static const struct partial_row p[] = {{"p", "\n{{x}}\n", "p.part"}, {.name = NULL}};
    check_error(p, "{{>p}}\n",
                "p.part:2: error: the variable 'x' is not defined; "
                "fix the name, or add it to the data\n");
}
END_TEST

START_TEST(a_missing_partial_is_an_error) {
    struct diag marker;
    struct partials own = {.diag = &marker};
    check_error(NULL, "\n{{>p}}{{#letters}}{{>p}}{{/letters}}",
                "t:2: error: the partial 'p' does not exist; "
                "fix the name, or add the partial\n"
                "t:2: error: the partial 'p' does not exist; "
                "fix the name, or add the partial\n");
    check_spoilt("({{>p}})", "()",
                 "t:1: error: the partial 'p' does not exist; fix the name, or add the partial\n");
    check_bytes(&own, "{{>p}}{{>p}}", 12, "", 0, "p: error: cannot read the file\n");
}
END_TEST

START_TEST(malformed_templates_are_errors) {
    static const struct {
        const char *template;
        const char *error;
    } cases[] = {
        {"a\n{{name", "t:2: error: the tag '{{name' is not closed; end it with '}}'\n"},
        {"a\n{{", "t:2: error: the tag '{{' is not closed; end it with '}}'\n"},
        {"{{! so\nlong", "t:1: error: the tag '{{!' is not closed; end it with '}}'\n"},
        {"{{{name}} }", "t:1: error: the tag '{{{name}}' is not closed; end it with '}}}'\n"},
        {"{{=<% %>}}", "t:1: error: the tag '{{=<%' is not closed; end it with '=}}'\n"},
        {"{{=}}", "t:1: error: the tag '{{=}}' is not closed; end it with '=}}'\n"},
        {"{{=| |=}}|name", "t:1: error: the tag '|name' is not closed; end it with '|'\n"},
        {"{{}}", "t:1: error: empty tag; add a name, or remove the tag\n"},
        {"{{ \n }}", "t:1: error: empty tag; add a name, or remove the tag\n"},
        {"{{{}}}", "t:1: error: empty tag; add a name, or remove the tag\n"},
        {"{{#}}{{/}}", "t:1: error: empty tag; add a name, or remove the tag\n"},
        {"{{name\n{{name}}", "t:1: error: the tag of 'name' has whitespace in its name; "
                             "remove it, or close the tag\n"},
        {"{{#name}}\n{{#person}}\n{{/person}}\n",
         "t:1: error: the section 'name' is never closed; add a tag with '/' and its name\n"},
        {"\n{{^name}}\n", "t:2: error: the section 'name' is never closed; "
                          "add a tag with '/' and its name\n"},
        {"\n{{/name}}\n", "t:2: error: 'name' is closed but not open; remove the tag\n"},
        {"{{#name}}\n{{#no}}\n{{/name}}{{/no}}\n",
         "t:3: error: 'name' is closed while 'no' of line 2 is open; close that first\n"},
        {"{{=<%=}}", "t:1: error: a set delimiter tag needs two delimiters without '=', "
                     "as in {{=<% %>=}}\n"},
        {"{{= a b c =}}", "t:1: error: a set delimiter tag needs two delimiters without '=', "
                          "as in {{=<% %>=}}\n"},
        {"{{= =}}", "t:1: error: a set delimiter tag needs two delimiters without '=', "
                    "as in {{=<% %>=}}\n"},
        {"{{=<= =>=}}", "t:1: error: a set delimiter tag needs two delimiters without '=', "
                        "as in {{=<% %>=}}\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_error(NULL, cases[i].template, cases[i].error);
        check_error(NULL, cases[i].template, cases[i].error);
    }
}
END_TEST

START_TEST(a_nul_in_a_name_is_an_error) {
    struct partials partials = {0};
    check_bytes(&partials, "{{>a\0b}}", 8, "", 0,
                "t:1: error: NUL byte in a tag's name; remove it\n");
}
END_TEST

START_TEST(a_malformed_partial_is_one_error) {
    static const struct partial_row p[] = {{"p", "\n{{#x}}", "p.part"}, {.name = NULL}};
    check_error(p, "{{#letters}}{{>p}}{{/letters}}{{>p}}",
                "p.part:2: error: the section 'x' is never closed; "
                "add a tag with '/' and its name\n");
}
END_TEST

START_TEST(long_names_are_shown_shortened) {
    char *template = nest("x", 60, "{{", "");
    char *name = nest("n", 100, "", "");
    char *shown = nest("n", 80, "", "");
    struct buf text, errors;
    buf_init(&text);
    buf_init(&errors);
    buf_add_str(&text, template);
    buf_add_str(&text, name);
    buf_add_str(&text, "}}");
    buf_add_str(&errors, "t:1: error: the variable '");
    buf_add_str(&errors, shown);
    buf_add_str(&errors, "' is not defined; fix the name, or add it to the data\n");
    check_error(NULL, text.data, errors.data);
    buf_release(&text);
    buf_release(&errors);
    free(template);
    free(name);
    free(shown);
}
END_TEST

START_TEST(lines_are_counted_through_tags_and_line_endings) {
    check_error(NULL, "{{! a\n b }}\r\n{{!\n\n}} {{\nx\n}}",
                "t:5: error: the variable 'x' is not defined; "
                "fix the name, or add it to the data\n");
    check_error(NULL, "{{#name}}\n{{=<%\n%>=}}\n<%/name%>\n<%x%>",
                "t:5: error: the variable 'x' is not defined; "
                "fix the name, or add it to the data\n");
}
END_TEST

START_TEST(sections_nest_to_a_limit) {
    char *deep = nest("{{#name}}", 200, "x", "{{/name}}");
    char *deeper = nest("{{#name}}\n", 201, "x", "{{/name}}");
    char *inverted = nest("{{^no}}", 10000, "x", "{{/no}}");
    check_text(NULL, deep, "x");
    check_text(NULL, inverted, "x"); /* needs no stack */
    check_error(NULL, deeper,
                "t:201: error: the section 'name' is nested more than 200 levels deep; "
                "does a partial include itself?\n");
    free(deep);
    free(deeper);
    free(inverted);
}
END_TEST

START_TEST(partials_nest_to_a_limit) {
    static const struct partial_row p[] = {{"p", "\n  {{>p}}\n{{>p}}", "p.part"}, {.name = NULL}};
    check_error(p, "{{>p}}", /* stops at the first, of 2 to the power of 200 */
                "p.part:2: error: the partial 'p' is nested more than 200 levels deep; "
                "does a partial include itself?\n");
}
END_TEST

START_TEST(a_partial_is_loaded_once) {
    static const struct partial_row p[] = {
        {"p", "{{>q}}", "p.part"}, {"q", ".", "q.part"}, {.name = NULL}};
    static const char template[] = "{{#letters}}{{>p}}{{>p}}{{>x}}\n {{>q}}\n{{/letters}}{{>q}}";
    static const char expected[] = "..\n ...\n ...\n ..";
    struct partials partials = {.rows = p};
    check_bytes(&partials, template, sizeof template - 1, expected, sizeof expected - 1,
                "t:1: error: the partial 'x' does not exist; fix the name, or add the partial\n");
    ck_assert_uint_eq(partials.calls, 3); /* p, q, and x, which is missing */
}
END_TEST

START_TEST(indentations_of_partials_add_up) {
    static const struct partial_row p[] = {
        {"outer", "1\n\t{{>inner}}\n{{#name}}\n2\n{{/name}}\n<{{>inner}}>\n\n{{name}}\n", "o"},
        {"inner", "a\n{{! gone }}\n{{name}}b", "i"},
        {.name = NULL},
    };
    check_text(p, "  {{>outer}}\n.", "  1\n  \ta\n  \t[Ann]b  2\n  <a\n[Ann]b>\n  \n  [Ann]\n.");
}
END_TEST

START_TEST(a_line_that_closes_a_section_is_indented_inside_it) {
    static const struct partial_row p[] = {{"p", "{{#no}}\n{{/no}}.\n", "p"}, {.name = NULL}};
    check_text(p, " {{>p}}\n", ".\n");
}
END_TEST

START_TEST(delimiters_do_not_reach_into_partials) {
    static const struct partial_row p[] = {{"p", "{{{name}}}<%name%>{{=| |=}}|&name|", "p"},
                                           {.name = NULL}};
    check_text(p, "{{=<% %>=}}<%>p%> <%&name%>", "Ann<%name%>Ann Ann");
}
END_TEST

START_TEST(a_carriage_return_alone_ends_no_line) {
    check_text(NULL, "{{#name}}\rx{{/name}}\r\n", "\rx\r\n");
    check_text(NULL, "{{#name}}\r\nx\r\n{{/name}}\r\n", "x\r\n");
    check_text(NULL, "{{! x }}\r", "\r");
}
END_TEST

START_TEST(a_failed_buffer_is_reported) {
    struct mustache m = {.get = get_node, .escape = bracket};
    struct mustache_value value = OBJECT(root);
    char *messages = NULL;
    size_t messages_len = 0;
    FILE *stream = open_memstream(&messages, &messages_len);
    ck_assert_ptr_nonnull(stream);
    struct diag diag = {.out = stream};
    struct buf out;
    buf_init(&out);
    out.failed = true;
    struct mustache_source source = {"t", slice_of("{{#letters}}x{{/letters}}")};
    ck_assert(!mustache_render(&m, &source, &value, &out, &diag));
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(messages, "cachemk: error: out of memory\n");
    buf_release(&out);
    free(messages);
}
END_TEST

Suite *mustache_suite(void) {
    Suite *suite = suite_create("mustache");
    TCase *rendering = tcase_create("rendering");
    tcase_add_test(rendering, an_empty_template_renders_as_nothing);
    tcase_add_test(rendering, output_is_appended);
    tcase_add_test(rendering, output_is_drained);
    tcase_add_test(rendering, drain_that_fails_stops_rendering);
    tcase_add_test(rendering, only_plain_variables_are_escaped);
    tcase_add_test(rendering, values_are_not_templates);
    tcase_add_test(rendering, any_bytes_pass_through);
    tcase_add_test(rendering, false_and_empty_are_falsy);
    tcase_add_test(rendering, list_items_come_in_order);
    tcase_add_test(rendering, a_carriage_return_alone_ends_no_line);
    suite_add_tcase(suite, rendering);

    TCase *partials = tcase_create("partials");
    tcase_add_test(partials, a_partial_is_loaded_once);
    tcase_add_test(partials, indentations_of_partials_add_up);
    tcase_add_test(partials, a_line_that_closes_a_section_is_indented_inside_it);
    tcase_add_test(partials, delimiters_do_not_reach_into_partials);
    suite_add_tcase(suite, partials);

    TCase *errors = tcase_create("errors");
    tcase_add_test(errors, a_missing_name_is_an_error);
    tcase_add_test(errors, each_part_of_a_dotted_name_must_exist);
    tcase_add_test(errors, lists_and_objects_are_no_texts);
    tcase_add_test(errors, every_wrong_place_is_reported_once);
    tcase_add_test(errors, a_section_that_is_not_rendered_is_not_checked);
    tcase_add_test(errors, errors_in_a_partial_name_its_file);
    tcase_add_test(errors, a_missing_partial_is_an_error);
    tcase_add_test(errors, malformed_templates_are_errors);
    tcase_add_test(errors, a_nul_in_a_name_is_an_error);
    tcase_add_test(errors, a_malformed_partial_is_one_error);
    tcase_add_test(errors, long_names_are_shown_shortened);
    tcase_add_test(errors, lines_are_counted_through_tags_and_line_endings);
    tcase_add_test(errors, sections_nest_to_a_limit);
    tcase_add_test(errors, partials_nest_to_a_limit);
    tcase_add_test(errors, a_failed_buffer_is_reported);
    suite_add_tcase(suite, errors);
    return suite;
}
