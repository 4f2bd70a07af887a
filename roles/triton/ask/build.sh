# A build in $folder, as the systemd unit $unit: what it is of, how it goes, what it has made.
[ ! -e "$folder/what" ] || echo "of $(cat "$folder/what")"
echo "unit $(systemctl is-active "$unit" 2>/dev/null)"
for wheel in "$folder"/done/*.whl; do
    [ ! -e "$wheel" ] || echo "made $(sha256sum "$wheel")"
done
