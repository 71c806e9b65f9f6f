/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The environment of exec'd programs: what is put back, what is the program's own business. */
#include "preload/env.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHIM "/opt/lw/liblastword-preload.so"

static const char *const started[] = {
    "HOME=/",
    "LASTWORD_SESSION=/dev/shm/s",
    "LD_PRELOAD=" SHIM,
    "LASTWORD_WAIT=1",
    "LASTWORD_RECORDING_ID=r0",
    "LASTWORD_APPLICATION_ID=a0",
    "LASTWORD_NO_EQUALS",
    NULL,
};
static const struct env_recording own = {
    .recording_id = "r1xx",
    .application_id = "a1xx",
    .recording_id_size = 2,
    .application_id_size = 2,
};

static struct env_start start;
static bool needs_rerun_c;

/* exec's arrays are not const, though nobody writes to them. */
static char *const *as_envp(const char *const *strings)
{
    return (char *const *)(uintptr_t)strings;
}

static void begin(void)
{
    cr_assert(env_start_init(&start, as_envp(started), SHIM));
}

/* Composes in a buffer of exactly the planned size, so that ASan sees a byte too many. */
static char **compose(const char *const *envp, const struct env_recording *recording, bool preloads)
{
    struct env_plan plan;

    env_plan(&plan, &start, as_envp(envp), recording, preloads, needs_rerun_c);
    return plan.size_bytes ? env_compose(&plan, malloc(plan.size_bytes)) : NULL;
}

static void expect(char **got, const char *const *wanted)
{
    size_t i = 0;

    cr_assert_not_null(got);
    for (; wanted[i]; i++)
        cr_assert_str_eq(got[i] ? got[i] : "(end)", wanted[i]);
    cr_assert_null(got[i], "too much: %s", got[i]);
    free(got);
}

TestSuite(env, .init = begin);

Test(env, the_start_is_kept_by_copies)
{
    char session[] = "LASTWORD_SESSION=/dev/shm/s";
    const char *const envp[] = {session, NULL};

    cr_assert(env_start_init(&start, as_envp(envp), SHIM));
    memset(session, 'x', sizeof(session) - 1);
    cr_assert_eq(start.n_kept, 1);
    cr_assert_str_eq(start.kept[0], "LASTWORD_SESSION=/dev/shm/s");
}

Test(env, too_much_at_the_start_is_refused)
{
    static char huge[ENV_STORAGE_SIZE + 1];
    const char *const envp[] = {huge, NULL};
    const char *many[ENV_MAX_KEPT + 2] = {0};

    memset(huge, 'x', sizeof(huge) - 1);
    memcpy(huge, "LASTWORD_A=", 11);
    cr_assert_not(env_start_init(&start, as_envp(envp), SHIM));
    for (size_t i = 0; i <= ENV_MAX_KEPT; i++)
        many[i] = "LASTWORD_A=1";
    cr_assert_not(env_start_init(&start, as_envp(many), SHIM));
}

Test(env, as_started_stays_the_programs_own_array)
{
    const char *const envp[] = {
        "LASTWORD_SESSION=/dev/shm/s",
        "LD_PRELOAD=" SHIM,
        "LASTWORD_WAIT=1",
        "LASTWORD_RECORDING_ID=r0",
        "LASTWORD_APPLICATION_ID=a0",
        "ASAN_OPTIONS=verify_asan_link_order=0",
        NULL,
    };

    cr_assert_null(compose(envp, NULL, true));
}

Test(env, empty_gets_all_back)
{
    const char *const empty[] = {NULL};
    const char *const wanted[] = {
        "LD_PRELOAD=" SHIM,
        "ASAN_OPTIONS=verify_asan_link_order=0",
        "LASTWORD_SESSION=/dev/shm/s",
        "LASTWORD_WAIT=1",
        "LASTWORD_RECORDING_ID=r0",
        "LASTWORD_APPLICATION_ID=a0",
        NULL,
    };

    expect(compose(empty, NULL, true), wanted);
    expect(compose(NULL, NULL, true), wanted);
}

Test(env, other_preloads_and_options_stay)
{
    const char *const envp[] = {"A=1", "LD_PRELOAD=libx.so:/y.so", "ASAN_OPTIONS=detect_leaks=0",
                                NULL};

    expect(compose(envp, NULL, true),
           (const char *const[]){"A=1", "LD_PRELOAD=" SHIM ":libx.so:/y.so",
                                 "ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0",
                                 "LASTWORD_SESSION=/dev/shm/s", "LASTWORD_WAIT=1",
                                 "LASTWORD_RECORDING_ID=r0", "LASTWORD_APPLICATION_ID=a0", NULL});
}

Test(env, the_last_preload_is_the_one_that_counts)
{
    const char *const envp[] = {"LD_PRELOAD=" SHIM, "LD_PRELOAD=", "ASAN_OPTIONS=", NULL};
    char **got = compose(envp, NULL, true);

    cr_assert_str_eq(got[0], "LD_PRELOAD=" SHIM);
    cr_assert_str_eq(got[1], "LD_PRELOAD=" SHIM);
    cr_assert_str_eq(got[2], "ASAN_OPTIONS=verify_asan_link_order=0");
    free(got);
}

Test(env, our_entry_is_known_by_its_file_name)
{
    const char *const envp[] = {"LD_PRELOAD=a.so /else/liblastword-preload.so", "ASAN_OPTIONS=x",
                                NULL};
    const char *const similar[] = {"LD_PRELOAD=/opt/xliblastword-preload.so", NULL};
    char **got = compose(envp, NULL, true);

    cr_assert_str_eq(got[0], envp[0]);
    free(got);
    got = compose(similar, NULL, true);
    cr_assert_str_eq(got[0], "LD_PRELOAD=" SHIM ":/opt/xliblastword-preload.so");
    free(got);
}

/* Takes `value` of LD_PRELOAD to a program that cannot load us; returns the new entry, or NULL. */
static const char *without(const char *value)
{
    static char entry[256], found[256];
    const char *const envp[] = {strcat(strcpy(entry, "LD_PRELOAD="), value), NULL};
    char **got = compose(envp, NULL, false);

    cr_assert_not_null(got); /* our other variables were missing */
    snprintf(found, sizeof(found), "%s", got[0]);
    free(got);
    return strncmp(found, "LD_PRELOAD", 10) == 0 ? found + 11 : NULL;
}

Test(env, a_foreign_program_does_not_get_our_library)
{
    cr_assert_null(without(SHIM));
    cr_assert_str_eq(without(SHIM ":a.so"), "a.so");
    cr_assert_str_eq(without("a.so:" SHIM), "a.so");
    cr_assert_str_eq(without("a.so " SHIM " b.so"), "a.so b.so");
    cr_assert_str_eq(without("a.so:b.so"), "a.so:b.so");
}

Test(env, a_foreign_program_keeps_the_rest_for_its_children)
{
    const char *const envp[] = {NULL};

    expect(compose(envp, NULL, false),
           (const char *const[]){"LASTWORD_SESSION=/dev/shm/s", "LASTWORD_WAIT=1",
                                 "LASTWORD_RECORDING_ID=r0", "LASTWORD_APPLICATION_ID=a0", NULL});
}

Test(env, disabled_or_another_session_is_left_alone)
{
    const char *const disabled[] = {"LASTWORD_DISABLE=yes", NULL};
    const char *const not_disabled[] = {"LASTWORD_DISABLE=0", NULL};
    const char *const other[] = {"LASTWORD_SESSION=/dev/shm/other", NULL};
    char **got;

    cr_assert_null(compose(disabled, &own, true));
    cr_assert_null(compose(other, &own, true));
    got = compose(not_disabled, NULL, true);
    cr_assert_not_null(got);
    free(got);
}

Test(env, the_processs_own_recording_replaces_the_inherited_one)
{
    const char *const inherited[] = {"LASTWORD_RECORDING_ID=r0", "LASTWORD_APPLICATION_ID=a0",
                                     NULL};
    const char *const missing[] = {NULL};
    char **got = compose(inherited, &own, true);

    cr_assert_str_eq(env_value(got, "LASTWORD_RECORDING_ID"), "r1");
    cr_assert_str_eq(env_value(got, "LASTWORD_APPLICATION_ID"), "a1");
    cr_assert_str_eq(got[0], "LASTWORD_RECORDING_ID=r1");
    free(got);
    got = compose(missing, &own, true);
    cr_assert_str_eq(env_value(got, "LASTWORD_RECORDING_ID"), "r1");
    cr_assert_str_eq(env_value(got, "LASTWORD_APPLICATION_ID"), "a1");
    free(got);
}

Test(env, a_recording_that_the_program_names_is_its_wish)
{
    const char *const envp[] = {"LASTWORD_RECORDING_ID=mine", NULL};
    char **got = compose(envp, &own, true);

    cr_assert_str_eq(env_value(got, "LASTWORD_RECORDING_ID"), "mine");
    cr_assert_null(env_value(got, "LASTWORD_APPLICATION_ID"));
    free(got);
}

Test(env, composing_twice_changes_nothing)
{
    const char *const empty[] = {NULL};
    char **once = compose(empty, &own, true);

    cr_assert_null(compose((const char *const *)once, &own, true));
    free(once);
}

#define SDK "/opt/lw/liblastword.so.0"

/* What an exec of a program that needs the SDK, or not, makes of a value of LD_PRELOAD; "" none. */
static const char *exec_to(bool needs, bool preloads, const char *value)
{
    static const char *const begun[] = {"LASTWORD_SESSION=/s", "LASTWORD_SDK=" SDK, NULL};
    static char entry[256], found[256];
    const char *const envp[] = {strcat(strcpy(entry, "LD_PRELOAD="), value), NULL};
    char **got;

    cr_assert(env_start_init(&start, as_envp(begun), SHIM));
    needs_rerun_c = needs;
    got = compose(envp, NULL, preloads);
    cr_assert_not_null(got);
    snprintf(found, sizeof(found), "%s",
             strncmp(got[0], "LD_PRELOAD=", 11) == 0 ? got[0] + 11 : "");
    free(got);
    return found;
}

Test(env, a_program_that_needs_the_sdk_gets_it)
{
    cr_expect_str_eq(exec_to(true, true, SHIM), SDK ":" SHIM);
    cr_expect_str_eq(exec_to(true, true, ""), SHIM ":" SDK);
    cr_expect_str_eq(exec_to(true, true, "a.so b.so"), SHIM ":" SDK ":a.so b.so");
    cr_expect_str_eq(exec_to(true, true, SHIM ":" SDK), SHIM ":" SDK);
}

Test(env, no_other_program_gets_the_sdk)
{
    cr_expect_str_eq(exec_to(false, true, SHIM ":" SDK), SHIM);
    cr_expect_str_eq(exec_to(false, true, SDK ":" SHIM ":a.so"), SHIM ":a.so");
    cr_expect_str_eq(exec_to(false, true, "a.so:" SDK ":b.so"), SHIM ":a.so:b.so");
    cr_expect_str_eq(exec_to(false, true, SHIM ":/else/liblastword.so.0"),
                     SHIM ":/else/liblastword.so.0");
}

Test(env, a_foreign_program_gets_neither)
{
    cr_expect_str_eq(exec_to(true, false, SHIM ":" SDK), "");
    cr_expect_str_eq(exec_to(true, false, "a.so:" SHIM ":b.so:" SDK ":c.so"), "a.so:b.so:c.so");
}
