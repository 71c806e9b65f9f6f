/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs that are started with other environments are covered as well, and no less well off. */
#include "tests/shim/driver.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRELOADED "LD_PRELOAD=" SHIM "\n"

static const char *const functions[] = {"execve", "execv",  "execvp",  "execvpe",  "execl",
                                        "execlp", "execle", "fexecve", "execveat", "execveat_fd"};

Test(exec, an_empty_environment_keeps_what_we_need)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        struct shim_run run;
        char lives[1024], out[1024];

        run_case_with(&run, ARGS("with_empty", functions[i], "LD_PRELOAD", "LASTWORD_X", "HOME"),
                      ARGS("LASTWORD_X=y"));
        snprintf(lives, sizeof(lives),
                 "1.1 exec: cases with_empty %s LD_PRELOAD LASTWORD_X HOME\n"
                 "1.1 ended exec CASES\n"
                 "2.1 exec over 1.1: cases report LD_PRELOAD LASTWORD_X HOME\n"
                 "2.1 ended return\n",
                 functions[i]);
        snprintf(out, sizeof(out), PRELOADED "LASTWORD_X=y\nHOME=(none)\n");
        expect_lives(&run, EXITED(0), lives);
        cr_expect_str_eq(run.out, out);
        shim_run_done(&run);
    }
}

/* The control: without the shim an empty environment is empty. */
Test(exec, an_empty_environment_is_empty_without_the_shim)
{
    struct shim_run run;

    run_case_alone(&run, ARGS("with_empty", "execve", "LD_PRELOAD", "LASTWORD_SESSION"));
    cr_expect_str_eq(run.out, "LD_PRELOAD=(none)\nLASTWORD_SESSION=(none)\n");
    shim_run_done(&run);
}

Test(exec, posix_spawn_with_an_empty_environment)
{
    static const char *const names[] = {"posix_spawn", "posix_spawnp"};

    for (size_t i = 0; i < 2; i++) {
        struct shim_run run;
        char lives[512];

        run_case(&run, ARGS("with_empty", names[i], "LD_PRELOAD"));
        snprintf(lives, sizeof(lives),
                 "1.1 exec: cases with_empty %s LD_PRELOAD\n"
                 "1.1 child 2.1 exited 0\n"
                 "1.1 ended _exit 0\n"
                 "2.1 exec: cases report LD_PRELOAD\n"
                 "2.1 ended return\n",
                 names[i]);
        expect_lives(&run, EXITED(0), lives);
        cr_expect_str_eq(run.out, PRELOADED);
        shim_run_done(&run);
    }
}

Test(exec, env_i)
{
    struct shim_run run;

    shim_run(&run, SHIM, ARGS("env", "-i", "A=b", CASES, "report", "A", "PATH"), NULL);
    expect_lives(&run, EXITED(0),
                 "1.1 exec: env -i A=b CASES report A PATH\n"
                 "1.1 ended exec CASES\n"
                 "2.1 exec over 1.1: cases report A PATH\n"
                 "2.1 ended return\n");
    cr_expect_str_eq(run.out, "A=b\nPATH=(none)\n");
    shim_run_done(&run);
}

/* Runs `report` with the given entries; returns what it printed. */
static void check_report(const char *const *args, const char *out)
{
    struct shim_run run;

    run_case(&run, args);
    cr_expect_str_eq(run.out, out);
    cr_expect_eq(run.wait_status, EXITED(0), "%s", run.err);
    shim_run_done(&run);
}

Test(exec, other_preloads_are_kept_behind_ours)
{
    check_report(ARGS("with_entries", CASES, "LD_PRELOAD=libpthread.so.0", "--", "LD_PRELOAD"),
                 "LD_PRELOAD=" SHIM ":libpthread.so.0\n");
}

/* The program's own recording goes on, also over the one that it was started with. */
Test(exec, the_global_recording_is_handed_on)
{
    struct shim_run run;

    run_case(&run, ARGS("with_recording"));
    cr_expect_str_eq(run.out, "LASTWORD_RECORDING_ID=record\nLASTWORD_APPLICATION_ID=app\n");
    shim_run_done(&run);
    run_case_with(&run, ARGS("with_recording"),
                  ARGS("LASTWORD_RECORDING_ID=outer", "LASTWORD_APPLICATION_ID=outer"));
    cr_expect_str_eq(run.out, "LASTWORD_RECORDING_ID=record\nLASTWORD_APPLICATION_ID=app\n");
    shim_run_done(&run);
    run_case_with(&run,
                  ARGS("with_empty", "execve", "LASTWORD_RECORDING_ID", "LASTWORD_APPLICATION_ID"),
                  ARGS("LASTWORD_RECORDING_ID=outer"));
    cr_expect_str_eq(run.out, "LASTWORD_RECORDING_ID=outer\nLASTWORD_APPLICATION_ID=(none)\n");
    shim_run_done(&run);
}

Test(exec, opting_out)
{
    struct shim_run run;

    run_case(&run, ARGS("with_entries", CASES, "LASTWORD_DISABLE=1", "--", "LD_PRELOAD"));
    cr_expect_str_eq(run.out, "LD_PRELOAD=(none)\n");
    expect_lives(&run, EXITED(0),
                 "1.1 exec: cases with_entries CASES LASTWORD_DISABLE=1 -- LD_PRELOAD\n"
                 "1.1 ended exec CASES\n"
                 "1.1 says 1.1 is opt-out: CASES\n");
    shim_run_done(&run);
}

Test(exec, another_session_is_left_alone)
{
    check_report(ARGS("with_entries", CASES, "LASTWORD_SESSION=/other", "--", "LASTWORD_SESSION",
                      "LD_PRELOAD"),
                 "LASTWORD_SESSION=/other\nLD_PRELOAD=(none)\n");
}

Test(exec, an_environment_too_large_for_the_stack)
{
    static const char *const ways[] = {"execve", "posix_spawn"};

    for (size_t i = 0; i < 2; i++) {
        struct shim_run run;

        run_case(&run, ARGS("with_many", "5000", ways[i]));
        cr_expect_eq(run.wait_status, EXITED(0), "%s", run.err);
        cr_expect(strstr(run.out, "LASTWORD_SESSION=/"), "%s", run.out);
        cr_expect(strstr(run.out, "V0=0000"), "%s", run.out);
        shim_run_done(&run);
    }
}

Test(exec, large_environments_leave_no_mapping_behind)
{
    struct shim_run run;

    run_case(&run, ARGS("mappings_go"));
    cr_expect_eq(run.wait_status, EXITED(0), "%s", run.err);
    cr_expect_eq(count_lives(&run, " exec: cases return 0\n"), 40, "20 by vfork, 20 by spawn");
    shim_run_done(&run);
}

Test(exec, a_failed_one_takes_its_end_back)
{
    check_case(ARGS("failing", "execve", "/nonexistent"), EXITED(ENOENT),
               "1.1 exec: cases failing execve /nonexistent\n"
               "1.1 ended exec /nonexistent\n"
               "1.1 cancelled\n"
               "1.1 ended return\n");
    check_case(ARGS("failing", "execve", "/etc"), EXITED(EACCES),
               "1.1 exec: cases failing execve /etc\n"
               "1.1 ended exec /etc\n"
               "1.1 cancelled\n"
               "1.1 ended return\n");
    check_case(ARGS("failing", "execvp", "no-such-program"), EXITED(ENOENT),
               "1.1 exec: cases failing execvp no-such-program\n"
               "1.1 ended exec no-such-program\n"
               "1.1 cancelled\n"
               "1.1 ended return\n");
    check_case(ARGS("failing", "posix_spawn", "/nonexistent"), EXITED(ENOENT),
               "1.1 exec: cases failing posix_spawn /nonexistent\n"
               "1.1 ended _exit 2\n");
}

Test(exec, a_script_found_in_the_path)
{
    char folder[] = "/tmp/lastword-exec-XXXXXX";
    char script[64], path[80];
    struct shim_run run;
    FILE *file;

    cr_assert_not_null(mkdtemp(folder));
    snprintf(script, sizeof(script), "%s/lastword-script", folder);
    snprintf(path, sizeof(path), "PATH=/nowhere:%s", folder);
    file = fopen(script, "w");
    fprintf(file, "#!%s _exit\n", "/usr/bin/env");
    fclose(file);
    cr_assert_eq(chmod(script, 0755), 0);
    run_case_with(&run, ARGS("failing", "execvp", "lastword-script"), ARGS(path));
    cr_expect_eq(count_lives(&run, "2.1 exec over 1.1: env _exit "), 1);
    snprintf(path, sizeof(path), "1.1 ended exec %s\n", script);
    cr_expect_eq(count_lives(&run, path), 1);
    shim_run_done(&run);
    unlink(script);
    rmdir(folder);
}

/* Of another C library: it would not start with our library, but its children shall find us. */
Test(exec, a_foreign_program_is_spared)
{
    struct shim_run run;

    if (!*FOREIGN)
        cr_skip_test("no foreign program for this machine");
    run_case(&run, ARGS("with_entries", FOREIGN, "LD_PRELOAD=" SHIM ":libother.so", "--"));
    cr_expect_str_eq(run.out, "LD_PRELOAD=libother.so\nsession known\n");
    cr_expect_eq(run.wait_status, EXITED(0));
    shim_run_done(&run);
    run_case(&run, ARGS("with_entries", FOREIGN, "--"));
    cr_expect_str_eq(run.out, "session known\n");
    cr_expect_eq(run.wait_status, EXITED(0));
    shim_run_done(&run);
}

/* The control: it does not start with our library. */
Test(exec, a_foreign_program_fails_with_our_library)
{
    struct shim_run run;

    if (!*FOREIGN)
        cr_skip_test("no foreign program for this machine");
    run_case(&run, ARGS("with_entries", FOREIGN, "LD_PRELOAD=" SHIM, "LASTWORD_DISABLE=1", "--"));
    cr_expect_eq(run.wait_status, EXITED(127));
    shim_run_done(&run);
}

/* A static program cannot be covered, but hands the environment on. */
Test(exec, a_static_programs_children_are_covered)
{
    struct shim_run run;

    if (!*STATIC)
        cr_skip_test("no static C library here");
    run_case(&run, ARGS("with_entries", STATIC, "--", CASES));
    expect_lives(&run, EXITED(3),
                 "1.1 exec: cases with_entries " STATIC " -- CASES\n"
                 "1.1 ended exec " STATIC "\n"
                 "1.1 says 1.1 is static: " STATIC "\n"
                 "2.1 exec over 1.1: cases _exit 3\n"
                 "2.1 ended _exit 3\n");
    shim_run_done(&run);
}

#define ASAN_LIVES                                                                                 \
    "2.1 exec over 1.1: with_asan report\n"                                                        \
    "2.1 child 2.2 exited 3\n"                                                                     \
    "2.1 ended return\n"                                                                           \
    "2.2 fork of 2.1\n"                                                                            \
    "2.2 ended _exit 3\n"

Test(exec, an_asan_program_starts)
{
    struct shim_run run;

    if (!*WITH_ASAN)
        cr_skip_test("no ASan here");
    run_case(&run, ARGS("with_entries", WITH_ASAN, "ASAN_OPTIONS=detect_leaks=0", "--"));
    cr_expect_eq(run.wait_status, EXITED(3), "%s", run.err);
    cr_expect_eq(count_lives(&run, ASAN_LIVES), 1);
    shim_run_done(&run);
}

/* The control: where the runtime is a library of its own, it refuses to come second. */
Test(exec, an_asan_program_refuses_without_our_option)
{
    struct shim_run run;

    if (!*WITH_ASAN || !ASAN_IS_SHARED)
        cr_skip_test("the ASan runtime is linked into the program");
    run_case(&run, ARGS("with_entries", WITH_ASAN, "LD_PRELOAD=" SHIM, "LASTWORD_DISABLE=1", "--"));
    cr_expect_eq(run.wait_status, EXITED(1));
    cr_expect(strstr(run.err, "ASan runtime does not come first"), "%s", run.err);
    shim_run_done(&run);
}
