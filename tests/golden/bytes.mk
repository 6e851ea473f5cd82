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
x-note      '[31m  end'
target_dir  target/a-b
image_tag   bytes-310c5ca078859785

caches      bytes
