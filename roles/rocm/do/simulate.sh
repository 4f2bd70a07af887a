# What apt would do to $install if $remove were gone: its steps, and what they weigh, in bytes.
# Only -s and --print-uris do nothing: --assume-no installs where there is nothing to ask.
without "$remove"
would() {
    LC_ALL=C apt-get -q "$1" -o Dir::State::status="$status" -o Debug::NoLocking=1 \
        $(staged) --allow-downgrades --allow-change-held-packages install $install 2>&1
}
steps=$(would -s)
printf '%s\n' "$steps"
would --print-uris | awk '/^.(https?|file):/ {bytes += $3} END {print "download", bytes + 0}'
new=$(printf '%s\n' "$steps" | sed -nE 's/^Inst ([^ ]+) .*\(([^ ]+) .*/\1=\2/p')
[ -z "$new" ] || apt-cache $(staged) show $new |
    awk '/^Installed-Size:/ {k += $2} END {print "disk", k * 1024}'
