[none]
description Without
triple      x86_64-unknown-linux-gnu
image       rust:latest
platform    ''
cache       none
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
triple_     X86_64_UNKNOWN_LINUX_GNU x86_64_unknown_linux_gnu
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
target_dir  target/x86_64-unknown-linux-gnu
image_tag   none-ffdbe55fdcb1d1da

[volume]
description 'In a volume'
triple      x86_64-unknown-linux-gnu
image       rust:latest
platform    ''
cache       volume
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
triple_     X86_64_UNKNOWN_LINUX_GNU x86_64_unknown_linux_gnu
expect      ''
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     volume
registry    ''
settings   
x-note      
target_dir  target/x86_64-unknown-linux-gnu@volume
image_tag   volume-ffdbe55fdcb1d1da

[github]
description 'In GitHub'\''s own cache'
triple      x86_64-unknown-linux-gnu
image       rust:latest
platform    ''
cache       github
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
triple_     X86_64_UNKNOWN_LINUX_GNU x86_64_unknown_linux_gnu
expect      ''
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     gha
registry    ''
settings   
x-note      
target_dir  target/x86_64-unknown-linux-gnu@github
image_tag   github-ffdbe55fdcb1d1da

caches      none volume github
