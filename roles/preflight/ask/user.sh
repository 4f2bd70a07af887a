# The account ($user) and its groups. Leaves $home for what comes after.
entry=$(getent passwd -- "$user")
echo "${entry:-$user}"
id -nG -- "$user" 2>/dev/null || echo
home=${entry%:*}
home=${home##*:}
