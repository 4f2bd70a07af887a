# A virtual environment ($venv): who owns it, what it was made of, which packages it has.
cd "$venv" 2>/dev/null || exit 0
holds=
for one in * .[!.]*; do
    [ ! -e "$one" ] || holds=something
done
[ -n "$holds" ] || exit 0
owner=$(stat -c %U .)
echo "there $owner"
[ ! -e regraft-made ] || echo 'ours yes'
[ ! -e regraft-unfinished ] || echo 'unfinished yes'
[ ! -r pyvenv.cfg ] || while read -r key _ value; do
    [ "$key" != version ] || echo "made $value"
done <pyvenv.cfg
# as its owner, who may have put anything in its place
[ -x bin/python ] && runuser -u "$owner" -- bin/python -ISc pass 2>/dev/null && echo 'runs yes'
for folder in lib/python3*/site-packages/*.dist-info; do
    [ ! -e "$folder/RECORD" ] || echo "package ${folder##*/}"
done
