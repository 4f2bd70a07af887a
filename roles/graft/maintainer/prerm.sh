# Before the files go: the catalog that rocBLAS begins with, or the link to the folder, goes first.
[ -z "$linked" ] || [ ! -L "$library/$arch" ] || rm -f "$library/$arch"
if [ "$1" = remove ]; then rm -f "$library/TensileLibrary_lazy_$arch.dat"; fi
exit 0
