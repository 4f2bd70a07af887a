# The running kernel, the driver that is loaded, the one that would be, and what DKMS has built.
read -r kernel </proc/sys/kernel/osrelease
echo "kernel $kernel"
loaded=
[ ! -r /sys/module/amdgpu/srcversion ] || read -r loaded </sys/module/amdgpu/srcversion
echo "loaded $loaded"
echo "installed $(modinfo -k "$kernel" -F srcversion amdgpu 2>/dev/null)"
! command -v dkms >/dev/null || dkms status amdgpu 2>/dev/null | sed 's/^/dkms /'
efi=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
[ ! -e "$efi" ] || od -An -tu1 "$efi" | awk '{print "secureboot", $NF}'
