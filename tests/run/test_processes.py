# SPDX-License-Identifier: MIT OR Apache-2.0
"""What run and ps tell of processes: programs without the shim and why, strictness, the C SDK."""
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import unittest

from support import LASTWORD, SANITIZED, RunCase, courier_of, main

STATIC = os.environ["RUN_STATIC"]
FOREIGN = os.environ["RUN_FOREIGN"]
OFFICIAL = os.environ["RUN_OFFICIAL_LOGGER"]
NOTER = os.environ["RUN_NOTER"]
PYTHON = os.path.realpath("/usr/bin/python3")


class ProcessCase(RunCase):
    def ps(self, *options, status=0):
        done = subprocess.run([LASTWORD, "ps", *options, self.recording], capture_output=True,
                              encoding="utf-8")
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def ps_json(self):
        return json.loads(self.ps("--json"))

    def uncovered(self):
        """{file name: reason} of what was not covered; each must be there once."""
        found = self.ps_json()["uncovered"]
        reasons = {os.path.basename(one["executable"]): one["reason"] for one in found}
        self.assertEqual(len(reasons), len(found), found)
        return reasons

    def python_program(self, code, *arguments):
        return [PYTHON, "-S", "-c", "import os, subprocess, sys\n" + code, *map(str, arguments)]

    def run_ok(self, *words, **settings):
        status, out, err = self.run_whole(*words, **settings)
        self.assertEqual(status, 0, err)
        return err


class Uncovered(ProcessCase):
    def test_a_covered_run_has_none(self):
        err = self.run_ok("sh", "-c", "true; (exit 3); true | cat")
        self.assertNotIn("not covered", err)
        told = self.ps_json()
        self.assertEqual((told["uncovered"], told["totals"]["not_covered"]), ([], 0))
        self.assertGreaterEqual(told["totals"]["processes"], 2)
        self.ps("--strict")

    @unittest.skipIf(os.geteuid() != 0, "only root can become another")
    def test_a_user_who_may_not_read_the_shim(self):
        """Its loader would complain on stderr."""
        folder = os.path.join(self.folder, "private")
        os.mkdir(folder, 0o700)
        self.environment["LASTWORD_SHIM"] = shutil.copy(os.environ["RUN_SHIM"], folder)
        code = "os.setresuid(65534, 65534, 65534); os.execv('/bin/echo', ['echo', 'said'])"
        status, out, err = self.run_whole(*self.python_program(code))
        self.assertEqual((status, out), (0, b"said\n"))
        self.assertNotIn("ld.so", err)
        self.assertEqual(self.uncovered(), {"echo": "another user, who may not read the shim"})

    def test_the_program_itself(self):
        status, _, err = self.run_whole(STATIC)
        self.assertRegex(err, r"lastword: 1 process was not covered: \d+ \S+: static\n")
        [one] = self.ps_json()["uncovered"]
        self.assertEqual((one["made_by"], one["reason"], one["ended_by"], one["status"]),
                         ("run", "static", "exit", status))

    def test_by_vfork(self):
        """subprocess makes its children by vfork and exec."""
        self.run_ok(*self.python_program("subprocess.run([sys.argv[1]])", STATIC))
        told = self.ps_json()
        [one] = told["uncovered"]
        self.assertEqual((one["executable"], one["reason"], one["made_by"], one["seen_by"]),
                         (STATIC, "static", "spawn", "parent"))
        self.assertEqual(one["parent"], told["processes"][0]["name"])

    def test_by_posix_spawn(self):
        self.run_ok(*self.python_program(
            "pid = os.posix_spawn(sys.argv[1], ['x'], os.environ)\nos.waitpid(pid, 0)", STATIC))
        [one] = self.ps_json()["uncovered"]
        self.assertEqual((one["reason"], one["made_by"]), ("static", "spawn"))

    def test_by_fork_and_exec(self):
        self.run_ok(*self.python_program(
            "pid = os.fork()\nif pid == 0: os.execv(sys.argv[1], ['x'])\nos.waitpid(pid, 0)",
            STATIC))
        told = self.ps_json()
        [one] = told["uncovered"]
        self.assertEqual((one["reason"], one["made_by"]), ("static", "exec"))
        [child] = [p for p in told["processes"] if p["made_by"] == "fork"]
        self.assertEqual(one["image_of"], child["name"])
        self.assertEqual(one["pid"], child["pid"])

    def test_by_system(self):
        self.run_ok(*self.python_program("os.system(sys.argv[1] + '; true')", STATIC))
        self.assertEqual(list(self.uncovered().values()), ["static"])

    @unittest.skipUnless(FOREIGN, "no foreign program for this machine")
    def test_another_c_library(self):
        self.run_ok(*self.python_program("subprocess.run([sys.argv[1]])", FOREIGN))
        self.assertEqual(list(self.uncovered().values()), ["another C library"])

    def test_musl_that_is_not_there_is_no_process(self):
        program = os.path.join(self.folder, "musl")
        with open(STATIC, "rb") as file:
            head = bytearray(file.read())
        # Its first PT_LOAD becomes a PT_INTERP that names a loader which does not exist.
        offset, = struct.unpack_from("<Q", head, 32)
        name = b"/lib/ld-musl-nowhere.so.1\0"
        struct.pack_into("<IIQQQQQQ", head, offset, 3, 4, len(head), 0, 0, len(name), len(name), 1)
        with open(program, "wb") as file:
            file.write(head + name)
        os.chmod(program, 0o755)
        self.run_ok(*self.python_program(
            "try: subprocess.run([sys.argv[1]])\nexcept FileNotFoundError: sys.exit(0)\n"
            "sys.exit(1)", program))
        self.assertEqual(self.uncovered(), {})

    def test_32_bit(self):
        program = os.path.join(self.folder, "small")
        code = bytes.fromhex("b801000000bb00000000cd80")  # mov eax, 1; mov ebx, 0; int 0x80
        head = b"\x7fELF\1\1\1" + bytes(9) + struct.pack(
            "<HHIIIIIHHHHHH", 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        size = 52 + 32 + len(code)
        head += struct.pack("<IIIIIIII", 1, 0, 0x8048000, 0x8048000, size, size, 5, 4096)
        with open(program, "wb") as file:
            file.write(head + code)
        os.chmod(program, 0o755)
        try:
            if subprocess.run([program]).returncode != 0:
                self.skipTest("this kernel does not run 32-bit programs")
        except OSError:
            self.skipTest("this kernel does not run 32-bit programs")
        self.run_ok(*self.python_program("subprocess.run([sys.argv[1]])", program))
        self.assertEqual(self.uncovered(), {"small": "32-bit, or of another machine"})

    def test_what_cannot_be_executed_is_taken_back(self):
        """The header says 32-bit; the kernel refuses it: the process goes on and is covered."""
        program = os.path.join(self.folder, "broken")
        with open(program, "wb") as file:
            file.write(b"\x7fELF\1\1\1" + bytes(100))
        os.chmod(program, 0o755)
        err = self.run_ok(*self.python_program(
            "try: os.execv(sys.argv[1], ['x'])\nexcept OSError: pass\n"
            "try: subprocess.run([sys.argv[1]])\nexcept OSError: sys.exit(0)\nsys.exit(1)",
            program))
        self.assertNotIn("not covered", err)
        self.assertEqual(self.uncovered(), {})

    def test_opting_out(self):
        self.run_ok(*self.python_program(
            "subprocess.run(['true'], env={**os.environ, 'LASTWORD_DISABLE': '1'})"))
        self.assertEqual(self.uncovered(), {"true": "LASTWORD_DISABLE"})
        self.environment["LASTWORD_DISABLE"] = "1"
        self.run_ok("true")
        self.assertEqual(self.uncovered(), {"true": "LASTWORD_DISABLE"})

    def test_another_session(self):
        other = os.path.join(self.folder, "other.rrd")
        self.run_ok(LASTWORD, "run", "-q", "-o", other, "--", "true")
        self.assertEqual(self.uncovered(), {"true": "another LASTWORD_SESSION"})

    def test_without_the_shim(self):
        self.run_ok("true", options=["--no-shim"])
        self.assertEqual(self.uncovered(), {"true": "run --no-shim"})

    @unittest.skipUnless(os.geteuid() == 0, "only root can make it")
    def test_setuid(self):
        """Seen by nobody, its loader ignores LD_PRELOAD."""
        program = "/var/tmp/lastword-setuid-%d" % os.getpid()  # a place without nosuid
        shutil.copy(shutil.which("true"), program)
        self.addCleanup(os.unlink, program)
        os.chown(program, 65534, 65534)
        os.chmod(program, 0o4755)
        self.run_ok(*self.python_program("subprocess.run([sys.argv[1]])", program))
        told = self.ps_json()
        if any(p["executable"] == program for p in told["processes"]):
            self.skipTest("this place does not honour setuid")
        self.assertEqual([one["reason"] for one in told["uncovered"]],
                         ["setuid, setgid or file capabilities"])

    def test_an_orphan_of_a_program_that_is_not_covered(self):
        """Nobody told of it: its zombie has the name."""
        self.run_ok("sh", "-c", "LASTWORD_DISABLE=1 sh -c 'sleep 0.05 & exit 0'")
        reasons = self.uncovered()
        self.assertEqual(reasons.get("sleep"), "unknown", reasons)
        self.assertEqual(sorted(reasons.values()), ["LASTWORD_DISABLE", "unknown"], reasons)

    def test_many_are_counted(self):
        err = self.run_ok(*self.python_program(
            "for i in range(9): subprocess.run([sys.argv[1]])", STATIC))
        self.assertRegex(err, r"lastword: 9 processes were not covered: (\d+ \S+: static; ){5}"
                              r"and 4 more: lastword ps \S+\n")
        self.assertEqual(self.ps_json()["totals"]["not_covered"], 9)


    def test_a_courier_that_dies_forgets_nothing(self):
        process = self.start(*self.python_program(
            "run = lambda: subprocess.run([sys.argv[1]])\n"
            "run()\nprint('ready', flush=True)\nsys.stdin.readline()\nrun()", STATIC),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        os.kill(courier_of(process.pid), signal.SIGKILL)
        _, err = process.communicate(b"\n")
        self.assertIn(b"1 courier died", err)
        self.assertIn(b"2 processes were not covered: ", err)
        told = self.ps_json()
        self.assertEqual([one["reason"] for one in told["uncovered"]], ["static", "static"])
        self.assertEqual(told["totals"]["processes"], 1)


class Notes(ProcessCase):
    def test_they_are_told_and_recorded(self):
        err = self.run_ok(NOTER)
        self.assertRegex(err, r"^lastword: 1 process was not covered: "
                              r"\d+ rerun-sdk 0\.99\.0: unknown version\n"
                              r"lastword: 1 flush did not end in time: \d+ stdio\n"
                              r"lastword: process \d+: rerun\+http://127\.0\.0\.1:9876/proxy got "
                              r"nothing: rows for live viewers go to the recording only\n"
                              r"lastword: 2 processes, 0 rows logged, 0 stored -> \S+\n$")
        told = self.ps_json()
        root, child = told["processes"]
        self.assertEqual(root["providers"], ["stdio"])
        self.assertEqual(root["not_covered"], ["rerun-sdk 0.99.0: unknown version"])
        self.assertEqual(root["timed_out"], ["stdio"])
        self.assertEqual(root["viewers"], ["rerun+http://127.0.0.1:9876/proxy"])
        self.assertEqual(child["providers"], ["its own", "stdio"])
        self.assertEqual(child["not_covered"], root["not_covered"])
        self.assertEqual((child["timed_out"], child["viewers"]), ([], []))
        text = self.ps()
        for line in ["Did not finish in time before its process ended:\n",
                     ": rerun-sdk 0.99.0: unknown version\n", "its own, stdio\n"]:
            self.assertIn(line, text)
        self.assertTrue(text.endswith("; 1 not covered\n"), "the child has it from its parent")
        self.ps("--strict", status=1)
        self.assertEqual(self.run_whole(NOTER, options=["--strict"])[0], 125)

    def test_too_many_are_counted(self):
        err = self.run_ok(NOTER, "12")
        self.assertEqual(err.count(" got nothing: "), 5)
        self.assertIn("lastword: ... and 7 more viewers got nothing\n", err)
        self.assertEqual(self.ps_json()["totals"]["viewers"], 12)
        self.run_ok(NOTER, "90")
        self.assertEqual(self.ps_json()["totals"]["viewers"], 16, "so many are kept of a process")


class Strict(ProcessCase):
    def test_only_with_it_the_run_fails(self):
        words = ["sh", "-c", f"{STATIC}; exit 0"]
        self.run_ok(*words)
        self.assertEqual(self.run_whole(*words, options=["--strict"])[0], 125)
        self.assertEqual(self.run_whole(*words, options=["--error-exitcode", "9"])[0], 9)
        status, _, err = self.run_whole(*words, options=["-q", "--strict"])
        self.assertEqual(status, 125)
        self.assertIn("1 process was not covered", err)
        self.ps(status=0)
        self.ps("--strict", status=1)

    def test_what_is_whole_passes(self):
        self.run_ok("sh", "-c", "true", options=["--strict"])

    def test_the_programs_own_status_is_not_hidden(self):
        status, _, _ = self.run_whole("sh", "-c", f"{STATIC}; exit 3", options=["--strict"])
        self.assertEqual(status, 3)


class Ps(ProcessCase):
    def test_the_list(self):
        self.run_ok("sh", "-c", f"{STATIC}; true")
        text = self.ps()
        self.assertRegex(text, r"^COMMAND +PID  +PARENT  STARTED  ENDED +LOGGED  STORED  LOST\n")
        self.assertIn("Not covered, and why:\n", text)
        self.assertIn(": static, ", text)
        self.assertRegex(text, r"\d+ process(es)?, 0 rows logged, 0 stored, 0 lost; 1 not covered\n$")
        self.assertEqual([line for line in text.splitlines() if line != line.rstrip()], [])

    def test_a_compressed_recording(self):
        self.recording += ".zst"
        self.run_ok("true")
        self.assertEqual(self.ps_json()["totals"]["processes"], 1)

    def test_what_it_cannot_read(self):
        for words, status, message in [
                ([], 2, "one RECORDING is needed, 0 given"),
                (["a", "b"], 2, "one RECORDING is needed, 2 given"),
                (["--jason", "a"], 2, "unknown option '--jason'"),
                (["/no/such/file"], 125, "/no/such/file"),
                (["/etc/passwd"], 125, "/etc/passwd"),
                ([os.environ["RUN_OFFICIAL_RECORDING"]], 125, "tells nothing of processes")]:
            done = subprocess.run([LASTWORD, "ps", *words], capture_output=True, encoding="utf-8")
            self.assertEqual((done.returncode, done.stdout), (status, ""), words)
            self.assertIn(message, done.stderr)

    def test_help(self):
        done = subprocess.run([LASTWORD, "ps", "--help"], capture_output=True, encoding="utf-8")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("MADE SAFE", done.stdout)


@unittest.skipIf(SANITIZED, "an SDK with ASan cannot be loaded into a program without")
class OfficialSdk(ProcessCase):
    def setUp(self):
        super().setUp()
        self.environment["LD_LIBRARY_PATH"] = os.path.dirname(os.environ["RUN_FAKE_RERUN_C"])

    def logged(self):
        return {os.path.basename(p["executable"]) or p["made_by"]: p["rows_logged"]
                for p in self.ps_json()["processes"]}

    def test_its_rows_arrive(self):
        err = self.run_ok(OFFICIAL, "hello")
        self.assertNotIn("fake librerun_c", err)
        [process] = self.ps_json()["processes"]
        self.assertEqual((process["rows_logged"], process["rows_stored"]), (1, 1))
        self.assertEqual(process["providers"], ["librerun_c"])
        self.assertEqual(process["ended_by"], "_exit")
        self.assertRegex(self.ps(), r"(?m)^COMMAND.*  MADE SAFE$")
        self.assertRegex(self.ps(), r"(?m)  librerun_c$")

    def test_without_us_they_do_not(self):
        """The control: the library that it is linked with is called, and its queue is lost."""
        err = self.run_ok(OFFICIAL, "hello", options=["--no-shim"])
        self.assertIn("fake librerun_c: rr_recording_stream_log, 1 queued\n", err)
        self.assertEqual(self.ps_json()["totals"]["rows_logged"], 0)
        del self.environment["LASTWORD_DIR"]
        alone = subprocess.run([OFFICIAL, "hello"], env=self.environment, capture_output=True)
        self.assertIn(b"fake librerun_c: rr_recording_stream_new", alone.stderr)

    def test_as_a_child_in_every_way(self):
        for way in ["subprocess.run(sys.argv[1:3])",
                    "os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:3], os.environ), 0)",
                    "os.waitpid(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:3]), 0)",
                    "os.execv(sys.argv[1], sys.argv[1:3])",
                    "subprocess.run(sys.argv[1:3], env={'LD_LIBRARY_PATH':"
                    " os.environ['LD_LIBRARY_PATH']})"]:
            err = self.run_ok(*self.python_program(way, OFFICIAL, "hello"))
            self.assertNotIn("fake librerun_c", err, way)
            self.assertEqual(self.logged().get("official_logger"), 1, way)

    def test_nobody_else_gets_the_sdk(self):
        """Neither a program without the need, nor the child of one with it, nor its own child."""
        show = 'echo "$LD_PRELOAD"'
        _, out, _ = self.run_whole("sh", "-c", show)
        self.assertRegex(out.decode(), r"^\S*liblastword-preload\.so\n$")
        _, out, _ = self.run_whole(OFFICIAL, "hello", "sh", "-c", show)
        self.assertRegex(out.decode(), r"^\S*liblastword-preload\.so\n$")
        _, out, _ = self.run_whole(OFFICIAL, "hello", OFFICIAL, "again", "sh", "-c", show)
        self.assertRegex(out.decode(), r"^\S*liblastword-preload\.so\n$")
        self.assertEqual(self.ps_json()["totals"]["rows_logged"], 2)

    def test_nor_a_shell_of_system(self):
        """It gets the environment as it is: so the SDK is not in it any more."""
        status, out, err = self.run_whole(
            OFFICIAL, "hello", "--system", f'echo "$LD_PRELOAD"; {OFFICIAL} again; true')
        self.assertEqual(status, 0, err)
        self.assertRegex(out.decode(), r"^\S*liblastword-preload\.so\n$")
        told = self.ps_json()
        self.assertEqual({os.path.basename(p["executable"]): p["providers"]
                          for p in told["processes"]},
                         {"official_logger": ["librerun_c"],
                          os.path.basename(os.path.realpath("/bin/sh")): []})
        self.assertEqual(told["totals"]["rows_stored"], 2)

    def test_through_a_script(self):
        script = os.path.join(self.folder, "script")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"#!{OFFICIAL}\n")
        os.chmod(script, 0o755)
        self.run_ok(script)
        self.assertEqual(self.ps_json()["totals"]["rows_stored"], 1)
        self.run_ok("sh", "-c", f"{script}; true")
        self.assertEqual(self.ps_json()["totals"]["rows_stored"], 1)


if __name__ == "__main__":
    main()
