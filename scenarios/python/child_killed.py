# SPDX-License-Identifier: MIT OR Apache-2.0
"""Three children are ended right after their last call of log: by terminate(), by kill(), or by another program.

    child_killed.py terminate|kill|outside
"""

import multiprocessing
import signal
import subprocess
import sys

from rows import join, log_rows, start


def task(logged):
    log_rows("child")
    logged.send(True)
    while True:
        signal.pause()


def end(child, killer):
    if sys.argv[1] == "terminate":
        child.terminate()
    elif sys.argv[1] == "kill":
        child.kill()
    else:
        killer.stdin.write(f"{child.pid}\n".encode())


killer = None
if sys.argv[1] == "outside":
    words = ["/bin/sh", "-c", "echo ready; while read pid; do kill -KILL $pid; done"]
    killer = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    killer.stdout.readline()
start()
log_rows("root")
fork = multiprocessing.get_context("fork")
children = []
for _ in range(3):
    receiver, sender = fork.Pipe(duplex=False)
    children.append(fork.Process(target=task, args=(sender,)))
    children[-1].start()
    receiver.recv()
    end(children[-1], killer)
join(children)
if killer:
    killer.communicate()
