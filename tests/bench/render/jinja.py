"""jinja.py CONTEXT OUTPUT: cachemk's template, turned into one for jinja2, with a quoting for sh."""
import json
import re
import shlex
import sys
import os

import jinja2

directory = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "templates")
LISTS = {"targets", "aliases", "env", "env_settings", "env_secrets", "cargo_args"}
GLOBAL = {"targets", "version", "ini", "lock", "locked"}


def load(name):
    """A template with its partials in it."""
    with open(os.path.join(directory, name + ".mustache")) as file:
        text = file.read().replace("{{=<% %>=}}\n", "")
    return re.sub(r"<%> (\w+) %>\n?", lambda m: load(m.group(1)), text)


def convert(text):
    """Sections become loops over lists, and conditions on anything else; a lone tag takes its line with it."""
    stack, out, end = [], [], 0
    for tag in re.finditer(r"(?m)^[ \t]*<%([#^/]) ([\w.]+) %>[ \t]*\n|<%([#^/]?) ([\w.]+) %>", text):
        kind, name = tag.group(1) or tag.group(3), tag.group(2) or tag.group(4)
        out.append("{% raw %}" + text[end:tag.start()] + "{% endraw %}" if end < tag.start() else "")
        end = tag.end()
        value = stack[-1] if name == "." else (name if name in GLOBAL else "target." + name)
        if kind == "#" and name in LISTS:
            item = "target" if name == "targets" else "item"
            stack.append(item)
            out.append("{%% for %s in %s %%}" % (item, value))
        elif kind in "#^" and kind:
            stack.append(value)
            out.append("{%% if %s%s %%}" % ("not " if kind == "^" else "", value))
        elif kind == "/":
            stack.pop()
            out.append("{% endfor %}" if name in LISTS else "{% endif %}")
        else:
            out.append("{{ %s | quoted }}" % value)
    return "".join(out) + "{% raw %}" + text[end:] + "{% endraw %}"


environment = jinja2.Environment()
environment.filters["quoted"] = lambda text: shlex.quote(text).replace("$", "$$")
with open(sys.argv[1]) as file:
    context = json.load(file)
with open(sys.argv[2], "w") as file:
    file.write(environment.from_string(convert(load("cache.mk"))).render(context))
