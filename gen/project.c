#include "project.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "packages.h"

/* What begins a line that continues a value. */
#define INDENT "\n              "

bool project_exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* Whether a file has TEXT in it; one that cannot be read has not. */
bool project_file_has(const char *path, const char *text) {
    struct buf content;
    buf_init(&content);
    bool has = file_read(path, &content) && strstr(content.data, text) != NULL;
    buf_release(&content);
    return has;
}

/* Where the channel is in a toolchain file: after `channel =` and a quote, at the start of a line,
 * or, in the old form, alone. */
static const char *find_channel(const char *text) {
    static const char key[] = "channel";
    if (strchr(text, '[') == NULL)
        return text + strspn(text, " \t\r\n");
    while (text != NULL) {
        text += strspn(text, " \t\r\n");
        if (strncmp(text, key, strlen(key)) == 0)
            return text + strlen(key) + strspn(text + strlen(key), " \t=\"'");
        text = strchr(text, '\n');
    }
    return "";
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Of the two toolchain files rustup takes the first.  `stable` is what images have anyway. */
static void find_toolchain(struct project *project) {
    struct buf text;
    buf_init(&text);
    if (file_read("rust-toolchain", &text) || file_read("rust-toolchain.toml", &text)) {
        const char *name = find_channel(text.data);
        size_t len = strspn(name, DIGITS LETTERS ".-_");
        project->is_version = len > 0 && strspn(name, DIGITS ".") == len;
        if (len != strlen("stable") || memcmp(name, "stable", len) != 0)
            buf_add(&project->channel, name, len);
    }
    buf_release(&text);
}

/* Appends what follows the key KEY in the toolchain file, which is a list, separated by spaces. */
static void add_toolchain_list(struct buf *out, const char *text, const char *key) {
    const char *at = strstr(text, key);
    if (at == NULL || at[strlen(key) + strspn(at + strlen(key), " \t")] != '=')
        return;
    size_t end = strcspn(at, "]");
    for (size_t i = strcspn(at, "["); i < end; i++) {
        size_t len = strspn(at + i, DIGITS LETTERS "-_");
        if (len == 0)
            continue;
        buf_add_str(out, " ");
        buf_add(out, at + i, len);
        i += len;
    }
}

/* Whether Cargo.toml, in TEXT, has a line for the dependency NAME. */
static bool depends_on(const char *text, const char *name, size_t len) {
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, "\n");
        if (strncmp(line, name, len) == 0 &&
            (line[len] == ' ' || line[len] == '=' || line[len] == '.'))
            return true;
    }
    return false;
}

/* Whether the lock file in TEXT has the crate NAME. */
static bool is_locked(const char *text, const char *name) {
    static const char key[] = "\nname = \"";
    size_t len = strlen(name);
    for (const char *at = text; (at = strstr(at, key)) != NULL;) {
        at += strlen(key);
        if (strncmp(at, name, len) == 0 && at[len] == '"')
            return true;
    }
    return false;
}

/* What tells the crates of the project: Cargo.lock, or else Cargo.toml. */
struct crates {
    struct buf text;
    bool locked;
};

/* Whether the project has the crate NAME.  Without a lock file, only what it depends on itself is
 * known: the crate, or the one that it is the -sys of. */
static bool has_crate(const struct crates *crates, const char *name) {
    const char *text = crates->text.data;
    size_t len = strlen(name);
    if (crates->locked)
        return is_locked(text, name);
    return depends_on(text, name, len) ||
           (len > 4 && strcmp(name + len - 4, "-sys") == 0 && depends_on(text, name, len - 4));
}

/* Appends WORDS to a value, on a line of their own if this one would become long. */
static void add_words(struct buf *value, const char *words) {
    const char *line = strrchr(value->data, '\n');
    size_t length = strlen(line != NULL ? line : value->data);
    buf_add_str(value, length + strlen(words) < 80 ? " " : INDENT);
    buf_add_str(value, words);
}

/* Appends a command to a value of the key setup. */
static void add_command(struct buf *setup, const char *command) {
    if (setup->len > 0)
        buf_add_str(setup, " &&" INDENT);
    buf_add_str(setup, command);
}

static void add_package(struct project *project, const struct package *package) {
    buf_add_str(&project->packages, project->packages.len > 0 ? "\n# " : "# ");
    buf_add_str(&project->packages, package->crate);
    buf_add_str(&project->packages, " needs ");
    buf_add_str(&project->packages, package->apk);
    buf_add_str(&project->packages, " (Alpine)");
    if (package->apt[0] != '\0') {
        if (project->glibc_setup.len == 0) {
            add_command(&project->glibc_setup, "apt-get update");
            add_command(&project->glibc_setup, "apt-get install -y --no-install-recommends");
        }
        add_words(&project->glibc_setup, package->apt);
        buf_add_str(&project->packages, ", ");
        buf_add_str(&project->packages, package->apt);
        buf_add_str(&project->packages, " (Debian)");
    }
    add_words(&project->musl_setup, package->apk);
}

/* Appends COMMAND with what follows it to both values. */
static void add_rustup(struct project *project, const char *command, const char *rest) {
    struct buf text;
    buf_init(&text);
    buf_add_str(&text, command);
    buf_add_str(&text, rest);
    add_command(&project->glibc_setup, text.data);
    add_command(&project->musl_setup, text.data);
    project->failed = project->failed || text.failed;
    buf_release(&text);
}

/* The same with the list that KEY of the toolchain file has, for the toolchain that it names. */
static void add_rustup_list(struct project *project, const char *command, const char *key) {
    struct buf file, rest;
    buf_init(&file);
    buf_init(&rest);
    if (project->channel.len > 0 && !project->is_version) {
        buf_add_str(&rest, " --toolchain ");
        buf_add_str(&rest, project->channel.data);
    }
    size_t len = rest.len;
    if (file_read("rust-toolchain.toml", &file))
        add_toolchain_list(&rest, file.data, key);
    if (rest.len > len)
        add_rustup(project, command, rest.data);
    project->failed = project->failed || file.failed || rest.failed;
    buf_release(&file);
    buf_release(&rest);
}

static void add_packages(struct project *project) {
    struct crates crates;
    buf_init(&crates.text);
    buf_add_str(&crates.text, "\n"); /* so that each line begins after one */
    crates.locked = file_read("Cargo.lock", &crates.text);
    if (!crates.locked)
        (void)file_read("Cargo.toml", &crates.text); /* it is there: see init_targets */
    const struct package *package;
    for (size_t i = 0; (package = package_at(i)) != NULL; i++)
        if (has_crate(&crates, package->crate) &&
            (package->unless == NULL || !has_crate(&crates, package->unless)))
            add_package(project, package);
    project->failed = project->failed || crates.text.failed;
    buf_release(&crates.text);
}

/* What the crates of the project and its toolchain file need in the images. */
static void find_setup(struct project *project) {
    buf_add_str(&project->musl_setup, "apk add --no-cache musl-dev");
    add_packages(project);
    if (project->channel.len > 0 && !project->is_version)
        add_rustup(project, "rustup toolchain install ", project->channel.data);
    add_rustup_list(project, "rustup component add", "components");
    add_rustup_list(project, "rustup target add", "targets");
}

/* Whether there are several programs, and `cargo run` does not know which. */
static bool has_programs(void) {
    size_t count = project_exists("src/main.rs");
    DIR *programs = opendir("src/bin");
    struct dirent *entry;
    while (programs != NULL && (entry = readdir(programs)) != NULL)
        count += entry->d_name[0] != '.';
    if (programs != NULL)
        closedir(programs);
    struct buf text;
    buf_init(&text);
    if (file_read("Cargo.toml", &text))
        for (const char *at = text.data; (at = strstr(at, "[[bin]]")) != NULL; at++)
            count++;
    buf_release(&text);
    return count > 1 && !project_file_has("Cargo.toml", "default-run");
}

void project_look(struct project *project) {
    *project = (struct project){.workspace = project_file_has("Cargo.toml", "[workspace]")};
    buf_init(&project->channel);
    buf_init(&project->packages);
    buf_init(&project->glibc_setup);
    buf_init(&project->musl_setup);
    project->programs = !project->workspace && has_programs();
    project->ssh = project_file_has("Cargo.toml", "\"ssh://") ||
                   project_file_has("Cargo.toml", "\"git@") ||
                   project_file_has("Cargo.lock", "\"git+ssh://");
    project->library = !project->workspace && !project_exists("src/main.rs") &&
                       !project_exists("src/bin") && !project_file_has("Cargo.toml", "[[bin]]");
    find_toolchain(project);
    find_setup(project);
}

bool project_failed(const struct project *project) {
    return project->failed || project->channel.failed || project->packages.failed ||
           project->glibc_setup.failed || project->musl_setup.failed;
}

void project_release(struct project *project) {
    buf_release(&project->channel);
    buf_release(&project->packages);
    buf_release(&project->glibc_setup);
    buf_release(&project->musl_setup);
}
