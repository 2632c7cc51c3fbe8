/* What a job is for: the class and the tag that the configuration's rules give it. A rule
 * is matched again only when what it looks at has changed. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const class_rule_fields[RULE_FIELDS + 1] = { "title", "user",  "queue",
                                                         "qos",   "image", "tenant",
                                                         "place", NULL };

static const uint16_t field_metrics[RULE_FIELDS] = {
    M_JOB_NAME, M_JOB_USER, M_JOB_QUEUE, M_JOB_QOS, M_JOB_IMAGE, M_JOB_TENANT, M_JOB_PLACE
};

/* What was found for a job when its texts had these ids. */
struct fit {
    uint32_t texts[RULE_FIELDS];
    uint32_t class, tag; /* texts; 0: no rule says */
    bool known;
};

void model_set_rules(struct model *m, const struct class_rule *rules, size_t count)
{
    m->rules = rules;
    m->rule_count = count;
    forget_fits(m);
    unsettle(m);
}

void forget_fits(struct model *m)
{
    for (size_t i = 0; i < m->fit_room; i++)
        m->fits[i].known = false;
}

/* ---- patterns ---- */

bool text_fits(const char *patterns, const char *text)
{
    for (const char *at = patterns;; at++) {
        size_t len = strcspn(at, "|");

        if (text_matches(at, len, text))
            return true;
        at += len;
        if (!*at)
            return false;
    }
}

/* A pod has several images, and a job of Slurm may wait in several partitions: any of
 * them fits. */
static bool is_list(int field)
{
    return field == RULE_IMAGE || field == RULE_QUEUE;
}

static bool any_fits(const char *patterns, const char *list)
{
    char item[512];

    while (*list) {
        size_t len = strcspn(list, ",");

        snprintf(item, sizeof(item), "%.*s",
                 (int)(len < sizeof(item) ? len : sizeof(item) - 1), list);
        if (len && text_fits(patterns, item))
            return true;
        list += len;
        list += strspn(list, ", ");
    }
    return false;
}

/* ---- rules ---- */

static bool field_fits(int field, const char *patterns, const char *text)
{
    return text &&
           (text_fits(patterns, text) || (is_list(field) && any_fits(patterns, text)));
}

static bool rule_fits(const struct class_rule *rule, const char *const texts[RULE_FIELDS])
{
    for (int i = 0; i < RULE_FIELDS; i++)
        if (rule->match[i] && !field_fits(i, rule->match[i], texts[i]))
            return false;
    return true;
}

/* The first rule that fits and speaks of a class gives the class; of a tag, likewise. */
static void judge(const struct model *m, const char *const texts[RULE_FIELDS],
                  const char **class, const char **tag)
{
    *class = *tag = NULL;
    for (size_t i = 0; i < m->rule_count && !(*class && *tag); i++) {
        const struct class_rule *rule = &m->rules[i];

        if ((!rule->class || *class) && (!rule->tag || *tag))
            continue;
        if (!rule_fits(rule, texts))
            continue;
        *class = *class ? *class : rule->class;
        *tag = *tag ? *tag : rule->tag;
    }
}

static uint32_t text_id_at(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    return c ? text_at(c, row) : 0;
}

/* Looks whether a job's texts are those that the last answer was for. */
static bool is_fitted(const struct model *m, struct fit *f, uint32_t job)
{
    bool same = f->known;

    for (int i = 0; i < RULE_FIELDS; i++) {
        uint32_t text = text_id_at(m, field_metrics[i], job);

        same = same && text == f->texts[i];
        f->texts[i] = text;
    }
    return same;
}

static void fit(struct model *m, struct fit *f)
{
    const char *texts[RULE_FIELDS], *class, *tag;

    for (int i = 0; i < RULE_FIELDS; i++)
        texts[i] = texts_of(&m->texts, f->texts[i]);
    judge(m, texts, &class, &tag);
    f->class = texts_id(&m->texts, class);
    f->tag = texts_id(&m->texts, tag);
    f->known = true;
}

/* A tag that the cache alone remembers is of a rule that went meanwhile, or is told anew
 * as long as the job lives. What ended keeps its own, and what another gigawatch keeps up
 * to date is of its rules. */
static bool is_of_old_rule(const struct model *m, uint16_t metric, uint32_t job)
{
    return metric == M_JOB_TAG && m->stale_after[FROM_CACHE] == 0 &&
           !model_is_over(m, GW_JOB, job) &&
           stamp_at(m, &m->columns[metric], job)->origin == FROM_CACHE;
}

/* The configuration is the operator's word, so it stands above a source's. Where it says
 * nothing any more, its word goes. */
static void rule(struct model *m, uint16_t metric, uint32_t job, uint32_t text,
                 uint32_t now)
{
    const struct column *known = column_with(m, metric, job);
    struct column *c;

    bool goes = known && text_at(known, job) &&
                (stamp_at(m, known, job)->derived || is_of_old_rule(m, metric, job));

    if (!text && !goes)
        return;
    c = column_at(m, metric);
    set_text(m, c, job, text);
    set_stamp(m, c, job,
              (struct stamp){ .time = now, .origin = FROM_HOST, .derived = 1 });
}

/* What no rule fits and no source has a class for is other, as its GPUs are. */
static uint32_t class_of(struct model *m, const struct fit *f, uint32_t job)
{
    const struct column *known = column_with(m, M_JOB_CLASS, job);

    if (f->class || !m->rule_count)
        return f->class;
    return known && text_at(known, job) && !stamp_at(m, known, job)->derived
               ? 0
               : texts_id(&m->texts, "other");
}

void classify_jobs(struct model *m, uint32_t now)
{
    size_t jobs = m->rows[GW_JOB].count, old = m->fit_room;

    if (!jobs ||
        (!m->rule_count && !m->fit_room && !model_text_column(m, M_JOB_TAG).lower))
        return;
    m->fits = xgrow(m->fits, &m->fit_room, jobs, sizeof(*m->fits));
    memset(m->fits + old, 0, (m->fit_room - old) * sizeof(*m->fits));
    for (uint32_t job = 0; job < jobs; job++) {
        struct fit *f = &m->fits[job];

        if (!is_fitted(m, f, job))
            fit(m, f);
        rule(m, M_JOB_CLASS, job, class_of(m, f, job), now);
        rule(m, M_JOB_TAG, job, f->tag, now);
    }
}

void classify_tenant(const struct model *m, const char *tenant, const char **class,
                     const char **tag)
{
    const char *texts[RULE_FIELDS] = { NULL };

    texts[RULE_TENANT] = tenant;
    judge(m, texts, class, tag);
}
