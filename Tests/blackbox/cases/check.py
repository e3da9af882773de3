"""martletctl check: what it says, and how it ends."""
import json
import os
import subprocess

from lab import check, instance

GLOBALS = 'global_defs {\n enable_script_security\n script_user nobody\n}\n'


def _check(lab, *words):
    return _martletctl(lab, 'check', *words)


def _martletctl(lab, *words):
    path = os.path.join(lab.scratch, 'martletctl')
    if not os.path.lexists(path):
        os.symlink(lab.daemon, path)
    done = subprocess.run([path, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def _write(lab, name, text):
    path = os.path.join(lab.scratch, name)
    with open(path, 'w') as file:
        file.write(text)
    return path


def exit_status(lab):
    """0 clean, also with warnings; 1 for them with --strict; 2 for errors."""
    clean = _write(lab, 'clean.conf', instance('VI_1'))
    status, text, _ = _check(lab, '--elsewhere', '--strict', clean)
    check(status == 0, 'clean: %d\n%s' % (status, text))
    check(text == clean + ': nothing found\n', text)
    odd = _write(lab, 'odd.conf', instance('VI_1', extra='preempt_delay 10\nnopreempt'))
    status, text, _ = _check(lab, '--elsewhere', odd)
    check(status == 0 and '[preempt-delay-unused]' in text, 'a warning: %d\n%s' % (status, text))
    status, text, _ = _check(lab, '--elsewhere', '--strict', odd)
    check(status == 1 and ': 1 warning\n' in text, 'strict: %d\n%s' % (status, text))
    bad = _write(lab, 'bad.conf', instance('VI_1', extra='prioritty 3'))
    status, text, _ = _check(lab, '--elsewhere', bad)
    check(status == 2 and 'did you mean priority?' in text, 'an error: %d\n%s' % (status, text))
    status, text, _ = _check(lab, os.path.join(lab.scratch, 'none.conf'))
    check(status == 2 and '[cannot-read]' in text, 'no file: %d\n%s' % (status, text))
    status, _, text = _check(lab, '--colour', clean)
    check(status == 2 and 'there is no option --colour' in text, 'usage: %d\n%s' % (status, text))


def help_and_version(lab):
    """Both go to standard output, with status 0."""
    status, text, error = _martletctl(lab, '--help')
    check(status == 0 and 'martletctl explain INSTANCE' in text and not error, 'help: %d' % status)
    status, text, error = _martletctl(lab, '--version')
    check(status == 0 and text.startswith('martletctl 0.') and not error, 'version: %s' % text)


def of_this_machine(lab):
    """One file is held against this machine: the interfaces that exist are named."""
    path = _write(lab, 'a.conf', instance('VI_1').replace('interface ', 'interface no'))
    status, text, _ = _check(lab, path)
    check(status == 2 and '[missing-interface]' in text and 'hint: there are: ' in text
          and ', lo' in ', ' + text.split('there are: ')[1].splitlines()[0],
          '%d\n%s' % (status, text))
    status, text, _ = _check(lab, '--elsewhere', path)
    check(status == 0, 'elsewhere: %d\n%s' % (status, text))


def scripts_of_this_machine(lab):
    """What keeps a script from running is said at its line; -t says it there too."""
    path = _write(lab, 'a.conf', GLOBALS + 'vrrp_script chk {\n script /no/such/program\n}\n'
                  + instance('VI_1', extra='track_script {\n chk\n}'))
    place = path + ':6:9: error: script /no/such/program will not run: no such program'
    status, text, _ = _check(lab, path)
    check(status == 2 and text.startswith(place), '%d\n%s' % (status, text))
    done = subprocess.run([lab.daemon, '-t', '-f', path], stderr=subprocess.PIPE, timeout=60)
    check(done.returncode == 5 and done.stderr.decode().startswith(place), done.stderr.decode())


def pair(lab):
    """Two nodes are compared: both lines are named, also in JSON."""
    a = _write(lab, 'web1.conf', instance('VI_1', priority=150, extra='advert_int 1'))
    b = _write(lab, 'web2.conf', instance('VI_1', priority=100, extra='advert_int 2'))
    status, text, _ = _check(lab, a, b)
    check(status == 2 and 'web1.conf:' in text and '  and %s:' % b in text
          and 'VI_1: advert_int 1 on web1, 2 on web2: neither hears the other, both are master '
              '[interval-differs]' in text, '%d\n%s' % (status, text))
    status, text, _ = _check(lab, '--json', a, b)
    found = json.loads(text)
    check(status == 2 and found['errors'] == 1 and found['files'] == [a, b], text)
    one = found['findings'][0]
    check(one['code'] == 'interval-differs' and one['severity'] == 'error' and one['file'] == a
          and one['related']['file'] == b and one['line'] > 0 and one['hint'], text)


def failover(lab):
    """A weight that is too small is told with its sum, and is silent once it is enough."""
    def node(priority, weight):
        return (GLOBALS + 'vrrp_script chk {\n script /bin/true\n weight %d\n}\n' % weight
                + instance('VI_1', priority=priority, extra='track_script {\n chk\n}'))
    a = _write(lab, 'web1.conf', node(101, -1))
    b = _write(lab, 'web2.conf', node(99, -1))
    status, text, _ = _check(lab, '--strict', a, b)
    check(status == 1 and 'script chk fails on web1: 101 - 1 = 100 > 99: NO failover of VI_1 '
          '[no-failover]' in text and 'it takes a weight of 3 or more' in text,
          '%d\n%s' % (status, text))
    a = _write(lab, 'web1.conf', node(101, -3))
    status, text, _ = _check(lab, '--strict', a, b)
    check(status == 0, '%d\n%s' % (status, text))


def silence(lab):
    """By an option, by a comment behind the line, by a comment for the file."""
    plain = instance('VI_1', extra='preempt_delay 10\nnopreempt')
    path = _write(lab, 'a.conf', plain)
    status, text, _ = _check(lab, '--elsewhere', '--strict', '--silence', 'preempt-delay-unused',
                             path)
    check(status == 0 and 'nothing found (1 silenced)' in text, '%d\n%s' % (status, text))
    path = _write(lab, 'a.conf', plain.replace(
        'preempt_delay 10', 'preempt_delay 10 # martlet: silence preempt-delay-unused'))
    status, text, _ = _check(lab, '--elsewhere', '--strict', path)
    check(status == 0, 'behind the line: %d\n%s' % (status, text))
    path = _write(lab, 'a.conf', '! martlet: silence preempt-delay-unused\n' + plain)
    status, text, _ = _check(lab, '--elsewhere', '--strict', path)
    check(status == 0, 'for the file: %d\n%s' % (status, text))
    path = _write(lab, 'a.conf', '# martlet: silence tied-priority\n' + instance('VI_1'))
    status, text, _ = _check(lab, '--elsewhere', '--strict', path)
    check(status == 1 and 'did you mean tied-priorities?' in text, '%d\n%s' % (status, text))


def one_file_for_two(lab):
    """-i reads a file as on that node."""
    path = _write(lab, 'both.conf', instance('VI_1', priority=0).replace(
        'priority 0', '@a priority 150\n@b priority 100'))
    status, text, _ = _check(lab, '--strict', '-i', 'a', path, '-i', 'b', path)
    check(status == 0, '%d\n%s' % (status, text))
    status, text, _ = _check(lab, '--strict', '-i', 'a', path, '-i', 'a', path)
    check(status == 1 and '[tied-priorities]' in text, '%d\n%s' % (status, text))
