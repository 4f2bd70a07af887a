# Take an environment ($venv) away, the folders that were made for it, and the Debian packages that came
# for its sake, if nothing else has come to need them.
set -e
kept=/var/lib/regraft/pytorch-packages folders=/var/lib/regraft/pytorch-folders
[ ! -e "$venv" ] || mv "$venv" "$venv.regraft-old"
rm -rf "$venv.regraft-old"
[ ! -s "$folders" ] || while read -r folder; do
    rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || :
done <"$folders"
if [ -s "$kept" ]; then
    others=$(LC_ALL=C apt-get -qs purge $(cat "$kept") | sed -nE 's/^(Remv|Purg) ([^ :]+).*/\2/p' |
        grep -vxF -f "$kept" | sort -u) || others=
    if [ -z "$others" ]; then
        apt purge $(cat "$kept")
    else
        echo "other packages have come to need them, so these stay:" $(cat "$kept") >&2
    fi
fi
rm -f "$kept" "$folders"
rmdir "${kept%/*}" 2>/dev/null || :
