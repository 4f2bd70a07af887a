# Who holds a lock of apt or dpkg: file, process, its command. /proc/locks knows files by inode,
# which another file system may have as well, so the process must really have this file open.
known=" $(stat --printf '%i %n ' /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock \
    /var/lib/apt/lists/lock /var/cache/apt/archives/lock 2>/dev/null)"
while read -r _ _ _ _ process inode _; do
    inode=${inode##*:}
    case $known in *" $inode /"*) ;; *) continue ;; esac
    file=${known#*" $inode "}
    file=${file%% *}
    ls -l "/proc/$process/fd" 2>/dev/null | grep -qF " $file" || continue
    printf '%s\t%s\t%s\n' "$file" "$process" "$(tr '\0' ' ' <"/proc/$process/cmdline")"
done <<END
$(cat /proc/locks)
END
