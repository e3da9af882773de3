#!/usr/bin/env python3
"""How long it takes from a service's end to the priority 0 on the wire, beyond interval x fall.

The daemons and their scripts run under SCHED_FIFO, so that the figure is theirs and not the
machine's load. A script's own run is a part of it.
"""
import os
import sys
import time

import _bench
from lab import instance, wait_until

INTERVAL, FALL = 0.2, 2


def excess(lab, node, start, repeats):
    """[ms beyond interval x fall], one for each failure. Less than 0: the phase was kind."""
    good = node.path('good')
    node.write('good', '')
    script = node.write('chk', '#!/bin/sh\nexec test -e %s\n' % good, 0o755)
    real_time, ordinary = os.sched_param(10), os.sched_param(0)
    os.sched_setscheduler(0, os.SCHED_FIFO, real_time)
    try:
        daemon = start('vrrp_script s {\n script %s\n interval %g\n timeout 2\n fall %d\n}\n'
                       % (script, INTERVAL, FALL)
                       + instance(priority=250, interval=0.1,
                                  extra='version 3\ntrack_script {\n s\n}'))
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, ordinary)
    found = []
    for number in range(repeats):
        wait_until(lambda: node.holds('192.0.2.100'), 'master', 20)
        # Another phase each time.
        time.sleep(0.5 + INTERVAL * number / repeats)
        moment = time.time()
        os.unlink(good)
        heard = wait_until(lambda: lab.wire.heard(priority=0, since=moment), 'priority 0', 20)
        found.append((heard[0].time - moment - INTERVAL * FALL) * 1000)
        node.write('good', '')
    daemon.stop(20)
    return found


def measure(lab, options):
    node = lab.node('r1', eth0='192.0.2.1/24')
    repeats = options.repeats * 4
    ours = excess(lab, node, node.start, repeats)
    # keepalived 2.2 knows whole seconds only: no figure of it at this interval.
    name = 'failure to priority 0, less interval x fall: '
    _bench.row(name + 'latest', max(ours), 0, 'ms')
    _bench.row(name + 'median', _bench.median(ours), 0, 'ms')


sys.exit(_bench.main(measure))
