# The account ($user) and its groups. Leaves $home for what comes after.
getent passwd -- "$user" || echo "$user"
id -nG -- "$user" 2>/dev/null || echo
home=$(getent passwd -- "$user" | cut -d: -f6)
