/* Reading YAML with libyaml. */
#include "base/yaml_text.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_DEPTH = 16 };

static int refuse(const yaml_mark_t *at, const char *name, const char *why,
                  struct err *err)
{
    return err_set_code(err, ERR_USAGE, "%s:%zu:%zu: %s", name, at->line + 1,
                        at->column + 1, why);
}

static bool is_tab(const char *text, size_t len, const yaml_mark_t *at)
{
    const char *end = text + len;

    for (size_t line = 0; line < at->line; line++) {
        const char *next = memchr(text, '\n', (size_t)(end - text));

        if (!next)
            return false;
        text = next + 1;
    }
    return (size_t)(end - text) > at->column && text[at->column] == '\t';
}

static int complain_of_syntax(const yaml_parser_t *parser, const char *text, size_t len,
                              const char *name, struct err *err)
{
    if (is_tab(text, len, &parser->problem_mark))
        return refuse(&parser->problem_mark, name,
                      "not YAML: a tab; YAML indents with blanks", err);
    return err_set_code(err, ERR_USAGE, "%s:%zu:%zu: not YAML: %s%s%s", name,
                        parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                        parser->problem ? parser->problem : "unreadable",
                        parser->context ? ", " : "",
                        parser->context ? parser->context : "");
}

static int change_of_depth(yaml_event_type_t type)
{
    bool opens = type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
    bool closes = type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;

    return opens - closes;
}

/* ---- libyaml's memory: what is read may be secrets ---- */

static void end_parser(yaml_parser_t *parser)
{
    explicit_bzero(parser->raw_buffer.start,
                   (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
    explicit_bzero(parser->buffer.start,
                   (size_t)(parser->buffer.end - parser->buffer.start));
    yaml_parser_delete(parser);
}

static void end_event(yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        explicit_bzero(event->data.scalar.value, event->data.scalar.length);
    yaml_event_delete(event);
}

void yaml_text_end(yaml_document_t *document)
{
    for (yaml_node_t *n = document->nodes.start; n < document->nodes.top; n++)
        if (n->type == YAML_SCALAR_NODE)
            explicit_bzero(n->data.scalar.value, n->data.scalar.length);
    yaml_document_delete(document);
}

/* ---- reading ---- */

/* The loader recurses as deep as the document nests; a bomb of brackets must not reach
 * it. */
static int check_depth(const char *text, size_t len, const char *name, struct err *err)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int depth = 0, documents = 0, result = 0;
    bool done = false;

    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    while (!done && result == 0) {
        if (!yaml_parser_parse(&parser, &event)) {
            result = complain_of_syntax(&parser, text, len, name, err);
            break;
        }
        depth += change_of_depth(event.type);
        if (event.type == YAML_ALIAS_EVENT)
            result = refuse(&event.start_mark, name, "aliases (*name) are not supported",
                            err);
        if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            result = refuse(&event.start_mark, name,
                            "a second document; a file holds one", err);
        if (depth > MAX_DEPTH)
            result = refuse(&event.start_mark, name, "nested too deep", err);
        done = event.type == YAML_STREAM_END_EVENT;
        end_event(&event);
    }
    end_parser(&parser);
    return result;
}

int yaml_text_read(yaml_document_t *document, const char *text, size_t len,
                   const char *name, struct err *err)
{
    yaml_parser_t parser;
    int result = 0;

    if (check_depth(text, len, name, err) != 0)
        return -1;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    if (!yaml_parser_load(&parser, document))
        result = complain_of_syntax(&parser, text, len, name, err);
    end_parser(&parser);
    return result;
}
