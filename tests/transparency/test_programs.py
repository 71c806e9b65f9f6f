# SPDX-License-Identifier: MIT OR Apache-2.0
"""Real programs do, print and return under lastword what they do without it.

usage: test_programs.py [--long] [NAME...]
"""
import concurrent.futures
import hashlib
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

from programs import Program, PROGRAMS

LASTWORD, TREE = os.environ["LASTWORD"], os.environ["SOURCE_ROOT"]
TIMEOUT_S = 60
# What must be seen to differ, in each of its ways; else the comparison is blind.
CONTROLS = [Program("control", script) for script in (
    "echo ${LASTWORD_SESSION+set}", "echo ${LASTWORD_SESSION+set} >&2", "echo ${LASTWORD_SESSION+set} >file",
    'trap "exit ${LASTWORD_SESSION+1}" EXIT')]


def undo_runner():
    """What runs the tests must not decide what programs find."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


def environment(folder):
    kept = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": folder + "/home", "TMPDIR": folder, "LC_ALL": "C.UTF-8", "TERM": "dumb", "TREE": TREE,
            "LASTWORD_DIR": folder + "/sessions", "LASTWORD_SHIM": os.environ["RUN_SHIM"]}


def run_plain(command, cwd, variables):
    done = subprocess.run(command, cwd=cwd, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=TIMEOUT_S, preexec_fn=undo_runner, check=False)
    return done.returncode, done.stdout, done.stderr


def run_typed(command, cwd, variables, typed):
    """In a terminal: types the keys when it shows what they wait for."""
    pid, terminal = pty.fork()
    if pid == 0:
        signal.alarm(TIMEOUT_S)
        undo_runner()
        os.chdir(cwd)
        os.execvpe(command[0], command, variables)
    shown, seen = b"", 0
    try:
        for pattern, keys in [*typed, (None, None)]:
            while pattern is None or not (found := re.search(pattern, shown[seen:])):
                if not select.select([terminal], [], [], TIMEOUT_S)[0]:
                    raise TimeoutError(f"{pattern} is not shown, but {shown[seen:]}")
                shown += os.read(terminal, 4096)
            seen += found.end()
            os.write(terminal, keys)
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)
        raise
    except OSError:
        pass  # EIO: it has ended
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown, b""


def files_in(folder):
    """Each file below with its mode and what it holds; what git keeps times in is only named."""
    found = {}
    for path, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            full = os.path.join(path, name)
            status = os.lstat(full)
            plain = stat.S_ISREG(status.st_mode) and "/.git" not in full
            with open(full if plain else "/dev/null", "rb") as file:
                found[os.path.relpath(full, folder)] = status.st_mode, hashlib.sha256(file.read()).hexdigest()
    return found


def run(program, prefix, folder):
    """Status, streams and files; what varies from run to run is taken out."""
    cwd = folder + "/work"
    for path in (cwd, folder + "/home", folder + "/sessions"):
        shutil.rmtree(path, ignore_errors=True)
        os.mkdir(path)
    command = [*prefix, *program.shell, *([program.script] if program.script else [])]
    if program.typed:
        status, *streams = run_typed(command, cwd, environment(folder), program.typed)
    else:
        status, *streams = run_plain(command, cwd, environment(folder))
    if program.varies:
        # A whole line may also be there or not.
        streams = [re.sub(program.varies.encode(), lambda found: b"" if found[0].endswith(b"\n") else b"#", stream)
                   for stream in streams]
    return {"status": status, "stdout": streams[0], "stderr": streams[1], "files": files_in(cwd)}


def judge(program):
    """'' for the same, or what differs."""
    missing = [name for name in program.needs if shutil.which(name) is None]
    if missing:
        return f"skipped: no {missing[0]}"
    folder = tempfile.mkdtemp(prefix="transparency-", dir="/tmp")
    os.chmod(folder, 0o777)
    try:
        without = run(program, [], folder)
        within = run(program, [LASTWORD, "run", "-q", "-o", folder + "/m.rrd", "--"], folder)
        if not os.path.exists(folder + "/m.rrd"):
            return "there is no recording: was it under lastword at all?"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if without["status"] != program.status:
        return f"it does not do without lastword what it is for: {without}"
    differing = [what for what in without if without[what] != within[what]]
    return "\n".join(f"{what}\n  without: {without[what]}\n  within:  {within[what]}" for what in differing)


def main():
    long, names = "--long" in sys.argv, [word for word in sys.argv[1:] if word != "--long"]
    chosen = [program for program in PROGRAMS if (program.name in names if names else long or not program.long)]
    n_bad = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for program, verdict in zip(chosen, pool.map(judge, chosen)):
            bad = verdict != "" and not verdict.startswith("skipped")
            n_bad += bad
            print(f"{'DIFFERS' if bad else 'same   ' if not verdict else 'skipped'} {program.name}"
                  f"{': ' if verdict else ''}{verdict}", flush=True)
    print(f"{len(chosen)} programs, {n_bad} different")
    n_unseen = sum(judge(control) == "" for control in CONTROLS)
    if n_unseen > 0:
        print(f"{n_unseen} of the controls were not seen to differ")
    sys.exit(n_bad > 0 or n_unseen > 0 or not chosen)


if __name__ == "__main__":
    main()
