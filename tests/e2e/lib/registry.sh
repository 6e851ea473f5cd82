# shellcheck shell=sh disable=SC2154
# The image registry: the engine's mirror of the public one. What it serves, the engine really pulls.

registry_up() {
	free_port >"$lab/run/registry.port"
	say "starting the image registry on port $(daemon_port registry)"
	cat >"$lab/registry.yml" <<END
version: 0.1
log: {level: warn, accesslog: {disabled: false}}
storage: {filesystem: {rootdirectory: $lab/registry}}
http: {addr: "127.0.0.1:$(daemon_port registry)"}
END
	daemon_start registry docker-registry serve "$lab/registry.yml"
	wait_for 10 registry_curl "$(registry_url)/" || daemon_failed registry
}

registry_url() {
	printf 'http://127.0.0.1:%s/v2\n' "$(daemon_port registry)"
}

# registry_curl ARGUMENT...: never through a proxy that the environment may name
registry_curl() {
	curl --noproxy '*' -fsS "$@"
}

digest_of() {
	printf 'sha256:%s\n' "$(sha256sum "$1" | cut -d' ' -f1)"
}

# registry_blob REPOSITORY FILE DIGEST: in two steps, as the protocol has it: ask for a place, put it there
registry_blob() {
	place=$(registry_curl -o "$lab/tmp/answer" -D - -X POST "$(registry_url)/$1/blobs/uploads/" |
		tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
	registry_curl -o "$lab/tmp/answer" -T "$2" "$place&digest=$3"
}

# registry_manifest REPOSITORY REFERENCE FILE: its media type is the one that it states
registry_manifest() {
	type=$(sed -n 's/.*"mediaType": "\([^"]*manifest[^"]*\)".*/\1/p' "$3" | head -n 1)
	registry_curl -X PUT -H "Content-Type: $type" -T "$3" "$(registry_url)/$1/manifests/$2"
}
