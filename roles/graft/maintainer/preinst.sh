# Before dpkg unpacks: whatever carries the arch in $library and is not this package's own is set
# aside in $aside, and the catalog that rocBLAS begins with is taken away, so that it sees all of
# one graft or none of any. A name that lies there already is from before, and keeps its place.
set -e
case $1 in install | upgrade) ;; *) exit 0 ;; esac
lazy=$library/TensileLibrary_lazy_$arch.dat
for path in "$lazy" "$library"/*"$arch"*; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    case $path in *.dpkg-new | *.dpkg-tmp) continue ;; esac
    [ ! "$(readlink "$path")" = "../regraft-$arch" ] || continue # of this package, laid out otherwise
    if grep -qxF "$path" "/var/lib/dpkg/info/$package.list" 2>/dev/null; then continue; fi
    mkdir -p "$aside"
    name=${path##*/}
    [ ! -e "$aside/$name" ] || name=$name.$(date +%s)
    mv "$path" "$aside/$name"
done
if [ -e "$lazy" ]; then mv "$lazy" "$library/../regraft-hidden-$arch.dat"; fi
