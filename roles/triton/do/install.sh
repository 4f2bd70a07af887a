# Have a wheel ($wheel, whose sha256 is $sum) as the only Triton in an environment ($venv) of $user.
# Whoever else has put files there ($others) is taken out first, and what is left of them: each would
# take files of the same names along when it goes. $version is remembered: it is to be kept.
set -e
echo "$sum  $wheel" | sha256sum --check --quiet --strict >&2
for packages in "$venv"/lib/python3*/site-packages; do
    cd "$packages"
done
chmod -R a+rX "${wheel%/*}"
as_user() { runuser -u "$user" -- env -u PYTHONPATH HOME="${wheel%/*}" "$@"; }
pip() { as_user "$venv/bin/python" -Im pip --isolated --disable-pip-version-check --no-cache-dir "$@"; }
echo "$version" >"$venv/regraft-triton"
chown -R "$user" . # what root has put there, its owner could not take out
[ -z "$others" ] || pip uninstall -q -y $others >&2
rm -rf triton
pip install -q --no-index --no-deps --no-compile --force-reinstall "$wheel" >&2
chown -R "$user" triton ./*triton*.dist-info
sync -f triton
rm -rf "${wheel%/*}"
