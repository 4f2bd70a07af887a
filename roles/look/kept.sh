# kept NAME QUESTION FILE...: what a question answers that depends on these files alone, of which
# some may not be there. To start a program takes longer than most answers do, and to read hundreds
# of megabytes longer than all the rest of a look: so an answer that went well is kept in $answers,
# and given again until the box starts anew, while each file has its size, its inode and the time at
# which it was changed last, which is set by nobody but the clock.
kept() {
    name=$1 question=$2
    shift 2
    if [ "$files" != "$*" ]; then
        files=$*
        now=$(stat -L --printf '%s %d:%i %.9Z ' "$@" 2>/dev/null)
    fi
    kept_while "$now" "$name" "$question"
}
# kept_while NOW NAME QUESTION: the same, while all that the answer depends on is said to be NOW.
kept_while() {
    now_is=$1 name=$2 question=$3
    if [ -O "$answers/$name" ]; then # which root alone can write
        {
            IFS= read -r was
            case $was in
            "$now_is") return 0 ;;
            "$now_is.")
                while IFS= read -r said; do printf '%s\n' "$said"; done
                return 0
                ;;
            "$now_is+") cat && return 0 ;;
            esac
        } <"$answers/$name"
    fi
    said=$(eval "$question" 2>&1) # what it says on the way is part of it
    status=$?
    [ -z "$said" ] || printf '%s\n' "$said"
    [ -n "$now_is" ] && [ "$status" = 0 ] && mkdir -p -m 700 "${answers%/*}" "$answers" 2>/dev/null ||
        return 0
    half=$answers/.$name.$$
    size=${said:++}
    [ "${#said}" -gt 1500 ] || size=${said:+.} # the shell reads byte by byte
    { printf '%s\n' "$now_is$size" && { [ -z "$said" ] || printf '%s\n' "$said"; }; } \
        2>/dev/null >"$half" && mv "$half" "$answers/$name" || rm -f "$half"
}
