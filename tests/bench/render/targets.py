"""targets.py NUMBER PREFIX: writes PREFIX.ini for cachemk, and PREFIX.json with the same values for others."""
import json
import sys

number, prefix = int(sys.argv[1]), sys.argv[2]
targets = []
with open(prefix + ".ini", "w") as ini:
    for i in range(number):
        name = f"target-{i}"
        keys = {"description": f"Number {i} (glibc)", "triple": "x86_64-unknown-linux-gnu", "image": "rust:latest",
                "platform": "linux/amd64", "cache": name, "setup": "apk add --no-cache musl-dev"}
        ini.write(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
        ini.write(f"aliases = also-{i}\nenv = TOKEN A=b\n")
        absent = dict.fromkeys(("user", "ssh", "cross", "expect", "glibc_max", "hermetic", "mirror", "sccache",
                                "sccache_volume", "sccache_redis", "sccache_bucket", "target_in", "registry",
                                "has_cargo_args"), False)
        targets.append({"name": name, **keys, **absent, "aliases": [f"also-{i}"], "env": ["TOKEN", "A=b"],
                        "env_settings": ["A=b"], "env_secrets": ["TOKEN"], "cargo_args": [],
                        "image_tag": f"{name}-0123456789abcdef",
                        "target_dir": f"target/x86_64-unknown-linux-gnu@{name}"})
with open(prefix + ".json", "w") as file:
    json.dump({"version": "0", "ini": "", "lock": "", "locked": "", "targets": targets}, file)
