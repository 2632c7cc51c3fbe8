#!/bin/sh
# Functions that nobody here calls, and words that nobody here leaves behind.
. "$SRCDIR/tests/lib/tap.sh"
[ -z "${INSTRUMENT-}" ] || skip_all "sources are the same under instruments"
cd "$SRCDIR" || exit 1
echo 1..4

claim() { # claim NUMBER TEXT OFFENDERS
    if [ -z "$3" ]; then
        echo "ok $1 - $2"
    else
        echo "not ok $1 - $2"
        printf '%s\n' "$3" | head -n 20 | sed 's/^/# /'
    fi
}

claim 1 "no unbounded, unsafe or locale-bound string function" \
    "$(grep -rnE '\b(strcpy|strcat|sprintf|vsprintf|strncpy|strncat|gets|strtok|atoi|atol|atof|system|alloca|tmpnam|mktemp)[ ]*\(' \
        src views plugins include --include='*.[ch]')"
claim 2 "no work put off in a comment" \
    "$(grep -rnwE 'TODO|FIXME|XXX|HACK' src views plugins include tests/unit --include='*.[ch]')"
claim 3 "no trailing blanks, no tabs in C" \
    "$(grep -rnE '[[:blank:]]+$|	' src views plugins include --include='*.[ch]')"
# Rows of tables, macros and texts are as long as they are.
claim 4 "no other line of C beyond 100 columns" \
    "$(find src views plugins include -name '*.[ch]' -exec awk 'length($0) > 100 && !/^ *[[{.X#]/ && !/\\\\$/ && !/"/ {
        print FILENAME ":" FNR ": " $0 }' {} +)"
