# Bars of ratios from `data`, which report.py has written, into `output`.
set terminal svg size 860, 900 font "sans,11" background "white"
set output output
set style fill solid 0.8 noborder
set boxwidth 0.7
set logscale x
set grid x
set yrange [-1:*] reverse
set xlabel "time, as a multiple of the first of each group"
unset key
set bmargin 4
set lmargin 46
plot data using (0.5 * $2):0:(0.5 * $2):(0.35):ytic(1) with boxxyerror linecolor rgb "#2c6fbb"
