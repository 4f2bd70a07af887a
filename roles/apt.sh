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
