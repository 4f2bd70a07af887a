# Start a unit ($unit) anew by its file, and with the box from now on. What it is to load takes minutes,
# for which nothing waits here.
set -e
systemctl daemon-reload
systemctl reset-failed "$unit" 2>/dev/null || :
systemctl -q enable "$unit"
systemctl restart "$unit"
