# A key of 32 random bytes in a file ($key) that root alone can read, remembered as ours ($kept).
set -e
umask 077
install -d -m 755 "${kept%/*}"
folder=$(dirname "$key")
above=$folder
until [ -d "$above" ]; do
    echo "$above" >>"$kept-folders"
    above=$(dirname "$above")
done
mkdir -p "$folder"
new=$(mktemp "$folder/.regraft.XXXXXX")
od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$new"
echo "$key" >"$kept"
sync "$new"
mv -n "$new" "$key"
rm -f "$new"
