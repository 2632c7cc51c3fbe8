/* Answers that are handed over as they arrive, from a web server of the test's own. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/batch.h"
#include "model/metric.h"
#include "poll/poll.h"

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

enum { WHOLE = 32 << 20, BLOCK = 65536, PATIENCE_MS = 300 };

/* ---- a conversation that counts what it is handed ---- */

enum { SEEN, STATUS };

static const struct gw_metric metrics[] = {
    [SEEN] = { "test_seen", GW_NODE, GW_GAUGE, "", 0, 0, "bytes that were what they should be" },
    [STATUS] = { "test_status", GW_NODE, GW_GAUGE, "", 0, 0, "of the answer" },
    { 0 }
};

static const struct gw_option options[] = { { "how", NULL, "how to read" }, { 0 } };

static struct {
    int fd;
    unsigned port;
    pthread_t thread;
    atomic_bool blocked;        /* the client did not read for a while */
} web;

struct reader {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    const char *how;
    size_t seen;
    bool wrong;
};

static char letter_at(size_t place)
{
    return (char)('a' + place % 23);
}

static void wait_until_blocked(const struct reader *r)
{
    while (!atomic_load(&web.blocked) && !r->api->stopping(r->target))
        usleep(5000);
}

static int take(void *arg, const char *text, size_t len)
{
    struct reader *r = arg;

    if (strcmp(r->how, "late") == 0 && r->seen == 0)
        wait_until_blocked(r);
    for (size_t i = 0; i < len; i++)
        r->wrong |= text[i] != letter_at(r->seen + i);
    r->seen += len;
    return strcmp(r->how, "little") == 0 ? r->api->fail(r->out, "that is enough")
                                         : GW_DONE;
}

static int count_poll(const struct gw_api *api, const struct gw_target *t,
                      struct gw_out *out)
{
    struct reader r = {
        .api = api, .target = t, .out = out, .how = api->option(t, "how")
    };
    struct gw_reply reply = { .size = sizeof(reply) };
    uint32_t node = api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE);

    if (!r.how)
        r.how = "";
    if (api->get_pieces(t, t->path, NULL, take, &r, &reply, out) == GW_FAILED)
        return GW_FAILED;
    api->number(out, node, SEEN, r.wrong ? NAN : (double)(r.seen + reply.len));
    api->number(out, node, STATUS, reply.status);
    return GW_DONE;
}

static const struct gw_source count_source = {
    GW_SOURCE_HEAD, .name = "count", .summary = "counts", .metrics = metrics,
    .options = options, .poll = count_poll,
};

static const struct gw_source *const sources[] = { &count_source, NULL };

/* ---- the web server ---- */

static bool say(int fd, const char *text, size_t len)
{
    while (len) {
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        ssize_t n;

        if (poll(&p, 1, PATIENCE_MS) == 0) {
            atomic_store(&web.blocked, true);
            continue;
        }
        n = send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

static void say_words(int fd, const char *text)
{
    say(fd, text, strlen(text));
}

static void say_whole(int fd)
{
    static char block[BLOCK];
    char head[100];

    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", WHOLE);
    say_words(fd, head);
    for (size_t at = 0; at < WHOLE; at += BLOCK) {
        for (size_t i = 0; i < BLOCK; i++)
            block[i] = letter_at(at + i);
        if (!say(fd, block, BLOCK))
            return;
    }
}

static void serve_one(int fd)
{
    char ask[2048] = "", path[64] = "";

    if (recv(fd, ask, sizeof(ask) - 1, 0) > 0)
        sscanf(ask, "GET %63s", path);
    if (strcmp(path, "/whole") == 0)
        say_whole(fd);
    else if (strcmp(path, "/500") == 0)
        say_words(fd, "HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\nabcd");
    else if (strcmp(path, "/html") == 0)
        say_words(
            fd,
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");
    else if (strcmp(path, "/cut") == 0)
        say_words(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    else if (strcmp(path, "/moved") == 0)
        say_words(
            fd, "HTTP/1.1 302 Found\r\nLocation: /abc\r\nContent-Length: 5\r\n\r\nmoved");
    else if (strstr(ask, "\r\nX-Scope-OrgID: blue\r\n"))
        say_words(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd");
    else
        say_words(fd, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    close(fd);
}

static void *serve(void *arg)
{
    int fd;

    (void)arg;
    while ((fd = accept(web.fd, NULL, NULL)) >= 0)
        serve_one(fd);
    return NULL;
}

/* ---- what tests say ---- */

static struct inbox *out;
static struct poller *poller;
static struct target_config target;
static char url[80], state[64], reason[600];
static double seen, status;

static void discard(void *item)
{
    batch_free(item);
}

static void set_up(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);

    ck_assert_int_eq(sources_set_builtin(sources, NULL), 0);
    out = inbox_new(discard);
    web.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(web.fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(listen(web.fd, 16), 0);
    ck_assert_int_eq(getsockname(web.fd, (struct sockaddr *)&a, &len), 0);
    web.port = ntohs(a.sin_port);
    atomic_store(&web.blocked, false);
    pthread_create(&web.thread, NULL, serve, NULL);
}

static void tear_down(void)
{
    poller_stop(poller);
    poller = NULL;
    inbox_free(out);
    shutdown(web.fd, SHUT_RDWR);
    pthread_join(web.thread, NULL);
    close(web.fd);
}

static void look_at(const struct batch *b)
{
    for (size_t i = 0; i < b->sample_count; i++) {
        const struct batch_sample *s = &b->samples[i];

        if (s->metric == M_SOURCE_STATE)
            snprintf(state, sizeof(state), "%s", s->text ? s->text : "");
        if (s->metric == M_SOURCE_REASON)
            snprintf(reason, sizeof(reason), "%s", s->text ? s->text : "");
        if (s->metric == metric_find(GW_NODE, "test_seen"))
            seen = s->number;
        if (s->metric == metric_find(GW_NODE, "test_status"))
            status = s->number;
    }
}

static void read_on(const char *path, const char *how, const char *want)
{
    static struct target_option o[2];
    double end = clock_steady() + 30;
    struct err err = { 0 };

    o[0] = (struct target_option){ "how", how };
    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", web.port, path);
    target.name = "n1";
    target.url = url;
    target.source = "count";
    target.timeout_s = 20;
    target.options = how ? o : NULL;
    poller = poller_new(&target, 1, out, &err);
    ck_assert_msg(poller, "%s", err.text);
    poller_start_once(poller, 20);
    seen = status = -1;
    state[0] = reason[0] = '\0';
    while (clock_steady() < end &&
           (strcmp(state, want) != 0 || (*want == 'o' && seen < 0))) {
        struct batch *b = inbox_wait(out, 20);

        if (b)
            look_at(b);
        batch_free(b);
    }
    ck_assert_msg(strcmp(state, want) == 0, "\"%s\" (%s), not \"%s\"", state, reason, want);
}

START_TEST(nothing_of_a_large_answer_is_lost)
{
    target.headers = NULL;
    read_on("/whole", NULL, "ok");
    ck_assert_double_eq(seen, WHOLE);
    ck_assert_double_eq(status, 200);
}
END_TEST

START_TEST(who_does_not_read_holds_the_sender_up)
{
    read_on("/whole", "late", "ok");
    ck_assert(atomic_load(&web.blocked));
    ck_assert_double_eq(seen, WHOLE);
}
END_TEST

START_TEST(who_has_enough_hears_no_more)
{
    read_on("/whole", "little", "down");
    ck_assert_str_eq(reason, "that is enough");
}
END_TEST

START_TEST(an_answer_that_is_none_comes_as_text)
{
    read_on("/500", NULL, "ok");
    ck_assert_double_eq(status, 500);
    ck_assert_double_eq(seen, 4);
}
END_TEST

START_TEST(a_web_page_and_a_cut_answer_are_failures)
{
    read_on("/html", NULL, "down");
    ck_assert_msg(strstr(reason, "a web page came"), "%s", reason);
    poller_stop(poller);
    read_on("/cut", NULL, "down");
    ck_assert_msg(reason[0], "no reason");
}
END_TEST

START_TEST(what_redirects_say_is_no_piece)
{
    read_on("/moved", NULL, "ok");
    ck_assert_double_eq(seen, 3);
}
END_TEST

START_TEST(a_limit_that_was_given_holds_for_pieces)
{
    target.max_bytes = 1 << 20;
    read_on("/whole", NULL, "down");
    target.max_bytes = 0;
    ck_assert_str_eq(reason, "answer larger than 1 MiB");
}
END_TEST

START_TEST(headers_of_the_configuration_are_sent)
{
    static const char *const headers[] = { "X-Scope-OrgID: blue", NULL };

    target.headers = headers;
    read_on("/abc", NULL, "ok");
    target.headers = NULL;
    ck_assert_double_eq(seen, 4);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("pieces");
    Suite *suite = suite_create("pieces");
    SRunner *runner;

    tcase_set_timeout(c, 20);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, nothing_of_a_large_answer_is_lost);
    tcase_add_test(c, who_does_not_read_holds_the_sender_up);
    tcase_add_test(c, who_has_enough_hears_no_more);
    tcase_add_test(c, an_answer_that_is_none_comes_as_text);
    tcase_add_test(c, a_web_page_and_a_cut_answer_are_failures);
    tcase_add_test(c, what_redirects_say_is_no_piece);
    tcase_add_test(c, a_limit_that_was_given_holds_for_pieces);
    tcase_add_test(c, headers_of_the_configuration_are_sent);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    return srunner_ntests_failed(runner) ? (srunner_free(runner), 1)
                                         : (srunner_free(runner), 0);
}
