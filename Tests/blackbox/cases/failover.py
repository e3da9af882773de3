"""An address that survives its master: two martlets, the address 192.0.2.100, advert_int 1."""
import os
import signal
import time

from lab import Client, check, instance, stays, wait_until

# Priority 100: 3 * Adver_Interval + Skew_Time = 3 s + 156/256 s (RFC 3768, 6.1).
MASTER_DOWN_100 = 3.609375
SKEW_100 = 0.609375


def master_dies(lab):
    """Keeper and engine killed together: the backup answers after Master_Down_Interval."""
    a, b = lab.pair()
    client = Client(lab.node('client', eth0='192.0.2.9/24'), '192.0.2.100')
    wait_until(lambda: client.first_answer(0), 'the client hears the master')
    a.kill_all()
    a.node.cut()  # its kernel still holds the address: the machine is dead, not only the daemon
    last = lab.wire.heard('192.0.2.1')[-1].time
    answer = wait_until(lambda: client.first_answer(last + 0.9), 'the backup answers')
    check(answer - last > MASTER_DOWN_100 - 0.01, 'took over early: %.4f s' % (answer - last))
    check(answer - last < MASTER_DOWN_100 + 1, 'took over late: %.4f s' % (answer - last))
    check(b.node.holds('192.0.2.100'), 'the backup holds the address')


def master_stops(lab):
    """SIGTERM: priority 0, the address goes at once, exit 0; the backup waits Skew_Time only."""
    a, b = lab.pair()
    status = a.stop()
    check(status == 0, 'exit status %d' % status)
    check(not a.node.holds('192.0.2.100'), 'the address outlived the daemon')
    farewell = lab.wire.wait_heard('a priority 0', source='192.0.2.1', priority=0)
    first = lab.wire.wait_heard('the new master', source='192.0.2.2')
    gap = first.time - farewell.time
    check(SKEW_100 - 0.01 < gap < SKEW_100 + 1, 'Skew_Time was %.4f s' % gap)
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the backup holds the address')


def master_returns(lab):
    """A better router that comes back takes the address again, and the other lets go."""
    a, b = lab.pair()
    a.kill_all()
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the backup took over')
    again = a.node.start(instance(priority=150))
    wait_until(lambda: lab.wire.heard('192.0.2.1', since=lab.wire.heard('192.0.2.2')[0].time),
               'the better router advertises again')
    wait_until(lambda: a.node.holds('192.0.2.100') and not b.node.holds('192.0.2.100'),
               'one holder again')
    check(again.process.poll() is None, 'the better router runs')


def nopreempt_stays(lab):
    """With nopreempt a better router that comes back stays BACKUP."""
    a, b = lab.pair(extra='nopreempt')
    a.kill_all()
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the backup took over')
    a.node.run('ip', 'addr', 'flush', 'to', '192.0.2.100', 'dev', 'eth0')
    a.node.start(instance(priority=150, extra='nopreempt'))
    stays(lambda: b.node.holds('192.0.2.100') and not a.node.holds('192.0.2.100'),
          'the backup keeps the address', 6)


def equal_priority(lab):
    """Equal priority: whoever masters first stays, also against the higher address."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    one.start(instance())
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    two.start(instance())
    stays(lambda: one.holds('192.0.2.100') and not two.holds('192.0.2.100'), 'one holder', 5)


def dual_master(lab):
    """Two crossed instances: both work, and one takes both when the other dies."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')

    def crossed(first, second):
        return (instance('web', 51, first, addresses=['192.0.2.100/24'])
                + instance('mail', 52, second, addresses=['192.0.2.101/24']))
    a = one.start(crossed(150, 100))
    two.start(crossed(100, 150))
    wait_until(lambda: one.holds('192.0.2.100') and two.holds('192.0.2.101'), 'both work')
    a.kill_all()
    wait_until(lambda: two.holds('192.0.2.100') and two.holds('192.0.2.101'), 'one has both')
    one.start(crossed(150, 100))
    wait_until(lambda: one.holds('192.0.2.100') and not two.holds('192.0.2.100'), 'shared again')
    wait_until(lambda: two.holds('192.0.2.101') and not one.holds('192.0.2.101'), 'both work')


def split_heals(lab):
    """After a split LAN heals the better router stays and the other lets go."""
    a, b = lab.pair()
    b.node.cut()
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the cut-off backup took over')
    b.node.join()
    wait_until(lambda: not b.node.holds('192.0.2.100'), 'the worse router lets go', 5)
    check(a.node.holds('192.0.2.100'), 'the better router keeps the address')


def interface_goes_down(lab):
    """The interface goes down: FAULT, the other takes over; up again: back by itself."""
    a, b = lab.pair()
    a.node.run('ip', 'link', 'set', 'eth0', 'down')
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the backup took over')
    a.wait_said('FAULT')
    check(not a.node.holds('192.0.2.100'), 'no address in FAULT')
    a.node.run('ip', 'link', 'set', 'eth0', 'up')
    wait_until(lambda: a.node.holds('192.0.2.100') and not b.node.holds('192.0.2.100'), 'back')


def stopped_group_of_processes(lab):
    """SIGSTOP and SIGCONT of keeper and engine together is no hang: nothing is killed."""
    a, _ = lab.pair()
    engine = a.engine
    for number in (signal.SIGSTOP, signal.SIGCONT):
        a.kill(number)
        os.kill(engine, number)
        time.sleep(3 if number == signal.SIGSTOP else 1.5)
    check(a.engine == engine, 'the engine was replaced')
    wait_until(lambda: a.node.holds('192.0.2.100'), 'r1 holds the address')
