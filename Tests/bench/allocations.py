#!/usr/bin/env python3
"""Allocations per advertisement in steady state, sent and received: the figure should be 0.

Counted by a preloaded library, so for a dynamically linked daemon only: the small build, which is
static, has the same sources."""
import mmap
import os
import struct
import subprocess
import sys
import time

import _bench
from lab import instance, wait_until

SECONDS = 5


def counter(lab):
    """(environment, function of a process id) of the counting library."""
    library = os.path.join(lab.scratch, 'count.so')
    subprocess.run(['gcc', '-O2', '-shared', '-fPIC', '-o', library,
                    os.path.join(_bench.HERE, '_count.c')], check=True)
    path = os.path.join(lab.scratch, 'counts')
    with open(path, 'wb') as file:
        file.truncate(8 << 16)
    os.chmod(path, 0o666)
    view = mmap.mmap(os.open(path, os.O_RDWR), 8 << 16)
    return ({'LD_PRELOAD': library, 'MARTLET_COUNTS': path},
            lambda pid: struct.unpack_from('Q', view, 8 * (pid & 0xffff))[0])


def is_static(path):
    answer = subprocess.run(['ldd', path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    return b'statically linked' in answer or b'not a dynamic' in answer


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
