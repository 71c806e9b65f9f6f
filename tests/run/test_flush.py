# SPDX-License-Identifier: MIT OR Apache-2.0
"""lastword run --flush with the real things: gcov, LLVM's profiles, spdlog, a class of C++. Each test
has a control: the same without --flush must lose something."""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from support import LASTWORD

SOURCES = os.path.dirname(os.path.abspath(__file__))


def build(folder, *command):
    """Compiles in `folder`, since coverage files lie beside what was compiled."""
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=100)


class FlushTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lastword-flush-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def source(self, name):
        return os.path.join(SOURCES, name)

    def run_flushed(self, flush, *command, status=3, env=None):
        """Runs a program with each of `flush` as --flush, and returns what it printed."""
        options = [word for what in flush for word in ("--flush", what)]
        done = subprocess.run([LASTWORD, "run", "-q", "-o", self.path("r.rrd"), *options, "--", *command],
                              env=env or os.environ, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout.decode()

    # ---- gcov ----

    def gcov_count(self, flush, ending, status):
        for old in glob.glob(self.path("*.gcda")):
            os.remove(old)
        self.run_flushed(flush, self.path("coverage"), ending, status=status)
        data = glob.glob(self.path("*.gcda"))
        if not data:
            return 0
        done = subprocess.run(["gcov", "--stdout", os.path.basename(data[0])], cwd=self.folder,
                              capture_output=True, text=True, check=True, timeout=60)
        counted = re.search(r"^ *(\S+): *\d+:.*/\* counted \*/", done.stdout, re.MULTILINE)[1]
        return 0 if counted == "#####" else int(counted)

    def test_gcov(self):
        for standard in ("gnu17", "c17"):  # with the first, gcc puts functions of its own around fork
            build(self.folder, "gcc", f"-std={standard}", "-D_GNU_SOURCE", "--coverage", "-o", "coverage",
                  self.source("flush_coverage.c"))
            for ending, status in (("_exit", 3), ("abort", -6), ("SIGTERM", -15)):
                with self.subTest(standard=standard, ending=ending):
                    self.assertEqual(self.gcov_count(["gcov"], ending, status), 12)
                    self.assertEqual(self.gcov_count([], ending, status), 0)
        self.assertEqual(self.gcov_count(["gcov"], "exec", 0), 12)
        self.assertEqual(self.gcov_count([], "exec", 0), 0)

    def test_gcov_after_an_exec_that_the_kernel_refuses(self):
        """gcc dumps before an exec, and counts on from 0 if that fails."""
        with open(self.path("refused"), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o700)
            file.write("x")
        build(self.folder, "gcc", "-std=gnu17", "--coverage", "-o", "coverage", self.source("flush_coverage.c"))
        self.assertEqual(self.gcov_count(["gcov"], self.path("refused"), 3), 14)
        self.assertEqual(self.gcov_count([], self.path("refused"), 3), 12)

    # ---- LLVM ----

    def llvm_count(self, flush, ending, status):
        """How often `work` ran: the runtime of a forked child appends to its parent's file."""
        for old in glob.glob(self.path("*.profraw")):
            os.remove(old)
        self.run_flushed(flush, self.path("profile"), ending, status=status,
                         env=os.environ | {"LLVM_PROFILE_FILE": self.path("%p.profraw")})
        raw = glob.glob(self.path("*.profraw"))
        subprocess.run(["llvm-profdata-14", "merge", "-o", self.path("merged"), *raw], check=True, timeout=60)
        shown = subprocess.run(["llvm-profdata-14", "show", "--counts", "--function=work", self.path("merged")],
                               check=True, capture_output=True, text=True, timeout=60)
        found = re.search(r"Function count: (\d+)", shown.stdout)
        return int(found[1]) if found else 0

    def test_llvm_profile(self):
        build(self.folder, "clang-14", "-fprofile-instr-generate", "-fcoverage-mapping", "-o", "profile",
              self.source("flush_coverage.c"))
        for ending, status in (("_exit", 3), ("abort", -6), ("SIGTERM", -15), ("exec", 0)):
            with self.subTest(ending=ending):
                self.assertEqual(self.llvm_count(["llvm-profile"], ending, status), 12)
                self.assertEqual(self.llvm_count([], ending, status), 0)

    # ---- spdlog ----

    def spdlog_lines(self, flush, ending, status):
        self.run_flushed(flush, self.path("spdlog"), self.path("log"), ending, status=status)
        with open(self.path("log"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        os.remove(self.path("log"))
        return lines

    def test_spdlog(self):
        build(self.folder, "g++", "-O0", "-DSPDLOG_COMPILED_LIB", "-DSPDLOG_SHARED_LIB", "-DSPDLOG_FMT_EXTERNAL",
              "-o", "spdlog", self.source("flush_spdlog.cpp"), "-lspdlog", "-lfmt", "-pthread")
        wanted = [f"line {i}" for i in range(1000)]
        for ending, status in (("_exit", 3), ("SIGTERM", -15)):
            with self.subTest(ending=ending):
                self.assertEqual(self.spdlog_lines(["spdlog"], ending, status), wanted)
                self.assertLess(len(self.spdlog_lines([], ending, status)), 1000)

    # ---- a function of the program's own ----

    def test_a_local_function_of_a_class(self):
        build(self.folder, "g++", "-O1", "-o", "class", self.source("flush_class.cpp"))
        name = "_ZN12_GLOBAL__N_13Log5flushEv"
        for word in (name, f"class:{name}"):
            self.assertEqual(self.run_flushed([word], self.path("class")), "one\ntwo\nthree\n")
        self.assertEqual(self.run_flushed([], self.path("class")), "one\n")
        self.assertEqual(self.run_flushed([f"libc:{name}"], self.path("class")), "one\n")

    def test_what_is_exec_ed_with_an_empty_environment_flushes_too(self):
        build(self.folder, "g++", "-O1", "-o", "class", self.source("flush_class.cpp"))
        printed = self.run_flushed(["_ZN12_GLOBAL__N_13Log5flushEv"], "env", "-i", self.path("class"))
        self.assertEqual(printed, "one\ntwo\nthree\n")

    # ---- the command line ----

    def test_refusals(self):
        for word in ("", "a,b", "a b", "a::b", ":a", "a:"):
            done = subprocess.run([LASTWORD, "run", "--flush", word, "--", "true"], capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual(done.returncode, 125)
            self.assertIn(f"run: --flush '{word}' ", done.stderr)


if __name__ == "__main__":
    unittest.main()
