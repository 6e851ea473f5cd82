[t]
description 'The smallest target'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       t
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
triple_     X86_64_UNKNOWN_LINUX_GNU x86_64_unknown_linux_gnu
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
target_dir  target/x86_64-unknown-linux-gnu
image_tag   t-d27760ed921e77ef

caches      t
