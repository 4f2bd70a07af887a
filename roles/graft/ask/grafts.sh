# Of each package that a graft may be ($names): whether its files are what its manifest says, what
# its trigger has found, what it is made of, and what was set aside for it ($asides).
for name in $names; do
    manifest=/usr/share/regraft/graft/$name/manifest.sha256
    [ -e "$manifest" ] || continue
    sha256sum --check --quiet --strict "$manifest" 2>/dev/null | sed "s|^|bad $name |"
    sed "s|^|record $name |" "$kept/$name" 2>/dev/null
    echo "provenance $name $(tr -d '\n' <"${manifest%/*}/provenance.json")"
done
for path in $asides; do
    [ ! -d "$path" ] || echo "aside $path $(ls -A "$path" | wc -l)"
done
