"""martletctl simulate: what a cluster will do, told from its files; it must not take real time."""
import json
import os
import re
import subprocess
import textwrap
import time

from lab import check, instance, run


def _ctl(lab):
    path = os.path.join(lab.scratch, 'martletctl')
    if not os.path.lexists(path):
        os.symlink(lab.daemon, path)
    return path


def _files(lab):
    paths = []
    for name, priority in (('A', 101), ('B', 99)):
        paths.append(os.path.join(lab.scratch, name + '.conf'))
        with open(paths[-1], 'w') as file:
            file.write('vrrp_script chk_nginx {\n script /bin/true\n interval 2\n weight -1\n}\n'
                       + instance('VI_1', priority=priority, extra='track_script {\n chk_nginx\n}'))
    return paths


def time_line(lab):
    """A dies at 10 s and returns at 20 s; its script fails at 40 s, and that changes nothing."""
    text = run(_ctl(lab), 'simulate', *_files(lab), '--at', '10s', 'kill', 'A', '--at', '20s',
               'start', 'A', '--at', '40s', 'fail-script', 'A:chk_nginx')
    for wanted in ('3.605 s  A VI_1 MASTER (no master heard)', '10.000 s  A dies',
                   'B VI_1 MASTER (nothing heard from 192.0.2.1)', '20.000 s  A starts',
                   'B VI_1 BACKUP (192.0.2.1 has the higher priority 101)',
                   'script chk_nginx fails on A: VI_1 101 - 1 = 100 > 99: NO failover',
                   'A dies: VI_1 B takes over'):
        check(wanted in text, 'missing: %s\n%s' % (wanted, text))


def as_json(lab):
    """The same for machines; a day of a cluster takes no day."""
    begin = time.time()
    text = run(_ctl(lab), 'simulate', *_files(lab), '--for', '24h', '--json')
    outcome = json.loads(text)
    check(time.time() - begin < 60, 'a day took %g s' % (time.time() - begin))
    check(outcome['addresses'][0]['nobody'] == 0, 'nobody held it for a while')
    check([one['takes_over'] for one in outcome['what_if']] == ['A', 'B'], 'what_if: %s' % text)


def as_the_readme_says(lab):
    """Each simulation that the README shows, with the files in etc/samples: the same to the letter."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../..')
    with open(os.path.join(root, 'README.md')) as file:
        shown = re.findall(r'^    \$ martletctl (simulate .*)\n((?:    .*\n|\n(?=    ))*)',
                           file.read(), re.MULTILINE)
    check(len(shown) == 2, 'the README shows %d simulations' % len(shown))
    for words, expected in shown:
        done = subprocess.run([_ctl(lab), *words.split()], cwd=root, text=True,
                              stdout=subprocess.PIPE, check=True)
        check(textwrap.dedent(expected).strip() == done.stdout.strip(), done.stdout)
