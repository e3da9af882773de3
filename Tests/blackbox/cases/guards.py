"""Keeper and engine guard each other: whoever dies, the address is neither lost nor left behind."""
import os
import signal
import time

from lab import check, exists, instance, stays, wait_until

SKEW_100 = 0.609375


def engine_killed_once(lab):
    """The engine dies: a new one resumes, the address never goes, the peer sees no transition."""
    a, b = lab.pair()
    first = a.engine
    killed = time.time()
    os.kill(first, signal.SIGKILL)
    stays(lambda: a.node.holds('192.0.2.100'), 'the address', 4.5)
    check(a.engine != first, 'no new engine')
    check(not b.node.holds('192.0.2.100') and not lab.wire.heard('192.0.2.2'), 'the peer mastered')
    check(not lab.wire.heard('192.0.2.1', priority=0), 'a priority 0 was sent')
    times = [one.time for one in lab.wire.heard('192.0.2.1', since=killed - 1.2)]
    gap = max(second - first for first, second in zip(times, times[1:]))
    check(gap < 1.5, 'a gap of %.3f s between advertisements' % gap)
    check(a.pid != a.engine and a.process.poll() is None, 'the keeper stays')


def backup_engine_killed(lab):
    """The engine of a backup dies: it comes back as BACKUP, without a word on the wire."""
    a, b = lab.pair()
    first = b.engine
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: b.engine != first, 'a new engine')
    stays(lambda: not b.node.holds('192.0.2.100'), 'BACKUP', 3)
    check(not lab.wire.heard('192.0.2.2'), 'it advertised')
    a.kill_all()
    wait_until(lambda: b.node.holds('192.0.2.100'), 'it still takes over')


def engine_killed_twice(lab):
    """Dead again within ten seconds: handed over, no address left, and no preemption for a while."""
    a, b = lab.pair()
    first = a.engine
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: a.engine != first, 'a second engine')
    time.sleep(1.2)
    os.kill(a.engine, signal.SIGKILL)
    farewell = lab.wire.wait_heard('priority 0', source='192.0.2.1', priority=0)
    first_of_b = lab.wire.wait_heard('the peer masters', source='192.0.2.2')
    check(first_of_b.time - farewell.time < SKEW_100 + 0.5, 'the peer was late')
    check(not a.node.holds('192.0.2.100'), 'the address was left')
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the peer holds the address')
    stays(lambda: b.node.holds('192.0.2.100') and not a.node.holds('192.0.2.100'),
          'the peer keeps it', 6)
    check(exists(a.engine), 'no engine came back')


def engine_alone_after_handover(lab):
    """Handed over with nobody there to take it: taking over from silence stays allowed."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(priority=150))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    first = a.engine
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: a.engine != first, 'a second engine')
    time.sleep(0.5)
    os.kill(a.engine, signal.SIGKILL)
    wait_until(lambda: not one.holds('192.0.2.100'), 'handed over')
    wait_until(lambda: one.holds('192.0.2.100'), 'taken from silence', 8)
    third = a.engine
    os.kill(third, signal.SIGKILL)
    stays(lambda: one.holds('192.0.2.100'), 'resumed: nobody else can hold it', 2)


def engines_killed_again_and_again(lab):
    """Both engines are killed every 0.7 s at an interval of 0.1 s: whoever held nothing starts at once
    and counts on, and the address is back a Master_Down_Interval (0.36 s) after the last kill."""
    fast = dict(interval='0.1', extra='version 3')
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    daemons = one.start(instance(priority=150, **fast)), two.start(instance(priority=100, **fast))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    for _ in range(10):
        for daemon in daemons:
            wait_until(lambda: daemon.engine, 'an engine')
            os.kill(daemon.engine, signal.SIGKILL)
        time.sleep(0.7)
    last = time.time()
    lab.wire.wait_heard('somebody masters after the last kill', timeout=4, since=last)
    times = [last] + [heard.time for heard in lab.wire.heard() if heard.priority != 0]
    times = sorted(time for time in times if time <= last)
    gap = max(second - first for first, second in zip(times, times[1:]))
    check(gap < 3, 'nobody mastered for %.2f s' % gap)
    for daemon in daemons:
        check('a new engine starts in' not in daemon.log(), 'a back-off')
        check(daemon.process.poll() is None, 'the keeper ended')


def engine_hangs(lab):
    """SIGSTOP of the engine alone: noticed, killed, handed over."""
    a, b = lab.pair()
    hung = a.engine
    os.kill(hung, signal.SIGSTOP)
    farewell = lab.wire.wait_heard('priority 0', timeout=15, source='192.0.2.1', priority=0)
    first = lab.wire.wait_heard('the peer masters', source='192.0.2.2')
    check(first.time - farewell.time < SKEW_100 + 0.5, 'the peer was late')
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the peer holds the address')
    check(not a.node.holds('192.0.2.100'), 'the address was left')
    # Killed a millisecond before the farewell; as it closes a packet socket, the kernel waits for
    # an RCU grace period.
    wait_until(lambda: not exists(hung), 'the hung engine is gone', 2)


def keeper_killed(lab):
    """The keeper dies: the engine hands over and ends; a restart works at once."""
    a, b = lab.pair()
    engine = a.engine
    a.kill(signal.SIGKILL)
    farewell = lab.wire.wait_heard('priority 0', source='192.0.2.1', priority=0)
    first = lab.wire.wait_heard('the peer masters', source='192.0.2.2')
    check(first.time - farewell.time < SKEW_100 + 0.5, 'the peer was late')
    wait_until(lambda: not exists(engine), 'the engine ends')
    check(not a.node.holds('192.0.2.100'), 'the address was left')
    a.process.wait()
    again = a.node.start(instance(priority=150))
    wait_until(lambda: a.node.holds('192.0.2.100'), 'the restart masters')
    check(again.stop() == 0, 'exit 0')


def both_killed_and_started(lab):
    """Both killed: the address stays until the next start, which removes it before it is BACKUP."""
    a, b = lab.pair()
    a.kill_all()
    check(a.node.holds('192.0.2.100'), 'the kernel keeps the address')
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the peer took over')
    again = a.node.start(instance(priority=50))
    wait_until(lambda: not a.node.holds('192.0.2.100'), 'the leftover is removed')
    check(b.node.holds('192.0.2.100'), 'the peer keeps the address')
    again.wait_said('192.0.2.100')


def both_killed_and_line_gone(lab):
    """The next start also removes what only the state file of the dead pair names."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(priority=200, addresses=['192.0.2.100/24', '192.0.2.101/24']))
    wait_until(lambda: one.holds('192.0.2.101'), 'r1 holds both')
    a.kill_all()
    lab.node('r2', eth0='192.0.2.2/24').start(instance(priority=250))
    time.sleep(3.5)
    one.write('d1.conf', instance(priority=200))
    one.started = 0
    one.start(instance(priority=200))
    wait_until(lambda: not one.holds('192.0.2.100') and not one.holds('192.0.2.101'),
               'both leftovers are removed')


def _igmp(node, value=None):
    """igmp_link_local_mcast_reports; written first where a value is given."""
    return _setting(node, 'igmp_link_local_mcast_reports', value)


def _promotion(node, value=None):
    return _setting(node, 'conf/eth0/promote_secondaries', value)


def _setting(node, name, value):
    path = '/proc/sys/net/ipv4/' + name
    if value is not None:
        node.run('sh', '-c', 'echo %s > %s' % (value, path))
    return node.run('cat', path).strip()


def _wait_master_again(node):
    wait_until(lambda: not node.holds('192.0.2.100'), 'the leftover is removed')
    wait_until(lambda: node.holds('192.0.2.100'), 'master again')


def both_killed_and_settings_changed(lab):
    """disable_local_igmp and promote_secondaries: what a setting was before a pair that was killed is
    what it is again after the next orderly end, or with a text without the word, or by --cleanup."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    igmp = 'global_defs {\n disable_local_igmp\n}\n'
    text = igmp + instance(priority=200, extra='promote_secondaries')
    _igmp(one, 1), _promotion(one, 0)

    def is_ours():
        return (_igmp(one), _promotion(one)) == ('0', '1')

    def is_back():
        return (_igmp(one), _promotion(one)) == ('1', '0')
    for second in (text, instance(), None):
        a = one.start(text, name='d')
        wait_until(lambda: one.holds('192.0.2.100') and is_ours(), 'settings of ours')
        a.kill_all()
        check(is_ours(), 'left by the killed daemon')
        one.write('d.conf', second or instance())
        if second is None:
            one.run(lab.daemon, '--cleanup', '-f', a.configuration, '-p', a.pid_file)
        else:
            again = one.start(second, name='d')
            _wait_master_again(one)
            check(is_ours() if second == text else is_back(), 'while it runs')
            check(again.stop() == 0, 'exit status')
        check(is_back(), 'igmp %s, promotion %s' % (_igmp(one), _promotion(one)))


def settings_that_were_so(lab):
    """What was 0 (or 1) before anyone of ours came stays so, also after a kill of both."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    text = 'global_defs {\n disable_local_igmp\n}\n' + instance(extra='promote_secondaries')
    _igmp(one, 0), _promotion(one, 1)
    one.start(text, name='d')
    wait_until(lambda: one.holds('192.0.2.100'), 'master')
    lab.daemons[-1].kill_all()
    again = one.start(text, name='d')
    _wait_master_again(one)
    check(again.stop() == 0, 'exit status')
    check((_igmp(one), _promotion(one)) == ('0', '1'), 'changed')


def keeper_killed_and_settings_changed(lab):
    """The keeper alone killed: the engine can put back no setting of root's; the next start does."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    _igmp(one, 1), _promotion(one, 0)
    a = one.start('global_defs {\n disable_local_igmp\n}\n'
                  + instance(extra='promote_secondaries'), name='d')
    wait_until(lambda: one.holds('192.0.2.100') and _igmp(one) == '0', 'master')
    engine = a.engine
    a.kill(signal.SIGKILL)
    wait_until(lambda: not exists(engine), 'the engine ends')
    a.process.wait()
    again = one.start(instance(), name='d')
    wait_until(lambda: _igmp(one) == '1', 'put back')
    check(again.stop() == 0, 'exit status')
    check((_igmp(one), _promotion(one)) == ('1', '0'), 'changed')


def both_killed_in_a_reload(lab):
    """Both killed as soon as the addresses of a new text are there: the next start, with the old
    text, removes them."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    more = ['192.0.2.100/24'] + ['198.51.100.%d/32' % number for number in range(1, 201)]
    for attempt in range(3):
        a = one.start(instance(priority=200), name='d')
        wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
        engine = a.engine
        # The engine goes on; what it does, the keeper hears of no more.
        one.write('d.conf', instance(priority=200, addresses=more))
        a.kill(signal.SIGHUP)
        wait_until(lambda: '198.51.100.' in one.run('ip', 'addr'), 'new addresses')
        os.kill(a.pid, signal.SIGSTOP)
        os.kill(engine, signal.SIGKILL)
        a.kill(signal.SIGKILL)
        a.process.wait()
        check('198.51.100.' in one.run('ip', 'addr'), 'left by the killed daemon')
        again = one.start(instance(priority=200), name='d')
        _wait_master_again(one)
        left = [name for _, name, _ in one.addresses() if name.startswith('198.51.100.')]
        check(not left, 'left: %s' % left)
        check(again.stop() == 0, 'exit status')


def engine_killed_in_a_reload(lab):
    """An engine killed as soon as the addresses of a new text are there: the address of the old text
    is held again, with all of the new ones or with none, by the text that is in force."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    count = 3000
    more = 'virtual_ipaddress_excluded {\n %s\n}' % '\n '.join(
        '10.1.%d.%d/32' % divmod(number, 250) for number in range(count))
    a = one.start(instance(priority=200), name='d')

    def added():
        return one.run('ip', 'addr').count('10.1.')
    for attempt in range(3):
        wait_until(lambda: one.holds('192.0.2.100') and not added(), 'r1 holds the address', 30)
        engine = a.engine
        a.reload(instance(priority=200, extra=more))
        wait_until(added, 'new addresses')
        os.kill(engine, signal.SIGKILL)
        wait_until(lambda: a.engine != engine, 'a new engine')
        wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address again', 30)
        wait_until(lambda: added() in (0, count), 'all or none', 30)
        stays(lambda: added() in (0, count), 'all or none', 1)
        a.reload(instance(priority=200))
    wait_until(lambda: not added(), 'none')
    check(a.stop() == 0, 'exit status')


def cleanup_removes(lab):
    """`martletd --cleanup` removes what a killed pair left, and nothing else."""
    one = lab.node('r1', eth0=['192.0.2.1/24', '192.0.2.77/24'])
    a = one.start(instance(priority=200))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    a.kill_all()
    one.run(lab.daemon, '--cleanup', '-f', a.configuration, '-p', a.pid_file)
    check(not one.holds('192.0.2.100'), 'the leftover stays')
    check(one.holds('192.0.2.1') and one.holds('192.0.2.77'), 'a foreign address went')


def confinement(lab):
    """What the kernel says of the engine: two capabilities, no new privileges, a filter; and it has
    one thread."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(priority=200))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    with open('/proc/%d/status' % a.engine) as file:
        status = dict(line.split(':\t', 1) for line in file.read().splitlines())
    check(int(status['CapEff'], 16) == 0x3000, 'CapEff ' + status['CapEff'])
    check(int(status['CapBnd'], 16) & ~0x3000 == 0, 'CapBnd ' + status['CapBnd'])
    check(status['NoNewPrivs'] == '1', 'NoNewPrivs ' + status['NoNewPrivs'])
    check(status['Seccomp'] == '2', 'Seccomp ' + status['Seccomp'])
    check(status['Threads'] == '1', 'Threads ' + status['Threads'])
    check(len(os.listdir('/proc/%d/task' % a.pid)) == 1, 'the keeper has one thread')


def engine_told_to_stop(lab):
    """SIGTERM to the engine alone: whatever it makes of it, somebody holds the address."""
    a, b = lab.pair()
    os.kill(a.engine, signal.SIGTERM)
    time.sleep(2)
    check(a.node.holds('192.0.2.100') or b.node.holds('192.0.2.100'), 'nobody holds the address')
