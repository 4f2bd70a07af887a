# Take grafts ($names) away; what they had set aside comes back.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o DPkg::Lock::Timeout=120 \
    -o Dpkg::Use-Pty=0 --allow-change-held-packages purge $names >"$said" 2>&1 || {
    tail -n 20 "$said" >&2
    exit 1
}
