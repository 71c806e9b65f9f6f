/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Goes through the life of each pid in the order of time: images that told of themselves, forecasts
 * that a program will not, and wait statuses, after which the pid is another process's. Pure: reads
 * the table, changes nothing.
 */
#include "harness/courier/uncovered.h"

#include "harness/courier/array.h"

#include <errno.h>
#include <stdlib.h>

/* In the order in which things of the same time happen. */
enum moment_kind { IMAGE, FORECAST, WAIT };

struct moment {
    uint32_t pid;
    enum moment_kind kind;
    uint64_t time_ns;
    size_t index; /* of the fate, forecast or wait */
};

/* What is known of the pid that is gone through, at one moment. */
struct life {
    uint32_t pid;
    const struct process_fate *image;        /* the latest, NULL none yet */
    const struct process_forecast *forecast; /* that nothing has refuted, NULL none */
    bool is_nobody;                          /* a vfork child that has ended as one */
    const struct process_wait *wait;         /* the one before */
};

struct search {
    const struct process_table *table;
    const struct process_fate *fates;
    struct uncovered *list;
    size_t n, capacity;
};

static int compare_moments(const void *a, const void *b)
{
    const struct moment *x = a;
    const struct moment *y = b;

    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int list_moments(const struct process_table *table, struct moment **ret_moments,
                        size_t *ret_n)
{
    size_t n = 0;
    struct moment *moments =
        calloc(table->n + table->n_forecasts + table->n_waits + 1, sizeof(*moments));

    if (moments == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->n; i++)
        moments[n++] = (struct moment){table->all[i]->pid, IMAGE, table->all[i]->start_ns, i};
    for (size_t i = 0; i < table->n_forecasts; i++)
        moments[n++] =
            (struct moment){table->forecasts[i].pid, FORECAST, table->forecasts[i].time_ns, i};
    for (size_t i = 0; i < table->n_waits; i++)
        moments[n++] = (struct moment){table->waits[i].pid, WAIT, table->waits[i].time_ns, i};
    qsort(moments, n, sizeof(*moments), compare_moments);
    *ret_moments = moments;
    *ret_n = n;
    return 0;
}

/* --- One program -------------------------------------------------------------------------------
 */

static bool is_of(const struct process_forecast *forecast, const struct process *process)
{
    return process != NULL && forecast->family == process->family &&
           forecast->serial == process->serial;
}

/* Who said the forecast: the process itself before its exec, or its parent. */
static void fill_forecast(struct uncovered *found, const struct process_table *table,
                          const struct process_forecast *forecast)
{
    const struct process *teller = process_table_find(table, forecast->family, forecast->serial);

    found->reason = forecast->reason;
    found->time_ns = forecast->time_ns;
    found->forecast_offset = forecast->offset;
    found->made_by = forecast->family == 0 ? "run" : "spawn";
    if (!is_of(forecast, found->image_of))
        found->parent = teller;
}

static const struct process_fate *lost_image(const struct life *life)
{
    return life->image != NULL && life->image->is_lost_sight_of ? life->image : NULL;
}

static int add(struct search *search, const struct life *life, const struct process_wait *wait)
{
    const struct process_fate *image = lost_image(life);
    struct uncovered *list =
        array_grow(search->list, search->n, &search->capacity, sizeof(*search->list));
    struct uncovered found = {
        .pid = life->pid,
        .reason = UNCOVERED_UNKNOWN,
        .made_by = "unknown",
        .forecast_offset = UINT64_MAX,
        .end_offset = UINT64_MAX,
        .wait_offset = UINT64_MAX,
    };

    if (list == NULL)
        return -ENOMEM;
    if (wait != NULL) {
        found.has_ended = true;
        found.by_supervisor = wait->by_supervisor;
        found.wait_status = wait->status;
        found.time_ns = wait->time_ns;
        found.wait_offset = wait->by_supervisor ? wait->offset : UINT64_MAX;
    }
    if (image != NULL) {
        found.image_of = image->process;
        found.parent = image->parent;
        found.time_ns = image->end_ns;
        found.end_offset = image->process->has_end ? image->process->end_offset : UINT64_MAX;
    }
    if (life->forecast != NULL)
        fill_forecast(&found, search->table, life->forecast);
    if (image != NULL)
        found.made_by = "exec";
    search->list = list;
    list[search->n++] = found;
    return 0;
}

/* --- The life of a pid -------------------------------------------------------------------------
 */

static void see_forecast(struct life *life, const struct process_forecast *forecast)
{
    bool is_taken_back = forecast->reason == UNCOVERED_NOT;

    life->forecast = is_taken_back ? NULL : forecast;
    life->is_nobody = is_taken_back;
}

/* An image of this pid that has not exec'd since is who ended. */
static bool is_uncovered(const struct life *life)
{
    if (life->forecast != NULL || lost_image(life) != NULL)
        return true;
    return life->image == NULL && !life->is_nobody;
}

/* A courier that is started again is told again what was told to the last. */
static bool is_repeated(const struct life *life, const struct process_wait *wait)
{
    return life->wait != NULL && life->wait->time_ns == wait->time_ns &&
           life->wait->status == wait->status;
}

static int see_wait(struct search *search, struct life *life, const struct process_wait *wait)
{
    int result = 0;

    if (!is_repeated(life, wait) && is_uncovered(life))
        result = add(search, life, wait);
    *life = (struct life){.pid = life->pid, .wait = wait};
    return result;
}

/* The pid comes to its end in the list: its program was not seen to end. */
static int see_last(struct search *search, const struct life *life)
{
    return life->forecast != NULL || lost_image(life) != NULL ? add(search, life, NULL) : 0;
}

static int see(struct search *search, struct life *life, const struct moment *moment)
{
    switch (moment->kind) {
    case IMAGE:
        *life = (struct life){.pid = life->pid, .image = &search->fates[moment->index]};
        return 0;
    case FORECAST:
        see_forecast(life, &search->table->forecasts[moment->index]);
        return 0;
    default:
        return see_wait(search, life, &search->table->waits[moment->index]);
    }
}

static int go_through(struct search *search, const struct moment *moments, size_t n)
{
    struct life life = {0};
    int result = 0;

    for (size_t i = 0; result == 0 && i < n; i++) {
        if (moments[i].pid != life.pid) {
            result = see_last(search, &life);
            life = (struct life){.pid = moments[i].pid};
        }
        if (result == 0 && moments[i].pid != 0)
            result = see(search, &life, &moments[i]);
    }
    return result < 0 ? result : see_last(search, &life);
}

int uncovered_find(const struct process_table *table, const struct process_fate *fates,
                   struct uncovered **ret_list, size_t *ret_n)
{
    struct search search = {.table = table, .fates = fates};
    struct moment *moments = NULL;
    size_t n = 0;
    int result = list_moments(table, &moments, &n);

    if (result == 0)
        result = go_through(&search, moments, n);
    free(moments);
    if (result < 0) {
        free(search.list);
        return result;
    }
    *ret_list = search.list;
    *ret_n = search.n;
    return 0;
}

const char *uncovered_reason_text(enum uncovered_reason reason)
{
    switch (reason) {
    case UNCOVERED_STATIC:
        return "static";
    case UNCOVERED_GO:
        return "static, built by Go";
    case UNCOVERED_LOADER:
        return "another C library";
    case UNCOVERED_MACHINE:
        return "32-bit, or of another machine";
    case UNCOVERED_SETUID:
        return "setuid, setgid or file capabilities";
    case UNCOVERED_DISABLED:
        return "LASTWORD_DISABLE";
    case UNCOVERED_SESSION:
        return "another LASTWORD_SESSION";
    case UNCOVERED_NO_SHIM:
        return "run --no-shim";
    case UNCOVERED_ACCESS:
        return "another user, who may not read the shim";
    case UNCOVERED_NOT:
    case UNCOVERED_UNKNOWN:
    default:
        return "unknown";
    }
}
