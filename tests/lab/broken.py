"""Ways to break a box, as shell to run in it."""

# A .deb of nothing: `deb NAME VERSION [POSTINST [FIELD]]`, made by what every Debian has.
DEB = """
deb() { mkdir -p /tmp/$1/DEBIAN; printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\n\
Maintainer: lab <lab@localhost>\\n%sDescription: lab\\n' $1 $2 "${4:+$4
}" >/tmp/$1/DEBIAN/control
if [ -n "$3" ]; then printf '#!/bin/sh\\n%s\\n' "$3" >/tmp/$1/DEBIAN/postinst
chmod 755 /tmp/$1/DEBIAN/postinst; fi
dpkg-deb -b /tmp/$1 /tmp/$1.deb >/dev/null; }
"""

# A process that holds dpkg's lock, in the background, from the moment that this returns.
LOCKED = (
    'nohup python3 -c \'import fcntl, time; f = open("/var/lib/dpkg/lock-frontend", "w"); '
    'fcntl.lockf(f, fcntl.LOCK_EX); print("held", flush=True); time.sleep(600)\' '
    ">/tmp/held 2>&1 & until grep -q held /tmp/held; do :; done"
)
