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
x-note      'for all'
target_dir  target/aarch64-unknown-linux-musl
image_tag   first-736115913d37427c

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
x-note      'for one'
target_dir  target/x86_64-unknown-linux-musl
image_tag   second-7b9a6b0ea4c16ae8

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
x-note      ''
target_dir  target/aarch64-unknown-linux-musl@third
image_tag   third-d8c8ec9da4f81231

caches      first own third
