/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Memory that stays: aligned, zeroed, apart, bounded. */
#include "sdk/arena.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#define N_THREADS 4
#define N_PIECES  500

Test(arena, pieces_are_aligned_and_zeroed)
{
    const uint8_t zeros[1000] = {0};

    for (size_t size = 1; size <= sizeof(zeros); size++) {
        uint8_t *piece = arena_allocate(size);

        cr_assert(piece != NULL && (uintptr_t)piece % 8 == 0);
        cr_assert_eq(memcmp(piece, zeros, size), 0);
        memset(piece, 0xff, size);
    }
}

static char no_memory[] = "no memory";
static char not_ours[] = "somebody else's byte";

/* Fills pieces with a byte of its own, and finds it there at the end. */
static void *fill(void *argument)
{
    uint8_t *pieces[N_PIECES];
    int mark = *(int *)argument;

    for (size_t i = 0; i < N_PIECES; i++) {
        pieces[i] = arena_allocate(200);
        if (!pieces[i])
            return no_memory;
        memset(pieces[i], mark, 200);
    }
    for (size_t i = 0; i < N_PIECES; i++) {
        for (size_t k = 0; k < 200; k++) {
            if (pieces[i][k] != mark)
                return not_ours;
        }
    }
    return NULL;
}

Test(arena, threads_get_pieces_of_their_own)
{
    pthread_t threads[N_THREADS];
    int marks[N_THREADS] = {1, 2, 3, 4};

    for (size_t i = 0; i < N_THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, fill, &marks[i]), 0);
    for (size_t i = 0; i < N_THREADS; i++) {
        void *problem;

        pthread_join(threads[i], &problem);
        cr_assert(problem == NULL, "%s", (const char *)problem);
    }
}

Test(arena, it_ends_somewhere)
{
    size_t total = 0;

    cr_assert(arena_allocate(ARENA_MAX_ALLOCATION + 1) == NULL);
    errno = 7;
    while (total < (64u << 20) && arena_allocate(ARENA_MAX_ALLOCATION))
        total += ARENA_MAX_ALLOCATION;
    cr_assert_eq(errno, 7);
    /* Two such pieces do not fit into a chunk together with its head. */
    cr_assert(total >= (8u << 20) && total <= (16u << 20), "%zu", total);
}
