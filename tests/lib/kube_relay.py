"""kube_relay.py FOLDER API: a way over TLS to the API server at API, which is taken for what it says it is. FOLDER holds server.crt
and server.key, and gets relay.port, and relay.log: a line "STATUS PATH" for each question, and "410 in PATH" where a watch that began
well says so. While FOLDER/relay.shut is there nobody is let through, and who was is cut off in the middle."""
import http.client, os, socket, ssl, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FOLDER, API = sys.argv[1], urlsplit(sys.argv[2])
at = lambda name: os.path.join(FOLDER, name)
through = set()


def note(line):
    with open(at("relay.log"), "a") as log:
        log.write(line + "\n")


def cut_off():
    while True:
        while os.path.exists(at("relay.shut")) and through:
            try:
                through.pop().shutdown(socket.SHUT_RDWR)
            except (OSError, KeyError):
                pass            # it was leaving
        time.sleep(0.05)


class Relay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if os.path.exists(at("relay.shut")):
            self.close_connection = True
            return
        through.add(self.connection)
        api = http.client.HTTPSConnection(API.hostname, API.port, context=ssl._create_unverified_context())
        api.request("GET", self.path, headers={k: self.headers[k] for k in ("Authorization", "Accept") if k in self.headers})
        answer = api.getresponse()
        note("%d %s" % (answer.status, self.path))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := answer.read1(65536):
            if answer.status == 200 and b'"code":410' in piece:
                note("410 in " + self.path)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")
        through.discard(self.connection)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, address):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(at("server.crt"), at("server.key"))
        super().finish_request(tls.wrap_socket(request, server_side=True), address)

    def handle_error(self, request, address):
        pass                    # it was cut off, or the API server is not there


server = Server(("127.0.0.1", 0), Relay)
threading.Thread(target=cut_off, daemon=True).start()
with open(at("relay.new"), "w") as port:
    port.write(str(server.server_address[1]))
os.rename(at("relay.new"), at("relay.port"))
server.serve_forever()
