"""liar.py COUNTS CERTIFICATE: an HTTP server for each lie below, whatever it is asked; it prints NAME=URL of each once it
listens. COUNTS is a file that holds how often each was asked, a line "NAME TARGET" an answer, where TARGET is its header
X-Who. CERTIFICATE is a file with a certificate of somebody else and its key."""
import ssl, sys, threading, time, zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

counts = open(sys.argv[1], "a", buffering=1)
DATA = b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"gpu":"0"},"value":[1,"2"]},'
BUSY = {"Retry-After": "1800"}


def zeros(count):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * (1 << 20)) for _ in range(count >> 20)) + packer.flush()


# status, type, body, headers; "cut" says more than it sends, "drip" sends a byte now and then
LIES = {
    "page": (200, "application/json", b"<!DOCTYPE html><html><title>Sign in</title></html>", {}),
    "html": (200, "text/html", b"<!DOCTYPE html><html><title>Sign in</title></html>", {}),
    "cut": (200, "application/json", DATA, {}),
    "half": (200, "application/json", DATA, {}),
    "drip": (200, "application/json", DATA, {}),
    "bomb": (200, "application/json", zeros(256 << 20), {"Content-Encoding": "gzip"}),
    "other": (200, "text/plain", b'{"hello":[1,2,3]}', {}),
    "fault": (500, "text/plain", b"oops", {}),
    "login": (401, "application/json", b"{}", {}),
    "busy": (429, "application/json", b"{}", BUSY),
    "loop": (302, "text/plain", b"", {"Location": "/again"}),
    "wrong": (200, "application/json", b"{}", {}),
}


def serve(name, lie):
    status, kind, body, headers = lie

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            counts.write("%s %s\n" % (name, self.headers.get("X-Who", "-")))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) + (100 if name == "cut" else 0)))
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()
            for i in range(len(body) if name == "drip" else 0):
                self.wfile.write(body[i : i + 1])
                time.sleep(0.3)
            if name != "drip":
                self.wfile.write(body)
            self.close_connection = name == "cut"

        def log_message(self, *_):
            pass

        def handle(self):
            try:
                super().handle()
            except OSError:
                pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if name == "wrong":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[2])
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http%s://localhost:%d/" % ("s" if name == "wrong" else "", server.server_address[1])


print(" ".join("%s=%s" % (name, serve(name, lie)) for name, lie in LIES.items()), flush=True)
threading.Event().wait()
