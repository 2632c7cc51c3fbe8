/* A large answer of a Prometheus API: from its first byte to the model, against what
 * others need to parse the same text in the same run.
 *
 *     promql_bench [SERIES [SERIES OF THE PEERS]]
 *
 * A vector of a million raw series with the labels of dcgm-exporter, 413 bytes each. Ours
 * takes it in pieces of 16 KiB, as libcurl hands it over, resolves every series to its
 * GPU, node and row, and has the value in its column; cJSON, jq and node's JSON.parse
 * build their tree of the same series and sum the values; where the machine has no memory
 * for their trees, which take gigabytes, they get fewer, and are compared by the series.
 * CPU time, the least of five for ours and of three for cJSON, both from memory: what
 * else runs on the machine only adds. Adding up the bytes of the text, once, is what no
 * reader can do without. Ours goes by the order of the answer before: what another order
 * of the series or of their labels costs is told, and what an answer costs that comes
 * over HTTP from a server on this machine, with the poller. The goal is held against a
 * tree whose memory comes from the kernel, as it does where it is given back between two
 * polls; what it takes in memory that is kept for it is told, too. The other goals are
 * that of another order, and that of adding up the bytes, which says what of the machine
 * is used, and how much of the first goal's time no reader can save. */
#include "base/arena.h"
#include "model/model.h"
#include "poll/host.h"

#include <cjson/cJSON.h>
#include <malloc.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PIECE = 16384,
    NODE_GPUS = 8,
    MOST_BEYOND_MB = 20,
    TIMES_CJSON = 40,
    TIMES_CJSON_MOVED = 15,
    PERCENT_OF_READING = 30,
    TIMES = 5,
    TREE_TIMES = 3,
    TREE_BYTES = 8000,
    STRIDE = 7919
};

extern const struct gw_source promql_source;

static char folder[] = "/tmp/gigawatch-bench-XXXXXX";
static char path[64];
static char *text;              /* what the file holds */
static size_t text_len;

static void die(const char *what)
{
    fprintf(stderr, "promql_bench: %s: %m\n", what);
    exit(1);
}

static double cpu_of(int who)
{
    struct rusage u;

    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- the answer ---- */

static double watts_of(size_t i, unsigned round)
{
    return 60 + (double)((i * 2654435761u + round * 977) % 640000) / 1000;
}

static void load_answer(void)
{
    FILE *f = fopen(path, "r");

    if (!f || fseek(f, 0, SEEK_END) != 0)
        die(path);
    text_len = (size_t)ftell(f);
    rewind(f);
    free(text);
    text = xcalloc(text_len + 1, 1);
    if (fread(text, 1, text_len, f) != text_len)
        die(path);
    fclose(f);
}

/* As Prometheus sorts them; the series in another order, which is the same each time; or
 * each with its value and its last label first. */
enum order { AS_EVER, SERIES_MOVED, LABELS_MOVED };

static void write_series(FILE *f, size_t i, const char *value, enum order order)
{
    char last[64];

    snprintf(last, sizeof(last), "\"pci_bus_id\":\"00000000:64:00.0\"");
    fputc('{', f);
    if (order == LABELS_MOVED)
        fprintf(f, "\"value\":[1795358944.501,\"%s\"],", value);
    fprintf(
        f,
        "\"metric\":{%s%s\"DCGM_FI_DRIVER_VERSION\":\"580.105.08\",\"Hostname\":\"gpu-node-%06zu\","
        "\"UUID\":\"GPU-%08zx-79c8-fedd-8899-07539c7f868a\",\"__name__\":\"DCGM_FI_DEV_POWER_USAGE\","
        "\"device\":\"nvidia%zu\",\"gpu\":\"%zu\",\"instance\":\"10.%zu.%zu.%zu:9400\","
        "\"job\":\"nvidia-dcgm-exporter\",\"modelName\":\"NVIDIA H100 80GB HBM3\","
        "\"namespace\":\"gpu-operator\"%s%s}",
        order == LABELS_MOVED ? last : "", order == LABELS_MOVED ? "," : "",
        i / NODE_GPUS, i, i % NODE_GPUS, i % NODE_GPUS, i / 524288, i / 2048 % 256,
        i / 8 % 256, order == LABELS_MOVED ? "" : ",", order == LABELS_MOVED ? "" : last);
    if (order != LABELS_MOVED)
        fprintf(f, ",\"value\":[1795358944.501,\"%s\"]", value);
    fputc('}', f);
}

static size_t common_divisor(size_t a, size_t b)
{
    return b ? common_divisor(b, a % b) : a;
}

/* Returns the sum of the values. */
static double write_answer(size_t series, unsigned round, enum order order)
{
    FILE *f = fopen(path, "w");
    size_t stride = STRIDE;
    double sum = 0;

    if (!f)
        die(path);
    while (common_divisor(stride, series) != 1)
        stride++;
    fputs("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[", f);
    for (size_t n = 0; n < series; n++) {
        size_t i = order == SERIES_MOVED ? n * stride % series : n;
        char value[32];

        snprintf(value, sizeof(value), "%.3f", watts_of(i, round));
        sum += strtod(value, NULL);
        if (n)
            fputc(',', f);
        write_series(f, i, value, order);
    }
    fputs("]}}\n", f);
    if (fclose(f) != 0)
        die(path);
    load_answer();
    return sum;
}

static double read_floor(void)
{
    static volatile uint64_t kept;
    double began = cpu_of(RUSAGE_SELF);
    uint64_t sum = 0, word;

    for (size_t at = 0; at + sizeof(word) <= text_len; at += sizeof(word)) {
        memcpy(&word, text + at, sizeof(word));
        sum += word;
    }
    kept = sum;
    (void)kept;
    return cpu_of(RUSAGE_SELF) - began;
}

/* ---- ours ---- */

struct ours {
    struct host_target target;  /* first: the calls get back from it */
    struct model *model;
    struct gw_out out;
    double now, spent;          /* CPU in the model */
};

static int call_engine(struct host_target *t, const struct gw_ask *ask,
                       const struct host_pieces *pieces, struct gw_reply *reply,
                       struct err *err)
{
    static const char none[] = "{\"status\":\"success\",\"data\":[]}";

    (void)t;
    err->text[0] = '\0';
    reply->status = 200;
    reply->text = "";
    if (!pieces)                /* its version, which it does not tell */
        return 0;
    if (!strstr(ask->path, "query="))
        return pieces->take(pieces->arg, none, sizeof(none) - 1);
    for (size_t at = 0, len; at < text_len; at += len) {
        len = text_len - at < PIECE ? text_len - at : PIECE;
        if (pieces->take(pieces->arg, text + at, len) == GW_FAILED)
            break;
    }
    return 0;
}

static void to_model(struct host_target *t, struct gw_out *out)
{
    struct ours *o = (struct ours *)t;
    double began = cpu_of(RUSAGE_SELF);

    model_apply(o->model, out->batch);
    batch_free(out->batch);
    o->spent += cpu_of(RUSAGE_SELF) - began;
    out->batch = batch_new(BATCH_POLL, "engine", o->now);
}

static double poll_ours(struct ours *o)
{
    double began = cpu_of(RUSAGE_SELF);

    o->now += 15;
    o->target.now = o->now;
    o->spent = 0;
    host_out_start(&o->out, &o->target, batch_new(BATCH_POLL, "engine", o->now));
    if (host_poll(&o->target, &o->out) == GW_FAILED) {
        fprintf(stderr, "promql_bench: %s\n", o->out.failure);
        exit(1);
    }
    to_model(&o->target, &o->out);
    batch_free(o->out.batch);
    return cpu_of(RUSAGE_SELF) - began;
}

static double sum_of_model(const struct model *m)
{
    double sum = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_GPU); row++)
        sum += model_number(m, M_GPU_POWER, row);
    return sum;
}

static void check(const char *who, double sum, double wanted)
{
    if (fabs(sum - wanted) < 1e-5 * wanted)
        return;
    fprintf(stderr, "promql_bench: %s sums to %.1f, and %.1f is right\n", who, sum,
            wanted);
    exit(1);
}

/* Of this process, in bytes: VmRSS or VmHWM. */
static double memory(const char *which)
{
    char line[200];
    double kilobytes = 0;
    FILE *f = fopen("/proc/self/status", "r");

    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, which, strlen(which)) == 0)
            kilobytes = strtod(line + strlen(which) + 1, NULL);
    if (f)
        fclose(f);
    return kilobytes * 1024;
}

static void forget_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");

    if (f) {
        fputs("5", f);
        fclose(f);
    }
}

struct figures {
    double first, again, moved, floor;  /* s a series; in another order; adding up its
                                         * bytes */
};

static void print_memory(const char *what, double beyond)
{
    printf("%-34s %8.1f of %d MB  ratio %.2f  %s\n", what, beyond / 1e6, MOST_BEYOND_MB,
           beyond / 1e6 / MOST_BEYOND_MB, beyond <= MOST_BEYOND_MB * 1e6 ? "" : "MISSED");
}

/* After answers in their usual order: the first in another, which is returned, and the
 * next ones like it. */
static double run_order(struct ours *o, size_t series, enum order order, const char *what)
{
    double wanted = write_answer(series, 2, order), first = poll_ours(o),
           again = INFINITY;

    check("the model", sum_of_model(o->model), wanted);
    for (int i = 0; i < TREE_TIMES; i++)
        again = fmin(again, poll_ours(o));
    printf("%-34s %8.0f ns a series, and again %.0f\n", what,
           first / (double)series * 1e9, again / (double)series * 1e9);
    return first / (double)series;
}

static void run_ours(size_t series, struct figures *figures)
{
    static const struct target_option options[] = {
        { "sets", "none" }, { "queries", "DCGM_FI_DEV_POWER_USAGE -> gpu.power" }, { 0 }
    };
    static const struct host_calls calls = { .call = call_engine, .send = to_model };
    struct target_config config = { .name = "engine",
                                    .url = "prom+http://localhost:1/",
                                    .options = options };
    struct ours o = { .now = 1795358944 };
    double wanted = write_answer(series, 0, AS_EVER), first, steady, at_rest;
    struct err err;
    const struct host_source *source = host_source(&promql_source, &err);

    if (!source || host_target_start(&o.target, source, &config, &err) < 0) {
        fprintf(stderr, "promql_bench: %s\n", err.text);
        exit(1);
    }
    o.target.calls = &calls;
    o.model = model_new("bench");
    first = poll_ours(&o);
    check("the model", sum_of_model(o.model), wanted);
    wanted = write_answer(series, 1, AS_EVER);
    malloc_trim(0);
    at_rest = memory("VmRSS:");
    forget_peak();
    steady = poll_ours(&o);
    check("the model", sum_of_model(o.model), wanted);
    printf("%-34s %8.0f ns a series\n", "ours, first contact",
           first / (double)series * 1e9);
    figures->first = first / (double)series;
    figures->again = steady / (double)series;
    figures->floor = INFINITY;
    for (int i = 0; i < TIMES; i++) {
        figures->again = i ? fmin(figures->again, poll_ours(&o) / (double)series)
                           : figures->again;
        figures->floor = fmin(figures->floor, read_floor() / (double)series);
    }
    printf("%-34s %8.0f ns a series, of which the model %.0f; adding up its bytes %.0f\n",
           "ours, again", figures->again * 1e9, o.spent / (double)series * 1e9,
           figures->floor * 1e9);
    print_memory("memory of the answer beyond the model", memory("VmHWM:") - at_rest);
    printf("%-34s %8.0f bytes a series\n", "the model itself",
           (double)model_bytes(o.model) / (double)series);
    figures->moved = run_order(&o, series, SERIES_MOVED,
                               "ours, the series in another order");
    run_order(&o, series, LABELS_MOVED, "ours, the labels in another order");
    promql_source.close(&host_api, &o.target.seen);
    host_target_end(&o.target);
    model_free(o.model);
}

/* ---- over HTTP ---- */

static void send_all(int to, const char *from, size_t len)
{
    while (len) {
        ssize_t sent = send(to, from, len, MSG_NOSIGNAL);

        if (sent <= 0)
            _exit(0);
        from += sent;
        len -= (size_t)sent;
    }
}

/* One connection, for as long as it lasts: the answer to the one query, and nothing to
 * all else. */
static void serve_connection(int fd)
{
    static const char none[] = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}";
    char request[8192], head[200];
    size_t len = 0;
    ssize_t got;

    while ((got = recv(fd, request + len, sizeof(request) - 1 - len, 0)) > 0) {
        bool is_it;
        int head_len;

        len += (size_t)got;
        request[len] = '\0';
        if (!strstr(request, "\r\n\r\n"))
            continue;
        is_it = strstr(request, "query?query=DCGM") != NULL;
        head_len = snprintf(
            head, sizeof(head),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
            is_it ? text_len : sizeof(none) - 1);
        send_all(fd, head, (size_t)head_len);
        send_all(fd, is_it ? text : none, is_it ? text_len : sizeof(none) - 1);
        len = 0;
    }
    _exit(0);
}

/* A process of its own, so that its CPU time is not ours; returns its port. */
static int start_server(pid_t *server)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(at);
    int listening = socket(AF_INET, SOCK_STREAM, 0), fd;

    if (listening < 0 || bind(listening, (struct sockaddr *)&at, sizeof(at)) < 0 ||
        listen(listening, 16) < 0 ||
        getsockname(listening, (struct sockaddr *)&at, &size) < 0 ||
        (*server = fork()) < 0)
        die("a server");
    if (*server == 0) {
        signal(SIGCHLD, SIG_IGN);
        while ((fd = accept(listening, NULL, NULL)) >= 0) {
            if (fork() == 0)
                serve_connection(fd);
            close(fd);
        }
        _exit(0);
    }
    close(listening);
    return ntohs(at.sin_port);
}

static double wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t powers_in(const struct batch *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->sample_count; i++)
        n += b->samples[i].metric == M_GPU_POWER;
    for (size_t i = 0; i < b->known_count; i++)
        n += b->known[i].metric == M_GPU_POWER ? b->known[i].count : 0;
    return n;
}

/* Until the next answer is there; it comes in several batches, which go to the model as
 * they come. */
static void take_answer(struct inbox *inbox, struct model *m, size_t series)
{
    for (size_t told = 0; told < series;) {
        struct batch *b = inbox_wait(inbox, 100);
        uint32_t row = model_find(m, GW_SOURCE, "engine");

        if (row != GW_NONE && model_number(m, M_SOURCE_FAILURES, row) > 0) {
            fprintf(stderr, "promql_bench: over HTTP: %s\n",
                    model_text(m, M_SOURCE_REASON, row));
            exit(1);
        }
        if (!b)
            continue;
        told += powers_in(b);
        model_apply(m, b);
        batch_free(b);
    }
}

/* The text in memory, by a server on this machine, through the poller: the second answer,
 * when everything is known. */
static void run_http(size_t series)
{
    static const struct gw_source *const sources[] = { &promql_source, NULL };
    static const struct target_option options[] = {
        { "sets", "none" }, { "queries", "DCGM_FI_DEV_POWER_USAGE -> gpu.power" }, { "history", "0" }, { 0 }
    };
    double wanted = write_answer(series, 0, AS_EVER), cpu, began, at_rest;
    struct target_config config = { .name = "engine",
                                    .interval_s = 1,
                                    .timeout_s = 600,
                                    .max_bytes = 4e9,
                                    .options = options };
    struct inbox *inbox = inbox_new(NULL);
    struct model *m = model_new("bench");
    struct poller *p;
    struct batch *b;
    char url[64];
    struct err err;
    pid_t server;

    snprintf(url, sizeof(url), "prom+http://127.0.0.1:%d/", start_server(&server));
    config.url = url;
    if (sources_set_builtin(sources, &err) < 0 ||
        !(p = poller_new(&config, 1, inbox, &err))) {
        fprintf(stderr, "promql_bench: %s\n", err.text);
        exit(1);
    }
    poller_start(p);
    take_answer(inbox, m, series);
    check("the model, over HTTP,", sum_of_model(m), wanted);
    malloc_trim(0);
    at_rest = memory("VmRSS:");
    forget_peak();
    cpu = cpu_of(RUSAGE_SELF);
    began = wall();
    take_answer(inbox, m, series);
    printf("%-34s %8.0f ns a series, in %.2f s\n", "ours, over HTTP, again",
           (cpu_of(RUSAGE_SELF) - cpu) / (double)series * 1e9, wall() - began);
    print_memory("memory over HTTP beyond the model", memory("VmHWM:") - at_rest);
    poller_stop(p);
    while ((b = inbox_take(inbox)))
        batch_free(b);
    inbox_free(inbox);
    model_free(m);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
}

/* ---- peers ---- */

/* As many series as there is memory for their trees. */
static size_t series_of_peers(size_t series)
{
    size_t most = (size_t)sysconf(_SC_AVPHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) /
                  TREE_BYTES;

    return series < most ? series : most;
}

static double run_cjson(size_t series, double wanted)
{
    double began = cpu_of(RUSAGE_SELF), sum = 0, spent;
    cJSON *all = cJSON_Parse(text), *one;

    cJSON_ArrayForEach(one,
                       cJSON_GetObjectItem(cJSON_GetObjectItem(all, "data"), "result"))
        sum += strtod(
            cJSON_GetArrayItem(cJSON_GetObjectItem(one, "value"), 1)->valuestring, NULL);
    spent = cpu_of(RUSAGE_SELF) - began;
    check("cJSON", sum, wanted);
    cJSON_Delete(all);
    return spent / (double)series;
}

/* NAN: not installed. `command` finds the file in $answer. */
static double run_program(const char *name, const char *command, size_t series,
                          double wanted)
{
    double began, sum = NAN;
    char line[100];
    FILE *f;

    snprintf(line, sizeof(line), "command -v %s > /dev/null", name);
    if (system(line) != 0)
        return NAN;
    began = cpu_of(RUSAGE_CHILDREN);
    setenv("answer", path, 1);
    f = popen(command, "r");
    if (!f || fscanf(f, "%lf", &sum) != 1)
        sum = NAN;
    if (f)
        pclose(f);
    check(name, sum, wanted);
    return (cpu_of(RUSAGE_CHILDREN) - began) / (double)series;
}

static void compare(const char *peer, double theirs, const struct figures *ours)
{
    if (isnan(theirs)) {
        printf("%-34s not installed\n", peer);
        return;
    }
    printf("%-34s %8.0f ns a series  %s / ours %.1f again, %.1f at first contact\n", peer,
           theirs * 1e9, peer, theirs / ours->again, theirs / ours->first);
}

static void print_goal(const char *what, double value, double least, const char *unit)
{
    printf("%-34s %8.1f of %.0f %s  ratio %.2f  %s\n", what, value, least, unit,
           least / value, value >= least ? "" : "MISSED");
}

int main(int argc, char **argv)
{
    size_t series = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    size_t peers = argc > 2 ? strtoul(argv[2], NULL, 10) : series_of_peers(series);
    struct figures ours;
    double wanted, tree = INFINITY, again = INFINITY;

    if (!series || !mkdtemp(folder))
        die(folder);
    snprintf(path, sizeof(path), "%s/answer.json", folder);
    printf("%zu series for ours, %zu for the others\n", series, peers);
    fflush(stdout);             /* before there is a second process */
    run_ours(series, &ours);
    run_http(series);
    wanted = write_answer(peers, 0, AS_EVER);
    for (int i = 0; i < TREE_TIMES; i++) {
        malloc_trim(0);
        tree = fmin(tree, run_cjson(peers, wanted));
        again = fmin(again, run_cjson(peers, wanted));
    }
    compare("cJSON", tree, &ours);
    compare("cJSON in memory it had before", again, &ours);
    print_goal("from the bytes to the model", tree / ours.again, TIMES_CJSON,
               "times cJSON");
    printf("%-34s %8.0f ns a series, of which adding up its bytes %.0f\n",
           "the first goal is", tree / TIMES_CJSON * 1e9, ours.floor * 1e9);
    print_goal("the same in another order", tree / ours.moved, TIMES_CJSON_MOVED,
               "times cJSON");
    print_goal("adding up the bytes is of ours", 100 * ours.floor / ours.again,
               PERCENT_OF_READING, "%");
    compare("node", run_program("node", "node --max-old-space-size=16000 -e 'let s = 0; for (const r of JSON.parse(require(\"fs\").readFileSync(process.env.answer))"
                                ".data.result) s += Number(r.value[1]); console.log(s)'", peers, wanted), &ours);
    compare("jq", run_program("jq", "jq '[.data.result[].value[1] | tonumber] | add' \"$answer\"", peers, wanted), &ours);
    free(text);
    unlink(path);
    rmdir(folder);
    return 0;
}
