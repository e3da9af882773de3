"""Mail: what keepalived mails, through a real SMTP server, however that behaves."""
import email
import os
import signal
import subprocess
import time

from lab import check, instance, wait_until
from post import Mailbox

def _globals(extra='', server='192.0.2.9'):
    return '''global_defs {
    router_id LVS_1
    notification_email {
        ops@example.org
        "Web Team <web@example.org>"
    }
    notification_email_from vrrp@example.org
    smtp_server %s
    smtp_connect_timeout 2
    %s
}
''' % (server, extra)


def _router(lab, extra='', text=None, **more):
    one = lab.node('r1', eth0='192.0.2.1/24')
    one.add_interface('eth1')
    text = text or instance(priority=150, extra='smtp_alert\n    track_interface {\n eth1\n }')
    daemon = one.start(_globals(extra, **more) + text)
    wait_until(lambda: one.holds('192.0.2.100'), 'r1 holds the address')
    return daemon


def delivered(lab):
    """BACKUP, MASTER, FAULT and the stop, in order, with keepalived's words."""
    box = Mailbox(lab)
    daemon = _router(lab, 'smtp_helo_name web1.example.org')
    box.wait_subject('[LVS_1] VRRP Instance web - Entering MASTER state')
    daemon.node.run('ip', 'link', 'set', 'eth1', 'down')
    box.wait_subject('[LVS_1] VRRP Instance web - Entering FAULT state')
    check(daemon.stop() == 0, 'exit 0')
    check(box.subjects() == ['[LVS_1] VRRP Instance web - ' + text for text in (
        'Entering BACKUP state', 'Entering MASTER state', 'Entering FAULT state', 'Stopping')],
        'subjects: %s' % box.subjects())
    first, second = box.mails()[0], email.message_from_string(box.mails()[1]['text'])
    check(first['hello'] == 'web1.example.org', 'hello was %s' % first['hello'])
    check(first['from'] == 'vrrp@example.org', 'sender was %s' % first['from'])
    check(first['to'] == ['ops@example.org', 'web@example.org'], 'to %s' % first['to'])
    check(second.get_payload().strip() == '=> VRRP Instance is now owning VRRP VIPs <=', 'body')
    check(second['From'] == 'vrrp@example.org', 'From')
    age = time.time() - email.utils.parsedate_to_datetime(second['Date']).timestamp()
    check(-2 < age < 120, 'the date is %g s off' % age)


def defaults_and_groups(lab):
    """smtp_alert in global_defs holds for all but those that say no; no_email_faults."""
    box = Mailbox(lab)
    text = (instance('web', 51, 150, extra='smtp_alert off\n    track_interface {\n eth1\n }')
            + instance('db', 52, 150, addresses=['192.0.2.101/24'])
            + 'vrrp_sync_group G {\n group {\n web\n db\n }\n}\n')
    daemon = _router(lab, 'smtp_alert\n    no_email_faults', text)
    box.wait_subject('[LVS_1] VRRP Group G - Entering MASTER state')
    daemon.node.run('ip', 'link', 'set', 'eth1', 'down')
    daemon.wait_said('FAULT')
    daemon.node.run('ip', 'link', 'set', 'eth1', 'up')
    wait_until(lambda: daemon.node.holds('192.0.2.100'), 'master again')
    check(daemon.stop() == 0, 'exit 0')
    check(not any('Instance web' in one for one in box.subjects()), 'web wrote')
    check(not any('FAULT' in one for one in box.subjects()), 'a fault was mailed')
    check('[LVS_1] VRRP Instance db - Entering MASTER state' in box.subjects(), 'db is missing')
    group = [email.message_from_string(one['text']) for one in box.mails()
             if 'Group G - Entering MASTER' in one['text']][0]
    check(group.get_payload().strip() ==
          '=> All VRRP group instances are now in MASTER state <=', 'the body of the group')


def refused(lab):
    """A server that knows nobody: said once a mail, and never tried again."""
    Mailbox(lab, 'refuse')
    daemon = _router(lab)
    wait_until(lambda: daemon.log().count('mail refused') >= 2, 'two mails are refused')
    check(daemon.said('550 no such user'), 'the log does not say why')
    check(daemon.stop() == 0, 'exit 0')


def one_recipient_unknown(lab):
    """Those whom the server knows get the mail; the log names what it said of the other."""
    box = Mailbox(lab)
    daemon = _router(lab, 'notification_email {\n nobody@example.org\n }')
    box.wait_subject('[LVS_1] VRRP Instance web - Entering MASTER state')
    daemon.wait_said('550 no such user')


def one_recipient_later(lab):
    """Whom the server puts off gets the mail later, alone; nobody else twice, and nobody waits."""
    box = Mailbox(lab)
    daemon = _router(lab, 'notification_email {\n late@example.org\n }')
    backup, master = ('[LVS_1] VRRP Instance web - Entering %s state' % one
                      for one in ('BACKUP', 'MASTER'))
    box.wait_subject(master)
    daemon.wait_said('mail not sent yet to 1 of its recipients: 451 not before')
    wait_until(lambda: len(box.mails()) == 3, 'the mail comes later', 40)
    everybody = ['ops@example.org', 'web@example.org', 'late@example.org']
    check([one['to'] for one in box.mails()] == [everybody[:2], everybody, everybody[2:]],
          'to %s' % [one['to'] for one in box.mails()])
    check(box.subjects() == [backup, master, backup], 'subjects: %s' % box.subjects())


def later(lab):
    """A server that says 451 gets the mail again after a while."""
    box = Mailbox(lab, 'later')
    daemon = _router(lab)
    box.wait_subject('[LVS_1] VRRP Instance web - Entering MASTER state', 40)
    check(daemon.said('mail not sent yet: 451 come back'), 'the log does not say why')
    first = box.mails()[0]['time'] - box.events('later')[0]['time']
    check(first > 4, 'tried again after %g s' % first)


def dead(lab):
    """Nobody there: the daemon minds nothing, and what waited is sent when the server comes."""
    box = Mailbox(lab, start=False)
    daemon = _router(lab)
    daemon.wait_said('mail not sent yet', 30)
    box.start()
    box.wait_subject('[LVS_1] VRRP Instance web - Entering MASTER state', 60)


def silent(lab):
    """A server that says nothing: no advertisement is late for it, and the stop is not held up."""
    Mailbox(lab, 'silent')
    daemon = _router(lab)
    daemon.wait_said('mail not sent yet', 60)
    wait_until(lambda: len(lab.wire.heard('192.0.2.1')) > 4, 'advertisements', 30)
    times = [one.time for one in lab.wire.heard('192.0.2.1')]
    gap = max(second - first for first, second in zip(times, times[1:]))
    check(gap < 1.5, 'an advertisement was %g s late' % (gap - 1))
    check(daemon.stop(20) == 0, 'exit 0')
    check(not daemon.node.holds('192.0.2.100'), 'the address outlived the daemon')


def slow(lab):
    """While a slow server takes its time the helper is nobody, without a capability or a privilege
    to come; and it is gone when there is nothing more to send."""
    box = Mailbox(lab, 'slow')
    daemon = _router(lab)
    wait_until(lambda: box.events('slow'), 'the server is slow', 20)

    def helpers():
        return [one for one in map(_status, daemon.children())
                if one.get('Name') == 'martlet-mail']

    def confined():
        return [one for one in helpers() if one['NoNewPrivs'] == '1']
    # Between exec and its first line it is not confined yet.
    status = wait_until(confined, 'a helper without privileges to come')[0]
    check(status['Uid'].split()[0] != '0', 'the helper is root')
    check(int(status['CapEff'], 16) == 0, 'CapEff ' + status['CapEff'])
    wait_until(lambda: len(box.mails()) == 2, 'both mails', 30)
    wait_until(lambda: not helpers(), 'the helper ends')


def encrypted(lab):
    """smtp_tls starttls with smtp_user and smtp_password; a wrong authority gets nothing."""
    folder = lab.scratch
    key, certificate = os.path.join(folder, 'key'), os.path.join(folder, 'certificate')
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
         '/CN=192.0.2.9', '-addext', 'subjectAltName=IP:192.0.2.9', '-keyout', key, '-out',
         certificate], check=True, stderr=subprocess.DEVNULL)
    os.chmod(certificate, 0o644)
    box = Mailbox(lab, options=('--tls', certificate, key))
    words = 'smtp_tls starttls\n    smtp_user martlet\n    smtp_password "secret word"\n'
    daemon = _router(lab, words)
    daemon.wait_said('mail not sent yet', 30)
    check(not box.mails(), 'a server with an unknown certificate got mail')
    text = instance(priority=150, extra='smtp_alert')
    daemon.reload(_globals(words + '    smtp_tls_ca_file ' + certificate) + text)
    box.wait_subject('[LVS_1] VRRP Instance web - Entering MASTER state', 40)
    check(box.mails()[0]['tls'] and box.mails()[0]['user'] == 'martlet', 'neither TLS nor user')
    for number, name in ((signal.SIGUSR1, 'data'), (signal.SIGUSR2, 'stats'), (36, 'json')):
        daemon.kill(number)
        path = os.path.join(daemon.folder, 'keepalived.' + name)
        wait_until(lambda: os.path.exists(path), 'a dump ' + name)
        time.sleep(0.1)
        check('secret word' not in open(path).read(), '%s shows the password' % name)
    done = subprocess.run([lab.daemon, '-t', '-f', daemon.configuration], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    check('secret word' not in done.stdout + daemon.log(), 'the log, or -t, shows the password')


def server_by_name(lab):
    """A name is looked up by the helper; one that does not exist harms nobody."""
    daemon = _router(lab, server='no-such-host.invalid 2525')
    daemon.wait_said('mail not sent yet', 60)
    check(daemon.stop(20) == 0, 'exit 0')


def _status(pid):
    try:
        with open('/proc/%d/status' % pid) as file:
            return dict(line.split(':\t', 1) for line in file.read().splitlines() if ':\t' in line)
    except (FileNotFoundError, ProcessLookupError):
        return {}
