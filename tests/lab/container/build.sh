#!/bin/sh
# The root filesystem of the lab's container image as a tar, and the registry's package, by one apt
# that knows this recipe's sources and nothing of the machine's. As root.
# usage: build.sh FOLDER OWNER
set -eu
folder=$1 owner=$2
export folder
trap 'exit 130' INT
trap 'exit 143' TERM HUP # dash runs no EXIT trap when a signal ends it
trap 'chown -R "$owner" "$folder"' EXIT

mmdebstrap --mode=root --format=tar --variant=extract --aptopt="$folder/apt.conf" \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --include="$(cat "$folder/packages")" \
    --extract-hook='chroot "$1" /usr/bin/python3 -IS -m compileall -q \
        --invalidation-mode unchecked-hash /usr/lib' \
    --extract-hook='cd "$folder" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG \
        apt-get -q -o APT::Sandbox::User=root download docker-registry' \
    "$(cat "$folder/suite")" "$folder/root.tar" "$folder/sources.list"
