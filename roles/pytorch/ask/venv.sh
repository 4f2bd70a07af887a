# A virtual environment ($venv): who owns it, what it was made of, which packages it has.
holds=
for one in "$venv"/* "$venv"/.[!.]*; do
    [ ! -e "$one" ] || holds=something
done
[ -n "$holds" ] || exit 0
owner=$(owner)
echo "there $owner"
[ ! -e "$venv/regraft-made" ] || echo 'ours yes'
[ ! -e "$venv/regraft-unfinished" ] || echo 'unfinished yes'
home=
[ ! -r "$venv/pyvenv.cfg" ] || while read -r key _ value; do
    case $key in version) echo "made $value" ;; home) home=$value ;; esac
done <"$venv/pyvenv.cfg"
[ ! -x "$venv/bin/python" ] || runs
[ -n "$site" ] || exit 0
for folder in *.dist-info; do
    [ ! -e "$folder/RECORD" ] || echo "package $folder"
done
