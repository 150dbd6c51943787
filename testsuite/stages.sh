#!/bin/sh
# stages.sh MAKE STAGE...
# Makes the targets test-STAGE one after the other and prints the seconds of each as it ends,
# and those of all at the end. A+B are two stages beside each other; their output comes when
# they end. The first stage that fails is the last one that begins.
set -u

make=$1
shift
dir=$(mktemp -d) || exit 1
begin=$(date +%s)
summary=
failed=

say() { printf '== %s\n' "$*"; }

# note STAGE STATUS SECONDS: a line of the summary
note() {
    word=passed
    [ "$2" = 0 ] || { word="FAILED, status $2"; failed=1; }
    summary="$summary$(printf '%6d s  %-12s %s' "$3" "$1" "$word")
"
    say "$1: $word, $3 s"
}

finish() {
    trap - EXIT HUP INT TERM
    say "$(($(date +%s) - begin)) s in all"
    printf '%s' "$summary"
    for stage; do
        printf '       -    %-12s not run\n' "$stage"
    done
    rm -rf "$dir"
}
trap 'finish "$@"; exit 130' HUP INT TERM

# beside STAGE: makes one of several, and leaves its output, status and seconds in files
beside() {
    from=$(date +%s)
    $make "test-$1" >"$dir/$1" 2>&1
    echo "$? $(($(date +%s) - from))" >"$dir/$1.end"
}

while [ $# -gt 0 ] && [ -z "$failed" ]; do
    stages=$(echo "$1" | tr + ' ')
    say "$1"
    shift
    case $stages in
    *' '*)
        for stage in $stages; do
            beside "$stage" &
        done
        wait
        for stage in $stages; do
            cat "$dir/$stage"
            read -r status seconds <"$dir/$stage.end"
            note "$stage" "$status" "$seconds"
        done
        ;;
    *)
        from=$(date +%s)
        $make "test-$stages"
        note "$stages" $? $(($(date +%s) - from))
        ;;
    esac
done
finish "$@"
[ -z "$failed" ]
