# SPDX-License-Identifier: MIT OR Apache-2.0
"""Real programs with children of all kinds: the table of tests/transparency/test_programs.py.

Each is run plainly and under lastword, in an empty folder of the same name. Exit status, both streams and the
files that it left must be the same.
"""
from dataclasses import dataclass

COMMIT = ("export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b "
          "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='@1600000000 +0000' "
          "GIT_COMMITTER_DATE='@1600000000 +0000' GIT_EDITOR=true GIT_PAGER=cat\n")

# A Makefile that compiles sources of ours.
COMPILE = r"""
printf 'objects := $(patsubst $(TREE)/sdk/%%.c,%%.o,$(wildcard $(TREE)/sdk/$(PART)*.c))\nall: $(objects)\n\tar rcD lib.a $^\n\tnm lib.a | wc -l\n$(objects): %%.o: $(TREE)/sdk/%%.c\n\t@mkdir -p $(@D)\n\t@gcc -pipe -D_GNU_SOURCE -DLASTWORD_VERSION=\\"1\\" -I$(TREE) -I$(TREE)/sdk/include -c -o $@ $<\n' >Makefile
"""


@dataclass
class Program:
    name: str
    script: str  # for `shell`; $TREE is our source tree, $PYTHON Debian's
    needs: tuple = ()  # commands; without one of them the row is skipped
    shell: tuple = ("sh", "-c")
    status: int = 0  # that it ends with, negative: signal. So that a row that does nothing is seen
    varies: str = None  # a pattern of what is new in every run, such as pids
    typed: tuple = ()  # in a terminal: (pattern to wait for, keys to type)
    long: bool = False  # only by ./dev transparency


BASH = ("bash", "--norc", "--noprofile", "-c")
PERL = ("perl", "-e")
PYTHON = ("/usr/bin/python3", "-c")

PROGRAMS = [
    Program("statuses and signals", """
for s in 0 1 77 126 127 255; do (exit $s); echo $?; done
for n in HUP INT KILL SEGV TERM USR1 PIPE ALRM ABRT; do sh -c "kill -$n \\$\\$"; echo $?; done 2>&1
no-such-program; echo $?; /etc; echo $?; sh /nonexistent; echo $?
trap 'echo trapped' USR1; kill -USR1 $$; trap 'echo end; exit 9' EXIT; exit 4""", status=9),
    Program("dies of a signal", "echo before; kill -TERM $$; echo after", status=-15),
    Program("dash", """
set -e; f() { local x=$(echo "$1" | tr a-z A-Z); echo "$x" | { read y; echo "got $y"; }; }
f one; (cd /; pwd) ; echo a b c | while read -r l; do echo "$l" | wc -w; done
sleep 0.01 & wait $!; { sleep 0.01; exit 5; } & wait $! || echo $?
mkfifo p; cat p & echo through >p; wait; exec 3>out; echo three >&3; exec 3>&-; cat out; ulimit -n 99; ulimit -n
umask 027; >made; ls -l made | cut -c1-10; exec sh -c 'exit 6'""", shell=("dash", "-c"), status=6),
    Program("bash", """
coproc c { while read l; do echo "<$l>"; done; }
echo one >&${c[1]}; read r <&${c[0]}; echo "$r"; eval "exec ${c[1]}>&-"; wait; echo $?
cat <(echo sub) <(printf 'a\\nb\\n' | sort -r); echo tee | tee >(cat >left) >/dev/null; wait $!
for i in 1 2 3; do (exit $i) & p[i]=$!; done; for i in 3 1 2; do wait ${p[i]}; echo $i $?; done
(exit 7) & wait -n; echo $?; false | true | (exit 3); echo "${PIPESTATUS[*]}"; set -o pipefail; false | true; echo $?
trap 'echo child' CHLD; (exit 1); true; trap - CHLD; shopt -s lastpipe; echo x | read v; echo "$v"
mapfile -t m < <(seq 5); echo "${#m[@]} ${BASH_SUBSHELL} $(echo ${BASH_SUBSHELL})"; exec -a other bash -c 'echo $0; exit 8'
""", shell=BASH, status=8),
    Program("job control without a terminal", """
set -m; sleep 100 & kill %1; wait %1; echo $?; sleep 100 & kill -STOP %1; wait %1 2>/dev/null; echo $?; jobs
kill -CONT %1; kill -KILL %1; wait %1; echo $?; (set -m; sleep 0.01 & wait; ps -o pgid= -p $$ | wc -l)""",
            shell=BASH, varies=r"\b\d{3,}\b"),
    Program("perl", r"""
$| = 1; $SIG{CHLD} = sub { $n++ }; END { print "end of ", $$ == $main ? "main" : "child", "\n" } $main = $$;
if (fork == 0) { print "child\n"; exit 3 } wait; print $? >> 8, " $n\n"; $SIG{CHLD} = "DEFAULT";
print `echo back`, $?, "\n"; system("exit 5"); print $? >> 8, "\n"; system("kill -9 \$\$"); print $? & 127, "\n";
open(P, "|-") // die; if (0) {} open(Q, "-|", "echo", "from") or die; print <Q>; close Q; print $?, "\n";
if (!defined($p = open(R, "-|"))) { die } elsif (!$p) { print "forked open\n"; exit 2 } print <R>; close R; print $? >> 8, "\n";
pipe(A, B); if (fork == 0) { close A; print B "piped\n"; require POSIX; close B; POSIX::_exit(4) } close B; print <A>; wait; print $? >> 8, "\n";
eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; select undef, undef, undef, 9; }; print $@;
$SIG{CHLD} = "IGNORE"; if (fork == 0) { exit 1 } print wait, "\n"; $ENV{X} = "y"; %ENV = (PATH => $ENV{PATH}, Z => 1);
print `env | grep -v -e LASTWORD -e LD_PRELOAD -e ASAN -e ^_= -e PWD -e SHLVL | sort`; exec {"sh"} "other", "-c", 'echo $0; exit 7'"""
            .replace('open(P, "|-") // die; if (0) {} ', ""), ("perl",), PERL, status=7),
    Program("git", COMMIT + """
git init -q -b main r && cd r && for i in 1 2 3; do echo $i >f$i; git add f$i; git commit -qm "add $i"; done
git checkout -qb side HEAD~1; echo s >s; git add s; git commit -qm side; git rebase main; git rebase -i --exec 'echo run' HEAD~2
git checkout -q main; git merge --no-edit side; git log --format='%h %s' --graph; echo x >>f1; git stash; git stash pop
printf '#!/bin/sh\\necho hook; exit 1\\n' >.git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; git commit -am no; echo $?
git gc -q; git fsck; git bundle create ../b HEAD 2>&1; cd ..; git clone -q r c; git -C c log --oneline | wc -l
git -C c submodule foreach 'echo x'; git -C c grep -n 1; git -C c bisect start HEAD HEAD~2 2>&1; git -C c bisect run false 2>&1 | tail -1
git -C c daemon --nonsense 2>&1 | head -1; git archive --remote=r HEAD | tar t; rm -rf r/.git/index c/.git/index; exit 3""",
            ("git",), status=3),
    Program("make, many jobs", r"""
printf 'all: $(addprefix d/,$(shell seq 40))\n\t@cat $^ | sort -n | tail -1\nd/%%:\n\t@mkdir -p d; sh -c "echo $* | cat >$@"\n\t@$(MAKE) -s -f sub n=$*\nbad:\n\t@exit 3\nworse:\n\t@kill -9 $$$$\n' >Makefile
printf 'x := $(shell echo sub)\nall: $(n).a $(n).b\n%%.a %%.b:\n\t@echo $x >$@\n' >sub
make -j4; ls *.a *.b | wc -l; make -k bad worse 2>&1; echo $?; make -n all | wc -l; make -f none""", ("make",), status=2),
    Program("gcc by make", COMPILE + "make -j4 PART=spool/ || exit 1; find . -name '*.o' | sort; exit 3", ("make", "gcc"), status=3),
    Program("tools that start programs", """
seq 20 | xargs -n1 -P8 echo | sort -n | tr '\\n' ' '; seq 3 | xargs -I{} sh -c 'exit {}'; echo $?
timeout 0.1 sleep 9; echo $?; timeout -s KILL 0.1 sleep 9; echo $?; timeout --foreground 5 sh -c 'exit 4'; echo $?
timeout -k 0.1 0.1 sh -c 'trap "" TERM; sleep 9; sleep 9'; echo $?; nohup sh -c 'echo to; exit 3' 2>&1; echo $?
setsid -w sh -c 'exit 5'; echo $?; setsid sh -c 'echo own session'; env -i A=b sh -c 'echo $A $HOME'; env -u HOME sh -c 'echo $HOME.'
nice -n 5 nice; stdbuf -o0 -i0 sh -c 'echo unbuffered | stdbuf -oL cat'; find . -maxdepth 0 -exec sh -c 'echo $1' x {} \\; ; flock l sh -c 'exit 6'; echo $?
sort -R --random-source=/dev/zero --parallel=4 -S 1k --compress-program=gzip <<E | md5sum\n$(seq 2000)\nE
awk 'BEGIN { "echo a" | getline x; print x; print "b" | "cat"; close("cat"); exit system("exit 3") }'; echo $?
taskset -c 0 nproc; setpriv --nnp --reuid=65534 --clear-groups id -u; prlimit --nofile=55 sh -c 'ulimit -n'; chroot / sh -c 'exit 7'; echo $?
tar c f nothing 2>&1 | wc -c; echo z | tar cf - --use-compress-program='gzip -n' l | gzip -d | wc -c; watch -v >/dev/null; ionice -c 3 ionice
unshare -r sh -c 'id -u' 2>/dev/null; unshare -pf --mount-proc sh -c 'echo $$; exit 3' 2>/dev/null; echo done; ps -o comm= -p $$"""),
    Program("what does not end by itself", """
echo one; (trap '' TERM; sleep 0.2; echo late) & exec >/dev/null; setsid sh -c 'sleep 0.1; echo file >later' & exit 2""", status=2),
    Program("another user", """su nobody -s /bin/sh -c 'id -un; exit 3'; echo $?; runuser -u nobody -- sh -c 'exit 4'; echo $?""",
            ("su", "runuser")),
    Program("python", r"""
import asyncio, concurrent.futures, multiprocessing, os, signal, subprocess, sys, threading
def square(n): return n * n
for method in ("fork", "spawn", "forkserver") if __name__ == "__main__" and sys.argv[0] != "-c" else ("fork",):
    context = multiprocessing.get_context(method)
    with context.Pool(3) as pool: print(method, sum(pool.map(square, range(50))))
with concurrent.futures.ProcessPoolExecutor(2) as pool: print(list(pool.map(square, range(5))))
p = multiprocessing.Process(target=os._exit, args=(5,)); p.start(); p.join(); print(p.exitcode)
p = multiprocessing.Process(target=signal.pause); p.start(); p.terminate(); p.join(); print(p.exitcode)
for code in ("exit 3", "kill -9 $$", "exec no-such-thing"): print(subprocess.run(code, shell=True, stderr=-3).returncode)
print(subprocess.run(["env"], env={"A": "b"}, capture_output=True).stdout.startswith(b"A=b"), os.system("exit 4"), os.popen("echo p").read())
async def main():
    one = await asyncio.create_subprocess_exec("sh", "-c", "cat; exit 3", stdin=-1, stdout=-1)
    print(await one.communicate(b"through"), one.returncode)
asyncio.run(main()); t = threading.Thread(target=lambda: print(subprocess.check_output(["echo", "thread"]))); t.start(); t.join()
pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 6"], {}); print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
sys.stdout.flush(); os.fork() or os._exit(0); os.wait(); print("unflushed", end=""); os.execv("/bin/sh", ["sh", "-c", "exit 7"])""",
            (), PYTHON, status=7),
    Program("a terminal of script", "script -qefc 'test -t 0 && echo terminal; stty size; exit 3' /dev/null </dev/null", ("script",), status=3),
    Program("strace", "strace -f -qq -e trace=none -o log sh -c '(exit 3) & wait $!; sh -c \"kill -9 \\$\\$\"; exit 4'; r=$?; wc -l <log; rm log; exit $r",
            ("strace",), status=4, varies=r"sh: 1: \d+|\b\d{4,}\b"),
    Program("gdb", """printf '#!/bin/sh\\necho before; kill -SEGV $$\\n' >crash; chmod +x crash
gdb -nx -q -batch -ex run -ex 'p $_siginfo.si_signo' -ex kill --args sh crash 2>&1 | grep -v -i -e debuginfo -e thread_db -e '^Using host' -e 'in raise\\|in kill\\|syscall'
gdb -nx -q -batch -ex 'set follow-fork-mode child' -ex run --args sh -c '(exit 3); exit 4' 2>&1 | grep exited && exit 5""",
            ("gdb",), varies=r"process \d+|0x[0-9a-f]+", status=5),
    Program("interactive bash", "", shell=("bash", "--norc", "--noprofile", "--noediting", "-i"), status=7,
            # Before or after what was typed next: bash tells of the killed job when it hears of it.
            varies=r"(?m)\b\d{4,}\b|^bash-[\d.]+[#$] |^\[1\]\+  Terminated.*\r\n", typed=(
                (rb"[#$] $", b"PS1=ready-; sleeper() { sh -c 'echo up; exec sleep 100'; }; sh -c 'echo up; exec sleep 100'\n"),
                (rb"\nup\r\n", b"\x1a"), (rb"Stopped(?s:.*)ready-", b"bg\n"),
                (rb"&\r\nready-", b"kill %1; wait; echo $?.\n"), (rb"\n\d+\.\r\n(?s:.*)ready-", b"cat | tr a-z A-Z\n"),
                (rb"A-Z\r\n", b"word\n\x04"), (rb"WORD\r\nready-", b"sleeper | cat\n"), (rb"\nup\r\n", b"\x03"),
                (rb"\^C\r\n(?s:.*)ready-", b"echo $?.; (kill -STOP $BASHPID; exit 5)\n"), (rb"Stopped(?s:.*)ready-", b"fg; echo $?.\n"),
                (rb"\n5\.\r\nready-", b"exit 7\n"))),
    Program("vi of the terminal", "", shell=("bash", "--norc", "--noprofile", "-c", "stty -echo; read -sn1 k; stty echo; echo $k; stty -a | grep -o -- '-*echo ' ; exit 3"),
            status=3, typed=((rb"", b"k"),)),
    Program("tmux", """export TMUX_TMPDIR=$PWD; tmux -f /dev/null new -d -s t 'sleep 99'
tmux new -d -s s 'sh -c "echo in >made; exit 3"; tmux wait -S done'; tmux wait done; cat made; tmux ls -F '#S' -f '#{==:#S,t}'
tmux kill-server; rm -rf tmux-*; exit 3""", ("tmux",), status=3),
    Program("node", """
const c = require("child_process"); console.log(c.execSync("echo sync").toString());
console.log(c.spawnSync("sh", ["-c", "exit 3"]).status, c.spawnSync("sh", ["-c", "kill -9 $$"]).signal);
c.spawn("sh", ["-c", "cat; exit 4"], {stdio: ["pipe", "inherit", "inherit"]}).on("exit", s => { console.log("exit", s); process.exitCode = 5 }).stdin.end("piped\\n");
if (process.argv.length < 3) c.fork(__filename === "[eval]" ? "/dev/null" : __filename);""", ("node",), ("node", "-e"), status=5, long=True),
    Program("tclsh", """echo 'puts [exec echo a | tr a-z A-Z]; puts [catch {exec sh -c "exit 3"} m o]; puts [dict get $o -errorcode]
set f [open "|cat" r+]; puts $f x; flush $f; puts [gets $f]; close $f; exit 4' >t; tclsh t""", ("tclsh",), status=4, varies=r"CHILDSTATUS \d+", long=True),
    Program("ruby", """
puts `echo a`; p $?.exitstatus; pid = fork { exit! 3 }; Process.wait pid; p $?.exitstatus; p system("exit 4"); p $?.exitstatus
r, w = IO.pipe; fork { r.close; w.puts "child"; exit 0 }; w.close; puts r.read; Process.wait; p spawn("true") > 0; Process.wait; $stdout.flush; exec "exit 5" """,
            ("ruby",), ("ruby", "-e"), status=5, long=True),
    Program("php", """echo shell_exec("echo a"); exec("exit 3", $o, $s); echo $s; $p = proc_open("cat", [["pipe", "r"], ["pipe", "w"]], $f); fwrite($f[0], "x");
fclose($f[0]); echo stream_get_contents($f[1]), proc_close($p); exit(4);""", ("php",), ("php", "-r"), status=4, long=True),
    Program("lua", """io.write(io.popen("echo a"):read("a")); print(os.execute("exit 3")); print(io.popen("kill -9 $$"):close()) os.exit(5)""",
            ("lua5.4",), ("lua5.4", "-e"), status=5, long=True),
    Program("valgrind", "valgrind -q sh -c '(exit 3); echo $? | cat; ls; exit 4'", ("valgrind",), status=4),
    Program("the whole sdk by make", COMPILE + "make -j4 PART= && make -j4 PART=record/ && exit 3", ("make", "gcc"), status=3, long=True),
    Program("this project by meson and ninja", """
meson setup b $TREE -Dtests=false >log 2>&1 && ninja -C b >>log 2>&1; echo $?; find b -name '*.so*' -type f | sort; b/harness/lastword --version; rm -rf log b; exit 3""",
            ("meson", "ninja"), status=3, long=True),
    Program("debian's own package tools", """
mkdir -p p/DEBIAN; printf 'Package: x\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b>\\nDescription: x\\n' >p/DEBIAN/control
SOURCE_DATE_EPOCH=1 dpkg-deb --root-owner-group -b p x.deb; dpkg-deb -c x.deb | wc -l; start-stop-daemon --start -b -m -p $PWD/pid -x /bin/sleep -- 9
kill $(cat pid); rm pid; run-parts --test /etc/cron.daily >/dev/null; debconf-show x; dpkg-query -W -f '${Status}\\n' dash""", ("dpkg-deb",), long=True),
]
