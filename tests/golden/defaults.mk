[first]
description 'takes what stands further down'
triple      aarch64-unknown-linux-musl
image       rust:alpine
platform    linux/arm64
cache       first
aliases    
setup       'apk add --no-cache musl-dev'
env         CI
cargo_args  --locked
user        ''
ssh         ''
cross       ''
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      'for all'
target_dir  target/aarch64-unknown-linux-musl
image_tag   first-87c01ff952c599dc

[second]
description 'has its own'
triple      x86_64-unknown-linux-musl
image       rust:1-alpine
platform    linux/amd64
cache       own
aliases    
setup       'apk add --no-cache musl-dev'
env         CI OWN
cargo_args  --locked
user        ''
ssh         ''
cross       ''
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      'for one'
target_dir  target/x86_64-unknown-linux-musl
image_tag   second-e016daf2ba95d728

[third]
description 'sets all to nothing'
triple      aarch64-unknown-linux-musl
image       rust:alpine
platform    ''
cache       third
aliases    
setup       ''
env        
cargo_args 
user        ''
ssh         ''
cross       ''
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      ''
target_dir  target/aarch64-unknown-linux-musl@third
image_tag   third-c90b7e77883e5cd9

caches      first own third
