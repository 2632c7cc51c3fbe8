/* Following long answers. A stream is over when its link says so, when it brings lines
 * that are too long, or when it brings them faster than they are read; the source begins
 * it anew from where it was. */
#include "poll/follow.h"
#include "base/arena.h"
#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_STREAMS = 32,          /* of one poll() */
    MOST_PIECES = 4096          /* unread, of one worker; of 16 KiB at most, as libcurl
                                 * hands them over */
};

struct stream {
    struct target *target;
    struct inbox *pieces;       /* the follower's */
    struct link *link;
    struct timer *burial;
    struct gw_ask ask;
    char *path, *accept;
    int number;
    bool over;
    struct stream *next;
};

struct piece {
    int stream, status;
    bool over;
    size_t len;
    char text[];
};

/* ---- on the worker's thread ---- */

/* What came of one stream and was not told yet. A number is used again after its end was
 * told. */
struct heard {
    bool followed;
    bool deaf;                  /* its end was told, and did not come yet */
    char *text;
    size_t len, room, used;     /* used: told */
    size_t looked;              /* no line ends before */
};

struct follower {
    struct inbox *pieces;
    struct heard heard[MOST_STREAMS];
    struct piece *last;         /* whose text was told */
};

struct follower *follower_new(void)
{
    struct follower *f = xcalloc(1, sizeof(*f));

    f->pieces = inbox_new(free);
    return f;
}

void follower_reset(struct follower *f)
{
    void *piece;

    while ((piece = inbox_take(f->pieces)))
        free(piece);
    for (int i = 0; i < MOST_STREAMS; i++)
        free(f->heard[i].text);
    memset(f->heard, 0, sizeof(f->heard));
    free(f->last);
    f->last = NULL;
}

void follower_free(struct follower *f)
{
    if (!f)
        return;
    follower_reset(f);
    inbox_free(f->pieces);
    free(f);
}

int follower_add(struct follower *f, struct target *t, const struct gw_ask *ask,
                 struct err *err)
{
    struct stream *s;
    int number = 0;

    while (number < MOST_STREAMS && f->heard[number].followed)
        number++;
    if (number == MOST_STREAMS)
        return err_set(err, "more than %d long answers at a time", MOST_STREAMS);
    f->heard[number].followed = true;
    s = xcalloc(1, sizeof(*s));
    *s = (struct stream){
        .target = t, .pieces = f->pieces, .number = number, .ask = *ask
    };
    s->ask.path = s->path = xstrdup(ask->path ? ask->path : "/");
    s->ask.accept = s->accept = ask->accept ? xstrdup(ask->accept) : NULL;
    order_put(t->poller, (struct order){ ORDER_FOLLOW, .target = t, .stream = s });
    return number;
}

/* A whole line that is there already. */
static bool take_line(struct follower *f, struct gw_line *line)
{
    for (int i = 0; i < MOST_STREAMS; i++) {
        struct heard *h = &f->heard[i];
        char *end = h->len > h->looked
                        ? memchr(h->text + h->looked, '\n', h->len - h->looked)
                        : NULL;

        h->looked = h->len;
        if (!end)
            continue;
        *end = '\0';
        line->stream = i;
        line->text = h->text + h->used;
        line->len = (size_t)(end - line->text);
        h->used = h->looked = (size_t)(end - h->text) + 1;
        return true;
    }
    return false;
}

/* False: a line is longer than an answer may be. */
static bool keep(struct heard *h, const struct piece *p, size_t most_bytes)
{
    if (h->used) {
        memmove(h->text, h->text + h->used, h->len - h->used);
        h->len -= h->used;
        h->looked -= h->used;
        h->used = 0;
    }
    if (p->len > most_bytes - h->len)
        return false;
    h->text = xgrow(h->text, &h->room, h->len + p->len, 1);
    memcpy(h->text + h->len, p->text, p->len);
    h->len += p->len;
    return true;
}

/* What is left of it is no whole line, and dropped. */
static void forget(struct heard *h, bool deaf)
{
    free(h->text);
    *h = (struct heard){ .followed = deaf, .deaf = deaf };
}

/* True: there is something to tell. */
static bool take_piece(struct follower *f, const struct piece *p, size_t most_bytes,
                       struct gw_line *line)
{
    static const char too_long[] = "a line is too long";
    struct heard *h = &f->heard[p->stream];
    bool was_deaf = h->deaf,
         is_too_long = !p->over && !was_deaf && !keep(h, p, most_bytes);

    if (p->over || is_too_long)
        forget(h, is_too_long);
    if (was_deaf || (!p->over && !is_too_long))
        return false;
    line->stream = p->stream;
    line->over = true;
    line->status = is_too_long ? 0 : p->status;
    line->text = is_too_long ? too_long : p->text;
    line->len = is_too_long ? sizeof(too_long) - 1 : p->len;
    return true;
}

void follower_hear(struct follower *f, size_t most_bytes, double wait_s,
                   struct gw_line *line)
{
    double until = clock_steady() + wait_s;
    bool told = false;

    while (!told && !take_line(f, line)) {
        double left = fmax(0, until - clock_steady());

        free(f->last);
        f->last = inbox_wait(f->pieces, left > 600 ? 600000 : (int)ceil(left * 1000));
        if (!f->last)
            return;
        told = take_piece(f, f->last, most_bytes, line);
    }
}

/* ---- on the fan-out thread ---- */

static void put_piece(struct stream *s, bool over, int status, const char *text,
                      size_t len)
{
    struct piece *p = xcalloc(1, sizeof(*p) + len + 1);

    *p = (struct piece){
        .stream = s->number, .over = over, .status = status, .len = len
    };
    memcpy(p->text, text, len);
    inbox_put(s->pieces, p);
}

static void close_link(void *arg)
{
    struct stream *s = arg;

    timer_end(s->burial);
    s->burial = NULL;
    if (!s->link)
        return;
    s->link->kind->close(s->link);
    free(s->link);
    s->link = NULL;
}

/* Said once. A link is not closed from inside its own call. */
static void be_over(struct stream *s, int status, const char *text, size_t len)
{
    if (s->over)
        return;
    s->over = true;
    put_piece(s, true, status, text, len);
    s->burial = loop_timer(s->target->poller->loop, 0, close_link, s);
}

static void on_answer(void *arg, int status, const char *text, size_t len,
                      const char *complaint)
{
    (void)complaint;
    be_over(arg, status, text, len);
}

static void on_failed(void *arg, const struct err *why)
{
    be_over(arg, 0, why->text, strlen(why->text));
}

static void on_bytes(void *arg, const char *text, size_t len)
{
    static const char too_fast[] = "it brings lines faster than they are read";
    struct stream *s = arg;

    if (s->over)
        return;
    if (inbox_count(s->pieces) > MOST_PIECES)
        be_over(s, 0, too_fast, sizeof(too_fast) - 1);
    else
        put_piece(s, false, 0, text, len);
}

void follow_begin(struct stream *s)
{
    static const struct link_events events = { .answer = on_answer,
                                               .bytes = on_bytes,
                                               .failed = on_failed };
    struct target *t = s->target;

    s->next = t->streams_followed;
    t->streams_followed = s;
    if (!t->kind || t->poller->leaving) {
        be_over(s, 0, "", 0);
        return;
    }
    s->link = xcalloc(1, t->kind->size);
    *s->link = (struct link){
        .kind = t->kind, .target = t->host.config, .loop = t->poller->loop, .events = &events, .arg = s,
        .prompt = t->poller->prompt, .prompt_arg = t->poller->prompt_arg,
    };
    t->kind->open(s->link);
    if (!s->over)
        t->kind->ask(s->link, &s->ask);
}

void follow_end(struct target *t, bool tell)
{
    while (t->streams_followed) {
        struct stream *s = t->streams_followed;

        t->streams_followed = s->next;
        if (tell && !s->over)
            put_piece(s, true, 0, "", 0);
        close_link(s);
        free(s->path);
        free(s->accept);
        free(s);
    }
}
