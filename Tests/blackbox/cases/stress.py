"""A machine in trouble: pauses, and want of processes and descriptors, are no failures of what is checked."""
import os
import signal
import time

from lab import check, exists, instance, stays, wait_until


def _script(name, path, more='', interval=1):
    return 'vrrp_script %s {\n script "%s"\n interval %g\n %s\n}\n' % (name, path, interval, more)


def _tracked(*names):
    return instance(extra='track_script {\n%s\n}' % '\n'.join(names))


def _node(lab):
    return lab.node('r1', eth0='192.0.2.1/24')


def _master(node):
    wait_until(lambda: node.holds('192.0.2.100'), 'master')


def _pause(daemon, seconds):
    """Keeper and engine stand still; the scripts go on."""
    pids = [daemon.pid, daemon.engine]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def pause_while_a_script_runs(lab):
    """The daemon stands still for 1.5 s while a check succeeds: it did not take too long."""
    node = _node(lab)
    runs = node.path('runs')
    path = node.write('chk', '#!/bin/sh\n: > %s\nsleep 0.5\nrm %s\nexit 0\n' % (runs, runs), 0o755)
    daemon = node.start(_script('chk', path) + _tracked('chk'))
    _master(node)
    for _ in range(4):
        wait_until(lambda: not os.path.exists(runs), 'between two runs')
        wait_until(lambda: os.path.exists(runs), 'it runs')
        _pause(daemon, 1.5)
        stays(lambda: node.holds('192.0.2.100'), 'the address', 0.5)
    check(not daemon.said('too long'), 'a script was ended')


def pause_while_many_scripts_run(lab):
    """More scripts end during a pause than one turn of the keeper serves: none took too long."""
    node = _node(lab)
    path = node.write('chk', '#!/bin/sh\nexec sleep 0.5\n', 0o755)
    names = ['c%d' % number for number in range(150)]
    text = ''.join(_script(name, path, 'timeout 2', interval=2) for name in names)
    daemon = node.start(text + _tracked(*names))
    _master(node)
    for _ in range(2):
        time.sleep(2.5)
        _pause(daemon, 3)
        stays(lambda: node.holds('192.0.2.100'), 'the address', 0.5)
    check(not daemon.said('too long'), 'a script was ended')


def pause_of_a_script_too(lab):
    """Daemon and check stand still, as in a frozen container: the check gets its time back, once."""
    node = _node(lab)
    pid_file = node.path('runs')
    # It counts its own time, which does not go on while it stands still.
    path = node.write('chk', '''#!/bin/sh
echo $$ > %s
for part in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; done
rm %s
''' % (pid_file, pid_file), 0o755)
    daemon = node.start(_script('chk', path) + _tracked('chk'))
    _master(node)
    for _ in range(3):
        wait_until(lambda: not os.path.exists(pid_file), 'between two runs')
        wait_until(lambda: os.path.exists(pid_file) and open(pid_file).read(), 'it runs')
        script = int(open(pid_file).read())
        os.killpg(script, signal.SIGSTOP)
        _pause(daemon, 1.5)
        os.killpg(script, signal.SIGCONT)
        stays(lambda: node.holds('192.0.2.100'), 'the address', 1)
    check(not daemon.said('too long'), 'a script was ended')
    node.write('new', '#!/bin/sh\necho $$ > %s\nexec sleep 1000\n' % pid_file, 0o755)
    os.rename(node.path('new'), path)
    daemon.wait_said('Entering FAULT STATE (script chk failed)')
