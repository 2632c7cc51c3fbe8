/* Showing who we are: ssh-agent, then key files in their order, then the password that
 * the target was given, and keyboard-interactive with that. Never a password to a host
 * whose key was not checked: this begins after. */
#ifndef POLL_SSH_AUTH_H
#define POLL_SSH_AUTH_H

#include <libssh/libssh.h>

#include "poll/loop.h"
#include "poll/poll.h"
#include "poll/ssh_config.h"

struct ssh_auth;

enum ssh_auth_result { SSH_AUTH_GOES_ON, SSH_AUTH_ACCEPTED, SSH_AUTH_REFUSED };

struct ssh_auth_how {
    const struct ssh_config *config;
    const struct secret *password; /* NULL: none */
    poll_prompt *prompt;           /* may be NULL */
    void *prompt_arg;
    void (*wake)(void *arg); /* step again: an agent answered, a passphrase came */
    void *arg;
};

struct ssh_auth *ssh_auth_new(struct loop *l, ssh_session session,
                              const struct ssh_auth_how *how);
void ssh_auth_free(struct ssh_auth *a); /* NULL is fine */

/* As far as it goes without waiting. Refused: ERR_AUTH with what was tried, or what
 * broke. */
enum ssh_auth_result ssh_auth_step(struct ssh_auth *a, struct err *err);
/* A person is thinking: deadlines stand still. `a` may be NULL. */
bool ssh_auth_waits_for_person(const struct ssh_auth *a);
/* An agent, a person or a command is asked, not the host: its descriptor need not be
 * watched. */
bool ssh_auth_is_aside(const struct ssh_auth *a);

#endif
