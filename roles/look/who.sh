# The account ($user) as getent has it, and its groups. It fails, and so is not kept, where more than
# files tells of this account, or could tell of its groups.
entry=$(getent passwd -- "$user")
printf '%s\n' "${entry:-$user}"
id -nG -- "$user" 2>/dev/null || echo
[ -n "$entry" ] && grep -qxF -e "$entry" /etc/passwd && [ ! -S /run/nscd/socket ] && awk '
    {sub(/#.*/, ""); sub(/^[ \t]+/, ""); sub(/[ \t]*:/, ": ")} # as glibc reads it
    /^(passwd|group|initgroups):/ {
        for (i = 2; i <= NF; i++) if ($i !~ /^(files|systemd|\[.*\])$/) exit other = 1
    }
    END {exit other}' /etc/nsswitch.conf
