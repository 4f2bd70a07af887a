# Run the programs in $folder with the Python of an environment ($venv), as $user, and keep what they
# say, under $key. What is kept is complete or not there; its result is for others to judge.
set -e
chmod 755 "$folder" && chmod 644 "$folder"/*.gz "$folder"/*.pyz
new=$(mktemp "$folder/.result.XXXXXX")
trap 'rm -f "$new" "$new".told' EXIT
cd /
runuser -u "$user" -- env -u PYTHONPATH "$venv/bin/python" "$folder/smoke.pyz" \
    --data "$folder" "$@" >"$new.told" || :
# what a user's program has said is for root to keep and for a terminal to show
{
    printf '{"key": "%s", "said": ' "$key"
    head -c 262144 "$new.told" | LC_ALL=C tr -c '\n -~' '?'
    printf '}\n'
} >"$new"
chmod 644 "$new" && sync "$new" && mv -f "$new" "$folder/result.json"
