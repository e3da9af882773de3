"""SIGHUP at bad moments: what was asked for comes into force, or the old runs on and says so."""
import os
import signal
import struct
import time

from lab import check, instance, wait_until

# What the keeper shares with its engine: a header of 8 words, then 8 for each of 4,096 virtual
# routers. The first word is the generation that the slots belong to; 0 within a reload.
SLOTS_BYTES = 8 * (8 + 4096 * 8)


def _crowd(count):
    """That many instances which are BACKUP on the same interface."""
    return ''.join(instance('crowd%d' % vrid, vrid, 50, addresses=('192.0.3.%d/24' % vrid,))
                   for vrid in range(60, 60 + count))


def asked_for_during_one(lab):
    """A file that is changed, and told of, while a reload reads it: the last text comes into force."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    daemon = one.start(instance(priority=200))
    wait_until(lambda: one.holds('192.0.2.100'), 'the address')
    slow = ''.join('vrrp_script s%d {\n script "/bin/true"\n}\n' % n for n in range(20000))
    daemon.reload(slow + instance(priority=200, addresses=('192.0.2.101/24',)))
    time.sleep(0.03)
    daemon.reload(instance(priority=200, addresses=('192.0.2.102/24',)))
    wait_until(lambda: one.holds('192.0.2.102'), 'the last text is in force')
    check(not one.holds('192.0.2.101'), 'an address of the first stays')


class _Slots:
    """The generation in the memory that keeper and engine share."""

    def __init__(self, pid):
        pages = -(-SLOTS_BYTES // 4096) * 4096
        with open('/proc/%d/maps' % pid) as maps:
            for line in maps:
                first, last = (int(word, 16) for word in line.split()[0].split('-'))
                if last - first == pages and '/dev/zero' in line:
                    self.start = first
        self.memory = os.open('/proc/%d/mem' % pid, os.O_RDONLY)

    def generation(self):
        return struct.unpack('Q', os.pread(self.memory, 8, self.start))[0]


def _kill_within_reload(daemon, slots, text):
    """Whether the engine was caught with a reload half done."""
    engine, before = daemon.engine, slots.generation()
    daemon.reload(text)
    while slots.generation() == before:
        pass
    os.kill(engine, signal.SIGSTOP)
    caught = slots.generation() == 0
    os.kill(engine, signal.SIGKILL if caught else signal.SIGCONT)
    return caught


def engine_killed_within_one(lab):
    """The engine dies with a reload half done: the address is handed over, the old text runs on and
    the log says so; the next reload comes into force."""
    a, b = lab.pair()
    slots = _Slots(a.pid)
    while not _kill_within_reload(a, slots, _crowd(150) + instance(priority=150)):
        # It took a few milliseconds, in which this test had no core.
        before = slots.generation()
        a.reload(instance(priority=150))
        wait_until(lambda: slots.generation() not in (0, before), 'back to the old text')
    farewell = lab.wire.wait_heard('priority 0', source='192.0.2.1', priority=0)
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the peer holds the address')
    check(not a.node.holds('192.0.2.100'), 'the address was left')
    first = lab.wire.wait_heard('the peer masters', source='192.0.2.2')
    check(first.time - farewell.time < 0.609375 + 0.5, 'the peer was late')
    a.wait_said('the engine died before the new configuration was in force')
    a.reload(instance('later', 250, addresses=('192.0.3.1/24',)) + instance(priority=150))
    a.wait_said('(later) Entering BACKUP STATE')
