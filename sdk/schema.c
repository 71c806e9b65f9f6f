/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading ArrowSchema. What comes in is the program's, so it is checked before it is used. Source:
 * the Arrow C data interface, https://arrow.apache.org/docs/format/CDataInterface.html.
 */
#include "sdk/schema.h"

#include "sdk/error.h"
#include "sdk/utf8.h"

#include <string.h>

/* Formats without parameters. */
static const struct {
    const char *format;
    enum datatype_kind kind;
} plain_formats[] = {
    {"n", DATATYPE_NULL},          {"b", DATATYPE_BOOL},
    {"c", DATATYPE_INT8},          {"C", DATATYPE_UINT8},
    {"s", DATATYPE_INT16},         {"S", DATATYPE_UINT16},
    {"i", DATATYPE_INT32},         {"I", DATATYPE_UINT32},
    {"l", DATATYPE_INT64},         {"L", DATATYPE_UINT64},
    {"e", DATATYPE_FLOAT16},       {"f", DATATYPE_FLOAT32},
    {"g", DATATYPE_FLOAT64},       {"u", DATATYPE_UTF8},
    {"z", DATATYPE_BINARY},        {"tsn:", DATATYPE_TIMESTAMP_NS},
    {"tDn", DATATYPE_DURATION_NS}, {"+l", DATATYPE_LIST},
    {"+s", DATATYPE_STRUCT},
};

/* Formats whose number follows. */
static const struct {
    const char *prefix;
    enum datatype_kind kind;
} numbered_formats[] = {
    {"+w:", DATATYPE_FIXED_SIZE_LIST},
    {"w:", DATATYPE_FIXED_SIZE_BINARY},
};

/* Reads 1..65535 and nothing else; 0: it is not that. */
static uint32_t read_param(const char *digits)
{
    uint32_t value = 0;

    for (; *digits >= '0' && *digits <= '9' && value <= 65535; digits++)
        value = value * 10 + (uint32_t)(*digits - '0');
    return *digits == '\0' && value <= 65535 ? value : 0;
}

static bool read_format(const struct argument_call *call, const char *format,
                        struct datatype_node *node)
{
    for (size_t i = 0; i < sizeof(plain_formats) / sizeof(plain_formats[0]); i++) {
        if (!strcmp(format, plain_formats[i].format)) {
            node->kind = (uint8_t)plain_formats[i].kind;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(numbered_formats) / sizeof(numbered_formats[0]); i++) {
        size_t size = strlen(numbered_formats[i].prefix);

        if (strncmp(format, numbered_formats[i].prefix, size) != 0)
            continue;
        node->kind = (uint8_t)numbered_formats[i].kind;
        node->param = read_param(format + size);
        return node->param > 0 ||
               error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: the Arrow format \"%s\" must end in a number from 1 to 65535",
                         call->function, format);
    }
    return error_set(call->error, RR_ERROR_CODE_NOT_IMPLEMENTED,
                     "%s: the Arrow format \"%s\" is not implemented: use one that Rerun's "
                     "components have",
                     call->function, format);
}

static bool read_children_count(const struct argument_call *call, const struct ArrowSchema *schema,
                                struct datatype_node *node)
{
    bool is_list = node->kind == DATATYPE_LIST || node->kind == DATATYPE_FIXED_SIZE_LIST;
    int64_t least = is_list ? 1 : 0;
    int64_t most = is_list ? 1 : node->kind == DATATYPE_STRUCT ? DATATYPE_MAX_NODES : 0;

    if (schema->n_children < least || schema->n_children > most ||
        (schema->n_children > 0 && !schema->children))
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: the Arrow format \"%s\" has a wrong number of children",
                         call->function, schema->format);
    node->n_children = (uint16_t)schema->n_children;
    return true;
}

static bool read_name(const struct argument_call *call, const struct ArrowSchema *schema,
                      struct datatype_node *node)
{
    const char *name = schema->name ? schema->name : "";
    size_t size = strlen(name);

    if (size > DATATYPE_MAX_NAME || utf8_valid_prefix(name, size) < size)
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: a field's name must be UTF-8 of at most %d bytes", call->function,
                         DATATYPE_MAX_NAME);
    memcpy(node->name, name, size);
    return true;
}

static bool read_node(const struct argument_call *call, const struct ArrowSchema *schema,
                      unsigned int depth, struct datatype *datatype)
{
    struct datatype_node *node;

    if (!schema || !schema->release || !schema->format)
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: the Arrow schema, or a child of it, is released or has no format",
                         call->function);
    if (depth == DATATYPE_MAX_DEPTH || datatype->n_nodes == DATATYPE_MAX_NODES)
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: the Arrow schema nests deeper than %d or has more than %d fields",
                         call->function, DATATYPE_MAX_DEPTH, DATATYPE_MAX_NODES);
    if (schema->dictionary)
        return error_set(call->error, RR_ERROR_CODE_NOT_IMPLEMENTED,
                         "%s: Arrow dictionaries are not implemented: decode them first",
                         call->function);
    node = &datatype->nodes[datatype->n_nodes++];
    memset(node, 0, sizeof(*node));
    node->nullable = (schema->flags & ARROW_FLAG_NULLABLE) != 0;
    if (!read_format(call, schema->format, node) || !read_children_count(call, schema, node) ||
        !read_name(call, schema, node))
        return false;
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (!read_node(call, schema->children[i], depth + 1, datatype))
            return false;
    }
    return true;
}

bool schema_read(const struct argument_call *call, const struct ArrowSchema *schema,
                 struct datatype *ret_datatype)
{
    static const char root_name[] = "item";

    ret_datatype->n_nodes = 0;
    if (!read_node(call, schema, 0, ret_datatype))
        return false;
    memset(ret_datatype->nodes[0].name, 0, sizeof(ret_datatype->nodes[0].name));
    memcpy(ret_datatype->nodes[0].name, root_name, sizeof(root_name));
    ret_datatype->nodes[0].nullable = 1;
    return true;
}
