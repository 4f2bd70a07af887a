# What this role asks of apt besides: see apt.sh of all roles.
# With new sources that are being tried ($stage), as long as they are.
staged() {
    [ ! -e "$stage" ] || echo "-o Dir::Etc=$stage/etc -o Dir::State::lists=$stage/lists"
}
# A cache made over other sources or another status than the next call's misleads it.
alone='-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
# Only the lists of these sources ($1); without the error mode, old lists pass for new ones.
update() {
    only=$1
    shift
    apt update -o Dir::Etc::sourcelist="$only" -o Dir::Etc::sourceparts=/dev/null \
        -o APT::Update::Error-Mode=any $alone "$@"
}
# A copy of dpkg's status in which the packages in $1 are not there: what apt says over it is what
# it will say once they are gone, and nothing has been touched.
without() {
    status=$(mktemp) && trap 'rm -f "$status"' EXIT
    awk -v names=" $1 " 'BEGIN { RS = ""; ORS = "\n\n" } index(names, " " $2 " ") == 0' \
        /var/lib/dpkg/status >"$status"
}
