# Take away what is left when units and images are gone: models that were fetched ($hub), caches, the
# key if a run of ours made it, and Docker if a run of ours brought it and nobody else uses it.
set -e
was() { grep -qxF "$1" "$kept-before"; }
rm -rf "$hub" "$caches" "$brought"
if [ -s "$kept-key" ]; then
    rm -f "$(cat "$kept-key")"
    [ ! -s "$kept-key-folders" ] || while read -r folder; do
        rmdir "$folder" 2>/dev/null || :
    done <"$kept-key-folders"
fi
if [ -s "$kept-packages" ] && [ -e "$kept-before" ]; then
    used=
    if command -v dockerd >/dev/null; then
        # what cannot be asked may be in use; and the package would take a folder along that was there
        used=$(docker ps -aq && docker image ls -aq && docker volume ls -q &&
            docker network ls -q --filter type=custom) || used=unknown
        ! was /var/lib/docker || used=before
    fi
    if [ -n "$used" ]; then
        echo 'Docker stays: it has containers, images, volumes or networks of others' >&2
    else
        systemctl -q stop docker.socket docker.service containerd.service 2>/dev/null || :
        # its rules stay in the kernel, and keep other packets from being forwarded
        for family in iptables ip6tables; do
            command -v $family-restore >/dev/null || continue
            policy='s/^:FORWARD DROP /:FORWARD ACCEPT /'
            ! was "drop $family" || policy=
            $family-save 2>/dev/null | grep -vi docker | sed "$policy" | $family-restore || :
        done
        ip link delete docker0 2>/dev/null || :
        ! was 'forward 0' || echo 0 >/proc/sys/net/ipv4/ip_forward
        apt_take "$kept-packages"
        hash -r # the shell remembers where programs were
        if command -v dockerd >/dev/null; then
            systemctl start docker.service # other packages have come to need it
        else
            for path in /var/lib/docker /var/lib/containerd /opt/containerd; do
                was "$path" || rm -rf "$path"
            done
            rm -rf /run/docker /run/docker.sock
            was /etc/docker || rm -f /etc/docker/key.json
            was /etc/docker || rmdir /etc/docker 2>/dev/null || :
            was /etc/cni || rmdir /etc/cni/net.d /etc/cni 2>/dev/null || :
            was group || groupdel docker 2>/dev/null || :
        fi
    fi
fi
rm -f "$kept"-*
rmdir "${kept%/*}" 2>/dev/null || :
