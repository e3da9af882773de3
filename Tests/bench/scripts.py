#!/usr/bin/env python3
"""200 check scripts a second beside advertisements every 100 ms: who is late, and what is left.

--seconds 600 watches ours for ten minutes (keepalived always for 20 s, for the comparison);
--real-time gives both vrrp_rt_priority, so that the figure is not that of the machine's other work.
"""
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


class Watch:
    """Samples, ten times a second, the descriptors and the corpses of a daemon's processes."""

    def __init__(self, daemon):
        self.daemon, self.counts, self.corpses, self.oldest = daemon, [], {}, 0.0

    def sample(self):
        # Of the keeper and the engine.
        self.counts.append([len(os.listdir('/proc/%d/fd' % pid))
                            for pid in (self.daemon.pid, self.daemon.engine)])
        now = time.time()
        dead = {pid for pid in self.daemon.children() if not exists(pid)}
        self.corpses = {pid: self.corpses.get(pid, now) for pid in dead}
        self.oldest = max([self.oldest, *(now - since for since in self.corpses.values())])

    def run(self, seconds):
        end = time.time() + seconds
        while time.time() < end:
            self.sample()
            time.sleep(0.1)

    def text(self):
        """A descriptor for each script that runs comes and goes: the fewest is what is held."""
        part = max(1, len(self.counts) // 10)
        fewest = lambda counts, index: min(one[index] for one in counts)
        return ('descriptors %d and %d at first, %d and %d at last (keeper, engine); the oldest corpse '
                '%.0f ms, left in the end %d' % (
                    *(fewest(self.counts[:part], index) for index in (0, 1)),
                    *(fewest(self.counts[-part:], index) for index in (0, 1)),
                    self.oldest * 1000, len(self.corpses)))


def load(lab, node, start, name, seconds, options):
    """(latest advertisement in ms, own CPU %, overlaps, what a Watch saw)"""
    out = node.path(name)
    # Nothing but the shell itself: what it starts would be measured too.
    script = node.write('chk', '#!/bin/sh\necho "+ $1" >> %s\necho "- $1" >> %s\n'
                        % (out, out), 0o755)
    text = 'global_defs {\n vrrp_rt_priority 20\n vrrp_rlimit_rttime 1000000\n}\n' if options.real_time else ''
    text += ''.join('vrrp_script s%d {\n script "%s %d"\n interval 1\n timeout 20\n weight -1\n}\n'
                   % (number, script, number) for number in range(SCRIPTS))
    tracked = 'track_script {\n%s\n}' % '\n'.join('s%d' % one for one in range(SCRIPTS))
    daemon = start(text + instance(priority=250, interval=0.1, extra='version 3\n' + tracked))
    wait_until(lambda: node.holds('192.0.2.100'), 'master', 30)
    time.sleep(3)
    watch, used, since = Watch(daemon), processor_seconds([daemon.pid]), time.time()
    watch.run(seconds)
    wait_until(lambda: watch.sample() or not watch.corpses, 'no corpses', 30)
    late = latest(lab, since)
    own = (processor_seconds([daemon.pid])[0] - used[0]) / (time.time() - since) * 100
    twice = overlaps(out)
    daemon.stop(30)
    return late, own, twice, watch


def measure(lab, options):
    node = lab.node('r1', eth0='192.0.2.1/24')
    ours = load(lab, node, node.start, 'ours', options.seconds or SECONDS, options)
    theirs = load(lab, node, node.start_reference, 'theirs', SECONDS, options)
    for name, index, unit in (('latest advertisement', 0, 'ms'),
                              ('processor of the first process', 1, '%')):
        _bench.row('%d scripts a second: %s' % (SCRIPTS, name), ours[index], theirs[index], unit)
    print('  in %d s: overlaps %d; %s'
          % (options.seconds or SECONDS, ours[2], ours[3].text()), flush=True)


sys.exit(_bench.main(measure))
