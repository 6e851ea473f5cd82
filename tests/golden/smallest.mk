[t]
description 'The smallest target'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       t
aliases    
setup       ''
env        
cargo_args 
user        ''
ssh         ''
x-note      
target_dir  target/x86_64-unknown-linux-gnu
image_tag   t-b5c8959bfe507ec5

caches      t
