"""A machine in trouble: pauses, and want of processes and descriptors, are no failures of what is checked."""
import os
import resource
import signal
import subprocess
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


def _limit(node, pid, resource, value):
    node.run('prlimit', '--pid', str(pid), '--%s=%s' % (resource, value))


def _descriptors(pid):
    return len(os.listdir('/proc/%d/fd' % pid))


def _only_engine(daemon):
    """No child but the engine, not even a dead one."""
    return daemon.children() == [daemon.engine]


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


def no_descriptors(lab):
    """The keeper has no descriptor left: results stay, one line says so; then checks count again."""
    node = _node(lab)
    good = node.write('good', '')
    path = node.write('chk', '#!/bin/sh\nexec test -e %s\n' % good, 0o755)
    daemon = node.start(_script('chk', path, interval=0.1) + _tracked('chk'))
    _master(node)
    _limit(node, daemon.pid, 'nofile', '3:')
    stays(lambda: node.holds('192.0.2.100'), 'the address', 2)
    check(daemon.log().count('cannot start script') == 1, 'not said once')
    os.unlink(good)
    stays(lambda: node.holds('192.0.2.100'), 'the address', 0.5)
    _limit(node, daemon.pid, 'nofile', '1024:')
    daemon.wait_said('every check script can be started again')
    daemon.wait_said('Entering FAULT STATE (script chk failed)')


def no_processes(lab):
    """The script's user may have no process (EAGAIN): a first run is tried again, results stay."""
    node = _node(lab)
    path = node.write('chk', '#!/bin/sh\nexit 0\n', 0o755)
    once = node.write('once', '#!/bin/sh\nexit 0\n', 0o755)
    # It has one already.
    other = subprocess.Popen(['sleep', '100'], user='nobody')
    node.prefix = [*node.prefix, 'prlimit', '--nproc=0:']
    daemon = node.start(_script('chk', path, 'user nobody', interval=0.1)
                        + _script('once', once, 'user nobody', interval=600)
                        + _tracked('chk', 'once'))
    daemon.wait_said('Resource temporarily unavailable')
    time.sleep(2)
    check(not daemon.said('FAULT'), 'it counts as failed')
    _limit(node, daemon.pid, 'nproc', '1000:')
    _master(node)
    _limit(node, daemon.pid, 'nproc', '0:')
    stays(lambda: node.holds('192.0.2.100'), 'the address', 2)
    check(daemon.log().count('cannot start script') == 2, 'not said once each time')
    check(daemon.log().count('every check script can be started again') == 1, 'not said once')
    other.kill()
    other.wait()
    wait_until(lambda: daemon.log().count('every check script can be started again') == 2, 'started')


def few_descriptors_at_the_start(lab):
    """The keeper lifts its soft limit for 100 scripts at once; those have the one that was given."""
    node = _node(lab)
    told = node.path('told')
    # A hundred of them write it: whoever reads finds it whole.
    path = node.write('chk', '#!/bin/sh\n(ulimit -Sn; ulimit -Hn) > %s.$$\nmv %s.$$ %s\n'
                      'exec sleep 1\n' % (told, told, told), 0o755)
    names = ['c%d' % number for number in range(100)]
    text = ''.join(_script(name, path, 'timeout 4', interval=2) for name in names)
    node.prefix = [*node.prefix, 'prlimit', '--nofile=64:']
    daemon = node.start(text + _tracked(*names))
    _master(node)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    check(open(told).read() == '64\n%d\n' % hard, 'limits: ' + open(told).read())
    stays(lambda: node.holds('192.0.2.100'), 'the address', 3)
    check(not daemon.said('Too many'), 'descriptors were short')


def writes_megabytes(lab):
    """Output does not decide: a check that writes 64 MB at once succeeds within its second."""
    node = _node(lab)
    path = node.write('chk', '#!/bin/sh\nhead -c 64000000 /dev/zero\necho\necho the end\nexit 0\n',
                      0o755)
    quiet = node.write('quiet', '#!/bin/sh\nexit 0\n', 0o755)
    names = ['c1', 'c2', 'c3']
    daemon = node.start(''.join(_script(name, path, interval=2) for name in names)
                        + _script('quiet', quiet, 'timeout 0.5', interval=0.5)
                        + _tracked('quiet', *names))
    _master(node)
    stays(lambda: node.holds('192.0.2.100'), 'the address', 5)
    check(not daemon.said('too long'), 'a script was ended')
    daemon.kill(signal.SIGUSR1)
    data = daemon.folder + '/keepalived.data'
    wait_until(lambda: os.path.exists(data), 'the dump')
    check('Last output = the end\n' in open(data).read(), 'the last line')


def _background_writer(node):
    """A script that leaves behind what writes without end."""
    return node.write('chk', '''#!/bin/sh
[ -e %s ] && exit 0
yes & echo $! > %s
exit 0
''' % (node.path('left'), node.path('left')), 0o755)


def writes_on_in_the_background(lab):
    """What a script left writes without end: it is read at leisure, and costs the keeper little."""
    node = _node(lab)
    daemon = node.start(_script('chk', _background_writer(node), interval=600) + _tracked('chk'))
    _master(node)

    def spent():
        with open('/proc/%d/stat' % daemon.pid) as stat:
            return sum(int(word) for word in stat.read().rsplit(')', 1)[1].split()[11:13]) / 100
    before = spent()
    time.sleep(2)
    check(spent() - before < 0.3, 'the keeper spent %.2f s of 2 s' % (spent() - before))
    os.kill(int(open(node.path('left')).read()), signal.SIGKILL)


def engine_without_descriptors(lab):
    """No descriptor for the engine's end: it is buried, and the next one starts."""
    node = _node(lab)
    daemon = node.start(instance())
    _master(node)
    for more in (-1, 0, 1):
        engine, count = daemon.engine, _descriptors(daemon.pid)
        _limit(node, daemon.pid, 'nofile', '%d:' % (count + more))
        os.kill(engine, signal.SIGKILL)
        time.sleep(1.5)
        check(not [pid for pid in daemon.children() if not exists(pid)], 'a zombie')
        check(len(daemon.children()) < 2, 'engines: %s' % daemon.children())
        _limit(node, daemon.pid, 'nofile', '1024:')
        wait_until(lambda: daemon.children() and _only_engine(daemon), 'one engine')
        _master(node)
    check(daemon.said('cannot start an engine: pidfd_open: Too many open files'), 'no such failure')


def reader_without_descriptors(lab):
    """No descriptor for the end of the child that reads a configuration: it is buried."""
    node = _node(lab)
    daemon = node.start(instance())
    _master(node)
    for more in (1, 2):
        _limit(node, daemon.pid, 'nofile', '%d:' % (_descriptors(daemon.pid) + more))
        for _ in range(3):
            daemon.kill(signal.SIGHUP)
            time.sleep(0.2)
        check(_only_engine(daemon), 'children: %s' % daemon.children())
    check(daemon.said('cannot read the configuration: pidfd_open: Too many open files'),
          'no such failure')
    _limit(node, daemon.pid, 'nofile', '1024:')
    count = daemon.log().count('configuration reloaded')
    daemon.kill(signal.SIGHUP)
    wait_until(lambda: daemon.log().count('configuration reloaded') > count, 'a reload')
    check(node.holds('192.0.2.100'), 'the address')
