/* The poller against local commands and a small web server with bad manners. */
#include <arpa/inet.h>
#include <check.h>
#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/metric.h"
#include "poll/poll.h"
#include "poll/target.h"

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

enum { DEPTH };

static const struct gw_metric metrics[] = {
    [DEPTH] = { "test_depth", GW_NODE, GW_GAUGE, "", 0, 0, "a number that is polled" },
    { 0 }
};

static const struct gw_option options[] = {
    { "run", NULL, "command" }, { "stream", NULL, "endless command" }, { "block", NULL, "how" },
    { 0 }
};

/* ---- a source that asks and parses: one number is the answer ---- */

static int line_ask(const struct gw_api *api, const struct gw_target *t,
                    struct gw_ask *ask, struct gw_out *out)
{
    (void)out;
    ask->command = api->option(t, "run");
    ask->how = ask->command ? GW_RUN : GW_GET;
    if (api->option(t, "stream") && !(t->no_stream && ask->command)) {
        ask->how = GW_STREAM;
        ask->command = api->option(t, "stream");
    }
    return GW_DONE;
}

static size_t line_frame(const struct gw_target *t, const char *text, size_t len)
{
    const char *end = memchr(text, '\n', len);

    (void)t;
    return end ? (size_t)(end - text) + 1 : 0;
}

static int line_parse(const struct gw_api *api, const struct gw_target *t,
                      const char *text, size_t len, struct gw_out *out)
{
    uint32_t node = api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE);
    char *end;
    double value = strtod(text, &end);

    if (len >= 5 && memcmp(text, "again", 5) == 0)
        return GW_AGAIN;
    if (end == text)
        return api->fail(out, "expected a number, got \"%.20s\"", text);
    api->number(out, node, DEPTH, value);
    return GW_DONE;
}

static const struct gw_source line_source = {
    GW_SOURCE_HEAD, .name = "line", .summary = "a number", .schemes = "local http",
    .metrics = metrics, .options = options, .ask = line_ask, .frame = line_frame,
    .parse = line_parse,
};

/* ---- a conversation ---- */

static int talk_poll(const struct gw_api *api, const struct gw_target *t,
                     struct gw_out *out)
{
    const char *how = api->option(t, "block");
    struct gw_reply reply = { .size = sizeof(reply) };
    uint32_t node;

    if (how && strcmp(how, "polite") == 0)
        while (!api->stopping(t))
            usleep(5000);
    if (how && strcmp(how, "rude") == 0)
        for (;;)
            pause();
    if (how && (strcmp(how, "send") == 0 || strcmp(how, "flood") == 0))
        for (int i = 0; i < (how[0] == 'f' ? 4 * MOST_UNREAD : 3); i++) {
            node = api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE);
            api->number(out, node, DEPTH, i);
            api->send(out);
        }
    if (how && strcmp(how, "slowly") == 0)
        api->pace(out, 30);
    if (how && strcmp(how, "partly") == 0) {
        api->partial(out, NAN, "the store of %s is gone", "june");
        api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE);
        api->send(out);
    }
    if (how && strcmp(how, "note") == 0) {
        api->note(out, "version %d", 3);
        return api->fail(out, "that is all");
    }
    if (how && strcmp(how, "limit") == 0) {
        api->limit(t, .2);
        if (api->run(t, "sleep 60", &reply, out) != GW_FAILED)
            return api->fail(out, "it has no limit");
        api->limit(t, 0);
        if (api->run(t, "sleep .4; echo 13", &reply, out) == GW_FAILED)
            return GW_FAILED;
    }
    if (how && strcmp(how, "refuse") == 0)
        return api->refuse(out, "the %s is not taken", "key");
    if (how && strcmp(how, "opened") == 0) {
        node = api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE);
        api->number(out, node, DEPTH,
                    t->opened && t->opened_kind == GW_NODE ? (double)strlen(t->opened)
                                                           : 0);
        return GW_DONE;
    }
    if (api->option(t, "run") &&
        api->run(t, api->option(t, "run"), &reply, out) == GW_FAILED)
        return GW_FAILED;
    if (reply.text && reply.status)
        return api->fail(out, "status %d: %s", reply.status, reply.complaint);
    node = api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE);
    api->number(out, node, DEPTH, reply.text ? strtod(reply.text, NULL) : 7);
    return GW_DONE;
}

static const struct gw_source talk_source = {
    GW_SOURCE_HEAD, .name = "talk", .summary = "a conversation", .metrics = metrics,
    .options = options, .poll = talk_poll, .asks_closely = true,
};

/* ---- for real servers: any answer is fine, and its length is what it says ---- */

static int any_ask(const struct gw_api *api, const struct gw_target *t,
                   struct gw_ask *ask, struct gw_out *out)
{
    (void)api, (void)t, (void)out;
    ask->how = GW_GET;
    ask->accept = "text/html, */*";
    return GW_DONE;
}

static int any_parse(const struct gw_api *api, const struct gw_target *t,
                     const char *text, size_t len, struct gw_out *out)
{
    (void)text;
    api->number(out, api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE), DEPTH,
                (double)len);
    return GW_DONE;
}

static const struct gw_source any_source = {
    GW_SOURCE_HEAD,     .name = "any",  .summary = "any answer",
    .metrics = metrics, .ask = any_ask, .parse = any_parse,
};

/* ---- one that has its own headers for token and user, and gets a path of its own
 * ---- */

static int keyed_poll(const struct gw_api *api, const struct gw_target *t,
                      struct gw_out *out)
{
    struct gw_reply reply = { .size = sizeof(reply) };

    if (api->get(t, "/keyed", NULL, &reply, out) == GW_FAILED)
        return GW_FAILED;
    if (reply.status != 200)
        return api->refuse(out, "status %d", reply.status);
    api->number(out, api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE), DEPTH,
                strtod(reply.text, NULL));
    return GW_DONE;
}

static const struct gw_source keyed_source = {
    GW_SOURCE_HEAD,         .name = "keyed",    .summary = "own headers",
    .metrics = metrics,     .poll = keyed_poll, .token_header = "X-Key",
    .user_header = "X-Who",
};

static const struct gw_source *const sources[] = { &line_source, &talk_source,
                                                   &any_source, &keyed_source, NULL };

/* ---- the web server ---- */

static struct {
    int fd;
    unsigned port;
    pthread_t thread;
} web;

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        return;                 /* the client hung up, as it may */
}

static void say_huge(int fd)
{
    char block[4096];

    memset(block, 'x', sizeof(block));
    say(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 1000; i++)
        if (send(fd, block, sizeof(block), MSG_NOSIGNAL) < 0)
            break;
}

static void say_slowly(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (int i = 0; i < 50 && send(fd, "1", 1, MSG_NOSIGNAL) == 1; i++)
        usleep(100000);
}

/* "42\n", by gzip. */
static void say_gzip(int fd)
{
    static const unsigned char body[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
                                          0x00, 0x03, 0x33, 0x31, 0xe2, 0x02, 0x00, 0x31,
                                          0x29, 0x86, 0xd1, 0x03, 0x00, 0x00, 0x00 };
    char head[128];

    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
             "Content-Length: %zu\r\n\r\n", sizeof(body));
    say(fd, head);
    send(fd, body, sizeof(body), MSG_NOSIGNAL);
}

/* For as long as the client keeps the connection: how many times it asked on this one. */
static void say_on(int fd, const char *path)
{
    char ask[2048], reply[128];

    for (int n = 1; n < 1000; n++) {
        ssize_t len;

        snprintf(reply, sizeof(reply),
                 "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n%03d\n", n);
        say(fd, reply);
        len = recv(fd, ask, sizeof(ask) - 1, 0);
        if (len <= 0)
            return;
        ask[len] = '\0';
        if (!strstr(ask, path))
            return;
    }
}

static void *serve_one(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char ask[2048] = "", path[64] = "", reply[256];
    ssize_t n = recv(fd, ask, sizeof(ask) - 1, 0);

    if (n > 0)
        sscanf(ask, "GET %63s", path);
    if (strcmp(path, "/ok") == 0)
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n41\n");
    else if (strcmp(path, "/hang") == 0)
        usleep(4000000);
    else if (strcmp(path, "/huge") == 0)
        say_huge(fd);
    else if (strcmp(path, "/slow") == 0)
        say_slowly(fd);
    else if (strcmp(path, "/gzip") == 0)
        say_gzip(fd);
    else if (strcmp(path, "/401") == 0)
        say(fd,
            strstr(ask, "Basic dTpwdw==")
                ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n9\n"
                : "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/bearer") == 0)
        say(fd, strstr(ask, "Authorization: Bearer s3cret\r\n")
            ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n8\n"
            : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/keyed") == 0)
        say(fd, strstr(ask, "X-Key: s3cret\r\n") && strstr(ask, "X-Who: ann\r\n") &&
                        !strstr(ask, "Authorization")
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n6\n"
                    : "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/alive") == 0)
        say_on(fd, "GET /alive ");
    else if (strcmp(path, "/404") == 0)
        say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/500") == 0)
        say(fd, "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/html") == 0)
        say(fd,
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");
    else if (strcmp(path, "/cut") == 0)
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n41");
    else if (strcmp(path, "/garbage") == 0)
        say(fd, "\x01\x02 this is no HTTP\r\n\r\n");
    else if (strcmp(path, "/once") == 0)
        say(fd, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/away") == 0)
        say(fd,
            "HTTP/1.1 302 Found\r\nLocation: http://localhost:9/ok\r\nContent-Length: 0\r\n\r\n");
    else if (strcmp(path, "/loop") == 0) {
        snprintf(reply, sizeof(reply),
                 "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/loop\r\n"
                 "Content-Length: 0\r\n\r\n", web.port);
        say(fd, reply);
    }
    close(fd);
    return NULL;
}

static void *serve(void *arg)
{
    int fd;

    while ((fd = accept(*(int *)arg, NULL, NULL)) >= 0) {
        pthread_t t;

        if (pthread_create(&t, NULL, serve_one, (void *)(intptr_t)fd) == 0)
            pthread_detach(t);
    }
    return NULL;
}

static void start_web(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);

    web.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(web.fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(listen(web.fd, 256), 0);
    ck_assert_int_eq(getsockname(web.fd, (struct sockaddr *)&a, &len), 0);
    web.port = ntohs(a.sin_port);
    pthread_create(&web.thread, NULL, serve, &web.fd);
}

static void stop_web(void)
{
    shutdown(web.fd, SHUT_RDWR);
    pthread_join(web.thread, NULL);
    close(web.fd);
}

/* ---- what tests say ---- */

static struct inbox *out;
static struct poller *poller;
static struct target_config *kept;

static void discard(void *item)
{
    batch_free(item);
}

static void set_up(void)
{
    ck_assert_int_eq(sources_set_builtin(sources, NULL), 0);
    out = inbox_new(discard);
    start_web();
}

static void tear_down(void)
{
    poller_stop(poller);
    poller = NULL;
    free(kept);
    kept = NULL;
    inbox_free(out);
    stop_web();
}

static const struct batch_sample *sample_of(const struct batch *b, const char *name,
                                            uint16_t metric)
{
    const struct batch_sample *found = NULL;

    for (size_t i = 0; i < b->sample_count; i++)
        if (b->samples[i].metric == metric &&
            strcmp(b->entities[b->samples[i].entity].name, name) == 0)
            found = &b->samples[i];
    return found;
}

static const struct target_option *with(const char *name, const char *value)
{
    static struct target_option room[64][2];
    static int used;
    struct target_option *o = room[used++ % 64];

    o[0] = (struct target_option){ name, value };
    o[1] = (struct target_option){ 0 };
    return o;
}

static struct target_config local(const char *name, const char *command)
{
    return (struct target_config){
        .name = name, .url = "local:", .interval_s = 0.1, .timeout_s = 1,
        .options = with("run", command)
    };
}

static struct target_config http(const char *name, const char *path)
{
    static char urls[32][80];
    static int used;
    char *url = urls[used++ % 32];

    snprintf(url, 80, "http://127.0.0.1:%u%s", web.port, path);
    return (struct target_config){
        .name = name, .url = url, .interval_s = 0.1, .timeout_s = 1, .source = "line"
    };
}

/* The poller borrows its targets until it stops: in tear_down(), after the test's own
 * have gone. */
static void start(const struct target_config *targets, size_t count)
{
    struct err err = { 0 };

    free(kept);
    kept = xcalloc(count, sizeof(*kept));
    memcpy(kept, targets, count * sizeof(*kept));
    poller = poller_new(kept, count, out, &err);
    ck_assert_msg(poller, "%s", err.text);
}

static char state[64], reason[600];
static char notes[200];
static double depth, took;      /* ... the batch, from its beginning to its arrival */
static size_t answers;

static void look_at(const struct batch *b, const char *name)
{
    const struct batch_sample *s;

    if (b->origin == BATCH_POLL && strcmp(b->target, name) == 0) {
        answers++;
        took = b->time - b->times[0];
        s = sample_of(b, name, metric_find(GW_NODE, "test_depth"));
        if (s)
            depth = s->number;
    }
    if ((s = sample_of(b, name, M_SOURCE_NOTES)))
        snprintf(notes, sizeof(notes), "%s", s->text);
    if (b->origin != BATCH_HOST || !sample_of(b, name, M_SOURCE_STATE))
        return;
    snprintf(state, sizeof(state), "%s", sample_of(b, name, M_SOURCE_STATE)->text);
    s = sample_of(b, name, M_SOURCE_REASON);
    snprintf(reason, sizeof(reason), "%s", s && s->text ? s->text : "");
}

/* Reads the inbox until the target's state is `want`, or the seconds are over. */
static void wait_for(const char *name, const char *want, double seconds)
{
    double end = clock_steady() + seconds;

    state[0] = reason[0] = '\0';
    answers = 0;
    depth = -1;
    while (clock_steady() < end && strcmp(state, want) != 0) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, name);
        batch_free(b);
    }
    ck_assert_msg(strcmp(state, want) == 0, "%s is \"%s\" (%s), not \"%s\"", name, state, reason,
                  want);
}

static void expect_failure(struct target_config target, const char *want,
                           const char *part)
{
    start(&target, 1);
    poller_start(poller);
    wait_for(target.name, want, 5);
    ck_assert_msg(strstr(reason, part) != NULL, "\"%s\" lacks \"%s\"", reason, part);
    poller_stop(poller);
    poller = NULL;
}

/* ---- local ---- */

static void check_back_off(enum err_code code, double first, double most)
{
    struct poller p = { .dice = 42 };
    struct target t = { .poller = &p };

    for (t.failed_in_a_row = 1; t.failed_in_a_row < 40; t.failed_in_a_row++) {
        double middle = fmin(most, first * pow(2, t.failed_in_a_row - 1.0)),
               least = INFINITY, longest = 0;

        for (int i = 0; i < 200; i++) {
            double wait = target_back_off(&t, code);

            ck_assert_double_ge(wait, .8 * middle);
            ck_assert_double_le(wait, 1.2 * middle);
            least = fmin(least, wait);
            longest = fmax(longest, wait);
        }
        /* They do not come back together. */
        ck_assert_double_gt(longest - least, .3 * middle);
    }
}

START_TEST(back_off_doubles_to_a_bound_and_spreads)
{
    check_back_off(ERR_FAILED, 1, 60);
    check_back_off(ERR_AUTH, 60, 600);
}
END_TEST

START_TEST(a_command_is_asked_again_and_again)
{
    struct target_config t = local("n1", "echo 42");
    double end = clock_steady() + 5;

    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    while (answers < 4 && clock_steady() < end) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, "n1");
        batch_free(b);
    }
    ck_assert_uint_ge(answers, 4);
    ck_assert_double_eq(depth, 42);
}
END_TEST

START_TEST(a_command_that_fails_after_a_part_is_remarked)
{
    struct target_config t = local("n1", "echo 42; echo GPU is lost >&2; exit 15");

    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    ck_assert_double_eq(depth, 42);
    ck_assert_str_eq(
        reason, "the command failed (status 15) after it had printed this: GPU is lost");
}
END_TEST

START_TEST(a_command_that_fails_says_why)
{
    struct target_config endless = local("n1", "yes");

    expect_failure(local("n1", "echo first >&2; echo no such GPU >&2; exit 9"), "down",
                   "the command failed (status 9): no such GPU");
    expect_failure(local("n1", "gw-no-such-command"), "down", "not found");
    expect_failure(local("n1", "echo x"), "down", "expected a number, got \"x");
    endless.max_bytes = 1 << 20;
    expect_failure(endless, "down", "answer larger than 1 MiB");
}
END_TEST

START_TEST(a_command_that_hangs_is_late_and_then_down)
{
    struct target_config t = local("n1", "test -e /proc/self || exit; sleep 60");

    t.timeout_s = 0.2;
    expect_failure(t, "down", "no answer within 0.2 s");
}
END_TEST

START_TEST(one_dead_and_one_hung_leave_ten_on_time)
{
    static char names[10][8];
    struct target_config t[12];
    size_t count[10] = { 0 }, answered = 0; /* those who did so four times */

    for (int i = 0; i < 10; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        t[i] = i % 2 ? local(names[i], "echo 1") : http(names[i], "/ok");
        t[i].interval_s = 0.2;
    }
    t[10] = (struct target_config){ .name = "dead",
                                    .url = "http://127.0.0.1:1/",
                                    .source = "line" };
    t[11] = http("hung", "/hang");
    t[11].timeout_s = 60;
    start(t, 12);
    poller_start(poller);
    for (double end = clock_steady() + 50; answered < 10 && clock_steady() < end;) {
        struct batch *b = inbox_wait(out, 20);

        for (int i = 0; b && i < 10; i++)
            if (b->origin == BATCH_POLL && strcmp(b->target, names[i]) == 0)
                answered += ++count[i] == 4;
        batch_free(b);
    }
    for (int i = 0; i < 10; i++)
        ck_assert_msg(count[i] >= 4, "n%d answered %zu times while one hung", i,
                      count[i]);
}
END_TEST

START_TEST(a_stream_is_cut_into_answers)
{
    struct target_config t = local("n1", NULL);

    t.options = with(
        "stream", "for i in 1 2 3 4; do printf '%s' $i; sleep .02; echo; done; sleep 9");
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    for (double end = clock_steady() + 3; answers < 4 && clock_steady() < end;) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, "n1");
        batch_free(b);
    }
    ck_assert_uint_eq(answers, 4);
    ck_assert_double_eq(depth, 4);
}
END_TEST

START_TEST(a_silent_stream_is_late_and_opened_anew)
{
    struct target_config t = local("n1", NULL);

    t.options = with("stream", "echo 5; sleep 60");
    t.timeout_s = 0.3;
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "late", 3);
    ck_assert_ptr_nonnull(strstr(reason, "silent"));
    wait_for("n1", "ok", 4);
    ck_assert_uint_ge(answers, 1);
}
END_TEST

/* A stream, and what is asked for every poll where that will not do. */
static struct target_config stream_or_run(const char *stream, const char *run)
{
    static struct target_option both[3];
    struct target_config t = local("n1", NULL);

    both[0] = (struct target_option){ "stream", stream };
    both[1] = (struct target_option){ "run", run };
    t.options = both;
    return t;
}

START_TEST(a_stream_that_says_nothing_gives_way_to_polls_and_that_is_said)
{
    struct target_config t = stream_or_run("sleep 60", "echo 7");

    t.timeout_s = 0.3;
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    ck_assert_double_eq(depth, 7);
    ck_assert_str_eq(reason, "its stream said nothing, so it is asked for every poll");
}
END_TEST

START_TEST(a_stream_that_stops_again_and_again_gives_way_to_polls)
{
    struct target_config t = stream_or_run("echo 5; sleep 60", "echo 7");

    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "late", 5);
    ck_assert_ptr_nonnull(strstr(reason, "its stream is opened anew"));
    wait_for("n1", "ok", 5);
    ck_assert_double_eq(depth, 5);
    for (double end = clock_steady() + 10; depth != 7 && clock_steady() < end;) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, "n1");
        batch_free(b);
    }
    ck_assert_double_eq(depth, 7);
}
END_TEST

START_TEST(who_failed_when_polled_may_stream_again)
{
    static char stream[200], run[200];      /* the poller goes on for a while */
    char folder[] = "/tmp/gigawatch.XXXXXX", mark[64];
    struct target_config t;

    /* The stream flows once the first poll has failed. */
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(stream, sizeof(stream),
             "test -e %s/polled || sleep 60; while :; do echo 5; sleep .05; done",
             folder);
    snprintf(run, sizeof(run), "touch %s/polled; echo nothing of use", folder);
    t = stream_or_run(stream, run);
    t.timeout_s = 0.3;
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "down", 5);
    wait_for("n1", "ok", 5);
    ck_assert_double_eq(depth, 5);
    snprintf(mark, sizeof(mark), "%s/polled", folder);
    unlink(mark);
    rmdir(folder);
}
END_TEST

START_TEST(a_stream_that_ends_is_a_failure)
{
    struct target_config t = local("n1", NULL);

    t.options = with("stream", "exit 0");
    expect_failure(t, "down", "should have gone on");
}
END_TEST

START_TEST(a_stream_that_asks_again_is_opened_anew)
{
    struct target_config t = local("n1", NULL);
    char folder[] = "/tmp/gigawatch.XXXXXX", command[200];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(command, sizeof(command),
             "rmdir %s && { echo again; exit 2; }; echo 6; sleep 9", folder);
    t.options = with("stream", command);
    start(&t, 1);
    poller_start_once(poller, 3);
    wait_for("n1", "ok", 3);
    ck_assert_double_eq(depth, 6);
    rmdir(folder);
}
END_TEST

START_TEST(again_is_bounded)
{
    struct target_config t = local("n1", "echo again");

    start(&t, 1);
    poller_start_once(poller, 3);
    wait_for("n1", "ok", 3);
    ck_assert_uint_le(answers, 5);
}
END_TEST

/* ---- http ---- */

START_TEST(good_answers_come_plain_compressed_and_after_a_redirect)
{
    static const struct { const char *path; double value; } good[] = {
        { "/ok", 41 }, { "/gzip", 42 }, { "/once", 41 }, { NULL, 0 }
    };

    for (int i = 0; good[i].path; i++) {
        struct target_config t = http("n1", good[i].path);

        start(&t, 1);
        poller_start(poller);
        wait_for("n1", "ok", 3);
        ck_assert_double_eq(depth, good[i].value);
        poller_stop(poller);
        poller = NULL;
    }
}
END_TEST

START_TEST(every_bad_answer_has_its_sentence)
{
    static const struct { const char *path, *state, *part; } bad[] = {
        { "/404", "down", "404 not found" },
        { "/500", "down", "(500)" },
        { "/401", "refused", "give user: and password:" },
        { "/html", "down", "web page" },
        { "/cut", "down", "broke off" },
        { "/garbage", "down", "does not speak HTTP" },
        { "/loop", "down", "more than 3 times" },
        { "/nothing", "down", "without an answer" },
        { NULL, NULL, NULL }
    };

    for (int i = 0; bad[i].path; i++)
        expect_failure(http("n1", bad[i].path), bad[i].state, bad[i].part);
}
END_TEST

START_TEST(a_huge_answer_is_refused)
{
    struct target_config t = http("n1", "/huge");

    t.max_bytes = 100000;
    expect_failure(t, "down", "larger than 100000 bytes");
}
END_TEST

START_TEST(hanging_and_dripping_end_at_the_deadline)
{
    struct target_config t = http("n1", "/hang");

    t.timeout_s = 0.3;
    expect_failure(t, "down", "no answer within 0.3 s");
    t = http("n1", "/slow");
    t.timeout_s = 0.3;
    expect_failure(t, "down", "no answer within 0.3 s");
}
END_TEST

START_TEST(nobody_there_is_said_with_the_address)
{
    struct target_config t = { .name = "n1",
                               .url = "http://127.0.0.1:1/",
                               .source = "line" };

    expect_failure(t, "down", "http://127.0.0.1:1 refuses the connection");
    t.url = "https://127.0.0.1:1/";
    expect_failure(t, "down", "refuses the connection");
}
END_TEST

START_TEST(a_password_from_a_command_is_used_and_never_told)
{
    struct target_config t = http("n1", "/401");

    t.user = "u";
    t.password = (struct secret){ SECRET_COMMAND, "sleep .1; printf pw" };
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    ck_assert_double_eq(depth, 9);
    poller_stop(poller);
    poller = NULL;
    t.password.where = "printf hunter2";
    expect_failure(t, "refused", "refuses our user and password");
    ck_assert_ptr_null(strstr(reason, "hunter2"));
    t.password.where = "exit 4";
    expect_failure(t, "refused", "password: \"exit 4\" failed (status 4)");
}
END_TEST

START_TEST(a_password_that_was_changed_is_read_anew)
{
    char path[] = "/tmp/gigawatch-XXXXXX";
    struct target_config t = http("n1", "/401");
    int fd = mkstemp(path);

    ck_assert_int_eq(write(fd, "old", 3), 3);
    t.user = "u";
    t.password = (struct secret){ SECRET_FILE, path };
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "refused", 3);
    ck_assert_int_eq(pwrite(fd, "pw", 2, 0) + ftruncate(fd, 2), 2);
    close(fd);
    poller_ask_now(poller, "n1");
    wait_for("n1", "ok", 3);
    unlink(path);
}
END_TEST

START_TEST(a_token_comes_from_an_environment_variable_or_a_command)
{
    static const struct secret from[] = { { SECRET_ENVIRONMENT, "TEST_TOKEN" },
                                          { SECRET_COMMAND, "echo s3cret" } };
    struct target_config t = http("n1", "/bearer");

    setenv("TEST_TOKEN", "s3cret", 1);
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        t.token = from[i];
        start(&t, 1);
        poller_start(poller);
        wait_for("n1", "ok", 3);
        ck_assert_double_eq(depth, 8);
        poller_stop(poller);
        poller = NULL;
    }
    t.token = (struct secret){ SECRET_COMMAND, "echo hunter2" };
    expect_failure(t, "refused", "refuses our token");
    ck_assert_ptr_null(strstr(reason, "hunter2"));
    unsetenv("TEST_TOKEN");
}
END_TEST

START_TEST(no_command_inherits_a_variable_that_holds_a_secret)
{
    struct target_config t[2] = {
        local("n1", "test \"${TEST_TOKEN-none}\" = none && test \"$TEST_TOKEN_2$TEST\" = kept && echo 42"),
        http("n2", "/bearer"),
    };

    setenv("TEST_TOKEN", "s3cret", 1);
    setenv("TEST_TOKEN_2", "ke", 1);
    setenv("TEST", "pt", 1);
    t[1].token = (struct secret){ SECRET_ENVIRONMENT, "TEST_TOKEN" };
    start(t, 2);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    ck_assert_double_eq(depth, 42);
    wait_for("n2", "ok", 3);
    unsetenv("TEST_TOKEN");
    unsetenv("TEST_TOKEN_2");
    unsetenv("TEST");
}
END_TEST

START_TEST(one_connection_serves_poll_after_poll)
{
    struct target_config t = http("n1", "/alive");
    double end = clock_steady() + 5;

    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    while (depth < 4 && clock_steady() < end) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, "n1");
        batch_free(b);
    }
    ck_assert_double_ge(depth, 4);
}
END_TEST

START_TEST(a_password_is_not_carried_elsewhere)
{
    struct target_config t = http("n1", "/away");

    t.user = "u";
    t.password = (struct secret){ SECRET_COMMAND, "printf pw" };
    expect_failure(t, "refused", "is not carried to another place");
}
END_TEST

/* ---- conversations ---- */

static struct target_config talk(const char *name, const char *how)
{
    return (struct target_config){
        .name = name, .url = "local:", .source = "talk", .interval_s = 0.1, .timeout_s = 0.5,
        .options = how ? with("block", how) : NULL
    };
}

START_TEST(a_conversation_runs_commands_over_the_link)
{
    struct target_config t = talk("n1", NULL);

    t.options = with("run", "echo 13");
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    ck_assert_double_eq(depth, 13);
    poller_stop(poller);
    poller = NULL;
    t.options = with("run", "sleep 60");
    expect_failure(t, "down", "no answer within 0.5 s");
}
END_TEST

START_TEST(what_a_command_complained_of_reaches_a_conversation)
{
    struct target_config t = talk("n1", NULL);

    t.options = with("run", "echo 13; echo no munge >&2; exit 3");
    expect_failure(t, "down", "status 3: no munge");
}
END_TEST

START_TEST(a_conversation_slows_itself_down_and_its_values_stay_fresh)
{
    struct target_config t = talk("n1", "slowly");
    const struct batch_sample *interval = NULL, *next = NULL;

    start(&t, 1);
    poller_start(poller);
    for (double end = clock_steady() + 5; !next && clock_steady() < end;) {
        struct batch *b = inbox_wait(out, 20);

        if (b && b->origin == BATCH_HOST && sample_of(b, "n1", M_SOURCE_POLLS) &&
            sample_of(b, "n1", M_SOURCE_POLLS)->number > 0) {
            interval = sample_of(b, "n1", M_SOURCE_INTERVAL);
            next = sample_of(b, "n1", M_SOURCE_NEXT);
            ck_assert_double_eq(interval->number, 30);
            ck_assert_double_gt(next->number, clock_wall() + 20);
        }
        batch_free(b);
    }
    ck_assert_ptr_nonnull(next);
}
END_TEST

START_TEST(a_call_over_its_own_limit_fails_and_the_poll_goes_on)
{
    struct target_config t = talk("n1", "limit");

    t.timeout_s = 10;
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 5);
    ck_assert_double_eq(depth, 13);
}
END_TEST

/* Said once, it holds to the end of the poll. */
START_TEST(a_conversation_that_lacks_something_is_partial)
{
    expect_failure(talk("n1", "partly"), "partial", "the store of june is gone");
}
END_TEST

START_TEST(what_a_poll_that_fails_found_out_is_told)
{
    expect_failure(talk("n1", "note"), "down", "that is all");
    ck_assert_str_eq(notes, "version 3");
}
END_TEST

START_TEST(a_conversation_that_is_not_let_in_is_refused)
{
    expect_failure(talk("n1", "refuse"), "refused", "the key is not taken");
}
END_TEST

/* Over a socket in the file system; the source's own headers carry the secret. */
START_TEST(a_token_travels_in_the_header_its_source_names_over_a_socket_too)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    char folder[] = "/tmp/gw-socket-XXXXXX", url[160];
    struct target_config t = { .name = "n1",
                               .url = url,
                               .source = "keyed",
                               .interval_s = .1,
                               .timeout_s = 2,
                               .user = "ann",
                               .token = { SECRET_COMMAND, "echo s3cret" } };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t server;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(a.sun_path, sizeof(a.sun_path), "%s/rest.sock", folder);
    snprintf(url, sizeof(url), "keyed+unix://%s", a.sun_path);
    expect_failure(t, "down",
                   "no connection to the socket in keyed+unix:///tmp/gw-socket-");
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(listen(fd, 16), 0);
    pthread_create(&server, NULL, serve, &fd);
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 5);
    ck_assert_double_eq(depth, 6);
    poller_stop(poller);
    poller = NULL;
    t.token.where = "echo wrong";
    expect_failure(t, "refused", "status 401");
    shutdown(fd, SHUT_RDWR);
    pthread_join(server, NULL);
    close(fd);
    unlink(a.sun_path);
    rmdir(folder);
}
END_TEST

/* Who asks may stand in the URL, too; user: says it better. */
START_TEST(who_asks_travels_in_the_header_its_source_names)
{
    static const struct {
        const char *before, *user;
        bool passes;
    } ways[] = { { "ann@", NULL, true },
                 { "bob@", "ann", true },
                 { "", "ann", true },
                 { "bob@", NULL, false },
                 { "", NULL, false } };
    char url[80];
    struct target_config t = { .name = "n1",
                               .url = url,
                               .source = "keyed",
                               .interval_s = .1,
                               .timeout_s = 2,
                               .user = ways[_i].user,
                               .token = { SECRET_COMMAND, "echo s3cret" } };

    snprintf(url, sizeof(url), "keyed+http://%s127.0.0.1:%u/", ways[_i].before, web.port);
    if (!ways[_i].passes) {
        expect_failure(t, "refused", "status 401");
        return;
    }
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 5);
    ck_assert_double_eq(depth, 6);
}
END_TEST

START_TEST(a_conversation_arrives_when_it_ends)
{
    struct target_config t = talk("n1", NULL);

    t.options = with("run", "sleep .3; echo 13");
    t.timeout_s = 10;
    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 10);
    ck_assert_double_eq(depth, 13);
    ck_assert_double_ge(took, .29);
}
END_TEST

START_TEST(what_a_conversation_sends_arrives_before_it_ends)
{
    struct target_config t = talk("n1", "send");

    start(&t, 1);
    poller_start_once(poller, 3);
    for (double end = clock_steady() + 3; answers < 4 && clock_steady() < end;) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, "n1");
        batch_free(b);
    }
    ck_assert_uint_eq(answers, 4);
}
END_TEST

/* A 503 may say to come back tomorrow. */
START_TEST(a_server_is_left_alone_unless_a_person_asks_it_by_name)
{
    struct poller p = { .loop = loop_new() };
    struct target t = { .poller = &p,
                        .retry_after_s = 86400,
                        .meant_at = clock_steady() + 86400,
                        .asked_at = clock_steady() };

    target_ask_now(&t, true);           /* a key held down */
    ck_assert_ptr_null(t.due);
    t.asked_at -= 60;
    target_ask_now(&t, false);
    ck_assert_ptr_null(t.due);
    target_ask_now(&t, true);
    ck_assert_ptr_nonnull(t.due);
    ck_assert_double_le(t.next_at, clock_steady());
    timer_end(t.due);
    loop_free(p.loop);
}
END_TEST

/* Slurm's controller: every 30 s, and no sooner than so many times what it took to
 * answer. */
START_TEST(a_source_that_keeps_a_pace_keeps_it_whatever_key_is_hit)
{
    struct poller p = { .loop = loop_new() };
    double now = clock_steady();
    struct target t = {
        .poller = &p, .pace_s = 12, .asked_at = now - 10, .meant_at = now + 20
    };

    target_ask_now(&t, false);
    target_ask_now(&t, true);           /* its pace */
    ck_assert_ptr_null(t.due);
    t.asked_at -= 3;
    target_ask_now(&t, false);          /* its interval */
    ck_assert_ptr_null(t.due);
    t.failed_in_a_row = 1;
    t.asked_at += 9;
    target_ask_now(&t, false);          /* a key held down */
    ck_assert_ptr_null(t.due);
    t.asked_at -= 9;
    target_ask_now(&t, false);          /* it may have come back */
    ck_assert_ptr_nonnull(t.due);
    timer_end(t.due);
    t.due = NULL;
    t.meant_at = now + 20;
    target_ask_now(&t, true);
    ck_assert_ptr_nonnull(t.due);
    timer_end(t.due);
    loop_free(p.loop);
}
END_TEST

START_TEST(who_sends_nothing_yet_is_waited_for_and_not_called_ok)
{
    struct poller p = { .loop = loop_new() };
    struct target t = { .poller = &p };

    target_sent(&t, &(struct order){ ORDER_SENT });
    ck_assert_ptr_nonnull(t.deadline);
    ck_assert_uint_eq(t.polls, 0);
    ck_assert_int_ne(t.state, TARGET_OK);
    timer_end(t.deadline);
    loop_free(p.loop);
}
END_TEST

START_TEST(a_flood_is_held_up_by_who_reads_slowly_and_comes_whole)
{
    struct target_config t = talk("n1", "flood");

    t.timeout_s = 30;
    start(&t, 1);
    poller_start_once(poller, 30);
    for (int i = 0; i < 50; i++) {
        usleep(2000);
        /* its own state is told, too */
        ck_assert_uint_le(inbox_count(out), MOST_UNREAD + 2);
    }
    answers = 0;
    for (double end = clock_steady() + 30;
         answers < 4 * MOST_UNREAD + 1 && clock_steady() < end;) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, "n1");
        batch_free(b);
    }
    ck_assert_uint_eq(answers, 4 * MOST_UNREAD + 1);
}
END_TEST

START_TEST(a_conversation_is_shown_what_somebody_looks_into)
{
    struct target_config t = talk("n1", "opened");
    double end = clock_steady() + 5;

    start(&t, 1);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    ck_assert_double_eq(depth, 0);
    poller_opened(poller, GW_NODE, "n12345");
    while (depth != 6 && clock_steady() < end) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b, "n1");
        batch_free(b);
    }
    ck_assert_double_eq(depth, 6);
}
END_TEST

START_TEST(opening_something_asks_nobody_who_wants_to_be_left_alone)
{
    const struct host_source talks = { .source = &talk_source },
                             asks = { .source = &line_source };
    struct target t = { .host.source = &talks };

    ck_assert(target_asks_closely(&t));
    t.pace_s = 30;
    t.meant_at = clock_steady() + 600;
    ck_assert(!target_asks_closely(&t));
    t.meant_at = clock_steady();
    ck_assert(target_asks_closely(&t));
    t.failed_in_a_row = 1;
    ck_assert(!target_asks_closely(&t));
    t = (struct target){ .host.source = &asks };
    ck_assert(!target_asks_closely(&t));
}
END_TEST

START_TEST(a_conversation_that_hangs_leaves_others_alone_and_stops)
{
    struct target_config t[3] = { talk("hung", "polite"), talk("n1", NULL),
                                  talk("n2", NULL) };
    double began;

    t[0].timeout_s = 60;
    start(t, 3);
    poller_start(poller);
    wait_for("n1", "ok", 3);
    began = clock_steady();
    ck_assert(poller_stop(poller));
    poller = NULL;
    ck_assert(clock_steady() - began < 1);
}
END_TEST

START_TEST(even_a_rude_one_does_not_keep_us)
{
    struct target_config t[2] = { talk("rude", "rude"), talk("n1", NULL) };
    double began;

    start(t, 2);
    poller_start(poller);
    wait_for("rude", "down", 3);
    began = clock_steady();
    ck_assert(!poller_stop(poller));
    poller = NULL;
    kept = NULL;                /* it may still look there */
    ck_assert(clock_steady() - began < 2.5);
}
END_TEST

/* ---- the whole ---- */

START_TEST(once_is_once_and_says_when_it_is_done)
{
    struct target_config t[3] = { local("n1", "echo 1"), local("n2", "sleep 60"),
                                  http("n3", "/404") };
    double began = clock_steady();
    size_t polls = 0, rows = 0;
    struct batch *b;

    start(t, 3);
    poller_start_once(poller, 0.5);
    while (!poller_done(poller) && clock_steady() - began < 3)
        usleep(10000);
    ck_assert(poller_done(poller));
    ck_assert(clock_steady() - began < 2);
    while ((b = inbox_take(out))) {
        polls += b->origin == BATCH_POLL;
        if (b->origin == BATCH_HOST)
            for (size_t i = 0; i < b->entity_count; i++)
                rows += strcmp(sample_of(b, b->entities[i].name, M_SOURCE_STATE)->text,
                               "connecting") != 0;
        batch_free(b);
    }
    ck_assert_uint_eq(polls, 1);
    ck_assert_uint_ge(rows, 3);
}
END_TEST

START_TEST(polls_are_left_out_when_nobody_reads)
{
    struct target_config t = local("n1", NULL);
    struct timespec nap = { .tv_sec = 1 };

    t.options = with("stream", "while :; do echo 1; done");
    start(&t, 1);
    poller_start(poller);
    nanosleep(&nap, NULL);
    ck_assert_uint_le(inbox_count(out), 300);
}
END_TEST

START_TEST(four_thousand_targets_are_asked_within_their_interval)
{
    enum { MANY = 4000 };
    struct target_config *t = xcalloc(MANY, sizeof(*t));
    char (*names)[8] = xcalloc(MANY, sizeof(*names));
    size_t got = 0;
    double began;

    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        t[i] = talk(names[i], NULL);
        t[i].interval_s = 2;
        t[i].timeout_s = 10;
    }
    start(t, MANY);
    began = clock_steady();
    poller_start(poller);
    while (got < MANY && clock_steady() - began < 8) {
        struct batch *b = inbox_wait(out, 20);

        got += b && b->origin == BATCH_POLL;
        batch_free(b);
    }
    ck_assert_uint_ge(got, MANY);
    poller_stop(poller);
    poller = NULL;
    free(t);
    free(names);
}
END_TEST

/* More than a shard of libcurl's handles. */
START_TEST(hundreds_of_connections_share_the_loop)
{
    enum { MANY = 600 };
    static char names[MANY][8];
    static struct target_config t[MANY];
    char url[80];
    size_t got = 0;
    double began;

    snprintf(url, sizeof(url), "http://127.0.0.1:%u/ok", web.port);
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        t[i] = (struct target_config){ .name = names[i], .url = url, .source = "line" };
    }
    start(t, MANY);
    began = clock_steady();
    poller_start_once(poller, 9);
    while (!poller_done(poller) && clock_steady() - began < 15) {
        struct batch *b = inbox_wait(out, 20);

        got += b && b->origin == BATCH_POLL;
        batch_free(b);
    }
    for (struct batch *b; (b = inbox_take(out)); batch_free(b))
        got += b->origin == BATCH_POLL;
    ck_assert_uint_eq(got, MANY);
    ck_assert(poller_stop(poller));
    poller = NULL;
}
END_TEST

START_TEST(a_configuration_that_cannot_work_is_refused_with_its_line)
{
    static const struct { struct target_config t; const char *part; } bad[] = {
        { { .name = "n1", .url = "local:", .source = "dcmg", .origin = "gigawatch.yaml:12" },
          "gigawatch.yaml:12: n1: unknown source \"dcmg\"; known: line, talk" },
        { { .name = "n1", .url = "gopher://x" }, "no source reads \"gopher://x\"; known: " },
        { { .name = "n1", .url = "http://h:70000/x" }, "http://h:70000/x: expected a port from 1 to 65535, got 70000" },
        { { .name = "n1", .url = "http:", .source = "line" }, "expected http://HOST" },
        { { .name = "n1", .url = "http://u:pw@x/", .source = "line" },
          "a password does not belong into a URL" },
        { { .name = "n1", .url = "power.csv", .source = "line" }, "needs a URL" },
        { { 0 }, NULL }
    };
    struct target_config t = local("n1", "x");
    struct err err;

    for (int i = 0; bad[i].part; i++) {
        ck_assert_ptr_null(poller_new(&bad[i].t, 1, out, &err));
        ck_assert_msg(strstr(err.text, bad[i].part), "%s", err.text);
        ck_assert_ptr_null(strstr(err.text, "pw@"));
    }
    t.options = with("rum", "x");
    ck_assert_ptr_null(poller_new(&t, 1, out, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "unknown option \"rum\" of line; did you mean run?"));
}
END_TEST

/* ---- as a driver of tests/rigs/http.st ---- */

static int refuse_word(const char *word)
{
    fprintf(stderr, "unknown word \"%s\"\n", word);
    return 2;
}

/* poller_test url=URL [ca=FILE] [cert=FILE] [key=FILE] [user=NAME] [password=FILE]
 * [token=FILE]: polls once, and prints "STATE SECONDS REASON". */
static int drive(int argc, char **argv)
{
    struct target_config t = { .name = "n1", .source = "any", .timeout_s = 5 };
    double began = clock_steady();
    struct batch *b;
    struct err err;

    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        size_t len = value ? (size_t)(value++ - argv[i]) : 0;

#define IS(word) (len == strlen(word) && memcmp(argv[i], word, len) == 0)
        if (IS("url"))
            t.url = value;
        else if (IS("ca"))
            t.ca = value;
        else if (IS("cert"))
            t.cert = value;
        else if (IS("key"))
            t.key = value;
        else if (IS("user"))
            t.user = value;
        else if (IS("password"))
            t.password = (struct secret){ SECRET_FILE, value };
        else if (IS("token"))
            t.token = (struct secret){ SECRET_FILE, value };
        else
            return refuse_word(argv[i]);
#undef IS
    }
    if (sources_set_builtin(sources, NULL) < 0)
        return 1;
    out = inbox_new(discard);
    poller = poller_new(&t, 1, out, &err);
    if (!poller) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    poller_start_once(poller, 10);
    while (!poller_done(poller))
        usleep(1000);
    while ((b = inbox_take(out))) {
        look_at(b, "n1");
        batch_free(b);
    }
    printf("%s %.1f %s\n", state, clock_steady() - began, reason);
    poller_stop(poller);
    inbox_free(out);
    return 0;
}

int main(int argc, char **argv)
{
    Suite *suite;
    TCase *c;
    SRunner *runner;
    int failed;

    if (argc > 1)
        return drive(argc, argv);
    suite = suite_create("poller");
    c = tcase_create("poller");

    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, back_off_doubles_to_a_bound_and_spreads);
    tcase_add_test(c, a_command_is_asked_again_and_again);
    tcase_add_test(c, a_command_that_fails_says_why);
    tcase_add_test(c, a_command_that_fails_after_a_part_is_remarked);
    tcase_add_test(c, a_command_that_hangs_is_late_and_then_down);
    tcase_add_test(c, one_dead_and_one_hung_leave_ten_on_time);
    tcase_add_test(c, a_stream_is_cut_into_answers);
    tcase_add_test(c, a_silent_stream_is_late_and_opened_anew);
    tcase_add_test(c, a_stream_that_says_nothing_gives_way_to_polls_and_that_is_said);
    tcase_add_test(c, a_stream_that_stops_again_and_again_gives_way_to_polls);
    tcase_add_test(c, who_failed_when_polled_may_stream_again);
    tcase_add_test(c, a_stream_that_ends_is_a_failure);
    tcase_add_test(c, a_stream_that_asks_again_is_opened_anew);
    tcase_add_test(c, again_is_bounded);
    tcase_add_test(c, good_answers_come_plain_compressed_and_after_a_redirect);
    tcase_add_test(c, every_bad_answer_has_its_sentence);
    tcase_add_test(c, a_huge_answer_is_refused);
    tcase_add_test(c, hanging_and_dripping_end_at_the_deadline);
    tcase_add_test(c, nobody_there_is_said_with_the_address);
    tcase_add_test(c, a_password_from_a_command_is_used_and_never_told);
    tcase_add_test(c, a_password_that_was_changed_is_read_anew);
    tcase_add_test(c, a_token_comes_from_an_environment_variable_or_a_command);
    tcase_add_test(c, no_command_inherits_a_variable_that_holds_a_secret);
    tcase_add_test(c, one_connection_serves_poll_after_poll);
    tcase_add_test(c, a_password_is_not_carried_elsewhere);
    tcase_add_test(c, a_conversation_runs_commands_over_the_link);
    tcase_add_test(c, what_a_command_complained_of_reaches_a_conversation);
    tcase_add_test(c, a_conversation_slows_itself_down_and_its_values_stay_fresh);
    tcase_add_test(c, a_call_over_its_own_limit_fails_and_the_poll_goes_on);
    tcase_add_test(c, a_conversation_that_lacks_something_is_partial);
    tcase_add_test(c, what_a_poll_that_fails_found_out_is_told);
    tcase_add_test(c, a_conversation_that_is_not_let_in_is_refused);
    tcase_add_test(c, a_token_travels_in_the_header_its_source_names_over_a_socket_too);
    tcase_add_loop_test(c, who_asks_travels_in_the_header_its_source_names, 0, 5);
    tcase_add_test(c, a_conversation_arrives_when_it_ends);
    tcase_add_test(c, what_a_conversation_sends_arrives_before_it_ends);
    tcase_add_test(c, who_sends_nothing_yet_is_waited_for_and_not_called_ok);
    tcase_add_test(c, a_server_is_left_alone_unless_a_person_asks_it_by_name);
    tcase_add_test(c, a_source_that_keeps_a_pace_keeps_it_whatever_key_is_hit);
    tcase_add_test(c, a_flood_is_held_up_by_who_reads_slowly_and_comes_whole);
    tcase_add_test(c, a_conversation_is_shown_what_somebody_looks_into);
    tcase_add_test(c, opening_something_asks_nobody_who_wants_to_be_left_alone);
    tcase_add_test(c, a_conversation_that_hangs_leaves_others_alone_and_stops);
    tcase_add_test(c, even_a_rude_one_does_not_keep_us);
    tcase_add_test(c, once_is_once_and_says_when_it_is_done);
    tcase_add_test(c, polls_are_left_out_when_nobody_reads);
    tcase_add_test(c, four_thousand_targets_are_asked_within_their_interval);
    tcase_add_test(c, hundreds_of_connections_share_the_loop);
    tcase_add_test(c, a_configuration_that_cannot_work_is_refused_with_its_line);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
