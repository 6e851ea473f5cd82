[first]
description 'takes what stands further down'
triple      aarch64-unknown-linux-musl
image       rust:alpine
platform    linux/arm64
cache       first
aliases    
packages    ''
target_pack ''
setup       'apk add --no-cache musl-dev'
env         CI
cargo_args  --locked
user        ''
ssh         ''
cross       ''
compiler    '' ''
triple_     AARCH64_UNKNOWN_LINUX_MUSL aarch64_unknown_linux_musl
expect      ''
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      'for all'
target_dir  target/aarch64-unknown-linux-musl
image_tag   first-223b8bb2bd3ca6cc

[second]
description 'has its own'
triple      x86_64-unknown-linux-musl
image       rust:1-alpine
platform    linux/amd64
cache       own
aliases    
packages    ''
target_pack ''
setup       'apk add --no-cache musl-dev'
env         CI OWN
cargo_args  --locked
user        ''
ssh         ''
cross       ''
compiler    '' ''
triple_     X86_64_UNKNOWN_LINUX_MUSL x86_64_unknown_linux_musl
expect      ''
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      'for one'
target_dir  target/x86_64-unknown-linux-musl
image_tag   second-4b09ac140ea66c50

[third]
description 'sets all to nothing'
triple      aarch64-unknown-linux-musl
image       rust:alpine
platform    ''
cache       third
aliases    
packages    ''
target_pack ''
setup       ''
env        
cargo_args 
user        ''
ssh         ''
cross       ''
compiler    '' ''
triple_     AARCH64_UNKNOWN_LINUX_MUSL aarch64_unknown_linux_musl
expect      ''
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      ''
target_dir  target/aarch64-unknown-linux-musl@third
image_tag   third-50670715c00a8acb

caches      first own third
