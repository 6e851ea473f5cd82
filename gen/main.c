/* main: the command line, and the one place that exits.
 *
 * Data flows one way: reader -> targets -> context -> mustache with escape -> output.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "context.h"
#include "diag.h"
#include "escape.h"
#include "file.h"
#include "init/init.h"
#include "lock.h"
#include "mustache.h"
#include "output.h"
#include "targets.h"
#include "template.h"
#include "triples.h"
#include "version.h"

enum { EXIT_USAGE = 2 };

struct options {
    const char *ini;
    const char *output; /* "-": standard output; NULL: default_output */
    const char *template;
    bool check;
    const char *flag; /* the option of a command; "" for none */
};

static const struct options default_options = {
    .ini = "targets.ini", .template = "cache.mk", .flag = ""};

static const char default_output[] = "mk/cache.mk";

/* What the rules of the makefile call.  It is the same in every project, and is copied from next to
 * the templates, where scripts/assemble.sh puts it together when cachemk is built. */
#define SCRIPT "cache.sh"

/* One run: what is read, and what is written. */
struct job {
    struct options options;
    struct diag *diag;
    struct targets targets;
    char *lock; /* owned; the file with their digests */
    struct templates templates;
    const struct template *main; /* of these, the one to render... */
    escape_fn *escape;           /* ...with this */
    char *script;                /* owned; the script to copy or to run, or NULL */
    struct output output;        /* the file to write, unless that is standard output */
    struct buf text;             /* what it has not got yet */
};

static const char usage_text[] =
    "Usage: cachemk [-o FILE] [-t TEMPLATE] [--check] [INI]\n"
    "       cachemk init [--dry-run]\n"
    "       cachemk list [--json] [INI]\n"
    "       cachemk triples\n"
    "       cachemk lock [--update | --check] [INI]\n"
    "\n"
    "Reads the targets in INI (default: targets.ini) and writes FILE (default:\n"
    "mk/cache.mk), Make rules that build a Cargo project for each target in a\n"
    "container with cache volumes, and next to it cache.sh, the script they call.\n"
    "\n"
    "  init                     write a targets.ini for the Cargo project here, the\n"
    "                           rules, and a Makefile if there is none; with\n"
    "                           --dry-run, print all of this and write nothing\n"
    "  list                     print one line per target: name, triple, platform,\n"
    "                           cache volumes, aliases; with --json, as objects\n"
    "  triples                  print the target triples that 'cross = yes' knows\n"
    "  lock                     write targets.lock, the digests of the images, which\n"
    "                           are used from then on; keeps those that it has; with\n"
    "                           --update, gets the newest; --check writes nothing\n"
    "\n"
    "  -o, --output FILE        write to FILE; '-' means standard output\n"
    "  -t, --template TEMPLATE  use templates/TEMPLATE.mustache; the extension before\n"
    "                           .mustache may be left out (github-actions means\n"
    "                           github-actions.yml); a TEMPLATE with a slash is a\n"
    "                           path (default: cache.mk)\n"
    "      --check              write nothing; fail unless FILE is up to date\n"
    "  -h, --help               show this help\n"
    "  -V, --version            show the version\n"
    "\n"
    "Exit status: 0 success, 1 bad input or a failed write, 2 wrong usage.\n";

static int usage_error(void) {
    fputs("Try 'cachemk --help'.\n", stderr);
    return EXIT_USAGE;
}

static bool find_partial(void *partials, const char *name, struct mustache_source *source) {
    const struct template *t = templates_partial(partials, name);
    if (t != NULL)
        *source = template_source(t);
    return t != NULL;
}

static bool report_unknown_kind(const char *path, struct diag *diag) {
    struct buf names;
    buf_init(&names);
    const char *extension;
    for (size_t i = 0; (extension = escape_extension(i)) != NULL; i++)
        buf_add_format(&names, "%sX%s.mustache", i == 0 ? "" : ", ", extension);
    diag_error(diag, path, 0, "unknown kind of output; name the template one of %s", names.data);
    buf_release(&names);
    return false;
}

/* Takes the text that was rendered so far. */
static bool write_text(void *output, struct buf *text) {
    bool written = output_add(output, text->data, text->len);
    buf_clear(text);
    return written;
}

static bool to_standard_output(const struct job *job) {
    return job->options.output != NULL && strcmp(job->options.output, "-") == 0;
}

/* Renders the main template. */
static bool render(struct job *job) {
    const struct template *part = templates_text(&job->templates, "sh/dockerfile.sh");
    struct context *context = context_new(&job->targets, part != NULL ? part->text.data : "");
    if (context == NULL)
        return diag_no_memory(job->diag);
    struct mustache m = {.name_id = context_name_id,
                         .get = context_get,
                         .escape = job->escape,
                         .partial = find_partial,
                         .partials = &job->templates,
                         .drain = to_standard_output(job) ? NULL : write_text,
                         .drained = &job->output,
                         .size = job->targets.count};
    struct mustache_source source = template_source(job->main);
    struct mustache_value root = context_root(context);
    bool rendered = mustache_render(&m, &source, &root, &job->text, job->diag);
    context_free(context);
    return rendered && job->diag->errors == 0; /* the part may be one that cannot be read */
}

/* Opens the main template.  Its output may go to the default place only if it is a makefile: a
 * workflow there, because -o was forgotten, is a mistake. */
static bool open_main(struct job *job) {
    job->main = templates_open(&job->templates, job->options.template);
    if (job->main == NULL)
        return false;
    job->escape = escape_for_template(job->main->path);
    if (job->escape == NULL)
        return report_unknown_kind(job->main->path, job->diag);
    if (job->options.output != NULL || job->escape == escape_make)
        return true;
    return diag_error(job->diag, job->main->path, 0,
                      "the output of this template is not a makefile; choose a file with -o FILE");
}

/* Reports PATH, the file to write, if it is one of those that were read, and returns false. */
static bool check_inputs(const struct job *job, const char *path) {
    bool is_input = file_is_same(path, job->options.ini) || file_is_same(path, job->lock) ||
                    (job->script != NULL && file_is_same(path, job->script));
    for (const struct template *t = job->templates.items; t != NULL; t = t->next)
        is_input = is_input || file_is_same(path, t->path);
    if (is_input)
        diag_error(job->diag, path, 0,
                   "this is a file that cachemk reads; choose another one with -o FILE");
    return !is_input;
}

/* What follows the last slash of PATH. */
static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Writes or checks the script, beside the makefile at PATH, if that is one that calls it. */
static bool write_script(struct job *job, const char *path) {
    const char *name = base_name(path);
    if (strcmp(base_name(job->main->path), "cache.mk.mustache") != 0)
        return true;
    if (strcmp(name, SCRIPT) == 0)
        return diag_error(job->diag, path, 0,
                          "this is the name of the script; choose another one with -o FILE");
    char *beside = text_format("%.*s" SCRIPT, (int)(name - path), path);
    if (beside == NULL)
        return diag_no_memory(job->diag);
    job->script = templates_find(&job->templates, SCRIPT);
    bool done = job->script != NULL && check_inputs(job, path) && check_inputs(job, beside) &&
                output_copy(beside, job->options.check ? OUTPUT_CHECK : OUTPUT_KEEP, job->script,
                            job->diag);
    free(beside);
    return done;
}

/* Writes or checks the file at PATH, and the script.  The script is first in its place, so that the
 * makefile is newer, and make needs to check only that. */
static bool write_file(struct job *job, const char *path) {
    bool check = job->options.check;
    if (!output_open(&job->output, path, check ? OUTPUT_CHECK : OUTPUT_TOUCH, job->diag))
        return false;
    bool rendered = render(job) && write_text(&job->output, &job->text) && check_inputs(job, path);
    bool has_script = rendered && write_script(job, path);
    return output_close(&job->output, has_script || (rendered && check)) && has_script;
}

/* Opens the file of the targets; NULL after reporting an error. */
static FILE *open_ini(const char *path, struct diag *diag) {
    FILE *in = fopen(path, "rb");
    if (in != NULL)
        return in;
    bool first = errno == ENOENT && strcmp(path, default_options.ini) == 0;
    diag_error(diag, path, 0, "cannot read: %s%s", strerror(errno),
               first ? "; run cachemk init to create it" : "");
    return NULL;
}

/* Reads the targets, and stores the name of the file with their digests. */
static bool read_targets(struct job *job) {
    char buffer[1 << 15]; /* the usual one of 4 KiB takes eight times as many calls */
    const char *path = job->options.ini;
    FILE *in = open_ini(path, job->diag);
    if (in == NULL)
        return false;
    setvbuf(in, buffer, _IOFBF, sizeof buffer);
    bool read = targets_read(&job->targets, in, path, job->diag);
    fclose(in);
    job->lock = lock_path(path);
    job->targets.lock = job->lock;
    return (job->lock != NULL || diag_no_memory(job->diag)) && read;
}

/* ---- What there is to do ---- */

static bool generate(struct job *job) {
    const char *output = job->options.output;
    if (!read_targets(job) || !lock_apply(&job->targets, job->lock, job->diag) || !open_main(job))
        return false;
    if (!to_standard_output(job))
        return write_file(job, output != NULL ? output : default_output);
    return render(job) && output_print(&job->text, job->diag);
}

/* Does WORK.  Returns what to exit with. */
static int run(const struct options *options, bool (*work)(struct job *job)) {
    struct diag diag = {.out = stderr};
    struct job job = {.options = *options, .diag = &diag};
    templates_init(&job.templates, &diag);
    buf_init(&job.text);
    bool done = work(&job);
    buf_release(&job.text);
    templates_release(&job.templates);
    targets_release(&job.targets);
    free(job.lock);
    free(job.script);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool generate_by_default(void) {
    return run(&default_options, generate) == EXIT_SUCCESS;
}

/* Writes the targets.ini of a project that has none, and what follows from it. */
static bool start_project(struct job *job) {
    struct init init;
    bool done = init_prepare(&init, &job->templates, job->diag);
    if (done && *job->options.flag != '\0')
        done = init_print(&init, job->diag);
    else if (done)
        done = init_write(&init, generate_by_default, job->diag);
    init_release(&init);
    return done;
}

/* The list is a template, too. */
static bool list_targets(struct job *job) {
    job->options.output = "-";
    job->options.template = *job->options.flag != '\0' ? "list.json" : "list.txt";
    return generate(job);
}

static bool list_triples(struct job *job) {
    triples_list(&job->text);
    return output_print(&job->text, job->diag);
}

static bool lock_images(struct job *job) {
    const char *flag = job->options.flag;
    if (!read_targets(job))
        return false;
    if (strcmp(flag, "--check") == 0)
        return lock_apply(&job->targets, job->lock, job->diag) &&
               (job->targets.locked ||
                diag_error(job->diag, job->lock, 0, "there is no such file; run cachemk lock"));
    /* Other files are found by where the main template is. */
    if (templates_open(&job->templates, job->options.template) == NULL)
        return false;
    job->script = templates_find(&job->templates, "sh/lock.sh");
    return job->script != NULL && lock_write(&job->targets, job->lock,
                                             strcmp(flag, "--update") == 0, job->script, job->diag);
}

/* ---- The command line ---- */

enum { FLAGS_MAX = 2 };

static const struct command {
    const char *name;
    bool (*work)(struct job *job);
    const char *flags[FLAGS_MAX]; /* it takes one of these... */
    bool takes_ini;               /* ...and an INI file */
    const char *takes;            /* the same in words */
} commands[] = {
    {"init", start_project, {"--dry-run"}, false, "only --dry-run; it works in this directory"},
    {"list", list_targets, {"--json"}, true, "--json and one INI file"},
    {"lock", lock_images, {"--update", "--check"}, true, "--update or --check, and one INI file"},
    {"triples", list_triples, {NULL}, false, "no argument"},
};

/* Stores ARGUMENT, if COMMAND takes it in addition to those before. */
static bool take_argument(struct options *options, const struct command *command,
                          const char *argument) {
    for (size_t i = 0; i < FLAGS_MAX && command->flags[i] != NULL; i++) {
        if (*options->flag == '\0' && strcmp(argument, command->flags[i]) == 0) {
            options->flag = argument;
            return true;
        }
    }
    bool taken = command->takes_ini && options->ini == default_options.ini && *argument != '-';
    if (taken)
        options->ini = argument;
    else
        fprintf(stderr, "cachemk: unexpected argument '%s'; %s takes %s\n", argument, command->name,
                command->takes);
    return taken;
}

static int run_command(const struct command *command, int argc, char **argv) {
    struct options options = default_options;
    for (int i = 2; i < argc; i++)
        if (!take_argument(&options, command, argv[i]))
            return usage_error();
    return run(&options, command->work);
}

static bool print_usage(struct job *job) {
    buf_add_str(&job->text, usage_text);
    return output_print(&job->text, job->diag);
}

static bool print_version(struct job *job) {
    buf_add_str(&job->text, "cachemk " CACHEMK_VERSION "\n");
    return output_print(&job->text, job->diag);
}

/* Stores the option C of getopt_long into OPTIONS.  Returns what to exit with, or -1 to go on. */
static int take_option(struct options *options, int c) {
    switch (c) {
    case 'o':
        options->output = optarg;
        return -1;
    case 't':
        options->template = optarg;
        return -1;
    case 'c':
        options->check = true;
        return -1;
    case 'h':
        return run(options, print_usage);
    case 'V':
        return run(options, print_version);
    default:
        return usage_error();
    }
}

/* Whether OPTIONS and the ARGC arguments in ARGV that are no options make sense; says why not. */
static bool check_usage(struct options *options, int argc, char **argv) {
    if (argc > 1) {
        fprintf(stderr, "cachemk: takes one INI file; unexpected argument '%s'\n", argv[1]);
        return false;
    }
    if (options->output != NULL && output_is_standard(options->output))
        options->output = "-";
    if (options->check && options->output != NULL && strcmp(options->output, "-") == 0) {
        fputs("cachemk: --check compares a file; it cannot be used with '-o -'\n", stderr);
        return false;
    }
    return true;
}

static int run_generate(int argc, char **argv) {
    static const struct option long_options[] = {
        {"output", required_argument, NULL, 'o'}, {"template", required_argument, NULL, 't'},
        {"check", no_argument, NULL, 'c'},        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0}};
    struct options options = default_options;
    int c;
    while ((c = getopt_long(argc, argv, "o:t:hV", long_options, NULL)) != -1) {
        int status = take_option(&options, c);
        if (status >= 0)
            return status;
    }
    if (!check_usage(&options, argc - optind, argv + optind))
        return usage_error();
    if (optind < argc)
        options.ini = argv[optind];
    return run(&options, generate);
}

int main(int argc, char **argv) {
    bool asks_help = argc > 2 && strcmp(argv[2], "--help") == 0;
    for (size_t i = 0; argc > 1 && !asks_help && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run_command(&commands[i], argc, argv);
    return run_generate(argc, argv);
}
