# Our units ($prefix*), each with the sum of its file, whether its first line says that it is ours
# ($mark), the port that it publishes, and what systemd makes of it.
cd /etc/systemd/system || exit 0
set -- "$prefix"*.service
[ -e "$1" ] || exit 0
for unit; do
    echo "unit $unit"
    echo "sum $(sha256sum <"$unit" | cut -c 1-64)"
    [ "$(head -n 1 "$unit")" != "$mark" ] || echo 'ours yes'
    sed -n 's/^.*--publish=[^ ]*:\([0-9]*\):[0-9]*.*$/port \1/p' "$unit"
done
systemctl show -p Id -p ActiveState -p SubState -p Result -p NRestarts -p UnitFileState \
    -p NeedDaemonReload "$@"
