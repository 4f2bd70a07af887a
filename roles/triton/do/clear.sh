# End a build ($unit) and delete its folder.
systemctl stop "$unit" 2>/dev/null || :
systemctl reset-failed "$unit" 2>/dev/null || :
rm -rf "$folder"
