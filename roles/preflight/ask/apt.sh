# Whether apt finds what is installed sound. Without the lists of what it could install, which say
# nothing of that, it takes a quarter of the time; with its cache in memory only, it writes nothing.
apt-get -qq check -o Debug::NoLocking=1 -o Dir::State::lists=/proc/none \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
