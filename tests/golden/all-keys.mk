[linux-arm]
description 'Linux ARM v7 (Raspberry Pi)'
triple      armv7-unknown-linux-musleabihf
image       registry.example.com:5000/tools/rust:1.85-alpine@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
platform    linux/arm/v7
cache       Arm_v7.cache
aliases     pi pi-2.old raspberry_pi
packages    'libssl-dev g++ libz1=1:1.3~rc'
target_pack zlib1g-dev
setup       'apk add --no-cache musl-dev && apk add --no-cache git && [ -x /usr/bin/git ]'
env         GITHUB_TOKEN RUST_LOG=debug EMPTY=
cargo_args  --features tls,json --locked
user        root
ssh         agent
cross       ''
compiler    '' ''
triple_     ARMV7_UNKNOWN_LINUX_MUSLEABIHF armv7_unknown_linux_musleabihf
expect      static
glibc       ''
glibc_max   2.31
hermetic    yes
target_in   volume
mirror      sparse+https://crates.example.com/index/
sccache     s3://bucket/prefix
registry    registry.example.com:5000/team/project
settings    RUST_LOG=debug EMPTY=
x-note      'for the template alone'
target_dir  target/armv7-unknown-linux-musleabihf
image_tag   linux-arm-5399a4ec45bff5be

caches      Arm_v7.cache
