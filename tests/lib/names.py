"""names.py LOG COMMAND...: runs COMMAND in a world of its own (after "unshare -mn" or "unshare -rmn"), whose one name
server knows that live*.test is 127.0.0.1, and keeps silent about every other name, for ever. LOG: the names asked for."""
import fcntl, os, socket, struct, subprocess, sys, tempfile, threading

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
with tempfile.NamedTemporaryFile("w") as conf:
    conf.write("nameserver 127.0.0.1\n")
    conf.flush()
    subprocess.run(["mount", "--bind", conf.name, os.path.realpath("/etc/resolv.conf")], check=True)

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))


def serve(log):
    while True:
        question, asker = server.recvfrom(4096)
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode("ascii", "replace"))
            at += 1 + question[at]
        kind = struct.unpack(">H", question[at + 1 : at + 3])[0]
        name = ".".join(labels)
        log.write(name + "\n")
        log.flush()
        if labels[0].startswith("live") and labels[1:] == ["test"]:
            found = b"\xc0\x0c\x00\x01\x00\x01" + struct.pack(">IH4B", 60, 4, 127, 0, 0, 1) if kind == 1 else b""
            head = question[:2] + b"\x81\x80\x00\x01" + struct.pack(">HHH", int(bool(found)), 0, 0)
            server.sendto(head + question[12 : at + 5] + found, asker)


threading.Thread(target=serve, args=(open(sys.argv[1], "a"),), daemon=True).start()
sys.exit(subprocess.run(sys.argv[2:]).returncode)
