[nasty]
description 'it'\''s "quoted" `id` $$(id) $${HOME} $$$$ $$'
triple      a.b_c-d
image       localhost/a__b/c---d:_.-
platform    ''
cache       0._-
aliases     0 a. a- a_
packages    ''
target_pack ''
setup       'printf '\''%s\n'\'' "$$HOME" '\''a'\''\'\'''\''b'\'' # no comment; no comment;; x=`date` | cat >&2 && echo ~ * ? [a] {b} !c ^d <e \'
env         'A='\''x'\''' 'B=$$y' 'C=`z`' 'D=#w' E=%v 'F=a;b' 'G==\' 'H="'
cargo_args  --config ''\''a="b"'\''' --- '$$(x)' '\'
user        ''
ssh         ''
cross       ''
compiler    '' ''
triple_     A_B_C_D a_b_c_d
expect      ''
glibc       ''
glibc_max   ''
hermetic    ''
target_in   ''
mirror      ''
sccache     ''
registry    ''
settings    'A='\''x'\''' 'B=$$y' 'C=`z`' 'D=#w' E=%v 'F=a;b' 'G==\' 'H="'
x-note      'define endef $$(error x) \'
target_dir  target/a.b_c-d
image_tag   nasty-16995160ac1fce06

caches      0._-
