"""The same story told to this daemon and to keepalived: what the world hears of it is compared."""
import email
import os
import select
import threading
import time

from lab import advertisement, check, instance, wait_until
from post import Mailbox

# The arguments in quotes show where a word begins and ends.
TELL = '#!/bin/sh\nline=\nfor word; do line="$line\'$word\' "; done\necho "$line" >> %s\n'


class _Listener:
    """Reads a FIFO that is made anew whenever it is removed, as programs that read keepalived's do."""

    def __init__(self, path):
        self.path, self.text, self.running = path, b'', True
        os.mkfifo(path)
        self.file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while self.running:
            if select.select([self.file], [], [], 0.05)[0]:
                part = os.read(self.file, 65536)
                if part:
                    self.text += part
                else:
                    time.sleep(0.02)

    def lines(self):
        return self.text.decode().splitlines()

    def has(self, line):
        return line in self.lines()

    def close(self):
        self.running = False
        self.thread.join()
        os.close(self.file)


def _story(lab, program):
    """A group of two and a single instance come up, fail, change, hear a weaker rival, and stop.

    Returns the FIFO's bytes, the FIFO's of vrrp_notify_fifo, and what the scripts were given."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1='198.51.100.1/24', eth2=None)
    name = 'reference' if program == lab.reference else 'ours'
    fifos = [_Listener(node.path(name + '.' + one)) for one in ('fifo', 'vrrp-fifo')]
    out, number = node.path(name + '.out'), node.path(name + '.number')
    tell = node.write(name + '.tell', TELL % out, 0o755)
    node.write(name + '.number', '0\n')
    states = ''.join('notify_%s "%s own \'two words\' %s"\n' % (state, tell, state)
                     for state in ('master', 'backup', 'fault', 'stop'))
    text = '''global_defs {
    script_user root
    notify_fifo %s
    vrrp_notify_fifo %s
}
vrrp_track_file f {
    file %s
}
vrrp_sync_group "the group" {
    group {
        a
        b
    }
    notify_master "%s group master"
    notify_fault "%s group fault"
    notify_stop "%s group stop"
    notify "%s group"
}
''' % (*(one.path for one in fifos), number, tell, tell, tell, tell)
    text += instance('a', 51, extra=states + 'notify "%s a"' % tell)
    text += instance('b', 52, interface='eth1', addresses=['198.51.100.9/24'])
    text += instance('c', 53, addresses=['192.0.2.103/24'], extra=states + '''
    notify "%s 'it is  c' \\x41 $HOME"
    notify_priority_changes true
    notify_master_rx_lower_pri "%s lower"
    track_file {
        f
    }
    track_interface {
        eth2
    }''' % (tell, tell))
    daemon = node.start(text, program=program, name=name)
    fifo = fifos[0]
    wait_until(lambda: fifo.has('GROUP "the group" MASTER 0') and fifo.has('INSTANCE "c" MASTER 100'),
               'masters', 15)
    node.run('ip', 'link', 'set', 'eth1', 'down')
    wait_until(lambda: fifo.has('GROUP "the group" FAULT 0'), 'the group is in fault')
    node.run('ip', 'link', 'set', 'eth2', 'down')
    wait_until(lambda: fifo.has('INSTANCE "c" FAULT 100'), 'c is in fault')
    node.run('ip', 'link', 'set', 'eth2', 'up')
    wait_until(lambda: fifo.lines().count('INSTANCE "c" MASTER 100') == 2, 'c is back', 15)
    with open(number, 'w') as file:
        file.write('7\n')
    wait_until(lambda: fifo.has('INSTANCE "c" MASTER_PRIORITY 107'), 'the priority')
    lab.wire.send(advertisement('192.0.2.77', 50, vrid=53, addresses=('192.0.2.103',)))
    wait_until(lambda: fifo.has('INSTANCE "c" MASTER_RX_LOWER_PRI 107'), 'the weaker rival')
    node.run('ip', 'link', 'set', 'eth1', 'up')
    node.run('ip', 'addr', 'replace', '198.51.100.1/24', 'dev', 'eth1')
    wait_until(lambda: fifo.lines().count('GROUP "the group" MASTER 0') == 2, 'the group is back', 15)
    check(daemon.stop() == 0, 'exit status of %s' % name)
    wait_until(lambda: fifo.has('GROUP "the group" STOP 0') and fifo.has('INSTANCE "c" STOP 107'),
               'the end of %s in the FIFO' % name)
    time.sleep(0.3)
    for one in fifos:
        one.close()
    lab.forget(node)
    return fifos[0].text, fifos[1].text, sorted(open(out).read().splitlines())


def _by_subject(fifo):
    """{'INSTANCE "a"': its lines in order}. Which member of a group is told first is chance there."""
    lines = {}
    for line in fifo.splitlines(keepends=True):
        lines.setdefault(line[:line.rindex(b'"')], []).append(line)
    return lines


def notifications(lab):
    """FIFO lines byte for byte, in order; every command with the same words, equally often."""
    theirs, ours = _story(lab, lab.reference), _story(lab, lab.daemon)
    for name, mine, other in zip(('notify_fifo', 'vrrp_notify_fifo'), ours, theirs):
        check(_by_subject(mine) == _by_subject(other),
              '%s differ:\nours   %s\ntheirs %s' % (name, mine, other))
    check(ours[2] == theirs[2], 'commands differ:\nours   %s\ntheirs %s' % (ours[2], theirs[2]))
    check(len(ours[2]) > 20, 'only %s' % ours[2])


def _mails(lab, program, box):
    """Mails of a start, a fault, its end, and a stop: [(subject, body, From, To, sender, to)]"""
    seen = len(box.mails())
    node = lab.node('r1', eth0='192.0.2.1/24', eth1=None)
    more = 'smtp_alert\n    track_interface {\n eth1\n }'
    daemon = node.start('''global_defs {
    router_id LVS_1
    notification_email {
        ops@example.org
        web@example.org
    }
    notification_email_from vrrp@example.org
    smtp_server 192.0.2.9
    smtp_helo_name web1.example.org
    smtp_connect_timeout 5
}
vrrp_sync_group G {
    group {
        web
        db
    }
    smtp_alert
}
''' + instance(extra=more) + instance('db', 52, addresses=['192.0.2.101/24'], extra='smtp_alert'),
        program=program)

    def wait(text, count=1):
        wait_until(lambda: box.subjects()[seen:].count('[LVS_1] VRRP ' + text) >= count, text, 30)
    wait('Group G - Entering MASTER state')
    wait('Instance db - Entering MASTER state')
    node.run('ip', 'link', 'set', 'eth1', 'down')
    wait('Group G - Entering FAULT state')
    wait('Instance db - Entering FAULT state')
    node.run('ip', 'link', 'set', 'eth1', 'up')
    wait('Group G - Entering MASTER state', 2)
    wait('Instance db - Entering MASTER state', 2)
    check(daemon.stop() == 0, 'exit status')
    time.sleep(1)
    lab.forget(node)
    result = []
    for one in box.mails()[seen:]:
        text = email.message_from_string(one['text'])
        result.append((text['Subject'], text.get_payload().strip(), text['From'],
                       ' '.join(text['To'].split()), one['from'], one['to'], one['hello']))
    return result


def mails(lab):
    """Subjects, bodies, senders and recipients of mail are keepalived's; ours also tells of a stop."""
    box = Mailbox(lab)
    theirs, ours = _mails(lab, lab.reference, box), _mails(lab, lab.daemon, box)
    stops = [one for one in ours if one[0].endswith(' - Stopping')]
    check(len(stops) == 3, 'mails of the stop: %s' % stops)
    # keepalived ends before it has sent those.
    theirs, ours = ([one for one in mails if not one[0].endswith(' - Stopping')]
                    for mails in (theirs, ours))
    check(len(theirs) == 15, '%d mails of keepalived' % len(theirs))
    # A connection each: the order is nobody's promise there.
    check(sorted(ours) == sorted(theirs), 'ours\n%s\ntheirs\n%s' % (
        '\n'.join(map(str, sorted(ours))), '\n'.join(map(str, sorted(theirs)))))
