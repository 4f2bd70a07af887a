# Delete images ($images) that runs of ours have brought ($kept), unless somebody else uses them.
set -e
for image in $images; do
    [ -z "$engine" ] || "$engine" image rm "$image" >/dev/null 2>&1 ||
        ! "$engine" image inspect "$image" >/dev/null 2>&1 ||
        echo "the image $image stays: other containers use it" >&2
    left=$(grep -vxF -e "$image" "$kept") || :
    printf '%s' "${left:+$left
}" >"$kept.new"
    mv "$kept.new" "$kept"
done
[ -s "$kept" ] || rm -f "$kept"
