# Try the new sources ($text_sources, $text_key) in a corner: what apt refuses never gets into /etc.
set -e
stage=$(mktemp -d /var/tmp/regraft-apt.XXXXXX)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"
mkdir -p "$stage/lists/partial"
printf %s "$text_key" >"$stage/key.asc"
printf %s "$text_sources" | sed "s|$key|$stage/key.asc|" >"$stage/amd.sources"
update "$stage/amd.sources" -o Dir::State::lists="$stage/lists" || {
    echo "AMD's repositories cannot be used, as apt says above; nothing was changed. Next: check the" >&2
    echo 'network, or name a mirror: upstream_addresses in the inventory' >&2
    exit 1
}
