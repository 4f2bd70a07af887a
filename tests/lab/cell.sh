# Cells: the lab's root in namespaces of their own, an sshd at each port, told by lines on stdin.
# usage: cell.sh DISK FOLDER PORT...
#     begin LAYERS   as new, above what was kept as these, the last one first, each with a colon
#     keep LABEL     end it, and keep what it has changed
#     end            end it
# Each is answered by a line. When stdin ends, however that comes, nothing of it stays.
set -eu
disk=$1
cd "$2" # overlay's options cannot have every name in them
shift 2

end() {
    kill -KILL -1 2>/dev/null || : # all in here but this shell
    tries=500
    while mountpoint -q root; do
        umount -R root 2>/dev/null || [ "$((tries -= 1))" -gt 0 ] || umount -R root
        sleep 0.02 # until the last of them has let go of it
    done
}
begin() {
    rm -rf changed work
    mkdir changed work
    mount -t overlay -o "lowerdir=$1disk,upperdir=changed,workdir=work" overlay root
    mount -t proc proc root/proc
    mount --rbind /sys root/sys
    mount --rbind /dev root/dev
    mount -t tmpfs tmpfs root/run
    mount -t tmpfs tmpfs root/tmp
    mkdir -p root/run/sshd root/run/lock
    printf '#!/bin/sh\nexit 101\n' >root/usr/sbin/policy-rc.d # nothing starts services here
    chmod 755 root/usr/sbin/policy-rc.d
    shift
    for port; do
        chroot root /usr/sbin/sshd </dev/null -p "$port" -o ListenAddress=127.0.0.1 -o PidFile=none
    done
}

rm -rf layers
mkdir -p disk layers root
mount -o loop,ro,noload "$disk" disk
while read -r word what; do
    case $word in
    begin)
        end
        begin "${what-}" "$@"
        ;;
    keep)
        end
        mv changed "layers/$what"
        ;;
    end) end ;;
    esac
    echo done
done
end
umount disk
rm -rf changed work layers
