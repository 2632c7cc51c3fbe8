#!/usr/bin/env python3
"""kube.py DIR [PORT [VERSION]]: plays an API server over TLS with a few GPU nodes, jobs and queues, for tests without a real one. The
shapes are the API's; the objects are made here. DIR holds server.crt, server.key and ca.crt (of client certificates), and
  tokens      a line each: TOKEN [all | none]: what its user may list
  do          commands, a line each, obeyed as they are appended: see class World
VERSION is the first resourceVersion. DIR gets port, the port it listens at, and log, a line for every request."""
import json, os, ssl, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DIR = sys.argv[1]
ago = lambda seconds: time.strftime("%FT%TZ", time.gmtime(time.time() - seconds))
CREATED = ago(600)
GROUPS = {"batch": ["v1"], "kueue.x-k8s.io": ["v1beta1"], "resource.k8s.io": ["v1"], "apps": ["v1"]}
PLURALS = {"nodes": "Node", "pods": "Pod", "namespaces": "Namespace", "resourcequotas": "ResourceQuota", "jobs": "Job",
           "clusterqueues": "ClusterQueue", "localqueues": "LocalQueue", "workloads": "Workload",
           "resourceclaims": "ResourceClaim", "resourceslices": "ResourceSlice"}


def condition(kind, status, reason="", message=""):
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": CREATED}


def meta(name, space=None, labels=None, owner=None):
    m = {"name": name, "creationTimestamp": CREATED, "labels": labels or {}}
    if space:
        m["namespace"] = space
    if owner:
        m["ownerReferences"] = [{"kind": owner[0], "name": owner[1], "controller": True, "apiVersion": "v1", "uid": "u"}]
    return m


def containers(gpus):
    return [{"name": "main", "image": "registry.invalid/train:1", "resources": {"limits": {"nvidia.com/gpu": str(gpus)}}}]


class World:
    """The objects, and everything that ever happened to them: events are (version, plural, type, object)."""

    def __init__(self):
        self.lock = threading.Condition()
        self.version, self.oldest, self.epoch = int((sys.argv + [100] * 3)[3]), 0, 0
        self.objects, self.events = {p: {} for p in PLURALS}, []
        self.hung = self.garbage = False
        for i in range(1, 5):
            self.node(f"gpu-{i:03d}")
        for space, quota in (("acme", 16), ("globex", 8)):
            self.put("namespaces", {"metadata": meta(space, labels={"team": space + "-team"})})
            self.put("resourcequotas", {"metadata": meta("gpus", space), "spec": {"hard": {"requests.nvidia.com/gpu": str(quota)}},
                                        "status": {"used": {"requests.nvidia.com/gpu": "8"}}})
            self.put("clusterqueues", {"metadata": meta(space), "spec": {"resourceGroups": [{"coveredResources": ["nvidia.com/gpu"],
                     "flavors": [{"name": "h", "resources": [{"name": "nvidia.com/gpu", "nominalQuota": quota}]}]}]}, "status": {}})
            self.put("localqueues", {"metadata": meta("main", space), "spec": {"clusterQueue": space}, "status": {}})
        self.job("acme", "pretrain", 2, 8)
        for i in (1, 2):
            self.pod("acme", f"pretrain-{i}", 8, f"gpu-{i:03d}", "pretrain")
        self.job("globex", "too-big", 1, 12)
        self.pod("globex", "too-big-1", 12, None, "too-big")

    def node(self, name, gpus=8, ready=True, cordoned=False):
        self.put("nodes", {"metadata": meta(name, labels={"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.count": "8"}),
                 "spec": {"unschedulable": True} if cordoned else {},
                 "status": {"capacity": {"nvidia.com/gpu": "8"}, "allocatable": {"nvidia.com/gpu": str(gpus)}, "conditions": [
                     condition("Ready", "True", "KubeletReady") if ready else
                     condition("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")]}})

    def job(self, space, name, pods, gpus, **status):
        self.put("jobs", {"metadata": meta(name, space, {"kueue.x-k8s.io/queue-name": "main"}),
                 "spec": {"parallelism": pods, "completions": pods, "template": {"spec": {"containers": containers(gpus)}}},
                 "status": {"startTime": CREATED, **status}})

    def pod(self, space, name, gpus, node, job):
        spec, status = {"containers": containers(gpus), "priority": 5}, {"phase": "Pending", "conditions": [condition("PodScheduled",
                        "False", "Unschedulable", f"0/4 nodes are available: 4 Insufficient nvidia.com/gpu.")]}
        if node:
            spec["nodeName"], status = node, {"phase": "Running", "startTime": CREATED}
        self.put("pods", {"metadata": meta(name, space, {"job-name": job}, ("Job", job)), "spec": spec, "status": status})

    def put(self, plural, o, kind=None):
        with self.lock:
            m = o["metadata"]
            key = (m.get("namespace", ""), m["name"])
            self.version += 1
            m["resourceVersion"] = str(self.version)
            o.update(kind=PLURALS[plural], apiVersion="v1")
            self.events.append((self.version, plural, kind or ("MODIFIED" if key in self.objects[plural] else "ADDED"), o))
            if kind == "DELETED":
                self.objects[plural].pop(key, None)
            else:
                self.objects[plural][key] = o
            self.lock.notify_all()

    def delete(self, plural, space, name):
        self.put(plural, dict(self.objects[plural][(space, name)]), "DELETED")

    # What `do` may say; a word is a number where it looks like one.
    def down(self, name): self.node(name, ready=False)
    def up(self, name, gpus=8): self.node(name, gpus=gpus)
    def cordon(self, name): self.node(name, cordoned=True)
    def run(self, space, name, gpus, node): self.job(space, name, 1, gpus), self.pod(space, name + "-1", gpus, node, name)

    def refuse(self, space, name, gpus):        # a Job whose pods the quota does not let in
        self.job(space, name, 1, gpus)

    def finish(self, space, name, how="Complete"):
        for key in [k for k in self.objects["pods"] if k[0] == space and k[1].startswith(name)]:
            self.delete("pods", *key)
        self.job(space, name, 1, 8, completionTime=ago(60), conditions=[condition(how, "True", "Because", "it did")])

    def cut(self):
        with self.lock:
            self.epoch += 1
            self.lock.notify_all()

    def expire(self):
        with self.lock:
            self.oldest = self.version
        self.cut()

    def hang(self): self.hung = True
    def go(self): self.hung = self.garbage = False
    def lie(self): self.garbage = True


WORLD = World()


def obey():
    path, done = os.path.join(DIR, "do"), 0
    while True:
        if os.path.exists(path):
            with open(path) as f:
                lines = f.read().split("\n")[:-1]
            for line in lines[done:]:
                words = [int(w) if w.isdigit() else w for w in line.split()]
                getattr(WORLD, words[0])(*words[1:])
            done = len(lines)
        time.sleep(0.05)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a): pass

    def answer(self, status, body):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, status, message):
        self.answer(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": status})

    def user(self):
        """None: unknown; else what it may list."""
        cert = self.connection.getpeercert()
        if cert:
            return "all"
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with open(os.path.join(DIR, "tokens")) as f:
            known = {w[0]: (w + ["all"])[1] for w in map(str.split, f) if w}
        return known.get(token)

    def do_GET(self):
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        with open(os.path.join(DIR, "log"), "a") as f:
            f.write(self.path + "\n")
        while WORLD.hung:
            time.sleep(0.05)
        may = self.user()
        if may is None:
            return self.refuse(401, "Unauthorized")
        if WORLD.garbage:
            return self.answer(200, b"<html><body>Welcome to the proxy</body></html>")
        if url.path == "/version":
            return self.answer(200, {"major": "1", "minor": "31", "gitVersion": "v1.31.0-played"})
        if url.path == "/apis":
            return self.answer(200, {"kind": "APIGroupList", "groups": [{"name": g, "versions": [{"version": v} for v in vs]}
                                                                       for g, vs in GROUPS.items()]})
        plural = url.path.rsplit("/", 1)[-1]
        if plural not in PLURALS:
            return self.refuse(404, "the server could not find the requested resource")
        if may == "none":
            return self.refuse(403, f'{plural} is forbidden: User "viewer" cannot list resource "{plural}" at the cluster scope')
        if "watch" in query:
            return self.watch(plural, int(query["resourceVersion"]), float(query.get("timeoutSeconds", 60)))
        self.list(plural, int(query.get("limit", 500)), int(query.get("continue", "0")))

    def list(self, plural, limit, at):
        with WORLD.lock:
            items = list(WORLD.objects[plural].values())
            m = {"resourceVersion": str(WORLD.version)}
            if at + limit < len(items):
                m["continue"] = str(at + limit)
            body = {"kind": PLURALS[plural] + "List", "apiVersion": "v1", "metadata": m, "items": items[at:at + limit]}
        self.answer(200, body)

    def line(self, kind, o):
        text = json.dumps({"type": kind, "object": o}).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.flush()

    def watch(self, plural, since, seconds):
        end, epoch = time.monotonic() + seconds, WORLD.epoch
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if since < WORLD.oldest:
            self.line("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": f"too old resource version: {since}"})
        else:
            while WORLD.epoch == epoch and time.monotonic() < end:
                with WORLD.lock:
                    fresh = [e for e in WORLD.events if e[0] > since and e[1] == plural]
                    if not fresh:
                        WORLD.lock.wait(min(1, max(0, end - time.monotonic())))
                for version, _, kind, o in fresh:
                    self.line(kind, o)
                    since = version
            if WORLD.epoch != epoch:            # cut in the middle of a line
                self.wfile.write(b"ff\r\n{\"type\":\"MODIF")
                self.wfile.flush()
                self.close_connection = True
                return self.connection.close()
        self.wfile.write(b"0\r\n\r\n")


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
server.daemon_threads = True
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(os.path.join(DIR, "server.crt"), os.path.join(DIR, "server.key"))
tls.load_verify_locations(os.path.join(DIR, "ca.crt"))
tls.verify_mode = ssl.CERT_OPTIONAL
# The handshake belongs to the connection's own thread.
server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=obey, daemon=True).start()
with open(os.path.join(DIR, "port.new"), "w") as f:
    f.write(str(server.server_address[1]))
os.rename(os.path.join(DIR, "port.new"), os.path.join(DIR, "port"))
server.serve_forever()
