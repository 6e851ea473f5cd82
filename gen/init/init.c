#include "init.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "escape.h"
#include "makefile.h"
#include "mustache.h"
#include "output.h"

enum { SCREEN = 23 }; /* lines of a message, and one for the next prompt */

/* ---- The template's values ---- */

enum { VALUES_MAX = 13 };

struct object {
    struct {
        const char *name;
        struct mustache_value value;
    } values[VALUES_MAX];
    size_t count;
};

static void add_value(struct object *object, const char *name, const char *text) {
    object->values[object->count].name = name;
    object->values[object->count++].value =
        (struct mustache_value){.type = MUSTACHE_TEXT, .text = text, .len = strlen(text)};
}

static void describe_target(struct object *object, const struct plan_target *target,
                            const char *package) {
    object->count = 0;
    add_value(object, "name", target->row->name);
    add_value(object, "description", target->row->description);
    add_value(object, "triple", target->row->triple);
    add_value(object, "image", target->image.data);
    add_value(object, "platform", target->cross ? "" : target->row->platform);
    add_value(object, "cross", target->cross ? "yes" : "");
    add_value(object, "packages", target->packages.data);
    add_value(object, "target_packages", target->target_packages.data);
    add_value(object, "cache", target->cache.data);
    add_value(object, "aliases", target->row->aliases);
    add_value(object, "setup", target->setup.data);
    add_value(object, "env", target->env.data);
    add_value(object, "package", package != NULL ? package : "");
}

static bool get_value(const void *object, const struct mustache_name *name,
                      struct mustache_value *value) {
    const struct object *o = object;
    for (size_t i = 0; i < o->count; i++)
        if (slice_is(name->text, o->values[i].name)) {
            *value = o->values[i].value;
            return true;
        }
    return false;
}

static bool render(const struct project *project, const struct template *t, struct buf *out,
                   struct diag *diag) {
    struct mustache m = {.get = get_value, .escape = escape_text};
    struct object root = {.count = 0}, targets[PLAN_COUNT];
    struct mustache_value items[PLAN_COUNT];
    struct buf notes;
    buf_init(&notes);
    notes_write(&project->notes, &notes);
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        describe_target(&targets[i], &project->plan.targets[i], project_package(project));
        items[i] = (struct mustache_value){.type = MUSTACHE_OBJECT, .object = &targets[i]};
    }
    add_value(&root, "notes", notes.data);
    add_value(&root, "ssh", project->ssh ? "yes" : "");
    add_value(&root, "targets", "");
    root.values[root.count - 1].value =
        (struct mustache_value){.type = MUSTACHE_LIST, .items = items, .len = PLAN_COUNT};
    struct mustache_value value = {.type = MUSTACHE_OBJECT, .object = &root};
    struct mustache_source source = template_source(t);
    bool rendered = mustache_render(&m, &source, &value, out, diag);
    out->failed = out->failed || notes.failed;
    buf_release(&notes);
    return rendered;
}

/* ---- What is written and printed ---- */

static size_t count_lines(const struct buf *text) {
    size_t lines = 0;
    for (const char *at = text->data; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    return lines;
}

/* Sets the Makefile if there is none, and begins the message with what is to be done about it. */
static void prepare_makefile(struct init *init, const struct project *project) {
    const char *makefile = makefile_find();
    struct buf *lines = &init->lines;
    makefile_add_lines(project, lines);
    buf_add_str(&init->message, "Wrote targets.ini, mk/cache.mk and mk/cache.sh.\n");
    if (makefile == NULL) {
        buf_add_str(&init->makefile, "# The build rules are in mk/cache.mk; `make` lists them.\n");
        buf_add_str(&init->makefile, lines->data);
        buf_add_str(&init->makefile, ".DEFAULT_GOAL := help-cache\n");
        buf_add_str(&init->message, "Wrote Makefile, which includes mk/cache.mk.\n");
        buf_clear(lines);
    } else if (!makefile_includes(makefile)) {
        buf_add_str(&init->message,
                    count_lines(lines) > 1 ? "Add these lines to " : "Add this line to ");
        buf_add_str(&init->message, makefile);
        buf_add_str(&init->message, ", wherever you like:\n\n");
        buf_add_str(&init->message, lines->data);
        buf_add_str(&init->message, "\n");
    } else {
        buf_clear(lines);
    }
}

static void prepare_message(struct init *init, const struct project *project) {
    struct utsname host;
    bool arm64 = uname(&host) == 0 && strcmp(host.machine, "aarch64") == 0;
    prepare_makefile(init, project);
    notes_print(&project->notes, &init->message, SCREEN - 1 - count_lines(&init->message));
    buf_add_str(&init->message, project->library ? "Then: make test-" : "Then: make build-");
    buf_add_str(&init->message, arm64 ? "linux-arm64\n" : "linux-x64\n");
}

bool init_prepare(struct init *init, struct templates *templates, struct diag *diag) {
    buf_init(&init->targets);
    buf_init(&init->makefile);
    buf_init(&init->lines);
    buf_init(&init->message);
    if (project_exists("targets.ini"))
        return diag_error(diag, "targets.ini", 0, "already exists; edit it, and run cachemk");
    const struct template *t = templates_open(templates, "init");
    struct project project;
    bool done = t != NULL && project_find(&project, diag);
    if (t == NULL)
        return false;
    if (done && !project_failed(&project)) {
        done = render(&project, t, &init->targets, diag);
        prepare_message(init, &project);
    }
    if (project_failed(&project) || init->targets.failed || init->makefile.failed ||
        init->lines.failed || init->message.failed) {
        diag_no_memory(diag);
        done = false;
    }
    project_release(&project);
    return done;
}

void init_release(struct init *init) {
    buf_release(&init->targets);
    buf_release(&init->makefile);
    buf_release(&init->lines);
    buf_release(&init->message);
}

/* Appends TITLE and the lines of TEXT as comments, if there are any. */
static void add_comments(struct buf *out, const char *title, const struct buf *text) {
    if (text->len > 0)
        buf_add_str(out, title);
    for (const char *at = text->data; *at != '\0';) {
        size_t len = strcspn(at, "\n") + 1;
        buf_add_str(out, "#   ");
        buf_add(out, at, len);
        at += len;
    }
}

bool init_print(const struct init *init, struct diag *diag) {
    const char *makefile = makefile_find();
    struct buf out, title;
    buf_init(&out);
    buf_init(&title);
    buf_add(&out, init->targets.data, init->targets.len);
    buf_add_str(&title, "\n# To add to ");
    buf_add_str(&title, makefile != NULL ? makefile : "");
    buf_add_str(&title, ":\n");
    add_comments(&out, "\n# The Makefile:\n", &init->makefile);
    add_comments(&out, title.data, &init->lines);
    out.failed = out.failed || title.failed;
    bool printed = output_print(&out, diag);
    buf_release(&out);
    buf_release(&title);
    return printed;
}

/* ---- Writing ---- */

/* The files, and what writes them; the directory is the last to be removed. */
static const char *const paths[] = {"targets.ini", "mk/cache.mk", "mk/cache.sh", "Makefile", "mk"};

enum { PATH_COUNT = sizeof paths / sizeof *paths, DIRECTORY = PATH_COUNT - 1 };

/* Creates the directory mk if it is missing. */
static bool make_directory(struct diag *diag) {
    struct stat status;
    if (mkdir(paths[DIRECTORY], 0777) == 0)
        return true;
    if (errno != EEXIST || stat(paths[DIRECTORY], &status) != 0)
        diag_error(diag, paths[DIRECTORY], 0, "cannot create the directory: %s", strerror(errno));
    else if (!S_ISDIR(status.st_mode))
        diag_error(diag, paths[DIRECTORY], 0, "not a directory; rename it");
    else
        return true;
    return false;
}

static bool write_all(const struct init *init, bool (*generate)(void), struct diag *diag) {
    return make_directory(diag) &&
           output_write(paths[0], OUTPUT_TOUCH, init->targets.data, init->targets.len, diag) &&
           generate() &&
           (init->makefile.len == 0 || output_write("Makefile", OUTPUT_TOUCH, init->makefile.data,
                                                    init->makefile.len, diag)) &&
           output_print(&init->message, diag);
}

bool init_write(const struct init *init, bool (*generate)(void), struct diag *diag) {
    struct stat status;
    bool was_there[PATH_COUNT];
    for (size_t i = 0; i < PATH_COUNT; i++)
        was_there[i] = lstat(paths[i], &status) == 0;
    if (write_all(init, generate, diag))
        return true;
    for (size_t i = 0; i < PATH_COUNT; i++)
        if (!was_there[i] && remove(paths[i]) != 0 && errno != ENOENT && errno != ENOTDIR)
            diag_error(diag, paths[i], 0, "cannot remove: %s", strerror(errno));
    return false;
}
