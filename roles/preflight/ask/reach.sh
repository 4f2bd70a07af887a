# Name, address and answer of each upstream ($upstreams: name and address, by line) and of the
# box's own apt sources (`sources`): asked all at once, and as apt would, through its proxies.
# Few boxes have one: to look for the word takes a third of what it takes to ask apt.
! grep -rqsi proxy /etc/apt/apt.conf /etc/apt/apt.conf.d ||
    eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
: "${https_proxy:=$http_proxy}" # as apt does where only one is set
[ -z "$http_proxy" ] || export http_proxy
[ -z "$https_proxy" ] || export https_proxy
wget_says() {
    answer=$(timeout 15 wget -qO /dev/null -T 5 -t 1 "$2" && echo 200 || echo 'no answer')
    printf '%s\t%s\t%s\n' "$1" "$2" "$answer"
}
asked=$(
    printf '%s\n' "$upstreams"
    sources
)
if command -v curl >/dev/null; then
    # one curl for all: to start it takes longer than to ask
    export asked
    printf '%s\n' "$asked" | awk 'NF {print "url = \"" $2 "\"\noutput = /dev/null"}' |
        curl -K - -ZsL --connect-timeout 5 -m 10 -w '%{urlnum}\t%{errormsg} %{http_code}\n' \
            2>/dev/null |
        awk -F '\t' '
            BEGIN {count = split(ENVIRON["asked"], line, "\n")
                for (i = 1; i <= count; i++) if (line[i] != "") address[number++] = line[i]}
            {split(address[$1], one, " "); sub(/^ /, "", $2); print one[1] "\t" one[2] "\t" $2}'
elif command -v wget >/dev/null; then
    while read -r name address; do
        [ -z "$name" ] || wget_says "$name" "$address" &
    done <<END
$asked
END
    wait
else
    printf '%s\n' "$asked" | awk 'NF {print $1 "\t" $2 "\tcannot ask"}'
fi
