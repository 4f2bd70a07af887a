# The library directory ($library) for $arch: its fallback catalogs, as one digest, and files of the
# arch that no package of ours owns; $names are the names that such a package may have.
cd "$library" 2>/dev/null || exit 0
if ls ./*_fallback.dat >/dev/null 2>&1; then
    echo "catalogs $(sha256sum *_fallback.dat | sha256sum | cut -d ' ' -f 1)"
fi
owned=$(for name in $names; do cat "/var/lib/dpkg/info/$name.list" 2>/dev/null; done)
for path in "$library"/*"$arch"*; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    if [ "$(readlink "$path")" = "../regraft-$arch" ]; then
        echo 'linked yes'
        continue
    fi
    printf '%s\n' "$owned" | grep -qxF "$path" || echo "loose ${path##*/}"
done
