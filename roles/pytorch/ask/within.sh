# Where an environment ($venv) has its packages ($site): what is asked of them is asked from there.
site=
for one in "$venv"/lib/python3*/site-packages; do [ ! -d "$one" ] || site=$one; done
cd "${site:-/}" 2>/dev/null || cd /
