# Docker from the distribution, with what its containers are confined by. It is remembered so that it
# can go again, and so is what was there before it ($kept-before): the rest it has made itself.
set -e
install -d "${kept%/*}"
if [ ! -e "$kept-before" ]; then
    new=$(mktemp "$kept-before.XXXXXX")
    for path in /var/lib/docker /var/lib/containerd /etc/docker /etc/cni /opt/containerd; do
        [ ! -e "$path" ] || echo "$path"
    done >"$new"
    ! getent group docker >/dev/null || echo 'group' >>"$new"
    for family in iptables ip6tables; do
        ! $family -S FORWARD 2>/dev/null | grep -q '^-P FORWARD DROP' || echo "drop $family" >>"$new"
    done
    echo "forward $(cat /proc/sys/net/ipv4/ip_forward)" >>"$new"
    mv "$new" "$kept-before"
fi
apt-cache show docker.io >/dev/null 2>&1 || apt update
# containers do not start where the kernel has AppArmor and the box has not; Docker only recommends it
apt_bring "$kept-packages" docker.io apparmor
systemctl start docker.service
