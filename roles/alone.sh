# One script at a time: what a run has begun here goes on when the run is killed, and a next one would
# pull the folders away from under it.
exec 9>/run/lock/regraft
flock -n 9 || {
    echo 'what an earlier run has begun here still goes on: waiting for its end' >&2
    flock -w 1800 9 || {
        echo "it does not end. Next: fuser -v /run/lock/regraft, on that box" >&2
        exit 1
    }
}
