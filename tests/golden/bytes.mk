[bytes]
description 'café 漢字 🦀 �( �'
triple      a-b
image       i
platform    ''
cache       bytes
aliases    
packages    ''
target_pack ''
setup       'a	b		c  d'
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
x-note      '[31m  end'
target_dir  target/a-b
image_tag   bytes-c1634eb23c73a807

caches      bytes
