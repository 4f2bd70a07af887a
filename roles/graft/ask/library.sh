# The library directory ($library) for $arch: its fallback catalogs, as one digest, and files of the
# arch that no package of ours owns; $names are the names that such a package may have.
cd "$library" 2>/dev/null || exit 0
if ls ./*_fallback.dat >/dev/null 2>&1; then
    echo "catalogs $(sha256sum *_fallback.dat | sha256sum | cut -d ' ' -f 1)"
fi
[ ! "$(readlink "$library/$arch")" = "../regraft-$arch" ] || echo 'linked yes'
# one find and one grep: a fork a file took seconds
owned=$(for name in $names; do cat "/var/lib/dpkg/info/$name.list"; done 2>/dev/null)
find "$library" -maxdepth 1 -name "*$arch*" ! -lname "../regraft-$arch" |
    grep -vxF -e "$owned" | sed 's|.*/|loose |'
