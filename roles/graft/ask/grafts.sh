# Of each package that a graft may be ($names): which files are not what its manifest says, and what
# it is made of.
for name in $names; do
    manifest=/usr/share/regraft/graft/$name/manifest.sha256
    [ -e "$manifest" ] || continue
    whole "$name" "$manifest" | while read -r one; do echo "bad $name $one"; done
    printf 'provenance %s ' "$name"
    while IFS= read -r line; do printf '%s ' "$line"; done <"${manifest%/*}/provenance.json"
    echo
done
