# A folder ($folder) for an image's files, without what belongs to another ($wanted: names).
set -e
install -d -m 700 "$folder"
find "$folder" -type f -printf '%P\n' | grep -vxF -e "$wanted" | while read -r name; do
    rm -f "$folder/$name"
done
