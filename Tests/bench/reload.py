#!/usr/bin/env python3
"""A reload of a master of 255 instances: how late advertisements get, what it costs, and how long it
takes until a changed address is there."""
import os
import socket
import subprocess
import sys
import time

import _bench
from lab import check, inside, instance, wait_until

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


def notices(node):
    """A socket that hears of addresses that come."""
    def make():
        made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        made.bind((0, 0x10))  # RTMGRP_IPV4_IFADDR
        made.settimeout(SECONDS)
        return made
    return inside(node.name, make)


def wait_added(notices, address):
    """When the kernel told that the address is there."""
    wanted = socket.inet_aton(address)
    while True:
        told = notices.recv(65536)
        if int.from_bytes(told[4:6], sys.byteorder) == 20 and wanted in told:  # RTM_NEWADDR
            return time.time()


def spell(lab, daemon, text, applied=None):
    """(latest advertisement, processor time, time until `applied`) of the seconds after a reload;
    without a text, none."""
    used, since, took = processor_milliseconds(daemon.pid), time.time(), 0.0
    if text is not None:
        daemon.reload(text)
    if applied:
        took = applied() - since
    time.sleep(SECONDS - took)
    return latest(lab, since), processor_milliseconds(daemon.pid) - used, took * 1000


def measure_one(lab, node, start, repeats):
    daemon = start(configuration())
    wait_until(lambda: len({one.vrid for one in lab.wire.heard()}) == COUNT, 'all advertise', 30)
    wait_until(lambda: node.holds('10.0.0.%d' % COUNT), 'all addresses are held', 30)
    # Ahead of whatever else this machine does, as far as it may; but not children, which read texts.
    for pid in family(daemon.pid):
        subprocess.run(['chrt', '-R', '-f', '-p', '10', str(pid)], stderr=subprocess.DEVNULL)
    time.sleep(1)
    results = {'no reload': [], 'unchanged': [], 'one change': []}
    for _ in range(repeats):
        results['no reload'].append(spell(lab, daemon, None))
        results['unchanged'].append(spell(lab, daemon, configuration()))
        heard = notices(node)
        results['one change'].append(spell(lab, daemon, configuration(changed=True),
                                           lambda: wait_added(heard, '10.0.1.1')))
        heard.close()
        daemon.reload(configuration())
        wait_until(lambda: not node.holds('10.0.1.1'), 'the change is undone', 30)
        time.sleep(0.5)
    daemon.stop(30)
    return results


def rows(name, of, ours, theirs):
    """Of a column of figures its median and its worst."""
    for kind, value in (('', _bench.median), (', worst', max)):
        _bench.row(name + kind, value([one[of] for one in ours]), value([one[of] for one in theirs]),
                   'ms')


def measure(lab, options):
    figures = []
    for name, start in (('ours', 'start'), ('theirs', 'start_reference')):
        node = lab.node(name, eth0='192.0.2.1/24')
        figures.append(measure_one(lab, node, getattr(node, start), options.repeats))
    for name in figures[0]:
        ours, theirs = figures[0][name], figures[1][name]
        rows('%s: latest advertisement' % name, 0, ours, theirs)
        rows('%s: processor time in %g s' % (name, SECONDS), 1, ours, theirs)
    rows('one change: SIGHUP to the address', 2, ours, theirs)


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
