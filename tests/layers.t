#!/bin/sh
# Who may include whom (ARCHITECTURE.md), and which library belongs to which file.
. "$SRCDIR/tests/lib/tap.sh"
[ -z "${INSTRUMENT-}" ] || skip_all "sources are the same under instruments"
cd "$SRCDIR" || exit 1
number=0

report() { # report CLAIM OFFENDERS
    number=$((number + 1))
    if [ -z "$2" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}

includes() { # includes FOLDER...: "file: header" of every include of ours there
    grep -rHoE '^#include "[^"]+"' "$@" --include='*.[ch]' 2> /dev/null |
        sed 's/:#include "\(.*\)"/: \1/' | grep -v ': config\.h$'
}

only() { # only FOLDER PATTERN...: includes there match one of the patterns, or are the plugin ABI's
    folder=$1
    shift
    pattern=$(printf '%s|' "$@")
    report "$folder includes only $*" \
        "$(includes "$folder" | grep -vE ": (${pattern}gigawatch/source\.h)$")"
}

libraries() { # libraries CLAIM HEADERS ALLOWED
    report "$1" "$(grep -rlE "#include <($2)" src views plugins include --include='*.[ch]' | grep -vE "$3")"
}

echo 1..20
only include 'gigawatch/json\.h'
only src/base 'base/.*'
only src/model 'model/.*' 'base/.*'
only src/forecast 'forecast/.*' 'base/.*'
only src/poll 'poll/.*' 'model/.*' 'base/.*' 'gigawatch/json\.h'
only src/store 'store/.*' 'model/.*' 'base/.*'
only src/show 'show/.*' 'model/.*' 'base/.*'
only src/format 'show/.*'
only src/tui 'tui/.*' 'show/.*' 'base/.*'
only views 'show/view\.h' 'views/[a-z_]+\.h'
# What names of exporters mean is said once, for the source that reads a page and the one that asks an engine of pages.
only plugins 'gigawatch/json\.h' '(\.\./)?exporters\.h' '(\.\./)?(gpu_metrics|words)\.h' '(\.\./)?promql_(answer|known)\.h' 'plugins/.*'
report "a source's folder is its own" \
    "$(includes plugins | grep -E ': plugins/' | grep -vE '^plugins/([a-z]+)(\.c|/[a-z_]+\.h): plugins/\1/')"
report "forecast/ does no I/O and has no clock" \
    "$(grep -nE '#include <(stdio|time|unistd|fcntl|sys/|pthread)' src/forecast/*.[ch] | grep -v 'stdio.h>')"
libraries "ncurses only in one file of tui/" '(ncursesw/)?(n?curses|term)\.h' '^src/tui/terminal\.c$'
libraries "SQLite only in store/" 'sqlite3\.h' '^src/store/'
libraries "libssh and libcurl only in poll/" '(libssh|curl)/' '^src/poll/'
libraries "YAML only in the settings and kubeconfigs" 'yaml\.h' '^src/(settings|base/yaml_text|poll/kubeconfig)'
report "locks only in the inbox" \
    "$(grep -rlE 'pthread_(mutex|rwlock|cond|spin)_' src views plugins --include='*.[ch]' | grep -vE '^src/base/inbox\.c$')"
report "no header includes itself by way of others" \
    "$(includes src views plugins include | grep -E '\.h: ' | sed 's/: / /; s#\(^\| \)\(src\|include\)/#\1#g' | tsort 2>&1 > /dev/null)"
report "every file says first what it is for" \
    "$(find src views plugins include -name '*.[ch]' -exec awk 'FNR == 1 && !/^\/\*/ { print FILENAME } { nextfile }' {} +)"
