"""Notify scripts and FIFOs: order, coalescing, bounds, and readers that come and go."""
import os
import select
import signal
import time

from lab import check, exists, instance, wait_until


def _node(lab):
    return lab.node('r1', eth0='192.0.2.1/24')


def _flag(node):
    """A track file that is a fault while it holds 1: its path, and the configuration of it."""
    path = node.path('fault')
    node.write('fault', '0\n')
    return path, 'vrrp_track_file fault {\n file %s\n weight 0\n}\n' % path


def _set(path, value):
    with open(path, 'w') as file:
        file.write('%d\n' % value)


TRACKED = 'track_file {\nfault\n}\n'


def environment_and_words(lab):
    """Each command has its own words; notify has four more; all have the environment."""
    node = _node(lab)
    out = node.path('out')
    tell = node.write('tell', '#!/bin/sh\necho "$*|$MARTLET_INSTANCE $MARTLET_STATE '
                      '$MARTLET_PREVIOUS $MARTLET_SEQUENCE $MARTLET_PRIORITY|$MARTLET_REASON"'
                      ' >> %s\n' % out, 0o755)
    extra = ''.join('notify_%s "%s own %s"\n' % (state, tell, state)
                    for state in ('master', 'backup', 'fault', 'stop'))
    path, file = _flag(node)
    daemon = node.start(file + instance(
        extra=extra + 'notify "%s any"\n' % tell + TRACKED))
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    _set(path, 1)
    daemon.wait_said('FAULT')
    check(daemon.stop() == 0, 'exit status')
    lines = open(out).read().splitlines()
    words = [line.split('|')[0] for line in lines]
    check(words == ['own backup', 'any INSTANCE web BACKUP 100',
                    'own master', 'any INSTANCE web MASTER 100',
                    'own fault', 'any INSTANCE web FAULT 100',
                    'own stop', 'any INSTANCE web STOP 100'], str(words))
    values = [line.split('|')[1] for line in lines[::2]]
    check(values == ['web BACKUP INIT 1 100', 'web MASTER BACKUP 2 100',
                     'web FAULT MASTER 3 100', 'web STOP FAULT 4 100'], str(values))
    reasons = [line.split('|')[2] for line in lines[::2]]
    check(reasons == ['started', 'no master heard', 'file fault failed', 'stopped'], str(reasons))


def thousand_transitions(lab):
    """1,000 transitions while the script takes its time: in order, the last one told, no growth."""
    node = _node(lab)
    out = node.path('out')
    tell = node.write('tell', '#!/bin/sh\necho $MARTLET_SEQUENCE $MARTLET_STATE >> %s\nsleep 1\n'
                      % out, 0o755)
    path, file = _flag(node)
    daemon = node.start(file + instance(extra='notify "%s"\n' % tell + TRACKED))
    wait_until(lambda: os.path.exists(out), 'the first notification')

    def memory():
        with open('/proc/%d/status' % daemon.pid) as status:
            return [int(line.split()[1]) for line in status if line.startswith('RssAnon')][0]
    before, start = memory(), time.time()
    log = open(daemon.log_path, errors='replace')
    transitions = log.read().count('Entering ')
    # Each change is waited for, so that none is lost in the one after it.
    for number in range(1000):
        _set(path, 1 - number % 2)
        while True:
            transitions += log.read().count('Entering ')
            if transitions > number + 1:
                break
            check(time.time() - start < 120, 'only %d transitions' % transitions)
            time.sleep(0.0005)
    print('1,000 transitions in %.1f s' % (time.time() - start))
    _set(path, 1)
    wait_until(lambda: daemon.log().rindex('Entering FAULT') > daemon.log().rindex(
        'Entering BACKUP'), 'the last one is FAULT')
    time.sleep(0.5)
    transitions = daemon.log().count('Entering ')
    check(transitions >= 1000, 'only %d transitions' % transitions)

    def told():
        return [line.split() for line in open(out).read().splitlines()]
    wait_until(lambda: told()[-1][1] == 'FAULT' and int(told()[-1][0]) == transitions,
               'the last state is told')
    numbers = [int(line[0]) for line in told()]
    check(numbers == sorted(set(numbers)), 'out of order: %s' % numbers)
    check(len(numbers) < 5 + time.time() - start, 'not coalesced: %d' % len(numbers))
    check(memory() - before < 512, 'grew by %d kB' % (memory() - before))
    check('states were passed over' in daemon.log(), 'nothing said of those passed over')
    check(not [pid for pid in daemon.children() if not exists(pid)], 'zombies')


def notify_timeout(lab):
    """notify_timeout ends a command that takes too long, its group too; the next one runs."""
    node = _node(lab)
    pids = node.path('pids')
    hang = node.write('hang', "#!/bin/sh\ntrap '' TERM\necho $$ >> %s\nsleep 1000\nsleep 1000\n"
                      % pids, 0o755)
    daemon = node.start('global_defs {\n notify_timeout 0.5\n}\n' + instance(
        extra='notify_backup %s\nnotify_master "/bin/touch %s"\n' % (hang, node.path('master'))))
    wait_until(lambda: os.path.exists(node.path('master')), 'notify_master runs')
    wait_until(lambda: not exists(int(open(pids).read().split()[0])), 'the hanging one is gone')
    check(daemon.said('took too long'), 'the log says why')


def stop_scripts_end_first(lab):
    """The daemon ends after its stop scripts and its shutdown script, and not before."""
    node = _node(lab)
    out = node.path('out')
    stop = node.write('stop', '#!/bin/sh\nsleep 1\necho stop >> %s\n' % out, 0o755)
    down = node.write('down', '#!/bin/sh\nsleep 0.5\necho down >> %s\n' % out, 0o755)
    daemon = node.start('global_defs {\n shutdown_script %s\n}\n' % down
                        + instance(extra='notify_stop %s\n' % stop))
    daemon.wait_said('BACKUP STATE')
    check(daemon.stop() == 0, 'exit status')
    check(open(out).read() == 'stop\ndown\n', open(out).read())


def stop_script_that_hangs(lab):
    """Five seconds are what a stop script has: then it is ended with all it started."""
    node = _node(lab)
    pids = node.path('pids')
    hang = node.write('hang', "#!/bin/sh\ntrap '' TERM\nsleep 1000 & echo $! $$ > %s\nwait\nwait\n"
                      % pids, 0o755)
    daemon = node.start(instance(extra='notify_stop %s\n' % hang))
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    mark = time.time()
    daemon.kill(signal.SIGTERM)
    wait_until(lambda: not node.holds('192.0.2.100'), 'no address, whatever the script does', 4)
    check(daemon.exit_status(30) == 0, 'exit status')
    check(time.time() - mark > 4.5, 'it had only %g s' % (time.time() - mark))
    wait_until(lambda: not any(exists(int(pid)) for pid in open(pids).read().split()), 'all gone')


def fifo_scripts(lab):
    """notify_fifo_script and vrrp_notify_fifo_script get the FIFO's path, and end with the daemon."""
    node = _node(lab)
    read = node.write('read', '#!/bin/sh\necho $$ > %s/$1.pid\nexec cat "$2" > %s/$1.lines\n'
                      % (lab.scratch, lab.scratch), 0o755)
    text = 'global_defs {\n'
    for name in ('notify_fifo', 'vrrp_notify_fifo'):
        text += ' %s %s\n %s_script "%s %s"\n' % (name, node.path(name), name, read, name)
    daemon = node.start(text + '}\n' + instance())
    files = [os.path.join(lab.scratch, name) for name in ('notify_fifo', 'vrrp_notify_fifo')]

    def told(line):
        return all(os.path.exists(one + '.lines') and line in open(one + '.lines').read()
                   for one in files)
    wait_until(lambda: told('INSTANCE "web" MASTER 100\n'), 'both heard of the master')
    readers = [int(open(one + '.pid').read()) for one in files]
    daemon.kill(signal.SIGHUP)
    daemon.wait_said('configuration reloaded')
    check(all(exists(pid) for pid in readers), 'a reader did not survive the reload')
    check(daemon.stop() == 0, 'exit status')
    wait_until(lambda: not any(exists(pid) for pid in readers), 'the readers end')


def startup_script_first(lab):
    """startup_script runs before anything is sent; one that hangs is ended at its timeout."""
    node = _node(lab)
    out = node.path('out')
    up = node.write('up', '#!/bin/sh\necho up >> %s\nsleep 1000\n' % out, 0o755)
    daemon = node.start('global_defs {\n startup_script %s\n startup_script_timeout 1\n}\n' % up
                        + instance())
    daemon.wait_said('the startup script took too long')
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    log = daemon.log()
    check(log.index('took too long') < log.index('Entering BACKUP'), 'the order')


def deleted_by_reload(lab):
    """An instance that a reload removes: DELETED with notify_deleted, else FAULT, once."""
    node = _node(lab)
    fifo = node.path('fifo')
    two = instance('kept') + instance('a', 52, addresses=['192.0.2.101/24'], extra='notify_deleted')
    three = instance('b', 53, addresses=['192.0.2.102/24'])
    head = 'global_defs {\n vrrp_notify_fifo %s\n}\n' % fifo
    daemon = node.start(head + two + three)
    reader = _Reader(fifo)
    wait_until(lambda: reader.has('INSTANCE "b" MASTER 100'), 'b masters')
    daemon.reload(head + instance('kept'))
    wait_until(lambda: reader.has('INSTANCE "a" DELETED 100'), 'a is deleted')
    wait_until(lambda: reader.has('INSTANCE "b" FAULT 100'), 'b is in fault')
    check(not reader.has('INSTANCE "kept" FAULT 100'), 'kept goes on')


class _Reader:
    """Reads a FIFO, which may appear later."""

    def __init__(self, path):
        wait_until(lambda: os.path.exists(path), path)
        self.file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.text = ''

    def lines(self):
        while select.select([self.file], [], [], 0)[0]:
            part = os.read(self.file, 65536)
            if not part:
                break
            self.text += part.decode()
        return self.text.splitlines()

    def has(self, line):
        return line in self.lines()

    def close(self):
        os.close(self.file)


def fifo_survives_reload(lab):
    """The same FIFO before and after a reload; states are repeated where that is asked for."""
    node = _node(lab)
    fifo = node.path('fifo')
    text = ('global_defs {\n notify_fifo %s\n fifo_write_vrrp_states_on_reload\n}\n' % fifo
            + 'vrrp_track_file f {\n file %s\n}\n' % node.path('number')
            + instance(extra='notify_priority_changes true\ntrack_file {\n f\n }\n'))
    daemon = node.start(text)
    reader = _Reader(fifo)
    wait_until(lambda: reader.has('INSTANCE "web" MASTER 100'), 'MASTER')
    check(reader.lines() == ['INSTANCE "web" BACKUP 100', 'INSTANCE "web" MASTER 100'],
          str(reader.lines()))
    node.write('number', '7\n')
    wait_until(lambda: reader.has('INSTANCE "web" MASTER_PRIORITY 107'), 'the priority')
    daemon.kill(signal.SIGHUP)
    wait_until(lambda: reader.lines().count('INSTANCE "web" MASTER 100') == 2, 'told again')
    check(daemon.stop() == 0, 'exit status')
    check(reader.lines()[-1] == 'INSTANCE "web" STOP 107', str(reader.lines()))
    check(not os.path.exists(fifo), 'the FIFO is left')


def fifo_reader_behind(lab):
    """Nobody reads: nothing blocks; a late reader still gets everybody's latest state, last."""
    node = _node(lab)
    fifo = node.path('fifo')
    path, file = _flag(node)
    daemon = node.start('global_defs {\n notify_fifo %s\n}\n' % fifo + file
                        + instance('n' * 200, extra=TRACKED))
    daemon.wait_said('BACKUP STATE')
    for number in range(600):
        _set(path, 1 - number % 2)
        time.sleep(0.004)
    daemon.wait_said('is full')
    _set(path, 0)
    wait_until(lambda: node.holds('192.0.2.100'), 'the daemon works')
    reader = _Reader(fifo)
    wait_until(lambda: reader.lines()[-1].endswith('" MASTER 100'), 'the latest state')
    reader.close()
    _set(path, 1)
    daemon.wait_said('FAULT')
    _set(path, 0)
    wait_until(lambda: node.holds('192.0.2.100'), 'master again, with nobody reading')


def group_told_after_members(lab):
    """A group's commands run once for each change, with GROUP, its name and priority 0."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    fifo = node.path('fifo')
    out = node.path('out')
    tell = node.write('tell', '#!/bin/sh\necho "$* $MARTLET_PREVIOUS" >> %s\n' % out, 0o755)
    daemon = node.start(
        'global_defs {\n notify_fifo %s\n}\n' % fifo
        + 'vrrp_sync_group G {\n group {\n a\n b\n }\n notify %s\n}\n' % tell
        + instance('a', 51) + instance('b', 52, interface='eth1', addresses=['198.51.100.9/24']))
    reader = _Reader(fifo)
    wait_until(lambda: reader.has('GROUP "G" MASTER 0'), 'the group masters')
    node.run('ip', 'link', 'set', 'eth1', 'down')
    wait_until(lambda: reader.has('GROUP "G" FAULT 0'), 'the group is in fault')
    lines = reader.lines()
    check(lines[0] == 'GROUP "G" BACKUP 0', 'at the start the group comes first: %s' % lines[0])
    for state in ('MASTER', 'FAULT'):
        group = lines.index('GROUP "G" %s 0' % state)
        for name in 'ab':
            check(lines.index('INSTANCE "%s" %s 100' % (name, state)) < group, 'the group first')
    wait_until(lambda: open(out).read().splitlines() == [
        'GROUP G BACKUP 0 INIT', 'GROUP G MASTER 0 BACKUP', 'GROUP G FAULT 0 MASTER'], 'notify')
    check(daemon.process.poll() is None, 'the daemon runs')
