# Draws `data`, which report.py has written, as bars in groups of a scale each, into `output`; `rows` is
# the last row.  Readable at a width of 600 pixels.
set terminal svg size 640, (rows + 2) * 25 font "sans-serif,15" background "white"
set output output
set style fill solid 1.0 noborder
set lmargin 1
set rmargin 1
set tmargin 0
set bmargin 0
set xrange [-0.62:1.22]
set yrange [rows + 1:-1]
unset border
unset tics
unset key
heading(color, text) = color == 0 ? text : ""
label(color, text) = color == 0 ? "" : text
plot data using 3:1:(0):3:($1 - 0.36):($1 + 0.36):5 with boxxyerror linecolor rgb variable, \
  data using (-0.61):1:(heading($5, strcol(2))) with labels left font "sans-serif bold,15", \
  data using (-0.02):1:(label($5, strcol(2))) with labels right, \
  data using ($3 + 0.015):1:(label($5, strcol(4))) with labels left
