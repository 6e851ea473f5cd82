"""report.py RESULTS MARKDOWN PLOT: what was measured as tables, and as data for plot.gp."""
import os
import subprocess
import sys

# What stands before the first table whose title begins like this.
NOTES = {
    "generation": "The same template with the same values, rendered by cachemk from `targets.ini`, and by three other\n"
                  "programs from JSON. cachemk also checks the values and writes `cache.sh`. Starting any program takes as\n"
                  "long as `true`.",
    "hello": "A small program without dependencies, on an x86-64 machine, with opt-level 0. An emulated build takes\n"
             "so long that the machine is seldom quiet until it ends, so these tables have the processor time in\n"
             "the container.",
    "make -n": "The time that make takes to read the rules and print the command of one. By hand, a rule is one line.",
    "the first build": "A project with twelve small crates, from a registry on the same machine, so that downloads take almost\n"
                       "no time; over a real network, everything without a cache takes longer. Its image needs one package that\n"
                       "the base image lacks. *docker run, volumes* is the command that the generated makefile runs, typed by\n"
                       "hand, with the prepared image; *no volumes* keeps `target/` but no downloads; *nothing kept* keeps\n"
                       "neither; *that installs* runs `apt-get install` each time. The Dockerfile installs the package in a\n"
                       "layer, has cache mounts for the registry and `target/`, and copies the binary out. The prepared image\n"
                       "and that layer exist before the first run. Crates are compiled with opt-level 0.",
    "a fresh checkout": "`target/` is gone, and cargo's downloads are still there. For BuildKit, nothing has changed: it only\n"
                        "copies out what it built before.",
    "nothing to do, with": "As above, in a network of the container's own, which an engine gives it unless it is told otherwise. The\n"
                           "builds in the other tables use the network of the machine, in which a container starts sooner. The\n"
                           "generated makefile adds some 30 to 45 ms, most of them in `docker inspect`, the only call of the engine\n"
                           "before the run; in the network of the machine, that made 1.16 times on 2026-11-27, of 24 runs in turn.",
    "a fresh checkout of wordfreq": "A program with 45 crates that is compiled as users do, with optimization, so that compiling takes most\n"
                                    "of the time. `target/` is gone, every file has a new time, and all caches are filled. This is the processor\n"
                                    "time in the container that compiles. sccache keeps libraries only: build scripts, procedural macros\n"
                                    "(`serde_derive`, `clap_derive`) and the program are compiled and linked again, 28 of 68 calls of the\n"
                                    "compiler. A volume keeps all of these, and so does a Dockerfile's cache mount. BuildKit compares the\n"
                                    "contents of files, not their times, so without an edit it starts no container, and only copies out what\n"
                                    "it built before.",
    "an edit of wordfreq on a new machine": "As on a machine of a CI service, there is only what `pull-cache-TARGET` has fetched from a registry:\n"
                                            "downloads and, with `sccache = volume`, compiled crates. Fetching is not counted. What cache mounts keep\n"
                                            "cannot be pushed anywhere.",
    "an edit of wordfreq with": "A fresh checkout, on one machine, in which one line of the program is new; and four of the crates that\n"
                                "it depends on (aho-corasick, clap, regex, regex-syntax) are in its repository, as a larger project has\n"
                                "libraries of its own. A checkout gives each file a new time, so cargo takes them for changed, with a\n"
                                "volume for `target/` and with a Dockerfile's cache mount. With both keys, sccache has what cargo would\n"
                                "compile again.",
    "four targets": "The target directories are empty, and the caches are filled. If the machine also does other work, more\n"
                    "jobs get a larger share of it, so the gain looks larger than on an idle machine. The number of cores is\n"
                    "given above.",
    "four builds": "Four checkouts of one project are built at once and share one new cache. *docker run* mounts the usual\n"
                   "two volumes, at `registry` and `git` in `CARGO_HOME`; cargo's locks are then outside them, in each\n"
                   "container. Only the part of a build that uses the cache was run: `cargo fetch --locked`. Both methods\n"
                   "took turns and used the same base image. The builds that failed reported `failed to unpack package`,\n"
                   "`File exists`, or `unable to get packages from source`.",
    "wordfreq": "A program with 45 crates, compiled with opt-level 0. The emulated one was built once.",
    "wordfreq for arm64 after": "Only the program itself is compiled, and linked.",
}

# The picture: a heading, the table's title, and its rows with what the picture calls them.  Without
# such a table, or one of its rows, it is left out.
PANELS = (
    ("A build with nothing to do", "nothing to do", {
        "generated makefile": "cachemk",
        "docker run, volumes": "docker run by hand",
        "docker run that installs": "apt-get install in each run"}),
    ("A second build, after an edit", "after an edit", {
        "generated makefile": "cachemk",
        "docker run, no volumes": "only target/ kept",
        "docker run, nothing kept": "nothing kept"}),
    ("A build for arm64 on x86-64", "wordfreq for arm64 from an empty target directory", {
        "cross = yes": "cachemk, cross = yes",
        "emulated": "emulated"}),
    ("A small build for arm64 on x86-64", "hello for arm64 from an empty target directory", {
        "cross = yes": "cachemk, cross = yes",
        "emulated": "emulated"}),
    ("Rules for 10,000 targets", "generation of 10000 targets", {
        "cachemk": "cachemk",
        "jinja2": "jinja2",
        "ruby-mustache": "ruby-mustache",
        "mustache.js": "mustache.js"}),
)
OURS, OTHERS = 0x1F4E8C, 0xB4C7DF


def first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.split("\n")[0]
    except FileNotFoundError:
        return "none"


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")


def read_results(path):
    """The rows of each table, by title and unit; of each title, how many runs its medians are of, and the date."""
    groups, runs, dates = {}, {}, {}
    with open(path) as file:
        for line in file:
            date, _, group, name, unit, value = line.rstrip("\n").split("|")
            dates[group] = date
            if unit == "runs":
                runs[group] = f"{value} run{'s' if value != '1' else ''} each, {date}"
            else:
                groups.setdefault((group, unit), []).append((name, float(value)))
    return groups, runs, dates


def head(last):
    return ("# Benchmarks\n\nMeasured by the scripts of `make bench`, group by group; each table has its date. "
            "Times are medians. The\ncommands of a table took turns, so that whatever else the machine was doing "
            "affected all of them alike.\nCompare the ratios, which are to the first line of each table, rather "
            "than the times: those depend on the\nmachine, which did other work too. *Processor time* is that of "
            "what only computes, without waiting.\n\n"
            f"{last}: {os.cpu_count()} cores ({processor()}), Linux {os.uname().release.split('-')[0]}; {versions()}.\n\n"
            "![Comparisons, in seconds](benchmarks.svg)\n\n"
            "Each group of bars has its own scale. The figures are from the tables below.\n")


def versions():
    engine = first_line("docker", "version", "--format", "{{.Server.Version}}")
    return ";\n".join((
        first_line("make", "--version") + "; " + first_line("gcc", "--version"),
        (f"docker's engine {engine}; " if engine[:1].isdigit() else "") + first_line("hyperfine", "--version"),
        "jinja2 " + first_line("python3", "-c", "import jinja2; print(jinja2.__version__)")
        + ", ruby-mustache " + first_line("dpkg-query", "--show", "--showformat=${Version}", "ruby-mustache")
        + ", mustache.js in node " + first_line("node", "--version")))


def shown(value, rows):
    """A time of a table, in seconds unless it is short, or the table has short ones."""
    if value >= 1000 or min(time for _, time in rows if time) >= 100:
        return f"{value / 1000:.{2 if value < 10000 else 1}f} s"
    return f"{value:.{0 if value >= 100 else 1}f} ms"


def ratio(value, rows):
    quotient = value / rows[0][1]
    return f"{quotient:.{2 if quotient < 10 else 1}f}"


def table(group, unit, rows, runs, date):
    lines = [f"\n## {group[0].upper()}{group[1:]}{', memory' if unit == 'MiB' else ''}\n"]
    lines += [NOTES.pop(start) + "\n" for start in list(NOTES) if group.startswith(start)]
    if unit.startswith("of "):
        lines += [f"| {date} | failed | builds |", "| --- | ---: | ---: |"]
        lines += [f"| {name} | {value:.0f} | {unit[3:]} |" for name, value in rows]
    elif unit == "MiB":
        lines += [f"| {date} | memory | ratio |", "| --- | ---: | ---: |"]
        lines += [f"| {name} | {value:.1f} MiB | {ratio(value, rows)} |" for name, value in rows]
    else:
        kind = "processor time" if unit == "cpu ms" else "time"
        lines += [f"| {runs[group]} | {kind} | ratio |", "| --- | ---: | ---: |"]
        lines += [f"| {name} | {shown(value, rows)} | {ratio(value, rows)} |" for name, value in rows]
    return "\n".join(lines) + "\n"


def bars(groups):
    """Lines of a row, a label, a bar's length, what is written at its end, and a colour; a heading has no bar."""
    row = 0
    for heading, group, names in PANELS:
        rows = groups.get((group, "ms")) or groups.get((group, "cpu ms"), ())
        times = dict(rows)
        if not names.keys() <= times.keys():
            continue
        longest = max(times[name] for name in names)
        yield f'{row} "{heading}" 0 "" 0\n'
        for name, label in names.items():
            row += 1
            colour = OURS if label.startswith("cachemk") else OTHERS
            yield f'{row} "{label}" {times[name] / longest:.4f} "{shown(times[name], rows)}" {colour}\n'
        row += 1.6


def main(results, markdown, plot):
    groups, runs, dates = read_results(results)
    with open(markdown, "w") as out:
        out.write(head(max(dates.values())))
        for (group, unit), rows in groups.items():
            out.write(table(group, unit, rows, runs, dates[group]))
    with open(plot, "w") as out:
        out.writelines(bars(groups))


main(*sys.argv[1:])
