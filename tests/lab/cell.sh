# Cells: the lab's root booted by systemd-nspawn, an sshd at each port, told by lines on stdin.
# usage: cell.sh DISK FOLDER PORT...
#     begin LAYERS   as new, above what was kept as these, the last one first, each with a colon
#     keep LABEL     end it, and keep what it has changed
#     end            end it
# Each is answered by a line. When stdin ends, however that comes, nothing of it stays.
set -eu
disk=$1
cd "$2" # overlay's options cannot have every name in them
shift 2
group=regraft-cell-$1
trees=
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup/memory; do
    [ ! -e "$tree/cgroup.procs" ] || trees="$trees $tree"
done
mounts="root /run/systemd/nspawn" # where nspawn leaves its marks when it is killed

end() {
    kill -KILL -1 2>/dev/null || : # all in here but this shell
    wait
    tries=500 # until the last of them has let go of it
    for mount in $mounts; do
        while mountpoint -q "$mount"; do
            umount -R "$mount" 2>/dev/null || [ "$((tries -= 1))" -gt 0 ] || umount -R "$mount"
            sleep 0.02
        done
    done
    for tree in $trees; do
        while [ -d "$tree/$group" ] && [ "$((tries -= 1))" -gt 0 ]; do
            find "$tree/$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.02
        done
    done
}
begin() {
    rm -rf changed work ready
    mkdir -p changed work ready /run/systemd/nspawn
    mount -t overlay -o "lowerdir=$1disk,upperdir=changed,workdir=work" overlay root
    mount -t tmpfs tmpfs /run/systemd/nspawn
    for tree in $trees; do mkdir "$tree/$group"; done
    ( # in a group without this shell: nspawn makes groups below it, and hands controllers down
        for tree in $trees; do echo 0 >"$tree/$group/cgroup.procs"; done
        exec systemd-nspawn --keep-unit --register=no --quiet --settings=no --console=pipe \
            --link-journal=no --timezone=off --resolv-conf=replace-host --bind=ready:/run/ready \
            --bind-ro=units:/run/units --setenv=SYSTEMD_UNIT_PATH=/run/units: \
            --directory=root /bin/sh /run/units/init
    ) </dev/null >serial.log 2>&1 &
    tries=3000
    until [ -e ready/sshd ]; do
        kill -0 $! 2>/dev/null && [ "$((tries -= 1))" -gt 0 ] || {
            tail -n 5 serial.log >&2
            exit 1
        }
        sleep 0.02
    done
}
leave() {
    end
    ! mountpoint -q disk || umount disk
    rm -rf changed work layers ready units
}

trap leave EXIT
mkdir -p disk root units
rm -rf layers units/*
mkdir layers
for unit in systemd-remount-fs.service ssh.service ssh.socket; do # its disk, its network are not its own
    ln -s /dev/null "units/$unit"
done
printf '[Unit]\nRequires=basic.target cell-ssh.service\n' >units/cell.target
printf '[Unit]\nWants=%s\nAfter=%s basic.target\n[Service]\nType=forking\nExecStart=/bin/sh %s\n' \
    systemd-user-sessions.service systemd-user-sessions.service /run/units/begun \
    >units/cell-ssh.service
{
    # where each controller has a tree of its own, nspawn gives none of them to be written to
    echo 'mount -o remount,bind,rw /sys/fs/cgroup/memory 2>/dev/null'
    echo 'exec /lib/systemd/systemd --unit=cell.target'
} >units/init
{
    echo 'set -e; mkdir -p /run/sshd'
    for port; do
        echo "/usr/sbin/sshd -p $port -o ListenAddress=127.0.0.1 -o PidFile=none"
    done
    echo 'touch /run/ready/sshd'
} >units/begun
mount -o loop,ro,noload "$disk" disk
while read -r word what; do
    case $word in
    begin)
        end
        begin "${what-}"
        ;;
    keep)
        end
        mv changed "layers/$what"
        ;;
    end) end ;;
    esac
    echo done
done
