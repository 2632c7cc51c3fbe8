/* The console and its one-shots as an operator meets them: through a terminal, from the
 * moment of exec. Each figure stands beside a limit that issue 2 set, and beside peers
 * measured in the same run: a program that prints one word, htop, read() of the same
 * cache.
 *
 *     tests/bench/pty_bench [GPUS | short]     GIGAWATCH: the program, ./gigawatch if not set
 *
 * A site of 100,000 GPUs is simulated for a while to fill a cache; everything else starts
 * from that; last, a million are simulated. "short" is a little of everything, so that it
 * is known to run. Wall times say as much about the machine as about the program: a fixed
 * piece of work is timed before and after each part, and NOISY marks the parts during
 * which the machine was slower than at its best. */
#define _GNU_SOURCE /* memmem() */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/terminals.h"

enum {
    MOST_RUNS = 15,
    MOST_KEYS = 120,
    QUIET_MS = 3 /* after so long without a byte, a frame is over */
};

static char folder[] = "/tmp/gigawatch-bench-XXXXXX";
static char cache[64], demo[64];
/* How much of each. */
static struct pace {
    size_t runs, keys;
    double collect_s; /* each block of the cache has been written by then */
    double idle_s;
    double patience; /* for a console to come to rest: times what it should take */
} pace = { MOST_RUNS, MOST_KEYS, 25, 20, 1 };
static const struct pace short_pace = { 3, 20, 5, 2, .15 };
static const char *program = "./gigawatch";

static void beside(const char *name, double value, const char *unit, double ours,
                   const char *peer)
{
    printf("%-44s %9.2f %-16s ours / %s %.2f\n", name, value, unit, peer, ours / value);
}

static void collect(void)
{
    char command[512];
    struct child c;

    snprintf(command, sizeof(command), "%s|%s|--cache|%s|--collect", program, demo,
             cache);
    c = start_on_terminal(command);
    listen_for(&c, pace.collect_s);
    stop(&c);
    if (access(cache, R_OK) != 0)
        die("no cache was written");
}

/* ---- the first frame ---- */

/* The end of the last line where no target is configured. */
static const char last_words[] = "shows a simulated site";

/* From exec to the last byte of the last line: its final words are always the same. In
 * ms; the CPU time until then goes to *cpu_ms. */
static double first_frame(const char *command, const char *final_words, double *cpu_ms)
{
    static char bytes[1 << 18];
    struct child c = start_on_terminal(command);
    size_t len = 0, got;
    double took = -1;

    while (took < 0 && len < sizeof(bytes) - 1 && now() - c.started < 20 &&
           (got = hear(&c, bytes + len, sizeof(bytes) - 1 - len, 5000))) {
        len += got;
        if (!memmem(bytes, len, final_words, strlen(final_words)))
            continue;
        took = (now() - c.started) * 1e3;
        *cpu_ms = cpu_of(c.pid) * 1e3;
    }
    stop(&c);
    if (took < 0)
        die("no frame was drawn");
    return took;
}

static void bench_first_frame(void)
{
    char command[512];
    double took[MOST_RUNS], cpu[MOST_RUNS], ours;

    part("first frame, 200x60, from a warm cache");
    snprintf(command, sizeof(command), "%s|--cache|%s", program, cache);
    first_frame(command, last_words, cpu);
    for (size_t i = 0; i < pace.runs; i++)
        took[i] = first_frame(command, last_words, &cpu[i]);
    ours = quantile(took, pace.runs, .5);
    against("exec to the first whole frame, least", took[0], 50, "ms");
    against("exec to the first whole frame, p50", ours, 50, "ms");
    against("exec to the first whole frame, worst", took[pace.runs - 1], 50, "ms");
    against("of that, CPU time, p50", quantile(cpu, pace.runs, .5), 50, "ms");
    if (is_installed("htop")) {
        for (size_t i = 0; i < 3; i++)
            took[i] = first_paint("htop");
        beside("htop, first paint", quantile(took, 3, .5), "ms", ours, "htop");
    } else {
        puts("htop is not installed: no peer for the first paint");
    }
    end_part();
}

/* ---- keys ---- */

/* From the key to the last byte of the answer; -1: nothing came. */
static double press(struct child *c, const char *key)
{
    double start, last;

    hear_out(c, QUIET_MS, QUIET_MS); /* what other data ask to be drawn */
    start = now();
    if (write(c->fd, key, strlen(key)) < 0)
        die("the console is gone");
    last = hear_out(c, 500, QUIET_MS);
    return last > 0 ? last - start : -1;
}

/* `fill_s`: until all of the site was told once. */
static void bench_keys(const char *site, double fill_s)
{
    static const char *const keys[] = { "3", "j", "\033[6~", "s",  "j", "4", "\033[6~",
                                        "j", "s", "2",       "j",  "j", "1", "3",
                                        "j", "G", "k",       "\033[5~", "s", "5" };
    enum { DIFFERENT = sizeof(keys) / sizeof(keys[0]) };
    double took[MOST_KEYS], worst[DIFFERENT] = { 0 };
    char command[512], name[120];
    size_t heard = 0, slowest = 0;
    double highest;
    struct child c;

    snprintf(name, sizeof(name), "key to paint, 200x60, while %s is polled", site);
    part(name);
    snprintf(command, sizeof(command), "%s|%s", program, site);
    c = start_on_terminal(command);
    listen_for(&c, fill_s * pace.patience);
    for (size_t i = 0; i < pace.keys; i++) {
        double s = press(&c, keys[i % DIFFERENT]) * 1e3;

        if (s < 0)
            continue; /* a key that changes nothing, at the end of a table */
        took[heard++] = s;
        if (s > worst[i % DIFFERENT])
            worst[i % DIFFERENT] = s;
        listen_for(&c, .05 + (double)(i % 7) * .02);
    }
    highest = megabytes(c.pid, "status", "VmHWM:");
    stop(&c);
    for (size_t i = 1; i < DIFFERENT; i++)
        slowest = worst[i] > worst[slowest] ? i : slowest;
    against("key to paint, p50", quantile(took, heard, .5), 16, "ms");
    against("key to paint, p99", quantile(took, heard, .99), 16, "ms");
    against("memory, most resident", highest, site == demo ? 100 : 400, "MB");
    printf("%zu of %zu keys answered; the slowest was number %zu, \"%s\"\n", heard, pace.keys,
           slowest, keys[slowest][0] == '\033' ? "Page" : keys[slowest]);
    end_part();
}

/* ---- doing nothing ---- */

struct rest {
    double cpu_percent, bytes_per_s, highest_mb, share_mb;
};

static struct rest rest_of(const char *command, double begin_s)
{
    struct child c = start_on_terminal(command);
    struct rest r;
    double cpu, start;
    size_t bytes;

    listen_for(&c, begin_s * pace.patience);
    cpu = cpu_of(c.pid);
    start = now();
    bytes = c.bytes;
    listen_for(&c, pace.idle_s);
    r.cpu_percent = (cpu_of(c.pid) - cpu) / (now() - start) * 100;
    r.bytes_per_s = (double)(c.bytes - bytes) / (now() - start);
    r.highest_mb = megabytes(c.pid, "status", "VmHWM:");
    r.share_mb = megabytes(c.pid, "smaps_rollup", "Pss:");
    stop(&c);
    return r;
}

static void bench_rest(void)
{
    char command[512];
    struct rest still, polled, writes;

    part("doing nothing, 200x60");
    snprintf(command, sizeof(command), "%s|--cache|%s", program, cache);
    still = rest_of(command, 2);
    against("CPU, the first 20 s", still.cpu_percent, 1, "%");
    still = rest_of(command, 25);
    against("CPU where nothing changes", still.cpu_percent, 1, "%");
    against("output where nothing changes", still.bytes_per_s, 1000, "B/s");
    snprintf(command, sizeof(command), "%s|--demo", program);
    polled = rest_of(command, 5);
    printf("%-44s %9.2f %% of a core, %.0f B/s\n", "a small site, simulated and polled",
           polled.cpu_percent, polled.bytes_per_s);
    end_part();
    part("memory");
    /* Writes the cache that the others read: the last of this file that does. */
    snprintf(command, sizeof(command), "%s|%s|--cache|%s", program, demo, cache);
    writes = rest_of(command, 20);
    snprintf(command, sizeof(command), "%s|%s", program, demo);
    polled = rest_of(command, 5);
    against("from the cache, most resident", still.highest_mb, 100, "MB");
    against("from the cache, its share (PSS)", still.share_mb, 100, "MB");
    against("simulated and polled, most resident", polled.highest_mb, 100, "MB");
    against("simulated and polled, its share (PSS)", polled.share_mb, 100, "MB");
    against("begun from its cache and writing, most", writes.highest_mb, 100, "MB");
    against("begun from its cache and writing, PSS", writes.share_mb, 100, "MB");
    printf("%-44s %9.2f %% of a core, writing %.2f %%\n", "simulated and polled",
           polled.cpu_percent, writes.cpu_percent);
    end_part();
}

/* ---- one-shots ---- */

/* Wall time of a run to its end, in ms; its CPU time goes to *cpu_ms. */
static double one_shot(const char *command, double *cpu_ms)
{
    struct rusage used;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), status;
    double start = now();
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid == 0) {
        dup2(nowhere, STDOUT_FILENO);
        become(command);
    }
    close(nowhere);
    while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fprintf(stderr, "pty_bench: %s: ended with %d\n", command, status);
    *cpu_ms = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
              (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
    return (now() - start) * 1e3;
}

/* What runs beside an answer says nothing about it. False: not permitted. */
static bool come_first(bool first)
{
    struct sched_param param = { .sched_priority = first ? 1 : 0 };

    return sched_setscheduler(0, first ? SCHED_FIFO : SCHED_OTHER, &param) == 0;
}

static double read_whole(const char *path)
{
    static char bytes[1 << 16];
    double start = now();
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    while (read(fd, bytes, sizeof(bytes)) > 0)
        ;
    close(fd);
    return (now() - start) * 1e3;
}

static void bench_queries(void)
{
    static const char *const queries[] = {
        "gpus limit 60",
        "gpus where power > 0.9power_limit sort -power limit 60",
        "gpus where idle > 15m and held limit 60",
        "nodes sort -power limit 60",
        "domains sort -load limit 60",
        "domains",
        "tenants",
        "sites",
    };
    double wall[MOST_RUNS], cpu[MOST_RUNS], hello[MOST_RUNS], reading[MOST_RUNS],
        version[MOST_RUNS];
    bool alone = come_first(true);
    char command[512], name[64];

    part(alone ? "-q from the cache, before all others" : "-q from the cache");
    for (size_t i = 0; i < pace.runs; i++) {
        hello[i] = one_shot("/bin/true", &cpu[i]);
        reading[i] = read_whole(cache);
        snprintf(command, sizeof(command), "%s|--version", program);
        version[i] = one_shot(command, &cpu[i]);
    }
    printf("%-44s %9.2f ms\n", "a program that does nothing",
           quantile(hello, pace.runs, .5));
    printf("%-44s %9.2f ms\n", "ours, --version: the libraries alone",
           quantile(version, pace.runs, .5));
    printf("%-44s %9.2f ms\n", "read() of the whole cache",
           quantile(reading, pace.runs, .5));
    for (size_t q = 0; q < sizeof(queries) / sizeof(queries[0]); q++) {
        snprintf(command, sizeof(command), "%s|--cache|%s|-q|%s", program, cache,
                 queries[q]);
        for (size_t i = 0; i < pace.runs; i++)
            wall[i] = one_shot(command, &cpu[i]);
        snprintf(name, sizeof(name), "%.43s", queries[q]);
        against(name, quantile(wall, pace.runs, .5), 30, "ms");
        printf("%44s %9.2f ms at least, CPU time %.2f ms\n", "", wall[0],
               quantile(cpu, pace.runs, .5));
    }
    end_part();
    (void)come_first(false);
}

static void forget_cache(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-writer", "-collector" };
    char file[96];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(file, sizeof(file), "%s%s", cache, ends[i]);
        unlink(file);
    }
    rmdir(folder);
}

int main(int argc, char **argv)
{
    const char *named = getenv("GIGAWATCH"), *gpus = "100000";

    if (named && *named)
        program = named;
    if (!mkdtemp(folder))
        die(folder);
    snprintf(cache, sizeof(cache), "%s/cache.db", folder);
    if (argc > 1 && strcmp(argv[1], "short") == 0) {
        pace = short_pace;
        gpus = "20000";
    } else if (argc > 1) {
        gpus = argv[1];
    }
    snprintf(demo, sizeof(demo), "--demo=gpus=%s", gpus);
    calibrate();
    printf("%s, collected for %.0f s%s\n", demo, pace.collect_s,
           pace.runs == MOST_RUNS ? ""
                                  : ": too little to say more than that all of it runs");
    fflush(stdout);
    collect();
    bench_first_frame();
    bench_queries();
    bench_keys(demo, 12);
    bench_rest();
    if (argc == 1)
        bench_keys("--demo=gpus=1000000", 45);
    forget_cache();
    return 0;
}
