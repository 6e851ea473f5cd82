# Bars from 1 to each ratio from `data`, which report.py has written, into `output`.
set terminal svg size 860, 1050 font "sans,11" background "white"
set output output
set style fill solid 0.8 noborder
set logscale x
set grid x
set xrange [0.15:250]
set yrange [rows:-1]
set xlabel "time, as a multiple of the first of each group; ours is dark"
set arrow from 1, graph 0 to 1, graph 1 nohead linecolor rgb "#444444"
unset key
set tics out nomirror
set lmargin 46
low(x) = x < 1 ? x : 1
high(x) = x > 1 ? x : 1
plot data using 3:1:(low($3)):(high($3)):($1 - 0.4):($1 + 0.4):4:ytic(2) with boxxyerror linecolor rgb variable, \
  data using (high($3)):1:(sprintf("%.2f", $3)) with labels left offset 0.5, 0
