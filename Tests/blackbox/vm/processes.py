"""vrrp_track_process where the kernel tells of processes: the machine's own namespaces."""
import os
import shutil
import signal
import subprocess
import time

from lab import Host, check, instance, run, stays, wait_until

IN_INITIAL_NAMESPACES = True


class _Tracked:
    """A daemon that is in FAULT unless what it tracks is as it should be; `worker` is what runs."""

    def __init__(self, lab, number, lines, namespace=None):
        self.node = Host(lab, 'dummy%d' % number, '192.0.2.%d/24' % number, namespace)
        self.address = '192.0.2.%d' % (100 + number)
        self.worker = '/tmp/worker%d' % number
        self.started = []
        shutil.copy('/bin/sleep', self.worker)
        text = 'vrrp_track_process p {\n    weight 0\n    process %s\n}\n' % '\n    '.join(
            line.replace('WORKER', self.worker) for line in lines)
        self.daemon = self.node.start(text + instance(
            interface=self.node.name, vrid=number, addresses=[self.address + '/24'],
            extra='track_process {\n        p\n    }'),
            options=('-s', namespace) if namespace else ())
        # Who was not confirmed as a listener within a second looks through /proc from then on.
        self.daemon.wait_said('STATE', 20)
        time.sleep(3)
        check(not self.daemon.said('looking through /proc'), 'the kernel tells nothing')

    def run(self, *words):
        self.started.append(subprocess.Popen([self.worker, *(words or ('300',))]))
        return self.started[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.started:
            one.kill()

    def end(self, one):
        one.kill()
        one.wait()

    def is_master(self):
        return self.node.holds(self.address)

    def becomes(self, master, what):
        wait_until(lambda: self.is_master() == master, what, 20)
        check(not self.daemon.said('events were lost'), 'events were lost')


def quorum(lab):
    """As many as quorum and not more than quorum_max: each start and end is told."""
    with _Tracked(lab, 11, ['worker11', 'quorum 2', 'quorum_max 2']) as it:
        check(it.daemon.said('Entering FAULT'), 'nothing runs, and that is no fault')
        first = it.run()
        stays(lambda: not it.is_master(), 'one is too few', 2)
        second = it.run()
        it.becomes(True, 'two are enough')
        third = it.run()
        it.becomes(False, 'three are too many')
        it.end(first)
        it.becomes(True, 'two again')
        it.end(second)
        it.becomes(False, 'one is too few')
        it.end(third)


def delays(lab):
    """terminate_delay and fork_delay: a restart goes unnoticed, an end and a start do not."""
    with _Tracked(lab, 12, ['worker12', 'terminate_delay 3', 'fork_delay 2']) as it:
        one = it.run()
        began = time.time()
        it.becomes(True, 'it runs')
        check(time.time() - began >= 2, 'a start counted after %g s' % (time.time() - began))
        it.end(one)
        two = it.run()
        stays(it.is_master, 'restarted in time', 5)
        began = time.time()
        it.end(two)
        it.becomes(False, 'it ended')
        check(time.time() - began >= 3, 'an end counted after %g s' % (time.time() - began))


def parameters(lab):
    """param_match initial: the last parameter may go on; other parameters do not count."""
    with _Tracked(lab, 13, ['WORKER 30', 'param_match initial']) as it:
        other = it.run('400')
        stays(lambda: not it.is_master(), 'other parameters', 2)
        one = it.run('301')
        it.becomes(True, 'a parameter that goes on')
        it.end(one)
        it.becomes(False, 'it ended')
        it.end(other)


def partial(lab):
    """param_match partial: more may follow."""
    with _Tracked(lab, 14, ['WORKER 300', 'param_match partial']) as it:
        one = it.run('301')
        stays(lambda: not it.is_master(), 'another parameter', 2)
        two = it.run('300', '2')
        it.becomes(True, 'more parameters')
        it.end(one)
        it.end(two)
        it.becomes(False, 'it ended')


def becomes_another(lab):
    """A shell that becomes the program counts from then on; short-lived ones do no harm."""
    with _Tracked(lab, 15, ['worker15']) as it:
        shell = subprocess.Popen(
            ['/bin/sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do /bin/cat /dev/null; done;'
             ' exec %s 300' % it.worker])
        it.started.append(shell)
        it.becomes(True, 'the shell became it')
        os.kill(shell.pid, signal.SIGKILL)
        shell.wait()
        it.becomes(False, 'it ended')


def in_a_network_namespace(lab):
    """-s: the addresses are another network namespace's, the processes are the machine's."""
    run('ip', 'netns', 'add', 'routing')
    with _Tracked(lab, 16, ['worker16'], 'routing') as it:
        check(it.daemon.said('Entering FAULT'), 'nothing runs, and that is no fault')
        one = it.run()
        it.becomes(True, 'it runs')
        it.end(one)
        it.becomes(False, 'it ended')
