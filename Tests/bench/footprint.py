#!/usr/bin/env python3
"""Memory of one idle virtual router: all processes of each daemon summed."""
import os
import sys
import time

import _bench
from lab import instance, wait_until

FIELDS = {'RSS': 'Rss:', 'anonymous (Pss_Anon)': 'Pss_Anon:'}


def family(pid):
    """The process and everything below it."""
    found = [pid]
    with open('/proc/%d/task/%d/children' % (pid, pid)) as file:
        for child in file.read().split():
            found += family(int(child))
    return found


def memory(pid):
    """{field: MB} summed over the daemon's processes, and the most threads that one has."""
    total, threads = dict.fromkeys(FIELDS, 0.0), 0
    for one in family(pid):
        with open('/proc/%d/smaps_rollup' % one) as file:
            for line in file:
                for field, start in FIELDS.items():
                    if line.startswith(start):
                        total[field] += int(line.split()[1]) / 1024
        threads = max(threads, len(os.listdir('/proc/%d/task' % one)))
    return total, threads, len(family(pid))


def wakeups(pid):
    total = 0
    for one in family(pid):
        with open('/proc/%d/status' % one) as file:
            total += sum(int(line.split()[1]) for line in file
                         if line.startswith('voluntary_ctxt_switches'))
    return total


def settled(lab, name, start):
    node = lab.node(name, eth0='192.0.2.%d/24' % (1 if name == 'ours' else 2))
    vrid = 51 if name == 'ours' else 52
    address = '192.0.2.%d' % (100 + vrid)
    daemon = start(node)(instance(vrid=vrid, addresses=(address + '/24',)))
    wait_until(lambda: node.holds(address), '%s is master' % name)
    return daemon


def measure(lab, options):
    ours = settled(lab, 'ours', lambda node: node.start)
    theirs = settled(lab, 'theirs', lambda node: node.start_reference)
    time.sleep(12)  # the second round of announcements is over, and what it needed let go
    (mine, threads, count), (other, _, _) = memory(ours.pid), memory(theirs.pid)
    for field in FIELDS:
        _bench.row(field, mine[field], other[field], 'MB')
    _bench.row('threads in each process', threads, None, '')
    _bench.row('processes', count, None, '')
    before = wakeups(ours.pid), wakeups(theirs.pid)
    time.sleep(10)
    after = wakeups(ours.pid), wakeups(theirs.pid)
    _bench.row('wake-ups a second, master at advert_int 1', (after[0] - before[0]) / 10,
               (after[1] - before[1]) / 10, '')
    _bench.row('executable', os.path.getsize(options.daemon) / 2**20,
               os.path.getsize(options.reference) / 2**20, 'MB')


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
