# shellcheck shell=sh disable=SC2154
# The crates registry: Debian's packages of Rust crates, packed again as crates.io would offer them. They are those of
# Debian 12, since examples/wordfreq/Cargo.lock names the same versions.

crates_unpack_start() {
	say "unpacking Debian packages of Rust crates"
	mkdir -p "$lab/crates"
	packages_unpack crates_packages bookworm "$(dpkg --print-architecture)" \
		"$(packages_of "$here/crates.txt" | joined)" "$lab/crates/debian"
}

# crates_up: the server chooses a free port itself and writes it down
crates_up() {
	packages_unpacked crates_packages
	rm -f "$lab/run/crates.port"
	python3 "$here/lib/crates" pack "$lab/crates/debian/usr/share/cargo/registry" "$lab/crates/www"
	rm -rf "$lab/crates/debian"
	daemon_start crates python3 "$here/lib/crates" serve "$lab/crates/www" "$lab/run/crates.port"
	wait_for 10 test -s "$lab/run/crates.port" || daemon_failed crates
	say "serving $(find "$lab/crates/www" -name '*.crate' | wc -l) crates on port $(daemon_port crates)"
}
