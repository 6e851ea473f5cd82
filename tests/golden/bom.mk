[bom]
description d
triple      a-b
image       no-newline-behind
platform    ''
cache       bom
aliases    
packages    ''
target_pack ''
setup       ''
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
image_tag   bom-753c2abfb8c1faa0

caches      bom
