# Fetch the lists of new sources ($sources, $key, $pin) over a copy of apt's configuration ($stage)
# without what they replace ($remove): what apt refuses never gets into /etc. $others: the
# distribution's lists are wanted too, which it may have never fetched.
set -e
rm -rf "$stage"
trap '[ $? = 0 ] || rm -rf "$stage"' EXIT
mkdir -p "$stage"
cp -a /etc/apt "$stage/etc"
cp -al /var/lib/apt/lists "$stage/lists"
for path in $remove; do rm -f "$stage/etc/${path#/etc/apt/}"; done
mkdir -p "$stage/etc/keyrings"
printf %s "$key" >"$stage/etc/keyrings/regraft-amd.asc"
printf %s "$pin" >"$stage/etc/preferences.d/regraft-amd"
ours=$stage/etc/sources.list.d/regraft-amd.sources
printf %s "$sources" | sed "/^Signed-By:/s|/etc/apt/|$stage/etc/|" >"$ours"
[ -z "$others" ] || has_lists || apt update $(staged)
update "$ours" $(staged) -o APT::Get::List-Cleanup=0 || {
    echo "AMD's repositories cannot be used, as apt says above; nothing was changed. Next: check the" >&2
    echo 'network, or name a mirror: upstream_addresses in the inventory' >&2
    exit 1
}
