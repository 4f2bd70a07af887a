# Who holds a lock of apt or dpkg: file, process, its command.
for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock; do
    inode=$(stat -c %i "$file" 2>/dev/null) || continue
    process=$(awk -v inode=":$inode$" '$6 ~ inode {print $5; exit}' /proc/locks)
    [ -z "$process" ] || printf '%s\t%s\t%s\n' \
        "$file" "$process" "$(tr '\0' ' ' <"/proc/$process/cmdline")"
done
