# Who holds a lock of apt or dpkg: file, process, its command. /proc/locks knows files by inode,
# which another file system may have as well, so the process must really have this file open.
for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock \
    /var/cache/apt/archives/lock; do
    inode=$(stat -c %i "$file" 2>/dev/null) || continue
    for process in $(awk -v inode=":$inode$" '$6 ~ inode {print $5}' /proc/locks); do
        ls -l "/proc/$process/fd" 2>/dev/null | grep -qF " $file" || continue
        printf '%s\t%s\t%s\n' "$file" "$process" "$(tr '\0' ' ' <"/proc/$process/cmdline")"
    done
done
