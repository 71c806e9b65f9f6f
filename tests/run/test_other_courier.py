# SPDX-License-Identifier: MIT OR Apache-2.0
"""What couriers do rarely: they are slow, late or gone. See other_courier.c."""
import os
import signal
import unittest.mock

import support
from support import Pipe, RunCase, main
from test_terminal import Shell


class OtherCourier(RunCase):
    def setUp(self):
        super().setUp()
        self.fifo = os.path.join(self.folder, "gate")
        os.mkfifo(self.fifo)
        patch = unittest.mock.patch.object(support, "LASTWORD", os.environ["RUN_OTHER_COURIER"])
        patch.start()
        self.addCleanup(patch.stop)
        self.environment["LASTWORD_SHIM"] = os.environ["RUN_SHIM"]

    def test_progress_is_shown_on_a_terminal(self):
        self.environment["OTHER_COURIER"] = "slow:" + self.fifo
        shell = Shell(self, self.command("true"), self.environment)
        shell.screen_until(rb"\rlastword: storing, 5 MiB so far\x1b\[K")
        with open(self.fifo, "wb") as gate:
            gate.write(b"x")
        shell.screen_until(rb"\r\x1b\[K(?s:.*)lastword: 7 processes.*\n")
        self.assertEqual(shell.hear(), ("ended", 0))

    def test_a_signal_before_the_program_is_started(self):
        """It ends lastword as it would have ended the program, which is not started any more."""
        self.environment["OTHER_COURIER"] = "late:" + self.fifo
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            lines = Pipe(self)
            process = self.start(*self.python("os.write(args[0], b'ran\\n')", lines.write_end),
                                 pipes=[lines])
            with open(self.fifo, "wb"):  # returns when the courier waits, and lastword for it
                process.send_signal(number)
            self.assertEqual(process.wait(), -number)
            self.assertEqual(lines.rest(), "")
            self.assertEqual(process.stderr.read(), b"")
            self.expect_nothing_left()

    def test_a_courier_that_ends_before_it_is_ready(self):
        self.environment["OTHER_COURIER"] = "mute"
        got, out, err = self.run_whole("echo", "ran")
        self.assertEqual((got, out, err),
                         (125, b"", "lastword: the courier ended before it was ready\n"))
        self.expect_nothing_left()


main()
