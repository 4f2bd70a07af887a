# After the files have gone, or could not come: what was set aside comes back.
case $1 in
abort-install | abort-upgrade)
    hidden=$library/../regraft-hidden-$arch.dat
    [ ! -e "$hidden" ] || mv "$hidden" "$library/TensileLibrary_lazy_$arch.dat"
    ;;
esac
case $1 in
remove | purge | abort-install)
    lazy=TensileLibrary_lazy_$arch.dat
    IFS='
'
    set -f # a name may have blanks in it
    for name in $(ls -A "$aside" 2>/dev/null | grep -vxF "$lazy") "$lazy"; do # the catalog last
        if [ -e "$aside/$name" ] && [ ! -e "$library/$name" ]; then mv "$aside/$name" "$library/$name"; fi
    done
    rmdir "$aside" 2>/dev/null
    rm -f "$library/../regraft-hidden-$arch.dat" "$kept/$package"
    rmdir -p "$kept" 2>/dev/null
    ;;
esac
exit 0
