# Folders of a ROCm below /opt, each with whether a package owns it.
for folder in /opt/rocm-* /opt/rocm /opt/amdgpu*; do
    [ -d "$folder" ] && [ ! -L "$folder" ] || continue
    if grep -qsx "$folder" /var/lib/dpkg/info/*.list; then
        echo "owned $folder"
    else
        echo "loose $folder"
    fi
done
