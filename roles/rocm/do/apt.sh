# What this role asks of apt besides: see apt.sh of all roles.
# With new sources that are being tried ($stage), as long as they are. Caches of their own: one that
# was made over other files misleads, and without any each call takes seconds.
staged() {
    [ ! -e "$stage" ] || echo "-o Dir::Etc=$stage/etc -o Dir::State::lists=$stage/lists" \
        "-o Dir::Cache::pkgcache=$stage/pkgcache.bin -o Dir::Cache::srcpkgcache=$stage/src.bin"
}
# Only the lists of these sources ($1); without the error mode, old lists pass for new ones.
update() {
    only=$1
    shift
    apt update "$@" -o Dir::Etc::sourcelist="$only" -o Dir::Etc::sourceparts=/dev/null \
        -o APT::Update::Error-Mode=any -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
}
# Whether there are lists of the distribution's own, as old as a day at the most.
has_lists() {
    [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' ! -name '*_rocm_apt_*' \
        ! -name '*_amdgpu_*' ! -name '*_graphics_*' -mtime -1)" ]
}
# A copy of dpkg's status in which the packages in $1 are not there: what apt says over it is what
# it will say once they are gone, and nothing has been touched.
without() {
    status=/var/lib/dpkg/status
    [ -n "$1" ] || return 0
    status=$stage/status
    awk -v names=" $1 " 'BEGIN { RS = ""; ORS = "\n\n" } index(names, " " $2 " ") == 0' \
        /var/lib/dpkg/status >"$status"
}
