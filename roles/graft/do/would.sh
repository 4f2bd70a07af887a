# Not a change: what apt would do to install a package that comes as a file ($deb).
LC_ALL=C apt-get -q -s $apt_here -o Debug::NoLocking=1 --allow-downgrades \
    --allow-change-held-packages install "$deb" 2>&1
