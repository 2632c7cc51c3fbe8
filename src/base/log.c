/* Log lines. */
#include "base/log.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int log_fd = STDERR_FILENO;      /* changes only before the first thread */

void log_to(int fd)
{
    log_fd = fd;
}

void log_line(const char *format, ...)
{
    char raw[1024], line[1100];
    va_list args;
    size_t len;

    if (log_fd < 0)
        return;
    va_start(args, format);
    vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    len = text_clean(line, sizeof(line) - 1, raw, strlen(raw));
    line[len] = '\n';
    /* A log that cannot be written must not stop the program, and has nowhere to say
     * so. */
    if (write(log_fd, line, len + 1) < 0)
        (void)0;
}
