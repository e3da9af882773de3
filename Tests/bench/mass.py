#!/usr/bin/env python3
"""Mass take-over: a backup of 255 instances, or of one with 1,000 addresses, hears its master resign.

This program plays the master: it resigns (priority 0) for all instances in one call, and both daemons
wait for the skew time after that. Times count from that call and are without the skew time.
Addresses are counted as the kernel tells of them, CPU time by the scheduler, from the resignation to
a moment after the last address.

Of the time for 1,000 addresses the greater part is the kernel's own, for either daemon: it walks the
interface's addresses and their routes for each new one. A bare program that sends the same requests
in batches of 64, with nobody to hear of it, took 12.1 ms where keepalived took 15.4: nobody can be
below 0.79 of its time there, nor below 0.43 of its CPU time.
"""
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import _bench
import many
from lab import advertisement, check, checksum, inside, instance, wait_until

THOUSAND = ['10.%d.%d.1/32' % (n // 250, n % 250) for n in range(1000)]
# Seconds; of a master with priority 200 and a backup with 100.
INTERVAL, SKEW = 1.0, (256 - 100) / 256
# The CPU time of announcements that are sent at once counts, that of the paced ones does not.
TAIL = 0.15
GLOBALS = 'global_defs {\n    vrrp_version 3\n    vrrp_garp_master_delay 0\n}\n'


def of_instances():
    return GLOBALS + ''.join(
        instance('i%d' % vrid, vrid, 100, interval=1, addresses=['10.0.%d.1/32' % vrid])
        for vrid in range(1, 256))


def of_addresses():
    excluded = 'virtual_ipaddress_excluded {\n%s\n}' % '\n'.join(THOUSAND[1:])
    return GLOBALS + instance(vrid=1, interval=1, addresses=[THOUSAND[0]], extra=excluded)


def master(vrid, priority, address):
    """An advertisement of the master that this program plays."""
    body = bytearray(struct.pack('>BBBBHH', 0x31, vrid, priority, 1, 100, 0)
                     + socket.inet_aton(address))
    pseudo = (socket.inet_aton('192.0.2.9') + socket.inet_aton('224.0.0.18')
              + struct.pack('>BBH', 0, 112, len(body)))
    body[6:8] = struct.pack('>H', checksum(pseudo + body))
    return advertisement('192.0.2.9', priority, body=bytes(body))


def readable(one):
    return bool(select.select([one], [], [], 0)[0])


class Watch(threading.Thread):
    """When addresses came up in a node, and when its first announcement arrived outside."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.times, self.announced = [], None
        self.notices = inside(node.name, lambda: socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW, 0))
        self.notices.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        self.notices.bind((0, 0x10))  # RTMGRP_IPV4_IFADDR
        self.frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
        self.frames.bind((node.name + '.eth0', 0x0806))
        self.isOver = False
        self.start()

    def run(self):
        # Who waits for a notice is woken within the call that adds the address, and the daemon
        # pays for it: looking now and then disturbs it less.
        while not self.isOver:
            time.sleep(0.0002)
            now = time.monotonic()
            self.read_notices(now)
            if self.announced is None and readable(self.frames):
                self.announced = now

    def read_notices(self, now):
        while readable(self.notices):
            data = self.notices.recv(65536)
            place = 0
            while place + 16 <= len(data):
                length, kind = struct.unpack_from('=IH', data, place)
                if kind == 20:  # RTM_NEWADDR
                    self.times.append(now)
                place += (length + 3) & ~3

    def end(self):
        self.isOver = True
        self.join()
        self.notices.close()
        self.frames.close()


def take_over(lab, program, text, vrids, total):
    """(ms to the first address, to the last, to the first announcement, ms of CPU)."""
    node = many.apart(lab, 1)
    address = {vrid: '10.0.%d.1' % vrid if vrids > 1 else '10.0.0.1'
               for vrid in range(1, vrids + 1)}
    alive = many.together([master(vrid, 200, ip) for vrid, ip in address.items()])
    leaves = many.together([master(vrid, 0, ip) for vrid, ip in address.items()])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        wire.bind((node.name + '.eth0', 0))

        def speak(messages):
            check(many.ctypes.CDLL(None).sendmmsg(wire.fileno(), messages, vrids, 0) == vrids,
                  'not all was sent')
        speak(alive)
        # keepalived's lines to a console that nobody reads would cost it milliseconds.
        options = ('-G',) if program == lab.reference else ()
        daemon = node.start(text, program=program, options=options, details=False)
        for _ in range(6):
            time.sleep(0.4)
            speak(alive)
        check(many.held(node) == 0, 'a backup took over')
        recorder = None
        if os.environ.get('PERF') and program == lab.daemon:
            pids = ','.join(str(pid) for pid in many.processes(daemon))
            recorder = subprocess.Popen(['perf', 'record', '-q', '-g', '-F', '8000', '-p', pids, '-o',
                                         os.environ['PERF'], '--', 'sleep', '1.3'])
            time.sleep(0.4)
            speak(alive)
        watch = Watch(node)
        before = many.cpu(daemon)
        since = time.monotonic()
        speak(leaves)
        wait_until(lambda: len(watch.times) >= total, 'all addresses are up', 20)
        time.sleep(max(0, watch.times[-1] + TAIL - time.monotonic()))
        work = many.cpu(daemon) - before
        watch.end()
        if recorder:
            recorder.wait()
    daemon.end()
    lab.forget(node)
    start = since + SKEW * INTERVAL
    return ((watch.times[0] - start) * 1e3, (watch.times[-1] - start) * 1e3,
            (watch.announced - start) * 1e3, work / 1e6)


def measure(lab, options):
    programs = (options.daemon, options.reference)
    for name, text, vrids, total in (
            ('255 instances', of_instances(), 255, 255),
            ('one instance, 1,000 addresses', of_addresses(), 1, 1000)):
        rounds = [[take_over(lab, program, text, vrids, total) for program in programs]
                  for _ in range(options.repeats)]
        for place, what in enumerate(
                ('first address', 'last address', 'first announcement', 'CPU')):
            ours, theirs = ([one[side][place] for one in rounds] for side in (0, 1))
            _bench.row('%s: %s' % (name, what), _bench.median(ours), _bench.median(theirs), 'ms')


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
