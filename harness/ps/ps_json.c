/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * JSON by hand: flat objects, and escape_json for all that comes from outside. No state.
 */
#include "harness/ps/ps_json.h"

#include "harness/scenario/report/escape.h"

#include <inttypes.h>

static void print_text(FILE *out, const char *key, const char *text)
{
    fprintf(out, ",\"%s\":", key);
    escape_json(out, text != NULL ? text : "");
}

/* What is not known is null. */
static void print_number(FILE *out, const char *key, int64_t number, int64_t least)
{
    if (number >= least) {
        fprintf(out, ",\"%s\":%" PRId64, key, number);
    } else {
        fprintf(out, ",\"%s\":null", key);
    }
}

static void print_list(FILE *out, const char *key, const struct recorded_texts *texts)
{
    fprintf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < texts->n; i++) {
        fputs(i > 0 ? "," : "", out);
        escape_json(out, texts->texts[i]);
    }
    fputc(']', out);
}

static void print_process(FILE *out, const struct recorded_process *process)
{
    fputs("\n{\"name\":", out);
    escape_json(out, process->name);
    print_number(out, "pid", process->pid, 1);
    print_number(out, "parent_pid", process->parent_pid, 1);
    print_text(out, "parent", process->parent);
    print_text(out, "image_of", process->image_of);
    print_text(out, "made_by", process->made_by);
    print_text(out, "executable", process->executable);
    print_list(out, "args", &process->args);
    print_number(out, "began_ns", process->began_ns, 1);
    print_number(out, "ended_ns", process->ended_ns, 1);
    print_text(out, "ended_by", process->ended_by);
    print_number(out, "status", process->status, 0);
    print_text(out, "seen_by", process->seen_by);
    print_text(out, "target", process->target);
    print_number(out, "rows_logged", process->rows_logged, 0);
    print_number(out, "rows_stored", process->rows_stored, 0);
    fprintf(out, ",\"rows_lost\":%" PRIu64, ps_rows_lost(process));
    print_list(out, "providers", &process->providers);
    print_list(out, "not_covered", &process->not_covered);
    print_list(out, "timed_out", &process->timed_out);
    print_list(out, "viewers", &process->viewers);
    fputc('}', out);
}

static void print_uncovered(FILE *out, const struct recorded_uncovered *one)
{
    fprintf(out, "\n{\"pid\":%" PRId64, one->pid);
    print_text(out, "parent", one->parent);
    print_text(out, "image_of", one->image_of);
    print_text(out, "made_by", one->made_by);
    print_text(out, "executable", one->executable);
    print_text(out, "reason", one->reason);
    print_number(out, "time_ns", one->time_ns, 1);
    print_text(out, "ended_by", one->ended_by);
    print_number(out, "status", one->status, 0);
    print_text(out, "seen_by", one->seen_by);
    fputc('}', out);
}

static void print_totals(FILE *out, const struct ps_totals *totals)
{
    fprintf(out,
            "{\"processes\":%zu,\"rows_logged\":%" PRIu64 ",\"rows_stored\":%" PRIu64
            ",\"rows_lost\":%" PRIu64 ",\"not_covered\":%" PRIu64 ",\"timed_out\":%" PRIu64
            ",\"viewers\":%" PRIu64 "}",
            totals->n_processes, totals->rows_logged, totals->rows_stored, totals->rows_lost,
            totals->n_not_covered, totals->n_timed_out, totals->n_viewers);
}

void ps_json_print(FILE *out, const char *path, const struct recording *recording)
{
    struct ps_totals totals = ps_totals_of(recording);

    fprintf(out, "{\"schema\":%d,\"recording\":", PS_JSON_SCHEMA);
    escape_json(out, path);
    fprintf(out, ",\"is_cut\":%s,\"processes\":[", recording->is_cut ? "true" : "false");
    for (size_t i = 0; i < recording->processes.n; i++) {
        fputs(i > 0 ? "," : "", out);
        print_process(out, &recording->processes.processes[i]);
    }
    fputs("],\"uncovered\":[", out);
    for (size_t i = 0; i < recording->uncovered.n; i++) {
        fputs(i > 0 ? "," : "", out);
        print_uncovered(out, &recording->uncovered.all[i]);
    }
    fputs("],\"totals\":", out);
    print_totals(out, &totals);
    fputs("}\n", out);
}
