"""Elections in trouble: foreign clusters, two owners, floods, stalls and deaf nodes."""
import os
import signal
import time

from lab import advertisement, check, instance, stays, wait_until

GLOBALS = 'global_defs {\n    %s\n}\n'


def _master(lab, text=None, **more):
    """One router at 192.0.2.1, alone and master."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    daemon = one.start(text or instance(priority=150, **more))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    return daemon


def foreign_cluster(lab):
    """Another cluster on our VRID: not obeyed, one alarm, and soon the VRIDs that are free."""
    a = _master(lab)
    before = len(lab.wire.announcements)
    for _ in range(60):
        lab.wire.send(advertisement('192.0.2.9', 200, addresses=['203.0.113.5']))
        lab.wire.send(advertisement('192.0.2.9', 200, vrid=77, addresses=['203.0.113.5']))
        time.sleep(0.1)
    check(a.node.holds('192.0.2.100'), 'a foreign cluster took the address')
    check(a.log().count('ALARM') == 1, '%d alarms' % a.log().count('ALARM'))
    a.wait_said('virtual_router_id free on eth0')
    check('1-50, 52-76, 78-255' in a.log(), 'the free VRIDs are wrong')
    # Nothing but the second burst after becoming master.
    check(len(lab.wire.announcements) - before <= 5, 'a foreign cluster was announced against')


def overlapping_lists(lab):
    """A list that overlaps ours is our cluster's, with a mistake: obeyed, with a warning."""
    a = _master(lab)
    lab.wire.send(advertisement('192.0.2.9', 200, addresses=['192.0.2.100', '192.0.2.101']))
    wait_until(lambda: not a.node.holds('192.0.2.100'), 'r1 lets go')
    a.wait_said('differs from ours')


def owner_hears_nobody(lab):
    """An owner keeps its address against another owner, and raises an alarm."""
    a = _master(lab, instance(priority=255, state='MASTER'))
    for _ in range(10):
        lab.wire.send(advertisement('192.0.2.9', 255))
        time.sleep(0.1)
    check(a.node.holds('192.0.2.100'), 'the owner gave its address away')
    check(a.log().count('ALARM') == 1, '%d alarms' % a.log().count('ALARM'))


def two_owners(lab):
    """owner_ignore_adverts false, written out: the owner with the lower address gives way."""
    a = _master(lab, instance(priority=255, state='MASTER', extra='owner_ignore_adverts false'))
    lab.wire.send(advertisement('192.0.2.9', 255))
    wait_until(lambda: not a.node.holds('192.0.2.100'), 'r1 lets go')


def _bad_packets():
    """A good advertisement's every prefix and every bit flipped; priority 250, if one is obeyed."""
    good = advertisement('192.0.2.9', 250)[34:]
    for length in range(len(good)):
        yield good[:length]
    for bit in range(len(good) * 8):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        yield bytes(bad)


def flood(lab):
    """Malformed packets by the thousand: no transition, the rhythm goes on, the log stays short."""
    a = _master(lab)
    bad = list(_bad_packets())
    start = time.time()
    lines = len(a.log().splitlines())
    sent = 0
    while time.time() < start + 6:
        for _ in range(20):
            lab.wire.send(advertisement('192.0.2.9', 250, body=bad[sent % len(bad)]))
            sent += 1
        time.sleep(0.02)
    end = time.time()
    check(a.node.holds('192.0.2.100'), 'the address went')
    more = len(a.log().splitlines()) - lines
    check(more <= 10, '%d log lines for %d packets' % (more, sent))
    times = [one.time for one in lab.wire.heard('192.0.2.1', since=start) if one.time < end]
    gaps = [second - first for first, second in zip(times, times[1:])]
    check(len(gaps) >= 4 and max(gaps) < 1.5, 'gaps between advertisements: %s' % gaps)
    check(not lab.wire.heard('192.0.2.1', priority=0), 'it resigned')


def valid_flood(lab):
    """A rival of lower priority that never stops: answered, and not one line for each packet."""
    a = _master(lab)
    lines = len(a.log().splitlines())
    for _ in range(100):
        for _ in range(10):
            lab.wire.send(advertisement('192.0.2.9', 50))
        time.sleep(0.02)
    check(a.node.holds('192.0.2.100'), 'the address went')
    more = len(a.log().splitlines()) - lines
    check(more <= 10, '%d log lines' % more)


def stopped_backup(lab):
    """A backup that was stopped for longer than Master_Down_Interval does not take over."""
    a, b = lab.pair()
    engine = b.engine
    for number in (signal.SIGSTOP, signal.SIGCONT):
        b.kill(number)
        os.kill(engine, number)
        if number == signal.SIGSTOP:
            time.sleep(9)
    stays(lambda: a.node.holds('192.0.2.100') and not b.node.holds('192.0.2.100'),
          'one holder', 4)


def stalled_master_lets_go(lab):
    """timer_expired_backup: a master that was stopped does not fight whoever took over."""
    a, b = lab.pair(extra='nopreempt\n    timer_expired_backup')
    engine = a.engine
    a.kill(signal.SIGSTOP)
    os.kill(engine, signal.SIGSTOP)
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the backup took over')
    os.kill(engine, signal.SIGCONT)
    a.kill(signal.SIGCONT)
    wait_until(lambda: not a.node.holds('192.0.2.100'), 'r1 lets go')
    stays(lambda: b.node.holds('192.0.2.100'), 'r2 keeps the address', 4)


def deaf_node_is_named(lab):
    """A node that took over because its port did not forward yet says so once it hears."""
    a, b = lab.node('r1', eth0='192.0.2.1/24'), lab.node('r2', eth0='192.0.2.2/24')
    a.start(instance(priority=150))
    wait_until(lambda: a.holds('192.0.2.100'), 'r1 holds the address')
    b.cut()
    deaf = b.start(instance(priority=100))
    wait_until(lambda: b.holds('192.0.2.100'), 'the deaf node took over')
    b.join()
    wait_until(lambda: not b.holds('192.0.2.100'), 'it lets go')
    deaf.wait_said('is heard only now')
    check(deaf.said('vrrp_startup_delay'), 'what would help is not named')


def startup_delay(lab):
    """vrrp_startup_delay: not a word before it and a Master_Down_Interval have passed."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    start = time.time()
    one.start(GLOBALS % 'vrrp_startup_delay 2' + instance(priority=100))
    first = lab.wire.wait_heard('the first advertisement', timeout=20, source='192.0.2.1')
    check(first.time - start > 5.6, 'first word after %.3f s' % (first.time - start))


def unknown_vrids(lab):
    """log_unknown_vrids: a VRID that nobody configured is named once."""
    a = _master(lab, GLOBALS % 'log_unknown_vrids' + instance(priority=150))
    for _ in range(20):
        lab.wire.send(advertisement('192.0.2.9', 200, vrid=77))
        time.sleep(0.02)
    a.wait_said('VRID 77')
    check(a.log().count('VRID 77') == 1, 'named more than once')


def scheduling(lab):
    """Priority, processors, names and memory locking are the engine's, before it gives up rights."""
    settings = ['vrrp_priority -5', 'vrrp_cpu_affinity 0', 'vrrp_no_swap',
                'process_name keeps', 'vrrp_process_name speaks']
    a = _master(lab, GLOBALS % '\n    '.join(settings) + instance(priority=150))
    engine = a.engine
    check(os.getpriority(os.PRIO_PROCESS, engine) == -5, 'nice')
    check(os.sched_getaffinity(engine) == {0}, 'processors')
    with open('/proc/%d/status' % engine) as file:
        status = dict(line.split(':\t', 1) for line in file.read().splitlines())
    check(status['Name'] == 'speaks', 'name ' + status['Name'])
    check(int(status['VmLck'].split()[0]) > 0, 'locked memory ' + status['VmLck'])
    with open('/proc/%d/comm' % a.pid) as file:
        check(file.read().strip() == 'keeps', 'name of the keeper')


def strict_mode(lab):
    """vrrp_strict: state MASTER below 255 starts as BACKUP, and a lower rival is not answered."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    one.start(GLOBALS % 'vrrp_strict' + instance(priority=150, state='MASTER'))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    check(len(lab.wire.heard('192.0.2.1')) >= 1, 'it advertises')
    time.sleep(0.3)
    before = len(lab.wire.announcements)
    lab.wire.send(advertisement('192.0.2.9', 50))
    time.sleep(0.3)
    check(len(lab.wire.announcements) == before, 'a lower priority was announced against')


def overflowed_queue(lab):
    """A backup whose receive queue overflowed while it was stopped has not heard silence."""
    a, b = lab.pair(extra='kernel_rx_buf_size 2304')
    engine = b.engine
    b.kill(signal.SIGSTOP)
    os.kill(engine, signal.SIGSTOP)
    for _ in range(200):  # of lower priority: they fill the queue, and hold no backup down
        lab.wire.send(advertisement('192.0.2.9', 50))
    # Past Master_Down_Interval, 3.6 s, but by less than the half of it that would excuse it.
    time.sleep(4.2)
    os.kill(engine, signal.SIGCONT)
    b.kill(signal.SIGCONT)
    stays(lambda: not b.node.holds('192.0.2.100'), 'BACKUP', 4)
    check(a.node.holds('192.0.2.100'), 'the master lost its address')
    check(not lab.wire.heard('192.0.2.2'), 'the backup advertised')
