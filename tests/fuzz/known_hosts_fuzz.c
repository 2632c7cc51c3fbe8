/* known_hosts text: whatever stands in it, lines lie inside the text and are counted. */
#include "poll/known_hosts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    const char *at = (const char *)text, *end = at + len;
    struct known_line line;
    unsigned number = 0, last = 0;
    char host[64];

    known_host_name(host, sizeof(host), "Node-14.example", len % 2 ? 22 : 2222);
    while (known_hosts_next(&at, end, &number, host, &line)) {
        if (line.number <= last || line.type < (const char *)text ||
            line.key + line.key_len > end)
            abort();
        last = line.number;
    }
    if (at != end)
        abort();
    return 0;
}
