/* Is this certificate made for that key? libssh does not compare the two. */
#ifndef POLL_SSH_CERTIFICATE_H
#define POLL_SSH_CERTIFICATE_H

#include <libssh/libssh.h>
#include <stdbool.h>

bool ssh_certificate_is_for(ssh_key certificate, ssh_key public_key);

#endif
