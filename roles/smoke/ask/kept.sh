# What a box keeps ($folder) of the smoke tests: the sum of each file that was brought, the result.
sha256sum "$folder"/*.gz "$folder"/*.pyz 2>/dev/null |
    while read -r digest path; do echo "file $digest  $path"; done
[ ! -e "$folder/result.json" ] || echo "result $(head -c 262144 "$folder/result.json" | tr -d '\n')"
