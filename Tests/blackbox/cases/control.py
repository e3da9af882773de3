"""martletctl status and explain, and the socket they ask at."""
import json
import os
import random
import signal
import socket
import stat
import subprocess
import time

from ctl import engine_stopped, martletctl, socket_path, status
from lab import advertisement, check, instance, stays, wait_until

SKEW_100 = 0.609375


def _connect(daemon):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(20)
    one.connect(socket_path(daemon))
    return one


def _read(one):
    """All that comes, until the end or a reset."""
    answer = b''
    try:
        while True:
            part = one.recv(65536)
            if not part:
                return answer
            answer += part
    except ConnectionResetError:
        return answer


def _ask(daemon, request, finish=False):
    with _connect(daemon) as one:
        one.sendall(request)
        if finish:
            one.shutdown(socket.SHUT_WR)
        return _read(one)


def _script(lab, name='chk', more=''):
    """A vrrp_script that works while the returned file is there."""
    path = os.path.join(lab.scratch, name + '.ok')
    open(path, 'w').close()
    return path, ('vrrp_script %s {\n script "/usr/bin/test -e %s"\n interval 1\n user root\n %s\n}\n'
                  % (name, path, more))


def pair(lab):
    """A real master and a real backup: the table, the columns, exit status 0."""
    a, b = lab.pair()
    wait_until(lambda: martletctl(b, 'status')[0] == 0, 'the backup has heard the master')
    code, text, _ = martletctl(a, 'status')
    check(code == 0, 'master: %d\n%s' % (code, text))
    lines = text.splitlines()
    check(lines[0].startswith('NODE ') and '  martletd ' in lines[0]
          and 'configuration accepted' in lines[0], lines[0])
    heading, row = lines[1], lines[2]
    check(heading.split() == ['INSTANCE', 'IF', 'VRID', 'STATE', 'SINCE', 'PRIO', 'MASTER', 'LAST',
                              'ADVERT', 'ADDRESSES', 'NOTE'], heading)
    check(row.split()[:4] == ['web', 'eth0', '51', 'MASTER'], row)
    check(' self ' in row and ' sent ' in row and row.rstrip().endswith('1/1'), row)
    for word in ('IF', 'VRID', 'STATE', 'SINCE', 'PRIO', 'MASTER', 'LAST', 'ADDRESSES'):
        place = heading.index(word)
        check(row[place] != ' ' and row[place - 2:place] == '  ', 'column %s\n%s' % (word, text))
    code, text, _ = martletctl(b, 'status')
    check(code == 0 and '192.0.2.1 p150' in text and ' of 3.60 s' in text
          and text.splitlines()[2].rstrip().endswith('0/1'), text)
    code, state = status(b)
    check(code == 0 and state['schema'] == 1 and state['health'] == 'ok', state)
    one = state['instances'][0]
    check(one['state'] == 'backup' and one['master'] == {
        'self': False, 'address': '192.0.2.1', 'priority': 150}, one)
    check(abs(one['master_down_interval'] - (3 + SKEW_100)) < 1e-9, one)
    check(0 <= one['heard_age'] < 3.7 and one['addresses'] == [
        {'address': '192.0.2.100', 'prefix_length': 24, 'interface': 'eth0', 'advertised': True,
         'held': False}], one)
    check(one['counters']['advertisements_received'] > 0, one)


def take_over(lab):
    """After the master stops, explain tells why this one is master, and what was before."""
    a, b = lab.pair()
    wait_until(lambda: status(b)[1]['instances'][0].get('heard_age') is not None, 'it heard')
    code, text, _ = martletctl(b, 'explain', 'web')
    check(code == 0 and text.startswith(
        'web is BACKUP: 192.0.2.1 advertises priority 150, ours is 100\n'), text)
    check('(3 x 1 s + skew 0.609375 s = 3.609375 s)' in text, text)
    check('192.0.2.1 leaves with priority 0: we take over after 0.609375 s' in text, text)
    check('  as master    works: link up' in text, text)
    a.stop()
    wait_until(lambda: b.node.holds('192.0.2.100'), 'r2 takes over')
    wait_until(lambda: status(b)[1]['instances'][0]['addresses'][0]['held'], 'it is known')
    code, text, _ = martletctl(b, 'explain', 'web')
    check(code == 0 and text.startswith('web is MASTER: we advertise priority 100 every 1 s'), text)
    check('ago: 192.0.2.1 resigned\n' in text, text)
    check('BACKUP -> MASTER  192.0.2.1 resigned\n' in text, text)
    code, text, _ = martletctl(b, 'explain', 'web', '--json')
    told = json.loads(text)
    check([one['to'] for one in told['history']] == ['master', 'backup'], told)
    check(told['history'][0]['from'] == 'backup', told)
    check(abs(told['history'][0]['time'] - time.time()) < 60, told)


def failing_check(lab):
    """A failing check: degraded, the sum, and what its recovery would change."""
    path, script = _script(lab, more='weight -60')
    one = lab.node('r1', eth0='192.0.2.1/24')
    two = lab.node('r2', eth0='192.0.2.2/24')
    a = one.start(script + instance(priority=150, extra='track_script { chk }'))
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    b = two.start(instance(priority=100))
    wait_until(lambda: status(a)[0] == 0, 'all well')
    os.unlink(path)
    wait_until(lambda: two.holds('192.0.2.100'), 'r2 takes over')
    wait_until(lambda: status(a)[1]['instances'][0]['state'] == 'backup', 'r1 is backup')
    code, text, _ = martletctl(a, 'status')
    check(code == 1 and ' 90 (150-60) ' in text and 'script chk failing for ' in text
          and '192.0.2.2 p100' in text, '%d\n%s' % (code, text))
    code, text, _ = martletctl(a, 'explain', 'web')
    check(code == 0 and text.startswith(
        'web is BACKUP: 192.0.2.2 advertises priority 100, ours is 90\n'), text)
    check('ago: 192.0.2.2 has the higher priority 100\n' in text, text)
    check('90 = 150 configured - 60 script chk (failing for ' in text
          and ': exit status 1)\n' in text, text)
    check('script chk works again: priority 150 > 100: we preempt 192.0.2.2 within 3.4140625 s'
          in text, text)
    check('  as master    would not work: script chk failing' in text, text)
    open(path, 'w').close()
    wait_until(lambda: status(a)[0] == 0 and one.holds('192.0.2.100'), 'all well again')
    check(martletctl(b, 'status')[0] == 0, 'the other')


def waiting(lab):
    """Before the first result of a check, and in the startup delay: INIT, and what it waits for."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    script = 'vrrp_script slow {\n script "/usr/bin/sleep 60"\n interval 90\n timeout 80\n user root\n}\n'
    a = one.start(script + instance(extra='track_script { slow }'))
    code, state = status(a)
    wait_until(lambda: status(a)[1]['instances'], 'it runs')
    code, text, _ = martletctl(a, 'status')
    check(code == 1 and ' INIT ' in text and 'waits for the first result of script slow' in text,
          '%d\n%s' % (code, text))
    check(status(a)[1]['instances'][0]['state_age'] < 60, 'since the machine was started')
    code, text, _ = martletctl(a, 'explain', 'web')
    check(text.startswith('web is INIT: it waits for the first result of script slow\n'), text)
    a.stop()
    b = one.start('global_defs {\n vrrp_startup_delay 60\n}\n' + instance())
    wait_until(lambda: status(b)[1]['instances'], 'it runs')
    code, text, _ = martletctl(b, 'status')
    check(code == 1 and ' INIT ' in text and 'startup delay: ' in text, '%d\n%s' % (code, text))
    check('web is INIT: the startup delay runs for ' in martletctl(b, 'explain', 'web')[1], 'explain')


def link_down(lab):
    """An interface that is down: FAULT, exit status 2, and no take-over is promised."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance())
    wait_until(lambda: status(a)[1]['instances'][0]['state'] == 'master', 'master')
    one.run('ip', 'link', 'set', 'eth0', 'down')
    wait_until(lambda: status(a)[1]['instances'][0]['state'] == 'fault', 'fault')
    code, text, _ = martletctl(a, 'status')
    check(code == 2 and ' FAULT ' in text and 'the interface is down' in text, text)
    code, text, _ = martletctl(a, 'explain', 'web')
    check(code == 0 and text.startswith('web is FAULT: the interface is down'), text)
    check('MASTER -> FAULT  the interface is down\n' in text, text)
    check('  as master    would not work: the interface is down' in text, text)
    check('take over' not in text, text)
    code, text, _ = martletctl(a, 'explain', 'web', '--json')
    told = json.loads(text)
    check(told['instance']['link'] == 'down' and not told['as_master']['works'], told)


def not_running(lab):
    """Nobody listens: exit status 3; nobody is called that: 4, with the near name."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance('frontend'))
    wait_until(lambda: one.holds('192.0.2.100'), 'master')
    code, text, error = martletctl(a, 'explain', 'frontent')
    check(code == 4 and not text and error ==
          'martletctl: there is no instance frontent; did you mean frontend?\n', error)
    code, text, error = martletctl(a, 'explain', 'x')
    check(code == 4 and error == 'martletctl: there is no instance x; there are: frontend\n', error)
    code, text, error = martletctl(a, 'explain')
    check(code == 4 and 'explain needs an instance' in error, error)
    code, text, error = martletctl(a, 'status', '--jsn')
    check(code == 4 and 'there is no option --jsn' in error, error)
    a.stop()
    check(not os.path.lexists(socket_path(a)), 'the socket was left')
    code, text, error = martletctl(a, 'status')
    check(code == 3 and not text and error.startswith('martletctl: no martletd is running'), error)


def refused_reload(lab):
    """A reload that is refused is told with its reason, until one is accepted."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    text = instance()
    a = one.start(text)
    wait_until(lambda: status(a)[0] == 0, 'all well')
    a.reload(text.replace('priority 100', 'prioritty 100'))
    a.wait_said('reload refused')
    code, told, _ = martletctl(a, 'status')
    check(code == 1 and 'configuration older than its file' in told, told)
    check('reload refused ' in told and '.conf:5:5: unknown keyword prioritty' in told, told)
    state = status(a)[1]['node']['configuration']
    check(state['older_than_file'] and 'prioritty' in state['refused_reason'], state)
    a.reload(text.replace('priority 100', 'priority 110'))
    wait_until(lambda: status(a)[0] == 0, 'accepted')
    code, told, _ = martletctl(a, 'status')
    check('configuration accepted' in told and ' 110 ' in told, told)
    one.write(a.name + '.conf', text)
    code, told, _ = martletctl(a, 'status')
    check(code == 0 and 'its file was changed ' in told and 'older than its file' in told, told)


def real_time(lab):
    """Real-time scheduling and locked memory: whether they are in force."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start('global_defs {\n vrrp_rt_priority 12\n vrrp_no_swap\n}\n' + instance())
    wait_until(lambda: one.holds('192.0.2.100'), 'master')
    wait_until(lambda: status(a)[1]['instances'][0]['addresses'][0]['held'], 'it is known')
    code, text, _ = martletctl(a, 'status')
    check('  memory locked' in text, text)
    policy = os.sched_getscheduler(a.engine) & ~0x40000000
    node = status(a)[1]['node']
    if policy == os.SCHED_RR:
        check(code == 0 and '  real-time rr/12' in text, '%d\n%s' % (code, text))
        check(node['real_time'] == {'state': 'in-force', 'policy': 'rr', 'priority': 12}, node)
    else:
        check(code == 1 and 'vrrp_rt_priority not in force: Operation not permitted' in text, text)
        check(node['real_time']['state'] == 'refused', node)
    check(node['memory_locked']['bytes'] > 0, node)
    b = lab.node('r2', eth0='192.0.2.2/24').start(instance('plain', 52, addresses=('192.0.2.9/24',)))
    wait_until(lambda: os.path.exists(socket_path(b)), 'the socket')
    check('  not real-time  memory not locked' in martletctl(b, 'status')[1], 'the usual')


def could_be_pinned(lab):
    """Unicast peers that all arrive with TTL 255: a note, and nothing is wrong."""
    a = lab.node('r1', eth0='192.0.2.1/24').start(
        instance(priority=150, extra='unicast_peer {\n 192.0.2.2\n}'))
    b = lab.node('r2', eth0='192.0.2.2/24').start(
        instance(extra='unicast_peer {\n 192.0.2.1\n}'))
    wait_until(lambda: a.node.holds('192.0.2.100'), 'master')
    wait_until(lambda: status(b)[1]['instances'][0]['could_pin_hop_limit'], 'it is noticed')
    code, text, _ = martletctl(b, 'status')
    check(code == 0 and 'every peer arrives with TTL 255: min_ttl 255 could pin it' in text,
          '%d\n%s' % (code, text))


def foreign_cluster(lab):
    """Another cluster on our VRID is a conflict: exit status 2, and whose it is."""
    a, _ = lab.pair()
    wait_until(lambda: status(a)[0] == 0, 'all well')
    lab.wire.send(advertisement('192.0.2.77', 200, addresses=('192.0.2.200',)))
    a.wait_said('ALARM')
    code, text, _ = martletctl(a, 'status')
    check(code == 2 and 'foreign cluster: 192.0.2.77 uses VRID 51 for other addresses' in text,
          '%d\n%s' % (code, text))
    code, text, _ = martletctl(a, 'explain', 'web')
    check('  note         foreign cluster: 192.0.2.77' in text, text)
    code, state = status(a)
    check(state['instances'][0]['counters']['discarded'] == {'address_list': 1}, state)


def groups(lab):
    """Members stand below their group."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    text = 'vrrp_sync_group G {\n group {\n a\n b\n }\n}\n'
    text += instance('a') + instance('b', 52, addresses=('192.0.2.101/24',))
    text += instance('c', 53, addresses=('192.0.2.102/24',))
    d = one.start(text)
    wait_until(lambda: one.holds('192.0.2.101') and one.holds('192.0.2.102'), 'master')
    wait_until(lambda: status(d)[0] == 0, 'all well')
    rows = [line.split()[0] if not line.startswith('  ') else '  ' + line.split()[0]
            for line in martletctl(d, 'status')[1].splitlines()[1:]]
    check(rows == ['GROUP/INSTANCE', 'G', '  a', '  b', 'c'], rows)
    check(status(d)[1]['groups'] == [{'name': 'G', 'state': 'master', 'members': ['a', 'b']}], 'JSON')


def engine_killed(lab):
    """An engine that died once: its successor's status tells it, and what was before."""
    a, _ = lab.pair()
    wait_until(lambda: status(a)[0] == 0, 'all well')
    before = status(a)[1]['instances'][0]
    first = a.engine
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: a.engine != first, 'a new engine')
    wait_until(lambda: status(a)[0] == 0, 'all well again')
    code, text, _ = martletctl(a, 'status')
    check('the engine died once, last ' in text and ': signal 9' in text, text)
    state = status(a)[1]
    check(state['node']['engine_deaths'] == 1 and state['node']['last_death'] == 'signal 9', state)
    one = state['instances'][0]
    check(one['state'] == 'master' and one['state_age'] >= before['state_age'], one)
    code, text, _ = martletctl(a, 'explain', 'web')
    check(text.count('MASTER  ') == 1 and 'no master heard' in text, text)


def handed_over(lab):
    """After a crash loop: the peer has the address, and why it is not preempted."""
    a, b = lab.pair()
    wait_until(lambda: status(a)[0] == 0, 'all well')
    first = a.engine
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: a.engine != first, 'a second engine')
    wait_until(lambda: status(a)[1]['instances'], 'it answers')
    os.kill(a.engine, signal.SIGKILL)
    wait_until(lambda: b.node.holds('192.0.2.100'), 'the peer takes over')
    wait_until(lambda: 'p100' in martletctl(a, 'status')[1], 'the third engine has heard the peer')
    code, text, _ = martletctl(a, 'status')
    check(code == 1 and 'after a hand-over nobody is preempted for ' in text
          and 'the engine died 2 times' in text, '%d\n%s' % (code, text))
    check(status(a)[1]['node']['handovers'] == 1, 'hand-overs')
    code, text, _ = martletctl(a, 'explain', 'web')
    check('web is BACKUP: 192.0.2.2 advertises priority 100, ours is 150, but after a hand-over nobody '
          'is preempted for ' in text, text)


def engine_hangs(lab):
    """An engine that does not answer: status comes all the same, and says so."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(interval=20))
    wait_until(lambda: status(a)[1]['instances'], 'it runs')
    with engine_stopped(a):
        code, text, _ = martletctl(a, 'status')
        check(code == 2 and 'the engine does not answer' in text, '%d\n%s' % (code, text))
    wait_until(lambda: martletctl(a, 'status')[0] != 2, 'it answers again')


def stale_socket(lab):
    """What a killed daemon left is replaced; what somebody listens at is not, nor is a file."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance())
    wait_until(lambda: status(a)[1]['instances'], 'it runs')
    mode = os.stat(socket_path(a))
    check(stat.S_ISSOCK(mode.st_mode) and mode.st_mode & 0o777 == 0o660
          and (mode.st_uid, mode.st_gid) == (0, 0), oct(mode.st_mode))
    a.kill_all()
    check(os.path.exists(socket_path(a)), 'the kill left nothing')
    check(martletctl(a, 'status')[0] == 3, 'a dead socket')
    again = one.start(instance(), name='d1')
    wait_until(lambda: martletctl(again, 'status')[0] < 3, 'the new one answers')
    again.stop()
    other = socket.socket(socket.AF_UNIX)
    other.bind(socket_path(a))
    other.listen()
    c = one.start(instance(), name='d1')
    c.wait_said('no control socket at %s: another process uses it' % socket_path(a))
    wait_until(lambda: one.holds('192.0.2.100'), 'the service goes on')
    probe = socket.socket(socket.AF_UNIX)
    probe.connect(socket_path(a))
    check(other.accept(), 'the other one was robbed')
    c.stop()
    check(os.path.exists(socket_path(a)), 'it removed what is not its own')
    other.close()
    os.unlink(socket_path(a))
    with open(socket_path(a), 'w') as file:
        file.write('mine')
    d = one.start(instance(), name='d1')
    d.wait_said('no control socket at')
    wait_until(lambda: one.holds('192.0.2.100'), 'the service goes on')
    d.stop()
    check(open(socket_path(a)).read() == 'mine', 'a file was touched')


def nowhere_to_be(lab):
    """A run-time directory in which nothing can be made: one warning, and the service goes on."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    folder = os.path.join(lab.scratch, 'x' * 120)
    os.makedirs(folder)
    a = one.start(instance(), options=('-p', os.path.join(folder, 'a.pid')))
    a.wait_said('no control socket at ')
    wait_until(lambda: one.holds('192.0.2.100'), 'the service')
    check(a.log().count('no control socket') == 1, a.log())


def by_hand(lab):
    """The socket answers to anybody who writes a line: text, JSON, refusals."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance('my web'.replace(' ', '_')))
    wait_until(lambda: status(a)[0] == 0, 'all well')
    check(_ask(a, b'status\n').startswith(b'0 ok '), 'status')
    head, body = _ask(a, b'status', finish=True).split(b'\n', 1)
    check(head == b'0 ok %d' % len(body) and body.startswith(b'NODE '), 'without the end of the line')
    check(b'\n{"schema":1,' in _ask(a, b'explain "my_web" json\n'), 'quoted, JSON')
    check(_ask(a, b'stop\n') == b'4 there are status and explain NAME, and json behind them\n', 'stop')
    check(_ask(a, b'explain\n') == b'4 explain needs the name of a vrrp_instance\n', 'explain')
    check(_ask(a, b'', finish=True) == b'', 'nothing')


def junk(lab):
    """Junk, floods, clients that dawdle or vanish: advertisements go on, and others are answered."""
    a, b = lab.pair(interval=1)
    wait_until(lambda: status(a)[0] == 0, 'all well')
    start = time.time()
    dice = random.Random(4)
    silent = [_connect(a) for _ in range(12)]
    slow = _connect(a)
    for round_number in range(60):
        one = _connect(a)
        try:
            kind = round_number % 6
            if kind == 0:
                one.sendall(bytes(dice.randrange(256) for _ in range(dice.randrange(1, 6000))))
            elif kind == 1:
                one.sendall(b'status\n' * 500)
            elif kind == 2:
                one.sendall(b'status json')
                one.shutdown(socket.SHUT_WR)
            elif kind == 3:
                one.sendall(b'status json\n')
            elif kind == 4:
                one.sendall(b'explain ' + b'x' * 5000)
            else:
                one.sendall(b'\n')
        except (BrokenPipeError, ConnectionResetError):
            pass
        if kind % 2:
            one.close()
        time.sleep(0.02)
    # Those that never asked are let go after a second, and then there is room again.
    for one in silent:
        check(_read(one) in (b'', b'4 busy: 8 clients at a time\n'), 'a silent client was answered')
    wait_until(lambda: status(a)[0] == 0, 'answered again')
    slow.close()
    gaps = [one.time for one in lab.wire.heard('192.0.2.1', since=start - 1.1)]
    check(len(gaps) >= 2 and max(y - x for x, y in zip(gaps, gaps[1:])) < 1.5, 'a gap: %s' % gaps)
    check(not lab.wire.heard('192.0.2.2'), 'the peer mastered')
    check(status(a)[1]['node']['engine_deaths'] == 0 and a.process.poll() is None, 'a death')
    check(len(a.children()) <= 3, 'children are left: %s' % a.children())
    fds = len(os.listdir('/proc/%d/fd' % a.pid))
    for _ in range(40):
        _ask(a, b'status\n')
    stays(lambda: len(os.listdir('/proc/%d/fd' % a.pid)) <= fds + 2, 'no descriptor is lost', 0.2)


def flood(lab):
    """Eight clients that ask without end: the rhythm of 100 ms is kept."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(interval=0.1, extra='version 3'))
    wait_until(lambda: one.holds('192.0.2.100'), 'master')
    start = time.time()
    answers = 0
    while time.time() < start + 3:
        clients = [_connect(a) for _ in range(8)]
        for client in clients:
            client.sendall(b'status json\n')
        for client in clients:
            answers += _read(client).startswith(b'0 ok ')
            client.close()
    check(answers > 8, 'only %d answers' % answers)
    times = [one.time for one in lab.wire.heard('192.0.2.1', since=start)]
    check(len(times) >= 20, 'only %d advertisements within 3 s' % len(times))
    check(max(y - x for x, y in zip(times, times[1:])) < 0.6, 'a gap')


def many(lab):
    """250 instances: all of them are told, while their rhythm goes on."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    text = ''.join(instance('i%d' % n, n, addresses=('192.0.3.%d/32' % n,)) for n in range(1, 251))
    a = one.start(text, details=False)
    wait_until(lambda: status(a)[1]['health'] == 'ok', 'all are master', 30)
    code, state = status(a)
    check(len(state['instances']) == 250, len(state['instances']))
    check(len(martletctl(a, 'status')[1].splitlines()) == 252, 'lines')
    code, text, _ = martletctl(a, 'explain', 'i250')
    check(code == 0 and text.startswith('i250 is MASTER'), text)
