# The graft in an environment ($venv) for $arch: torch's fallback catalogs, as one digest; files that
# are not what our wheel ($wheel) has brought; files of the arch that it has not brought.
for packages in "$venv"/lib/python3*/site-packages; do
    cd "$packages" 2>/dev/null || exit 0
done
echo "site $PWD"
library=torch/lib/rocblas/library
[ -d "$library" ] || exit 0
set -- "$library"/*_fallback.dat
if [ -e "$1" ]; then
    digest=$(cd "$library" && sha256sum *_fallback.dat | sha256sum)
    echo "catalogs ${digest%% *}"
fi
all=
for manifest in "$wheel"-*.dist-info/manifest.sha256; do
    [ -e "$manifest" ] || continue
    brought=$(cut -c 67- "$manifest")
    whole torch "$manifest" | while read -r one; do echo "bad ${one%: *}"; done
    all="$all
$brought"
done
find "$library" -maxdepth 1 -name "*$arch*" 2>/dev/null |
    grep -vxF -e "$all" | while read -r one; do echo "loose ${one##*/}"; done
