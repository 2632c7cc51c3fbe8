/* The console beside htop, btop and glances: in the same minutes, in turn, on a terminal
 * of 200x60: how soon something is painted, what it takes to stay up to date, and how a
 * line of 1 Mbit/s and 100 ms bears it.
 *
 *     tests/bench/peers_bench [short]     GIGAWATCH: the program, ./gigawatch if not set
 *
 * The peers look at this machine, the console at a simulated site of 2,304 GPUs, which it
 * has to simulate, too. A peer that is not installed is said. The slow line is made here,
 * by reading no faster: netem would need root and a kernel that has it, and the same
 * bytes would wait as long. */
#define _GNU_SOURCE
#include <stddef.h>

#include "tests/bench/terminals.h"

enum { PEERS = 4, MOST_ROUNDS = 5, KEYS = 40, SLICE_MS = 2 };

static const double line_bytes_per_s = 1e6 / 8, line_s = .1; /* there and back */

static struct pace {
    size_t rounds, keys;
    double begin_s, steady_s;
} pace = { MOST_ROUNDS, KEYS, 5, 15 };
static const struct pace short_pace = { 1, 4, 1, 1 };

struct peer {
    const char *name;
    char command[256];
    bool is_there;
    double paint_ms, cpu_percent, bytes_per_s, resident_mb, down_ms, down_bytes;
};
static struct peer peers[PEERS] = {
    { "gigawatch" }, { "htop" }, { "btop" }, { "glances" }
};

static void find_peers(void)
{
    const char *named = getenv("GIGAWATCH");

    snprintf(peers[0].command, sizeof(peers[0].command),
             "%s|--demo=gpus=2304|--view|gpus", named && *named ? named : "./gigawatch");
    peers[0].is_there = true;
    for (size_t i = 1; i < PEERS; i++) {
        snprintf(peers[i].command, sizeof(peers[i].command), "%s", peers[i].name);
        peers[i].is_there = is_installed(peers[i].name);
        if (!peers[i].is_there)
            printf("%s is not installed: it is no peer\n", peers[i].name);
    }
}

/* ---- the first paint and the rest ---- */

static void measure_paint(void)
{
    double took[PEERS][MOST_ROUNDS];

    for (size_t round = 0; round < pace.rounds; round++)
        for (size_t i = 0; i < PEERS; i++)
            took[i][round] = peers[i].is_there ? first_paint(peers[i].command) : 0;
    for (size_t i = 0; i < PEERS; i++)
        peers[i].paint_ms = quantile(took[i], pace.rounds, .5);
}

static void measure_rest(struct peer *p)
{
    struct child c = start_on_terminal(p->command);
    double cpu, start;
    size_t bytes;

    listen_for(&c, pace.begin_s);
    cpu = cpu_of(c.pid);
    bytes = c.bytes;
    start = now();
    listen_for(&c, pace.steady_s);
    p->cpu_percent = (cpu_of(c.pid) - cpu) / (now() - start) * 100;
    p->bytes_per_s = (double)(c.bytes - bytes) / (now() - start);
    p->resident_mb = megabytes(c.pid, "status", "VmHWM:");
    stop(&c);
}

/* ---- the slow line ---- */

/* Reads as the line lets through, until nothing came for quiet_s or until_s have passed;
 * when the last byte came, 0: none did. */
static double read_slowly(struct child *c, double until_s, double quiet_s)
{
    static char bytes[1 << 16];
    double start = now(), last = 0, due = start, allowed;

    while (now() - start < until_s && !(last > 0 && now() - last > quiet_s)) {
        allowed = (now() - due) * line_bytes_per_s;
        if (allowed >= 1 &&
            hear(c, bytes, allowed < sizeof(bytes) ? (size_t)allowed : sizeof(bytes),
                 SLICE_MS))
            last = now();
        due = now();
        poll(NULL, 0, SLICE_MS);
    }
    return last;
}

/* From Down to the last byte of what it moved, with the way there and back. */
static void measure_line(struct peer *p)
{
    struct child c = start_on_terminal(p->command);
    double took[KEYS], sent = 0;
    size_t heard = 0;

    read_slowly(&c, pace.begin_s, pace.begin_s);
    for (size_t i = 0; i < pace.keys; i++) {
        size_t bytes;
        double start, last;

        read_slowly(&c, .5, .05);
        bytes = c.bytes;
        start = now();
        if (write(c.fd, "\033OB", 3) < 0)
            die(p->name);
        last = read_slowly(&c, 1, .03);
        if (last == 0)
            continue;
        took[heard++] = (last - start + line_s) * 1e3;
        sent += (double)(c.bytes - bytes);
    }
    stop(&c);
    p->down_ms = heard ? quantile(took, heard, .5) : 0;
    p->down_bytes = heard ? sent / (double)heard : 0;
}

/* ---- all ---- */

static void print_figure(const char *name, const char *unit, size_t at)
{
    const double ours = *(const double *)((const char *)&peers[0] + at);

    printf("%-34s %9.2f %-5s", name, ours, unit);
    for (size_t i = 1; i < PEERS; i++) {
        double its = *(const double *)((const char *)&peers[i] + at);

        if (peers[i].is_there && its > 0)
            printf("  %s %.2f, ours / its %.2f", peers[i].name, its, ours / its);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "short") == 0)
        pace = short_pace;
    calibrate();
    find_peers();
    part("beside htop, btop and glances, 200x60");
    measure_paint();
    for (size_t i = 0; i < PEERS; i++)
        if (peers[i].is_there)
            measure_rest(&peers[i]);
    print_figure("exec to first paint, p50", "ms", offsetof(struct peer, paint_ms));
    print_figure("CPU, up to date", "%", offsetof(struct peer, cpu_percent));
    print_figure("output, up to date", "B/s", offsetof(struct peer, bytes_per_s));
    print_figure("memory, most resident", "MB", offsetof(struct peer, resident_mb));
    end_part();
    part("over a line of 1 Mbit/s and 100 ms");
    for (size_t i = 0; i < PEERS; i++)
        if (peers[i].is_there)
            measure_line(&peers[i]);
    print_figure("Down to the last byte of it, p50", "ms",
                 offsetof(struct peer, down_ms));
    print_figure("bytes of that", "B", offsetof(struct peer, down_bytes));
    end_part();
    return 0;
}
