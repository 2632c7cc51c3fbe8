/* An error is one sentence for the operator, written where the facts are known. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* The reasons that scripts must tell apart; the values are the exit codes of
 * gigawatch(1). */
enum err_code {
    ERR_FAILED = 1,
    ERR_USAGE = 2,
    ERR_NO_DATA = 3,
    ERR_AUTH = 4,
    ERR_REFUSED = 5
};

struct err {
    enum err_code code;
    char text[512];
};

/* All return -1, so that a caller can write: return err_set(err, ...). `err` may be NULL.
 * What is quoted in it may come from anywhere: the text is clean, as text_clean() leaves
 * it. */
int err_set(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int err_set_code(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "context: " before what is there. */
int err_wrap(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
