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
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings    CC_armv7_unknown_linux_gnueabihf=my-cc
x-note      
target_dir  target/armv7-unknown-linux-gnueabihf
image_tag   glibc-f2059ae3cda4877b

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
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      
target_dir  target/x86_64-unknown-linux-musl
image_tag   musl-f669979329d6242c

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
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      
target_dir  target/thumbv7m-none-eabi
image_tag   unknown-5ca54cc5fc48ee53

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
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      
target_dir  target/aarch64-unknown-linux-gnu
image_tag   emulated-39be432db1af3bb4

[older]
description d
triple      i686-unknown-linux-gnu
image       rust
platform    ''
cache       older
aliases    
packages    ''
target_pack ''
setup       ''
env        
cargo_args 
user        ''
ssh         ''
cross       yes
compiler    zig-i686-linux-gnu 'i386 x86 i386'
triple_     I686_UNKNOWN_LINUX_GNU i686_unknown_linux_gnu
expect      ''
glibc       2.17
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      
target_dir  target/i686-unknown-linux-gnu
image_tag   older-f302f86bb1457a73

[native]
description d
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       native
aliases    
packages    ''
target_pack ''
setup       ''
env        
cargo_args 
user        ''
ssh         ''
cross       ''
compiler    zig-x86_64-linux-gnu 'amd64 x86_64 x86_64'
triple_     X86_64_UNKNOWN_LINUX_GNU x86_64_unknown_linux_gnu
expect      ''
glibc       2.17
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      
target_dir  target/x86_64-unknown-linux-gnu
image_tag   native-bfa93793919dd9ae

caches      glibc musl unknown emulated older native
