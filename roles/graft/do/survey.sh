# Run a program, which comes as base64, over the libraries in $folder, and keep ($kept) what it finds
# or why it could not, under $key. It is only information: it fails no run.
room=${kept%/*}
mkdir -p "$room" && rm -f "$room"/.coverage.* || exit 0
program=$(mktemp "$room/.coverage.XXXXXX") && new=$(mktemp "$room/.coverage.XXXXXX") || exit 0
trap 'rm -f "$program" "$new"' EXIT
base64 -d >"$program"
said=$(timeout 300 python3 -I "$program" "$folder" "$key" 2>&1 >"$new") || {
    [ $? != 124 ] || said='it took longer than 300 s'
    said=$(printf %s "$said" | tail -n 1 | tr -cd 'A-Za-z0-9 .,:;/()_+-' | cut -c 1-200)
    printf '{"key": "%s", "problem": "%s"}\n' "$key" "${said:-it ended without a word}" >"$new"
}
chmod 644 "$new" && sync "$new" && mv -f "$new" "$kept"
exit 0
