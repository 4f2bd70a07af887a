# A build's log ($log) and how its unit ($unit) is: at once when there is something new after byte
# $start, or when it has ended; else after a while.
count=0
while [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" = "$start" ] && [ $count -lt 40 ] &&
    systemctl is-active -q "$unit"; do
    count=$((count + 1))
    sleep 0.5
done
echo "unit $(systemctl is-active "$unit")"
echo "result $(systemctl show "$unit" -p Result --value)"
echo "size $(stat -c %s "$log" 2>/dev/null || echo 0)"
tail -c "+$((start + 1))" "$log" 2>/dev/null | head -c 4000000 | sed 's/^/log /'
