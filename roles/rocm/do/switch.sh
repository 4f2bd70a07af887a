# Take the other release ($remove) away, and put this one in its place, by the sources that are tried.
set -e
trap '[ $? = 0 ] || rm -rf "$stage"' EXIT
[ -z "$remove" ] || apt $(staged) --allow-change-held-packages purge $remove
[ -z "$install" ] || apt $(staged) --no-remove install $install
