# What a build may use: processors; memory, as far as this box's own control group lets it; room.
echo "processors $(nproc)"
while read -r key value _; do
    [ "$key" != MemAvailable: ] || echo "memory $value"
done </proc/meminfo
df -B1 --output=avail,target "${folder%/*}/." /tmp/. 2>/dev/null |
    while read -r free where; do echo "space $free $where"; done
