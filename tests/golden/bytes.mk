[bytes]
description 'café 漢字 🦀 �( �'
triple      a-b
image       i
platform    ''
cache       bytes
aliases    
setup       'a	b		c  d'
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
x-note      '[31m  end'
target_dir  target/a-b
image_tag   bytes-8b4c0f9cf1ca334d

caches      bytes
