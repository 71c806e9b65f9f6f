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

#define N_MUTANTS 6000

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
    const struct recording_options options = match_recording_options(expectation);
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

/* Everything that looks at rows and processes in a way that family_yaml does not. */
static const char ranges_yaml[] =
    "ends: {program multiprocess: _exit 0, program true 1: exit 0}\n"
    "expect:\n"
    "  - {process: 4 programs multiprocess, entity: /log, text_matches: 'pid=[0-9]+, .*', count: "
    "at "
    "least 1}\n"
    "  - {process: program multiprocess, entity: \"/task_{n}\", recording: \"rec-{r}\", at: "
    "{log_time: at least 2020-01-01T00:00:00Z}, static: false, count: 0 to 2}\n"
    "  - {process: grandchild, entity: \"/{n}\", application: \"lastword_{r}\", count: at most 3}\n"
    "forbid: [{process: program multiprocess, entity: \"/{n}\", text: \"{x}\"}]\n"
    "others: allowed\n";

static void parse(struct expectation *expectation, const char *yaml)
{
    char fault[YAML_FAULT_SIZE] = "";
    cr_assert_eq(expectation_parse(expectation, "f", yaml, strlen(yaml), fault), 0, "%s", fault);
}

Test(recording_mutations, damaged_recordings_are_judged_or_refused, .timeout = 300)
{
    struct recording_maker maker, mutant;
    struct expectation expectations[2];
    size_t n_judged = 0;
    FILE *out = fopen("/dev/null", "we");

    setlocale(LC_CTYPE, "C.UTF-8");
    parse(&expectations[0], family_yaml);
    parse(&expectations[1], ranges_yaml);
    family_make(&maker, &(struct family){.n_children = 3, .is_exec = true, .has_grandchild = true});
    for (uint64_t seed = 1; seed <= N_MUTANTS; seed++) {
        mutant = maker;
        mutant.bytes.data = malloc(maker.bytes.size);
        memcpy(mutant.bytes.data, maker.bytes.data, maker.bytes.size);
        mutate(mutant.bytes.data, mutant.bytes.size, seed);
        char *path = recording_maker_save(&mutant);
        int result = try_file(path, &expectations[seed % 2], out);
        cr_assert(result == 0 || result == -EBADMSG || result == -ENOTSUP || result == -E2BIG,
                  "seed %llu: %d", (unsigned long long)seed, result);
        n_judged += result == 0;
        unlink(path);
        free(path);
        free(mutant.bytes.data);
    }
    /* Were all refused at once, nothing behind the reader would have been tried. */
    cr_assert(n_judged > N_MUTANTS / 10, "%zu", n_judged);
    expectation_done(&expectations[0]);
    expectation_done(&expectations[1]);
    recording_maker_done(&maker);
    fclose(out);
}
