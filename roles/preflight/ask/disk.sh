# The file system and the free bytes behind each folder that a deploy fills, links followed.
timeout 20 df -B1 --output=file,avail,target /opt/. /usr/. /var/cache/apt/. /boot/. /tmp/. 2>/dev/null
