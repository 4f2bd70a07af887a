# The running kernel ($kernel), the driver that is loaded, and what DKMS has built.
echo "kernel $kernel"
loaded=
[ ! -r /sys/module/amdgpu/srcversion ] || read -r loaded </sys/module/amdgpu/srcversion
echo "loaded $loaded"
! command -v dkms >/dev/null || dkms status amdgpu 2>/dev/null | sed 's/^/dkms /'
efi=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
[ ! -e "$efi" ] || od -An -tu1 "$efi" | awk '{print "secureboot", $NF}'
