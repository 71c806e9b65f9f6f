/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of component types, filled from the front by compare-and-swap. It belongs to the
 * process; a forked child owns its own copy, and a definition that parent or child writes serves
 * both. No lock, no heap.
 */
#include "sdk/component.h"

#include "sdk/arena.h"
#include "sdk/error.h"
#include "sdk/record/builtin.h"
#include "sdk/schema.h"
#include "sdk/spool/spool.h"

#include <errno.h>
#include <string.h>

/* By handle; the first place stays empty, so that a zeroed handle is none. */
static _Atomic(struct component *) components[COMPONENT_MAX + 1];

static const uint32_t builtin_ids[] = {
#define X(id, name, archetype, field, type, datatype) id,
#include "sdk/record/builtin.def"
#undef X
};

/* Texts and nodes of the largest definition, with its padding. */
#define MAX_REST (sizeof(struct datatype) + (size_t)3 * RECORD_MAX_ID + 8)

/* What a component type is made of, checked. */
struct description {
    struct text archetype;
    struct text component;
    struct text component_type;
    struct datatype datatype;
};

/* A component that is not in the table yet. */
struct candidate {
    struct component component;
    uint8_t rest[MAX_REST];
};

/* --- Built-in components -------------------------------------------------- */

static bool is_called(struct text text, const char *name)
{
    return strlen(name) == text.size && !memcmp(text.bytes, name, text.size);
}

static bool is_same(const struct builtin_component *builtin, const struct description *description)
{
    return is_called(description->component, builtin->component) &&
           is_called(description->archetype, builtin->archetype) &&
           is_called(description->component_type, builtin->component_type) &&
           builtin->n_nodes == description->datatype.n_nodes &&
           !memcmp(builtin->nodes, description->datatype.nodes,
                   builtin->n_nodes * sizeof(*builtin->nodes));
}

/* The id of a component that needs no definition; 0: it needs one. */
static uint32_t find_builtin(const struct description *description)
{
    for (size_t i = 0; i < sizeof(builtin_ids) / sizeof(builtin_ids[0]); i++) {
        if (is_same(builtin_component_find(builtin_ids[i]), description))
            return builtin_ids[i];
    }
    return 0;
}

/* --- Definitions ---------------------------------------------------------- */

static uint8_t *append(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

/* Makes the component, with the payload of RECORD_DEFINE_COMPONENT but for its id. */
static void build(const struct description *description, struct candidate *candidate)
{
    struct record_component *definition = &candidate->component.definition;
    uint8_t *at = (uint8_t *)(definition + 1);

    memset(candidate, 0, sizeof(*candidate));
    definition->n_nodes = description->datatype.n_nodes;
    definition->archetype_size = (uint16_t)description->archetype.size;
    definition->component_size = (uint16_t)description->component.size;
    definition->component_type_size = (uint16_t)description->component_type.size;
    at = append(at, description->datatype.nodes,
                description->datatype.n_nodes * sizeof(struct datatype_node));
    at = append(at, description->archetype.bytes, description->archetype.size);
    at = append(at, description->component.bytes, description->component.size);
    at = append(at, description->component_type.bytes, description->component_type.size);
    candidate->component.size = (uint32_t)(at - (uint8_t *)definition);
    candidate->component.size += -candidate->component.size & 7;
    candidate->component.id = find_builtin(description);
}

static struct text name_of(const struct component *component)
{
    const struct record_component *definition = &component->definition;
    const char *texts = (const char *)(component_nodes(component) + definition->n_nodes);

    return (struct text){texts + definition->archetype_size, definition->component_size};
}

/*
 * Writes the definition under a new id. Its copy takes no more of the stack than it needs, 200 or
 * 300 bytes for most types: a signal handler's may be small.
 */
__attribute__((noinline)) static int define(const struct component *component, uint32_t *ret_id)
{
    struct record_component *copy = __builtin_alloca(component->size);
    uint32_t id = lastword_spool_v1.next_id();
    int result;

    if (id == 0)
        return -ENOENT;
    memcpy(copy, &component->definition, component->size);
    copy->id = id;
    result = lastword_spool_v1.define(RECORD_DEFINE_COMPONENT, copy, component->size, NULL);
    if (result == 0)
        *ret_id = id;
    return result;
}

int component_define(struct component *component, uint32_t *ret_id)
{
    uint32_t undefined = 0;
    int result;

    *ret_id = atomic_load_explicit(&component->id, memory_order_acquire);
    if (*ret_id != 0)
        return 0;
    result = define(component, ret_id);
    /* Where another thread was faster its id serves all later rows; ours is as good for this one.
     */
    if (result == 0)
        atomic_compare_exchange_strong(&component->id, &undefined, *ret_id);
    return result;
}

/* --- The table ------------------------------------------------------------ */

static bool is_equal(const struct component *one, const struct component *other)
{
    return one->size == other->size && !memcmp(&one->definition, &other->definition, one->size);
}

/* The handle of a component that is in the table already; 0: it is not. */
static rr_component_type_handle find_equal(const struct component *wanted)
{
    for (rr_component_type_handle handle = 1; handle <= COMPONENT_MAX; handle++) {
        const struct component *found = atomic_load(&components[handle]);

        if (!found)
            return 0;
        if (is_equal(found, wanted))
            return handle;
    }
    return 0;
}

static struct component *keep(const struct component *component)
{
    size_t size = offsetof(struct component, definition) + component->size;
    struct component *copy = arena_allocate(size);

    if (copy)
        memcpy(copy, component, size);
    return copy;
}

/*
 * Puts the component into the first free place, or finds the one that is equal; on the way it gets
 * the number of its name, that of the first with this name. Returns the handle; 0: no place.
 */
static rr_component_type_handle insert(struct component *made)
{
    struct text name = name_of(made);

    for (rr_component_type_handle handle = 1; handle <= COMPONENT_MAX; handle++) {
        struct component *found = atomic_load(&components[handle]);

        if (!found) {
            if (made->name == 0)
                made->name = handle;
            if (atomic_compare_exchange_strong(&components[handle], &found, made))
                return handle;
            if (made->name == handle)
                made->name = 0;
        }
        if (is_equal(found, made))
            return handle;
        if (made->name == 0 && name_of(found).size == name.size &&
            !memcmp(name_of(found).bytes, name.bytes, name.size))
            made->name = found->name;
    }
    return 0;
}

bool component_find(const struct argument_call *call, rr_component_type_handle handle,
                    struct component **ret_component)
{
    *ret_component = handle <= COMPONENT_MAX
                         ? atomic_load_explicit(&components[handle], memory_order_acquire)
                         : NULL;
    return *ret_component ||
           error_set(call->error, RR_ERROR_CODE_INVALID_COMPONENT_TYPE_HANDLE,
                     "%s: there is no component type %u: pass what rr_register_component_type "
                     "returned",
                     call->function, handle);
}

/* --- The interface -------------------------------------------------------- */

static bool describe(const struct argument_call *call, const rr_component_type *component_type,
                     struct description *ret_description)
{
    const rr_component_descriptor *descriptor = &component_type->descriptor;

    return argument_check_string(call, "component_type.descriptor.archetype", descriptor->archetype,
                                 ARGUMENT_OPTIONAL, RECORD_MAX_ID, &ret_description->archetype) &&
           argument_check_string(call, "component_type.descriptor.component", descriptor->component,
                                 ARGUMENT_REQUIRED, RECORD_MAX_ID, &ret_description->component) &&
           argument_check_string(call, "component_type.descriptor.component_type",
                                 descriptor->component_type, ARGUMENT_OPTIONAL, RECORD_MAX_ID,
                                 &ret_description->component_type) &&
           schema_read(call, &component_type->schema, &ret_description->datatype);
}

static rr_component_type_handle add(const struct argument_call *call,
                                    const rr_component_type *component_type)
{
    struct description description;
    struct candidate candidate;
    struct component *kept;
    rr_component_type_handle handle;

    if (!describe(call, component_type, &description))
        return RR_COMPONENT_TYPE_HANDLE_INVALID;
    build(&description, &candidate);
    handle = find_equal(&candidate.component);
    if (handle != 0)
        return handle;
    kept = keep(&candidate.component);
    handle = kept ? insert(kept) : 0;
    if (handle != 0)
        return handle;
    error_set(call->error, RR_ERROR_CODE_OUT_OF_MEMORY,
              "%s: %d component types are registered, or memory is short: register each type once",
              call->function, COMPONENT_MAX);
    return RR_COMPONENT_TYPE_HANDLE_INVALID;
}

rr_component_type_handle rr_register_component_type(rr_component_type component_type,
                                                    rr_error *error)
{
    const struct argument_call call = {"rr_register_component_type", error};
    rr_component_type_handle handle = add(&call, &component_type);

    if (component_type.schema.release)
        component_type.schema.release(&component_type.schema);
    return handle;
}
