# After a power cut in the middle of dpkg: what it can finish is finished, and packages of ROCm that
# are half-done ($names) go, to come anew. No archive has to be fetched twice for that.
# Sources that were being tried ($stage) are forgotten.
rm -rf "$stage"
said=$(mktemp)
trap 'rm -f "$said"' EXIT
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
dpkg --configure -a --force-confdef --force-confold >"$said" 2>&1
[ -z "$names" ] || dpkg --purge --force-depends --force-remove-reinstreq --force-hold $names \
    >"$said" 2>&1 || {
    tail -n 20 "$said" >&2
    exit 1
}
