# What is at a model's path ($at, or the newest in the hub's folder $hub): its config.json as a
# line, its weights with their sizes, links that lead out of what the container will see, and what is
# closed to others: a container's root without capabilities reads what anybody, or root, may read.
echo "model $name"
within=$at
[ -z "$hub" ] || within=$hub at=$(ls -dt "$hub"/snapshots/*/ 2>/dev/null | head -n 1)
if [ -f "$at" ]; then
    echo 'there file'
    stat -L -c 'weights %s %n' "$at"
    find -L "$at" ! -user root ! -perm -o=r -printf 'closed %f\n'
elif [ -n "$at" ] && cd "$at" 2>/dev/null; then
    echo 'there folder'
    [ ! -f config.json ] || head -c 1048576 config.json | tr '\n\r' '  ' | sed 's/^/config /; s/$/\n/'
    [ ! -e params.json ] || echo 'params yes'
    find -L . -maxdepth 1 -type f \( -name '*.safetensors' -o -name '*.bin' -o -name '*.pt' \
        -o -name '*.pth' -o -name '*.gguf' \) -printf 'weights %s %f\n'
    find . -maxdepth 1 -type l | while read -r link; do
        case $(readlink -f "$link") in
            "$(readlink -f "$within")"/*) ;;
            *) printf 'outside %s\n' "${link#./}" ;;
        esac
    done
    find -L . -maxdepth 1 ! -user root \( -path . ! -perm -o=rx -o -type f ! -perm -o=r \) \
        -printf 'closed %f\n'
fi
