# Take away what a box has kept ($kept) of what its libraries carry, and its folder if it was alone.
set -e
rm -f "$kept" "${kept%/*}"/.coverage.*
rmdir "${kept%/*}" 2>/dev/null || true
