/* Files that a person names (file.h). */
#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

FILE *file_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    FILE *in = NULL;

    /* Once it is open, what somebody is about to write is waited for. */
    if (flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0)
        in = fdopen(fd, "r");
    if (!in && fd >= 0)
        close(fd);
    return in;
}
