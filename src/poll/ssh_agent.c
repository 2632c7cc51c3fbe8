/* One question of the agent protocol (draft-miller-ssh-agent, section 4.4):
 * SSH_AGENTC_REQUEST_IDENTITIES. libssh itself would wait for the answer. It does wait
 * for the signature later, which a live agent gives at once; one that asks its person
 * first ("ssh-add -c", a touched token) is for transport: openssh. */
#include "config.h"

#include "poll/ssh_agent.h"
#include "base/arena.h"
#include "base/base64.h"
#include "base/clock.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    REQUEST_IDENTITIES = 11,
    IDENTITIES_ANSWER = 12,
    MAX_ANSWER = 256 << 10,
    PATIENCE_S = 3
};

struct ssh_agent_keys {
    struct loop *loop;
    int fd;
    struct watch *watch;
    struct timer *timer;
    unsigned char *text;
    size_t len, room;
    char **keys; /* base64, as in a .pub file */
    size_t count, key_room;
    const char *trouble;
    void (*done)(void *arg);
    void *arg;
};

static uint32_t number(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* byte type, uint32 count, then string key and string comment for each. */
static int parse(struct ssh_agent_keys *a, const unsigned char *text, size_t len)
{
    const unsigned char *end = text + len;
    uint32_t count, size;

    if (len < 5 || text[0] != IDENTITIES_ANSWER)
        return -1;
    count = number(text + 1);
    text += 5;
    for (; count > 0; count--) {
        for (int part = 0; part < 2; part++) {
            if (end - text < 4 || (size = number(text)) > (size_t)(end - text) - 4)
                return -1;
            if (part == 0) {
                a->keys = xgrow(a->keys, &a->key_room, a->count + 1, sizeof(*a->keys));
                a->keys[a->count++] = base64_write(xcalloc(BASE64_TEXT(size), 1),
                                                   text + 4, size);
            }
            text += 4 + size;
        }
    }
    return (int)a->count;
}

static void hang_up(struct ssh_agent_keys *a)
{
    watch_end(a->watch);
    a->watch = NULL;
    timer_end(a->timer);
    a->timer = NULL;
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
}

static void finish(struct ssh_agent_keys *a, const char *trouble)
{
    a->trouble = trouble;
    hang_up(a);
    a->done(a->arg);
}

static void on_late(void *arg)
{
    struct ssh_agent_keys *a = arg;

    finish(a, a->trouble ? a->trouble : "does not answer");
}

static void on_answer(void *arg, uint32_t events)
{
    struct ssh_agent_keys *a = arg;
    ssize_t n;

    (void)events;
    a->text = xgrow(a->text, &a->room, a->len + 4096, 1);
    n = recv(a->fd, a->text + a->len, 4096, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        finish(a, "hung up");
        return;
    }
    a->len += (size_t)n;
    if (a->len < 4)
        return;
    if (number(a->text) > MAX_ANSWER)
        finish(a, "answers nonsense");
    else if (a->len - 4 >= number(a->text))
        finish(a, parse(a, a->text + 4, number(a->text)) < 0 ? "answers nonsense" : NULL);
}

static int request(struct ssh_agent_keys *a, const char *path)
{
    static const unsigned char question[] = { 0, 0, 0, 1, REQUEST_IDENTITIES };
    struct sockaddr_un to = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof(to.sun_path))
        return -1;
    memcpy(to.sun_path, path, strlen(path) + 1);
    a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        send(a->fd, question, sizeof(question), MSG_NOSIGNAL) !=
            (ssize_t)sizeof(question))
        return -1;
    return 0;
}

struct ssh_agent_keys *ssh_agent_ask(struct loop *l, const char *path,
                                     void (*done)(void *arg), void *arg)
{
    struct ssh_agent_keys *a = xcalloc(1, sizeof(*a));

    *a = (struct ssh_agent_keys){ .loop = l, .fd = -1, .done = done, .arg = arg };
    if (request(a, path) == 0) {
        a->watch = loop_watch(l, a->fd, EPOLLIN, on_answer, a);
        a->timer = loop_timer(l, clock_steady() + PATIENCE_S, on_late, a);
    } else {
        a->trouble = "not there";
        a->timer = loop_timer(l, 0, on_late, a);
    }
    return a;
}

void ssh_agent_end(struct ssh_agent_keys *a)
{
    if (!a)
        return;
    hang_up(a);
    for (size_t i = 0; i < a->count; i++)
        free(a->keys[i]);
    free(a->keys);
    free(a->text);
    free(a);
}

const char *ssh_agent_trouble(const struct ssh_agent_keys *a)
{
    return a->trouble;
}

size_t ssh_agent_count(const struct ssh_agent_keys *a)
{
    return a->count;
}

bool ssh_agent_has(const struct ssh_agent_keys *a, ssh_key public_key)
{
    char *text = NULL;
    bool found = false;

    if (!public_key || ssh_pki_export_pubkey_base64(public_key, &text) != SSH_OK)
        return false;
    for (size_t i = 0; i < a->count && !found; i++)
        found = strcmp(a->keys[i], text) == 0;
    ssh_string_free_char(text);
    return found;
}
