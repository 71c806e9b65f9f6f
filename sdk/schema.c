/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading ArrowSchema. What comes in is the program's, so it is checked before it is used. Source:
 * the Arrow C data interface, https://arrow.apache.org/docs/format/CDataInterface.html.
 */
#include "sdk/schema.h"

#include "sdk/error.h"
#include "sdk/utf8.h"

#include <string.h>

/* How Rerun's lists call their values. */
static const char root_name[] = "item";

/* Formats without parameters that have a kind of their own. */
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
    {"+s", DATATYPE_STRUCT},       {"U", DATATYPE_LARGE_UTF8},
    {"Z", DATATYPE_LARGE_BINARY},  {"+L", DATATYPE_LARGE_LIST},
    {"vu", DATATYPE_UTF8_VIEW},    {"vz", DATATYPE_BINARY_VIEW},
    {"+vl", DATATYPE_LIST_VIEW},   {"+vL", DATATYPE_LARGE_LIST_VIEW},
    {"+m", DATATYPE_MAP},
};

/* Formats whose number follows. */
static const struct {
    const char *prefix;
    enum datatype_kind kind;
} numbered_formats[] = {
    {"+w:", DATATYPE_FIXED_SIZE_LIST},
    {"w:", DATATYPE_FIXED_SIZE_BINARY},
};

/* Formats whose children's codes follow. */
static const struct {
    const char *prefix;
    enum datatype_kind kind;
} union_formats[] = {
    {"+ud:", DATATYPE_DENSE_UNION},
    {"+us:", DATATYPE_SPARSE_UNION},
};

/* Reads a number from 1 to DATATYPE_MAX_FIXED and nothing else; 0: it is not that. */
static uint32_t read_param(const char *digits)
{
    uint32_t value = 0;

    for (; *digits >= '0' && *digits <= '9' && value <= DATATYPE_MAX_FIXED; digits++)
        value = value * 10 + (uint32_t)(*digits - '0');
    return *digits == '\0' && value <= DATATYPE_MAX_FIXED ? value : 0;
}

static bool read_plain(const char *format, struct datatype_node *node)
{
    for (size_t i = 0; i < sizeof(plain_formats) / sizeof(plain_formats[0]); i++) {
        if (!strcmp(format, plain_formats[i].format)) {
            node->kind = (uint8_t)plain_formats[i].kind;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(union_formats) / sizeof(union_formats[0]); i++) {
        if (!strncmp(format, union_formats[i].prefix, strlen(union_formats[i].prefix))) {
            node->kind = (uint8_t)union_formats[i].kind;
            return true;
        }
    }
    return false;
}

/* Reads a format whose number follows; false: it is none, or its number is bad and kind is set. */
static bool read_numbered(const char *format, struct datatype_node *node)
{
    for (size_t i = 0; i < sizeof(numbered_formats) / sizeof(numbered_formats[0]); i++) {
        size_t size = strlen(numbered_formats[i].prefix);

        if (strncmp(format, numbered_formats[i].prefix, size) != 0)
            continue;
        node->kind = (uint8_t)numbered_formats[i].kind;
        node->param = read_param(format + size);
        return node->param > 0;
    }
    return false;
}

/* Reads a format of fixed width, which is kept behind the name. */
static bool read_fixed(const struct argument_call *call, const char *format,
                       struct datatype_node *node)
{
    size_t place = strlen(node->name) + 1;
    size_t size = strlen(format) + 1;

    node->kind = DATATYPE_FORMATTED;
    node->param = datatype_format_size(format);
    if (place + size > sizeof(node->name))
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: a field's name and its Arrow format \"%s\" must have %zu bytes "
                         "together at most",
                         call->function, format, sizeof(node->name) - 2);
    memcpy(node->name + place, format, size);
    return true;
}

static bool read_format(const struct argument_call *call, const char *format,
                        struct datatype_node *node)
{
    if (read_plain(format, node) || read_numbered(format, node))
        return true;
    if (node->kind != 0)
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: the Arrow format \"%s\" must end in a number from 1 to %u",
                         call->function, format, DATATYPE_MAX_FIXED);
    if (datatype_format_size(format) != 0)
        return read_fixed(call, format, node);
    return error_set(call->error, RR_ERROR_CODE_NOT_IMPLEMENTED,
                     "%s: the Arrow format \"%s\"%s is not implemented: convert the array first",
                     call->function, format, strcmp(format, "+r") ? "" : " (run-end encoded)");
}

static bool read_children_count(const struct argument_call *call, const struct ArrowSchema *schema,
                                struct datatype_node *node)
{
    bool is_list = datatype_is_list(node) || node->kind == DATATYPE_FIXED_SIZE_LIST;
    bool is_many = node->kind == DATATYPE_STRUCT || datatype_is_union(node);
    int64_t least = is_list || datatype_is_union(node) ? 1 : 0;
    int64_t most = is_list ? 1 : is_many ? DATATYPE_MAX_NODES : 0;

    if (schema->n_children < least || schema->n_children > most ||
        (schema->n_children > 0 && !schema->children))
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: the Arrow format \"%s\" has a wrong number of children",
                         call->function, schema->format);
    node->n_children = (uint8_t)schema->n_children;
    return true;
}

static bool read_name(const struct argument_call *call, const char *name,
                      struct datatype_node *node)
{
    size_t size = strlen(name);

    if (size > DATATYPE_MAX_NAME || utf8_valid_prefix(name, size) < size)
        return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                         "%s: a field's name must be UTF-8 of at most %d bytes", call->function,
                         DATATYPE_MAX_NAME);
    memcpy(node->name, name, size);
    return true;
}

static bool read_node(const struct argument_call *call, const struct ArrowSchema *schema,
                      unsigned int depth, struct datatype *datatype);

/* Reads the next code of a list "0,1,5" and moves *text behind it; -1: there is none. */
static int read_code(const char **text)
{
    int code = 0;
    int n_digits = 0;

    for (; **text >= '0' && **text <= '9' && n_digits < 3; (*text)++, n_digits++)
        code = code * 10 + (**text - '0');
    if (**text == ',')
        (*text)++;
    return n_digits > 0 && code <= DATATYPE_MAX_CODE ? code : -1;
}

static bool refuse_codes(const struct argument_call *call, const char *format)
{
    return error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                     "%s: the Arrow format \"%s\" must have a number from 0 to %d for each child",
                     call->function, format, DATATYPE_MAX_CODE);
}

/* Reads the children; those of a union get the codes that stand in its format. */
static bool read_children(const struct argument_call *call, const struct ArrowSchema *schema,
                          unsigned int depth, struct datatype *datatype)
{
    bool is_union = datatype_is_union(&datatype->nodes[datatype->n_nodes - 1]);
    const char *codes = is_union ? schema->format + strlen("+ud:") : "";

    for (int64_t i = 0; i < schema->n_children; i++) {
        struct datatype_node *child = &datatype->nodes[datatype->n_nodes];
        int code = is_union ? read_code(&codes) : 0;

        if (code < 0)
            return refuse_codes(call, schema->format);
        if (!read_node(call, schema->children[i], depth + 1, datatype))
            return false;
        child->code = (uint8_t)code;
    }
    return *codes == '\0' || refuse_codes(call, schema->format);
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
    if (!read_name(call,
                   depth == 0     ? root_name
                   : schema->name ? schema->name
                                  : "",
                   node) ||
        !read_format(call, schema->format, node) || !read_children_count(call, schema, node) ||
        !read_children(call, schema, depth, datatype))
        return false;
    if (node->kind == DATATYPE_MAP)
        node->param = (schema->flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0;
    return true;
}

bool schema_read(const struct argument_call *call, const struct ArrowSchema *schema,
                 struct datatype *ret_datatype)
{
    ret_datatype->n_nodes = 0;
    if (!read_node(call, schema, 0, ret_datatype))
        return false;
    ret_datatype->nodes[0].nullable = 1;
    return datatype_check(ret_datatype->nodes, ret_datatype->n_nodes) == 0 ||
           error_set(call->error, RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR,
                     "%s: the Arrow schema has a union with a code twice, or a map that is no list "
                     "of structs of key and value without nulls",
                     call->function);
}
