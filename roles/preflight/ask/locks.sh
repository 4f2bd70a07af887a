# Who holds a lock of apt or dpkg: file, process, its command. /proc/locks knows files by inode,
# which another file system may have as well, so the process must really have this file open.
stat -c '%i %n' /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock \
    /var/cache/apt/archives/lock 2>/dev/null |
    awk 'NR == FNR {file[$1] = $2; next}
        {sub(/.*:/, "", $6)}
        $6 in file {print file[$6], $5}' - /proc/locks |
    while read -r file process; do
        ls -l "/proc/$process/fd" 2>/dev/null | grep -qF " $file" || continue
        printf '%s\t%s\t%s\n' "$file" "$process" "$(tr '\0' ' ' <"/proc/$process/cmdline")"
    done
