/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Loads YAML through libyaml and turns its complaints into one line with file, line and column.
 * What the nodes mean is not known here. The document belongs to the caller; no global state.
 */
#include "harness/verify/yaml_document.h"

#include "harness/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes "NAME:LINE:COLUMN: text", without the place when there is none; cuts what is too long. */
__attribute__((format(printf, 3, 0))) static void note_fault(struct yaml_document *document,
                                                             const struct yaml_place *place,
                                                             const char *format, va_list arguments)
{
    char *fault = document->fault;
    size_t used = 0, size = sizeof document->fault;

    snprintf(fault, size, "%.400s", document->name);
    used = strlen(fault);
    if (place != NULL) {
        snprintf(fault + used, size - used, ":%zu:%zu", place->line, place->column);
        used = strlen(fault);
    }
    snprintf(fault + used, size - used, ": ");
    used = strlen(fault);
    vsnprintf(fault + used, size - used, format, arguments);
    for (char *c = fault; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
}

__attribute__((format(printf, 3, 4))) static int
refuse_at(struct yaml_document *document, const yaml_mark_t *mark, const char *format, ...)
{
    struct yaml_place place = {mark->line + 1, mark->column + 1};
    va_list arguments;
    va_start(arguments, format);
    note_fault(document, &place, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

int yaml_document_refuse(struct yaml_document *document, const yaml_node_t *node,
                         const char *format, ...)
{
    struct yaml_place place;
    if (node != NULL) {
        place = yaml_node_place(node);
    }
    va_list arguments;
    va_start(arguments, format);
    note_fault(document, node != NULL ? &place : NULL, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* libyaml's own complaint. The reader's (bad UTF-8) has an offset instead of a mark. */
static int refuse_parser(struct yaml_document *document, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        (void)yaml_document_refuse(document, NULL, "out of memory");
        return -ENOMEM;
    }
    const char *problem = parser->problem != NULL ? parser->problem : "not YAML";
    if (parser->error == YAML_READER_ERROR) {
        return yaml_document_refuse(document, NULL,
                                    "%s at byte %zu; the file must be YAML in UTF-8", problem,
                                    parser->problem_offset);
    }
    if (parser->context != NULL) {
        return refuse_at(document, &parser->problem_mark, "%s, %s", problem, parser->context);
    }
    return refuse_at(document, &parser->problem_mark, "%s", problem);
}

/* --- First pass: the form --------------------------------------------------------------------- */

/* Judges one event; `depth` and `n_documents` are kept from one to the next. */
static int check_event(struct yaml_document *document, const yaml_event_t *event, size_t *depth,
                       size_t *n_documents)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return refuse_at(document, &event->start_mark,
                         "aliases are not read; write out what '*%.60s' stands for",
                         (const char *)event->data.alias.anchor);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (++*depth > YAML_MAX_DEPTH) {
            return refuse_at(document, &event->start_mark, "nested deeper than %d levels",
                             YAML_MAX_DEPTH);
        }
        return 0;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        --*depth;
        return 0;
    case YAML_DOCUMENT_START_EVENT:
        if (++*n_documents > 1) {
            return refuse_at(document, &event->start_mark,
                             "a second document begins here; put it into a file of its own");
        }
        return 0;
    default:
        return 0;
    }
}

/*
 * Event by event, since libyaml 0.2.5 takes quadratic time for deep nesting: a megabyte of brackets
 * must be refused at the first that is too deep.
 */
static int check_form(struct yaml_document *document, yaml_parser_t *parser)
{
    size_t depth = 0, n_documents = 0;
    for (bool is_end = false; !is_end;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            return refuse_parser(document, parser);
        }
        int error = check_event(document, &event, &depth, &n_documents);
        is_end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (error < 0) {
            return error;
        }
    }
    return n_documents > 0 ? 0 : yaml_document_refuse(document, NULL, "the file is empty");
}

/* --- Second pass: the tree -------------------------------------------------------------------- */

static int load_tree(struct yaml_document *document, yaml_parser_t *parser)
{
    if (!yaml_parser_load(parser, &document->tree)) {
        return refuse_parser(document, parser);
    }
    document->is_parsed = true;
    return yaml_document_get_root_node(&document->tree) != NULL
               ? 0
               : yaml_document_refuse(document, NULL, "the file is empty");
}

static int with_parser(struct yaml_document *document, const void *bytes, size_t size,
                       int (*pass)(struct yaml_document *, yaml_parser_t *))
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return -ENOMEM;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, bytes, size);
    int result = pass(document, &parser);
    yaml_parser_delete(&parser);
    return result;
}

static int begin(struct yaml_document *document, const char *name)
{
    *document = (struct yaml_document){.name = strdup(name)};
    return document->name != NULL ? 0 : -ENOMEM;
}

static int parse(struct yaml_document *document, const void *bytes, size_t size)
{
    if (size > YAML_MAX_SIZE) {
        return yaml_document_refuse(document, NULL, "larger than %zu bytes", YAML_MAX_SIZE);
    }
    int error = with_parser(document, bytes, size, check_form);
    return error < 0 ? error : with_parser(document, bytes, size, load_tree);
}

int yaml_document_parse(struct yaml_document *document, const char *name, const void *bytes,
                        size_t size)
{
    int error = begin(document, name);
    return error < 0 ? error : parse(document, bytes, size);
}

/* One byte more than allowed, so that parse() sees a file that is too large. */
static int read_whole(FILE *file, char **ret_bytes, size_t *ret_size)
{
    char *bytes = malloc(YAML_MAX_SIZE + 1);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    errno = 0;
    size_t size = fread(bytes, 1, YAML_MAX_SIZE + 1, file);
    if (ferror(file)) {
        int error = errno != 0 ? errno : EIO;
        free(bytes);
        return -error;
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
}

int yaml_document_open(struct yaml_document *document, const char *path)
{
    CLEANUP(free_pointer) char *bytes = NULL;
    CLEANUP(close_file) FILE *file = NULL;
    size_t size = 0;

    int error = begin(document, path);
    if (error < 0) {
        return error;
    }
    file = fopen(path, "re");
    error = file != NULL ? read_whole(file, &bytes, &size) : -errno;
    if (error < 0) {
        (void)yaml_document_refuse(document, NULL, "cannot be read: %s", strerror(-error));
        return error;
    }
    return parse(document, bytes, size);
}

void yaml_document_done(struct yaml_document *document)
{
    if (document == NULL) {
        return;
    }
    if (document->is_parsed) {
        yaml_document_delete(&document->tree);
    }
    free(document->name);
    document->is_parsed = false;
    document->name = NULL;
}

const yaml_node_t *yaml_document_root(struct yaml_document *document)
{
    return yaml_document_get_root_node(&document->tree);
}

const yaml_node_t *yaml_document_node(struct yaml_document *document, int id)
{
    return yaml_document_get_node(&document->tree, id);
}

static bool is_word(const yaml_node_t *node, const char *word)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == strlen(word) &&
           memcmp(node->data.scalar.value, word, strlen(word)) == 0;
}

const yaml_node_t *yaml_document_value(struct yaml_document *document, const char *key)
{
    const yaml_node_t *root = yaml_document_root(document);
    if (root->type != YAML_MAPPING_NODE) {
        return NULL;
    }
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        if (is_word(yaml_document_node(document, pair->key), key)) {
            return yaml_document_node(document, pair->value);
        }
    }
    return NULL;
}

struct yaml_place yaml_node_place(const yaml_node_t *node)
{
    return (struct yaml_place){node->start_mark.line + 1, node->start_mark.column + 1};
}
