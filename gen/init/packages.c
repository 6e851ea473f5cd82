#include "packages.h"

#include <string.h>

#include "file.h"
#include "project.h"

static const struct package {
    const char *crate;  /* as it is called in Cargo.lock */
    const char *users;  /* crates that depend on it, for projects without a Cargo.lock */
    const char *unless; /* another crate, with which this one needs nothing; or NULL */
    const char *apt;    /* Debian's tools, separated by spaces; empty if the image has them */
    const char *lib;    /* Debian's library */
    const char *apk;    /* Alpine's */
    bool has;           /* the image has lib, for its own processor */
    bool shared;        /* Alpine has no static library */
} packages[] = {
    {"openssl-sys", "openssl native-tls git2", "openssl-src", "", "libssl-dev",
     "pkgconf openssl-dev openssl-libs-static", true, false},
    {"openssl-src", "", NULL, "", "", "perl make linux-headers", false, false},
    {"libz-sys", "git2", NULL, "", "zlib1g-dev", "pkgconf zlib-dev zlib-static", true, false},
    {"libsqlite3-sys", "rusqlite", NULL, "", "libsqlite3-dev", "pkgconf sqlite-dev sqlite-static",
     true, false},
    {"bindgen", "", NULL, "libclang-dev", "", "clang-dev", false, false},
    {"prost-build", "tonic-build", NULL, "protobuf-compiler", "", "protoc protobuf-dev", false,
     false},
    {"cmake", "", NULL, "cmake", "", "cmake make g++", false, false},
    {"fuser", "", NULL, "", "libfuse3-dev", "pkgconf fuse3-dev fuse3-static", false, false},
    {"fuse-sys", "fuse", NULL, "", "libfuse-dev", "pkgconf fuse-dev fuse-static", false, false},
    {"libdbus-sys", "dbus", NULL, "", "libdbus-1-dev", "pkgconf dbus-dev", false, true},
    {"libudev-sys", "udev libudev tokio-udev", NULL, "", "libudev-dev", "pkgconf eudev-dev", false,
     true},
    {"alsa-sys", "alsa cpal rodio", NULL, "", "libasound2-dev", "pkgconf alsa-lib-dev", false,
     true},
    {"sdl2-sys", "sdl2", NULL, "", "libsdl2-dev", "pkgconf pc:sdl2", false, true},
    {"yeslogic-fontconfig-sys", "fontconfig", NULL, "", "libfontconfig-dev",
     "pkgconf fontconfig-dev fontconfig-static freetype-static expat-static libpng-static "
     "brotli-static bzip2-static zlib-static",
     false, false},
    {"hidapi", "", NULL, "", "libudev-dev", "pkgconf eudev-dev linux-headers", false, true},
    {"libseccomp-sys", "libseccomp", NULL, "", "libseccomp-dev",
     "pkgconf libseccomp-dev libseccomp-static", false, false},
    {"capnpc", "", NULL, "capnproto", "", "capnproto", false, false},
    {"link-cplusplus", "cxx", NULL, "", "", "g++", false, false},
    {"librocksdb-sys", "rocksdb", NULL, "", "", "g++ linux-headers", false, false},
    {"tikv-jemalloc-sys", "tikv-jemallocator jemallocator", NULL, "", "", "make", false, false},
    {"vergen", "", NULL, "", "", "git", false, false},
    {"vergen-gitcl", "", NULL, "", "", "git", false, false},
    {"git-version", "", NULL, "", "", "git", false, false},
};

enum { COUNT = sizeof packages / sizeof *packages };

/* ---- Which crates there are ---- */

/* Whether TEXT, words between spaces or lines, has the word of LEN bytes. */
static bool has_word(const char *text, const char *word, size_t len) {
    for (size_t next; *(text += strspn(text, " \n")) != '\0'; text += next) {
        next = strcspn(text, " \n");
        if (next == len && memcmp(text, word, len) == 0)
            return true;
    }
    return false;
}

/* Whether the project has the crate NAME.  Without a lock file, only what it depends on itself is
 * known: the crate, one that is known to use it, or the one that it is the -sys of. */
static bool has_crate(const struct project *project, const char *name, const char *users) {
    const char *crates = project->crates.data;
    size_t len = strlen(name);
    if (project->locked) {
        const struct toml_item *item = NULL;
        while ((item = toml_next(&project->lock, "package.[].name", item)) != NULL)
            if (strcmp(item->text, name) == 0)
                return true;
        return false;
    }
    for (size_t user; *(users += strspn(users, " ")) != '\0'; users += user) {
        user = strcspn(users, " ");
        if (has_word(crates, users, user))
            return true;
    }
    return has_word(crates, name, len) ||
           (len > 4 && strcmp(name + len - 4, "-sys") == 0 && has_word(crates, name, len - 4));
}

/* Adds the dependency NAME, and what its feature `vendored` uses. */
static void add_crate(struct project *project, const struct toml *toml,
                      const struct toml_item *item) {
    buf_add_str(&project->crates, toml_key(item));
    buf_add_str(&project->crates, "\n");
    for (const struct toml_item *part = item + 1;
         part < toml->items + toml->count && toml_is_in(item, part); part++)
        if (strcmp(part->text, "vendored") == 0)
            buf_add_str(&project->crates, "openssl-src\n");
}

void packages_gather(struct project *project, const struct toml *toml) {
    static const char *const patterns[] = {
        "dependencies.*",          "build-dependencies.*",          "dev-dependencies.*",
        "target.*.dependencies.*", "target.*.build-dependencies.*", "workspace.dependencies.*"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        for (const struct toml_item *item = NULL;
             (item = toml_next(toml, patterns[i], item)) != NULL;)
            add_crate(project, toml, item);
}

/* ---- What they need ---- */

/* Whether a feature of Cargo.toml turns `vendored` on, so that a default build may be without. */
static bool may_be_vendored(const struct toml *toml) {
    const struct toml_item *item = NULL;
    while ((item = toml_next(toml, "features.*.[]", item)) != NULL)
        if (strstr(item->text, "/vendored") != NULL)
            return true;
    return false;
}

static bool is_needed(const struct project *project, const struct package *package) {
    if (!has_crate(project, package->crate, package->users))
        return false;
    return package->unless == NULL || !has_crate(project, package->unless, "") ||
           may_be_vendored(&project->manifest);
}

static void add_package(struct project *project, const struct package *package) {
    const char *debian = package->has ? "" : package->lib;
    plan_add_packages(&project->plan, package->apt, package->lib, package->has, package->apk);
    notes_comment(&project->notes,
                  package->apt[0] != '\0' || debian[0] != '\0'
                      ? "%s needs %s (Alpine), %s%s (Debian)"
                      : "%s needs %s (Alpine)",
                  package->crate, package->apk, package->apt, debian);
}

/* Whether a line of the build script in DIRECTORY runs git. */
static bool runs_git(struct project *project) {
    struct buf path, text;
    buf_init(&path);
    buf_init(&text);
    buf_add_str(&path, project->directory.data);
    buf_add_str(&path, "build.rs");
    bool runs = file_read(path.data, &text) && strstr(text.data, "Command::new(\"git\")") != NULL;
    project->failed = project->failed || path.failed || text.failed;
    buf_release(&path);
    buf_release(&text);
    return runs;
}

/* Links musl's programs with shared libraries, where those are all that there is. */
static void link_shared(struct project *project, const char *crates) {
    notes_say(&project->notes, "targets.ini", 0,
              "Alpine has only shared libraries for %s, so the musl programs are not static "
              "(RUSTFLAGS), and need these libraries to run",
              crates);
    for (size_t i = 0; i < PLAN_COUNT; i++)
        if (project->plan.targets[i].row->alpine)
            plan_add_env(&project->plan.targets[i], "RUSTFLAGS=-Ctarget-feature=-crt-static");
}

void packages_find(struct project *project) {
    struct buf shared;
    buf_init(&shared);
    for (size_t i = 0; i < COUNT; i++) {
        if (!is_needed(project, &packages[i]))
            continue;
        add_package(project, &packages[i]);
        if (packages[i].shared) {
            buf_add_str(&shared, shared.len > 0 ? ", " : "");
            buf_add_str(&shared, packages[i].crate);
        }
    }
    if (runs_git(project)) {
        notes_comment(&project->notes, "build.rs needs git (Alpine)");
        plan_add_packages(&project->plan, "", "", false, "git");
    }
    if (has_crate(project, "bindgen", ""))
        notes_say(&project->notes, "targets.ini", 0,
                  "bindgen loads libclang, which build scripts in rust:alpine cannot; if the musl "
                  "targets fail, enable bindgen's feature static, or remove them");
    if (shared.len > 0)
        link_shared(project, shared.data);
    project->failed = project->failed || shared.failed;
    buf_release(&shared);
}
