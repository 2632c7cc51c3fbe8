/* Files that a person names, and where a user's own are (file.h). */
#include "base/file.h"
#include "base/arena.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *file_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC),
        flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
    FILE *in = NULL;

    /* Once it is open, what somebody is about to write is waited for. */
    if (flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0)
        in = fdopen(fd, "r");
    if (!in && fd >= 0)
        close(fd);
    return in;
}

const char *file_under(struct arena *a, const char *variable, const char *home_part,
                       const char *rest)
{
    const char *base = getenv(variable), *home = getenv("HOME");

    if (base && base[0] == '/')
        return arena_printf(a, "%s/%s", base, rest);
    if (home && home[0])
        return arena_printf(a, "%s/%s/%s", home, home_part, rest);
    return NULL;
}

void file_make_folders(const char *path)
{
    char *folder = xstrdup(path);

    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0700);
        *slash = '/';
    }
    free(folder);
}

int file_end(FILE *out)
{
    bool failed = ferror(out) != 0;

    return fclose(out) != 0 || failed ? -1 : 0;
}
