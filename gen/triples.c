#include "triples.h"

#include <string.h>

static const struct triple triples[] = {
    {"x86_64-unknown-linux-gnu", "x86_64-linux-gnu", "amd64 x86_64 x86_64", true},
    {"aarch64-unknown-linux-gnu", "aarch64-linux-gnu", "arm64 aarch64 aarch64", true},
    {"armv7-unknown-linux-gnueabihf", "arm-linux-gnueabihf", "armhf armv7 arm", true},
    {"i686-unknown-linux-gnu", "i686-linux-gnu", "i386 x86 i386", true},
    {"riscv64gc-unknown-linux-gnu", "riscv64-linux-gnu", "riscv64 riscv64 riscv64", true},
    {"s390x-unknown-linux-gnu", "s390x-linux-gnu", "s390x s390x s390x", true},
    {"powerpc64le-unknown-linux-gnu", "powerpc64le-linux-gnu", "ppc64el ppc64le ppc64le", true},
    {"x86_64-unknown-linux-musl", "x86_64-linux-musl", "amd64 x86_64 x86_64", true},
    {"aarch64-unknown-linux-musl", "aarch64-linux-musl", "arm64 aarch64 aarch64", true},
    {"armv7-unknown-linux-musleabihf", "arm-linux-musleabihf", "armhf armv7 arm", false},
    {"i686-unknown-linux-musl", "i686-linux-musl", "i386 x86 i386", false},
    {"riscv64gc-unknown-linux-musl", "riscv64-linux-musl", "riscv64 riscv64 riscv64", false},
    {"s390x-unknown-linux-musl", "s390x-linux-musl", "s390x s390x s390x", false},
    {"powerpc64le-unknown-linux-musl", "powerpc64le-linux-musl", "ppc64el ppc64le ppc64le", false},
};

enum { COUNT = sizeof triples / sizeof *triples };

const struct triple *triple_find(const char *name) {
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(triples[i].name, name) == 0)
            return &triples[i];
    return NULL;
}

bool triple_has_glibc(const char *name) {
    const struct triple *t = triple_find(name);
    return t != NULL && strstr(t->compiler, "-gnu") != NULL;
}

/* ---- The list ---- */

static void add_row(struct buf *out, const struct triple *t) {
    int debian = (int)strcspn(t->processor, " "), width = 27 - (int)strlen(t->compiler);
    buf_add_format(out, "%-31s%s%-*s%-8.*s%-8s%s\n", t->name, t->compiler, width, "-gcc", debian,
                   t->processor, strrchr(t->processor, ' ') + 1, t->tested ? "yes" : "no");
}

void triples_list(struct buf *out) {
    buf_add_str(out, "TRIPLE                         COMPILER                   "
                     "DEBIAN  QEMU    TESTED\n");
    for (size_t i = 0; i < COUNT; i++)
        add_row(out, &triples[i]);
    buf_add_str(out, "\n"
                     "cross = yes installs what the image lacks of these:\n"
                     "  Debian, glibc  g++-aarch64-linux-gnu, and so on\n"
                     "  Debian, musl   gcc-aarch64-linux-gnu, musl-dev:arm64, and so on\n"
                     "  Alpine, musl   clang, lld, llvm, and the target's musl-dev; not tested\n"
                     "  Rust           rustup target add TRIPLE; for s390x-unknown-linux-musl,\n"
                     "                 rustup has nothing: use nightly and -Zbuild-std\n"
                     "run- and test- use qemu-QEMU if the image has it (packages = qemu-user on\n"
                     "Debian), and otherwise the engine's emulation.\n");
}
