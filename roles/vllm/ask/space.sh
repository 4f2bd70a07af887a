# Free bytes, and the file system: of where the engine keeps images ($root), which may not be there
# yet; of where an image's files lie until then; and of that by which pyinfra sends them.
at=${root:-/var/lib/docker}
until [ -d "$at" ]; do at=$(dirname "$at"); done
df -B1 --output=avail,target "$at/." /var/cache/. /tmp/.
