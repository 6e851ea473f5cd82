[linux-x64]
description d
triple      a-b
image       rust
platform    ''
cache       linux-x64
aliases    
setup       0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
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
target_dir  target/a-b
image_tag   linux-x64-b69d5846ae1aac73

caches      linux-x64
