# A build in $folder, as the systemd unit $unit: what it is of, how it goes, what it has made.
[ ! -r "$folder/what" ] || { IFS= read -r what && echo "of $what"; } <"$folder/what"
# systemd has it there as long as it knows of it
[ ! -e "/run/systemd/transient/$unit" ] || echo "unit $(systemctl is-active "$unit" 2>/dev/null)"
for wheel in "$folder"/done/*.whl; do
    [ ! -e "$wheel" ] || echo "made $(sha256sum "$wheel")"
done
