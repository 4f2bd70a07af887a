# What apt would do to $install if $remove were gone: its steps, what they weigh, and how much room
# there is, in bytes.
# Only -s does nothing: --assume-no installs where there is nothing to ask.
without "$remove"
steps=$(LC_ALL=C apt-get -q -s -o Dir::State::status="$status" -o Debug::NoLocking=1 \
    $(staged) --allow-downgrades --allow-change-held-packages install $install 2>&1)
printf '%s\n' "$steps"
[ -d /opt ] && opt=/opt/. || opt=/.
df -B1 --output=avail "$opt" | sed 's/^ *\([0-9]\)/free \1/'
new=$(printf '%s\n' "$steps" | sed -nE 's/^Inst ([^ ]+) .*\(([^ ]+) .*/\1=\2/p')
[ -z "$new" ] || apt-cache $(staged) show $new |
    awk '/^Size:/ {n += $2} /^Installed-Size:/ {k += $2}
        END {print "archives", n + 0; print "disk", k * 1024}'
