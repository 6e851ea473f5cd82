/* escape: writes text so that the reader of an output takes it for exactly that text, and for
 * nothing else.  One function for each kind of output, all of the type of mustache's `escape`.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stddef.h>

#include "buf.h"

typedef void escape_fn(struct buf *out, const char *text, size_t len);

/* One word of a command in a Makefile's recipe or in a `define` used there: quoted for sh where
 * sh would see anything but letters, and every `$` doubled for make; so are the words that would
 * end or begin a `define` at the start of a line.  An empty text becomes ''.
 * TEXT holds no NUL, CR or newline: no quoting could carry those through make. */
escape_fn escape_make;

/* HTML text or a double-quoted attribute, as the Mustache specification asks. */
escape_fn escape_html;

/* The next four write UTF-8 into text formats that can hold nothing else: a byte that belongs to
 * no UTF-8 character becomes U+FFFD. */

/* The text between the double quotes of a scalar of YAML 1.2 (https://yaml.org/spec/1.2.2/,
 * 7.3.1), which older versions read in the same way; the template writes the quotes, so that
 * it can write more than one value, or a word of its own, between them:
 *     name: "build <% description %>"
 * Every other character, NUL and newline too, is read back as it was.  What has no character but
 * letters, digits and `_./:@=+-` comes out unchanged, so that the names of targets and the like
 * may also be parts of plain scalars: `script: make build-<% name %>`.  JSON's strings (RFC
 * 8259, 7) are read in the same way. */
escape_fn escape_yaml;

/* Markdown text (CommonMark 0.31.2, https://spec.commonmark.org, and the tables and strikethrough
 * of GitHub's, https://github.github.com/gfm), in any place: in a paragraph or at its
 * beginning, in a heading, an item, a table's cell, a link's text, in <code>...</code>.  Tabs and
 * newlines become references to them, which begin nothing; control characters, which no page can
 * show, become U+FFFD.  An address may still become a link to itself.  Not for text between
 * backticks, where nothing is to be escaped and backslashes would show: use <%& x %> there for what
 * cannot have a backtick, and <code> for the rest. */
escape_fn escape_markdown;

/* The text between the double quotes of a label in Graphviz's DOT language
 * (https://graphviz.org/doc/info/lang.html), of a shape other than `record`; the template writes
 * the quotes.  Control characters but tab and newline, which no picture can show, become U+FFFD. */
escape_fn escape_dot;

/* Plain text: control characters, including newlines, become `?`.  There is no syntax for escapes.
 */
escape_fn escape_text;

/* The escape function for a template by its name: NAME ends in `.mustache`, and before that in
 * the extension of its output (`cache.mk.mustache`).  NULL for an extension without one. */
escape_fn *escape_for_template(const char *name);

/* The extensions of outputs that have an escape function, `.mk` among them, in alphabetical order;
 * NULL for an INDEX past the last. */
const char *escape_extension(size_t index);

#endif
