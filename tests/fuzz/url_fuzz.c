/* URLs: from the configuration, and from redirects of servers that nobody should
 * trust. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "poll/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1), shown[300], small[7];
    struct err err;
    struct url url;

    if (!text)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    url_public(shown, sizeof(shown), text);
    assert(strlen(shown) < sizeof(shown));
    url_public(small, sizeof(small), text);
    if (url_read(&url, text, &err) == 0) {
        assert(url.path >= text && url.path <= text + strlen(text));
        assert(url.port <= 65535 && !strchr(url.user, ':'));
        /* What is shown of a good URL is a good URL, of the same place. */
        if (url.host[0] && strlen(text) < sizeof(shown) / 4) {
            struct url again;

            assert(url_read(&again, shown, &err) == 0);
            assert(strcmp(again.host, url.host) == 0 && again.port == url.port);
        }
    }
    free(text);
    return 0;
}
