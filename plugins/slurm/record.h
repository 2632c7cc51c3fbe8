/* An answer in any form becomes records, whose slots one table of fields names for all
 * forms. */
#ifndef PLUGINS_SLURM_RECORD_H
#define PLUGINS_SLURM_RECORD_H

#include "plugins/slurm/scan.h"

enum { MOST_FIELDS = 32 };

/* What one slot is called: in JSON (dots lead into objects), and in KEY=VALUE lines and
 * tables. */
struct field {
    const char *json, *word;
};

struct record {
    struct text slots[MOST_FIELDS];
    struct text line;           /* the whole of it, where it is a line */
};

/* Where in a line a user chose the words, in the middle and at the end; all of these are
 * keys. */
struct choice {
    const char *begins, *over;  /* the user's first, and Slurm's next: the last of its
                                 * name, for a user may write it, too */
    const char *needs, *ends;   /* behind this one, once that one was there, it is the
                                 * user's again */
    const char *late;           /* what begins so counts there, too, for Slurm writes
                                 * it last */
};

struct fields {
    const struct field *all;
    size_t count;
    const char *list;           /* the JSON member that holds the records; NULL: none
                                 * is looked for */
    const struct choice *choice;
};

/* Most names differ from a path in their first letter, and are not looked at further. */
static bool begins_so(const char *json, const char *path, size_t len)
{
    return json && len && *json == *path && strlen(json) >= len &&
           memcmp(json, path, len) == 0;
}

static size_t find_json(const struct fields *f, const char *path, size_t len)
{
    for (size_t i = 0; i < f->count; i++)
        if (begins_so(f->all[i].json, path, len) && !f->all[i].json[len])
            return i;
    return f->count;
}

static bool leads_on(const struct fields *f, const char *path, size_t len)
{
    for (size_t i = 0; i < f->count; i++)
        if (begins_so(f->all[i].json, path, len) && f->all[i].json[len] == '.')
            return true;
    return false;
}

/* The members of one object (entered) into slots. `path` of `used` bytes leads to it. */
static void take_members(struct json *j, const struct fields *f, struct record *r,
                         char path[96], size_t used)
{
    while (more(j, '}')) {
        struct text name = key(j);
        size_t len = used + name.len, i;

        if (len + 2 > 96) {
            value(j);
            continue;
        }
        memcpy(path + used, name.at, name.len);
        if (peek(j) == '{' && leads_on(f, path, len)) {
            path[len] = '.';
            enter(j, '{');
            take_members(j, f, r, path, len + 1);
            continue;
        }
        i = find_json(f, path, len);
        if (i < f->count)
            r->slots[i] = value(j);
        else
            value(j);
    }
}

typedef void take_record(void *arg, const struct record *r);

static size_t take_list(struct json *j, const struct fields *f, take_record *take,
                        void *arg)
{
    char path[96];
    size_t count = 0;

    while (more(j, ']')) {
        struct record r = { .line.at = NULL };

        if (!enter(j, '{')) {
            value(j);
            continue;
        }
        take_members(j, f, &r, path, 0);
        if (j->broken)
            break;
        take(arg, &r);
        count++;
    }
    return count;
}

/* What became of reading an answer. */
struct reading {
    size_t records;
    bool found, broken;
    struct text error;          /* the first error that Slurm put into it */
};

static struct text first_error(struct text errors)
{
    static const struct field field[] = { { "description", NULL }, { "error", NULL } };
    static const struct fields fields = { field, 2, NULL, NULL };
    struct json j = { errors.at, errors.at + errors.len, false };
    struct record r = { .line.at = NULL };
    char path[96];

    if (enter(&j, '[') && enter(&j, '{'))
        take_members(&j, &fields, &r, path, 0);
    return is_none(r.slots[0]) ? r.slots[1] : r.slots[0];
}

/* Looks for the list at the top, or within an object of its own name (sshare writes
 * "shares": {"shares": [...]}). */
static void read_top(struct json *j, const struct fields *f, take_record *take, void *arg,
                     unsigned depth, struct reading *done)
{
    while (more(j, '}')) {
        struct text name = key(j);

        if (is_text(name, "errors")) {
            done->error = first_error(value(j));
        } else if (f->list && is_text(name, f->list) && peek(j) == '[') {
            enter(j, '[');
            done->found = true;
            done->records += take_list(j, f, take, arg);
        } else if (f->list && is_text(name, f->list) && depth < 2 && enter(j, '{')) {
            read_top(j, f, take, arg, depth + 1, done);
        } else {
            value(j);
        }
    }
}

static struct reading read_json(struct text answer, const struct fields *f,
                                take_record *take, void *arg)
{
    struct json j = { answer.at, answer.at + answer.len, false };
    struct reading done = { .records = 0 };

    if (enter(&j, '{'))
        read_top(&j, f, take, arg, 0, &done);
    else
        j.broken = true;
    done.broken = j.broken;
    return done;
}

/* The length of a KEY in front of '=' as scontrol writes them; 0: none is here. */
static size_t key_length(const char *at, const char *end)
{
    size_t n = 0;

    if (at >= end || !isupper((unsigned char)*at))
        return 0;
    while (at + n < end &&
           (isalnum((unsigned char)at[n]) || (at[n] && strchr("_/:", at[n]))))
        n++;
    return at + n < end && at[n] == '=' ? n : 0;
}

static void fill(const struct fields *f, struct record *r, struct text word,
                 const char *from, const char *to)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->all[i].word && is_text(word, f->all[i].word))
            r->slots[i] = trimmed((struct text){ from, (size_t)(to - from) });
}

/* The parts of a line into which a user wrote. */
enum part { PART_FIRST, PART_CHOSEN, PART_SURE, PART_LATE };

/* The part that a key is in, behind `part`. */
static enum part part_at(const struct choice *c, enum part part, struct text word,
                         bool complete)
{
    if (c && part == PART_FIRST && is_text(word, c->begins))
        return PART_CHOSEN;
    if (c && (part == PART_CHOSEN || part == PART_SURE) && is_text(word, c->over))
        return PART_SURE;
    return part == PART_SURE && complete && is_text(word, c->ends) ? PART_LATE : part;
}

/* A value ends before the next " KEY="; of two with one name the later counts. What a
 * user chose is one value, whatever it looks like. */
static void take_line(struct text line, const struct fields *f, struct record *r)
{
    const char *at = line.at, *end = line.at + line.len, *next, *chosen = NULL;
    enum part part = PART_FIRST, before;
    struct record first = { .line.at = NULL };
    bool complete = false;

    r->line = line;
    for (; at < end; at = next) {
        struct text word = { at, key_length(at, end) };

        next = at + 1;
        if (!word.len || (at > line.at && at[-1] != ' '))
            continue;
        for (next = at + word.len + 1;
             next < end && !(next[-1] == ' ' && key_length(next, end)); next++)
            ;
        before = part;
        part = part_at(f->choice, part, word, complete);
        if (part == PART_CHOSEN && before == PART_FIRST) {
            first = *r;
            chosen = at + word.len + 1;
        } else if (part == PART_SURE && is_text(word, f->choice->over)) {
            *r = first;
            r->line = (struct text){ at, (size_t)(end - at) };
            fill(f, r, (struct text){ f->choice->begins, strlen(f->choice->begins) },
                 chosen, at);
            complete = false;
        } else if (part == PART_LATE && before == PART_SURE) {
            r->line.len = (size_t)(at - r->line.at);
        }
        complete |= part == PART_SURE && is_text(word, f->choice->needs);
        if (before == PART_FIRST || part == PART_SURE ||
            (part == PART_LATE && begins(word, f->choice->late)))
            fill(f, r, word, at + word.len + 1, next);
    }
}

static struct reading read_lines(struct text answer, const struct fields *f,
                                 take_record *take, void *arg)
{
    struct reading done = { .found = true };
    struct text line;

    while (next_line(&answer, &line)) {
        struct record r = { .line.at = NULL };

        take_line(line, f, &r);
        if (!r.slots[0].at)
            continue;
        take(arg, &r);
        done.records++;
    }
    return done;
}

enum { MOST_COLUMNS = 64 };

/* Which slot each column of a table's first line fills; how many columns there are. */
static size_t read_heading(struct text line, const struct fields *f,
                           size_t columns[MOST_COLUMNS], bool *any)
{
    struct text name;
    size_t count = 0;

    for (; count < MOST_COLUMNS && next_piece(&line, '|', &name); count++) {
        columns[count] = f->count;
        for (size_t i = 0; i < f->count; i++)
            if (f->all[i].word && is_text(name, f->all[i].word))
                columns[count] = i;
        *any |= columns[count] < f->count;
    }
    return count;
}

static void take_row(struct text line, const struct fields *f, const size_t *columns,
                     size_t count, struct record *r)
{
    for (size_t i = 0; i < count; i++) {
        const char *bar = line.len ? memchr(line.at, '|', line.len) : NULL;
        size_t len = bar ? (size_t)(bar - line.at) : line.len;

        if (columns[i] < f->count)
            r->slots[columns[i]] = trimmed((struct text){ line.at, len });
        if (!bar)
            return;
        line.at += len + 1;
        line.len -= len + 1;
    }
}

/* A table with "|" between columns, named by its first line. */
static struct reading read_table(struct text answer, const struct fields *f,
                                 take_record *take, void *arg)
{
    struct reading done = { .records = 0 };
    size_t columns[MOST_COLUMNS], count;
    struct text line;

    if (!next_line(&answer, &line))
        return done;
    count = read_heading(line, f, columns, &done.found);
    while (done.found && next_line(&answer, &line)) {
        struct record r = { .line.at = NULL };

        take_row(line, f, columns, count, &r);
        if (is_none(r.slots[0]))
            continue;
        take(arg, &r);
        done.records++;
    }
    return done;
}

#endif
