#!/bin/sh
# A newcomer on a GPU node: local: runs this machine's nvidia-smi, and needs nothing else.
. "$SRCDIR/tests/lib/tap.sh"
cd "$tap_folder" || exit 1
mkdir -p bin play/local
cp "$SRCDIR/tests/lib/nvidia-smi" bin/
unset NODE_NAME
gw="$GIGAWATCH --cache none -c /dev/null"

exits "a machine without nvidia-smi has no data" 3 $gw -q gpus local:
has "and it is said" "there is no nvidia-smi on the PATH there" "$errors"

cp "$SRCDIR/tests/sources/nvsmi/v13.xml" play/local/log.xml
echo "Unable to determine the device handle for GPU0000:18:00.0: Unknown Error" > play/local/complaint
PATH=$tap_folder/bin:$PATH
exits "a driver that complains has no data" 3 $gw -q gpus local:
has "and is quoted" "Unable to determine the device handle" "$errors"
rm play/local/complaint
cat > play/local/gpus.csv << 'END'
index,count,uuid,name,temperature.gpu,utilization.gpu,memory.used,memory.total,clocks.sm,enforced.power.limit,\
power.limit,power.draw,temperature.memory,mig.mode.current,power.draw.average,power.draw.instant,clocks_event_reasons.active,module.power.draw.average
0,2,GPU-a,NVIDIA H100 80GB HBM3,41,97,71000,81559,1980,700.00,700.00,610.50,52,Disabled,610.25,620.75,0x0000000000000004,[N/A]
1,2,GPU-b,NVIDIA H100 80GB HBM3,41,0,71000,81559,1980,700.00,[N/A],[Unknown Error],52,Disabled,[N/A],[N/A],0x0000000000000001,[N/A]
END
sed -i -e ':a' -e '/\\$/N; s/\\\n//; ta' play/local/gpus.csv
exits "with it, the GPUs are there" 0 $gw -q 'gpus show name, power, throttle' -o tsv local:
is "the average of power, what limits it, and what is unknown" "name	power_w	throttle
$(hostname)/0	610.25	power
$(hostname)/1		none" "$out"
exits "--doctor of it" 0 $gw --doctor nvsmi local:
has "tells apart what came" "gpus (2): uuid, model" "$out"
is "from what is asked for and never known" "module_power" "$(printf '%s\n' "$out" | sed -n 's/^  not known   //p' | grep -o module_power)"
is "and does not call that come" "" "$(printf '%s\n' "$out" | grep '^  came' | grep -o module_power)"
exits "as a node" 0 $gw -q 'nodes show name, gpus, power' -o tsv local:
is "named as the machine" "name	gpus	power_w
$(hostname)	2	610.25" "$out"
exits "the wall counts the busy of them, though nobody tells of tenants" 0 $gw --wall --screen 120x40 local:
has "one of two" "of 2 GPUs" "$out"
exits "the overview lists nodes where no domains are declared" 0 $gw --screen 110x24 local:
has "with their GPUs" "$(hostname)/1" "$out"
has "and what the node draws, estimated from one of two" "610 W~" "$out"
has "which the first line says, too" "610.2~ W" "$out"
exits "a target that does not answer" 0 $gw --screen 80x24 http://127.0.0.1:9/metrics
has "is told on the overview, with what to do" "and at this port?" "$(echo "$out" | tr -d '│\n' | tr -s ' ')"
exits "it is an alert" 0 $gw -q 'alerts show subject,text' -o tsv http://127.0.0.1:9/metrics
has "with the reason" "127.0.0.1:9	down: http://127.0.0.1:9 refuses the connection; does the server run, and at this port?" "$out"
exits "on the screen" 0 $gw --screen 100x12 --view gpus --keys i local:
has "the same number" "610.2~ W" "$out"

# ---- one GPU, told of twice ----
cat > twice.yaml << 'END'
targets:
  - {url: "local:", name: first, source: exec, options: {command: "echo gpu n1/0 power=100", stream: no}}
  - {url: "local:", name: second, source: exec, options: {command: "sleep .5; echo gpu n1/0 util=0.5", stream: no}}
  - {url: "local:", name: third, source: exec, options: {command: "sleep .5; echo gpu n2/0 util=0.5", stream: no}}
END
exits "a GPU that two targets tell of" 0 $GIGAWATCH --cache none -c twice.yaml -q 'gpus where node = n1 show name,power,util' -o tsv
is "is one row" "name	power_w	util
n1/0	100	0.5" "$out"
exits "and in the sources" 0 $GIGAWATCH --cache none -c twice.yaml -q 'sources show name,state,reason sort name' -o tsv
is "the second says so" "name	state	reason
first	ok	
second	ok	first tells of n1/0, too: both are one row, with the latest value of either
third	ok	" "$out"

cat > patient.yaml << 'END'
timeout: 1s
targets:
  - {url: "local:", name: slow, source: exec, timeout: 30s, options: {command: "sleep 20"}}
END
exits "a target that may take longer than the question" 3 $GIGAWATCH --cache none -c patient.yaml -q nodes
has "has the question's time, and that is said" "slow: no answer within 1 s" "$errors"
done_testing
