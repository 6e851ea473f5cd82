[linux-x64]
description d
triple      a-b
image       rust
platform    ''
cache       linux-x64
aliases    
packages    ''
target_pack ''
setup       0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
env        
cargo_args 
user        ''
ssh         ''
cross       ''
compiler    '' ''
triple_     A_B a_b
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
target_dir  target/a-b
image_tag   linux-x64-048582bf3f772261

caches      linux-x64
