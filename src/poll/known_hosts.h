/* The text of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): which lines
 * speak of a host. Pure: no files, no network. Names are plain, hashed ("|1|salt|hash"),
 * patterns with * ? and !, and "[host]:port" off port 22. */
#ifndef POLL_KNOWN_HOSTS_H
#define POLL_KNOWN_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum known_marker { KNOWN_KEY, KNOWN_REVOKED, KNOWN_AUTHORITY };

struct known_line {
    unsigned number; /* from 1 */
    enum known_marker marker;
    const char *type,
        *key; /* "ssh-ed25519" and its base64, in the text: not ended by 0 */
    size_t type_len, key_len;
};

/* The next line that names `host`, as known_host_name() writes it. *text moves on and
 * *number counts; both begin with the file's start and 0. False at the end. Lines that
 * are no known_hosts lines are passed over, as OpenSSH does. */
bool known_hosts_next(const char **text, const char *end, unsigned *number,
                      const char *host, struct known_line *line);
/* "host" or "[host]:port", in lower case. */
void known_host_name(char *to, size_t room, const char *host, unsigned port);
/* "|1|salt|hash" for HashKnownHosts. */
void known_host_hash(char to[80], const char *host, const uint8_t salt[20]);

#endif
