# Before dpkg unpacks: whatever carries the arch in $library and is not this package's own is set
# aside in $aside, and the catalog that rocBLAS begins with is taken away, so that it sees all of
# one graft or none of any. A name that lies there already is from before, and keeps its place.
set -e
case $1 in install | upgrade) ;; *) exit 0 ;; esac
lazy=$library/TensileLibrary_lazy_$arch.dat
owned=$(cat "/var/lib/dpkg/info/$package.list" 2>/dev/null) || owned=
loose=$(find "$library" -maxdepth 1 -name "*$arch*" ! -name '*.dpkg-new' ! -name '*.dpkg-tmp' \
    ! -lname "../regraft-$arch" | grep -vxF -e "$owned") || loose=
IFS='
'
set -f # a name may have blanks in it
for path in $(printf '%s\n' "$loose" | grep -xF -e "$lazy") $loose; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    mkdir -p "$aside"
    name=${path##*/}
    [ ! -e "$aside/$name" ] || name=$name.$(date +%s)
    mv "$path" "$aside/$name"
done
if [ -e "$lazy" ]; then mv "$lazy" "$library/../regraft-hidden-$arch.dat"; fi
