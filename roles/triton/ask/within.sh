# Goes to the packages of an environment ($venv), for what is asked there, and says whether a run of ours
# has brought its Triton.
for packages in "$venv"/lib/python3*/site-packages; do
    cd "$packages" 2>/dev/null || exit 0
done
[ ! -r "$venv/regraft-triton" ] || { IFS= read -r line && echo "marked $line"; } <"$venv/regraft-triton"
