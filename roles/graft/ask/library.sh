# The library directory ($library) for $arch: its fallback catalogs, as one digest, and files of the
# arch that no package of ours owns; $names are the names that such a package may have.
cd "$library" 2>/dev/null || exit 0
set -- *_fallback.dat
if [ -e "$1" ]; then
    sums=$(sha256sum "$@") || exit 1
    digest=$(printf '%s\n' "$sums" | sha256sum)
    echo "catalogs ${digest%% *}"
fi
[ ! -L "$arch" ] || [ "$(readlink "$arch")" != "../regraft-$arch" ] || echo 'linked yes'
set -- -e ''
for name in $names; do
    [ ! -e "/var/lib/dpkg/info/$name.list" ] || set -- "$@" -f "/var/lib/dpkg/info/$name.list"
done
# one find and one grep: a fork a file took seconds
find "$library" -maxdepth 1 -name "*$arch*" ! -lname "../regraft-$arch" | grep -vxF "$@" |
    while read -r one; do echo "loose ${one##*/}"; done
