# SPDX-License-Identifier: MIT OR Apache-2.0
"""What is odd about the start of a program costs it nothing. What it finds: tests/transparency."""
import os
import resource
import shutil
import signal
import subprocess

from support import RunCase, main


class Guest(RunCase):
    def test_ignored_children(self):
        """An inherited SIG_IGN of SIGCHLD is the program's, and does not cost us its status."""
        command = self.command("sh", "-c", "exit 7")
        got = subprocess.run(command, env=self.environment, stderr=subprocess.PIPE, check=False,
                             preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual(got.returncode, 7)

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
