# The libraries in $folder and the files in its folders of kernels ($kernels), as one digest, and
# what is kept ($kept) of an earlier survey of them.
digest=$(
    {
        cd "$folder" && find . -maxdepth 1 -name 'lib*.so*' -printf '%p %s %T@ %l\n' &&
            find $kernels ! -type d -printf '%p %s %T@ %l\n'
    } 2>/dev/null | LC_ALL=C sort | sha256sum
)
echo "libraries ${digest%% *}"
[ ! -e "$kept" ] || { IFS= read -r line <"$kept"; printf 'kept %s\n' "$line"; }
