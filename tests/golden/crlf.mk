[crlf]
description 'written on another system'
triple      a-b
image       i
platform    ''
cache       crlf
aliases    
packages    ''
target_pack ''
setup       'one && two'
env        
cargo_args  --locked
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
image_tag   crlf-ed4b6e0132f696cc

caches      crlf
