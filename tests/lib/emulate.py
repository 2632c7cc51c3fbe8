"""emulate.py COLSxROWS WANTED STEP... -- COMMAND...: draws COMMAND in a terminal of that size and reads it with an emulator
that is not ours (pyte). A STEP is "words=key": when the screen shows the words, the key is pressed. Prints the screen from
its third line on, when that is what the file WANTED holds, or else as it is after a while; TERM is the caller's."""
import fcntl, os, pty, select, struct, sys, termios, time
import pyte

MOST = 20.0


class Screen(pyte.Screen):
    """With the scrolling that pyte lacks (SU and SD), which ncurses sends where terminfo has it."""

    def scroll(self, count, at_top):
        top, bottom = self.margins or (0, self.lines - 1)
        kept = self.cursor.y
        for _ in range(count or 1):
            self.cursor.y = top if at_top else bottom
            self.reverse_index() if at_top else self.index()
        self.cursor.y = kept

    def scroll_up(self, count=1):
        self.scroll(count, False)

    def scroll_down(self, count=1):
        self.scroll(count, True)


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, S="scroll_up", T="scroll_down")
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down"}


def main():
    columns, rows = map(int, sys.argv[1].split("x"))
    with open(sys.argv[2], encoding="utf-8") as file:
        wanted = file.read().rstrip("\n")
    cut = sys.argv.index("--")
    steps, command = sys.argv[3:cut], sys.argv[cut + 1:]
    pid, fd = pty.fork()
    if pid == 0:
        time.sleep(0.1)  # until the size is set
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    screen = Screen(columns, rows)
    stream = Stream(screen)
    until = time.monotonic() + MOST
    shown = ""
    while time.monotonic() < until and not (shown == wanted and not steps):
        if select.select([fd], [], [], 0.1)[0]:
            try:
                stream.feed(os.read(fd, 65536))
            except OSError:
                break
        lines = [line.rstrip() for line in screen.display]
        shown = "\n".join(lines[2:]).rstrip("\n")
        if steps and steps[0].split("=")[0] in "\n".join(lines):
            os.write(fd, steps.pop(0).split("=")[1].encode())
            until = time.monotonic() + MOST
    print(shown)
    os.close(fd)
    os.waitpid(pid, 0)


main()
