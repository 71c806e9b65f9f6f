/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes what processes told about themselves as text that a test can compare: shim_run.h. */
#include "sdk/record/record.h"
#include "tests/support/shim_run.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define CANNOT_TELL 97

/* One process of one image. */
struct life {
    uint64_t family, serial;
    uint64_t family_started_ns; /* images are numbered in this order */
    uint64_t started_ns;
    uint32_t pid;
    unsigned image; /* from 1 */
    size_t n_rows;
    size_t n_told;
};

struct lives {
    struct life *at;
    size_t n;
};

static int by_start(const void *left, const void *right)
{
    const struct life *a = left, *b = right;

    if (a->family_started_ns != b->family_started_ns)
        return a->family_started_ns < b->family_started_ns ? -1 : 1;
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return a->serial < b->serial ? -1 : a->serial > b->serial;
}

static struct life *find(const struct lives *lives, uint64_t family, uint64_t serial)
{
    for (size_t i = 0; i < lives->n; i++) {
        if (lives->at[i].family == family && lives->at[i].serial == serial)
            return &lives->at[i];
    }
    return NULL;
}

static bool is_about_life(const struct spool_test_record *record)
{
    return record->kind >= RECORD_PROCESS_START && record->kind <= RECORD_UNCOVERED;
}

static uint64_t family_start(const struct spool_test_records *records, uint64_t family)
{
    for (size_t i = 0; i < records->n; i++) {
        if (records->at[i].family == family)
            return records->at[i].time_ns; /* the first process's first record */
    }
    return 0;
}

static struct lives collect(const struct spool_test_records *records)
{
    struct lives lives = {.at = calloc(records->n + 1, sizeof(struct life))};
    unsigned image = 0;

    if (!lives.at)
        errx(CANNOT_TELL, "out of memory");
    for (size_t i = 0; i < records->n; i++) {
        const struct spool_test_record *record = &records->at[i];
        struct life *life = find(&lives, record->family, record->serial);

        if (record->serial == 0)
            continue; /* definitions are the family's */
        if (!life) {
            life = &lives.at[lives.n++];
            life->family = record->family;
            life->serial = record->serial;
            life->pid = record->pid;
            life->started_ns = record->time_ns;
            life->family_started_ns = family_start(records, record->family);
        }
        *(is_about_life(record) ? &life->n_told : &life->n_rows) += 1;
    }
    qsort(lives.at, lives.n, sizeof(*lives.at), by_start);
    for (size_t i = 0; i < lives.n; i++) {
        image += i == 0 || lives.at[i].family != lives.at[i - 1].family;
        lives.at[i].image = image;
    }
    return lives;
}

/* The image that `pid` ran at `time_ns`, but not `other`; NULL if none is known. */
static const struct life *running(const struct lives *lives, uint32_t pid, uint64_t time_ns,
                                  const struct life *other)
{
    const struct life *found = NULL;

    for (size_t i = 0; i < lives->n; i++) {
        const struct life *life = &lives->at[i];

        if (life->pid == pid && life != other && life->started_ns <= time_ns &&
            (!found || life->started_ns >= found->started_ns))
            found = life;
    }
    return found;
}

static void print_name(FILE *out, const struct life *life)
{
    if (life)
        fprintf(out, "%u.%lu", life->image, (unsigned long)life->serial);
    else
        fputs("?", out);
}

static void print_start(FILE *out, const struct lives *lives, const struct life *life,
                        const struct spool_test_record *record)
{
    static const char *const words[] = {"unknown", "exec", "fork", "_fork", "daemon"};
    const struct record_process_start *start = record->payload;
    const char *args = (const char *)(start + 1) + start->executable_size;
    const struct life *before;

    fprintf(out, " %s", start->made_by < 5 ? words[start->made_by] : "strange");
    if (start->pid != life->pid)
        fprintf(out, " with a strange pid");
    if (start->made_by != MADE_BY_EXEC) {
        fputs(" of ", out);
        print_name(out, running(lives, start->parent_pid, record->time_ns, life));
        return;
    }
    before = running(lives, start->pid, record->time_ns - 1, life);
    if (before) {
        fputs(" over ", out);
        print_name(out, before);
    }
    fputs(":", out);
    for (uint32_t at = 0; at < start->args_size; at += (uint32_t)strlen(args + at) + 1)
        fprintf(out, " %s", at ? args + at : basename(args));
}

static void print_end(FILE *out, const struct spool_test_record *record)
{
    static const char *const words[] = {"unknown",    "return", "exit", "_exit",  "_Exit",
                                        "quick_exit", "abort",  "exec", "signal", "daemon"};
    const struct record_process_end *end = record->payload;

    fprintf(out, " ended %s", end->kind < 10 ? words[end->kind] : "strange");
    if (end->kind >= END_EXIT && end->kind <= END_QUICK_EXIT)
        fprintf(out, " %d", end->status);
    if (end->text_size)
        fprintf(out, " %.*s", (int)end->text_size, (const char *)(end + 1));
}

static void print_child(FILE *out, const struct lives *lives,
                        const struct spool_test_record *record)
{
    const struct record_child_ended *child = record->payload;

    fputs(" child ", out);
    print_name(out, running(lives, child->pid, record->time_ns, NULL));
    if (WIFEXITED(child->wait_status))
        fprintf(out, " exited %d", WEXITSTATUS(child->wait_status));
    else if (WIFSIGNALED(child->wait_status))
        fprintf(out, " killed %d", WTERMSIG(child->wait_status));
    else
        fprintf(out, " strange %#x", (unsigned)child->wait_status);
}

/* What will not be covered: "1.1 says ? is static". */
static void print_forecast(FILE *out, const struct lives *lives,
                           const struct spool_test_record *record)
{
    static const char *const words[] = {"nobody", "unknown", "static",  "Go",      "foreign",
                                        "32-bit", "setuid",  "opt-out", "session", "no shim"};
    const struct record_uncovered *uncovered = record->payload;

    fputs(" says ", out);
    print_name(out, running(lives, uncovered->pid, record->time_ns, NULL));
    fprintf(out, " is %s", uncovered->reason < 10 ? words[uncovered->reason] : "strange");
    if (uncovered->path_size)
        fprintf(out, ": %.*s", uncovered->path_size, (const char *)(uncovered + 1));
}

static void print_note(FILE *out, const struct spool_test_record *record)
{
    const struct record_note *note = record->payload;

    fprintf(out, " note %d %.*s", note->kind, note->text_size, (const char *)(note + 1));
}

static void print_record(FILE *out, const struct lives *lives, const struct life *life,
                         const struct spool_test_record *record)
{
    print_name(out, life);
    switch (record->kind) {
    case RECORD_PROCESS_START:
        print_start(out, lives, life, record);
        break;
    case RECORD_PROCESS_END:
        print_end(out, record);
        break;
    case RECORD_PROCESS_END_CANCELLED:
        fputs(" cancelled", out);
        break;
    case RECORD_UNCOVERED:
        print_forecast(out, lives, record);
        break;
    case RECORD_NOTE:
        print_note(out, record);
        break;
    default:
        print_child(out, lives, record);
    }
    fputs("\n", out);
}

static void print_life(FILE *out, const struct lives *lives, const struct life *life,
                       const struct spool_test_records *records)
{
    for (size_t i = 0; i < records->n; i++) {
        const struct spool_test_record *record = &records->at[i];

        if (record->family == life->family && record->serial == life->serial &&
            is_about_life(record))
            print_record(out, lives, life, record);
    }
    if (life->n_told == 0) {
        print_name(out, life);
        fputs(" nothing\n", out);
    }
    if (life->n_rows) {
        print_name(out, life);
        fprintf(out, " rows %zu\n", life->n_rows);
    }
}

char *shim_run_lives(const struct shim_run *run)
{
    struct lives lives = collect(&run->records);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        err(CANNOT_TELL, "open_memstream");
    for (size_t i = 0; i < lives.n; i++)
        print_life(out, &lives, &lives.at[i], &run->records);
    if (fclose(out) != 0)
        err(CANNOT_TELL, "open_memstream");
    free(lives.at);
    return text;
}
