# What a box keeps ($folder) of the smoke tests: the sum of each file that was brought, the result.
sha256sum "$folder"/*.gz "$folder"/*.pyz 2>/dev/null | sed 's/^/file /'
[ ! -e "$folder/result.json" ] || echo "result $(head -c 262144 "$folder/result.json" | tr -d '\n')"
echo "kernel $(uname -r)"
echo "driver $(cat /sys/module/amdgpu/srcversion 2>/dev/null)"
for node in /sys/class/kfd/kfd/topology/nodes/*/gpu_id; do
    echo "node $(cat "$node" 2>/dev/null)"
done
