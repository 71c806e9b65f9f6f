/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The program's environment: what was there stays, and exactly four variables are ours. */
#include "harness/supervise/environment.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct environment_settings settings = {
    .shim = "/lib/liblastword-preload.so", .session = "/dev/shm/s", .recording_id = "rec_1"};

static void expect(char *const *base, const char *const *wanted)
{
    struct environment environment;

    cr_assert_eq(environment_init(&environment, base, &settings), 0);
    size_t i = 0;
    for (; wanted[i] != NULL && environment.entries[i] != NULL; i++) {
        cr_expect_str_eq(environment.entries[i], wanted[i]);
    }
    cr_expect(wanted[i] == NULL && environment.entries[i] == NULL, "%zu entries", i);
    environment_done(&environment);
}

Test(environment, sets_four_variables_in_an_empty_one)
{
    expect((char *const[]){NULL},
           (const char *const[]){"LD_PRELOAD=/lib/liblastword-preload.so",
                                 "LASTWORD_SESSION=/dev/shm/s", "LASTWORD_RECORDING_ID=rec_1",
                                 "ASAN_OPTIONS=verify_asan_link_order=0", NULL});
}

Test(environment, keeps_the_rest_in_order_and_replaces_ours)
{
    char *base[] = {"B=2",
                    "LASTWORD_SESSION=/old",
                    "A=",
                    "LASTWORD_RECORDING_ID=old",
                    "A=twice",
                    "no equals sign",
                    "LASTWORD_SESSION=/again",
                    NULL};

    expect(base, (const char *const[]){"B=2", "A=", "A=twice", "no equals sign",
                                       "LD_PRELOAD=/lib/liblastword-preload.so",
                                       "LASTWORD_SESSION=/dev/shm/s", "LASTWORD_RECORDING_ID=rec_1",
                                       "ASAN_OPTIONS=verify_asan_link_order=0", NULL});
}

Test(environment, flush_is_set_only_where_it_is_asked_for)
{
    const struct environment_settings asked = {
        .session = "/s", .recording_id = "r", .flush = "stdio"};
    const struct environment_settings unasked = {.session = "/s", .recording_id = "r", .flush = ""};
    char *base[] = {"LASTWORD_FLUSH=outer", NULL};
    struct environment environment;

    cr_assert_eq(environment_init(&environment, base, &asked), 0);
    cr_expect_str_eq(environment.entries[2], "LASTWORD_FLUSH=stdio");
    cr_expect_null(environment.entries[3]);
    environment_done(&environment);
    cr_assert_eq(environment_init(&environment, base, &unasked), 0);
    cr_expect_str_eq(environment.entries[0], "LASTWORD_FLUSH=outer");
    environment_done(&environment);
}

static void expect_entry(char *given, const char *wanted)
{
    struct environment environment;

    cr_assert_eq(environment_init(&environment, (char *const[]){given, NULL}, &settings), 0);
    const char *name_end = strchr(wanted, '=') + 1;
    const char *found = "nothing";
    for (char **entry = environment.entries; *entry != NULL; entry++) {
        if (strncmp(*entry, wanted, (size_t)(name_end - wanted)) == 0) {
            found = *entry;
        }
    }
    cr_expect_str_eq(found, wanted);
    environment_done(&environment);
}

Test(environment, puts_the_shim_before_what_is_preloaded_already)
{
    expect_entry("LD_PRELOAD=", "LD_PRELOAD=/lib/liblastword-preload.so");
    expect_entry("LD_PRELOAD=libjemalloc.so.2 /x/y.so:z.so",
                 "LD_PRELOAD=/lib/liblastword-preload.so:libjemalloc.so.2:/x/y.so:z.so");
    expect_entry("LD_PRELOAD= : a.so :", "LD_PRELOAD=/lib/liblastword-preload.so:a.so");
}

Test(environment, takes_away_the_shim_of_an_outer_run)
{
    expect_entry("LD_PRELOAD=/outer/liblastword-preload.so:a.so:/s/.liblastword-preload.so",
                 "LD_PRELOAD=/lib/liblastword-preload.so:a.so");
    expect_entry("LD_PRELOAD=liblastword-preload.so", "LD_PRELOAD=/lib/liblastword-preload.so");
    expect_entry("LD_PRELOAD=/x/notliblastword-preload.so",
                 "LD_PRELOAD=/lib/liblastword-preload.so:/x/notliblastword-preload.so");
}

Test(environment, leaves_the_users_asan_options_alone)
{
    expect_entry("ASAN_OPTIONS=detect_leaks=0",
                 "ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0");
    expect_entry("ASAN_OPTIONS=verify_asan_link_order=1", "ASAN_OPTIONS=verify_asan_link_order=1");
}

static void expect_with_sdk(bool needs_sdk, char *given, const char *preload, const char *sdk)
{
    struct environment_settings with = settings;
    struct environment environment;
    const char *found_preload = "none", *found_sdk = "none";

    with.sdk = "/lib/liblastword.so.0";
    with.needs_sdk = needs_sdk;
    cr_assert_eq(environment_init(&environment, (char *const[]){given, NULL}, &with), 0);
    for (char **entry = environment.entries; *entry != NULL; entry++) {
        found_preload = strncmp(*entry, "LD_PRELOAD=", 11) == 0 ? *entry + 11 : found_preload;
        found_sdk = strncmp(*entry, "LASTWORD_SDK=", 13) == 0 ? *entry + 13 : found_sdk;
    }
    cr_expect_str_eq(found_preload, preload);
    cr_expect_str_eq(found_sdk, sdk);
    environment_done(&environment);
}

Test(environment, only_a_program_that_needs_the_sdk_gets_it)
{
    expect_with_sdk(true, "LD_PRELOAD=a.so",
                    "/lib/liblastword-preload.so:/lib/liblastword.so.0:a.so",
                    "/lib/liblastword.so.0");
    expect_with_sdk(false, "LD_PRELOAD=a.so", "/lib/liblastword-preload.so:a.so",
                    "/lib/liblastword.so.0");
}

Test(environment, who_preloads_the_sdk_himself_means_it_everywhere)
{
    expect_with_sdk(true, "LD_PRELOAD=/lib/liblastword.so.0",
                    "/lib/liblastword-preload.so:/lib/liblastword.so.0", "none");
}
