#include "packages.h"

static const struct package packages[] = {
    {"openssl-sys", "openssl-src", "", "pkgconf openssl-dev openssl-libs-static"},
    {"openssl-src", NULL, "", "perl make linux-headers"},
    {"libz-sys", NULL, "", "pkgconf zlib-dev zlib-static"},
    {"libsqlite3-sys", NULL, "", "pkgconf sqlite-dev sqlite-static"},
    {"bindgen", NULL, "libclang-dev", "clang-dev"},
    {"prost-build", NULL, "protobuf-compiler", "protoc protobuf-dev"},
    {"cmake", NULL, "cmake", "cmake make g++"},
    {"fuser", NULL, "libfuse3-dev", "pkgconf fuse3-dev fuse3-static"},
    {"libdbus-sys", NULL, "libdbus-1-dev", "pkgconf dbus-dev"},
    {"libudev-sys", NULL, "libudev-dev", "pkgconf eudev-dev"},
    {"alsa-sys", NULL, "libasound2-dev", "pkgconf alsa-lib-dev"},
    {"sdl2-sys", NULL, "libsdl2-dev", "sdl2-dev"},
    {"yeslogic-fontconfig-sys", NULL, "libfontconfig-dev", "pkgconf fontconfig-dev"},
};

const struct package *package_at(size_t index) {
    return index < sizeof packages / sizeof *packages ? &packages[index] : NULL;
}
