/* Errors as sentences. */
#include "base/err.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message quotes what somebody typed, wrote into a file or sent, and goes to a
 * terminal. */
static void clean(struct err *err)
{
    char raw[sizeof(err->text)];

    memcpy(raw, err->text, sizeof(raw));
    text_clean(err->text, sizeof(err->text), raw, strlen(raw));
}

static void __attribute__((format(printf, 3, 0)))
write_text(struct err *err, enum err_code code, const char *format, va_list args)
{
    if (!err)
        return;
    err->code = code;
    vsnprintf(err->text, sizeof(err->text), format, args);
    clean(err);
}

int err_set(struct err *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_text(err, ERR_FAILED, format, args);
    va_end(args);
    return -1;
}

int err_set_code(struct err *err, enum err_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_text(err, code, format, args);
    va_end(args);
    return -1;
}

int err_wrap(struct err *err, const char *format, ...)
{
    char old[sizeof(err->text)];
    va_list args;
    size_t used;

    if (!err)
        return -1;
    memcpy(old, err->text, sizeof(old));
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    used = strlen(err->text);
    snprintf(err->text + used, sizeof(err->text) - used, ": %.*s",
             (int)(sizeof(old) - 1), old);
    clean(err);
    return -1;
}
