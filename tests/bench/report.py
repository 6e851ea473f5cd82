"""report.py RESULTS MARKDOWN PLOT: what was measured as tables for people, and as data for plot.gp."""
import datetime
import os
import subprocess
import sys

results, markdown, plot = sys.argv[1:]
groups = {}
with open(results) as file:
    for line in file:
        group, name, unit, value = line.rstrip("\n").split("|")
        groups.setdefault((group, unit), []).append((name, float(value)))


def first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.split("\n")[0]
    except FileNotFoundError:
        return "none"


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")


with open(markdown, "w") as out:
    out.write("# Benchmarks\n\nWhat `make bench` has written on "
              f"{datetime.date.today()}: medians, measured with hyperfine side by side in one run. The ratio is to\n"
              "the first line of each table; what counts is the ratio, since times are this machine's.\n\n"
              f"{os.cpu_count()} cores ({processor()}), Linux {os.uname().release}; "
              f"{first_line('make', '--version')}; engine "
              f"{first_line('docker', 'version', '--format', '{{.Server.Version}}')}; "
              f"{first_line('gcc', '--version')}.\n\n![Ratios](benchmarks.svg)\n")
    for (group, unit), rows in groups.items():
        out.write(f"\n## {group[0].upper()}{group[1:]}{', memory' if unit == 'MiB' else ''}\n\n")
        out.write(f"| | {unit} | ratio |\n| --- | ---: | ---: |\n")
        for name, value in rows:
            out.write(f"| {name} | {value:.{0 if value >= 100 else 1}f} | {value / rows[0][1]:.2f} |\n")

with open(plot, "w") as out:
    for (group, unit), rows in groups.items():
        if unit == "ms":
            for name, value in rows:
                out.write(f'"{group}: {name}" {value / rows[0][1]:.3f}\n')
