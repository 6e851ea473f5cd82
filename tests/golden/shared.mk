[zulu]
description 'the first of its triple and cache'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       shared
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
image_tag   zulu-d27760ed921e77ef

[alpha]
description 'the second of both'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       shared
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
target_dir  target/x86_64-unknown-linux-gnu@alpha
image_tag   alpha-d27760ed921e77ef

[mike]
description 'the third of the triple, a cache of its own'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       mike
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
target_dir  target/x86_64-unknown-linux-gnu@mike
image_tag   mike-d27760ed921e77ef

[other]
description 'another triple, the cache of mike'
triple      x86_64-unknown-linux-musl
image       rust
platform    ''
cache       mike
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
triple_     X86_64_UNKNOWN_LINUX_MUSL x86_64_unknown_linux_musl
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
target_dir  target/x86_64-unknown-linux-musl
image_tag   other-16aa5a9bfa983908

[last]
description 'the second of that triple, the shared cache'
triple      x86_64-unknown-linux-musl
image       rust
platform    ''
cache       shared
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
triple_     X86_64_UNKNOWN_LINUX_MUSL x86_64_unknown_linux_musl
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
target_dir  target/x86_64-unknown-linux-musl@last
image_tag   last-16aa5a9bfa983908

caches      shared mike
