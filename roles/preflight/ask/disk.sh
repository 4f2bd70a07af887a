# The file system and the free bytes behind each folder that a deploy fills, links followed.
for folder in /opt /usr /var/cache/apt /boot /tmp; do
    [ -d "$folder" ] || continue
    printf '%s\t%s\n' "$folder" "$(timeout 20 df -PB1 "$folder/." | awk 'NR == 2 {print $4 "\t" $6}')"
done
