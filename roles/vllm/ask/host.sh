# What a container is given of the cards ($cards, by their PCI addresses), and what is behind them.
stat -c 'kfd %g' /dev/kfd 2>/dev/null
for pci in $cards; do
    for node in "/sys/bus/pci/devices/$pci/drm"/renderD*; do
        node=/dev/dri/${node##*/}
        [ ! -c "$node" ] || stat -c "render $pci %n %g" "$node"
    done
    vram=/sys/bus/pci/devices/$pci/mem_info_vram_total
    [ ! -r "$vram" ] || ! read -r bytes <"$vram" || echo "vram $pci $bytes"
done
read -r line </proc/cmdline && echo "line $line"
for one in /sys/class/iommu/*; do
    [ ! -e "$one" ] || echo "iommu ${one##*/}"
done
# only a driver that did not come with Linux has a version of its own
if [ -e /sys/module/amdgpu/version ]; then
    echo 'driver dkms'
elif [ -d /sys/module/amdgpu ]; then
    echo 'driver kernel'
fi
sources='/etc/apt/sources.list /etc/apt/sources.list.d/*'
! grep -qsE '^[^#]*(repo\.radeon\.com|regraft-amd)' $sources || echo 'source amd'
! grep -qsE '^[^#]*apt-gfx906' $sources || echo 'source apt-gfx906'
