#!/bin/sh
# Build the lab box's image, as root, in one go: a disk, its kernel, and a root with a compiler
# for that kernel. FOLDER/recipe holds what it is made of; image.py writes it.
# usage: build.sh FOLDER OWNER
set -eu
folder=$1 owner=$2
recipe=$folder/recipe
say() { printf '==> lab image: %s\n' "$*" >&2; }
bootstrap() {
    mmdebstrap --mode=root --format=directory --aptopt="$recipe/apt.conf" "$@"
}

rm -rf "$folder/root" "$folder/builder"
# half a root filesystem is of no use to anyone, and a user could not even delete it
trap 'exit 130' INT
trap 'exit 143' TERM HUP # dash runs no EXIT trap when a signal ends it
trap 'rm -rf "$folder/root"; chown -R "$owner" "$folder"' EXIT

say "root filesystem, by apt"
bootstrap --variant=minbase --include="$(cat "$recipe/packages")" \
    --customize-hook="tar-in $recipe/files.tar /" \
    --customize-hook='chroot "$1" sh /regraft-setup.sh' \
    "$(cat "$recipe/suite")" "$folder/root" "$recipe/sources.list"

kernel=$(basename "$folder"/root/lib/modules/*)
printf '%s\n' "$kernel" >"$folder/kernel"
cp -L "$folder/root/boot/vmlinuz-$kernel" "$folder/vmlinuz"
cp -L "$folder/root/boot/initrd.img-$kernel" "$folder/initrd"

say "disk"
PATH=$PATH:/usr/sbin:/sbin mke2fs -q -t ext4 -d "$folder/root" -L lab "$folder/disk.raw" "$(cat "$recipe/size")"

say "compiler for kernel $kernel (kept out of the box)"
bootstrap --variant=extract --include="bash,dash,coreutils,sed,grep,gawk,findutils,gcc,make,kmod,$(cat "$recipe/headers")" \
    "$(cat "$recipe/suite")" "$folder/builder" "$recipe/sources.list"
ln -sf gawk "$folder/builder/usr/bin/awk"
