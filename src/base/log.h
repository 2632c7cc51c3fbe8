/* A line for whoever looks after the program. The console's own screen never shows it:
 * there it goes to the file named by --log or nowhere; everything else prints to standard
 * error. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* -1: nowhere. Only main() calls it, before any thread is started. */
void log_to(int fd);
/* One line, control characters escaped, one write. Secrets are the caller's to keep
 * out. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
