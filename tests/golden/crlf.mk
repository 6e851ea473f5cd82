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
image_tag   crlf-f798c6299bb06e94

caches      crlf
