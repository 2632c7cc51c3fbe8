/* The section `classes`: rules that say what jobs are for, and what to call them
 * (gigawatch.yaml(5)). */
#include "settings_yaml.h"

#include <string.h>

/* A key that keeps a pattern. */
#define MATCH(function, field)                                                           \
    static int function(struct reading *r, const yaml_node_t *value, void *arg)          \
    {                                                                                    \
        return reading_text(r, value, "a pattern",                                       \
                            &((struct class_rule *)arg)->match[field]);                  \
    }

MATCH(read_title, RULE_TITLE)
MATCH(read_user, RULE_USER)
MATCH(read_queue, RULE_QUEUE)
MATCH(read_qos, RULE_QOS)
MATCH(read_image, RULE_IMAGE)
MATCH(read_tenant, RULE_TENANT)
MATCH(read_place, RULE_PLACE)

static int read_class(struct reading *r, const yaml_node_t *value, void *arg)
{
    static const char *const known[] = { "training", "inference", "agents", "other",
                                         NULL };
    struct class_rule *rule = arg;

    return reading_text(r, value, "a class", &rule->class) != 0
               ? -1
               : reading_choice(r, value, "class", rule->class, known);
}

static int read_tag(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_text(r, value, "a word", &((struct class_rule *)arg)->tag);
}

static const struct key keys[] = {
    { "title", read_title }, { "user", read_user },     { "queue", read_queue },
    { "qos", read_qos },     { "image", read_image },   { "tenant", read_tenant },
    { "place", read_place }, { "class", read_class },   { "tag", read_tag },
    { 0 },
};

static int read_rule(struct reading *r, const yaml_node_t *value)
{
    struct settings *s = r->settings;
    struct class_rule rule = { 0 };
    bool matches = false;

    if (reading_keys(r, value, "a rule of classes", keys, &rule) != 0)
        return -1;
    for (int i = 0; i < RULE_FIELDS; i++)
        matches |= rule.match[i] != NULL;
    if (!rule.class && !rule.tag)
        return reading_fail(r, value, "the rule says nothing: expected class or tag");
    if (!matches)
        return reading_fail(
            r, value,
            "the rule fits every job: expected one of title, user, queue, qos, image, "
            "tenant, place (\"*\" if it is meant)");
    s->rules = xgrow(s->rules, &s->rule_room, s->rule_count + 1, sizeof(*s->rules));
    s->rules[s->rule_count++] = rule;
    return 0;
}

int read_classes(struct reading *r, const yaml_node_t *value, void *arg)
{
    (void)arg;
    if (value->type != YAML_SEQUENCE_NODE)
        return reading_fail(r, value, "expected a list of rules, each with \"- \" before it");
    return reading_list(r, value, read_rule);
}
