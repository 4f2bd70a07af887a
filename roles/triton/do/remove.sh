# What building and running a Triton has left outside of the environment goes.
set -e
rm -f "$log"
rmdir "${log%/*}" 2>/dev/null || :
apt_take /var/lib/regraft/triton-packages
