# The libraries in $folder and the files in its folders of kernels ($kernels), as one digest, and
# what is kept ($kept) of an earlier survey of them. What find says is put in order, hundreds of
# lines, only where it is not what it was last time; that is kept as $into.
digest=$(
    list() { find lib*.so* $kernels ! -type d -printf '%p %s %T@ %l\n' 2>/dev/null; }
    cd "$folder" 2>/dev/null || list() { :; }
    kept_while "$(list | sha256sum)" "$into" 'list | LC_ALL=C sort | sha256sum'
)
echo "libraries ${digest%% *}"
[ ! -e "$kept" ] || { IFS= read -r line <"$kept"; printf 'kept %s\n' "$line"; }
