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
cross       ''
expect      ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings   
x-note      
target_dir  target/x86_64-unknown-linux-gnu
image_tag   t-b3d2c31e18d6fc8d

caches      t
