# Hand an image ($id), whose files lie in $folder, over to the engine ($engine), and remember that it
# is ours ($kept). The engine holds every layer against what the config names, and the config is what
# the id is the digest of: what is there under that id is whole.
set -e
if ! "$engine" image inspect "$id" >/dev/null 2>&1; then
    printf '%s' "$manifest" >"$folder/manifest.json"
    install -d "${kept%/*}"
    grep -qsxF "$id" "$kept" || echo "$id" >>"$kept"
    said=$(mktemp)
    tar -C "$folder" -cf - . | "$engine" load >"$said" 2>&1 || :
    if ! "$engine" image inspect "$id" >/dev/null 2>&1; then
        tail -n 5 "$said" >&2
        rm -rf "$said" "$folder"
        echo "$engine has no image $id after that: are its layers packed in a way that it does not" >&2
        echo "know, or does it keep images under other names (containerd's)? Next: $engine info" >&2
        exit 1
    fi
    rm -f "$said"
fi
rm -rf "$folder"
