# After dpkg has put the files in place, and after any later run of apt in $library: verify them and
# keep the result. It never fails: what apt was asked for has nothing to do with it.
if [ "$1" = configure ]; then
    rm -f "$library/../regraft-hidden-$arch.dat"
    if [ -n "$linked" ]; then
        ln -sfn "$linked" "$library/.regraft-$arch" && mv -T "$library/.regraft-$arch" "$library/$arch"
    fi
fi
mkdir -p "$kept"
new=$(mktemp "$kept/.new.XXXXXX") && {
    if bad=$(sha256sum --check --quiet --strict "$manifest" 2>/dev/null); then
        echo "pass $(date -u +%FT%TZ)"
    else
        echo "fail $(date -u +%FT%TZ)"
        printf '%s\n' "$bad"
    fi >"$new"
    chmod 644 "$new"
    mv "$new" "$kept/$package"
}
exit 0
