# The account ($user) and its groups (`who`). Leaves $home for what comes after.
said=$(who)
printf '%s\n' "$said"
home=${said%%
*}
case $home in *:*) ;; *) home=: ;; esac
home=${home%:*}
home=${home##*:}
