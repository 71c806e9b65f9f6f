/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the courier writes: what is in the way, what moves, what is full. */
#include "courier_case.h"

#include "sdk/spool/spool_internal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(courier_places, .init = case_begin, .fini = case_end, .timeout = 300);

Test(courier_places, a_part_of_somebody_else_is_not_touched)
{
    char part[128];
    int file;

    run_program(log_100);
    snprintf(part, sizeof(part), "%s.part", output);
    file = open(part, O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(write(file, "precious", 8), 8);
    cr_assert_eq(deliver(output), -EEXIST);
    cr_assert(strstr(shared->error_text, part) != NULL);
    cr_assert_eq(lseek(file, 0, SEEK_END), 8);
    close(file);
    cr_assert_eq(deliver(other_output), 0, "%s", shared->error_text);
    assert_numbers(other_output, "/log", 0, 100);
    cr_assert_not(file_exists(output));
}

Test(courier_places, no_place_to_write_leaves_everything)
{
    run_program(log_100);
    cr_assert_eq(deliver("/tmp/no/such/folder/m.rrd"), -ENOENT);
    cr_assert_eq(count_files("*.spool"), 1);
    cr_assert_eq(deliver(output), 0);
    assert_numbers(output, "/log", 0, 100);
}

Test(courier_places, a_disk_without_room_loses_nothing)
{
    pid_t child;

    run_program(log_much);
    child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, 100000});
        be_courier(output, -1);
    }
    reap(child);
    cr_assert_eq(shared->result, -EFBIG);
    cr_assert(strstr(shared->error_text, "m.rrd.part") != NULL, "%s", shared->error_text);
    cr_assert_not(file_exists(output));
    cr_assert_eq(deliver(NULL), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 20000);
}

Test(courier_places, a_survivor_is_named_and_its_later_rows_join_the_same_recording)
{
    pid_t program = start_steps();
    struct served served;
    size_t counts[32];

    wait_for_word(to_test[0]);
    served = serve(output);
    finish(&served, counts);
    cr_assert_eq(shared->result, 0, "%s", shared->error_text);
    cr_assert_eq(counts[COURIER_SURVIVOR], 1);
    cr_assert_eq(counts[COURIER_DONE], 1);
    assert_numbers(output, "/log", 0, 100);
    cr_assert_eq(count_files("*.spool"), 1);
    give_word(to_program[1]);
    wait_for_word(to_test[0]);
    give_word(to_program[1]);
    wait_for_word(to_test[0]);
    give_word(to_program[1]);
    reap(program);
    cr_assert_eq(deliver(NULL), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 300);
    cr_assert_eq(shared->report.rows_stored, 300);
    cr_assert_eq(count_files("*"), 0);
}

Test(courier_places, a_recording_that_was_changed_is_not_written_over)
{
    pid_t program = start_steps();
    struct served served;
    size_t counts[32];
    int file;

    wait_for_word(to_test[0]);
    served = serve(output);
    finish(&served, counts);
    file = open(output, O_WRONLY | O_TRUNC);
    cr_assert_eq(write(file, "mine", 4), 4);
    for (int i = 0; i < 2; i++) {
        give_word(to_program[1]);
        wait_for_word(to_test[0]);
    }
    give_word(to_program[1]);
    reap(program);
    cr_assert_eq(deliver(NULL), -EEXIST);
    cr_assert_eq(lseek(file, 0, SEEK_END), 4);
    close(file);
    cr_assert_eq(deliver(other_output), 0, "%s", shared->error_text);
    assert_numbers(other_output, "/log", 100, 200);
    cr_assert_not(file_exists("m.rrd.part"));
}

Test(courier_places, a_killed_couriers_rows_move_to_another_output)
{
    pid_t program = start_steps();
    struct served served = serve(output);
    char part[128];

    wait_for_word(to_test[0]);
    snprintf(part, sizeof(part), "%s.part", output);
    /* Rows reach the file within 100 ms; only then is there anything to move. */
    for (int i = 0; i < 100; i++) {
        struct stored_texts texts = read_texts(part);
        size_t n = texts.n;

        stored_texts_done(&texts);
        if (n == 100)
            break;
        cr_assert_lt(i, 99, "no rows in the outbox");
        poll(NULL, 0, 20);
    }
    kill(served.courier, SIGKILL);
    reap(served.courier);
    for (int i = 0; i < 2; i++) {
        give_word(to_program[1]);
        wait_for_word(to_test[0]);
    }
    give_word(to_program[1]);
    reap(program);
    cr_assert_eq(deliver(other_output), 0, "%s", shared->error_text);
    assert_numbers(other_output, "/log", 0, 300);
    cr_assert_not(file_exists(part));
    cr_assert_not(file_exists(output));
}

/* --- A session without room --------------------------------------------------------------------
 */

static void fill_the_session(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    spool_state.full_wait_ms = 20000;
    for (uint64_t k = 0; k < 20000; k++) {
        if (write_number(recording, "log", k, 200) < 0)
            _exit(1);
        if (k % 200 == 199) {
            pid_t child = fork();

            if (child == 0)
                _exit(write_number(recording, "child", k / 200, 100) < 0);
            if (waitpid(child, NULL, 0) != child)
                _exit(1);
        }
    }
}

/* The spools take all the memory there is; what the courier notes needs some, too. */
Test(courier_places, a_full_session_goes_on)
{
    struct served served;
    size_t counts[32];

    if (!mount_tmpfs(session, "size=900k,mode=0700"))
        cr_skip("mounting needs privileges");
    served = serve(output);
    run_program(fill_the_session);
    finish(&served, counts);
    cr_assert_eq(shared->result, 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 20000);
    assert_numbers(output, "/child", 0, 100);
    cr_assert_eq(umount2(session, MNT_DETACH), 0);
}

Test(courier_places, a_full_disk_is_waited_out)
{
    struct served served;
    size_t counts[32];

    if (!mount_tmpfs(folder, "size=100k,mode=0700"))
        cr_skip("mounting needs privileges");
    served = serve(output);
    run_program(log_much);
    cr_assert_not(file_exists(output));
    cr_assert_eq(mount("none", folder, "tmpfs", MS_REMOUNT, "size=20m,mode=0700"), 0);
    finish(&served, counts);
    cr_assert_eq(shared->result, 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 20000);
    cr_assert_eq(umount2(folder, MNT_DETACH), 0);
}

Test(courier_places, a_disk_that_stays_full_is_told_and_loses_nothing)
{
    struct served served;
    size_t counts[32];

    if (!mount_tmpfs(folder, "size=100k,mode=0700"))
        cr_skip("mounting needs privileges");
    served = serve(output);
    run_program(log_much);
    finish(&served, counts);
    cr_assert_eq(shared->result, -ENOSPC);
    cr_assert(strstr(shared->error_text, "m.rrd.part") != NULL, "%s", shared->error_text);
    cr_assert_eq(mount("none", folder, "tmpfs", MS_REMOUNT, "size=20m,mode=0700"), 0);
    cr_assert_eq(deliver(NULL), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 20000);
    cr_assert_eq(umount2(folder, MNT_DETACH), 0);
}
