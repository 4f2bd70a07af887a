# Take the other release ($remove) away, and put this one in its place from what was downloaded.
set -e
[ -z "$remove" ] || apt purge --allow-change-held-packages $remove
[ -z "$install" ] || apt install --no-remove $install
