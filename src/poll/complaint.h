/* What a command writes to its standard error: the end of it is kept, and its last line
 * is the reason. */
#ifndef POLL_COMPLAINT_H
#define POLL_COMPLAINT_H

#include <stddef.h>

struct complaint {
    size_t len;
    char text[4096]; /* the last bytes, always ended by 0 */
};

void complaint_add(struct complaint *c, const char *text, size_t len);
/* The last line with something in it, cleaned for a terminal, without "ssh: "; "" when it
 * was silent. */
const char *complaint_last(const struct complaint *c, char to[256]);

#endif
