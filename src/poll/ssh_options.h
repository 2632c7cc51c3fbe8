/* A resolved configuration, told to libssh, which is to read no file of its own. */
#ifndef POLL_SSH_OPTIONS_H
#define POLL_SSH_OPTIONS_H

#include <libssh/libssh.h>

#include "poll/ssh_config.h"

/* `fd`: the connection, libssh's after success. Of what the user allows, the quickest
 * ciphers and key exchange are offered first, and the host key algorithms whose keys are
 * known. -1 with a sentence. */
int ssh_set_options(ssh_session session, const struct ssh_config *c, int fd,
                    struct err *err);

#endif
