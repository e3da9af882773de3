#!/usr/bin/env python3
"""A reload of a master of 255 instances: how late advertisements get, and what it costs."""
import os
import signal
import subprocess
import sys
import time

import _bench
from lab import check, instance, wait_until

COUNT, SECONDS = 255, 1.5


def interval(vrid):
    """In seconds. Nearly all differ, so that at each moment an advertisement is due."""
    return 0.1 + vrid % 50 / 100


def configuration(changed=False):
    """Masters of an address each; the hundredth has one more when changed."""
    text = ['global_defs {\n    vrrp_garp_master_delay 0\n    vrrp_garp_master_repeat 1\n}\n']
    for vrid in range(1, COUNT + 1):
        addresses = ['10.0.0.%d/32' % vrid]
        if changed and vrid == 100:
            addresses.append('10.0.1.1/32')
        text.append(instance(name='VI_%d' % vrid, vrid=vrid, priority=200, state='MASTER',
                             interval='%.2f' % interval(vrid), addresses=addresses, extra='version 3'))
    return ''.join(text)


def family(pid):
    found = [pid]
    with open('/proc/%d/task/%d/children' % (pid, pid)) as file:
        for child in file.read().split():
            found += family(int(child))
    return found


def processor_milliseconds(pid):
    """Of all processes of a daemon, and of the children that they have buried."""
    total = 0
    for one in family(pid):
        with open('/proc/%d/stat' % one) as file:
            total += sum(int(word) for word in file.read().rsplit(')', 1)[1].split()[11:15])
    return total * 1000 / os.sysconf('SC_CLK_TCK')


def latest(lab, since):
    """By how much the latest advertisement missed its rhythm, in ms."""
    times = {}
    # With the one before it: what is late may be the first.
    for one in lab.wire.heard(since=since - 0.7):
        times.setdefault(one.vrid, []).append(one.time)
    check(len(times) == COUNT, '%d of %d virtual routers were heard' % (len(times), COUNT))
    return max(second - first - interval(vrid) for vrid, one in times.items()
               for first, second in zip(one, one[1:])) * 1000


def spell(lab, daemon, text):
    """(latest advertisement, processor time) of the seconds after a reload; without a text, none."""
    used, since = processor_milliseconds(daemon.pid), time.time()
    if text is not None:
        daemon.reload(text)
    time.sleep(SECONDS)
    return latest(lab, since), processor_milliseconds(daemon.pid) - used


def measure_one(lab, node, start, repeats):
    daemon = start(configuration())
    wait_until(lambda: len({one.vrid for one in lab.wire.heard()}) == COUNT, 'all advertise', 30)
    wait_until(lambda: node.holds('10.0.0.%d' % COUNT), 'all addresses are held', 30)
    # Ahead of whatever else this machine does, as far as it may.
    for pid in family(daemon.pid):
        subprocess.run(['chrt', '-f', '-p', '10', str(pid)], stderr=subprocess.DEVNULL)
    time.sleep(1)
    results = {'no reload': [], 'unchanged': [], 'one change': []}
    for _ in range(repeats):
        results['no reload'].append(spell(lab, daemon, None))
        results['unchanged'].append(spell(lab, daemon, configuration()))
        results['one change'].append(spell(lab, daemon, configuration(changed=True)))
        wait_until(lambda: node.holds('10.0.1.1'), 'the change is in force', 30)
        daemon.reload(configuration())
        wait_until(lambda: not node.holds('10.0.1.1'), 'the change is undone', 30)
        time.sleep(0.5)
    daemon.stop(30)
    return {name: [_bench.median([one[column] for one in values]) for column in (0, 1)]
            for name, values in results.items()}


def measure(lab, options):
    figures = []
    for name, start in (('ours', 'start'), ('theirs', 'start_reference')):
        node = lab.node(name, eth0='192.0.2.1/24')
        figures.append(measure_one(lab, node, getattr(node, start), options.repeats))
    for name in figures[0]:
        ours, theirs = figures[0][name], figures[1][name]
        _bench.row('%s: latest advertisement' % name, ours[0], theirs[0], 'ms')
        _bench.row('%s: processor time in %g s' % (name, SECONDS), ours[1], theirs[1], 'ms')


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
