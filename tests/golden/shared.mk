[zulu]
description 'the first of its triple and cache'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       shared
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
image_tag   zulu-b3d2c31e18d6fc8d

[alpha]
description 'the second of both'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       shared
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
target_dir  target/x86_64-unknown-linux-gnu@alpha
image_tag   alpha-b3d2c31e18d6fc8d

[mike]
description 'the third of the triple, a cache of its own'
triple      x86_64-unknown-linux-gnu
image       rust
platform    ''
cache       mike
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
target_dir  target/x86_64-unknown-linux-gnu@mike
image_tag   mike-b3d2c31e18d6fc8d

[other]
description 'another triple, the cache of mike'
triple      x86_64-unknown-linux-musl
image       rust
platform    ''
cache       mike
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
target_dir  target/x86_64-unknown-linux-musl
image_tag   other-20a37647c8f6a570

[last]
description 'the second of that triple, the shared cache'
triple      x86_64-unknown-linux-musl
image       rust
platform    ''
cache       shared
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
target_dir  target/x86_64-unknown-linux-musl@last
image_tag   last-20a37647c8f6a570

caches      shared mike
