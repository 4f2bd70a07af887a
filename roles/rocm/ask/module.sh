# The driver that the kernel ($kernel) would load.
echo "installed $(modinfo -k "$kernel" -F srcversion amdgpu 2>/dev/null)"
