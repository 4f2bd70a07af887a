# Take units ($units) away, with their containers ($engine) and what was compiled for them ($caches).
set -e
for unit in $units; do
    name=${unit%.service}
    systemctl stop "$unit" 2>/dev/null || :
    systemctl -q disable "$unit" 2>/dev/null || :
    rm -f "/etc/systemd/system/$unit"
    [ -z "$engine" ] || "$engine" rm -f "$name" >/dev/null 2>&1 || :
    rm -rf "$caches/${name#"$prefix"}"
    systemctl reset-failed "$unit" 2>/dev/null || :
done
systemctl daemon-reload
rmdir "$caches" 2>/dev/null || :
