/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Logs rows that prove themselves, in a family of processes and threads that end in every way, and
 * notes in a ledger of its own which log calls returned.
 *
 *     torture_writer LEDGER SEED ROWS
 *
 * The ledger is a file mapping that shares nothing with spool or reader: for each logger its
 * process id and how many of its calls have returned. A row is a text "LOGGER NUMBER SIZE FILLING
 * CHECKSUM", so a torn or repeated one shows by itself. torture.py compares.
 */
#include "lastword.h"

#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_LOGGERS 32
#define LARGEST_ROW 300000

struct logger {
    _Atomic uint64_t pid;      /* 0: has not begun */
    _Atomic uint64_t returned; /* log calls that returned success */
};

static struct {
    _Atomic uint32_t n;
    struct logger at[MAX_LOGGERS];
} * ledger;

static unsigned long seed;
static uint64_t rows;

/* The numbers of one logger: the same seed gives the same rows and the same end. */
static uint64_t random_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t mixed = (*state ^ *state >> 30) * 0xbf58476d1ce4e5b9u;

    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

/* Mostly short lines, some that need several blocks. */
static size_t row_size(uint64_t random)
{
    if (random % 1000 == 0)
        return 17000 + random / 1000 % (LARGEST_ROW - 17000);
    return random % 20 == 0 ? random / 20 % 5000 : random / 20 % 120;
}

static void make_row(char *text, uint32_t logger, uint64_t number, uint64_t random)
{
    size_t filling = row_size(random);
    char *at = text + sprintf(text, "%u %lu %zu ", logger, number, filling);

    for (size_t i = 0; i < filling; i++)
        *at++ = (char)('a' + (number + i * 7) % 26);
    strcpy(at, ".");
}

/* Logs until the rows are used up, or one is refused because nobody empties the spool any more. */
static void log_rows(uint64_t *state, uint64_t n)
{
    uint32_t number = atomic_fetch_add(&ledger->n, 1);
    char entity[32];
    char *text = malloc(LARGEST_ROW + 64);

    if (!text || number >= MAX_LOGGERS)
        errx(3, "too many loggers");
    sprintf(entity, "torture/%u", number);
    ledger->at[number].pid = (uint64_t)getpid();
    for (uint64_t i = 0; i < n;) {
        rr_error error = {0};

        make_row(text, number, i, random_next(state));
        if (!lw_log_text(entity, LW_LEVEL_INFO, text, &error)) {
            warnx("row %lu of logger %u: %s", i, number, error.description);
            break;
        }
        ledger->at[number].returned = ++i;
    }
    free(text);
}

static void *log_in_thread(void *state)
{
    uint64_t own = *(uint64_t *)state ^ 0x5555;

    log_rows(&own, rows);
    return NULL;
}

static void end_by(uint64_t way)
{
    switch (way % 6) {
    case 0:
        _exit(0);
    case 1:
        raise(SIGKILL);
        break;
    case 2:
        abort();
    case 3:
        execl("/bin/true", "true", (char *)NULL);
        break;
    case 4:
        raise(SIGSEGV);
        break;
    default:
        exit(0);
    }
}

static void live(unsigned number)
{
    uint64_t state = seed * 1000003 + number;
    bool threaded = random_next(&state) % 3 == 0;
    pthread_t thread;

    if (threaded && pthread_create(&thread, NULL, log_in_thread, &state) != 0)
        errx(3, "no thread");
    log_rows(&state, rows * (random_next(&state) % 100 + 1) / 100);
    if (threaded && random_next(&state) % 2)
        pthread_join(thread, NULL);
    end_by(random_next(&state));
}

/* Some children are forked by children. */
static void fork_family(void)
{
    uint64_t state = seed;
    unsigned n = (unsigned)(2 + random_next(&state) % 4);

    for (unsigned i = 1; i <= n; i++) {
        if (fork() == 0) {
            if (random_next(&state) % 4 == 0 && fork() == 0)
                live(100 + i);
            live(i);
        }
    }
}

int main(int argc, char **argv)
{
    rr_error error = {0};
    int file;

    if (argc != 4)
        errx(2, "usage: torture_writer LEDGER SEED ROWS");
    seed = strtoul(argv[2], NULL, 10);
    rows = strtoul(argv[3], NULL, 10);
    file = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof(*ledger)) < 0)
        err(3, "%s", argv[1]);
    ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (ledger == MAP_FAILED)
        err(3, "%s", argv[1]);
    if (!lw_init(&(struct lw_options){.application_id = "lastword_torture"}, &error))
        errx(3, "%s", error.description);
    fork_family();
    log_rows(&(uint64_t){seed ^ 0xabcdef}, rows);
    while (wait(NULL) > 0)
        ;
    return 0;
}
