# Take an environment ($venv) away, the folders that were made for it, and the Debian packages that came
# for its sake, if nothing else has come to need them.
set -e
kept=/var/lib/regraft/pytorch-packages folders=/var/lib/regraft/pytorch-folders
[ ! -e "$venv" ] || mv "$venv" "$venv.regraft-old"
rm -rf "$venv.regraft-old"
[ ! -s "$folders" ] || while read -r folder; do
    rmdir --ignore-fail-on-non-empty "$folder" 2>/dev/null || :
done <"$folders"
rm -f "$folders"
apt_take "$kept"
