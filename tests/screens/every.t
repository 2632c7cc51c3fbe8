#!/bin/sh
# every/VIEW-MODE.txt is a view as a person sees it at each size, with and without colour or more than ASCII. Written anew
# like the others: REWRITE=1 tests/screens/every.t.
set -u
[ -z "${INSTRUMENT:-}" ] || { echo "1..0 # SKIP what is drawn is the same under instruments, and screens.t draws under them"; exit 0; }
cd "$SRCDIR/tests/screens/every" || exit 1
state=$(mktemp -d) || exit 1
trap 'rm -rf "$state"' EXIT
XDG_CACHE_HOME=$state TZ=UTC
export XDG_CACHE_HOME TZ
demo="--demo=gpus=576,seed=1 --now 2026-11-22T14:05:32Z --cache none"

options_of() { # options_of MODE
    case $1 in
        utf8) ;;
        ascii) echo --ascii ;;
        mono) echo --theme mono ;;
    esac
}
view_of() { # view_of VIEW
    if [ "$1" = wall ]; then echo --wall; else echo "--view $1"; fi
}
timeless() { # how long the simulated site takes to answer is not the same twice
    sed -E 's/(sim: )? ok +[0-9.]+[mu]?s /\1 ok LATENCY /'
}
draw() { # draw VIEW MODE: at every size
    for size in 80x24 120x36 200x60; do
        echo "# $(view_of "$1") --screen $size $(options_of "$2")"
        "$GIGAWATCH" $demo $(view_of "$1") --screen $size $(options_of "$2") | timeless
    done
}

views="$("$GIGAWATCH" -c /dev/null --cache none --list views | sed 's/ .*//') wall"
set -- $views
echo "1..$((3 * $#))"
number=0
for view; do
    for mode in utf8 ascii mono; do
        number=$((number + 1)) file=$view-$mode.txt
        draw "$view" "$mode" > "$state/got" 2>&1
        [ -z "${REWRITE:-}" ] || cp "$state/got" "$file"
        if diff -u "$file" "$state/got" > "$state/diff" 2>&1; then
            echo "ok $number - $view, $mode"
        else
            echo "not ok $number - $view, $mode"
            sed 's/^/# /' "$state/diff"
        fi
    done
done
