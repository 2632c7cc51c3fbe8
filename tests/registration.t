#!/bin/sh
# A new view, source, format and column is one file, or one line: added to a copy, built, and used.
if [ -n "${INSTRUMENT-}" ]; then
    echo "1..0 # SKIP the copy is built without $INSTRUMENT; the plain suite does that"
    exit 0
fi
copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
cd "$SRCDIR" || exit 1
for part in bootstrap configure.ac Makefile.am include src views plugins man tests examples *.md; do
    cp -R "$part" "$copy/" || exit 1
done
cd "$copy" || exit 1
chmod -R u+w .
# Of a build in the source tree, nothing counts.
find . -name '*.o' -exec rm -f {} +

cat > views/lamps.c <<'END'
/* A view for the test of registration. */
#include "show/view.h"

static const struct column columns[] = { { "name", .text = true, .cell = NULL }, { 0 } };
const struct view lamps_view = {
    .name = "lamps", .title = "lamps", .help = "one file, one view", .key = 'L', .columns = columns,
};
END
cat > plugins/lamp.c <<'END'
/* A source for the test of registration. */
#include "gigawatch/source.h"

static const struct gw_metric metrics[] = { { "power", GW_NODE, GW_GAUGE, "kW", 0, 9, "power" }, { 0 } };
static int ask(const struct gw_api *api, const struct gw_target *t, struct gw_ask *ask, struct gw_out *out)
{
    (void)api, (void)t, (void)out;
    ask->how = GW_RUN;
    ask->command = "echo 2.5";
    return GW_DONE;
}
static int parse(const struct gw_api *api, const struct gw_target *t, const char *text, size_t len,
                 struct gw_out *out)
{
    (void)text, (void)len;
    api->number(out, api->entity(out, GW_NODE, t->name, 4, GW_NONE), 0, 2.5);
    return GW_DONE;
}
const struct gw_source lamp_source = {
    GW_SOURCE_HEAD, .name = "lamp", .summary = "one file, one source", .metrics = metrics,
    .ask = ask, .parse = parse,
};
END
cat > src/format/lampblack.c <<'END'
/* A format for the test of registration. */
#include "show/format.h"

static void write_rows(const struct table *t, FILE *out)
{
    fprintf(out, "%zu rows\n", t->row_count);
}
const struct format lampblack_format = { .name = "lampblack", .help = "one file, one format", .write = write_rows };
END
sed -i 's|^static const struct column columns\[\] = {|&\n    { "lampshade", .unit = UNIT_W, COLUMN_METRIC(M_NODE_POWER), .help = "one line, one column" },|' views/nodes.c

cat > lamp.yaml <<'END'
targets:
  - { url: "local:", source: lamp, name: n001 }
END

echo 1..5
if ./bootstrap > log 2>&1 && mkdir build && cd build && ../configure -q CC="$CC" CFLAGS=-O0 >> ../log 2>&1 &&
    make -s -j2 gigawatch >> ../log 2>&1; then
    echo "ok 1 - the copy builds"
else
    echo "not ok 1 - the copy builds"
    tail -n 30 "$copy/log" | sed 's/^/# /'
    exit 1
fi

found() { # found NUMBER CLAIM PATTERN COMMAND...
    number=$1 claim=$2 pattern=$3
    shift 3
    if "$@" 2>&1 | grep -q -- "$pattern"; then
        echo "ok $number - $claim"
    else
        echo "not ok $number - $claim"
        "$@" 2>&1 | head -n 10 | sed 's/^/# /'
    fi
}
found 2 "a view is one file" lamps ./gigawatch --list views
found 3 "a column is one line, in queries too" 'lampshade_w":2500' \
    ./gigawatch --cache none -c ../lamp.yaml -q 'nodes show name, lampshade' -o json
found 4 "a format is one file" '^1 rows' ./gigawatch --cache none -c ../lamp.yaml -q nodes -o lampblack
found 5 "a source is one file" 'one file, one source' ./gigawatch --list sources
