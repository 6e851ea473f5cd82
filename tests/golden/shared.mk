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
x-note      
target_dir  target/x86_64-unknown-linux-gnu
image_tag   zulu-b5c8959bfe507ec5

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
x-note      
target_dir  target/x86_64-unknown-linux-gnu@alpha
image_tag   alpha-b5c8959bfe507ec5

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
x-note      
target_dir  target/x86_64-unknown-linux-gnu@mike
image_tag   mike-b5c8959bfe507ec5

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
x-note      
target_dir  target/x86_64-unknown-linux-musl
image_tag   other-6dee38dbe13117f0

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
x-note      
target_dir  target/x86_64-unknown-linux-musl@last
image_tag   last-6dee38dbe13117f0

caches      shared mike
