/* What a poll knows of its engine, and what is kept of it between polls. */
#ifndef PLUGINS_PROMQL_TALK_H
#define PLUGINS_PROMQL_TALK_H

#include "plugins/promql/questions.h"

enum {
    MOST_FAMILIES = 256,
    MOST_ASKED = 224,
    MOST_SHARED = 1024,
    MOST_FRONTED = 1024,
    MOST_DRAWERS = 1024,
    QUERY_ROOM = 16384,
    LONGEST_NODE = 180,
    MANY = 4096, /* series: then what is there is handed over */
    LONGEST_NAME = 256,
    NUMBERS_AT_ONCE = 64,
    NAMED_EVERY_S = 600, /* GPUs, with their nodes, where they are many */
    HOPELESS = 5, /* refusals, and no answer: another question is of no
                                 * use */
    PROBES_EVERY_S = 600,
    MOST_GONE = 3, /* exporters that are named */
    MOST_KEPT_GONE = 64 /* whose nodes are */
};

struct asked {
    struct question is;
    struct meant rule;          /* ABOUT_RULE */
    char *query;                /* ours; encoded for a URL */
};

/* Kept between polls. */
struct promql {
    struct slice families[MOST_FAMILIES];       /* that mean something; sorted */
    bool has[MOST_FAMILIES];
    size_t family_count;
    struct asked asked[MOST_ASKED];
    size_t asked_count;
    double probed_at;           /* 0: not yet */
    unsigned detail;
    bool tells_holders;         /* so a GPU without one is free */
    struct drawer {
        char name[256];
        bool seen;
    } *drawers;                 /* tenants that draw power */
    size_t drawer_count;
    double past_began;          /* when it was asked for first; 0: not yet */
    double past_at, past_wait_s;        /* not before then; INFINITY: it was told */
    double told[MOST_ASKED];    /* of each rule of power, the past up to then;
                                 * INFINITY: all that is told */
    double told_sums[sizeof(past) / sizeof(*past)];
    struct today {
        double midnight;        /* of which day; 0: of none yet */
        /* of each question, the day up to then */
        double added_to[sizeof(today) / sizeof(*today)];
        double again_at;        /* INFINITY: it was told */
        struct spent {
            char name[256];
            double joules, piece; /* piece: of the answer that is being read */
        } *spent;               /* by tenant */
        size_t count;
    } today;
    struct gone {
        char instance[64], node[256];       /* node "": the engine does not say */
        bool seen, asked;
    } *gone;                    /* exporters that the engine does not reach */
    size_t gone_count;
    double polled_at;           /* well; 0: never */
    struct known known;         /* series of the large answers before */
    bool are_named;             /* its GPUs are, and they are many */
    double named_at;            /* when all were; 0: not yet */
    size_t dps;                 /* families of NVIDIA's DPS that no ready-made query
                                 * knows */
    char version[64];           /* of the engine; "": it does not say */
};

/* A GPU that is spoken of in several series: one for each MIG instance, or each job. */
struct shared {
    char gpu[256], tenant[128], job[128];
};

/* One poll. */
struct talk {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    struct promql *kept;
    const struct asked *asked;
    struct answer answer;
    size_t fresh;               /* series since something was handed over */
    double handed_over_at;
    bool of_past, past_is_left;
    double of_day;              /* seconds that a point of today stands for; 0: it is
                                 * not asked for */
    bool past_goes_on;          /* some of it was told now */
    double past_until;          /* the next present shall not wait for it */
    int status;                 /* of the answer before */
    double number;              /* of a lone series */
    struct slice node_label, rack_label;        /* from the options; empty: none */
    bool has_wholes;            /* an option names a label of what racks are parts of */
    char window[24];            /* in whole seconds, for engines that know no fractions */
    bool closely;               /* only what is looked into is asked for */
    struct recall recall;
    struct sample few;          /* the labels that count, of a series that is known */
    bool number_alone;          /* of such a series nothing is told but its value,
                                 * times this: */
    double scale;
    bool blanks;                /* some of its values stand for none */
    bool are_named;             /* so of its GPU its name is enough: */
    struct gw_number numbers[NUMBERS_AT_ONCE];  /* which are not told yet */
    size_t number_count;
    char letters[NUMBERS_AT_ONCE * 64]; /* of their names */
    size_t letter_count;
    char node[256];             /* of the series before, as a row of what is to be
                                 * handed over; behind it a part of it */
    size_t node_len;            /* 0: none */
    uint32_t node_entity;
    char rack[64];              /* of the series before */
    size_t rack_len;            /* 0: none */
    uint64_t fronted[MOST_FRONTED];     /* models whose tokens a frontend counts */
    size_t fronted_count;
    struct shared *shared;      /* in this answer */
    size_t shared_count;
    char gone[256];             /* exporters that the engine does not reach, by name */
    size_t gone_count;
    size_t answered, refused;
    char refusal[300];          /* the first */
};

static struct slice whole(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static const char *option(const struct talk *t, const char *name)
{
    const char *value = t->api->option(t->target, name);

    return value ? value : "";
}

/* The next of words with one of `between` between them; empty: no more. */
static struct slice next_of(const char **list, const char *between)
{
    const char *word = *list + strspn(*list, between);
    size_t len = strcspn(word, between);

    *list = word + len;
    return (struct slice){ word, len };
}

static struct slice next_word(const char **list)
{
    return next_of(list, " ");
}

#endif
