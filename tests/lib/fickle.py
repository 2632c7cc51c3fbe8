"""fickle.py FOLDER NAME[=PORT]...: for each lie named, a server over TLS that tells the truth of five kinds of system, each under a
path of its own: a page of metrics (/metrics), a Prometheus API (/prom), slurmrestd (/), price and carbon (/grid) and a Kubernetes API
(/kube). While there is a file FOLDER/NAME, that server lies: html, cut, fault, login, loop, hang, drip, wrong, or late, which tells
the truth but seconds later; of any other name it goes on. Every number is 100, and 200 once there is a FOLDER/NAME.over. FOLDER holds
right.pem and wrong.pem, a certificate and its key each. It prints NAME=PORT of each once all listen."""
import json, os, ssl, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FOLDER = sys.argv[1]
LATE_S = 3
there = lambda name: os.path.exists(os.path.join(FOLDER, name))


def truth(name, path, query, value):
    """(type, body), or None: not here."""
    series = [{"metric": {"__name__": "DCGM_FI_DEV_POWER_USAGE", "gpu": "0", "Hostname": f"promql-{name}"}, "value": [time.time(), str(value)]}]
    number = lambda n: {"set": True, "infinite": False, "number": n}
    ok = lambda data: ("application/json", json.dumps({"status": "success", "data": data}))
    here = {
        "/metrics": lambda: ("text/plain; version=0.0.4", f'DCGM_FI_DEV_POWER_USAGE{{gpu="0",Hostname="prom-{name}"}} {value}\n'),
        "/prom/api/v1/status/buildinfo": lambda: ok({"version": "2.42.0"}),
        "/prom/api/v1/label/__name__/values": lambda: ok(["DCGM_FI_DEV_POWER_USAGE"]),
        "/prom/api/v1/query_range": lambda: ok({"resultType": "matrix", "result": []}),
        "/prom/api/v1/query": lambda: ok({"resultType": "vector", "result": series if "up ==" not in query else []}),
        "/grid": lambda: ("text/csv", f"time,price,carbon\n00:00,{value},{value}\n"),
        "/openapi/v3": lambda: ("application/json", json.dumps({"paths": {"/slurm/v0.0.42/jobs/": {}}})),
        "/slurm/v0.0.42/jobs/": lambda: ("application/json", json.dumps({"jobs": [{
            "job_id": 1, "name": f"slurm-{name}", "job_state": ["PENDING"], "account": "acme", "user_name": "alice", "partition": "batch",
            "priority": number(value), "submit_time": number(time.time() - 60), "tres_req_str": "cpu=8,node=1,gres/gpu=8"}]})),
    }
    if path in here:
        return here[path]()
    if path.startswith(("/slurm/", "/slurmdb/")):
        return "application/json", json.dumps({path.rstrip("/").rsplit("/", 1)[-1]: []})
    return None


def node(name, value):
    return {"kind": "Node", "apiVersion": "v1", "metadata": {"name": f"kube-{name}", "resourceVersion": str(value),
            "labels": {"nvidia.com/gpu.count": "8"}}, "spec": {"unschedulable": True} if value == 200 else {},
            "status": {"capacity": {"nvidia.com/gpu": "8"}, "conditions": [{"type": "Ready", "status": "True"}]}}


def serve(name, port):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        is_lying = lambda self: there(name)

        def value(self):
            return 200 if there(name + ".over") or (name == "late" and there(name)) else 100

        def say(self, status, kind, body, length=None, **headers):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length or len(body)))
            for key, text in headers.items():
                self.send_header(key, text)
            self.end_headers()
            self.wfile.write(body)

        def lie(self, body):
            if name == "html":
                self.say(200, "text/html", b"<!DOCTYPE html><html><title>Sign in</title></html>")
            elif name == "fault":
                self.say(500, "text/plain", b"oops")
            elif name == "login":
                self.say(401, "application/json", b"{}")
            elif name == "loop":
                self.say(302, "text/plain", b"", Location=self.path)
            elif name == "cut":         # and says that it was to be longer
                self.say(200, "application/json", body[: len(body) // 2], len(body))
            elif name == "drip":
                self.say(200, "application/json", b"", len(body))
                for at in range(len(body)):
                    self.wfile.write(body[at : at + 1])
                    time.sleep(1)
            while name == "hang" and self.is_lying():
                time.sleep(0.1)
            self.close_connection = self.close_connection or name in ("cut", "drip", "hang")

        def do_GET(self):
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            if name == "late" and self.is_lying():
                time.sleep(LATE_S)
            if "watch" in query and not (self.is_lying() and name in LIES):
                return self.watch(url.path, int(query["resourceVersion"][0]))
            answer = self.kube(url.path) if url.path.startswith("/kube") else truth(name, url.path, query.get("query", [""])[0], self.value())
            kind, body = answer or ("text/plain", "no such page")
            if self.is_lying() and name in LIES:
                self.lie(body.encode())
            else:
                self.say(200 if answer else 404, kind, body.encode())
            # So that each question sees the certificate of its time.
            self.close_connection = self.close_connection or name == "wrong"

        def kube(self, path):
            items = {"/kube/api/v1/nodes": [node(name, self.value())], "/kube/api/v1/pods": [], "/kube/api/v1/namespaces": [],
                     "/kube/api/v1/resourcequotas": []}
            if path in items:
                return "application/json", json.dumps({"kind": "List", "apiVersion": "v1", "items": items[path],
                                                       "metadata": {"resourceVersion": str(self.value())}})
            return {"/kube/version": ("application/json", '{"gitVersion":"v1.31.0-played"}'),
                    "/kube/apis": ("application/json", '{"kind":"APIGroupList","groups":[]}')}.get(path)

        def watch(self, path, since):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            lies = self.is_lying()
            while self.is_lying() == lies or name not in LIES:
                if path.endswith("/nodes") and self.value() > since:
                    since = self.value()
                    text = json.dumps({"type": "MODIFIED", "object": node(name, since)}).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
                time.sleep(0.1)
            self.close_connection = True

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request, address):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(FOLDER, "wrong.pem" if name == "wrong" and there(name) else "right.pem"))
            super().finish_request(context.wrap_socket(request, server_side=True), address)

        def handle_error(self, request, address):
            pass                # it was not taken, or left before the end

    server = Server(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


LIES = ("html", "cut", "fault", "login", "loop", "hang", "drip", "wrong")
names = [word.split("=") for word in sys.argv[2:]]
print(" ".join("%s=%d" % (name[0], serve(name[0], int(name[1]) if len(name) > 1 else 0)) for name in names), flush=True)
threading.Event().wait()
