# SPDX-License-Identifier: MIT OR Apache-2.0
"""Kills writers, courier and supervisor at random, then counts with Rerun's own reader.

    torture.py LASTWORD WRITER [--rounds N] [--seed S] [--shim FILE] [--expect-failure]

Each round runs torture_writer under `lastword run`, kills some of its processes by SIGKILL at moments drawn from the seed, and
compares the recording, as rerun's RrdReader gives it, with the ledger that the writer kept: every row whose log call
returned is there exactly once and whole; at most one more per logger, the one that was being logged.

--expect-failure is the negative control: it succeeds only when a round finds rows lost, repeated or torn.
"""

import argparse
import mmap
import os
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import warnings

from rerun.chunk import RrdReader

MAX_LOGGERS = 32
LEDGER_SIZE = 8 + 16 * MAX_LOGGERS
LARGEST_ROW = 300000
ROW = re.compile(r"(\d+) (\d+) (\d+) ([a-z]*)\.")
FILLINGS = ["".join(chr(97 + (number + i * 7) % 26) for i in range(26)) * (LARGEST_ROW // 26 + 1)
            for number in range(26)]


class Fault(Exception):
    """What a round found wrong."""


def read_ledger(path):
    """[(pid, returned)] of the loggers that began."""
    with open(path, "rb") as file:
        data = file.read(LEDGER_SIZE)
    if len(data) < LEDGER_SIZE:
        return []
    n = struct.unpack_from("I", data)[0]
    return [struct.unpack_from("QQ", data, 8 + 16 * i) for i in range(min(n, MAX_LOGGERS))]


def check_row(entity, text):
    """(logger, number) of a row that is whole."""
    match = ROW.fullmatch(text)
    if not match:
        raise Fault(f"{entity}: torn row {text[:80]!r}")
    logger, number, size = int(match[1]), int(match[2]), int(match[3])
    if match[4] != FILLINGS[number % 26][:size] or entity != f"/torture/{logger}":
        raise Fault(f"{entity}: row {logger} {number} has another filling")
    return logger, number


def read_rows(path):
    """{logger: [numbers in the order of row ids]}"""
    rows = {}
    for chunk in RrdReader(path).stream():
        if not chunk.entity_path.startswith("/torture/"):
            continue
        batch = chunk.to_record_batch()
        ids = batch.column("rerun.controls.RowId").to_pylist()
        texts = batch.column("TextLog:text").to_pylist()
        for row_id, text in zip(ids, texts):
            if not text or len(text) != 1:
                raise Fault(f"{chunk.entity_path}: row without its text: {text!r}")
            logger, number = check_row(chunk.entity_path, text[0])
            rows.setdefault(logger, []).append((row_id, number))
    return {logger: [number for _, number in sorted(found)] for logger, found in rows.items()}


def compare(ledger, rows):
    """Raises Fault unless every returned call has its row, once, in order."""
    total = 0
    for logger, (_, returned) in enumerate(ledger):
        numbers = rows.pop(logger, [])
        total += len(numbers)
        if numbers != list(range(len(numbers))):
            wrong = next(i for i, number in enumerate(numbers) if number != i)
            raise Fault(f"logger {logger}: {numbers[wrong]} where {wrong} should be")
        if not returned <= len(numbers) <= returned + 1:
            raise Fault(f"logger {logger}: {returned} calls returned, {len(numbers)} rows arrived")
    if rows:
        raise Fault(f"rows of loggers that never began: {sorted(rows)}")
    return total


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
        return 1
    except ProcessLookupError:
        return 0


def couriers_of(supervisor, writer):
    """The children that are not the program. One that is just dying shows no executable any more."""
    couriers = []
    for child in children(supervisor):
        try:
            if os.path.samefile(f"/proc/{child}/exe", writer):
                continue
        except OSError:
            pass
        couriers.append(child)
    return couriers


def wait_gone(pids):
    """Until none of the processes lives: their pidfds become readable."""
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        with os.fdopen(descriptor) as pidfd:
            if not select.select([pidfd], [], [], 60)[0]:
                raise Fault(f"process {pid} still lives after a minute")


class Round:
    def __init__(self, options, number, folder):
        self.options = options
        self.random = random.Random(options.seed * 1000003 + number)
        self.folder = folder
        self.output = os.path.join(folder, f"{number}.rrd")
        self.ledger = os.path.join(folder, f"{number}.ledger")
        self.killed = {"writers": 0, "couriers": 0, "supervisors": 0}

    def start(self):
        rows = self.random.choice([200, 200, 2000, 10000])
        environment = dict(os.environ, LASTWORD_DIR=self.folder)
        size = self.random.choice([None, "1M", "4M", "64M"])
        if size:
            environment["LASTWORD_SPOOL_SIZE"] = size
        if self.options.shim:
            environment["LASTWORD_SHIM"] = self.options.shim
        command = [self.options.lastword, "run", "-q", "-o", self.output, "--",
                   self.options.writer, self.ledger, str(self.random.randrange(1 << 30)), str(rows)]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def strike(self):
        """One kill of somebody, after a while: the stimulus of the test, not its synchronisation."""
        time.sleep(self.random.random() ** 2 * 0.04)
        self.process.send_signal(signal.SIGSTOP)  # so that its children stay the same meanwhile
        if self.process.poll() is None:
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        couriers = couriers_of(self.process.pid, self.options.writer)
        whom = self.random.random()
        if whom < 0.6:
            pids = [pid for pid, _ in read_ledger(self.ledger)] if os.path.exists(self.ledger) else []
            pid = self.random.choice(pids) if pids else 0
            if pid and self.belongs(pid):
                self.killed["writers"] += kill(pid)
        elif whom < 0.92:
            for courier in couriers:
                self.killed["couriers"] += kill(courier)
        elif self.process.poll() is None:
            self.others = couriers
            self.killed["supervisors"] += kill(self.process.pid)
        self.process.send_signal(signal.SIGCONT)

    def belongs(self, pid):
        """A pid of the ledger may have been given to somebody else since."""
        try:
            with open(f"/proc/{pid}/cmdline") as file:
                return self.ledger in file.read()
        except OSError:
            return False

    def finish(self):
        self.stderr = self.process.communicate(timeout=120)[1].decode()
        if self.killed["supervisors"]:
            wait_gone([pid for pid, _ in read_ledger(self.ledger) if self.belongs(pid)]
                      if os.path.exists(self.ledger) else [])
            wait_gone(self.others)
        self.deliver_what_was_left()

    def deliver_what_was_left(self):
        """Of a killed supervisor, or of one that gave up after too many killed couriers."""
        sessions = os.path.join(self.folder, f"lastword-{os.geteuid()}")
        for name in os.listdir(sessions) if os.path.isdir(sessions) else []:
            if not os.path.exists(self.output):
                result = subprocess.run(
                    [self.options.lastword, "deliver", os.path.join(sessions, name)],
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120)
                # 1: whole, but the program was refused rows. A session that was ended before its
                # program logged holds nothing; if any call returned, run() misses the recording.
                if result.returncode not in (0, 1) and "holds nothing to deliver" not in result.stderr:
                    raise Fault(f"deliver: {result.stderr.strip()}")

    def run(self):
        self.others = []
        self.start()
        for _ in range(self.random.choice([1, 1, 2, 4])):
            self.strike()
            if self.killed["supervisors"]:
                break
        self.finish()
        if not os.path.exists(self.ledger) and not os.path.exists(self.output):
            return 0  # killed before the program began
        ledger = read_ledger(self.ledger) if os.path.exists(self.ledger) else []
        if not any(returned for _, returned in ledger) and not os.path.exists(self.output):
            return 0
        if not os.path.exists(self.output):
            raise Fault(f"no recording; {self.stderr.strip()}")
        return compare(ledger, read_rows(self.output))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lastword")
    parser.add_argument("writer")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--shim", help="preload this shim instead")
    parser.add_argument("--expect-failure", action="store_true")
    return parser.parse_args()


def main():
    options = parse_arguments()
    # A recording without a row, of a program that was killed before its first one, has no footer.
    warnings.filterwarnings("ignore", message="RRD file has no footer")
    killed = {"writers": 0, "couriers": 0, "supervisors": 0}
    rows = 0
    faults = []
    print(f"seed {options.seed}, {options.rounds} rounds", flush=True)
    for number in range(options.first, options.first + options.rounds):
        folder = tempfile.mkdtemp(prefix="lastword-torture-")
        one = Round(options, number, folder)
        try:
            rows += one.run()
        except (Fault, subprocess.SubprocessError) as fault:
            faults.append(number)
            print(f"round {number} (kept: {folder}; again: --seed {options.seed} --first {number} --rounds 1): {fault}",
                  flush=True)
            if options.expect_failure:
                break
            if len(faults) >= 5:
                break
        finally:
            for key in killed:
                killed[key] += one.killed[key]
        if number not in faults:
            shutil.rmtree(folder)
    print(f"{number - options.first + 1} rounds, {rows} rows, killed: "
          + ", ".join(f"{n} {whom}" for whom, n in killed.items())
          + f"; {len(faults)} rounds with rows lost, repeated or torn")
    if options.expect_failure:
        print("as it must be without the commit order" if faults else "the control found nothing: the test proves nothing")
        return 0 if faults else 1
    return 1 if faults else 0


sys.exit(main())
