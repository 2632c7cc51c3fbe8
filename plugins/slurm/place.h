/* Where a job runs: which nodes, and which GPUs of them. */
#ifndef PLUGINS_SLURM_PLACE_H
#define PLUGINS_SLURM_PLACE_H

#include "plugins/slurm/nodelist.h"
#include "plugins/slurm/record.h"

struct placing {
    struct slurm *s;
    struct holder who;
    struct text detail;         /* JSON: what is left of the list of one text a node; a
                                 * line: one text for all */
    bool per_node;
};

static void hold_gpu(struct slurm *s, struct node *n, unsigned long index,
                     const struct holder *who)
{
    struct holder *h;

    if (index >= n->gpus)
        return;
    h = &s->gpus[n->first_gpu + index];
    n->known_held += h->job == 0;
    if (!h->job)
        *h = *who;
}

/* "gpu:h100:4(IDX:0,4-6)": the indices of GPUs; other GRES are passed over. */
static void hold_indices(struct slurm *s, struct node *n, struct text detail,
                         const struct holder *who)
{
    struct text piece, range;

    while (next_piece(&detail, ',', &piece)) {
        struct text name = until(piece, ":(");
        const char *open = NULL;

        for (size_t i = 0; i + 5 < piece.len && !open; i++)
            if (memcmp(piece.at + i, "(IDX:", 5) == 0)
                open = piece.at + i + 5;
        if (!open || !is_text(name, "gpu") || is_cut(piece))
            continue;
        piece = until((struct text){ open, piece.len - (size_t)(open - piece.at) }, ")");
        while (next_piece(&piece, ',', &range)) {
            unsigned long first = strtoul(range.at, NULL, 10), last = first;
            const char *dash = range.len ? memchr(range.at, '-', range.len) : NULL;

            if (!isdigit((unsigned char)range.at[0]))
                continue;
            if (dash && dash + 1 < range.at + range.len)
                last = strtoul(dash + 1, NULL, 10);
            for (unsigned long i = first; i <= last && i < MOST_NODE_GPUS; i++)
                hold_gpu(s, n, i, who);
        }
    }
}

static void note_job(struct slurm *s, struct node *n, const struct holder *who)
{
    if (n->jobs++ == 0)
        n->only = *who;
    else if (!same_word(s, n->only.tenant, who->tenant))
        n->several_tenants = true;
}

/* The next text of a JSON list. */
static struct text next_detail(struct placing *p)
{
    struct json j = { p->detail.at, p->detail.at + p->detail.len, false };
    struct text t;

    if (peek(&j) == '[' || peek(&j) == ',')
        j.at++;
    if (peek(&j) != '"')
        return (struct text){ j.at, 0 };
    t = value(&j);
    p->detail = (struct text){ j.at, (size_t)(j.end - j.at) };
    return t;
}

static void place_on(void *arg, const char *name, size_t len, size_t place)
{
    struct placing *p = arg;
    struct node *n = find_node(p->s, name, len);
    struct text text = p->per_node ? next_detail(p) : p->detail;
    char detail[1000];

    (void)place;
    if (!n)
        return;
    if (p->per_node)
        text = (struct text){ detail, plain(text, detail, sizeof(detail)) };
    hold_indices(p->s, n, text, &p->who);
}

static void note_on(void *arg, const char *name, size_t len, size_t place)
{
    struct placing *p = arg;
    struct node *n = find_node(p->s, name, len);

    (void)place;
    if (n)
        note_job(p->s, n, &p->who);
}

/* In a line: "Nodes=gpu-[002-003] CPU_IDs=0-1 Mem=800000 GRES=gpu:h100:8(IDX:0-7)", once
 * or more. */
static void place_by_line(struct placing *p, struct text line)
{
    struct text nodes = { NULL, 0 }, word;

    for (; line.len; line.at += word.len + (word.len < line.len),
                     line.len -= word.len + (word.len < line.len)) {
        word = until(line, " ");
        if (begins(word, "Nodes="))
            nodes = (struct text){ word.at + 6, word.len - 6 };
        if (!begins(word, "GRES=") || !nodes.at)
            continue;
        p->detail = (struct text){ word.at + 5, word.len - 5 };
        each_name(p->s, nodes, place_on, p);
    }
}

static void place_job(struct slurm *s, const struct record *r, const char *name,
                      struct text tenant, struct text nodes, struct text detail)
{
    struct placing p = { .s = s, .detail = detail };
    char text[NAME_ROOM];

    p.who.job = keep_word(&s->words, name, strlen(name));
    p.who.tenant = keep_word(&s->words, text, plain(tenant, text, sizeof(text)));
    each_name(s, nodes, note_on, &p);
    if (r->line.at) {
        place_by_line(&p, r->line);
    } else if (detail.at) {
        p.per_node = true;
        each_name(s, nodes, place_on, &p);
    }
}

#endif
