/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The supervisor and its courier. Whatever happens to couriers, the program is not disturbed: the
 * spools hold its rows. Part of the supervisor's one thread.
 */
#include "harness/supervise/storing.h"

#include "harness/supervise/tree.h"

#include <stdio.h>
#include <string.h>

/* Without a word after it was told to finish, a courier hangs. The spools are safe. */
#define COURIER_SILENCE_MS 300000

static void give_up_storing(struct supervisor *self, const char *why)
{
    if (*self->result->error_text == '\0') {
        snprintf(self->result->error_text, sizeof(self->result->error_text), "%s", why);
    }
    self->phase = OVER;
}

/* While the program runs, having no courier is no reason to disturb it: the spools hold the rows.
 */
static void ensure_courier(struct supervisor *self)
{
    char how[64];
    char why[128];

    if (self->link->pidfd >= 0) {
        return;
    }
    int rc = courier_link_start(self->link);
    if (rc < 0 && self->phase == STORING) {
        snprintf(why, sizeof(why), "no courier can be started (%s); the last one %s", strerror(-rc),
                 report_describe_end(self->courier_status, how, sizeof(how)));
        give_up_storing(self, why);
    }
}

void storing_begin(struct supervisor *self, enum courier_message_kind kind)
{
    timers_clear(&self->timers);
    self->phase = STORING;
    self->storing_since_ms = timers_now_ms();
    if (kind == COURIER_FINISH) {
        timers_set(&self->timers, SILENCE, COURIER_SILENCE_MS);
    }
    courier_link_tell(self->link, kind, 0, 0, "");
    ensure_courier(self);
}

/*
 * The courier tells who holds a spool: mostly who our scan has found, but also who is just ending.
 * Of a process that has logged nothing it knows no pid.
 */
static void on_survivor(struct supervisor *self, const struct courier_message *message)
{
    struct report_list *survivors = &self->result->survivors;
    struct tree_process process;

    bool is_known = message->pid != 0;
    bool lives =
        is_known && tree_read_process(message->pid, &process) == 0 && tree_is_alive(&process);
    if (lives || (!is_known && survivors->n_processes == 0)) {
        report_add(survivors, message->pid, 0, message->text);
    }
}

static void on_message(struct supervisor *self, const struct courier_message *message)
{
    struct supervisor_result *result = self->result;
    const struct supervisor_observer *observer = &self->options->observer;

    switch (message->kind) {
    case COURIER_FAILED:
        snprintf(result->error_text, sizeof(result->error_text), "%s", message->text);
        break;
    case COURIER_SURVIVOR:
        on_survivor(self, message);
        break;
    case COURIER_BAD_END:
        if (!result->timed_out && !report_has(&result->survivors, message->pid)) {
            report_add(&result->ends, message->pid, message->wait_status, message->text);
        }
        break;
    case COURIER_NOTE:
        report_note(&result->notes, message->note_kind, message->pid, message->text);
        break;
    case COURIER_DONE:
        result->counts = *message;
        result->stored = self->phase == STORING;
        break;
    case COURIER_PROGRESS:
        if (self->phase == STORING && observer->storing != NULL &&
            timers_now_ms() - self->storing_since_ms >= SPEAK_AFTER_MS) {
            observer->storing(observer->context, message->bytes);
        }
        break;
    default:
        break;
    }
}

void storing_receive(struct supervisor *self)
{
    struct courier_message message;

    while (courier_link_receive(self->link, &message) == 1) {
        on_message(self, &message);
        if (timers_is_set(&self->timers, SILENCE)) {
            timers_set(&self->timers, SILENCE, COURIER_SILENCE_MS);
        }
    }
}

/*
 * A courier that failed said why, and would fail again now: the next one is for the end, when the
 * disk may have room. One that died says nothing: the next one goes on where it was.
 */
void storing_on_courier_end(struct supervisor *self)
{
    struct supervisor_result *result = self->result;

    storing_receive(self);
    self->courier_status = courier_link_reap(self->link);
    if (result->stored) {
        self->phase = OVER;
    } else if (*result->error_text == '\0') {
        result->n_courier_deaths++;
        ensure_courier(self);
    } else if (self->phase == STORING) {
        self->phase = OVER;
    } else {
        *result->error_text = '\0';
    }
}

void storing_on_silence(struct supervisor *self)
{
    give_up_storing(self, "the courier has not been heard of for five minutes");
}
