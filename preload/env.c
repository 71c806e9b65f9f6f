/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Composes the environment of an exec'd program. No state; never calls setenv, never writes to the
 * program's own array.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/env.h"

#include <stdint.h>
#include <string.h>

#define PREFIX         "LASTWORD_"
#define RECORDING_ID   "LASTWORD_RECORDING_ID"
#define APPLICATION_ID "LASTWORD_APPLICATION_ID"
/* gcc's ASan refuses to start behind another library unless it is told not to look. */
#define ASAN_ORDER     "verify_asan_link_order"

static size_t count(char *const *envp)
{
    size_t n = 0;

    while (envp && envp[n])
        n++;
    return n;
}

/* Whether `entry` is the variable called `name` (`size` bytes). */
static bool is_named(const char *entry, const char *name, size_t size)
{
    return strncmp(entry, name, size) == 0 && entry[size] == '=';
}

/* Index of the first entry called `name`, or ENV_APPENDED. */
static size_t find(char *const *envp, const char *name, size_t size)
{
    for (size_t i = 0; envp && envp[i]; i++) {
        if (is_named(envp[i], name, size))
            return i;
    }
    return ENV_APPENDED;
}

const char *env_value(char *const *envp, const char *name)
{
    size_t size = strlen(name);
    size_t i = find(envp, name, size);

    return i == ENV_APPENDED ? NULL : envp[i] + size + 1;
}

bool env_disabled(char *const *envp)
{
    const char *value = env_value(envp, "LASTWORD_DISABLE");

    return value && *value && strcmp(value, "0") != 0;
}

static const char *store(struct env_start *start, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = start->storage + start->used;

    if (size > sizeof(start->storage) - start->used)
        return NULL;
    memcpy(copy, text, size);
    start->used += size;
    return copy;
}

bool env_start_init(struct env_start *start, char *const *envp, const char *shim)
{
    start->used = 0;
    start->n_kept = 0;
    start->shim = store(start, shim);
    if (!start->shim)
        return false;
    for (; envp && *envp; envp++) {
        const char *copy;

        if (strncmp(*envp, PREFIX, sizeof(PREFIX) - 1) != 0 || !strchr(*envp, '='))
            continue;
        copy = start->n_kept < ENV_MAX_KEPT ? store(start, *envp) : NULL;
        if (!copy)
            return false;
        start->kept[start->n_kept++] = copy;
    }
    return true;
}

/* The value of `name` when this image started, or NULL. */
static const char *value_at_start(const struct env_start *start, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < start->n_kept; i++) {
        if (is_named(start->kept[i], name, size))
            return start->kept[i] + size + 1;
    }
    return NULL;
}

static struct env_edit *edit(struct env_plan *plan, size_t index)
{
    struct env_edit *new = &plan->edits[plan->n_edits++];

    new->index = index;
    new->n_parts = 0;
    if (index == ENV_APPENDED)
        plan->n_appended++;
    return new;
}

static void add_part(struct env_edit *edit, const char *at, size_t size)
{
    edit->parts[edit->n_parts++] = (struct env_part){at, size};
}

static void add_text(struct env_edit *edit, const char *text)
{
    add_part(edit, text, strlen(text));
}

/* Whether the file name of the path `entry` (`size` bytes) is that of `shim`. */
static bool is_shim(const char *entry, size_t size, const char *shim)
{
    const char *slash = memrchr(entry, '/', size);
    const char *shim_slash = strrchr(shim, '/');
    const char *name = slash ? slash + 1 : entry;
    const char *shim_name = shim_slash ? shim_slash + 1 : shim;
    size_t name_size = (size_t)(entry + size - name);

    return name_size == strlen(shim_name) && memcmp(name, shim_name, name_size) == 0;
}

/* Our entry in a value of LD_PRELOAD (entries are parted by colons or blanks); NULL if none. */
static const char *find_shim(const char *value, const char *shim, size_t *ret_size)
{
    while (*value) {
        size_t size = strcspn(value, ": ");

        if (size && is_shim(value, size, shim)) {
            *ret_size = size;
            return value;
        }
        value += size;
        value += strspn(value, ": ");
    }
    return NULL;
}

/* The entry that the dynamic loader heeds: the last. */
static size_t find_preload(const struct env_plan *plan)
{
    for (size_t i = plan->n_entries; i-- > 0;) {
        if (is_named(plan->envp[i], "LD_PRELOAD", 10))
            return i;
    }
    return ENV_APPENDED;
}

/* The entry that is exactly `path`; NULL if none. */
static const char *find_path(const char *value, const char *path)
{
    size_t path_size = strlen(path);

    while (*value) {
        size_t size = strcspn(value, ": ");

        if (size == path_size && memcmp(value, path, size) == 0)
            return value;
        value += size;
        value += strspn(value, ": ");
    }
    return NULL;
}

/* An entry of LD_PRELOAD that is ours: where it stands in the value (NULL: it does not). */
struct library {
    const char *path;
    const char *at;
    size_t size;
    bool wanted;
};

static bool is_dropped(const struct library *libraries, const char *token)
{
    for (size_t i = 0; i < 2; i++) {
        if (libraries[i].at == token && !libraries[i].wanted)
            return true;
    }
    return false;
}

/* What stays of the value, in runs of neighbours; with at most two that go there are three. */
static void add_rest(struct env_edit *edit, const char *value, const struct library *libraries)
{
    const char *run = NULL, *end = NULL;

    value += strspn(value, ": ");
    while (*value) {
        size_t size = strcspn(value, ": ");

        if (is_dropped(libraries, value)) {
            if (run)
                add_part(edit, run, (size_t)(end - run));
            run = NULL;
        } else {
            if (!run && end)
                add_part(edit, value - 1, 1);
            else if (!run && edit->n_parts > 1)
                add_text(edit, ":");
            run = run ? run : value;
            end = value + size;
        }
        value += size;
        value += strspn(value, ": ");
    }
    if (run)
        add_part(edit, run, (size_t)(end - run));
}

static void add_new(struct env_edit *edit, const struct library *library)
{
    if (!library->wanted || library->at)
        return;
    if (edit->n_parts > 1)
        add_text(edit, ":");
    add_text(edit, library->path);
}

/* Our libraries in front of what the program wants to have preloaded; those not wanted taken out.
 */
static void plan_libraries(struct env_plan *plan, const struct env_start *start, bool shim,
                           bool sdk)
{
    size_t index = find_preload(plan);
    const char *value = index == ENV_APPENDED ? "" : plan->envp[index] + 11;
    const char *sdk_path = value_at_start(start, "LASTWORD_SDK");
    struct library libraries[2] = {{.path = start->shim, .wanted = shim},
                                   {.path = sdk_path, .wanted = sdk && sdk_path}};
    struct env_edit *new;

    libraries[0].at = find_shim(value, start->shim, &libraries[0].size);
    libraries[1].at = sdk_path ? find_path(value, sdk_path) : NULL;
    if (libraries[0].wanted == !!libraries[0].at && libraries[1].wanted == !!libraries[1].at)
        return;
    new = edit(plan, index);
    add_text(new, "LD_PRELOAD=");
    add_new(new, &libraries[0]);
    add_new(new, &libraries[1]);
    add_rest(new, value, libraries);
    if (new->n_parts == 1)
        new->n_parts = 0; /* nothing else was in it: the variable goes */
}

static void plan_asan(struct env_plan *plan)
{
    size_t index = find(plan->envp, "ASAN_OPTIONS", 12);
    const char *entry = index == ENV_APPENDED ? NULL : plan->envp[index];
    struct env_edit *new;

    if (entry && strstr(entry, ASAN_ORDER))
        return;
    new = edit(plan, index);
    if (entry && entry[13]) {
        add_text(new, entry);
        add_text(new, ":" ASAN_ORDER "=0");
    } else {
        add_text(new, "ASAN_OPTIONS=" ASAN_ORDER "=0");
    }
}

/* Whether the program itself gave `name` a value: another than the one it was started with. */
static bool is_own(char *const *envp, const struct env_start *start, const char *name)
{
    const char *value = env_value(envp, name);
    const char *first = value_at_start(start, name);

    return value && (!first || strcmp(value, first) != 0);
}

static void plan_identifier(struct env_plan *plan, const char *name, const char *id, size_t size)
{
    size_t index = find(plan->envp, name, strlen(name));
    const char *value = env_value(plan->envp, name);
    struct env_edit *new;

    if (value && strlen(value) == size && memcmp(value, id, size) == 0)
        return;
    new = edit(plan, index);
    add_text(new, name);
    add_text(new, "=");
    add_part(new, id, size);
}

/* The entries from the start that are missing now, but for the two identifiers of the recording. */
static void plan_kept(struct env_plan *plan, const struct env_start *start, bool identifiers)
{
    for (size_t i = 0; i < start->n_kept; i++) {
        const char *entry = start->kept[i];
        size_t size = strcspn(entry, "=");
        bool identifier = is_named(entry, RECORDING_ID, sizeof(RECORDING_ID) - 1) ||
                          is_named(entry, APPLICATION_ID, sizeof(APPLICATION_ID) - 1);

        if (identifier && !identifiers)
            continue;
        if (find(plan->envp, entry, size) == ENV_APPENDED)
            add_text(edit(plan, ENV_APPENDED), entry);
    }
}

/*
 * Which recording the new program finds: its parent's wish, else this process's own, else the one
 * that this process was started with. The two identifiers belong together.
 */
static void plan_recording(struct env_plan *plan, const struct env_start *start,
                           const struct env_recording *recording)
{
    bool own = is_own(plan->envp, start, RECORDING_ID) || is_own(plan->envp, start, APPLICATION_ID);

    plan_kept(plan, start, !own && !recording);
    if (own || !recording)
        return;
    plan_identifier(plan, RECORDING_ID, recording->recording_id, recording->recording_id_size);
    plan_identifier(plan, APPLICATION_ID, recording->application_id,
                    recording->application_id_size);
}

bool env_other_session(const struct env_start *start, char *const *envp)
{
    return is_own(envp, start, "LASTWORD_SESSION");
}

static void measure(struct env_plan *plan)
{
    if (plan->n_edits == 0)
        return;
    plan->size_bytes = (plan->n_entries + plan->n_appended + 1) * sizeof(char *);
    for (size_t i = 0; i < plan->n_edits; i++) {
        plan->size_bytes += 1;
        for (size_t part = 0; part < plan->edits[i].n_parts; part++)
            plan->size_bytes += plan->edits[i].parts[part].size;
    }
}

void env_plan(struct env_plan *plan, const struct env_start *start, char *const *envp,
              const struct env_recording *recording, bool preloads, bool needs_rerun_c)
{
    plan->envp = envp;
    plan->n_entries = count(envp);
    plan->n_edits = 0;
    plan->n_appended = 0;
    plan->size_bytes = 0;
    if (env_disabled(envp) || is_own(envp, start, "LASTWORD_SESSION"))
        return;
    plan_libraries(plan, start, preloads, preloads && needs_rerun_c);
    if (preloads)
        plan_asan(plan);
    plan_recording(plan, start, recording);
    measure(plan);
}

/* Joins the parts of an entry at `at`; returns where the next string begins. */
static char *join(const struct env_edit *edit, char *at)
{
    for (size_t part = 0; part < edit->n_parts; part++) {
        memcpy(at, edit->parts[part].at, edit->parts[part].size);
        at += edit->parts[part].size;
    }
    *at = '\0';
    return at + 1;
}

char **env_compose(const struct env_plan *plan, void *memory)
{
    char **array = memory;
    char *text = (char *)(array + plan->n_entries + plan->n_appended + 1);
    size_t n = plan->n_entries, kept = 0;

    if (n)
        memcpy(array, plan->envp, n * sizeof(*array));
    for (size_t i = 0; i < plan->n_edits; i++) {
        const struct env_edit *edit = &plan->edits[i];
        size_t index = edit->index == ENV_APPENDED ? n++ : edit->index;

        array[index] = edit->n_parts ? text : NULL;
        if (edit->n_parts)
            text = join(edit, text);
    }
    for (size_t i = 0; i < n; i++) {
        if (array[i])
            array[kept++] = array[i];
    }
    array[kept] = NULL;
    return array;
}
