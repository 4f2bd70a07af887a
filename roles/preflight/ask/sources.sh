# The first few addresses that apt would ask for its lists, each after a name.
apt-get update --print-uris 2>/dev/null | awk -F\' '
    $2 ~ /^https?:.*InRelease$/ && count++ < 8 {print "apt-source", $2}
    END {exit !count}'
