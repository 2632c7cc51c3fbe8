"""samples.py SAMPLES: exporters that say what was recorded in SAMPLES: /dcgm/NODE, what a dcgm-exporter told before Prometheus put the
labels of its own pod to it, and /vllm and /dynamo, whose counters grow by what was recorded each second. It prints its port."""
import glob, json, re, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEGUN = time.time()
OWN = ("container", "endpoint", "instance", "job", "namespace", "pod", "service")


def dcgm(node):
    for path in sorted(glob.glob(sys.argv[1] + "/prometheus-api/query_*.json")):
        for series in json.load(open(path))["data"]["result"]:
            labels = dict(series["metric"])
            name = labels.pop("__name__")
            # Who holds none has the labels of the exporter's pod, which Prometheus put there.
            is_free = labels["pod"].startswith("nvidia-dcgm-exporter")
            for label in OWN:
                if is_free or label in ("endpoint", "instance", "job", "service"):
                    labels.pop(label, None)
            if labels["Hostname"] == node:
                yield "%s{%s} %s" % (name, ",".join(f'{k}="{v}"' for k, v in labels.items()), series["value"][1])


def growing(name):
    counters, lines = set(), []
    for line in open(glob.glob(f"{sys.argv[1]}/inference/{name}*")[0]):
        kind = re.match(r"# TYPE (\S+) (counter|histogram)", line)
        sample = re.match(r"([^\s{#]+)(\{.*\})? (\S+)$", line)
        if kind:
            counters.add(kind[1])
        if sample and re.sub("_(bucket|sum|count)$", "", sample[1]) in counters:
            line = "%s%s %f" % (sample[1], sample[2] or "", float(sample[3]) * (time.time() - BEGUN))
        lines.append(line.strip())
    return lines


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        what, _, node = self.path[1:].partition("/")
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write("\n".join([*(dcgm(node) if what == "dcgm" else growing(what)), ""]).encode())

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
print(server.server_address[1], flush=True)
server.serve_forever()
