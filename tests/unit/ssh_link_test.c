/* SSH links. Without arguments: what needs no server. With arguments it is a driver for
 * tests/rigs/ssh.st, which opens links to real servers and prints what happens, one line
 * an event:
 *
 *     ssh_link_test [-F CONFIG] [-i KEY] [-o] [-n ASKS] [-e SECONDS] [-t SECONDS] [-r]
 * [-p PASSPHRASE] [-w SECONDS] [-P FILE | -E VARIABLE | -C COMMAND] [-s] COMMAND URL…
 *
 * -o: by the user's own ssh; -n: asks of each, every -e; -t: deadline of an ask; -r: a
 * link that failed is opened again; -p: what the prompt answers, -w: after so long; -P,
 * -E, -C: where the password is; -s: as a stream, which ends after -n pieces. */
#include "base/arena.h"
#include "base/clock.h"
#include "poll/link.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct driver {
    struct loop *loop;
    const char *config, *identity, *passphrase, *command;
    bool openssh, again, stream;
    int asks, prompts;
    double every_s, timeout_s, think_s;
    struct secret password;
    size_t left;
};

struct end {
    struct driver *driver;
    struct target_config target;
    struct link *link;
    int answers;
    struct timer *next, *deadline;
};

static struct driver driver;

static bool prompt(void *arg, const char *question, char *answer, size_t room)
{
    struct driver *d = arg;

    printf("prompt %d %s\n", ++d->prompts, question);
    usleep((useconds_t)(d->think_s * 1e6));
    snprintf(answer, room, "%s", d->passphrase);
    return true;
}

static void on_next(void *arg);

static void set_next(struct end *e, double wait_s)
{
    timer_end(e->next);
    e->next = loop_timer(driver.loop, clock_steady() + wait_s, on_next, e);
}

static void finish(struct end *e)
{
    timer_end(e->deadline);
    e->deadline = NULL;
    e->link->kind->close(e->link);
    if (--driver.left == 0)
        loop_stop(driver.loop);
}

static void on_answer(void *arg, int status, const char *text, size_t len,
                      const char *complaint)
{
    struct end *e = arg;

    timer_end(e->deadline);
    e->deadline = NULL;
    printf("%s answer %d %.*s%s%s\n", e->target.url, status, (int)strcspn(text, "\n"),
           text, *complaint ? " complaint " : "", complaint);
    (void)len;
    if (++e->answers < driver.asks)
        set_next(e, driver.every_s);
    else
        finish(e);
}

static void on_bytes(void *arg, const char *text, size_t len)
{
    struct end *e = arg;

    timer_end(e->deadline);
    e->deadline = NULL;
    printf("%s bytes %.*s\n", e->target.url, (int)len, text);
    if (++e->answers == driver.asks)
        finish(e);
}

static void on_failed(void *arg, const struct err *why)
{
    struct end *e = arg;

    printf("%s failed %d %s\n", e->target.url, why->code, why->text);
    fflush(stdout);
    if (!driver.again) {
        finish(e);
        return;
    }
    timer_end(e->deadline);
    e->deadline = NULL;
    e->link->kind->close(e->link);
    e->link->kind->open(e->link);
    set_next(e, .3);
}

static const struct link_events events = {
    .answer = on_answer,
    .bytes = on_bytes,
    .failed = on_failed,
};

static void on_deadline(void *arg)
{
    struct err err;

    err_set(&err, "no answer within %g s", driver.timeout_s);
    on_failed(arg, &err);
}

static void on_next(void *arg)
{
    struct end *e = arg;
    struct gw_ask ask = { .size = sizeof(ask),
                          .how = driver.stream ? GW_STREAM : GW_RUN,
                          .command = driver.command };

    timer_end(e->deadline);
    e->deadline =
        driver.timeout_s > 0
            ? loop_timer(driver.loop, clock_steady() + driver.timeout_s, on_deadline, e)
            : NULL;
    e->link->kind->ask(e->link, &ask);
}

static void start(struct end *e, const char *url)
{
    const struct link_kind *kind = driver.openssh ? &link_openssh : &link_ssh;

    e->target = (struct target_config){
        .name = url,
        .url = url,
        .ssh_config = driver.config,
        .identity = driver.identity,
        .password = driver.password,
    };
    e->link = xcalloc(1, kind->size);
    *e->link = (struct link){ .kind = kind,
                              .target = &e->target,
                              .loop = driver.loop,
                              .events = &events,
                              .arg = e };
    if (driver.passphrase) {
        e->link->prompt = prompt;
        e->link->prompt_arg = &driver;
    }
    kind->open(e->link);
    set_next(e, 0);
}

static int drive(int argc, char **argv)
{
    struct end *ends;
    int option;

    driver.asks = 1;
    while ((option = getopt(argc, argv, "F:i:n:e:t:p:w:P:E:C:ors")) != -1)
        switch (option) {
        case 'F':
            driver.config = optarg;
            break;
        case 'i':
            driver.identity = optarg;
            break;
        case 'n':
            driver.asks = (int)strtol(optarg, NULL, 10);
            break;
        case 'e':
            driver.every_s = strtod(optarg, NULL);
            break;
        case 't':
            driver.timeout_s = strtod(optarg, NULL);
            break;
        case 'p':
            driver.passphrase = optarg;
            break;
        case 'w':
            driver.think_s = strtod(optarg, NULL);
            break;
        case 'P':
            driver.password = (struct secret){ SECRET_FILE, optarg };
            break;
        case 'E':
            driver.password = (struct secret){ SECRET_ENVIRONMENT, optarg };
            break;
        case 'C':
            driver.password = (struct secret){ SECRET_COMMAND, optarg };
            break;
        case 'o':
            driver.openssh = true;
            break;
        case 'r':
            driver.again = true;
            break;
        case 's':
            driver.stream = true;
            break;
        default:
            return 2;
        }
    if (argc - optind < 2)
        return 2;
    driver.command = argv[optind++];
    driver.left = (size_t)(argc - optind);
    driver.loop = loop_new();
    ends = xcalloc(driver.left, sizeof(*ends));
    for (int i = optind; i < argc; i++)
        start(&ends[i - optind], argv[i]);
    loop_run(driver.loop);
    for (int i = optind; i < argc; i++) {
        timer_end(ends[i - optind].next);
        free(ends[i - optind].link);
    }
    free(ends);
    loop_free(driver.loop);
    return 0;
}

/* ---- without a server ---- */

static struct err told;

static void note_failed(void *arg, const struct err *why)
{
    told = *why;
    loop_stop(arg);
}

static const struct link_events only_failed = { .failed = note_failed };

static void open_one(const struct link_kind *kind, const char *url)
{
    struct loop *loop = loop_new();
    struct target_config target = { .name = "n14",
                                    .url = url,
                                    .ssh_config = "/dev/null" };
    struct link *l = xcalloc(1, kind->size);
    struct gw_ask ask = { .size = sizeof(ask), .how = GW_RUN, .command = "true" };

    told = (struct err){ 0 };
    *l = (struct link){
        .kind = kind, .target = &target, .loop = loop, .events = &only_failed, .arg = loop
    };
    kind->open(l);
    ck_assert_msg(!told.text[0], "failed() was called from inside open()");
    kind->ask(l, &ask);
    ck_assert_msg(!told.text[0], "failed() was called from inside ask()");
    loop_run(loop);
    kind->close(l);
    free(l);
    loop_free(loop);
}

START_TEST(a_host_that_looks_like_an_option_is_refused)
{
    open_one(&link_ssh, "ssh://-oProxyCommand=id");
    ck_assert_msg(told.text[0] && told.code != 0, "said nothing");
    open_one(&link_openssh, "ssh://-oProxyCommand=id");
    ck_assert_msg(told.text[0] && told.code != 0, "said nothing");
}
END_TEST

START_TEST(a_closed_port_is_said_in_words)
{
    open_one(&link_ssh, "ssh://nobody@127.0.0.1:1");
    ck_assert_str_eq(told.text, "connection refused; does sshd run there, at this port?");
    ck_assert_int_eq(told.code, ERR_FAILED);
}
END_TEST

START_TEST(a_name_without_an_address_is_said_in_words)
{
    open_one(&link_ssh, "ssh://no-such-host.invalid");
    ck_assert_msg(strstr(told.text, "no-such-host.invalid") && strstr(told.text, "(DNS)"),
                  "%s", told.text);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite;
    TCase *c;
    SRunner *runner;
    int failed;

    if (argc > 1) {
        setvbuf(stdout, NULL, _IOLBF, 0);
        return drive(argc, argv);
    }
    suite = suite_create("ssh link");
    c = tcase_create("no server");
    tcase_add_test(c, a_host_that_looks_like_an_option_is_refused);
    tcase_add_test(c, a_closed_port_is_said_in_words);
    tcase_add_test(c, a_name_without_an_address_is_said_in_words);
    tcase_set_timeout(c, 30);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
