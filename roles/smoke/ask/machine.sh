# What results depend on beside the programs and torch: the kernel, the driver, the cards.
read -r kernel </proc/sys/kernel/osrelease
echo "kernel $kernel"
driver=
[ ! -r /sys/module/amdgpu/srcversion ] || read -r driver </sys/module/amdgpu/srcversion
echo "driver $driver"
for node in /sys/class/kfd/kfd/topology/nodes/*/gpu_id; do
    number=
    [ ! -r "$node" ] || read -r number <"$node"
    echo "node $number"
done
