"""engine_proxy.py ENGINE FOLDER: a way to a Prometheus that lies, as FOLDER/mode says at each request:
ok; blind: it does not tell its families; html, cut, 500, 401, loop, hang; past: it hangs when asked for that only. Its port goes to FOLDER/port, and what it was
asked, a line each, with its header X-Scope-OrgID, to FOLDER/asked. Where there is a FOLDER/right.pem it speaks TLS with that
certificate, and with FOLDER/wrong.pem in the mode wrong; where there is a FOLDER/token it answers only who brings that."""
import http.server
import pathlib
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request

engine, folder = sys.argv[1], pathlib.Path(sys.argv[2])
is_tls = (folder / "right.pem").exists()


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, status, body, kind="application/json", length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length or len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = is_tls  # so that each question sees the certificate of its time

    def fetch(self):
        try:
            with urllib.request.urlopen(engine + self.path, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError as error:
            return 502, str(error).encode()

    def do_GET(self):
        mode = (folder / "mode").read_text().strip()
        with open(folder / "asked", "a") as asked:
            asked.write(f"{self.headers.get('X-Scope-OrgID', '-')} {self.path}\n")
        token = folder / "token"
        if token.exists() and self.headers.get("Authorization") != "Bearer " + token.read_text().strip():
            self.say(401, b"")
        elif mode == "hang" or (mode == "past" and "query_range" in self.path):
            time.sleep(30)
        elif mode == "html":
            self.say(200, b"<html><title>Sign in</title></html>", "text/html")
        elif mode == "500":
            self.say(500, b"oh")
        elif mode == "401":
            self.say(401, b"")
        elif mode == "loop":
            self.say(302, b"", Location=self.path)
        elif mode == "blind" and "__name__/values" in self.path:
            self.say(422, b'{"status":"error","errorType":"bad_data","error":"not told"}')
        else:
            status, body = self.fetch()
            if mode == "cut":
                body = body[:-20]
            self.say(status, body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    def finish_request(self, request, address):
        if is_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            is_wrong = (folder / "mode").read_text().strip() == "wrong"
            context.load_cert_chain(folder / ("wrong.pem" if is_wrong else "right.pem"))
            try:
                request = context.wrap_socket(request, server_side=True)
            except OSError:
                return  # it was not taken
        super().finish_request(request, address)

    def handle_error(self, request, address):
        pass


server = Server(("127.0.0.1", 0), Proxy)
server.daemon_threads = True
(folder / "port").write_text(str(server.server_address[1]))
server.serve_forever()
