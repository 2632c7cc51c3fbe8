#!/bin/sh
# The manual is whole: every option, setting, field, key, source, variable and exit status that the program has stands in it.
. "$SRCDIR/tests/lib/tap.sh"
gw="$GIGAWATCH --cache none"
cd "$SRCDIR/man" || exit 1
fields=$BUILDDIR/man/gigawatch-fields.7

lacks() { # lacks PAGE PATTERN-WITH-% WORD...: the words for which the pattern matches nowhere in the page
    page=$1 pattern=$2
    shift 2
    for word; do
        grep -qE -- "$(printf '%s' "$pattern" | sed "s|%|$word|")" "$page" || printf '%s ' "$word"
    done
}

is "every option is in gigawatch(1)" "" \
    "$(lacks gigawatch.1 '(Fl|,|;) -%( |$)' $($gw --help | sed -n 's/^ .* --\([a-z-]*\).*/\1/p'))"
is "every exit status of --help, too" "" "$(lacks gigawatch.1 '^\.It %$' $($gw --help | grep '^Exit' | grep -oE '[0-9]'))"
is "every setting is in gigawatch.yaml(5)" "" "$(lacks gigawatch.yaml.5 'Li .*%( |$)' \
    $($gw --doctor | sed -n '/^configuration/,/^$/s/^  \([a-z_.-]*\)  .*/\1/p'))"
is "every source is named there or in gigawatch(1)" "" "$(cat gigawatch.1 gigawatch.yaml.5 gigawatch-source.7 > "$tap_folder/all"
    lacks "$tap_folder/all" '%' $($gw --list sources | sed -n 's/^\([a-z]\{2,\}\) .*/\1/p'))"
is "every variable that is read is in gigawatch(1)" "" "$(lacks gigawatch.1 '(Ev|,) %( |$)' \
    $(grep -rhoE 'getenv\("[A-Z_]+"' "$SRCDIR"/src "$SRCDIR"/plugins --include='*.c' | cut -d'"' -f2 | sort -u))"
is "every kind is in gigawatch-query(7)" "" \
    "$(lacks gigawatch-query.7 '(^| )%(,|\.| and|$)' $($gw --list kinds | sed 's/ .*//'))"

missing=
for kind in $($gw --list kinds | sed 's/ .*//'); do
    section=$(echo "$kind" | tr '[:lower:]' '[:upper:]')
    for field in $($gw --list fields "$kind" | sed 's/ .*//'); do
        sed -n "/^\.Sh $section\$/,/^\.El\$/p" "$fields" | grep -qE "^\.It Li $field( |\$)" || missing="$missing $kind.$field"
    done
done
is "every field of every kind is in gigawatch-fields(7)" "" "$missing"
if command -v mandoc > /dev/null; then
    mandoc -T lint -W warning "$fields" > "$tap_folder/lint" 2>&1
    verdict "which is a manual page" $? "$(cat "$tap_folder/lint")"
else
    verdict "which is a manual page # SKIP no mandoc" 0
fi
is "pages that are pointed at are there" "" "$(for page in $(sed -n 's/^\.Xr \(gigawatch[a-z.-]*\) \([0-9]\).*/\1.\2/p' ./*.[157] "$fields" | sort -u); do
    [ -e "$page" ] || [ "$page" = gigawatch-fields.7 ] || echo "$page"; done)"
done_testing
