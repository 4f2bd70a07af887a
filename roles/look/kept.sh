# kept NAME LIST QUESTION FILE...: what a question answers that depends on these files alone, of which
# some may not be there. To start a program takes longer than most answers do, and to read hundreds
# of megabytes longer than all the rest of a look: so an answer that went well is kept in $answers,
# and given again until the box starts anew, while each file has its size, its inode and the time at
# which it was changed last, which is set by nobody but the clock. LIST: a name for these files.
kept() {
    name=$1 list=$2 question=$3
    shift 3
    if [ "$files" != "$*" ]; then
        files=$*
        word_for "$list" "$(stat -L --printf '%s %d:%i %.9Z ' "$@" 2>/dev/null)"
    fi
    kept_while "$word" "$name" "$question"
}
# A $word for how the files of a list are: the shell reads byte by byte, and each answer begins with
# it. It is another one as soon as they have changed.
word_for() {
    word=
    [ -n "$2" ] || return 0
    if [ -O "$answers/$1" ]; then
        { IFS= read -r word && IFS= read -r was; } <"$answers/$1"
        [ "$was" != "$2" ] || return 0
    fi
    IFS= read -r word </proc/sys/kernel/random/uuid && keep "$1" "$word" "$2" || word=
}
# keep NAME LINE...: as $answers/NAME, whole or not at all.
keep() {
    half=$answers/.$1.$$
    named=$answers/$1
    shift
    mkdir -p -m 700 "${answers%/*}" "$answers" 2>/dev/null || return
    printf '%s\n' "$@" 2>/dev/null >"$half" && mv "$half" "$named" && return
    rm -f "$half"
    return 1
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
    [ -n "$now_is" ] && [ "$status" = 0 ] || return 0
    size=${said:++}
    [ "${#said}" -gt 1500 ] || size=${said:+.} # the shell reads byte by byte
    keep "$name" "$now_is$size" ${said:+"$said"} || :
}
