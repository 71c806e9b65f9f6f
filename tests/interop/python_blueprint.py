# SPDX-License-Identifier: MIT OR Apache-2.0
"""Blueprints of the official Python SDK: the same program officially, and under `lastword run`.

    python_blueprint.py LASTWORD

What the SDK's core made must arrive byte for byte, once, in its order, activated as the official SDK does it: in the recording and
in the files that the program names, from a child that leaves by os._exit, and when couriers are killed. The official tools and the
real viewer judge. The programs are below: `python_blueprint.py --program NAME ARGUMENTS`.
"""

import contextlib
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import uuid

if sys.argv[1] != "--program":
    import viewer
    from official import expect, fail, read_official, rerun

APPLICATION = "lastword_blueprint"
ACTIVATION = 3  # kind of message

# --- Programs ------------------------------------------------------------------------------------


def make_blueprint(number):
    """A layout that can be told from others, with the same ids in each run."""
    import rerun.blueprint as rrb

    views = [
        rrb.TextLogView(origin=f"/log_{number}", name=f"texts {number}"),
        rrb.Spatial2DView(origin=f"/boxes_{number}", name=f"boxes {number}"),
    ]
    root = rrb.Horizontal(*views)
    for place, part in enumerate((root, *views)):
        part.id = uuid.UUID(int=10 * number + place + 1)
    return rrb.Blueprint(root, rrb.TimePanel(state="collapsed"))


def program_all(saved):
    """A default blueprint, one that is sent, and one that a child sends which ends by os._exit."""
    import rerun as rr

    rr.init(APPLICATION, recording_id="all")
    rr.save(saved, default_blueprint=make_blueprint(0))
    rr.log("log_0", rr.TextLog("0"))
    rr.send_blueprint(make_blueprint(1), make_active=False, make_default=False)
    if os.fork() == 0:
        rr.send_blueprint(make_blueprint(2), make_active=True, make_default=False)
        os._exit(0)
    os.wait()
    rr.send_blueprint(make_blueprint(3))
    rr.log("log_3", rr.TextLog("1"))
    rr.disconnect()


def in_memory(number, *texts):
    """The core's own storage of a blueprint, with more texts in it."""
    import rerun as rr
    from rerun.blueprint.api import create_in_memory_blueprint

    class Larger:
        def to_blueprint(self):
            return self

        def _log_to_stream(self, stream):
            make_blueprint(number)._log_to_stream(stream)
            for place, text in enumerate(texts):
                stream.log(f"text_{place}", rr.TextDocument(text))

    return create_in_memory_blueprint(application_id=APPLICATION, blueprint=Larger()).storage


def random_text(size):
    return os.urandom(size // 2).hex()


def program_bytes(saved, dump):
    """Tells what the core has made, and sends it, twice: the second time there is nothing left."""
    import rerun as rr
    import rerun_bindings as bindings

    rr.init(APPLICATION, recording_id="bytes")
    rr.save(saved)
    rr.log("log_0", rr.TextLog("0"))
    storage = in_memory(0, random_text(3_000_000))
    with open(dump, "wb") as file:
        file.write(storage.concat_as_bytes())
    bindings.send_blueprint(storage, True, True)
    bindings.send_blueprint(storage, True, True)
    rr.disconnect()


def error_of(call, *args):
    try:
        call(*args)
    except Exception as error:
        return [type(error).__name__, str(error)]
    return None


def program_limits():
    """What cannot be sent, told; the rest goes on."""
    import rerun as rr
    import rerun_bindings as bindings

    rr.init(APPLICATION, recording_id="limits")
    too_large = in_memory(0, *(random_text(9_000_000) for _ in range(8)))
    errors = [error_of(bindings.send_blueprint, wrong) for wrong in (too_large, 3, None)]
    errors.append(error_of(lambda: bindings.save("/dev/null/x", default_blueprint="x")))
    print(json.dumps(errors))
    rr.send_blueprint(make_blueprint(1))
    rr.log("log_0", rr.TextLog("0"))


def program_sinks(saved, teed):
    """Each function with a default blueprint; sinks inside the process get blueprints, too."""
    import rerun as rr

    rr.init(APPLICATION, recording_id="sinks")
    rr.connect_grpc("rerun+http://127.0.0.1:1/proxy", default_blueprint=make_blueprint(1))
    rr.set_sinks(rr.FileSink(saved), default_blueprint=make_blueprint(2))
    server = rr.GrpcServerSink("127.0.0.1", 0)
    rr.set_sinks(rr.FileSink(teed), server, default_blueprint=make_blueprint(3))
    stream = rr.binary_stream()
    rr.send_blueprint(make_blueprint(4))
    print(len([kind for kind, _ in frames_of(stream.read()) if kind == ACTIVATION]))
    rr.serve_grpc(grpc_port=0, default_blueprint=make_blueprint(5))


def program_off():
    """A recording that is off takes no blueprint: the official SDK says that it has no application."""
    import rerun as rr

    rr.init(APPLICATION, recording_id="on")
    os.environ["RERUN"] = "off"
    off = rr.RecordingStream(APPLICATION, recording_id="off")
    del os.environ["RERUN"]
    rr.send_blueprint(make_blueprint(1))
    try:
        rr.send_blueprint(make_blueprint(2), recording=off)
        sys.exit("a recording that is off took a blueprint")
    except ValueError:
        pass


N_STEPS = 12


def program_steps(saved):
    """Sends a blueprint and a row each time it hears something."""
    import rerun as rr

    rr.init(APPLICATION, recording_id="steps")
    rr.save(saved)
    for number in range(N_STEPS):
        rr.send_blueprint(make_blueprint(number))
        rr.log("log", rr.TextLog(str(number)))
        print(number, flush=True)
        sys.stdin.readline()


# --- What is in a file ---------------------------------------------------------------------------


def frames_of(data):
    """[(kind, payload)] up to the index."""
    offset, frames = 12, []
    while offset < len(data):
        kind, size = struct.unpack_from("<QQ", data, offset)
        if kind == 0:
            break
        frames.append((kind, data[offset + 16 : offset + 16 + size]))
        offset += 16 + size
    return frames


def read_frames(path):
    with open(path, "rb") as file:
        return frames_of(file.read())


def messages_of(path):
    """[(kind of message, blueprint, chunk's entity or command)] of blueprint stores, as Rerun's tool prints them."""
    messages, blueprint = [], None
    for line in rerun("rrd", "print", path).splitlines():
        command = re.match(r"BlueprintActivationCommand\(.*\"(\w+)\"\), (.*)\)", line)
        chunk = re.match(r"Chunk\(.* - (/\S*) - ", line)
        if line.strip() in ("Blueprint,", "Recording,"):
            blueprint = line.strip() == "Blueprint," or None
        elif blueprint and line.strip().startswith('"rec_'):
            blueprint = line.strip()[1:-2]
            messages.append(("info", blueprint, ""))
        elif chunk and blueprint and not chunk[1].startswith(("/log", "/lastword", "/__properties")):
            messages.append(("chunk", blueprint, chunk[1]))
        elif command:
            messages.append(("command", command[1], command[2]))
    return messages


def layout_of(chunks):
    """What a blueprint says, without what differs from run to run."""
    layout = {}
    for chunk in chunks.values():
        times = chunk["timelines"]
        expect(sorted(times), ["blueprint", "log_time"], "timelines of a blueprint")
        expect(set(times["blueprint"]), {0}, "times of a blueprint")
        layout.setdefault(chunk["entity_path"], {}).update(chunk["components"])
    return layout


def blueprints_of(path):
    """[(layout, command)] in the order of the file; each must be whole, and its messages together and in order."""
    stores = {name: chunks for (_, name), chunks in read_official(path).items()}
    groups = []
    for kind, name, detail in messages_of(path):
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append((kind, detail))
    expect(len({name for name, _ in groups}), len(groups), f"{path}: blueprints in one piece")
    found = []
    for name, messages in groups:
        kinds = [kind for kind, _ in messages]
        n_chunks = kinds.count("chunk")
        expect(kinds, ["info"] * 2 + ["chunk"] * n_chunks + ["command"], f"{path}: {name}")
        expect(n_chunks, len(stores[name]), f"{path}: chunks of {name}, each once")
        found.append((layout_of(stores[name]), messages[-1][1]))
    return found


def numbers_of(blueprints):
    """Which of make_blueprint's they are."""
    numbers = []
    for layout, _ in blueprints:
        (root,) = (path for path in layout if path.startswith("/container/"))
        numbers.append((uuid.UUID(root.split("/")[2]).int - 1) // 10)
    return numbers


def texts_of(path):
    texts = []
    for chunks in read_official(path).values():
        for chunk in chunks.values():
            if chunk["entity_path"].startswith("/log"):
                texts += [text for (text,) in chunk["components"]["TextLog:text"]["cells"]]
    return sorted(texts, key=int)


def verify(path):
    rerun("rrd", "verify", path)


# --- Running them --------------------------------------------------------------------------------


class Runner:
    def __init__(self, lastword, folder):
        self.lastword = lastword
        self.folder = folder
        self.sessions = self.path("sessions")
        os.mkdir(self.sessions)

    def path(self, name):
        return os.path.join(self.folder, name)

    def environment(self, more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LASTWORD_")}
        if "LASTWORD_SHIM" in os.environ:
            kept["LASTWORD_SHIM"] = os.environ["LASTWORD_SHIM"]
        return {**kept, "LASTWORD_DIR": self.sessions, "PYTHONDONTWRITEBYTECODE": "1", **more}

    @staticmethod
    def program(name, *args):
        return [sys.executable, __file__, "--program", name, *args]

    def official(self, name, *args):
        """Runs a program without lastword."""
        subprocess.run(self.program(name, *args), env=self.environment({}), check=True,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=120)

    def command(self, recording, name, *args):
        return [self.lastword, "run", "-o", recording, "--", *self.program(name, *args)]

    def run(self, recording, name, *args, **more):
        """Runs one under lastword; its output, and the last line about it."""
        result = subprocess.run(self.command(recording, name, *args), env=self.environment(more),
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        bad = [word for word in ("LOST", "damaged", "MemorySink", "Traceback") if word in result.stderr]
        if result.returncode != 0 or bad:
            fail(f"{name}: {result.returncode} {result.stderr}")
        expect(os.listdir(self.sessions + f"/lastword-{os.geteuid()}"), [], f"{name}: sessions left")
        verify(recording)
        return result.stdout, result.stderr.strip().splitlines()[-1]


# --- Tests ---------------------------------------------------------------------------------------


def test_as_officially(runner):
    """Everything as the official SDK does it, and the child's blueprint, which it loses."""
    official, recording, saved = (runner.path(name) for name in ("o.rrd", "m.rrd", "s.rrd"))
    runner.official("all", official)
    _, report = runner.run(recording, "all", saved)
    expect("2 processes, 2 rows logged, 2 stored" in report, True, report)
    verify(saved)
    wanted = blueprints_of(official)
    expect(numbers_of(wanted), [0, 1, 3], "the official SDK's blueprints")
    for path in (recording, saved):
        found = blueprints_of(path)
        expect(numbers_of(found), [0, 1, 2, 3], f"blueprints of {path}")
        expect(found.pop(2)[1], "make_active: true, make_default: false", "the child's command")
        expect(found, wanted, f"blueprints of {path}")
        expect(texts_of(path), ["0", "1"], f"texts of {path}")
    return recording


def field(number, payload):
    """A protobuf field of bytes, fewer than 128."""
    return bytes([number << 3 | 2, len(payload)]) + payload


def command_for(store):
    """BlueprintActivationCommand{blueprint_id, make_active, make_default}, both true."""
    application = field(3, field(1, APPLICATION.encode()))
    return field(1, b"\x08\x02" + field(2, store) + application) + b"\x10\x01\x18\x01"


def check_bytes(path, made):
    store = re.search(rb"rec_[0-9a-f]{32}", made[0][1])[0]
    found = [frame for frame in read_frames(path) if store in frame[1][:120]]
    expect(len(found), len(made) + 1, f"messages in {path}")
    if found[:-1] != made:
        fail(f"{path}: not the messages that the core made")
    expect(found[-1], (ACTIVATION, command_for(store)), f"the command in {path}")


def test_bytes(runner):
    """What the core made comes as it is, with the same command, once, also through a side file."""
    saved, dump, recording = (runner.path(name) for name in ("bytes-s.rrd", "bytes.dump", "bytes.rrd"))
    runner.official("bytes", saved, dump)
    check_bytes(saved, read_frames(dump))
    for more in ({}, {"LASTWORD_SPOOL_SIZE": "1M"}):
        runner.run(recording, "bytes", saved, dump, **more)
        check_bytes(saved, read_frames(dump))
        check_bytes(recording, read_frames(dump))


def test_limits(runner):
    recording = runner.path("limits.rrd")
    output, report = runner.run(recording, "limits")
    too_large, *wrong = json.loads(output)
    expect(too_large[0], "ValueError", "too large a blueprint")
    expect("64 MiB" in too_large[1], True, too_large[1])
    names = [("blueprint", "'int' object"), ("blueprint", "'None'"), ("default_blueprint", "'str' object")]
    expect(wrong, [["TypeError", f"argument '{name}': {what} is not an instance of 'PyMemorySinkStorage'"]
                   for name, what in names], "errors, as the official functions word them")
    expect(numbers_of(blueprints_of(recording)), [1], "blueprints after errors")
    expect("1 row logged, 1 stored" in report, True, report)


def test_sinks(runner):
    recording, saved, teed = (runner.path(name) for name in ("sinks.rrd", "sinks-s.rrd", "sinks-t.rrd"))
    output, _ = runner.run(recording, "sinks", saved, teed)
    expect(output.split()[0], "1", "commands in the stream inside the process")
    found = blueprints_of(recording)
    expect(numbers_of(found), [1, 2, 3, 4, 5], "blueprints of the recording")
    default, sent = "make_active: false, make_default: true", "make_active: true, make_default: true"
    expect([command for _, command in found], [default] * 3 + [sent, default], "commands")
    expect(numbers_of(blueprints_of(saved)), [2], "blueprints of the file")
    expect(numbers_of(blueprints_of(teed)), [3], "blueprints of the file beside a server")


def test_off(runner):
    recording = runner.path("off.rrd")
    runner.run(recording, "off")
    expect(numbers_of(blueprints_of(recording)), [1], "blueprints while a stream is off")


def courier_of(pid):
    for child in os.listdir("/proc"):
        with contextlib.suppress(OSError, IndexError):
            with open(f"/proc/{child}/stat") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
            if name == "lw-courier" and int(rest.split()[1]) == pid:
                return int(child)
    return None


def kill_courier(process, last):
    """Kills the courier that came after `last`, and returns it."""
    courier = last
    while courier in (None, last):  # until there is another one: a courier that died is followed at once
        if process.poll() is not None:
            fail("lastword ended before its courier could be killed")
        courier = courier_of(process.pid) or last
    end = os.pidfd_open(courier)
    os.kill(courier, signal.SIGKILL)
    select.select([end], [], [])
    os.close(end)
    return courier


def run_steps(runner, name, n_kills):
    """Runs `steps`; couriers are killed while blueprints are on the way. What lastword said."""
    recording, saved = runner.path(f"{name}.rrd"), runner.path(f"{name}-s.rrd")
    process = subprocess.Popen(runner.command(recording, "steps", saved), env=runner.environment({}), text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    courier = None
    for number in range(N_STEPS):
        expect(process.stdout.readline().strip(), str(number), "the step")
        if number % 3 == 1 and number // 3 < n_kills:
            courier = kill_courier(process, courier)
        process.stdin.write("\n")
        process.stdin.flush()
    _, told = process.communicate(timeout=120)
    return recording, saved, told


def check_steps(recording, saved):
    for path in (recording, saved):
        verify(path)
        expect(numbers_of(blueprints_of(path)), list(range(N_STEPS)), f"blueprints of {path}")
        expect(texts_of(path), [str(number) for number in range(N_STEPS)], f"texts of {path}")


def test_killed_couriers(runner):
    """Each blueprint once, whoever is killed; and once more where only `deliver` is left."""
    recording, saved, told = run_steps(runner, "killed", 3)
    expect("3 couriers died" in told, True, told)
    check_steps(recording, saved)
    recording, saved, told = run_steps(runner, "left", 4)
    expect("is not whole" in told, True, told)
    (session,) = os.listdir(runner.sessions + f"/lastword-{os.geteuid()}")
    subprocess.run([runner.lastword, "deliver", os.path.join(runner.sessions, f"lastword-{os.geteuid()}", session)],
                   env=runner.environment({}), check=True, capture_output=True, timeout=120)
    check_steps(recording, saved)


def test_viewer(runner, recording):
    """The viewer shows the layout that was made active last, and knows the rows beside it."""
    log = runner.path("viewer.log")
    with viewer.viewer(recording, log) as (process, url):
        client = viewer.wait_loaded(process, url)
        views = client.get_state().views
        entities = [entity.entity_path for entity in client.get_recording_schema().entities]
    expect([(view.name, view.origin, view.view_class) for view in views],
           [("texts 3", "/log_3", "TextLog"), ("boxes 3", "/boxes_3", "2D")], "views")
    expect({"/log_0", "/log_3"} <= set(entities), True, f"entities {entities}")


EXPECTED = """
expect:
  - {process: root, entity: /log_0, text: "0"}
  - {process: root, entity: /log_3, text: "1"}
"""


def test_lastword_verify(runner, recording):
    """Blueprints are no rows for `lastword verify`, which would count them as too many."""
    expected = runner.path("expected.yaml")
    with open(expected, "w") as file:
        file.write(EXPECTED)
    done = subprocess.run([runner.lastword, "verify", recording, "--expect", expected, "--show"],
                          capture_output=True, text=True, timeout=60)
    expect(done.returncode, 0, done.stdout + done.stderr)
    if "/view" in done.stdout:
        fail(f"verify shows rows of a blueprint: {done.stdout}")


def main():
    with tempfile.TemporaryDirectory(prefix="lastword-blueprint-") as folder:
        runner = Runner(os.path.abspath(sys.argv[1]), folder)
        recording = test_as_officially(runner)
        test_lastword_verify(runner, recording)
        test_viewer(runner, recording)
        for test in (test_bytes, test_limits, test_sinks, test_off, test_killed_couriers):
            test(runner)
    print("blueprints arrive as the official SDK's own do")


if __name__ == "__main__":
    if sys.argv[1] == "--program":
        globals()[f"program_{sys.argv[2]}"](*sys.argv[3:])
    else:
        main()
