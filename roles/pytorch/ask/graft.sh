# The graft in an environment: torch's fallback catalogs (`catalogs`), files that are not what our wheel
# ($wheel) has brought (`whole`), and those that it has not brought (`loose`).
[ -n "$site" ] || exit 0
echo "site $site"
[ -d "$library" ] || exit 0
set -- "$library"/*_fallback.dat
if [ -e "$1" ]; then
    digest=$(catalogs)
    echo "catalogs ${digest%% *}"
fi
for manifest in "$wheel"-*.dist-info/manifest.sha256; do
    [ ! -e "$manifest" ] ||
        whole "${manifest%%/*}" "$manifest" | while read -r one; do echo "bad ${one%: *}"; done
done
loose | while read -r one; do echo "loose ${one##*/}"; done
