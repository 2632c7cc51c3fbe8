/* Is this the host that we think it is? Its key against every known_hosts file of its
 * configuration. */
#ifndef POLL_SSH_HOSTKEY_H
#define POLL_SSH_HOSTKEY_H

#include <libssh/libssh.h>

#include "poll/ssh_config.h"

/* The host key algorithms to offer: those whose keys are known come first, or a host with
 * several keys would show one that we cannot check. In c's arena. */
const char *ssh_hostkey_algorithms(const struct ssh_config *c);

/* 0, or ERR_AUTH with the fingerprint and what to do. Unknown keys are added where the
 * configuration says so; changed and revoked ones never pass. `file`: the configuration
 * file for the advice, or NULL. */
int ssh_hostkey_check(const struct ssh_config *c, ssh_session session, const char *file,
                      struct err *err);

#endif
