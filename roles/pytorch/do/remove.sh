# Take an environment ($venv) away, the folders that are empty without it, and the Debian packages that
# came for its sake and that nothing else needs by now.
set -e
rm -rf "$venv"
rmdir -p --ignore-fail-on-non-empty "${venv%/*}" 2>/dev/null || :
kept=/var/lib/regraft/pytorch-packages
if [ -s "$kept" ]; then
    apt purge $(cat "$kept")
fi
rm -f "$kept"
rmdir "${kept%/*}" 2>/dev/null || :
