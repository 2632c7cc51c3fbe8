/* The command line. */
#include "cli.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/unit.h"
#include "cli_words.h"
#include "config.h"
#include "poll/poll.h"
#include "settings.h"
#include "show/format.h"
#include "show/view.h"
#include "tui/terminal.h"

#include <ctype.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum form { FLAG, TEXT, OPTIONAL_TEXT, OPTIONAL_SECONDS, SIZE, MANY };

struct option_row {
    const char *name;
    int letter;                 /* 0: none */
    const char *argument;       /* as --help shows it; NULL: none */
    enum form form;
    size_t offset;              /* in struct cli */
    int task;                   /* the option also says what to do; -1: no */
    unsigned with;              /* a bit a task in which it means something; ANY: in
                                 * all */
    const char *words;          /* for completion: the words, or "@file", "@views",
                                 * "@kinds", "@formats", "@themes", "@settings"; of a
                                 * flag, those that may follow it, as "@sources" */
    const char *help;
};

#define AT(member) offsetof(struct cli, member)
#define NO_TASK (-1)

enum {
    ANY = 0,
    CONSOLE = 1 << TASK_CONSOLE,
    ASKS = 1 << TASK_QUERY,
    COLLECTS = 1 << TASK_COLLECT,
    DRAWS = 1 << TASK_SCREEN,
    SCORES = 1 << TASK_BACKTEST,
    CHECKS = 1 << TASK_CHECK,
    EXAMINES = 1 << TASK_DOCTOR,
    POLLS = CONSOLE | ASKS | COLLECTS | DRAWS | CHECKS | EXAMINES
};

/* clang-format off */
static const struct option_row rows[] = {
    { "query",     'q', "QUERY",       TEXT,   AT(query),   TASK_QUERY, ANY,   "@kinds", "answer one query and exit; see gigawatch-query(7)" },
    { "output",    'o', "FORMAT",      TEXT,   AT(output),  NO_TASK, ASKS | SCORES,      "@formats", "how: see --list formats; default: table on a terminal, else json" },
    { "watch",      0,  "[=SECONDS]",  OPTIONAL_SECONDS, AT(watch_s), NO_TASK, ASKS, NULL, "with -q: answer again every 2 s, or so" },
    { "at",         0,  "TIME",        TEXT,   AT(at),      NO_TASK, CONSOLE | ASKS | DRAWS,      NULL, "as it was then: -15m, 14:05, or RFC 3339" },
    { "max-age",    0,  "TIME",        TEXT,   AT(max_age), NO_TASK, CONSOLE | ASKS | CHECKS | EXAMINES, NULL, "the cache will do when it is younger; 0 always polls" },
    { "timeout",    0,  "TIME",        TEXT,   AT(timeout), NO_TASK, POLLS,      NULL, "give up on a target after this" },
    { "strict",     0,  NULL,          FLAG,   AT(strict),  NO_TASK, ASKS,      NULL, "with -q: exit with 3 if any of the roster is missing" },
    { "check",      0,  "DOMAIN|QUERY", TEXT,  AT(check),   TASK_CHECK, ANY,   "@kinds", "one line and an exit code for monitoring: power, and breaches to come" },
    { "warn",       0,  "P",           TEXT,   AT(check_warn), NO_TASK, CHECKS,   NULL, "with --check: a breach this probable within the horizon is a warning" },
    { "crit",       0,  "P",           TEXT,   AT(check_crit), NO_TASK, CHECKS,   NULL, "with --check: one this probable and nearer than --lead is critical" },
    { "lead",       0,  "TIME",        TEXT,   AT(check_lead), NO_TASK, CHECKS,   NULL, "with --check: a breach nearer than this is imminent; default 10m" },
    { "wall",       0,  "[=TITLE: QUERY;…]", OPTIONAL_TEXT, AT(wall_panels), NO_TASK, CONSOLE | DRAWS, NULL, "read-only wall display: no input, large, for weeks; with numbers of your own" },
    { "linear",     0,  NULL,          FLAG,   AT(linear),  NO_TASK, CONSOLE,      NULL, "the console line by line: for screen readers and serial consoles" },
    { "collect",    0,  NULL,          FLAG,   0,           TASK_COLLECT, ANY, NULL, "poll without a screen and keep the cache" },
    { "demo",       0,  "[=gpus=N,seed=S,…]", OPTIONAL_TEXT, AT(demo), NO_TASK, POLLS, NULL, "a simulated site; needs no hardware" },
    { "replay",     0,  "FILE[,speed=N]", TEXT, AT(replay), NO_TASK, POLLS,      "@file", "recorded power as if it were live" },
    { "record",     0,  "FILE",        TEXT,   AT(record),  NO_TASK, CONSOLE | COLLECTS | ASKS,      "@file", "write the power of all domains to FILE as it comes, for --replay" },
    { "backtest",   0,  NULL,          FLAG,   0,           TASK_BACKTEST, ANY, NULL, "score the forecaster on recorded power (FILE.csv …)" },
    { "cap",        0,  "POWER|qN,…",  TEXT,   AT(backtest_cap), NO_TASK, SCORES, NULL, "with --backtest: caps, or quantiles of the past (q0.98, q0.98@7d)" },
    { "from",       0,  "TIME",        TEXT,   AT(backtest_from), NO_TASK, SCORES, NULL, "with --backtest: first origin" },
    { "step",       0,  "TIME",        TEXT,   AT(backtest_step), NO_TASK, SCORES, NULL, "with --backtest: between origins; default 15m" },
    { "horizon",    0,  "TIME,…",      TEXT,   AT(backtest_horizon), NO_TASK, SCORES | CHECKS, NULL, "with --backtest: default 5m,15m,1h; with --check: one, default 1h" },
    { "jobs",       0,  "FILE",        TEXT,   AT(backtest_jobs), NO_TASK, SCORES, "@file", "with --backtest: what the scheduler logged of jobs" },
    { "warm",       0,  "FILE",        TEXT,   AT(backtest_warm), NO_TASK, SCORES, NULL, "with --backtest: start from states saved there" },
    { "save-state", 0,  "FILE",        TEXT,   AT(backtest_save), NO_TASK, SCORES, NULL, "with --backtest: save what was learnt" },
    { "config",    'c', "FILE",        TEXT,   AT(config),  NO_TASK, ANY,      "@file", "instead of the user's gigawatch.yaml" },
    { "set",        0,  "KEY=VALUE",   MANY,   AT(sets),    NO_TASK, ANY,      "@settings", "a setting, as in gigawatch.yaml(5): refresh=5s, ssh.config=FILE" },
    { "cache",      0,  "FILE",        TEXT,   AT(cache),   NO_TASK, ANY,      "@file", "the cache, or none" },
    { "view",       0,  "VIEW",        TEXT,   AT(view),    NO_TASK, CONSOLE | DRAWS,      "@views", "open with this view" },
    { "theme",      0,  "NAME",        TEXT,   AT(theme),   NO_TASK, ANY,      "@themes", "colours" },
    { "ascii",      0,  NULL,          FLAG,   AT(ascii),   NO_TASK, ANY,      NULL, "draw with ASCII only" },
    { "no-color",   0,  NULL,          FLAG,   AT(no_color),NO_TASK, ANY,      NULL, "no colours; shapes and words say the same" },
    { "no-mouse",   0,  NULL,          FLAG,   AT(no_mouse),NO_TASK, CONSOLE | EXAMINES, NULL, "leave the mouse to the terminal" },
    { "read-only",  0,  NULL,          FLAG,   0,           NO_TASK, ANY,      NULL, "change nothing; this is always so" },
    { "write",      0,  NULL,          FLAG,   AT(write),   NO_TASK, ANY,      NULL, "refused: nothing here can change anything yet" },
    { "list",       0,  "WHAT",        TEXT,   AT(list),    TASK_LIST, ANY,    "views kinds fields sources formats keys themes", "views, kinds, fields KIND, sources, formats, keys or themes" },
    { "doctor",     0,  NULL,          FLAG,   0,           TASK_DOCTOR, ANY,  "@sources", "what is configured, from where, and what is amiss; --doctor NAME: asks a target, or those of a source; --doctor terminal: a test card" },
    { "screen",     0,  "COLSxROWS",   SIZE,   AT(screen_w),TASK_SCREEN, ANY,  NULL, "print one screen as text, without a terminal" },
    { "keys",       0,  "KEYS",        TEXT,   AT(keys),    NO_TASK, DRAWS,      NULL, "with --screen: press these first: \"3 j j Enter\"" },
    { "now",        0,  "TIME",        TEXT,   AT(now),     NO_TASK, ANY,      NULL, "let the wall clock stand still here; for tests and pictures" },
    { "log",        0,  "FILE",        TEXT,   AT(log),     NO_TASK, ANY,      "@file", "append the program's own messages to FILE" },
    { "completion", 0,  "SHELL",       TEXT,   AT(completion), TASK_COMPLETION, ANY, "bash zsh", "print the completion for bash or zsh" },
    { "help",      'h', NULL,          FLAG,   0,           TASK_HELP, ANY,    NULL, "this text" },
    { "version",   'V', NULL,          FLAG,   0,           TASK_VERSION, ANY, NULL, "the version" },
    { 0 }
};
/* clang-format on */

static const double SHORTEST_WATCH = .1;        /* seconds: between two answers
                                                 * something has to be heard */

enum { ROWS = sizeof(rows) / sizeof(rows[0]) - 1 };

static int read_seconds(const struct option_row *row, const char *text, double *to,
                        struct err *err)
{
    enum unit unit;
    size_t used = unit_parse(text, to, &unit);

    if (used == 0 || text[used] || (unit != UNIT_NONE && unit != UNIT_S) || !(*to >= 0))
        return err_set_code(err, ERR_USAGE,
                            "--%s: expected a time such as 5s or 2m, got \"%.20s\"",
                            row->name, text);
    return 0;
}

static int read_size(const char *text, struct cli *cli, struct err *err)
{
    char *end;
    long w = strtol(text, &end, 10), h = *end == 'x' ? strtol(end + 1, &end, 10) : 0;

    if (*end || w < 20 || w > 1000 || h < 5 || h > 500)
        return err_set_code(err, ERR_USAGE,
                            "--screen: expected COLSxROWS such as 120x36, got \"%.20s\"", text);
    cli->screen_w = (int)w;
    cli->screen_h = (int)h;
    return 0;
}

static int read_option(struct cli *cli, const struct option_row *row, const char *text,
                       struct err *err)
{
    void *to = (char *)cli + row->offset;

    switch (row->form) {
    case FLAG:
        if (row->offset)
            *(bool *)to = true;
        return 0;
    case TEXT:
        *(const char **)to = text;
        return 0;
    case OPTIONAL_TEXT:
        *(const char **)to = text ? text : "";
        return 0;
    case OPTIONAL_SECONDS:
        *(double *)to = 2;
        if (text && read_seconds(row, text, to, err) != 0)
            return -1;
        if (*(double *)to < SHORTEST_WATCH)
            return err_set_code(err, ERR_USAGE, "--%s: expected %gs or more, got \"%.20s\"", row->name,
                                SHORTEST_WATCH, text);
        return 0;
    case SIZE:
        return read_size(text, cli, err);
    case MANY:
        cli->sets = xrealloc(cli->sets, cli->set_count + 1, sizeof(*cli->sets));
        cli->sets[cli->set_count++] = text;
        return 0;
    }
    return 0;
}

static int takes(const struct option_row *row)
{
    if (row->form == FLAG)
        return no_argument;
    return row->form == OPTIONAL_TEXT || row->form == OPTIONAL_SECONDS ? optional_argument
                                                                      : required_argument;
}

static void make_getopt_tables(struct option *longs, char *shorts)
{
    size_t used = 1;

    /* a missing argument is told apart from an unknown option */
    shorts[0] = ':';
    for (int i = 0; i < ROWS; i++) {
        longs[i] = (struct option){ rows[i].name, takes(&rows[i]), NULL, 256 + i };
        if (!rows[i].letter)
            continue;
        shorts[used++] = (char)rows[i].letter;
        if (takes(&rows[i]) == required_argument)
            shorts[used++] = ':';
    }
    longs[ROWS] = (struct option){ 0 };
    shorts[used] = '\0';
}

static const struct option_row *find_row(int found)
{
    for (int i = 0; i < ROWS; i++)
        if (found == 256 + i || (rows[i].letter && found == rows[i].letter))
            return &rows[i];
    return NULL;
}

/* Of a target or a source, and no URL or file of which one is to be made. */
static bool is_name(const char *word)
{
    size_t len = strlen(word);

    return !strchr(word, '/') && len > 0 && word[len - 1] != ':' &&
           (len < 4 || strcmp(word + len - 4, ".csv") != 0);
}

/* Who --doctor is asked about stands before or behind the targets, which are URLs and
 * files. */
static void take_doctor_of(struct cli *cli)
{
    size_t i = 0;

    while (i < cli->argument_count && !is_name(cli->arguments[i]))
        i++;
    if (i == cli->argument_count)
        return;
    if (strcmp(cli->arguments[i], "terminal") == 0)
        cli->card = true;
    else
        cli->doctor_of = cli->arguments[i];
    cli->argument_count--;
    memmove(cli->arguments + i, cli->arguments + i + 1,
            (cli->argument_count - i) * sizeof(*cli->arguments));
}

static const char *words_of(const char *option)
{
    int i = 0;

    while (strcmp(rows[i].name, option) != 0)
        i++;
    return rows[i].words;
}

static bool is_word(const char *option, const char *written)
{
    size_t len = strlen(written);

    for (const char *at = words_of(option); *at;
         at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == len && strncmp(at, written, len) == 0)
            return true;
    return false;
}

static int refuse_word(const char *option, const char *written, struct err *err)
{
    char meant[200];

    text_meant(meant, sizeof(meant), written, words_of(option));
    return err_set_code(err, ERR_USAGE, "--%s: nothing is called \"%.20s\"; %s", option,
                        written, meant);
}

/* The options' letters and words that only make sense together. */
static int check(struct cli *cli, struct err *err)
{
    if (cli->write)
        return err_set_code(err, ERR_REFUSED,
                            "--write: this version only reads; there is nothing "
                            "it could change");
    if (cli->list && !is_word("list", cli->list))
        return refuse_word("list", cli->list, err);
    if (cli->list && strcmp(cli->list, "fields") == 0) {
        if (cli->argument_count != 1)
            return err_set_code(err, ERR_USAGE,
                                "--list fields: of which kind? see --list kinds");
        cli->list_of = cli->arguments[0];
    } else if (cli->list && cli->argument_count > 0) {
        return err_set_code(err, ERR_USAGE, "--list %.20s: nothing goes with it, got \"%.40s\"", cli->list, cli->arguments[0]);
    }
    if (cli->task == TASK_DOCTOR)
        take_doctor_of(cli);
    cli->wall = cli->wall_panels != NULL;
    if (cli->linear && cli->wall)
        return err_set_code(err, ERR_USAGE, "--linear goes with no --wall");
    if (cli->at && cli->wall)
        return err_set_code(err, ERR_USAGE,
                            "--at goes with no --wall, which shows what is now");
    if (cli->task == TASK_BACKTEST && cli->argument_count == 0)
        return err_set_code(err, ERR_USAGE, "--backtest: which FILE.csv?");
    if (cli->task == TASK_BACKTEST && cli->output && strcmp(cli->output, "csv") != 0)
        return err_set_code(err, ERR_USAGE, "-o: --backtest writes csv, not \"%.20s\"; its summary is a table", cli->output);
    if (cli->record && cli->task == TASK_QUERY && cli->watch_s != cli->watch_s)
        return err_set_code(
            err, ERR_USAGE,
            "--record needs what goes on: a console, --collect or --watch");
    return 0;
}

/* ---- what goes together ---- */

/* "-q", "--check": as it is mostly written. */
static const char *short_name(const struct option_row *row, char to[40])
{
    if (row->letter)
        snprintf(to, 40, "-%c", row->letter);
    else
        snprintf(to, 40, "--%s", row->name);
    return to;
}

/* "--check or --backtest": the options of these tasks. */
static void list_tasks(char *to, size_t room, unsigned tasks)
{
    char option[40];

    snprintf(to, room, "%s", tasks & CONSOLE ? "a console" : "");
    for (int i = 0; i < ROWS; i++)
        if (rows[i].task != NO_TASK && tasks & 1u << rows[i].task)
            text_add(to, room, "%s%s", to[0] ? " or " : "", short_name(&rows[i], option));
}

/* The help and the version are told whatever else is asked for. */
static int choose_task(struct cli *cli, const bool given[ROWS], struct err *err)
{
    const struct option_row *chosen = NULL;
    char one[40], other[40];

    for (int i = 0; i < ROWS; i++)
        if (given[i] && (rows[i].task == TASK_HELP || rows[i].task == TASK_VERSION)) {
            cli->task = (enum task)rows[i].task;
            return 0;
        }
    for (int i = 0; i < ROWS; i++) {
        if (!given[i] || rows[i].task == NO_TASK)
            continue;
        if (chosen)
            return err_set_code(err, ERR_USAGE,
                                "%s and %s do not go together: one at a time",
                                short_name(chosen, one), short_name(&rows[i], other));
        chosen = &rows[i];
        cli->task = (enum task)chosen->task;
    }
    return 0;
}

/* What would be ignored is refused. */
static int check_given(const struct cli *cli, const bool given[ROWS], struct err *err)
{
    char tasks[200], option[40];

    if (cli->task == TASK_HELP || cli->task == TASK_VERSION)
        return 0;
    for (int i = 0; i < ROWS; i++) {
        if (!given[i] || rows[i].with == ANY || rows[i].with & 1u << cli->task)
            continue;
        list_tasks(tasks, sizeof(tasks), rows[i].with);
        return err_set_code(err, ERR_USAGE, "%s needs %s", short_name(&rows[i], option),
                            tasks);
    }
    return 0;
}

static int complain_of_lack(const char *written, const struct option_row *row,
                            struct err *err)
{
    return row ? err_set_code(err, ERR_USAGE, "%s needs an argument: %s %s (%s)", written,
                              written, row->argument, row->help)
               : err_set_code(err, ERR_USAGE, "%s needs an argument; see --help",
                              written);
}

/* -Q, where there is a -q. */
static const struct option_row *row_in_other_case(const char *written)
{
    char letter = written[0] == '-' && isalpha((unsigned char)written[1]) && !written[2]
                      ? written[1]
                      : 0;

    for (int i = 0; letter && i < ROWS; i++)
        if (rows[i].letter &&
            tolower((unsigned char)rows[i].letter) == tolower((unsigned char)letter))
            return &rows[i];
    return NULL;
}

static int complain_of_option(const char *written, struct err *err)
{
    const struct option_row *other = row_in_other_case(written);
    char known[1024] = "", meant[80];

    if (other)
        return err_set_code(err, ERR_USAGE,
                            "unknown option %.40s; did you mean -%c (--%s)?", written,
                            other->letter, other->name);

    for (size_t i = 0; i < ROWS; i++)
        text_add(known, sizeof(known), "--%s ", rows[i].name);
    if (!text_meant(meant, sizeof(meant), written, known))
        snprintf(meant, sizeof(meant), "see --help");
    return err_set_code(err, ERR_USAGE, "unknown option %.40s; %s", written, meant);
}

int cli_parse(struct cli *cli, int argc, char **argv, struct err *err)
{
    struct option longs[ROWS + 1];
    char shorts[3 * ROWS + 2];
    bool given[ROWS] = { 0 };
    char name[40];
    int found;

    *cli = (struct cli){ .watch_s = NAN };
    make_getopt_tables(longs, shorts);
    opterr = 0;
    optind = 1;
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const struct option_row *row = find_row(found);

        if (found == ':')
            return complain_of_lack(argv[optind - 1], find_row(optopt), err);
        if (!row)
            return complain_of_option(argv[optind - 1], err);
        /* Of a setting the last counts, as everywhere; of what is asked for none would be
         * answered but that. */
        if (given[row - rows] && row->task != NO_TASK && row->form == TEXT)
            return err_set_code(err, ERR_USAGE, "%s is given twice; expected one",
                                short_name(row, name));
        if (read_option(cli, row, optarg, err) != 0)
            return -1;
        given[row - rows] = true;
    }
    cli->arguments = (const char **)argv + optind;
    cli->argument_count = (size_t)(argc - optind);
    if (choose_task(cli, given, err) != 0 || check_given(cli, given, err) != 0)
        return -1;
    return check(cli, err);
}

void cli_free(struct cli *cli)
{
    free(cli->sets);
}

static void print_option(FILE *out, const struct option_row *row)
{
    enum { LEFT = 30, GAP = 2 };
    bool attached = row->argument && row->argument[0] == '[';
    char left[64];
    int width;

    snprintf(left, sizeof(left), "%s%c%s --%s%s%s", row->letter ? "-" : " ",
             row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
             row->argument && !attached ? " " : "", row->argument ? row->argument : "");
    width = text_width(left);
    width = width > LEFT ? width : LEFT;
    fprintf(out, "  %s%*s", left, width - text_width(left) + GAP, "");
    cli_print_words(out, row->help, width + 2 * GAP);
}

void cli_print_help(FILE *out)
{
    cli_print_words(out, "gigawatch [OPTION…] [TARGET…]", 0);
    cli_print_words(
        out, "Who draws the power, against which cap, and when a cap will be breached.",
        0);
    fputc('\n', out);
    cli_print_words(out,
                    "A TARGET is added to the configured ones: ssh://[user@]host[:port], "
                    "http(s)://host:9400/metrics, "
                    "prom+http(s)://host:9090, slurm+http(s)://host:6820, "
                    "slurm+ssh://host, kube://[context], "
                    "local: (this machine) or a recorded FILE.csv.",
                    0);
    fputc('\n', out);
    for (int i = 0; i < ROWS; i++)
        print_option(out, &rows[i]);
    fputc('\n', out);
    cli_print_words(out,
                    "Exit: 0 done, 1 failed, 2 usage, 3 no usable data, 4 authentication "
                    "or host key, 5 refused.",
                    0);
    cli_print_words(
        out,
        "--check exits as monitoring plugins do: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.",
        0);
    cli_print_words(out,
                    "More: gigawatch(1), gigawatch.yaml(5), gigawatch-query(7), "
                    "gigawatch-forecast(7), "
                    "gigawatch-source(7).",
                    0);
}

/* ---- completion ---- */

static void print_settings(FILE *out)
{
    struct settings *settings = settings_new();
    char *text = settings_describe(settings);

    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        fprintf(out, "%.*s= ", (int)strcspn(line, "\t"), line);
    free(text);
    settings_free(settings);
}

/* Of --doctor: those built in, and the terminal. Targets are whoever's configuration it
 * is. */
static void print_sources(FILE *out)
{
    fputs("terminal ", out);
    for (const struct gw_source *const *s = sources_all(); *s; s++)
        fprintf(out, "%s ", (*s)->name);
}

/* What a view, a format or a theme is called, its file says: so the words come from the
 * registry. */
static void print_words(FILE *out, const char *words)
{
    if (strcmp(words, "@views") == 0 || strcmp(words, "@kinds") == 0) {
        for (const struct view *const *v = views_all(); *v; v++) {
            const char *name = words[1] == 'k' ? (*v)->kind
                               : (*v)->off_screen ? NULL : (*v)->name;

            if (name)
                fprintf(out, "%s ", name);
        }
    } else if (strcmp(words, "@formats") == 0) {
        for (const struct format *const *f = formats_all(); *f; f++)
            fprintf(out, "%s ", (*f)->name);
    } else if (strcmp(words, "@themes") == 0) {
        char *list = terminal_list_themes();

        for (const char *line = list; *line; line += strcspn(line, "\n") + 1)
            fprintf(out, "%.*s ", (int)strcspn(line, "\t"), line);
        free(list);
    } else if (strcmp(words, "@settings") == 0) {
        print_settings(out);
    } else if (strcmp(words, "@sources") == 0) {
        print_sources(out);
    } else {
        fputs(words, out);
    }
}

static void print_bash(FILE *out)
{
    fputs("# bash completion for gigawatch; made by gigawatch --completion bash\n"
          "_gigawatch()\n{\n    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    if [ \"$word\" = = ]; then word=; elif [ \"$before\" = = ]; then "
          "before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
          "    case $before in\n"
          "    fields) COMPREPLY=($(compgen -W '", out);
    print_words(out, "@kinds");
    fputs("' -- \"$word\")); return;;\n", out);
    for (int i = 0; i < ROWS; i++) {
        if (!rows[i].words)
            continue;
        fprintf(out, "    --%s", rows[i].name);
        if (rows[i].letter)
            fprintf(out, "|-%c", rows[i].letter);
        if (strcmp(rows[i].words, "@file") == 0) {
            fputs(") COMPREPLY=($(compgen -f -- \"$word\")); return;;\n", out);
        } else {
            fputs(") COMPREPLY=($(compgen -W '", out);
            print_words(out, rows[i].words);
            fputs("' -- \"$word\")); return;;\n", out);
        }
    }
    fputs("    esac\n    COMPREPLY=($(compgen -f -W '", out);
    for (int i = 0; i < ROWS; i++)
        fprintf(out, "--%s ", rows[i].name);
    fputs("ssh:// http:// local:' -- \"$word\"))\n}\ncomplete -F _gigawatch gigawatch\n", out);
}

static void print_zsh_argument(FILE *out, const struct option_row *row)
{
    fprintf(out, ":%s:", row->name);
    if (!row->words)
        return;
    if (strcmp(row->words, "@file") == 0) {
        fputs("_files", out);
        return;
    }
    putc('(', out);
    print_words(out, row->words);
    putc(')', out);
}

static void print_zsh_row(FILE *out, const struct option_row *row)
{
    fputs("    '", out);
    if (row->letter)
        fprintf(out, "(-%c --%s)'{-%c,--%s}'", row->letter, row->name, row->letter,
                row->name);
    else
        fprintf(out, "--%s%s", row->name, takes(row) == optional_argument ? "=-" : "");
    putc('[', out);
    for (const char *c = row->help; *c; c++) {
        if (*c == '\'' || *c == '[' || *c == ']')
            continue;
        if (*c == ':')
            putc('\\', out);
        putc(*c, out);
    }
    putc(']', out);
    if (takes(row) == optional_argument)
        fprintf(out, "::%s:", row->name);
    else if (takes(row) == required_argument)
        print_zsh_argument(out, row);
    fputs("' \\\n", out);
}

static void print_zsh(FILE *out)
{
    fputs("#compdef gigawatch\n# made by gigawatch --completion zsh\n_arguments -s \\\n",
          out);
    for (int i = 0; i < ROWS; i++)
        print_zsh_row(out, &rows[i]);
    fputs("    '*:target:_files'\n", out);
}

int cli_print_completion(FILE *out, const char *shell, struct err *err)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(out);
    else if (strcmp(shell, "zsh") == 0)
        print_zsh(out);
    else
        return err_set_code(err, ERR_USAGE, "--completion: bash or zsh, not \"%.20s\"", shell);
    return 0;
}
