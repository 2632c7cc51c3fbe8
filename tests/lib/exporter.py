"""exporter.py PORT FILE [CERT KEY]: an exporter with bad manners, for the tests; PORT 0: a free one. It prints its port once
it listens. The path says what comes: /metrics is FILE; /html, /page, /cut, /endless, /bomb, /401, /403, /loop, /file, /plain, /drip, /garbage,
/empty, /escape are not. With CERT and KEY it speaks TLS; /basic wants
operator:s3cret, /bearer the token s3cret; /once leads to /metrics. It answers as a proxy, too."""
import base64, ssl, sys, time, zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METRICS = open(sys.argv[2], "rb").read()
REDIRECTS = {"/loop": "/loop", "/once": "/metrics", "/file": "file:///etc/hostname", "/plain": "http://localhost:9/metrics"}
PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"
PLAIN = {"/metrics": METRICS, "/page": PAGE, "/garbage": b'DCGM_FI_DEV_GPU_UTIL{gpu="0" 1e\n\x00', "/empty": b"",
         "/escape": b'DCGM_FI_DEV_POWER_USAGE{gpu="0",Hostname="evil\x1b]0;owned\x07\x1b[31m"} 100\n'}


def gzipped_zeros(count):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def begin(self, status, length, **more):
        self.send_response(status)
        self.send_header("Content-Type", more.pop("kind", "text/plain; version=0.0.4"))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def whole(self, status, body, **more):
        self.begin(status, len(body), **more)
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("http://"):
            self.path = "/" + self.path.split("/", 3)[3]
        if self.path in PLAIN:
            self.whole(200, PLAIN[self.path])
        elif self.path == "/html":
            self.whole(200, PAGE, kind="text/html")
        elif self.path == "/cut":
            self.begin(200, len(METRICS))
            self.wfile.write(METRICS[: len(METRICS) // 2])
            self.close_connection = True
        elif self.path == "/endless":
            self.begin(200, 1 << 40)
            while True:
                self.wfile.write(METRICS)
        elif self.path == "/bomb":
            self.whole(200, gzipped_zeros(256 << 20), Content_Encoding="gzip")
        elif self.path == "/drip":
            self.begin(200, len(METRICS))
            for i in range(len(METRICS)):
                self.wfile.write(METRICS[i : i + 1])
                time.sleep(0.2)
        elif self.path in REDIRECTS:
            self.whole(302, b"", Location=REDIRECTS[self.path])
        elif self.path == "/bearer":
            good = self.headers.get("Authorization") == "Bearer s3cret"
            self.whole(200 if good else 401, METRICS if good else b"")
        elif self.path == "/basic":
            good = b"Basic " + base64.b64encode(b"operator:s3cret")
            if self.headers.get("Authorization", "").encode() == good:
                self.whole(200, METRICS)
            else:
                self.whole(401, b"", WWW_Authenticate='Basic realm="metrics"')
        elif self.path in ("/401", "/403"):
            self.whole(int(self.path[1:]), b"no")
        else:
            self.whole(404, b"no such page")

    def log_message(self, *a):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
