"""report.py RESULTS MARKDOWN PLOT: what was measured as tables for people, and as data for plot.gp."""
import datetime
import os
import subprocess
import sys

# What stands before the first table whose title begins like this.
NOTES = {
    "generation": "The same template with the same values, rendered by cachemk from `targets.ini`, and by three other\n"
                  "programs from JSON.",
    "make -n": "What make takes to read the rules and show one of them. By hand, a rule is one line of `docker run`.",
    "the first build": "A project with twelve small crates, from a registry on the same machine, so that the network costs\n"
                       "next to nothing. Its image needs one package that the base image lacks. *docker run* is what our rule\n"
                       "runs in the end, typed by hand in the prepared image; *that installs* runs `apt-get install` each time;\n"
                       "the Dockerfile has it in a layer, cache mounts for the registry and `target/`, and copies the binary out.\n"
                       "The prepared image and that layer are there already; crates are compiled with opt-level 0.",
    "a fresh checkout": "`target/` is gone, what cargo has downloaded is there. For BuildKit nothing has changed then: it copies\n"
                        "out what it has built before.",
    "four targets": "From empty target folders, with caches that are filled, on as many cores as are named above.",
    "hello": "One small program, without dependencies.",
}


def first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.split("\n")[0]
    except FileNotFoundError:
        return "none"


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")


def read_groups(path):
    groups = {}
    with open(path) as file:
        for line in file:
            group, name, unit, value = line.rstrip("\n").split("|")
            groups.setdefault((group, unit), []).append((name, float(value)))
    return groups


def head():
    return ("# Benchmarks\n\nWhat `make bench` has written on "
            f"{datetime.date.today()}: medians, measured with hyperfine side by side in one run. The ratio is to\n"
            "the first line of each table; what counts is the ratio, since times are this machine's.\n\n"
            f"{os.cpu_count()} cores ({processor()}), Linux {os.uname().release.split('-')[0]}; {versions()}.\n\n"
            "![Ratios](benchmarks.svg)\n")


def versions():
    return ";\n".join((
        first_line("make", "--version") + "; " + first_line("gcc", "--version"),
        "docker's engine " + first_line("docker", "version", "--format", "{{.Server.Version}}") + "; "
        + first_line("hyperfine", "--version"),
        "jinja2 " + first_line("python3", "-c", "import jinja2; print(jinja2.__version__)")
        + ", ruby-mustache " + first_line("dpkg-query", "--show", "--showformat=${Version}", "ruby-mustache")
        + ", mustache.js in node " + first_line("node", "--version")))


def table(group, unit, rows):
    lines = [f"\n## {group[0].upper()}{group[1:]}{', memory' if unit == 'MiB' else ''}\n"]
    lines += [NOTES.pop(start) + "\n" for start in list(NOTES) if group.startswith(start)]
    lines += [f"| | {unit} | ratio |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {value:.{0 if value >= 100 else 1}f} | {value / rows[0][1]:.2f} |" for name, value in rows]
    return "\n".join(lines) + "\n"


def main(results, markdown, plot):
    groups = read_groups(results)
    with open(markdown, "w") as out:
        out.write(head())
        for (group, unit), rows in groups.items():
            out.write(table(group, unit, rows))
    with open(plot, "w") as out:
        out.writelines(bars(groups))


def is_ours(name):
    return name in ("cachemk", "the generated cache.mk", "make build-TARGET")


def bars(groups):
    """Lines of a row, a label, a ratio and a colour; an empty row between groups."""
    row = 0
    for (group, unit), rows in groups.items():
        if unit != "ms":
            continue
        for name, value in rows:
            yield f'{row} "{group}: {name}" {value / rows[0][1]:.3f} {0x1f4e8c if is_ours(name) else 0x9bbbe0}\n'
            row += 1
        row += 1


main(*sys.argv[1:])
