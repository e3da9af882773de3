"""AH and auth_hmac between two martlets: replays, strangers, crashes, hand-overs, secrets."""
import os
import signal
import struct
import time

from lab import advertisement, check, exists, instance, stays, wait_until

VIP = '192.0.2.100'
AH = '''authentication {
        auth_type AH
        auth_pass s3cr
    }'''
SECRET = '0123456789abcdef0123456789abcdef'


def _hmac(key='key 7 ' + SECRET, more=''):
    return '''version 3
    auth_hmac {
        %s
        %s
    }''' % (key, more)


def _sequences(lab, source, since=0.0):
    """The sequence numbers of the AH frames from an address."""
    packed = bytes(int(part) for part in source.split('.'))
    return [struct.unpack('>I', frame[42:46])[0] for stamp, frame in list(lab.wire.raw)
            if stamp >= since and frame[23] == 51 and frame[26:30] == packed]


def ah_crash_goes_on(lab):
    """kill -9 of the master's engine: its successor's sequence numbers go on, nobody discards."""
    a, b = lab.pair(extra=AH)
    wait_until(lambda: len(_sequences(lab, '192.0.2.1')) >= 3, 'three advertisements')
    before = a.engine
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not exists(before) and a.engine != before, 'a new engine')
    since = time.time()
    wait_until(lambda: len(_sequences(lab, '192.0.2.1', since)) >= 3, 'it advertises')
    numbers = _sequences(lab, '192.0.2.1')
    check(all(one < two for one, two in zip(numbers, numbers[1:])), 'not rising: %s' % numbers)
    check('discarded' not in b.log(), 'the backup discards')
    check(not b.node.holds(VIP), 'the backup took over')


def ah_take_over_goes_on(lab):
    """Whoever takes over goes on above the dead master's numbers: replays stay replays."""
    a, b = lab.pair(extra=AH)
    wait_until(lambda: len(_sequences(lab, '192.0.2.1')) >= 3, 'three advertisements')
    a.kill_all()
    a.node.cut()
    wait_until(lambda: b.node.holds(VIP), 'the backup takes over')
    wait_until(lambda: _sequences(lab, '192.0.2.2'), 'it advertises')
    check(_sequences(lab, '192.0.2.2')[0] > max(_sequences(lab, '192.0.2.1')), 'numbers go back')


def ah_owner_restarts(lab):
    """An owner that starts again begins at 1, hears the others' numbers and goes on above them."""
    one, two = (lab.node('r%d' % n, eth0='192.0.2.%d/24' % n) for n in (1, 2))
    owner = instance(priority=255, state='MASTER', extra=AH)
    a = one.start(owner)
    two.start(instance(extra=AH))
    wait_until(lambda: len(_sequences(lab, '192.0.2.1')) >= 4, 'four advertisements')
    check(a.stop() == 0, 'stops')
    wait_until(lambda: len(_sequences(lab, '192.0.2.2')) >= 2, 'r2 masters')
    one.start(owner)
    wait_until(lambda: one.holds(VIP) and not two.holds(VIP), 'the owner has it alone', 4)
    stays(lambda: one.holds(VIP) and not two.holds(VIP), 'one holder', 1.5)


def ah_replay_is_refused(lab):
    """The dead master's advertisements, played again, hold nobody back."""
    a, b = lab.pair(extra=AH)
    wait_until(lambda: len(_sequences(lab, '192.0.2.1')) >= 4, 'four advertisements')
    a.node.cut()
    a.kill_all()
    frames = [frame for _, frame in list(lab.wire.raw) if frame[23] == 51][-4:]
    end = time.time() + 8
    while time.time() < end and not b.node.holds(VIP):
        for frame in frames:
            lab.wire.send(frame)
        time.sleep(0.2)
    check(b.node.holds(VIP), 'replays kept the backup from taking over')
    b.wait_said('replayed')


def _hand_over(lab, extra):
    a, b = lab.pair(extra=extra)
    before = a.engine
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: not exists(before) and a.engine != before, 'a new engine')
    os.kill(a.engine, signal.SIGKILL)
    wait_until(lambda: b.node.holds(VIP), 'handed over')
    lab.wire.wait_heard('a priority 0', source='192.0.2.1', priority=0)
    check('resigned' in b.log(), 'the backup believed the resignation: ' + b.log()[-400:])


def ah_hand_over_is_signed(lab):
    """Two crashes in a row: the keeper's priority 0 carries a right ICV, and the peer believes it."""
    _hand_over(lab, AH)


def hmac_hand_over_is_signed(lab):
    """The same with auth_hmac, v3."""
    _hand_over(lab, _hmac())


def hmac_strangers_are_refused(lab):
    """An advertisement of priority 254 without a trailer moves nobody; permissive hears it."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(extra=_hmac().replace('version 3', '')))
    wait_until(lambda: one.holds(VIP), 'master')
    for _ in range(5):
        lab.wire.send(advertisement('192.0.2.66', 254))
    a.wait_said('not signed')
    check(one.holds(VIP), 'a stranger took the address')
    a.reload(instance(extra=_hmac(more='mode permissive').replace('version 3', '')))
    a.wait_said('configuration reloaded')
    lab.wire.send(advertisement('192.0.2.66', 254))
    wait_until(lambda: not one.holds(VIP), 'permissive hears it')


def hmac_key_change(lab):
    """Both know both keys; the active one is changed on one router after the other, without a
    transition. Keys stand in files."""
    def text(priority, node, active):
        return instance(priority=priority, extra=_hmac(
            'key 1 file:%s\n key 2 hex:%s' % (node.path('key'), '5a' * 32),
            'active_key %d' % active))
    nodes = [lab.node('r%d' % n, eth0='192.0.2.%d/24' % n) for n in (1, 2)]
    for node in nodes:
        node.write('key', SECRET + '\n', 0o600)
    a = nodes[0].start(text(150, nodes[0], 1))
    wait_until(lambda: nodes[0].holds(VIP), 'master')
    b = nodes[1].start(text(100, nodes[1], 1))
    # Whoever does not run yet knows no SIGHUP, and ends by it.
    b.wait_said('Entering BACKUP STATE')
    for daemon, priority in ((a, 150), (b, 100)):
        daemon.reload(text(priority, daemon.node, 2))
        daemon.wait_said('configuration reloaded')
    stays(lambda: nodes[0].holds(VIP) and not nodes[1].holds(VIP), 'one holder', 4.5)
    check('discarded' not in a.log() + b.log(), 'nothing was discarded')
    keys = {frame[14 + 20 + 12 + 1] for _, frame in list(lab.wire.raw) if frame[26:30] == b'\xc0\0\2\1'}
    check(keys == {1, 2}, 'keys on the wire: %s' % keys)


def secrets_stay_secret(lab):
    """Neither log nor dump shows a password or a key."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    text = instance('web', 51, extra=AH.replace('s3cr', 'hushhush')) \
        + instance('mail', 52, addresses=['192.0.2.101/24'], extra=_hmac())
    a = one.start(text)
    wait_until(lambda: one.holds(VIP), 'master')
    for number, name in ((signal.SIGUSR1, 'data'), (signal.SIGUSR2, 'stats'), (36, 'json')):
        a.kill(number)
        path = os.path.join(a.folder, 'keepalived.' + name)
        wait_until(lambda: os.path.exists(path), 'a dump ' + name)
        time.sleep(0.1)
        with open(path) as file:
            shown = file.read()
        for secret in ('hushhush', SECRET, SECRET.encode().hex(), b'hushhush'.hex()):
            check(secret not in shown + a.log(), '%s shows a secret' % name)
        if name == 'data':
            check('IPSEC_AH' in shown and 'HMAC_SHA256' in shown, 'kinds are shown')
