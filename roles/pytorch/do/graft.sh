# Install a graft ($wheel, whose sha256 is $sum) into an environment ($venv) of $user, as pip knows it.
# What carries $arch and is not of our own wheel ($ours) is set aside first. The catalog that rocBLAS
# begins with comes last: until it is there, it sees none of the files.
set -e
echo "$sum  $wheel" | sha256sum --check --quiet --strict >&2
for packages in "$venv"/lib/python3*/site-packages; do
    cd "$packages"
done
library=torch/lib/rocblas/library
aside=torch/lib/rocblas/regraft-set-aside-$arch
lazy=$library/TensileLibrary_lazy_$arch.dat
chmod -R a+rX "${wheel%/*}"
as_user() { runuser -u "$user" -- env -u PYTHONPATH HOME="${wheel%/*}" "$@"; }
as_user rm -f "$lazy"
owned=$(cat "$ours"-*.dist-info/manifest.sha256 2>/dev/null | cut -c 67-) || owned=
find "$library" -maxdepth 1 -name "*$arch*" | grep -vxF -e "$owned" | while read -r path; do
    as_user mkdir -p "$aside"
    as_user mv -f "$path" "$aside/"
done
as_user "$venv/bin/python" -Im pip --isolated --disable-pip-version-check --no-cache-dir install \
    --no-index --no-deps --force-reinstall -q "$wheel" >&2
chown -R "$user" "$library" "$ours"*
sync -f "$library"
rm -rf "${wheel%/*}"
