# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program finds the same world under lastword as without it, but for five variables."""
import ctypes
import os
import resource
import shutil
import signal
import subprocess

from support import PROBE, SANITIZED, RunCase, main

OURS = ("LD_PRELOAD", "LASTWORD_SESSION", "LASTWORD_RECORDING_ID", "LASTWORD_SDK", "ASAN_OPTIONS")


def facts(text):
    lines = text.splitlines()
    names = tuple(f"variable {name}=" for name in OURS)
    return [line for line in lines if not line.startswith(names)]


def variables(text):
    lines = [line[9:] for line in text.splitlines() if line.startswith("variable ")]
    return dict(line.split("=", 1) for line in lines)


class Guest(RunCase):
    def compare(self, prepare=None, stdin=subprocess.DEVNULL, pass_fds=(), clean=True, options=()):
        """Runs the probe both ways, after `prepare` in the child; returns what it found."""
        found = []
        words = [PROBE, "one", "two words", ""]
        for command in (words, self.command(*words, options=["-q", *options])):
            # Seen from its own session the process group is its own pid, and so is lastword's.
            script = (prepare or "") + '\nexec "$@"'
            if hasattr(stdin, "seek"):
                stdin.seek(0)
            done = subprocess.run(["bash", "-c", script, "bash", *command], stdin=stdin,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env=self.environment, pass_fds=pass_fds, cwd=self.folder,
                                  check=False)
            self.assertEqual(done.returncode, 0, done.stdout.decode())
            found.append(done.stdout.decode())
        without, within = found
        if clean:
            # The pipe of stdout is another one for each start.
            drop = ("descriptor 1:", "descriptor 2:")
            self.assertEqual([line for line in facts(without) if not line.startswith(drop)],
                             [line for line in facts(within) if not line.startswith(drop)])
        return without, within

    def test_plain(self):
        without, within = self.compare()
        self.assertIn("argument 2: two words\nargument 3: \n", within)
        self.assertNotIn("subreaper 1", within)
        self.assertEqual([line for line in without.splitlines() if line.startswith("descriptor 3")],
                         [])

    def test_exactly_the_documented_variables(self):
        without, within = self.compare(clean=False)
        added, given = variables(within), variables(without)
        for name in set(given) - set(OURS):
            self.assertEqual(added.pop(name), given[name], name)
        self.assertEqual(set(added), set(OURS))
        self.assertRegex(added["LD_PRELOAD"], r"^/.*/\.?liblastword-preload\.so$")
        self.assertTrue(added["LASTWORD_SESSION"].startswith(self.sessions))
        self.assertRegex(added["LASTWORD_SDK"], r"^/.*/liblastword\.so[.0-9]*$")
        self.assertRegex(added["LASTWORD_RECORDING_ID"], r"^rec_[0-9a-f]{32}$")
        options = [given["ASAN_OPTIONS"]] if "ASAN_OPTIONS" in given else []
        self.assertEqual(added["ASAN_OPTIONS"], ":".join([*options, "verify_asan_link_order=0"]))

    def test_what_is_preloaded_already_stays_behind_ours(self):
        self.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0"  # for a lastword with ASan
        _, within = self.compare("export LD_PRELOAD=libpthread.so.0:libdl.so.2", clean=False)
        self.assertRegex(variables(within)["LD_PRELOAD"],
                         r"^/.*/liblastword-preload\.so:libpthread\.so\.0:libdl\.so\.2$")

    def test_dispositions(self):
        self.compare("trap '' HUP INT QUIT TERM CHLD TSTP TTIN TTOU PIPE USR1")

    def test_ignored_children(self):
        """An inherited SIG_IGN of SIGCHLD is the program's, and does not cost us its status."""
        command = self.command("sh", "-c", "exit 7")
        got = subprocess.run(command, env=self.environment, stderr=subprocess.PIPE, check=False,
                             preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual(got.returncode, 7)

    def test_mask(self):
        blocked = [signal.SIGUSR1, signal.SIGTERM, signal.SIGINT]
        signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        try:
            _, within = self.compare()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
        mask = sum(1 << (number - 1) for number in blocked)
        self.assertIn(f"SigBlk:\t{mask:016x}\n", within)

    def test_descriptors(self):
        with open(self.folder + "/input", "w+b") as file:
            file.write(b"0123456789")
            file.flush()
            _, within = self.compare("exec 7<&0 9>/dev/null 200</dev/zero", stdin=file)
        for number in (7, 9, 200):
            self.assertRegex(within, rf"(?m)^descriptor {number}: flags 0")

    def test_closed_streams(self):
        _, within = self.compare("exec 0<&-")
        self.assertNotIn("descriptor 0:", within)

    def test_limits_and_masks(self):
        # ASan reserves more address space than any limit allows.
        space = "" if SANITIZED else "ulimit -v 9000000; "
        self.compare(space + "ulimit -S -n 123; ulimit -c 0; umask 027; cd /; "
                     "renice -n 3 $$ >/dev/null")

    def test_a_death_signal(self):
        """Set by who started us, for the case that he dies."""
        def prepare():
            ctypes.CDLL(None).prctl(1, int(signal.SIGUSR1))  # PR_SET_PDEATHSIG
        for command in ([PROBE], self.command(PROBE)):
            done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, preexec_fn=prepare, check=False)
            self.assertIn(f"death signal {int(signal.SIGUSR1)}\n", done.stdout.decode())

    def test_a_small_file_size_limit(self):
        """The program's limit is also the courier's, and no reason to die."""
        limit = 100 * 1024
        got = subprocess.run(self.command("true"), env=self.environment, stderr=subprocess.PIPE,
                             check=False, preexec_fn=lambda: resource.setrlimit(
                                 resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertEqual(got.returncode, 0, got.stderr.decode())

    def test_session_and_group(self):
        for new_session in (False, True):
            process = self.start("sh", "-c", "ps -o pid=,ppid=,pgid=,sid= -p $$",
                                 stdout=subprocess.PIPE, start_new_session=new_session)
            _, parent, group, session = process.communicate()[0].split()
            self.assertEqual(int(parent), process.pid)
            self.assertEqual((int(group), int(session)), (os.getpgid(0), os.getsid(0))
                             if not new_session else (process.pid, process.pid))

    def test_an_awkward_path_of_the_shim(self):
        folder = os.path.join(self.folder, "My Programs: $ORIGIN")
        os.mkdir(folder)
        shim = os.environ["RUN_SHIM"]
        copy = shutil.copy(shim, folder)
        self.environment["LASTWORD_SHIM"] = copy
        got, out, err = self.run_whole("sh", "-c", "grep -c liblastword-preload /proc/self/maps")
        self.assertEqual(got, 0, err)
        self.assertGreater(int(out), 0)
        self.assertNotIn("ld.so", err)
        self.expect_nothing_left()

    def test_nested(self):
        inner = self.command("sh", "-c", 'echo "$LD_PRELOAD $LASTWORD_SESSION"')
        inner[inner.index("-o") + 1] = os.path.join(self.folder, "inner.rrd")
        script = 'echo "$LD_PRELOAD $LASTWORD_SESSION"; "$@"'
        got, out, err = self.run_whole("sh", "-c", script, "sh", *inner)
        self.assertEqual(got, 0, err)
        (outer_shim, outer_session), (inner_shim, inner_session) = (
            line.split() for line in out.decode().splitlines())
        self.assertEqual(outer_shim, inner_shim)
        self.assertNotEqual(outer_session, inner_session)
        self.assertRegex(err, r"-> \S*inner\.rrd\n(?s:.*)-> \S*m\.rrd\n$")
        self.assertTrue(os.path.exists(os.path.join(self.folder, "inner.rrd")))
        self.expect_nothing_left()


main()
