# What a build may use: processors; memory, as far as this box's own control group lets it; room.
echo "processors $(nproc)"
sed -n 's/^MemAvailable: *\([0-9]*\) kB/memory \1/p' /proc/meminfo
df -B1 --output=avail,target "${folder%/*}/." /tmp/. 2>/dev/null | tail -n +2 | sed 's/^ */space /'
