#!/usr/bin/env python3
"""Quoting is proven: random bytes in every value and knob, through the generator, real make and
every sh there is, compared byte for byte with what a command gets.  Prints TAP.

CASES (10000) targets through a template that does nothing else, FRAGMENTS (150) builds through the
real fragment with a stand-in for docker; SEED repeats a run.
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
here = os.path.join(top, "tests", "property")
cachemk = os.path.join(top, "gen", "cachemk")
cases = int(os.environ.get("CASES", "10000"))
fragments = int(os.environ.get("FRAGMENTS", "150"))
seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**9)))
shells = [path for path in map(shutil.which, ("dash", "bash", "busybox")) if path]

# What has a meaning to make, sh or printf.  A canary would be a file in the current directory.
nasty = [
    b"$(shell touch canary)", b"$(info canary)", b"${PATH}", b"$$", b"$", b"$(", b")", b"`touch canary`",
    b"$(touch canary)", b"';touch canary;'", b'";touch canary;"', b"'", b'"', b"\\", b"\\\\", b"\\'", b"#", b"%",
    b"%s", b"%n", b"-v", b"--", b"-", b"@", b"+", b"@-+", b"~", b"~root", b"*", b"?", b"[a-z]", b"{a,b}", b"!",
    b"!!", b"&", b"&&", b"|", b";", b"<", b">", b"=", b":", b"::", b"endef", b"define", b"include x", b"$@", b"$<",
    b"$*", b"$(@)", b"\\n", b"\\0", b"a=b", b"{{x}}", b"<% x %>", b"\x01", b"\x1b[31m", b"\x7f", b"\xff", b"\xc3\xa9",
]
bytes_allowed = [bytes([b]) for b in range(1, 256) if b not in (10, 13)]
blanks = b" \t\v\f"


def text(rng, most):
    parts = [rng.choice(nasty) if rng.random() < 0.5 else rng.choice(bytes_allowed)
             for _ in range(rng.randrange(1, 14))]
    joined = b"".join(parts)[:most]
    for blank in blanks:  # a comment to the reader, which it refuses
        joined = joined.replace(bytes([blank]) + b";", bytes([blank]) + b",")
    joined = joined.strip(blanks)
    # The first byte behind the `=` may be none that begins a comment there.
    return joined if joined and joined[:1] not in (b";", b"#") else b"x" + joined


def word(rng):
    return bytes(b for b in text(rng, 40) if b not in blanks) or b"x"


class Target:
    def __init__(self, rng, name):
        self.name = name
        self.description = text(rng, 150)
        self.setup = text(rng, 150)
        self.note = text(rng, 150)
        self.env = [b"N%d=" % i + word(rng) for i in range(rng.randrange(3))]
        # Not arguments that are refused, of which these are short enough to come up.
        self.args = [arg for arg in (word(rng) for _ in range(rng.randrange(4)))
                     if arg.split(b"=")[0] not in (b"--", b"-r")]

    def ini(self):
        lines = [b"[%s]" % self.name, b"triple = x86_64-unknown-linux-gnu", b"image = i",
                 b"description = " + self.description, b"setup = " + self.setup, b"x-note = " + self.note]
        if self.env:
            lines.append(b"env = " + b" ".join(self.env))
        if self.args:
            lines.append(b"cargo_args = " + b" ".join(self.args))
        return b"\n".join(lines) + b"\n"

    def values(self):
        return [self.name, self.description, self.note, self.setup, *self.env, b"--", *self.args, b"end"]


def run(command, cwd, **env):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "DOCKER", "CARGO", "SSH_"))
             and "proxy" not in k.lower()}
    return subprocess.run(command, cwd=cwd, env={**clean, **env}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def generate(work, targets, template=None):
    with open(os.path.join(work, "targets.ini"), "wb") as file:
        file.write(b"".join(t.ini() for t in targets))
    command = [cachemk, "-o", "out.mk"] + (["-t", template] if template else []) + ["targets.ini"]
    done = run(command, work if template else top_link(work))
    if done.returncode != 0:
        raise AssertionError(done.stdout.decode(errors="replace"))


def top_link(work):
    """The templates are found beside the current directory."""
    link = os.path.join(work, "templates")
    if not os.path.exists(link):
        os.symlink(os.path.join(top, "templates"), link)
    return work


def shell_setting(rng, work):
    """sh as one of the shells: bash and busybox go by the name they are called by."""
    path = rng.choice(shells)
    link = os.path.join(work, os.path.basename(path), "sh")
    if not os.path.exists(link):
        os.makedirs(os.path.dirname(link))
        os.symlink(path, link)
    return "SHELL=" + link


def compare(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}\nexpected {expected!r}\nfound    {found!r}")


def no_canary(work):
    if os.path.exists(os.path.join(work, "canary")):
        raise AssertionError("a value was run as a command")


def check_batch(rng, work, count):
    targets = [Target(rng, b"t%d" % i) for i in range(count)]
    generate(work, targets, os.path.join(here, "values.mk.mustache"))
    out = os.path.join(work, "values")
    if os.path.exists(out):
        os.remove(out)
    shell = shell_setting(rng, work)
    done = run(["make", "-s", "-f", "out.mk", "all", shell], work, OUT=out)
    if done.returncode != 0:
        raise AssertionError(f"{shell}: {done.stdout.decode(errors='replace')}")
    with open(out, "rb") as file:
        found = file.read().split(b"\0")[:-1]
    for target in targets:
        expected = target.values()
        compare(found[:len(expected)], expected, f"{shell}, {target.ini()!r}")
        found = found[len(expected):]
    no_canary(work)


# The last run is the build's; before it, one may find out whether the engine has our disk.
stand_in = rb"""#!/bin/sh
case $1 in
inspect) v='"Mountpoint":"/v"' && printf '{"Id":"i"}\n{"Labels":{"cachemk.user":"%s"},%s}\n{"Labels":{"cachemk.user":"%s"},%s}\n' "$ME" "$v" "$ME" "$v" ;;
run)
	printf '%s\0' "$@" >"$OUT"
	printf '{"reason":"build-finished","success":true}\n'
	;;
esac
"""


def workspace(rng, work):
    """A directory with a name that is as odd as may be."""
    name = text(rng, 60).replace(b"/", b"|").replace(b":", b"|").strip(b".")
    path = os.path.join(os.fsencode(work), b"w" + name)
    os.makedirs(path, exist_ok=True)
    open(os.path.join(path, b"Cargo.toml"), "w").close()
    return path


def allowed(me):
    """What a build may do, which is more for root."""
    words = b"--security-opt no-new-privileges --cap-drop ALL"
    if me.startswith(b"0:"):
        words += b"".join(b" --cap-add " + c for c in (b"CHOWN", b"DAC_OVERRIDE", b"FOWNER", b"FSETID", b"SETGID",
                                                       b"SETUID"))
    return words.split()


def mounts(rng, work):
    """Where the caches are, half of the time in a directory with an odd name; and the words that make gets."""
    if rng.random() < 0.5:
        return b"cargo-cache-t", b"cargo-git-cache-t", []
    name = text(rng, 60).replace(b"/", b"|").replace(b":", b"|").strip(b".")
    directory = os.path.join(os.fsencode(work), b"c" + name)
    return directory + b"/t/registry", directory + b"/t/git", [b"CACHE_DIR=" + directory]


def check_fragment(rng, work):
    target = Target(rng, b"t")
    target.args = [arg for arg in target.args]
    generate(work, [target])
    path, out = workspace(rng, work), os.path.join(work, "argv")
    if os.path.exists(out):
        os.remove(out)
    shell = shell_setting(rng, work)
    me = subprocess.run([shell[6:], "-c", "echo $(id -u):$(id -g)"], stdout=subprocess.PIPE).stdout.strip()
    secret = text(rng, 60)
    registry, git, settings = mounts(rng, work)
    done = run([b"make", b"-s", b"-f", b"out.mk", b"build-t", os.fsencode(shell), b"WORKSPACE=" + path] + settings, work,
               PATH=os.path.join(work, "bin") + ":" + os.environ["PATH"], OUT=out, ME=me, N_SECRET=secret)
    if done.returncode != 0:
        raise AssertionError(f"{shell}, {path!r}, {target.ini()!r}: {done.stdout.decode(errors='replace')}")
    with open(out, "rb") as file:
        found = file.read().split(b"\0")[:-1]
    found[found.index(b"--name") + 1] = b"NAME"
    prepared = found[found.index(b"cargo") - 1]
    expected = [b"run", b"--name", b"NAME", b"--user", me, *allowed(me), b"--rm", b"--init", b"-v", path + b":/workspace",
                b"-v", registry + b":/usr/local/cargo/registry", b"-v", git + b":/usr/local/cargo/git",
                b"-w", b"/workspace", b"-e", b"CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu"]
    for setting in target.env:
        expected += [b"-e", setting]
    build = [b"cargo", b"build", b"--message-format", b"json-render-diagnostics", b"--release"]
    compare(found, expected + [prepared, *build, *target.args],
            f"{shell}, {path!r}, {target.ini()!r}")
    no_canary(work)


def test(number, title, work, rounds):
    rng = random.Random(seed)
    try:
        for check in rounds:
            check(rng, work)
        print(f"ok {number} - {title}, seed {seed}", flush=True)
        return True
    except AssertionError as error:
        print("# " + str(error).replace("\n", "\n# "))
        print(f"not ok {number} - {title}, seed {seed}", flush=True)
        return False


def main():
    work = tempfile.mkdtemp()
    try:
        os.mkdir(os.path.join(work, "bin"))
        with open(os.path.join(work, "bin", "docker"), "wb") as file:
            file.write(stand_in)
        os.chmod(os.path.join(work, "bin", "docker"), 0o755)
        print("1..2")
        batches = [lambda rng, work: check_batch(rng, work, 100)] * (cases // 100)
        good = test(1, f"{cases} targets' values reach a command as they are", work, batches)
        good &= test(2, f"{fragments} builds get their values and directories as they are", work,
                     [check_fragment] * fragments)
        return 0 if good else 1
    finally:
        shutil.rmtree(work)


sys.exit(main())
