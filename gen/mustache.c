#include "mustache.h"

#include <stdlib.h>
#include <string.h>

#include "mustache_parse.h"

/* Sections and partials inside one another, all counted.  Each level takes some of the C stack. */
enum { DEPTH_MAX = 200 };

/* Nested lists multiply, so a small template can ask for more than anybody could wait for.  For
 * 10,000 targets ours take 2 million tokens and make 6 MiB.  The fuzzer sets less, to come to more
 * inputs. */
#ifndef MUSTACHE_TOKENS_MAX
#define MUSTACHE_TOKENS_MAX 10000000
#endif
enum { OUTPUT_MAX = 256 * 1024 * 1024, SIZE_STEP = 10000 };

/* When `drain` is called. */
enum { DRAIN_AT = 64 * 1024 };

/* The template, or a partial.  Kept until rendering ends, also if there is none of its name. */
struct page {
    struct page *next;
    char *name;           /* owned; NULL: the template */
    struct tokens tokens; /* empty if there is none, or if it is malformed */
    bool *reported;       /* owned; for each token, whether its error was: one is enough */
    bool missing;         /* there is none, and the callback has not reported that itself */
};

struct renderer {
    const struct mustache *m;
    struct buf *out;
    struct diag *diag;
    struct page *partials;
    size_t limits;     /* how many times the limits there are, by the size of the data */
    size_t steps_left; /* tokens that may be rendered, from now on */
    size_t bytes_left; /* that `drain` may still get */
};

/* The indentation of a standalone partial, inside that of the partial around it. */
struct indent {
    const struct indent *outer;
    struct slice whitespace;
};

/* Where rendering is: in which template, and with which value as the innermost context. */
struct frame {
    const struct frame *outer; /* holds the next context outwards; NULL at the root */
    struct mustache_value value;
    const struct page *page;
    const struct indent *indent; /* NULL for none */
    size_t depth;
};

static bool render_tokens(struct renderer *r, const struct frame *f, size_t from, size_t to);

/* What messages call a tag. */
static const char *const nouns[] = {
    [TOKEN_ESCAPED] = "variable", [TOKEN_UNESCAPED] = "variable",
    [TOKEN_SECTION] = "section",  [TOKEN_INVERTED] = "inverted section",
    [TOKEN_PARTIAL] = "partial",
};

/* Reports what is wrong with TOKEN; once a token, however often it is rendered. */
static void report_tag(struct renderer *r, const struct frame *f, const struct token *token,
                       const char *problem) {
    bool *reported = &f->page->reported[token - f->page->tokens.items];
    if (!*reported)
        diag_error(r->diag, f->page->tokens.file, token->line, "the %s '%.*s' %s",
                   nouns[token->kind], name_shown(token->text), token->text.text, problem);
    *reported = true;
}

static bool is_truthy(const struct mustache_value *value) {
    return value->type == MUSTACHE_OBJECT || (value->type != MUSTACHE_FALSE && value->len > 0);
}

static size_t name_id(const struct mustache *m, struct slice name) {
    return m->name_id != NULL ? m->name_id(name) : 0;
}

static bool get_part(const struct mustache *m, const struct mustache_value *value,
                     const struct mustache_name *name, struct mustache_value *found) {
    return value->type == MUSTACHE_OBJECT && m->get(value->object, name, found);
}

/* Replaces *VALUE by what REST, the parts after the first one, names in it. */
static bool find_rest(const struct mustache *m, struct slice rest, struct mustache_value *value) {
    struct mustache_name name;
    bool found = true;
    for (bool more = true; found && more;) {
        more = slice_cut(&rest, '.', &name.text);
        name.id = name_id(m, name.text);
        found = get_part(m, value, &name, value);
    }
    return found;
}

/* The first part of a dotted name is looked for from the innermost context outwards, all others
 * in the part before them only. */
static bool find_value(const struct mustache *m, const struct frame *f, const struct token *token,
                       struct mustache_value *value) {
    if (token->text.len == 1 && token->text.text[0] == '.') {
        *value = f->value;
        return true;
    }
    while (f != NULL && !get_part(m, &f->value, &token->first, value))
        f = f->outer;
    return f != NULL && (token->rest.text == NULL || find_rest(m, token->rest, value));
}

/* Stores the value that TOKEN names; false for a missing name, after reporting it.  It is not
 * returned, since copying it takes longer than finding it. */
static void find_named(struct renderer *r, const struct frame *f, const struct token *token,
                       struct mustache_value *value) {
    if (find_value(r->m, f, token, value))
        return;
    report_tag(r, f, token, "is not defined; fix the name, or add it to the data");
    value->type = MUSTACHE_FALSE;
}

static void render_variable(struct renderer *r, const struct frame *f, const struct token *token) {
    struct mustache_value value;
    find_named(r, f, token, &value);
    if (value.type == MUSTACHE_LIST)
        report_tag(r, f, token, "is a list, not a text; use a section for its items");
    else if (value.type == MUSTACHE_OBJECT)
        report_tag(r, f, token, "is an object, not a text; choose one of its members");
    else if (value.type == MUSTACHE_TEXT && token->kind == TOKEN_ESCAPED)
        r->m->escape(r->out, value.text, value.len);
    else if (value.type == MUSTACHE_TEXT)
        buf_add(r->out, value.text, value.len);
}

static bool report_limit(struct renderer *r, const struct frame *f, const struct token *token) {
    return diag_error(
        r->diag, f->page->tokens.file, token->line,
        "render limit exceeded: more than %zu steps, or %zuMB; do nested lists multiply?",
        r->limits * MUSTACHE_TOKENS_MAX, r->limits * OUTPUT_MAX / 1000000);
}

/* Whether COUNT tokens, which are inside TOKEN, may be rendered; reports a limit that is exceeded.
 */
static bool may_render(struct renderer *r, const struct frame *f, const struct token *token,
                       size_t count) {
    if (r->steps_left < count || r->out->len > r->bytes_left)
        return report_limit(r, f, token);
    r->steps_left -= count;
    return true;
}

/* Hands on what was rendered up to TOKEN. */
static bool drain(struct renderer *r, const struct frame *f, const struct token *token) {
    if (r->m->drain == NULL || r->out->failed)
        return true;
    if (r->out->len > r->bytes_left)
        return report_limit(r, f, token);
    r->bytes_left -= r->out->len;
    return r->m->drain(r->m->drained, r->out);
}

/* Makes INNER the frame for what is inside TOKEN; its context is still that of F. */
static bool enter_frame(struct renderer *r, const struct frame *f, const struct token *token,
                        struct frame *inner) {
    *inner = *f;
    inner->depth++;
    if (inner->depth <= DEPTH_MAX)
        return true;
    return diag_error(
        r->diag, f->page->tokens.file, token->line,
        "the %s '%.*s' is nested more than %d levels deep; does a partial include itself?",
        nouns[token->kind], name_shown(token->text), token->text.text, DEPTH_MAX);
}

/* Renders the section whose token is number INDEX. */
static bool render_section(struct renderer *r, const struct frame *f, size_t index) {
    const struct token *token = &f->page->tokens.items[index];
    struct mustache_value value;
    struct frame inner;
    find_named(r, f, token, &value);
    if (!is_truthy(&value))
        return true;
    if (!enter_frame(r, f, token, &inner))
        return false;
    inner.outer = f;
    inner.value = value;
    size_t count = value.type == MUSTACHE_LIST ? value.len : 1;
    for (size_t i = 0; i < count; i++) {
        if (value.type == MUSTACHE_LIST)
            inner.value = value.items[i];
        if (!may_render(r, f, token, token->end - index) ||
            !render_tokens(r, &inner, index + 1, token->end))
            return false;
    }
    return true;
}

/* Parses SOURCE.  False after reporting an error. */
static bool page_parse(struct page *page, const struct mustache *m,
                       const struct mustache_source *source, struct diag *diag) {
    if (!tokens_parse(&page->tokens, source, diag))
        return false;
    for (size_t i = 0; i < page->tokens.count; i++) {
        struct mustache_name *name = &page->tokens.items[i].first;
        name->id = name_id(m, name->text);
    }
    page->reported = calloc(page->tokens.count + 1, sizeof *page->reported);
    if (page->reported != NULL)
        return true;
    tokens_release(&page->tokens);
    return diag_no_memory(diag);
}

static void page_release(struct page *page) {
    tokens_release(&page->tokens);
    free(page->reported);
    free(page->name);
}

/* Parses what the callback finds for PARTIAL's name. */
static void load_partial(struct renderer *r, struct page *partial) {
    struct mustache_source source;
    size_t errors = r->diag->errors;
    bool found = r->m->partial != NULL && r->m->partial(r->m->partials, partial->name, &source) &&
                 page_parse(partial, r->m, &source, r->diag);
    partial->missing = !found && r->diag->errors == errors;
}

/* The new partial called NAME, first in the list and loaded; NULL without memory. */
static struct page *add_partial(struct renderer *r, struct slice name) {
    struct page *partial = calloc(1, sizeof *partial);
    char *copy = strndup(name.text, name.len);
    if (partial == NULL || copy == NULL) {
        diag_no_memory(r->diag);
        free(partial);
        free(copy);
        return NULL;
    }
    partial->name = copy;
    partial->next = r->partials;
    r->partials = partial;
    load_partial(r, partial);
    return partial;
}

static struct page *find_partial(struct renderer *r, struct slice name) {
    for (struct page *p = r->partials; p != NULL; p = p->next) {
        if (slice_is(name, p->name))
            return p;
    }
    return add_partial(r, name);
}

/* A standalone partial is indented line by line; one inside a line is not, wherever that line is,
 * since the specification indents the text of partials and not what that text renders as. */
static bool render_partial(struct renderer *r, const struct frame *f, const struct token *token) {
    struct frame inner;
    struct indent indent = {.outer = f->indent, .whitespace = token->indent};
    if (!enter_frame(r, f, token, &inner))
        return false;
    inner.page = find_partial(r, token->text);
    if (inner.page == NULL)
        return false;
    if (inner.page->missing)
        report_tag(r, f, token, "does not exist; fix the name, or add the partial");
    inner.indent = token->standalone ? &indent : NULL;
    return may_render(r, f, token, inner.page->tokens.count + 1) &&
           render_tokens(r, &inner, 0, inner.page->tokens.count);
}

static void add_indent(struct buf *out, const struct indent *indent) {
    if (indent == NULL)
        return;
    add_indent(out, indent->outer);
    buf_add(out, indent->whitespace.text, indent->whitespace.len);
}

/* Renders the tokens FROM up to TO.  False means stop: an error was reported, or `out` has failed.
 * Errors that only spoil one tag are reported and passed over, to find more in one run. */
static bool render_tokens(struct renderer *r, const struct frame *f, size_t from, size_t to) {
    struct mustache_value value;
    bool done = true;
    for (size_t i = from; done && i < to;) {
        const struct token *token = &f->page->tokens.items[i++];
        switch (token->kind) {
        case TOKEN_TEXT:
            buf_add(r->out, token->text.text, token->text.len);
            break;
        case TOKEN_LINE:
            add_indent(r->out, f->indent);
            break;
        case TOKEN_SECTION:
            done = render_section(r, f, i - 1);
            i = token->end;
            break;
        case TOKEN_INVERTED: /* its context is that around it: just going on renders it */
            find_named(r, f, token, &value);
            i = is_truthy(&value) ? token->end : i;
            break;
        case TOKEN_PARTIAL:
            done = render_partial(r, f, token);
            break;
        default:
            render_variable(r, f, token);
        }
        if (r->out->len >= DRAIN_AT)
            done = done && drain(r, f, token);
    }
    return done && !r->out->failed;
}

static void release_partials(struct renderer *r) {
    while (r->partials != NULL) {
        struct page *partial = r->partials;
        r->partials = partial->next;
        page_release(partial);
        free(partial);
    }
}

bool mustache_render(const struct mustache *m, const struct mustache_source *source,
                     const struct mustache_value *root, struct buf *out, struct diag *diag) {
    struct renderer r = {.m = m, .out = out, .diag = diag, .limits = 1 + m->size / SIZE_STEP};
    struct page page = {.name = NULL};
    size_t errors = diag->errors;
    if (!page_parse(&page, m, source, diag))
        return false;
    struct frame f = {.value = *root, .page = &page};
    r.steps_left = r.limits * MUSTACHE_TOKENS_MAX;
    r.bytes_left = r.limits * OUTPUT_MAX;
    bool done = render_tokens(&r, &f, 0, page.tokens.count);
    if (out->failed)
        diag_no_memory(diag);
    release_partials(&r);
    page_release(&page);
    return done && diag->errors == errors;
}
