#!/usr/bin/env python3
"""Allocations per advertisement in steady state, sent and received: the figure should be 0.

Counted by a preloaded library, so for a dynamically linked daemon only: the small build, which is
static, has the same sources."""
import sys
import time

import _bench
from allocations import counter, is_static
from lab import instance, wait_until

SECONDS = 5


def measure(lab, options):
    if is_static(options.daemon):
        print('  (static: nothing can be preloaded)')
        return
    environment, count = counter(lab)
    text = 'global_defs {\n vrrp_version 3\n}\n'
    one, two = (lab.node('r%d' % n, eth0='192.0.2.%d/24' % n) for n in (1, 2))
    daemons = [node.start(text + instance(priority=priority, interval='0.01'),
                          environment=environment)
               for node, priority in ((one, 150), (two, 100))]
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 is master')
    time.sleep(8)  # announcements and start are over
    heard = len(lab.wire.adverts)
    before = [(count(one.engine), count(one.pid)) for one in daemons]
    time.sleep(SECONDS)
    after = [(count(one.engine), count(one.pid)) for one in daemons]
    number = len(lab.wire.adverts) - heard
    for name, old, new in zip(('sent (master)', 'received (backup)'), before, after):
        print('  %d allocations for %d advertisements %s; the keeper: %d; to start: %d'
              % (new[0] - old[0], number, name, new[1] - old[1], sum(old)))


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
