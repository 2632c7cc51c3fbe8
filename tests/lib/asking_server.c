/* asking_server HOST_KEY: an SSH server that asks questions (keyboard-interactive, RFC
 * 4256), which OpenSSH's own does only with PAM. It prints its port, a free one of
 * 127.0.0.1, and serves until it is killed. Who logs in says what is asked:
 *
 *     op      one hidden question; the answer is "correct horse"
 *     twice   that twice, with a round without a question between
 *     code    that, and a number that is shown while it is typed
 *     nobody  questions without end
 *
 * Every command is answered with "hello". */
#include <arpa/inet.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum verdict { ASKED, REFUSED, ACCEPTED };

static enum verdict ask(ssh_message m, unsigned count)
{
    const char *prompts[] = { "Password: ", "Code: " };
    char echo[] = { 0, 1 };

    ssh_message_auth_interactive_request(m, "login", "", count, prompts, echo);
    return ASKED;
}

struct exchange {
    char user[32];              /* an answer does not name it */
    int round;                  /* counts the answers */
};

static enum verdict go_on(struct exchange *e, ssh_session s, ssh_message m)
{
    const char *user = e->user;

    if (!ssh_message_auth_kbdint_is_response(m)) {
        snprintf(e->user, sizeof(e->user), "%s", ssh_message_auth_user(m));
        e->round = 0;
        return ask(m, strcmp(user, "code") == 0 ? 2 : 1);
    }
    if (strcmp(user, "nobody") == 0)
        return ask(m, 1);
    for (int i = 0; i < ssh_userauth_kbdint_getnanswers(s); i++)
        if (strcmp(ssh_userauth_kbdint_getanswer(s, (unsigned)i), "correct horse") != 0)
            return REFUSED;
    if (strcmp(user, "twice") == 0 && ++e->round < 3)
        return ask(m, e->round == 1 ? 0 : 1);
    return ACCEPTED;
}

static bool let_in(ssh_session s)
{
    struct exchange e = { 0 };
    enum verdict verdict = ASKED;
    ssh_message m;

    while (verdict != ACCEPTED && (m = ssh_message_get(s))) {
        bool answers = ssh_message_type(m) == SSH_REQUEST_AUTH &&
                       ssh_message_subtype(m) == SSH_AUTH_METHOD_INTERACTIVE;

        verdict = answers ? go_on(&e, s, m) : REFUSED;
        if (verdict == ACCEPTED)
            ssh_message_auth_reply_success(m, 0);
        if (verdict == REFUSED) {
            ssh_message_auth_set_methods(m, SSH_AUTH_METHOD_INTERACTIVE);
            ssh_message_reply_default(m);
        }
        ssh_message_free(m);
    }
    return verdict == ACCEPTED;
}

static void run(ssh_message m, ssh_channel channel)
{
    ssh_message_channel_request_reply_success(m);
    ssh_channel_write(channel, "hello\n", 6);
    ssh_channel_request_send_exit_status(channel, 0);
    ssh_channel_send_eof(channel);
    ssh_channel_close(channel);
}

static void serve(ssh_session s)
{
    ssh_channel channel = NULL;
    ssh_message m;

    if (ssh_handle_key_exchange(s) != SSH_OK || !let_in(s))
        return;
    while ((m = ssh_message_get(s))) {
        if (ssh_message_type(m) == SSH_REQUEST_CHANNEL_OPEN)
            channel = ssh_message_channel_request_open_reply_accept(m);
        else if (ssh_message_type(m) == SSH_REQUEST_CHANNEL && channel &&
                 ssh_message_subtype(m) == SSH_CHANNEL_REQUEST_EXEC)
            run(m, channel);
        else
            ssh_message_reply_default(m);
        ssh_message_free(m);
    }
}

/* Listens, and tells where. */
static int open_port(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        return -1;
    printf("%u\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    ssh_bind bind = ssh_bind_new();
    int port = open_port(), fd;

    if (argc != 2 || port < 0 ||
        ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HOSTKEY, argv[1]) != SSH_OK)
        return 2;
    signal(SIGCHLD, SIG_IGN);   /* nobody asks how a connection ended */
    while ((fd = accept(port, NULL, NULL)) >= 0) {
        if (fork() == 0) {
            ssh_session s = ssh_new();

            if (ssh_bind_accept_fd(bind, s, fd) == SSH_OK)
                serve(s);
            ssh_disconnect(s);
            _exit(0);
        }
        close(fd);
    }
    return 1;
}
