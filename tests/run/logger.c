/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: logger IN OUT
 *
 * Says "ready PID", then logs what it is told. Each byte read from descriptor IN is an order,
 * answered by a line on OUT: l   log 1000 texts "row N" to /log, N counting on; "logged" o   leave
 * an orphan that takes the orders from now on, and end by exit 3; "orphan PID" k   die of SIGKILL
 *     q   end by exit 5; so does an end of file
 */
#include <lastword.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int out;

static void answer(const char *text)
{
    if (write(out, text, strlen(text)) < 0) {
        _exit(9);
    }
}

static void answer_with_pid(const char *word)
{
    char text[64];

    snprintf(text, sizeof(text), "%s %d\n", word, (int)getpid());
    answer(text);
}

static void log_thousand(void)
{
    static int n_rows;
    rr_error error = {0};

    for (int i = 0; i < 1000; i++) {
        if (!lw_log_textf("log", "INFO", &error, "row %d", n_rows++)) {
            fprintf(stderr, "logger: %s\n", error.description);
            _exit(8);
        }
    }
    answer("logged\n");
}

static void become_orphan(void)
{
    pid_t parent = getpid();

    if (fork() != 0) {
        _exit(3);
    }
    while (getppid() == parent) {
        usleep(1000);
    }
    answer_with_pid("orphan");
}

int main(int argc, char **argv)
{
    char order;
    rr_error error = {0};

    if (argc != 3 || !lw_init(&(struct lw_options){.application_id = "logger"}, &error)) {
        fprintf(stderr, "logger: %s\n", argc != 3 ? "usage: logger IN OUT" : error.description);
        return 9;
    }
    out = atoi(argv[2]);
    answer_with_pid("ready");
    while (read(atoi(argv[1]), &order, 1) == 1 && order != 'q') {
        if (order == 'l') {
            log_thousand();
        } else if (order == 'o') {
            become_orphan();
        } else {
            raise(SIGKILL);
        }
    }
    _exit(5);
}
