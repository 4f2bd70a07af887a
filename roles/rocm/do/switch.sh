# Take the other release ($remove) away, and put this one in its place from what was downloaded: by the
# sources that were tried, which are those in /etc by now, since apt has made a cache over them.
set -e
trap 'rm -rf "$stage"' EXIT
[ -z "$remove" ] || apt $(staged) --allow-change-held-packages purge $remove
[ -z "$install" ] || apt $(staged) --no-remove install $install
