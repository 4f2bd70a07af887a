# Have an environment ($venv) of $user, made with $python, with the wheels in $wheels ($wanted: name,
# version and sha256 of each, as pip reads them). $anew: what is there goes first. Until the end a
# file says that it is not finished: the next run begins anew.
set -e
kept=/var/lib/regraft/pytorch-packages folders=/var/lib/regraft/pytorch-folders
"$python" -I -c 'import ensurepip, venv' 2>/dev/null || apt_bring "$kept" python3-venv
install -d "${folders%/*}"
# never half of one under its name: the mark that it is ours could be gone first
rm -rf "$venv.regraft-old"
[ -z "$anew" ] || mv "$venv" "$venv.regraft-old"
above=$(dirname "$venv")
until [ -d "$above" ]; do
    echo "$above" >>"$folders"
    above=$(dirname "$above")
done
install -d "$(dirname "$venv")"
install -d -o "$user" "$venv"
touch "$venv/regraft-made" "$venv/regraft-unfinished" # unfinished alone would be nobody's
as_user() { runuser -u "$user" -- env -u PYTHONPATH -u PIP_CONFIG_FILE HOME="$wheels" "$@"; }
[ -x "$venv/bin/python" ] || as_user "$python" -m venv "$venv"
printf '%s\n' "$wanted" >"$wheels/wanted.txt"
chmod -R a+rX "$wheels"
as_user "$venv/bin/python" -Im pip --isolated --disable-pip-version-check --no-cache-dir install \
    --no-index --find-links "$wheels" --no-deps --no-compile --require-hashes -q \
    -r "$wheels/wanted.txt" >&2
chown -R "$user" "$venv"
sync -f "$venv"
rm -f "$venv/regraft-unfinished"
rm -rf "$wheels" "$venv.regraft-old"
