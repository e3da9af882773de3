#!/usr/bin/env python3
"""How late advertisements at 100 ms are while 1,000 addresses come and go, or 500 veth links go."""
import sys
import time

import _bench
from lab import instance, wait_until

MANY = ['10.%d.%d.1/24' % (n // 250, n % 250) for n in range(1000)]
EXCLUDED = 'virtual_ipaddress_excluded {\n%s\n}' % '\n'.join(MANY)
QUICK = 'global_defs {\n    vrrp_version 3\n}\n' + instance(
    'quick', 52, interface='eth1', addresses=['198.51.100.100/24'], interval=0.1)
# An owner, which is master at once.
HOLDER = instance(priority=255, state='MASTER', extra=EXCLUDED)
# Changes take less time than an interval: only some of them meet an advertisement that is due.
CYCLES = 5
# So long after an event the rhythm is still watched, in seconds.
TAIL = 0.4


def lateness(lab, since):
    """The most that an advertisement was late since then, in ms."""
    times = [one.time for one in lab.wire.heard('198.51.100.1', since=since - 0.15, vrid=52)]
    return max(after - before - 0.1 for before, after in zip(times, times[1:])) * 1000


def count(node):
    return node.run('ip', '-o', '-4', 'addr', 'show', 'dev', 'eth0').count(' 10.')


def watched(lab, change, is_done, what):
    """(ms until it is done, most lateness in ms)."""
    since = time.time()
    change()
    wait_until(is_done, what, 60)
    took = (time.time() - since) * 1000
    time.sleep(TAIL)
    return took, lateness(lab, since)


def delete_links(node):
    node.run('ip', '-batch', node.write('delete', ''.join(
        'link del v%d\n' % n for n in range(500))))


def rhythm(lab, node, start):
    node.run('ip', '-batch', node.write('add', ''.join(
        'link add v%d type veth peer name w%d\n' % (n, n) for n in range(500))))
    daemon = start(QUICK)
    wait_until(lambda: node.holds('198.51.100.100'), 'the quick instance is master')
    time.sleep(TAIL)
    come = ('1,000 addresses come', lambda: daemon.reload(QUICK + HOLDER), lambda: count(node) == 1000)
    go = ('1,000 addresses go', lambda: daemon.reload(QUICK), lambda: count(node) == 0)
    quiet = ('nothing happens', lambda: None, lambda: True)
    links = ('500 veth links go', lambda: delete_links(node), lambda: True)
    results = {}
    for name, change, is_done in (quiet, *[come, go] * CYCLES, come, links, go):
        took, late = watched(lab, change, is_done, name)
        results.setdefault(name + ': until it is done', []).append(took)
        results.setdefault(name + ': most lateness', []).append(late)
    daemon.end()
    return results


def measure(lab, options):
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24')
    figures = {}
    for _ in range(options.repeats):
        for name, start in (('ours', node.start), ('theirs', node.start_reference)):
            for key, value in rhythm(lab, node, start).items():
                figures.setdefault(key, {'ours': [], 'theirs': []})[name].extend(value)
    for key, both in figures.items():
        pick = max if key.endswith('lateness') else _bench.median
        _bench.row(key, pick(both['ours']), pick(both['theirs']), 'ms')


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
