/* Keeping the end of a text that may be endless. */
#include "poll/complaint.h"
#include "base/text.h"

#include <string.h>

void complaint_add(struct complaint *c, const char *text, size_t len)
{
    size_t room = sizeof(c->text) - 1, drop;

    if (len > room) {
        text += len - room;
        len = room;
    }
    drop = c->len + len > room ? c->len + len - room : 0;
    memmove(c->text, c->text + drop, c->len - drop);
    c->len -= drop;
    memcpy(c->text + c->len, text, len);
    c->len += len;
    c->text[c->len] = '\0';
}

const char *complaint_last(const struct complaint *c, char to[256])
{
    size_t end = c->len, start;

    while (end > 0 && (unsigned char)c->text[end - 1] <= ' ')
        end--;
    for (start = end;
         start > 0 && c->text[start - 1] != '\n' && c->text[start - 1] != '\r';)
        start--;
    if (end - start > 5 && strncmp(c->text + start, "ssh: ", 5) == 0)
        start += 5;
    to[text_clean(to, 256, c->text + start, end - start)] = '\0';
    return to;
}
