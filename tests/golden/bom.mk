[bom]
description d
triple      a-b
image       no-newline-behind
platform    ''
cache       bom
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
target_dir  target/a-b
image_tag   bom-968c96426ed94920

caches      bom
