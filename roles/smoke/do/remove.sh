# Take away what the smoke tests have left ($folder), and the folder above if it was alone.
set -e
rm -rf "$folder"
rmdir "${folder%/*}" 2>/dev/null || :
