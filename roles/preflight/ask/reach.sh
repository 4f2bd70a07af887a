# Name, address and answer of each upstream ($upstreams: name and address, by line) and of the
# box's own apt sources: asked all at once, and as apt would, through its proxies.
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
: "${https_proxy:=$http_proxy}" # as apt does where only one is set
[ -z "$http_proxy" ] || export http_proxy
[ -z "$https_proxy" ] || export https_proxy
ask() {
    if command -v curl >/dev/null; then
        answer=$(curl -sSLo /dev/null --connect-timeout 5 -m 10 -w '%{http_code}' "$2" 2>&1)
    elif command -v wget >/dev/null; then
        answer=$(timeout 15 wget -qO /dev/null -T 5 -t 1 "$2" && echo 200 || echo 'no answer')
    else
        answer='cannot ask'
    fi
    printf '%s\t%s\t%s\n' "$1" "$2" "$(printf %s "$answer" | tr '\n' ' ')"
}
while read -r name address; do
    [ -z "$name" ] || ask "$name" "$address" &
done <<END
$upstreams
$(apt-get update --print-uris 2>/dev/null |
    awk -F\' '$2 ~ /^https?:.*InRelease$/ {print "apt-source", $2}' | head -n 8)
END
wait
