[glibc]
description d
triple      armv7-unknown-linux-gnueabihf
image       rust
platform    ''
cache       glibc
aliases    
packages    ''
target_pack ''
setup       ''
env         CC_armv7_unknown_linux_gnueabihf=my-cc
cargo_args 
user        ''
ssh         ''
cross       yes
compiler    arm-linux-gnueabihf 'armhf armv7 arm'
triple_     ARMV7_UNKNOWN_LINUX_GNUEABIHF armv7_unknown_linux_gnueabihf
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
settings    CC_armv7_unknown_linux_gnueabihf=my-cc
x-note      
target_dir  target/armv7-unknown-linux-gnueabihf
image_tag   glibc-0dcce48d4eedfac5

[musl]
description d
triple      x86_64-unknown-linux-musl
image       rust
platform    ''
cache       musl
aliases    
packages    ''
target_pack zlib-dev
setup       ''
env        
cargo_args 
user        ''
ssh         ''
cross       yes
compiler    x86_64-linux-musl 'amd64 x86_64 x86_64'
triple_     X86_64_UNKNOWN_LINUX_MUSL x86_64_unknown_linux_musl
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
settings   
x-note      
target_dir  target/x86_64-unknown-linux-musl
image_tag   musl-f76ea97090da7e68

[unknown]
description d
triple      thumbv7m-none-eabi
image       rust
platform    ''
cache       unknown
aliases    
packages    ''
target_pack ''
setup       ''
env        
cargo_args 
user        ''
ssh         ''
cross       yes
compiler    '' ''
triple_     THUMBV7M_NONE_EABI thumbv7m_none_eabi
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
settings   
x-note      
target_dir  target/thumbv7m-none-eabi
image_tag   unknown-ccb6562b6a82d0e1

[emulated]
description d
triple      aarch64-unknown-linux-gnu
image       rust
platform    ''
cache       emulated
aliases    
packages    'libssl-dev git'
target_pack ''
setup       ''
env        
cargo_args 
user        ''
ssh         ''
cross       ''
compiler    '' ''
triple_     AARCH64_UNKNOWN_LINUX_GNU aarch64_unknown_linux_gnu
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
settings   
x-note      
target_dir  target/aarch64-unknown-linux-gnu
image_tag   emulated-3e90f1bec7e9737c

caches      glibc musl unknown emulated
