/* The private keys that one loop's sessions use. A file is read once it is wanted; a
 * passphrase is asked for once, and the key that it opened is shared by every target.
 * Passphrases themselves are wiped at once. */
#ifndef POLL_SSH_KEYS_H
#define POLL_SSH_KEYS_H

#include <libssh/libssh.h>
#include <stdbool.h>

#include "poll/loop.h"
#include "poll/poll.h"
#include "poll/ssh_config.h"

enum ssh_key_state {
    SSH_KEY_MISSING,  /* no such file */
    SSH_KEY_UNUSABLE, /* see `why` */
    SSH_KEY_LOCKED,   /* needs its passphrase */
    SSH_KEY_OPEN
};

struct ssh_key_file {
    const char *path;
    enum ssh_key_state state;
    ssh_key public_key, private_key;  /* public: may be known while locked; NULL */
    ssh_key certificate, certified;   /* and with its certificate, where it has one;
                                       * NULL */
    char why[160];
};

/* Lives as long as the loop. A file that was missing or unusable is looked at again. Its
 * certificate is the one that lies beside it (-cert.pub), or the first of `certificates`,
 * which are files, that was made for it. */
struct ssh_key_file *ssh_key_find(struct loop *l, const char *path,
                                  const struct ssh_list *certificates);

/* One who waits for a passphrase. */
struct ssh_key_wait {
    struct ssh_key_wait *next;
    void (*done)(void *arg); /* look at the state now */
    void *arg;
};

/* Asks the person (prompt, which may be NULL, or SSH_ASKPASS) for the passphrase of a
 * locked key. True: `wait` is kept, and called once the state has changed; false: the
 * state has changed already. */
bool ssh_key_unlock(struct ssh_key_file *key, poll_prompt *prompt, void *prompt_arg,
                    struct ssh_key_wait *wait);
/* Keys whose passphrase was not given, or wrong, are asked for once more when they are
 * next wanted: somebody wants it so. */
void ssh_keys_ask_again(struct loop *l);
void ssh_key_forget(struct loop *l,
                    struct ssh_key_wait *wait); /* not waiting any more, if it was */

#endif
