# Whether apt finds its packages sound, in a look that must not write. As nobody, who cannot, apt
# reads the cache that lies there, which takes a third of the time; what it complains of that way is
# asked again, with a cache in memory only.
check='apt-get -qq check -o Debug::NoLocking=1'
said=$(runuser -u nobody -- $check 2>&1) && [ -z "$said" ] ||
    $check -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
