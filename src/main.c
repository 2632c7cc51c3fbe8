/* gigawatch: the terminal console for the people who run a power-capped AI cloud. */
#include "app.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "config.h"
#include "registry.h"
#include "show/ascii.h"
#include "tui/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --check: whoever monitors reads standard output, and knows four codes. Set before
 * anything can fail. */
static bool is_monitored;

static int complain(const struct err *err)
{
    if (is_monitored) {
        printf("UNKNOWN - gigawatch: %s\n", err->text);
        return 3;
    }
    fprintf(stderr, "gigawatch: %s\n", err->text);
    return err->code ? (int)err->code : ERR_FAILED;
}

/* Also of a command line that could not be understood. */
static bool names_check(char **argv)
{
    for (; *argv && strcmp(*argv, "--") != 0; argv++)
        if (strcmp(*argv, "--check") == 0 ||
            strncmp(*argv, "--check=", strlen("--check=")) == 0)
            return true;
    return false;
}

/* ---- settings: file, then environment, then flags ---- */

/* Of a step: was it wrong, and the last? */
static bool ends(struct settings *s, int result, struct err *err)
{
    return result != 0 && !settings_goes_on(s, err);
}

static int set_flag(struct settings *s, const char *key, const char *value,
                    const char *flag, struct err *err)
{
    return value && ends(s,
                         settings_set(s, arena_printf(s->arena, "%s=%s", key, value),
                                      flag, err),
                         err)
               ? -1
               : 0;
}

static int read_flags(struct settings *s, const struct cli *cli, struct err *err)
{
    for (size_t i = 0; i < cli->set_count; i++)
        if (ends(s, settings_set(s, cli->sets[i], "--set", err), err))
            return -1;
    if (set_flag(s, "cache", cli->cache, "--cache", err) != 0 ||
        set_flag(s, "timeout", cli->timeout, "--timeout", err) != 0 ||
        set_flag(s, "max-age", cli->max_age, "--max-age", err) != 0 ||
        set_flag(s, "theme", cli->theme, "--theme", err) != 0 ||
        set_flag(s, "ascii", cli->ascii ? "yes" : NULL, "--ascii", err) != 0 ||
        set_flag(s, "color", cli->no_color ? "no" : NULL, "--no-color", err) != 0 ||
        set_flag(s, "mouse", cli->no_mouse ? "no" : NULL, "--no-mouse", err) != 0)
        return -1;
    return 0;
}

static int add_targets(struct settings *s, const struct cli *cli, struct err *err)
{
    if (cli->task == TASK_LIST)
        return 0;
    for (size_t i = 0; i < cli->argument_count; i++)
        if (ends(s, settings_add_target(s, cli->arguments[i], err), err))
            return -1;
    return 0;
}

static int check_theme(const struct settings *s, struct err *err)
{
    const struct bad_theme *bad = s->bad_themes;

    if (theme_exists(s->theme))
        return 0;
    while (bad && strcmp(bad->name, s->theme) != 0)
        bad = bad->next;
    if (!bad)
        return err_set_code(err, ERR_USAGE, "%s: unknown theme \"%.20s\"; see --list themes", settings_origin(s, "theme"),
                            s->theme);
    *err = bad->why;
    return -1;
}

static int read_settings(struct settings *s, const struct cli *cli, struct err *err)
{
    const char *file = cli->config ? cli->config : settings_default_file(s);

    /* Who looks for mistakes wants all of them; the test card needs no more than a
     * theme. */
    s->says_all = cli->task == TASK_DOCTOR && !cli->card;
    if (cli->config && access(file, R_OK) != 0)
        return err_set_code(err, ERR_USAGE, "-c %s: the configuration cannot be read: %s",
                            file, strerror(errno));
    if (file && ends(s, settings_read_file(s, file, err), err))
        return -1;
    if (settings_read_environment(s, err) != 0 || read_flags(s, cli, err) != 0 ||
        add_targets(s, cli, err) != 0)
        return -1;
    if (settings_check_thresholds(s, err) != 0)
        return -1;
    settings_read_own_themes(s);
    if (ends(s, check_theme(s, err), err))
        return -1;
    app_add_flagged_targets(cli, s);
    return 0;
}

static int stop_clock(const char *time, struct err *err)
{
    double seconds = text_parse_time(time, clock_wall());

    if (!(seconds > 0))
        return err_set_code(err, ERR_USAGE,
                            "--now: expected a time such as 2026-11-22T14:05:00Z, got \"%.30s\"",
                            time);
    clock_stop_at(seconds);
    return 0;
}

static int check_at(const char *time, struct err *err)
{
    double seconds = text_parse_time(time, clock_wall());

    if (seconds == seconds)
        return 0;
    return err_set_code(err, ERR_USAGE,
                        "--at: expected now, -15m, 14:05 or RFC 3339, got \"%.30s\"", time);
}

static int open_log(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_set_code(err, ERR_USAGE, "--log: %s cannot be written: %s", path,
                            strerror(errno));
    log_to(fd);
    return 0;
}

/* ---- plain characters ---- */

/* Where text for people goes: it follows the locale, as the screen does. */
static FILE *plain_stdout(bool ascii)
{
    FILE *plain = ascii || !terminal_is_utf8() ? ascii_stream(stdout) : NULL;

    return plain ? plain : stdout;
}

static void end_plain(FILE *out)
{
    if (out != stdout)
        fclose(out);
}

/* ---- tasks ---- */

/* *stopped is false when a source hangs and still uses the settings. */
static int run_app(const struct cli *cli, struct settings *settings, bool *stopped)
{
    struct app app;
    struct err err = { .code = ERR_FAILED };
    enum store_mode mode = cli->task == TASK_COLLECT   ? STORE_COLLECT
                           : cli->task == TASK_CONSOLE ? STORE_WRITE
                                                       : STORE_READ;
    int code = 0;

    if (app_open(&app, cli, settings, mode, &err) != 0) {
        code = complain(&err);
    } else if (cli->task == TASK_QUERY) {
        code = app_query(&app);
    } else if (cli->task == TASK_CHECK) {
        code = app_check(&app);
    } else if (app_needs_something(&app, &err) != 0) {
        code = complain(&err);
    } else {
        int result = cli->task == TASK_COLLECT  ? app_collect(&app, &err)
                     : cli->task == TASK_SCREEN ? app_screen(&app, &err)
                     : cli->linear              ? app_linear(&app, &err)
                                                : app_console(&app, &err);

        code = result == 0 ? 0 : complain(&err);
    }
    *stopped = app_close(&app);
    return code;
}

/* About the program or the configuration: no site is opened. */
static int tell(const struct cli *cli, struct settings *settings)
{
    struct err err = { .code = ERR_FAILED };
    FILE *out = plain_stdout(settings->ascii);
    int code;

    if (cli->task == TASK_LIST)
        code = app_list(out, cli, settings, &err) == 0 ? 0 : complain(&err);
    else if (cli->doctor_of)
        code = (code = app_doctor_of(out, settings, cli, &err)) < 0 ? complain(&err)
                                                                    : code;
    else
        code = app_doctor(out, settings, cli);
    end_plain(out);
    return code;
}

static int run_with_settings(const struct cli *cli)
{
    struct settings *settings = settings_new();
    struct err err = { .code = ERR_FAILED };
    bool stopped = true, is_read = read_settings(settings, cli, &err) == 0;
    int code;

    if (is_read && cli->task != TASK_COLLECT)
        settings_read_own_views(settings);
    if (!is_read)
        code = complain(&err);
    else if (cli->task == TASK_DOCTOR && cli->card)
        code = app_card(settings, &err) == 0 ? 0 : complain(&err);
    else if (cli->task == TASK_DOCTOR)
        code = tell(cli, settings);
    else if (app_load_plugins(settings, &err) != 0)
        code = complain(&err);
    else if (cli->task == TASK_LIST)
        code = tell(cli, settings);
    else
        code = run_app(cli, settings, &stopped);
    if (stopped)
        settings_free(settings);
    return code;
}

static int run(const struct cli *cli)
{
    struct err err = { .code = ERR_FAILED };
    FILE *out;

    if ((cli->now && stop_clock(cli->now, &err) != 0) ||
        (cli->at && check_at(cli->at, &err) != 0) ||
        (cli->log && open_log(cli->log, &err) != 0) ||
        sources_set_builtin(registry_sources, &err) != 0)
        return complain(&err);
    switch (cli->task) {
    case TASK_HELP:
        out = plain_stdout(false);
        cli_print_help(out);
        end_plain(out);
        return 0;
    case TASK_VERSION:
        puts("gigawatch " PACKAGE_VERSION);
        return 0;
    case TASK_COMPLETION:
        return cli_print_completion(stdout, cli->completion, &err) == 0 ? 0
                                                                        : complain(&err);
    case TASK_BACKTEST:
        return app_backtest(cli, &err) == 0 ? 0 : complain(&err);
    default:
        return run_with_settings(cli);
    }
}

/* A column of 100,000 rows has pages of its own, also after a large batch was freed, and
 * all threads share one heap: else tens of megabytes stay behind in holes. A batch of one
 * block of the cache is below the bound. The heap is never far larger than what is in it,
 * or columns would find room there, and leave holes as they grow. */
static void keep_memory_together(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_ARENA_MAX, 1);
#endif
}

/* A one-shot lives for milliseconds, and a first frame is waited for: what they take
 * comes in a few large pages, for to be given thousands of small ones takes longer than
 * to fill them. A console keeps its heap at its largest for that, a few megabytes more.
 * Where the system has no large pages to give, nothing changes. Before anything else asks
 * for memory. */
static void take_large_pages(void)
{
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
    enum {
        LARGE_PAGE = 2 << 20,
        HEAP = 64 << 20,
        LARGEST = 32 << 20,
        FIRST = 256 << 10,
        SMALL_PAGE = 4096
    };
    uintptr_t now = (uintptr_t)sbrk(0),
              start = (now + FIRST + SMALL_PAGE + LARGE_PAGE - 1) &
                      ~(uintptr_t)(LARGE_PAGE - 1);
    static void *volatile first; /* kept, and known to be */

    mallopt(M_MMAP_THRESHOLD, LARGEST);
    mallopt(M_TRIM_THRESHOLD, HEAP);
    mallopt(M_TOP_PAD, HEAP);
    /* What was touched before large pages are asked for stays small: the heap begins with
     * a piece that nobody uses, so that only where malloc notes what lies behind it, the
     * last small page before the first large one, is touched. */
    (void)sbrk((intptr_t)(start - SMALL_PAGE - FIRST - now));
    first = malloc(FIRST);
    (void)first;
    (void)madvise((void *)start, (uintptr_t)sbrk(0) - start, MADV_HUGEPAGE);
#endif
}

/* A full disk or a closed pipe: half an answer is none. */
static bool is_written(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    /* Where it was an earlier write, the reason is gone. */
    fprintf(stderr, "gigawatch: the answer could not be written%s%s\n",
            errno ? ": " : " in full", errno ? strerror(errno) : "");
    return false;
}

int main(int argc, char **argv)
{
    struct cli cli;
    struct err err = { .code = ERR_USAGE };
    bool parsed;
    int code;

    take_large_pages();
    setlocale(LC_CTYPE, "");    /* only characters: numbers keep their point */
    log_to(-1);
    parsed = cli_parse(&cli, argc, argv, &err) == 0;
    is_monitored = cli.task == TASK_CHECK || (!parsed && names_check(argv));
    if (!parsed) {
        code = complain(&err);
    } else {
        if (cli.task != TASK_QUERY)
            keep_memory_together();
        if (cli.task == TASK_COLLECT)
            log_to(STDERR_FILENO);
        code = run(&cli);
        /* Of a console, it is the terminal that is gone. */
        if (cli.task != TASK_CONSOLE && !is_written() && code == 0)
            code = ERR_FAILED;
    }
    cli_free(&cli);
    return code;
}
