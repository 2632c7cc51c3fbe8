# For tests that start servers: where nobody listens, so that two runs at once do not meet. Sourced.
#   free_ports [COUNT]     the first of COUNT ports in a row that are free on every address
#   own_subnet             B, of the addresses 127.0.B.*, that another run has not, most likely
free_ports() {
    python3 - "${1:-1}" <<'PY'
import random, socket, sys

def free(port):
    with socket.socket() as s:
        try:
            s.bind(("", port))
        except OSError:
            return False
    return True

# Below the ports that the system gives to whoever connects.
for _ in range(1000):
    first = random.randrange(15000, 31000)
    if all(free(first + i) for i in range(int(sys.argv[1]))):
        print(first)
        break
PY
}
own_subnet() { echo $((2 + $$ % 250)); }
