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
x-note      
target_dir  target/a-b
image_tag   bom-9b9d02bb33b64420

caches      bom
