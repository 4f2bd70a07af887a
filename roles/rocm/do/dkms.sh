# AMD's driver ($packages; its version is $driver), built for the running kernel; it is for $kernels.
# If it does not build: the log's own words, and apt as usable as it was before.
kernel=$(uname -r)
# dkms recommends the headers of the newest kernel as well, for which it would be built too.
if apt install --no-install-recommends --allow-downgrades --allow-change-held-packages $packages &&
    dkms status amdgpu -k "$kernel" | grep -q installed; then
    exit 0
fi
exec >&2
echo "AMD's driver $driver does not build on kernel $kernel. It is for: $kernels."
log=$(ls -t /var/lib/dkms/amdgpu/*/build/make.log 2>/dev/null | head -n 1)
[ -z "$log" ] || { echo "From $log:"; grep -m 8 -iE 'error[: ]' "$log"; }
apt purge --allow-change-held-packages amdgpu-dkms amdgpu-dkms-firmware >/dev/null
echo "It was taken off again, and apt is fine. Next: rocm_driver = 'auto' in the inventory, for the"
echo "kernel's own driver, which knows these cards; or boot one of those kernels."
exit 1
