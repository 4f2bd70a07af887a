# Install a graft ($deb, whose sha256 is $sum), whole: what apt says goes to a file first, so that it
# ends its work even if nobody is there to hear it any more.
set -e
echo "$sum  $deb" | sha256sum --check --quiet --strict >&2
said=$(mktemp)
trap 'rm -f "$said" "$deb"' EXIT
DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=120 \
    -o Dpkg::Use-Pty=0 --no-remove --allow-downgrades --reinstall install "$deb" >"$said" 2>&1 || {
    tail -n 20 "$said" >&2
    exit 1
}
