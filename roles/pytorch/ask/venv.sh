# A virtual environment ($venv): who owns it, what it was made of, which packages it has.
cd "$venv" 2>/dev/null || exit 0
echo "there $(stat -c %U .)"
[ ! -e regraft-unfinished ] || echo 'unfinished yes'
sed -n 's/^version *= */made /p' pyvenv.cfg 2>/dev/null
[ -x bin/python ] && bin/python -ISc pass 2>/dev/null && echo 'runs yes'
for folder in lib/python3*/site-packages/*.dist-info; do
    [ ! -e "$folder/RECORD" ] || echo "package ${folder##*/}"
done
