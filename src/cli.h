/* The command line: one table of options, from which parsing, --help, the shells'
 * completions and the manual come. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* What to do. */
enum task {
    TASK_CONSOLE,
    TASK_QUERY,
    TASK_COLLECT,
    TASK_SCREEN,
    TASK_LIST,
    TASK_DOCTOR,
    TASK_BACKTEST,
    TASK_CHECK,
    TASK_COMPLETION,
    TASK_HELP,
    TASK_VERSION
};

struct cli {
    enum task task;
    const char *query, *output;
    const char *list, *list_of;         /* --list WHAT [KIND] */
    const char *completion;             /* shell */
    const char *config, *cache, *theme, *log;
    const char *record;
    const char *demo, *replay;          /* specifications after "="; "" where there is
                                         * none; NULL: not asked */
    const char *keys, *now, *at, *timeout, *max_age;
    const char *view;                   /* --view: the console's first */
    const char *wall_panels;            /* --wall: "title: query; …", ""; NULL: no wall */
    bool linear;                        /* --linear: line by line */
    bool card;                          /* --doctor terminal: the test card */
    const char *doctor_of;              /* --doctor NAME: of a target or a source;
                                         * NULL: of all that is configured */
    bool wall, strict, write, ascii, no_color, no_mouse;
    double watch_s;                     /* NAN: not given */
    int screen_w, screen_h;
    const char *backtest_cap, *backtest_from, *backtest_step, *backtest_horizon;
    /* --check, with backtest_horizon */
    const char *check, *check_warn, *check_crit, *check_lead;
    const char *backtest_warm, *backtest_save, *backtest_jobs;
    const char **sets;                  /* KEY=VALUE, in order */
    size_t set_count;
    const char **arguments;             /* targets, or files to score */
    size_t argument_count;
};

/* -1 with *err (ERR_USAGE). Borrows argv. cli_free() frees the lists. */
int cli_parse(struct cli *cli, int argc, char **argv, struct err *err);
void cli_free(struct cli *cli);

void cli_print_help(FILE *out);
int cli_print_completion(FILE *out, const char *shell, struct err *err);

#endif
