#!/usr/bin/env python3
"""255 virtual routers on one interface, and 255 on each of 16: CPU, memory, advertisements on time.

Advertisements are counted by the interfaces, CPU time by the scheduler. What is received comes from
this program: the same packets at the same times for both daemons.
"""
import ctypes
import socket
import struct
import sys
import threading
import time

import _bench
from lab import advertisement, check, checksum, instance, wait_until

SECONDS = 10.0
WHOLE = 255


def text(interfaces, priority, state):
    """255 instances at 100 ms on each interface; the first address of each is 10.INTERFACE.VRID.1."""
    parts = ['global_defs {\n    vrrp_version 3\n    vrrp_garp_master_repeat 1\n'
             '    vrrp_garp_master_delay 0\n}\n']
    for link in range(interfaces):
        for vrid in range(1, WHOLE + 1):
            parts.append(instance(
                'i%d_%d' % (link, vrid), vrid, priority, state, 'eth%d' % link, interval=0.1,
                addresses=['10.%d.%d.1/32' % (link, vrid)]))
    return ''.join(parts)


def processes(daemon):
    return [daemon.pid, *daemon.children()]


def cpu(daemon):
    """Nanoseconds on a core, of all processes."""
    total = 0
    for pid in processes(daemon):
        with open('/proc/%d/schedstat' % pid) as file:
            total += int(file.read().split()[0])
    return total


def anonymous(daemon):
    """KiB of memory that belongs to no file, of all processes."""
    total = 0
    for pid in processes(daemon):
        with open('/proc/%d/smaps_rollup' % pid) as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith('Pss_Anon:'))
    return total


def sent(node, interfaces):
    lines = node.run('cat', '/proc/net/dev').splitlines()
    return sum(int(line.split(':')[1].split()[9]) for line in lines
               if line.strip().startswith('eth') and int(line.split(':')[0].strip()[3:]) < interfaces)


def held(node):
    return node.run('ip', '-o', '-4', 'addr', 'show').count(' 10.')


def apart(lab, interfaces):
    """A node whose interfaces lead nowhere, but for what this program sends to it."""
    node = lab.node('r%d' % (len(lab.daemons) + 1), **{
        'eth%d' % n: '192.0.%d.1/24' % (n + 2) for n in range(interfaces)})
    for n in range(interfaces):
        node.cut('eth%d' % n)
    return node


def spent(daemon):
    """(ns on a core, seconds that passed)."""
    before, since = cpu(daemon), time.monotonic()
    time.sleep(SECONDS)
    return cpu(daemon) - before, time.monotonic() - since


def masters(lab, program, interfaces):
    """(us of CPU for an advertisement sent, percent of the expected ones, KiB of memory)."""
    node = apart(lab, interfaces)
    daemon = node.start(text(interfaces, 255, 'MASTER'), program=program)
    wait_until(lambda: held(node) == WHOLE * interfaces, 'master of everything', 120)
    time.sleep(4)
    frames = sent(node, interfaces)
    work, took = spent(daemon)
    frames = sent(node, interfaces) - frames
    memory = anonymous(daemon)
    daemon.end()
    return work / 1e3 / frames, frames / (WHOLE * interfaces * took / 0.1) * 100, memory


def version3(vrid):
    """An advertisement of a master with a higher priority."""
    body = bytearray(struct.pack('>BBBBHH', 0x31, vrid, 200, 1, 10, 0)
                     + bytes([10, 0, vrid, 1]))
    pseudo = (socket.inet_aton('192.0.2.9') + socket.inet_aton('224.0.0.18')
              + struct.pack('>BBH', 0, 112, len(body)))
    body[6:8] = struct.pack('>H', checksum(pseudo + body))
    return advertisement('192.0.2.9', 200, body=bytes(body))


class Part(ctypes.Structure):
    _fields_ = [('base', ctypes.c_char_p), ('length', ctypes.c_size_t)]


class Header(ctypes.Structure):
    """struct msghdr"""
    _fields_ = [('name', ctypes.c_void_p), ('name_length', ctypes.c_uint32),
                ('parts', ctypes.POINTER(Part)), ('part_count', ctypes.c_size_t),
                ('control', ctypes.c_void_p), ('control_length', ctypes.c_size_t),
                ('flags', ctypes.c_int)]


class Message(ctypes.Structure):
    """struct mmsghdr"""
    _fields_ = [('header', Header), ('sent', ctypes.c_uint32)]


def together(frames):
    """What sendmmsg wants."""
    messages = (Message * len(frames))()
    for message, frame in zip(messages, frames):
        message.header.parts = ctypes.pointer(Part(frame, len(frame)))
        message.header.part_count = 1
    return messages


def speak(port, burst, until):
    """All VRIDs every 100 ms, `burst` at a time, evenly spread."""
    libc = ctypes.CDLL(None)
    frames = [version3(vrid) for vrid in range(1, WHOLE + 1)]
    groups = [together(frames[n:n + burst]) for n in range(0, WHOLE, burst)]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as wire:
        wire.bind((port, 0))
        due, step = time.monotonic(), 0.1 / len(groups)
        while not until.is_set():
            for group in groups:
                libc.sendmmsg(wire.fileno(), group, len(group), 0)
                due += step
                time.sleep(max(0, due - time.monotonic()))


def backups(lab, program, burst):
    """us of CPU for an advertisement received."""
    node = apart(lab, 1)
    until = threading.Event()
    speaker = threading.Thread(target=speak, args=(node.name + '.eth0', burst, until))
    speaker.start()
    try:
        daemon = node.start(text(1, 100, 'BACKUP'), program=program)
        time.sleep(3)
        work, took = spent(daemon)
        check(held(node) == 0, 'a backup took over')
    finally:
        until.set()
        speaker.join()
    daemon.end()
    return work / 1e3 / (WHOLE * took / 0.1)


def measure(lab, options):
    programs = (options.daemon, options.reference)
    one, many = ([masters(lab, program, n) for program in programs] for n in (1, 16))
    for name, pair in (('255 on one interface', one), ('4,080 on 16 interfaces', many)):
        _bench.row(name + ': CPU per advertisement', pair[0][0], pair[1][0], 'us')
        _bench.row(name + ': sent of expected', pair[0][1], pair[1][1], '%')
    each = [(big[2] - small[2]) / (15 * WHOLE) for small, big in zip(one, many)]
    _bench.row('memory of a further instance', *each, 'KiB')
    for name, burst in (('singly', 1), ('in bursts of 32', 32)):
        pair = [backups(lab, program, burst) for program in programs]
        _bench.row('255 backups, received %s: CPU each' % name, *pair, 'us')


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
