"""Check scripts that misbehave, one way each: what they count as, and that nothing is left of them."""
import os
import signal
import time

from lab import check, exists, instance, stays, wait_until

GOOD = '#!/bin/sh\nexit 0\n'


class _Checked:
    """A router that is master as long as its script, which can be replaced, succeeds."""

    def __init__(self, lab, timeout=1):
        self.lab = lab
        self.node = lab.node('r1', eth0='192.0.2.1/24')
        self.path = self.node.path('chk')
        self.pids = self.node.path('pids')
        self.replace(GOOD)
        self.daemon = self.node.start(
            'vrrp_script chk {\n script %s\n interval 0.2\n timeout %g\n}\n' % (self.path, timeout)
            + instance(extra='track_script {\n chk\n}'))
        self.wait_master()

    def replace(self, text):
        """In one step: no run meets half a script."""
        if os.path.isdir(self.path):
            os.rmdir(self.path)
        self.node.write('new', text, 0o755)
        os.rename(self.node.path('new'), self.path)

    def wait_master(self):
        wait_until(lambda: self.node.holds('192.0.2.100'), 'master')

    def data(self):
        """What a dump says of the script: {'Last result': 'exit status 0', ...}"""
        file = self.daemon.folder + '/keepalived.data'
        if os.path.exists(file):
            os.unlink(file)
        self.daemon.kill(signal.SIGUSR1)
        wait_until(lambda: os.path.exists(file), 'a dump')
        time.sleep(0.1)
        part = open(file).read().split('VRRP Script = chk')[-1].split('VRRP Script =')[0]
        return dict(line.strip().split(' = ', 1) for line in part.splitlines() if ' = ' in line)

    def wait_failed(self, result):
        """FAULT, and this as the script's last result."""
        wait_until(lambda: not self.node.holds('192.0.2.100'), 'the address is let go')
        self.daemon.wait_said('Entering FAULT STATE (script chk failed)')
        wait_until(lambda: self.data().get('Last result') == result, 'the result ' + result)

    def started(self):
        """Process ids that runs of the script wrote down."""
        if not os.path.exists(self.pids):
            return []
        return [int(word) for word in open(self.pids).read().split()]

    def mended(self):
        """A good script again: master; nothing is left of the bad one."""
        self.replace(GOOD)
        self.wait_master()
        wait_until(lambda: not any(exists(pid) for pid in self.started()), 'all of it is gone')
        wait_until(lambda: not [pid for pid in self.daemon.children() if not exists(pid)],
                   'no zombies')


def hangs(lab):
    """It never ends: failed at its timeout, and gone by SIGTERM."""
    one = _Checked(lab, timeout=0.4)
    one.replace('#!/bin/sh\necho $$ >> %s\nexec sleep 1000\n' % one.pids)
    one.wait_failed('timed out')
    check(0.4 <= float(one.data()['Last duration'].split()[0]) < 5, 'its duration')
    wait_until(lambda: not exists(one.started()[0]), 'the first one is gone')
    one.mended()


def ignores_term(lab):
    """It ignores SIGTERM: failed at its timeout, killed two seconds later."""
    one = _Checked(lab, timeout=0.4)
    one.replace("#!/bin/sh\ntrap '' TERM\necho $$ >> %s\nwhile :; do sleep 1000; done\n" % one.pids)
    one.wait_failed('timed out')
    first = wait_until(one.started, 'a pid')[0]
    mark = time.time()
    wait_until(lambda: not exists(first), 'it is killed')
    check(time.time() - mark < 8, 'only after %g s' % (time.time() - mark))
    one.mended()


def forks(lab):
    """It hangs among children that ignore SIGTERM: all of the group ends with it."""
    one = _Checked(lab, timeout=0.4)
    one.replace('''#!/bin/sh
for i in 1 2 3; do
    (trap '' TERM; exec sleep 1000) & echo $! >> %s
done
echo $$ >> %s
wait
''' % (one.pids, one.pids))
    one.wait_failed('timed out')
    first = wait_until(lambda: one.started()[:4] if len(one.started()) >= 4 else None, 'four pids')
    wait_until(lambda: not any(exists(pid) for pid in first), 'the group is gone')
    one.mended()


def floods(lab):
    """It writes without end: failed at its timeout; advertisements go on, no memory is lost."""
    one = _Checked(lab, timeout=1)

    def memory():
        with open('/proc/%d/status' % one.daemon.pid) as status:
            return [int(line.split()[1]) for line in status if line.startswith('RssAnon')][0]
    before = memory()
    one.replace('#!/bin/sh\necho $$ >> %s\nexec yes "a line of no worth"\n' % one.pids)
    one.wait_failed('timed out')
    # Cut where the end met it.
    last = one.data()['Last output']
    check(last and 'a line of no worth'.startswith(last), 'the last line: ' + last)
    check(memory() - before < 1024, 'grew by %d kB' % (memory() - before))
    one.mended()


def ends_by_signal(lab):
    """A signal ends it: failed, and the signal is named."""
    one = _Checked(lab)
    one.replace('#!/bin/sh\nkill -SEGV $$\n')
    one.wait_failed('signal 11')
    one.mended()


def disappears(lab):
    """It is not there any more: failed, with the reason; back again, it counts again."""
    one = _Checked(lab)
    os.unlink(one.path)
    one.wait_failed('cannot run: No such file or directory')
    one.mended()


def becomes_a_directory(lab):
    """A directory stands in its place: failed, with the reason."""
    one = _Checked(lab)
    os.unlink(one.path)
    os.mkdir(one.path)
    one.wait_failed('cannot run: Permission denied')
    one.mended()


def leaves_something_behind(lab):
    """It ends well and leaves a process in the background: that one is its own affair."""
    one = _Checked(lab, timeout=0.4)
    one.replace('#!/bin/sh\n[ -e %s ] || { sleep 1000 & echo $! > %s; }\nexit 0\n'
                % (one.pids, one.pids))
    left = wait_until(one.started, 'a pid')[0]
    stays(lambda: exists(left) and one.node.holds('192.0.2.100'), 'both go on', 1.5)
    os.kill(left, signal.SIGKILL)


def acted_on_at_the_fall(lab):
    """`fall 2`: the second failure in a row is acted on, before the third run."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    runs, good = node.path('runs'), node.write('good', '')
    # Its runs stand in the file with the time of their start, if they fail.
    script = node.write('chk', '#!/bin/sh\nnow=$(date +%%s.%%N)\n[ -e %s ] && exit 0\n'
                        'echo $now >> %s\nexit 1\n' % (good, runs), 0o755)
    node.start('vrrp_script chk {\n script %s\n interval 3\n fall 2\n}\n' % script
               + instance(extra='track_script {\n chk\n}'))
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    os.unlink(good)
    farewell = lab.wire.wait_heard('priority 0', priority=0, timeout=15)
    wait_until(lambda: len(open(runs).read().split()) >= 3, 'three runs')
    times = [float(word) for word in open(runs).read().split()]
    check(times[1] < farewell.time < times[2], 'priority 0 at %.3f, runs at %s'
          % (farewell.time, times))
