/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The verb: what it prints where, and its exit status for whatever may be wrong. */
#include "harness/cmd_verify.h"
#include "harness/commands.h"
#include "harness/wire/zstd_copy.h"
#include "tests/unit/verify/family.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct outcome {
    int status;
    char out[8192], err[2048];
};

/* Puts a stream into a file while the verb runs; `end_capture` reads it. */
struct capture {
    FILE *file;
    int fd, saved;
};

static struct capture begin_capture(int fd)
{
    struct capture capture = {tmpfile(), fd, dup(fd)};
    cr_assert(capture.file != NULL && capture.saved >= 0);
    cr_assert_eq(dup2(fileno(capture.file), fd), fd);
    return capture;
}

static void end_capture(struct capture *capture, char *text, size_t size)
{
    cr_assert_eq(dup2(capture->saved, capture->fd), capture->fd);
    close(capture->saved);
    rewind(capture->file);
    text[fread(text, 1, size - 1, capture->file)] = '\0';
    fclose(capture->file);
}

static struct outcome run(char **words)
{
    struct outcome outcome;
    int n = 0;
    while (words[n] != NULL) {
        n++;
    }
    fflush(NULL);
    struct capture out = begin_capture(1), err = begin_capture(2);
    outcome.status = cmd_verify(n, words);
    fflush(NULL);
    end_capture(&err, outcome.err, sizeof outcome.err);
    end_capture(&out, outcome.out, sizeof outcome.out);
    return outcome;
}

#define RUN(...)   run((char *[]){(char[]){"verify"}, __VA_ARGS__, NULL})
#define WORD(text) ((char[]){text})

/* A temporary file with that text; the path is the caller's to remove and free. */
static char *write_file(const char *text)
{
    char *path = strdup("/tmp/lastword-test-XXXXXX");
    int fd = mkstemp(path);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

struct files {
    char *recording, *expect;
};

static struct files make_files(const struct family *family, size_t cut_size)
{
    struct recording_maker maker;
    family_make(&maker, family);
    maker.bytes.size -= cut_size;
    struct files files = {recording_maker_save(&maker), write_file(family_yaml)};
    maker.bytes.size += cut_size;
    recording_maker_done(&maker);
    return files;
}

static void remove_files(struct files *files)
{
    unlink(files->recording);
    unlink(files->expect);
    free(files->recording);
    free(files->expect);
}

Test(cmd_verify, passes_and_fails)
{
    struct files files = make_files(&FAMILY_RIGHT, 0);
    char expected[256];
    struct outcome outcome = RUN(files.recording, WORD("--expect"), files.expect);
    cr_assert_eq(outcome.status, STATUS_OK, "%s%s", outcome.out, outcome.err);
    snprintf(expected, sizeof expected, "PASS %s: 8 rows of 4 processes as %s says\n",
             files.recording, files.expect);
    cr_assert_str_eq(outcome.out, expected);
    cr_assert_str_eq(outcome.err, "");
    remove_files(&files);

    files = make_files(&(struct family){.n_children = 3, .extra_of = 1}, 0);
    outcome = RUN(WORD("-e"), files.expect, files.recording);
    cr_assert_eq(outcome.status, STATUS_FAIL);
    cr_assert(strstr(outcome.out, "  extra      /log text \"once more\"\n") != NULL);
    outcome = RUN(WORD("-q"), WORD("-e"), files.expect, files.recording);
    cr_assert_eq(outcome.status, STATUS_FAIL);
    cr_assert_str_eq(outcome.out, "");
    cr_assert_str_eq(outcome.err, "");
    remove_files(&files);
}

Test(cmd_verify, shows_before_it_judges)
{
    struct files files = make_files(&FAMILY_RIGHT, 0);
    struct outcome outcome = RUN(files.recording, WORD("--show"), WORD("--expect"), files.expect);
    cr_assert_eq(outcome.status, STATUS_OK);
    const char *tree = strstr(outcome.out, "child 3"), *box = strstr(outcome.out, "task_3");
    const char *verdict = strstr(outcome.out, "PASS");
    cr_assert(tree != NULL && box != NULL && verdict != NULL && tree < box && box < verdict);
    remove_files(&files);
}

/* Rows are whole before the cut, but how the root ended is not known. */
Test(cmd_verify, a_cut_recording_is_judged_and_said_to_be_cut)
{
    struct files files = make_files(&FAMILY_RIGHT, 3);
    struct outcome outcome = RUN(files.recording, WORD("--expect"), files.expect);
    cr_assert_eq(outcome.status, STATUS_FAIL);
    cr_assert(strstr(outcome.err, "is cut off inside a message; judged is what comes before byte "),
              "%s", outcome.err);
    cr_assert(strstr(outcome.out, "expected return 0, got nothing is known of its end\n"), "%s",
              outcome.out);
    remove_files(&files);
}

/* Puts in the place of the recording its compressed copy, without the last bytes. */
static void compress(const struct files *files, off_t cut_size)
{
    int plain = open(files->recording, O_RDONLY | O_CLOEXEC);
    cr_assert(plain >= 0 && unlink(files->recording) == 0);
    int compressed = open(files->recording, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    cr_assert_eq(zstd_copy(plain, compressed, ZSTD_COPY_DEFAULT_LEVEL, NULL), 0);
    cr_assert_eq(ftruncate(compressed, lseek(compressed, 0, SEEK_END) - cut_size), 0);
    close(plain);
    close(compressed);
}

Test(cmd_verify, a_compressed_recording_is_judged_as_a_plain_one)
{
    struct files files = make_files(&FAMILY_RIGHT, 0);
    compress(&files, 0);
    struct outcome outcome = RUN(files.recording, WORD("-e"), files.expect);
    cr_assert_eq(outcome.status, STATUS_OK, "%s%s", outcome.out, outcome.err);
    cr_assert_str_eq(outcome.err, "");
    remove_files(&files);

    files = make_files(&FAMILY_RIGHT, 0);
    compress(&files, 1);
    outcome = RUN(files.recording, WORD("-e"), files.expect);
    cr_assert_eq(outcome.status, STATUS_OK, "%s%s", outcome.out, outcome.err);
    cr_assert(strstr(outcome.err, " is cut off; judged is what comes before byte "), "%s",
              outcome.err);
    cr_assert(strstr(outcome.err, " of the decompressed recording\n"), "%s", outcome.err);
    remove_files(&files);
}

static void expect_error(struct outcome outcome, int status, const char *part)
{
    cr_assert_eq(outcome.status, status, "%d: %s", outcome.status, outcome.err);
    cr_assert_str_eq(outcome.out, "");
    cr_assert(strstr(outcome.err, part) != NULL, "%s", outcome.err);
    cr_assert(strncmp(outcome.err, "lastword: ", 10) == 0 &&
                  strchr(outcome.err, '\n') == outcome.err + strlen(outcome.err) - 1,
              "one line: %s", outcome.err);
}

Test(cmd_verify, wrong_words_are_usage)
{
    expect_error(run((char *[]){(char[]){"verify"}, NULL}), STATUS_USAGE,
                 "one RECORDING is needed, 0 given");
    expect_error(RUN(WORD("a.rrd")), STATUS_USAGE, "--expect FILE is needed");
    expect_error(RUN(WORD("a.rrd"), WORD("b.rrd"), WORD("-e"), WORD("f")), STATUS_USAGE,
                 "one RECORDING is needed, 2 given");
    expect_error(RUN(WORD("a.rrd"), WORD("--expect")), STATUS_USAGE, "--expect needs a FILE");
    expect_error(RUN(WORD("--colour"), WORD("a.rrd")), STATUS_USAGE, "unknown option '--colour'");
    expect_error(RUN(WORD("-sq"), WORD("-e"), WORD("f"), WORD("a.rrd")), STATUS_USAGE,
                 "contradict each other");
}

Test(cmd_verify, a_wrong_file_of_expectations_is_usage)
{
    struct files files = make_files(&FAMILY_RIGHT, 0);
    char *wrong = write_file("expect:\n  - {process: root, entty: /log}\n");
    char place[128];
    snprintf(place, sizeof place,
             "%s:2:21: an entry of expect has no key 'entty'; did you mean "
             "'entity'?",
             wrong);
    expect_error(RUN(files.recording, WORD("-e"), wrong), STATUS_USAGE, place);
    expect_error(RUN(files.recording, WORD("-e"), WORD("/no/such.yaml")), STATUS_USAGE,
                 "/no/such.yaml: cannot be read: No such file or directory");
    unlink(wrong);
    free(wrong);
    remove_files(&files);
}

Test(cmd_verify, a_recording_that_cannot_be_read_is_no_verdict)
{
    struct files files = make_files(&FAMILY_RIGHT, 0);
    expect_error(RUN(WORD("/no/such.rrd"), WORD("-e"), files.expect), STATUS_FAULT, "/no/such.rrd");
    expect_error(RUN(files.expect, WORD("-e"), files.expect), STATUS_FAULT, files.expect);
    expect_error(RUN(WORD("/"), WORD("-e"), files.expect), STATUS_FAULT, "/");
    remove_files(&files);
}

Test(cmd_verify, help_is_no_error)
{
    struct outcome outcome = RUN(WORD("--help"));
    cr_assert_eq(outcome.status, STATUS_OK);
    cr_assert(strstr(outcome.out, "usage: lastword verify") == outcome.out);
    cr_assert_str_eq(outcome.err, "");
}
