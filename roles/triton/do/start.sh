# Begin a build in $folder, as the systemd unit $unit: it goes on when the run that began it is gone.
# It belongs to $user, has no network, and of the memory no more than $memory bytes.
set -e
systemctl stop "$unit" 2>/dev/null || :
systemctl reset-failed "$unit" 2>/dev/null || :
printf '%s' "$script" >"$folder/build.sh"
chown -R "$user" "$folder"
echo "$what" >"$folder/what"
install -d "${log%/*}"
: >"$log"
exec systemd-run -q --no-block --unit="$unit" --description="$what" \
    -p User="$user" -p PrivateNetwork=yes -p PrivateTmp=yes -p ProtectSystem=full \
    -p MemoryMax="$memory" -p MemorySwapMax=0 -p Nice=5 -p WorkingDirectory="$folder" \
    -p StandardOutput="append:$log" -p StandardError="append:$log" \
    -E HOME="$folder" -E LC_ALL=C.UTF-8 /bin/sh build.sh
