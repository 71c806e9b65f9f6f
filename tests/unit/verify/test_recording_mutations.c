/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Recordings with random damage, through all that reads and shows them: each is judged or refused
 * by one line. Run it under ASan and UBSan for its full worth.
 */
#include "harness/verify/diff.h"
#include "harness/verify/show.h"
#include "tests/support/random.h"
#include "tests/unit/verify/family.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_MUTANTS 3000

/* Damages the bytes behind the stream header: most mutants keep their frames. */
static void mutate(uint8_t *bytes, size_t size, uint64_t seed)
{
    uint64_t state = random_seed(seed);
    for (uint64_t n = 1 + seed % 6; n > 0; n--) {
        size_t at = 12 + random_next(&state) % (size - 12);
        static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
        if (random_next(&state) % 2 == 0) {
            bytes[at] ^= (uint8_t)(1u << random_next(&state) % 8);
        } else {
            bytes[at] = values[random_next(&state) % sizeof values];
        }
    }
}

/* Reads, judges and shows a file; returns what recording_load did. */
static int try_file(const char *path, const struct expectation *expectation, FILE *out)
{
    struct recording recording;
    struct match match;
    struct rrd_error error = {""};
    const struct recording_options options = {match_n_rows_kept(expectation), match_wants,
                                              expectation};
    const struct terminal terminal = {out, true, true, 80};
    int result = recording_load(&recording, path, &options, &error);
    if (result < 0) {
        cr_assert(error.text[0] != '\0' && strchr(error.text, '\n') == NULL, "'%s'", error.text);
        return result;
    }
    cr_assert_eq(match_run(&match, expectation, &recording), 0);
    cr_assert_eq(show_print(&terminal, &recording), 0);
    diff_print(&terminal, &match, expectation, &recording);
    diff_print_verdict(&terminal, &match, expectation, &recording, path);
    match_done(&match);
    recording_done(&recording);
    return 0;
}

Test(recording_mutations, damaged_recordings_are_judged_or_refused, .timeout = 300)
{
    struct recording_maker maker, mutant;
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE] = "";
    size_t n_judged = 0;
    FILE *out = fopen("/dev/null", "we");

    setlocale(LC_CTYPE, "C.UTF-8");
    cr_assert_eq(expectation_parse(&expectation, "f", family_yaml, strlen(family_yaml), fault), 0);
    family_make(&maker, &(struct family){.n_children = 3, .is_exec = true, .has_grandchild = true});
    for (uint64_t seed = 1; seed <= N_MUTANTS; seed++) {
        mutant = maker;
        mutant.bytes.data = malloc(maker.bytes.size);
        memcpy(mutant.bytes.data, maker.bytes.data, maker.bytes.size);
        mutate(mutant.bytes.data, mutant.bytes.size, seed);
        char *path = recording_maker_save(&mutant);
        int result = try_file(path, &expectation, out);
        cr_assert(result == 0 || result == -EBADMSG || result == -ENOTSUP || result == -E2BIG,
                  "seed %llu: %d", (unsigned long long)seed, result);
        n_judged += result == 0;
        unlink(path);
        free(path);
        free(mutant.bytes.data);
    }
    /* Were all refused at once, nothing behind the reader would have been tried. */
    cr_assert(n_judged > N_MUTANTS / 10, "%zu", n_judged);
    expectation_done(&expectation);
    recording_maker_done(&maker);
    fclose(out);
}
