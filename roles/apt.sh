# apt as every role uses it: asks nothing, waits for a lock, keeps what a person has configured.
# What it says goes to files first: it comes to its end even if nobody is there to hear it any more.
# It tries again at once: with its own delays, apt 2.6 waits for ever after an answer of 503.
apt() {
    apt_said=$(mktemp -d)
    DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=120 \
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -o Acquire::Retries=2 -o Acquire::Retries::Delay=false "$@" \
        >"$apt_said/out" 2>"$apt_said/err" && apt_status=0 || apt_status=$?
    cat "$apt_said/out"
    cat "$apt_said/err" >&2
    rm -rf "$apt_said"
    return $apt_status
}
# For what needs nothing but what is installed, and a file: without the lists of what could be, and
# without a cache over them, apt takes a third of the time. They stay as they are.
apt_here='-o Dir::State::lists=/proc/none -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
# Packages for the sake of one role, remembered in a file ($1) so that they can go when the role goes:
# those that were not there before, with all that they brought along.
apt_bring() {
    apt_kept=$1
    shift
    install -d "${apt_kept%/*}"
    apt_before=$(mktemp) apt_after=$(mktemp)
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sort >"$apt_before"
    apt install --no-install-recommends "$@" && apt_brought=0 || apt_brought=$?
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sort >"$apt_after"
    comm -13 "$apt_before" "$apt_after" | sed -n 's/^installed //p' >>"$apt_kept"
    rm -f "$apt_before" "$apt_after"
    return $apt_brought
}
# They go, unless something else has come to need them.
apt_take() {
    if [ -s "$1" ]; then
        apt_others=$(LC_ALL=C apt-get -qs purge $(cat "$1") |
            sed -nE 's/^(Remv|Purg) ([^ :]+).*/\2/p' | grep -vxF -f "$1" | sort -u) || apt_others=
        if [ -z "$apt_others" ]; then
            apt purge $(cat "$1") || return
        else
            echo "other packages have come to need them, so these stay:" $(cat "$1") >&2
        fi
    fi
    rm -f "$1"
    rmdir "${1%/*}" 2>/dev/null || :
}
