#!/usr/bin/env python3
"""200 check scripts a second beside advertisements every 100 ms: who is late, and what is left."""
import os
import sys
import time

import _bench
from lab import exists, instance, wait_until

SCRIPTS, SECONDS = 200, 20


def processor_seconds(pids):
    """Of these processes themselves, and of the children that they have buried."""
    ticks = [0, 0]
    for pid in pids:
        with open('/proc/%d/stat' % pid) as file:
            fields = file.read().rsplit(')', 1)[1].split()
        ticks[0] += int(fields[11]) + int(fields[12])
        ticks[1] += int(fields[13]) + int(fields[14])
    return [one / os.sysconf('SC_CLK_TCK') for one in ticks]


def latest(lab, since, interval=0.1):
    """By how much the latest advertisement missed the rhythm of those before it, in ms."""
    times = [one.time for one in lab.wire.heard(since=since)]
    return max(second - first - interval for first, second in zip(times, times[1:])) * 1000


def overlaps(path):
    """How often a script began before it had ended."""
    running, count = set(), 0
    for line in open(path):
        sign, name = line.split()
        if sign == '+':
            count += name in running
            running.add(name)
        else:
            running.discard(name)
    return count


def load(lab, node, start, name):
    """(latest advertisement in ms, own CPU %, overlaps, zombies, descriptors gained)"""
    out = node.path(name)
    # Nothing but the shell itself: what it starts would be measured too.
    script = node.write('chk', '#!/bin/sh\necho "+ $1" >> %s\necho "- $1" >> %s\n'
                        % (out, out), 0o755)
    text = ''.join('vrrp_script s%d {\n script "%s %d"\n interval 1\n timeout 20\n weight -1\n}\n'
                   % (number, script, number) for number in range(SCRIPTS))
    tracked = 'track_script {\n%s\n}' % '\n'.join('s%d' % one for one in range(SCRIPTS))
    daemon = start(text + instance(priority=250, interval=0.1, extra='version 3\n' + tracked))
    wait_until(lambda: node.holds('192.0.2.100'), 'master', 30)
    time.sleep(3)
    descriptors = lambda: len(os.listdir('/proc/%d/fd' % daemon.pid))
    before, used, since = descriptors(), processor_seconds([daemon.pid]), time.time()
    time.sleep(SECONDS)
    late = latest(lab, since)
    own = (processor_seconds([daemon.pid])[0] - used[0]) / (time.time() - since) * 100
    dead = [one for one in daemon.children() if not exists(one)]
    time.sleep(2)
    zombies = len([one for one in dead if one in daemon.children() and not exists(one)])
    twice = overlaps(out)
    gained = descriptors() - before
    daemon.stop(30)
    return late, own, twice, zombies, gained


def measure(lab, options):
    node = lab.node('r1', eth0='192.0.2.1/24')
    ours = load(lab, node, node.start, 'ours')
    theirs = load(lab, node, node.start_reference, 'theirs')
    for name, index, unit in (('latest advertisement', 0, 'ms'),
                              ('processor of the first process', 1, '%')):
        _bench.row('%d scripts a second: %s' % (SCRIPTS, name), ours[index], theirs[index], unit)
    print('  overlaps %d, zombies that stay %d, descriptors gained %d' % ours[2:], flush=True)


sys.exit(_bench.main(measure))
