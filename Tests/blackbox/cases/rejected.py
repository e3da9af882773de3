"""Packets that must be refused, of every kind there is, a thousand a second for ten seconds."""
import struct
import time

from lab import advertisement, check, checksum, instance, wait_until

# Sent of each kind.
COUNT = 1000


def _message(kind=0x21, vrid=51, authentication=0, interval=1, addresses=((192, 0, 2, 100),)):
    """A VRRPv2 message of priority 250 whose checksum is right."""
    body = bytearray(struct.pack('>BBBBBBH', kind, vrid, 250, len(addresses), authentication,
                                 interval, 0))
    for address in addresses:
        body += bytes(address)
    body += bytes(8)
    body[6:8] = struct.pack('>H', checksum(body))
    return bytes(body)


def _flipped():
    body = bytearray(_message())
    body[2] ^= 1
    return bytes(body)


def _long():
    """Longer than its address count says, and longer than an Ethernet frame's padding."""
    return _message() + bytes(100)


# Line of the statistics, and what is counted there.
KINDS = [
    ('Length', lambda: advertisement('192.0.2.9', 250, body=_message()[:15])),
    ('Length', lambda: advertisement('192.0.2.9', 250, body=_long())),
    ('TTL', lambda: advertisement('192.0.2.9', 250, ttl=254)),
    ('Invalid Type', lambda: advertisement('192.0.2.9', 250, body=_message(kind=0x22))),
    ('Advertisement Interval', lambda: advertisement('192.0.2.9', 250, body=_message(interval=2))),
    ('Address List', lambda: advertisement(
        '192.0.2.9', 250, body=_message(addresses=((203, 0, 113, 5),)))),
    ('Authentication: Invalid Type', lambda: advertisement(
        '192.0.2.9', 250, body=_message(authentication=1))),
    ('Version Err', lambda: advertisement('192.0.2.9', 250, body=_message(kind=0x31))),
    ('Version Err', lambda: advertisement('192.0.2.9', 250, body=_message(kind=0x41))),
    ('Checksum Err', lambda: advertisement('192.0.2.9', 250, body=_flipped())),
]


def _statistics(daemon):
    """{'Length': 3, 'Authentication: Failure': 0, ...}"""
    with open(daemon.folder + '/keepalived.stats') as file:
        found, section = {}, ''
        for line in file.read().splitlines():
            name, _, value = line.strip().partition(': ')
            if value.isdigit():
                found['Authentication: ' + name if section.startswith('Auth') else name] = int(value)
            else:
                section = line.strip()
    return found


def every_kind(lab):
    """No transition, the rhythm goes on, ten log lines at most, and every packet is counted."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    daemon = one.start(instance(priority=150, extra='kernel_rx_buf_size 4000000'))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    frames = [make() for _, make in KINDS]
    start, lines = time.time(), len(daemon.log().splitlines())
    for round_number in range(COUNT):
        for frame in frames:
            lab.wire.send(frame)
        time.sleep(max(0.0, start + (round_number + 1) / 100 - time.time()))
    end = time.time()
    expected = {}
    for name, _ in KINDS:
        expected[name] = expected.get(name, 0) + COUNT

    def counted():
        daemon.kill(12)
        time.sleep(0.3)
        found = _statistics(daemon)
        return all(found.get(name) == count for name, count in expected.items())
    wait_until(counted, 'every packet is counted')
    check(one.holds('192.0.2.100'), 'the address went')
    found = _statistics(daemon)
    check(found['Became master'] == 1 and found['Released master'] == 0, 'a transition: %s' % found)
    more = len(daemon.log().splitlines()) - lines
    check(more <= 10, '%d log lines' % more)
    heard = [one.time for one in lab.wire.heard('192.0.2.1', since=start) if one.time < end]
    # Deadlines are absolute: whatever delays one of them, the rhythm as a whole stays.
    rhythm = (heard[-1] - heard[0]) / (len(heard) - 1)
    check(abs(rhythm - 1) < 0.05, 'a rhythm of %.3f s' % rhythm)
    check(not lab.wire.heard('192.0.2.1', priority=0), 'it resigned')
