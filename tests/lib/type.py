"""type.py WORDS SECONDS ANSWER COMMAND...: runs COMMAND on a terminal of its own, waits for WORDS, thinks for so many
seconds, types ANSWER, and prints all that the terminal showed. Ends as COMMAND does."""
import os, pty, sys, time

words, seconds, answer = sys.argv[1].encode(), float(sys.argv[2]), sys.argv[3].encode()
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[4], sys.argv[4:])
shown, typed = b"", False
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:
        break
    if not more:
        break
    shown += more
    if words in shown and not typed:
        time.sleep(seconds)
        os.write(terminal, answer + b"\n")
        typed = True
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
