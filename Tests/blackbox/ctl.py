"""martletctl, as the cases use it."""
import contextlib
import json
import os
import signal
import subprocess

from lab import check, wait_until


def program(lab):
    """The daemon's program under its other name."""
    path = os.path.join(lab.scratch, 'martletctl')
    if not os.path.lexists(path):
        os.symlink(lab.daemon, path)
    return path


def martletctl(daemon, *words):
    """Exit status, standard output and standard error."""
    done = subprocess.run([program(daemon.node.lab), *words[:1], '-p', daemon.pid_file, *words[1:]],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@contextlib.contextmanager
def engine_stopped(daemon):
    """The engine answers nobody meanwhile."""
    engine = daemon.engine
    os.kill(engine, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(engine, signal.SIGCONT)


def socket_path(daemon):
    return daemon.pid_file[:-len('.pid')] + '.sock'


def status(daemon):
    """Exit status and JSON, from when the daemon listens."""
    wait_until(lambda: os.path.exists(socket_path(daemon)), 'a control socket')
    code, text, error = martletctl(daemon, 'status', '--json')
    check(text, 'status: %d %s' % (code, error))
    return code, json.loads(text)
