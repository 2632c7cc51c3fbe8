#!/bin/sh
# Price and carbon of a kWh: each answer that the source grid reads, from a file, and what follows from a price.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
export TZ=UTC

# answer NAME [OPTIONS]: a site whose grid target reads the file NAME.
answer()
{
    cat > site.yaml << END
site: iad-3
targets:
  - {url: "file://$tap_folder/$1", name: grid, source: grid, options: {currency: EUR$2}}
END
}
gw="$GIGAWATCH --cache none -c site.yaml"

printf 'time,price,carbon\n00:00,100,400\n' > prices.csv
answer prices.csv
exits "a file of times" 0 $gw -q 'sites show name,price,carbon,currency' -o tsv
is "says what holds now, of the site it is run for" "name	price	carbon	currency
iad-3	100	400	EUR" "$out"

printf '1000000000,90\n1100000000,110\n4000000000,130\n' > epoch.csv
answer epoch.csv
exits "times may be seconds since 1970" 0 $gw -q 'sites show price' -o tsv
is "and the latest before now counts" "price
110" "$out"

echo '{"zone":"KR","carbonIntensity":428,"datetime":"2026-11-29T11:00:00.000Z","isEstimated":true}' > maps.json
answer maps.json
exits "an answer as Electricity Maps gives it" 0 $gw -q 'sites show carbon' -o json
has "is grams a kWh" '"carbon":428' "$out"
has "and an estimate where it says so" '"estimated"' "$out"

echo '{"data":[{"point_time":"2026-11-29T11:00:00+00:00","value":1000}],"meta":{"units":"lbs_co2_per_mwh"}}' > watt.json
answer watt.json
exits "an answer as WattTime gives it" 0 $gw -q 'sites show carbon,carbon_marginal' -o tsv
is "is grams of a kWh more, and not of the mean" "carbon	carbon_marginal
	453.59238" "$out"

{
    printf '{"response":{"body":{"items":{"item":['
    for hour in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
        printf '%s{"areaCd":1,"hour":%d,"smp":%d.5}' "$comma" $hour $((100 + hour))
        comma=,
    done
    printf ']}}}}\n'
} > kpx.json
answer kpx.json ", shape: kpx"
# of the hour in Korea, which must not end while it is asked
korea()
{
    echo $((($(date +%s) + 32400) % 86400 / 3600 + 1))
}
hour=0
while [ "$hour" != "$(korea)" ]; do
    hour=$(korea)
    exits "an answer as KPX gives it" 0 $gw -q 'sites show price' -o tsv
done
is "gives the price of this hour" "price
$((100 + hour)).5" "$out"

echo '<html>limit exceeded</html>' > page.html
answer page.html
exits "what is neither" 3 $gw -q 'sites show price' --strict
has "is said" "neither price nor carbon" "$errors"

cat > site.yaml << 'END'
site: iad-3
energy: {price: 180, currency: KRW, carbon: 420}
classes:
  - { title: "*vllm*", class: inference }
  - { tenant: "acme|zeta", class: training, tag: sovereign }
targets:
  - {url: "local:", name: first, source: exec, options: {command: "echo 'gpu n1/0 power=100 job=7'; echo 'job 7 tenant=acme state=running gpus=1 title=Pretrain'", stream: no}}
END
exits "constants of the configuration, and rules" 0 $gw -q 'jobs show id,class,tag,power' -o tsv
is "classify jobs" "id	class	tag	power_w
7	training	sovereign	100" "$out"
exits "classes are a kind" 0 $gw -q 'classes where power > 0 show name,power' -o tsv
is "and are summed" "name	power_w
training	100" "$out"
exits "the price is known" 0 $gw -q 'sites show price,currency' -o tsv
is "as it was given" "price	currency
180	KRW" "$out"

printf 'classes:\n  - { title: "*", class: fun }\n' > bad.yaml
exits "a class that is none" 2 $GIGAWATCH --cache none -c bad.yaml -q sites
has "is refused with its place" "bad.yaml:2:26: unknown class \"fun\"" "$errors"
printf 'classes:\n  - { class: training }\n' > bad.yaml
exits "a rule that looks at nothing" 2 $GIGAWATCH --cache none -c bad.yaml -q sites
has "is refused, too" "the rule fits every job" "$errors"

echo 'targets: [{url: "https://api.example/v3", source: grid, token: {environment: KEY}, token_query: "a&b"}]' > bad.yaml
exits "a name that could not stand in a URL" 2 $GIGAWATCH --cache none -c bad.yaml -q sites
has "is refused, too" "a name has letters, digits" "$errors"

# ---- the doctor ----
answer prices.csv
exits "the doctor asks it" 0 $gw --doctor grid
has "and tells as what it was read" "read as csv" "$out"
has "what came" "sites (1): price, carbon" "$out"
has "and what did not" "not told    carbon_marginal" "$out"
echo '<html>' > page.html
answer page.html
exits "what is no answer of a grid's is amiss" 1 $gw --doctor grid
has "and said" "amiss" "$out"
done_testing
