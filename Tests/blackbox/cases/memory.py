"""What the packet path needs of memory."""
import os
import time

from allocations import counter, is_static
from lab import check, instance, wait_until

HMAC = 'auth_hmac {\n key 7 0123456789abcdef0123456789abcdef\n }'


def _every_kind(priority, other):
    """An instance of each way to send and receive."""
    def one(number, extra, interval, address='192.0.2.%d/24'):
        return instance('k%d' % number, 60 + number, priority, interval=interval,
                        addresses=((address % (100 + number)),), extra=extra)
    unicast = 'unicast_peer {\n %s\n }' % other
    return ''.join((
        one(0, 'version 3', 0.1),
        one(1, 'version 3\n%s' % unicast, 0.1),
        one(2, 'version 2\nauthentication {\n auth_type PASS\n auth_pass 1111\n }', 1),
        one(3, 'version 2\nauthentication {\n auth_type AH\n auth_pass 1111\n }', 1),
        one(4, 'version 3\n%s' % HMAC, 0.1),
        one(5, 'version 2', 1),
        one(6, 'version 3', 0.1, 'fe80::%d/64'),
        'vrrp_sync_group G {\n group {\n k0\n k6\n }\n}\n',
    ))


def none_to_advertise(lab):
    """In steady state neither sending nor receiving asks for memory, of whatever kind packets are."""
    if is_static(lab.daemon):
        # Nothing can be preloaded into that one. The standard build has the same sources.
        lab.daemon = os.path.join(os.path.dirname(lab.daemon), '..', 'martletd')
    environment, count = counter(lab)
    one, two = (lab.node('r%d' % n, eth0='192.0.2.%d/24' % n) for n in (1, 2))
    a = one.start(_every_kind(150, '192.0.2.2'), environment=environment)
    b = two.start(_every_kind(100, '192.0.2.1'), environment=environment)
    for number in range(6):
        wait_until(lambda: one.holds('192.0.2.%d' % (100 + number)), 'r1 is master of k%d' % number)
    wait_until(lambda: one.holds('fe80::106'), 'r1 is master of k6')
    # Announcements and the tidying up after the start come to an end, and a busy machine has quiet
    # moments: two seconds with all kinds of packets and without a request have to come.
    asked = []
    for _ in range(20):
        start, heard = [count(daemon.engine) for daemon in (a, b)], len(lab.wire.raw)
        check(min(start) > 1000, 'nothing is counted: %s' % start)
        time.sleep(2)
        after, packets = [count(daemon.engine) for daemon in (a, b)], len(lab.wire.raw) - heard
        asked.append([new - old for new, old in zip(after, start)])
        if asked[-1] == [0, 0] and packets > 60:
            return
    check(False, 'master and backup asked %s times' % asked)
