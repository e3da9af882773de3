#!/usr/bin/env python3
"""Start, stop, take-over after a kill and after a stop, at advert_int 1, VRRP version 2."""
import os
import signal
import sys
import time

import _bench
from lab import instance, wait_until

# Priority 100 at advert_int 1 (RFC 3768, 6.1), in seconds.
MASTER_DOWN, SKEW = 3.609375, 0.609375


def start_to_first_advertisement(lab, node, start):
    """An owner: exec to the first advertisement on the wire, in ms."""
    since = time.time()
    daemon = start(instance(priority=255, state='MASTER', vrid=77, addresses=('192.0.2.77/24',)))
    first = lab.wire.wait_heard('an owner', vrid=77, since=since)
    took = (first.time - since) * 1000
    wait_until(lambda: node.holds('192.0.2.77'), 'the address')
    since = time.time()
    daemon.kill(signal.SIGTERM)
    daemon.process.wait()
    return took, (time.time() - since) * 1000


def takeover(lab, one, two, starts, signals):
    """Excess over the protocol's time, in ms, as seen in the first advertisement of the other."""
    a = starts[0](instance(priority=150))
    wait_until(lambda: one.holds('192.0.2.100'), 'the first is master')
    b = starts[1](instance(priority=100))
    wait_until(lambda: b.said('BACKUP'), 'the second is backup')
    time.sleep(0.3)
    if signals == 'stop':
        a.kill(signal.SIGTERM)
        begin = lab.wire.wait_heard('priority 0', source='192.0.2.1', priority=0,
                                    since=time.time() - 0.1).time
        due = SKEW
    else:
        kill_all(a)
        one.cut()
        begin, due = lab.wire.heard('192.0.2.1')[-1].time, MASTER_DOWN
    heard = lab.wire.wait_heard('the take-over', source='192.0.2.2', since=begin + 0.01)
    one.run('ip', 'addr', 'flush', 'to', '192.0.2.100', 'dev', 'eth0')
    one.join()
    for daemon in (a, b):
        daemon.end()
    two.run('ip', 'addr', 'flush', 'to', '192.0.2.100', 'dev', 'eth0')
    return (heard.time - begin - due) * 1000


def kill_all(daemon):
    """kill -9 of every process of the daemon; the first is stopped before, so that it sees none die."""
    daemon.kill(signal.SIGSTOP)
    for pid in [*daemon.children(), daemon.pid]:
        os.kill(pid, signal.SIGKILL)
    daemon.process.wait()


def measure(lab, options):
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    figures = {}
    for _ in range(options.repeats):
        for name, start in (('ours', 'start'), ('theirs', 'start_reference')):
            starts = getattr(one, start), getattr(two, start)
            took, stop = start_to_first_advertisement(lab, one, starts[0])
            results = {'owner: exec to first advertisement': took, 'SIGTERM to the end': stop}
            for how in ('kill', 'stop'):
                results['take-over after a %s, beyond the protocol' % how] = takeover(
                    lab, one, two, starts, how)
            for key, value in results.items():
                figures.setdefault(key, {'ours': [], 'theirs': []})[name].append(value)
    for key, both in figures.items():
        _bench.row(key, _bench.median(both['ours']), _bench.median(both['theirs']), 'ms')


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
