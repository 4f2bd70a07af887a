# Name, address and answer of each upstream ($upstreams: name and address, by line) and of the
# box's own apt sources (`sources`): asked all at once, and as apt would, through its proxies.
asked=$upstreams
while IFS= read -r line; do
    case $line in
    http_proxy=* | https_proxy=*) eval "$line" ;;
    ?*)
        asked="$asked
$line"
        ;;
    esac
done <<END
$(sources)
END
: "${https_proxy:=$http_proxy}" # as apt does where only one is set
[ -z "$http_proxy" ] || export http_proxy
[ -z "$https_proxy" ] || export https_proxy
set -f
# shellcheck disable=SC2086 # words, two a line
set -- $asked
set +f
answered() {
    shift "$((2 * number))"
    printf '%s\t%s\t%s\n' "$1" "$2" "${said# }"
}
wget_says() {
    said=$(timeout 15 wget -qO /dev/null -T 5 -t 1 "$2" && echo 200 || echo 'no answer')
    number=0 answered "$1" "$2"
}
tab=$(printf '\t')
if command -v curl >/dev/null; then
    # one curl for all: to start it takes longer than to ask. Of each the first byte; of a large file
    # nothing, where a server knows no ranges (not by the size 1: what redirects has a text as well)
    for word; do
        case $word in *://*) printf 'url = "%s"\noutput = /dev/null\n' "$word" ;; esac
    done |
        curl -K - -ZsL -r 0-0 --max-filesize 65536 --connect-timeout 5 -m 10 \
            -w '%{urlnum}\t%{errormsg} %{http_code}\n' 2>/dev/null |
        while IFS=$tab read -r number said; do [ -z "$said" ] || answered "$@"; done
elif command -v wget >/dev/null; then
    while [ $# -gt 1 ]; do
        wget_says "$1" "$2" &
        shift 2
    done
    wait
else
    said='cannot ask'
    for number in $(seq 0 "$(($# / 2 - 1))"); do answered "$@"; done
fi
