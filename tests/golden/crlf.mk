[crlf]
description 'written on another system'
triple      a-b
image       i
platform    ''
cache       crlf
aliases    
setup       'one && two'
env        
cargo_args  --locked
user        ''
ssh         ''
x-note      
target_dir  target/a-b
image_tag   crlf-453db96411058074

caches      crlf
