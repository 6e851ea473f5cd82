[long]
description 'a value of many lines'
triple      a-b
image       i
platform    ''
cache       long
aliases    
packages    ''
target_pack ''
setup       'printf "%s" "line 0 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 1 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 2 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 3 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 4 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 5 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 6 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 7 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 8 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 9 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 10 of a long command, which is cut nowhere" >>/etc/motd && printf "%s" "line 11 of a long command, which is cut nowhere" >>/etc/motd && true'
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
image_tag   long-42af35f3d1aa457e

caches      long
