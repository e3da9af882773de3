"""Check scripts, track files and tracked processes: what they decide, and what is left of them."""
import os
import shutil
import signal
import subprocess
import time

from lab import check, exists, instance, wait_until


def _script(name, path, more='', interval=0.2):
    return '''vrrp_script %s {
    script "%s"
    interval %g
    %s
}
''' % (name, path, interval, more)


def _tracked(kind, *names):
    return '%s {\n%s\n}' % (kind, '\n'.join(names))


def _node(lab):
    return lab.node('r1', eth0='192.0.2.1/24')


def _priority(lab, node, wanted, timeout=10.0):
    """Waits until the node advertises this priority, and nothing else after it."""
    wait_until(lambda: lab.wire.heard() and lab.wire.heard()[-1].priority == wanted,
               'priority %d' % wanted, timeout)


def _zombies(daemon):
    return [pid for pid in daemon.children() if not exists(pid)]


def _switch(node, name='switch'):
    """A script that succeeds as long as a file is there; the file's path, and the script's."""
    good = node.path('good')
    open(good, 'w').close()
    return good, node.write(name, '#!/bin/sh\nexec test -e %s\n' % good, 0o755)


def weightless_failure(lab):
    """A check without weight fails: resigns, FAULT with its name; it works again: master."""
    node = _node(lab)
    good, path = _switch(node)
    daemon = node.start(_script('chk', path) + instance(
        extra=_tracked('track_script', 'chk')))
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    os.unlink(good)
    lab.wire.wait_heard('priority 0', priority=0)
    wait_until(lambda: not node.holds('192.0.2.100'), 'no address')
    daemon.wait_said('Entering FAULT STATE (script chk failed)')
    open(good, 'w').close()
    wait_until(lambda: node.holds('192.0.2.100'), 'master again')


def weights_rise_and_fall(lab):
    """Weights add up, each with its own rise and fall; the sum stays within 1 and 254."""
    node = _node(lab)
    good, path = _switch(node)
    node.start(_script('a', path, 'weight -30\nfall 3\nrise 2')
               + _script('b', path, 'weight -20 reverse')
               + instance(extra=_tracked('track_script', 'a', 'b weight -200'), interval=1))
    _priority(lab, node, 100)
    os.unlink(good)
    _priority(lab, node, 1)
    open(good, 'w').close()
    _priority(lab, node, 100)


def starting_with_a_failure(lab):
    """The first result decides alone, whatever fall says; until then no FAULT is told."""
    node = _node(lab)
    told = node.path('told')
    tell = node.write('tell', '#!/bin/sh\necho $MARTLET_STATE >> %s\n' % told, 0o755)
    slow = node.write('slow', '#!/bin/sh\nsleep 1\nexit 1\n', 0o755)
    daemon = node.start(_script('chk', slow, 'fall 5\ntimeout 3', interval=2) + instance(
        extra=_tracked('track_script', 'chk') + '\nnotify %s' % tell))
    daemon.wait_said('Entering FAULT STATE')
    wait_until(lambda: os.path.exists(told), 'a notification')
    check(open(told).read() == 'FAULT\n', 'told: ' + open(told).read())


def never_twice(lab):
    """A script slower than its interval is not started again meanwhile, reloads or not."""
    node = _node(lab)
    runs = node.path('runs')
    slow = node.write('slow', '#!/bin/sh\nmkdir %s || echo twice >> %s\nsleep 0.5\n'
                      'rmdir %s\necho once >> %s\n' % (runs + '.lock', runs, runs + '.lock', runs),
                      0o755)
    text = _script('chk', slow, 'timeout 5', interval=0.1) + instance(
        extra=_tracked('track_script', 'chk'))
    daemon = node.start(text)
    for priority in range(101, 109):
        time.sleep(0.3)
        daemon.reload(text.replace('priority 100', 'priority %d' % priority))
    wait_until(lambda: open(runs).read().count('once') > 4, 'five runs')
    check('twice' not in open(runs).read(), 'it overlapped itself')
    wait_until(lambda: not _zombies(daemon), 'no zombies')


def timeout_ends_the_group(lab):
    """A script that hangs, ignores TERM and forks: failed at its timeout, all of it killed."""
    node = _node(lab)
    pids = node.path('pids')
    stubborn = node.write('stubborn', '''#!/bin/sh
trap '' TERM
sleep 1000 & echo $! >> %s
echo $$ >> %s
while :; do sleep 1000; done
''' % (pids, pids), 0o755)
    daemon = node.start(_script('chk', stubborn, 'timeout 0.3') + instance(
        extra=_tracked('track_script', 'chk')))
    daemon.wait_said('Entering FAULT STATE')
    first = [int(word) for word in open(pids).read().split()][:2]
    check(len(first) == 2, 'no pids')
    wait_until(lambda: not any(exists(pid) for pid in first), 'the whole group is gone')
    daemon.reload(instance())
    wait_until(lambda: node.holds('192.0.2.100'), 'master without the check')
    wait_until(lambda: not any(exists(int(pid)) for pid in open(pids).read().split()),
               'nothing of it is left after the reload')
    wait_until(lambda: not _zombies(daemon), 'no zombies')


def what_a_script_gets(lab):
    """No descriptor but three, no LD_ or NOTIFY_SOCKET, its own group, the user it asked for."""
    node = _node(lab)
    out = node.path('out')
    os.mkdir(out)
    os.chmod(out, 0o777)
    path = node.write('chk', '#!/bin/sh\ncd %s\n[ -e done ] && exit 0\nls -l /proc/self/fd > fds\n'
                      'env > env\nid -u > id\nid -G >> id\ncut -d" " -f1,5 /proc/self/stat > group\n'
                      'touch done\n' % out, 0o755)
    daemon = node.start(
        _script('chk', path, 'user nobody daemon') + instance(extra=_tracked('track_script', 'chk')),
        environment={'LD_BIND_NOW': '1', 'IFS': 'x', 'NOTIFY_SOCKET': '/none', 'KEPT': 'yes'})
    wait_until(lambda: os.path.exists(out + '/done'), 'the script has run once')
    words = open(out + '/env').read()
    check('KEPT=yes' in words, 'the environment was lost')
    for name in ('LD_BIND_NOW', 'IFS=', 'NOTIFY_SOCKET'):
        check(name not in words, name + ' was inherited')
    fds = [line.split()[-3] for line in open(out + '/fds') if '->' in line]
    check(sorted(fds)[:3] == ['0', '1', '2'] and len(fds) <= 5, 'descriptors: %s' % fds)
    # User, and all of its groups: that one alone.
    check(open(out + '/id').read() == '65534\n1\n', 'user ' + open(out + '/id').read())
    pid, group = open(out + '/group').read().split()
    check(int(group) != os.getpgid(daemon.pid), 'it runs in our group')


def stops_its_own_daemon(lab):
    """The seed's check: the script that finds its service dead stops the daemon that runs it."""
    node, peer = _node(lab), lab.node('r2', eth0='192.0.2.2/24')
    good = node.path('good')
    open(good, 'w').close()
    after = node.path('after')
    path = node.path('chk')
    node.write('chk', '''#!/bin/sh
test -e %s && exit 0
kill $(cat %s)
while kill -0 $(cat %s) 2> /dev/null; do sleep 0.05; done
echo stopped > %s
''' % (good, node.path('d1.pid'), node.path('d1.pid'), after), 0o755)
    daemon = node.start(_script('chk', path, 'timeout 10\nweight -60') + instance(
        priority=150, extra=_tracked('track_script', 'chk')))
    peer.start(instance(priority=100))
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    os.unlink(good)
    lab.wire.wait_heard('priority 0', source='192.0.2.1', priority=0)
    check(daemon.exit_status() == 0, 'exit status')
    check(not node.holds('192.0.2.100'), 'the address was left')
    wait_until(lambda: peer.holds('192.0.2.100'), 'the peer takes over')
    wait_until(lambda: os.path.exists(after), 'the script that asked for it ran to its end')


def script_security(lab):
    """enable_script_security: a script that others can write is not run; the log says the cure."""
    node = _node(lab)
    folder = node.path('folder')
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    open(folder + '/chk', 'w').write('#!/bin/sh\nexit 1\n')
    os.chmod(folder + '/chk', 0o755)
    os.symlink(folder + '/chk', node.path('link'))
    secure = 'global_defs {\n enable_script_security\n script_user root\n}\n'
    daemon = node.start(secure + _script('chk', node.path('link')) + instance(
        extra=_tracked('track_script', 'chk')))
    daemon.wait_said("chmod o-w '%s'" % folder)
    wait_until(lambda: node.holds('192.0.2.100'), 'master as if nothing was tracked')
    os.chmod(folder, 0o755)
    daemon.kill(signal.SIGHUP)
    wait_until(lambda: not node.holds('192.0.2.100'), 'now it is run, and fails')


def weak_paths_are_named(lab):
    """Without enable_script_security it is run, and the log still says who could exchange it."""
    node = _node(lab)
    folder = node.path('folder')
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    open(folder + '/chk', 'w').write('#!/bin/sh\nexit 0\n')
    os.chmod(folder + '/chk', 0o755)
    text = ('global_defs {\n script_user root\n}\n' + _script('chk', folder + '/chk', 'weight 10')
            + instance(extra=_tracked('track_script', 'chk') + 'notify_master %s\n' % (folder + '/chk')))
    daemon = node.start(text)
    _priority(lab, node, 110)
    warning = "script %s/chk runs, but others may write %s: chmod o-w '%s'" % (folder, folder, folder)
    check(daemon.log().count(warning) == 1, 'not said once:\n' + daemon.log())
    done = subprocess.run([lab.daemon, '-t', '-f', daemon.configuration],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(warning in done.stdout and done.returncode == 6, done.stdout)


def opens_a_file(lab):
    """`</path` asks whether that file can be opened; a program behind it reads it."""
    node = _node(lab)
    open(node.path('there'), 'w').write('a word\n')
    node.start(
        'global_defs {\n enable_script_security\n script_user root\n}\n'
        + _script('a', '<' + node.path('there'), 'weight 1')
        + _script('b', '<' + node.path('absent'), 'weight 2')
        + _script('c', '<%s grep -q \'a word\'' % node.path('there'), 'weight 4')
        + _script('d', '<%s grep -q another' % node.path('there'), 'weight 8')
        + instance(extra=_tracked('track_script', *'abcd')))
    _priority(lab, node, 105)
    node.write('absent', '')
    _priority(lab, node, 107)


def track_file_changes(lab):
    """Numbers times weight; replaced, removed and restored files; init_file; weight 0 is FAULT."""
    node = _node(lab)
    path = node.path('number')
    daemon = node.start('''vrrp_track_file f {
    file %s
    weight 2
    init_file 5
}
vrrp_track_file stop {
    file %s
    weight 0
}
''' % (path, node.path('stop')) + instance(extra=_tracked('track_file', 'f', 'stop')))
    _priority(lab, node, 110)
    check(open(path).read() == '5\n', 'init_file')
    for number, priority in (('-20', 60), ('0x10', 132), ('rubbish', 100), ('500', 254)):
        node.write('new', number + '\n')
        os.rename(node.path('new'), path)
        _priority(lab, node, priority)
    os.unlink(path)
    _priority(lab, node, 100)
    node.write('stop', '1\n')
    daemon.wait_said('Entering FAULT STATE (file stop failed)')
    node.write('stop', '0\n')
    wait_until(lambda: node.holds('192.0.2.100'), 'master again')
    node.write('number', '-300\n')
    daemon.wait_said('Entering FAULT STATE (file f failed)')


def track_file_directory_comes_later(lab):
    """The directory of a track file may come, go and come again."""
    node = _node(lab)
    folder = node.path('folder')
    node.start('vrrp_track_file f {\n file %s/number\n}\n' % folder
               + instance(extra=_tracked('track_file', 'f')))
    _priority(lab, node, 100)
    for number in (7, 9):
        os.mkdir(folder)
        open(folder + '/number', 'w').write('%d\n' % number)
        _priority(lab, node, 100 + number)
        shutil.rmtree(folder)
        _priority(lab, node, 100)


def track_process_counts(lab):
    """quorum and quorum_max of a process by name; parameters are compared where they are given."""
    node = _node(lab)
    program = node.path('worker')
    shutil.copy('/bin/sleep', program)
    daemon = node.start('''vrrp_track_process p {
    process r1.worker
    quorum 2
    quorum_max 2
    weight 20
}
vrrp_track_process q {
    process %s 300
    weight 7
}
''' % program + instance(extra=_tracked('track_process', 'p', 'q')))
    _priority(lab, node, 100)
    # In a namespace of its own nobody is told.
    daemon.wait_said('the kernel tells nothing of processes here (process connector: ')
    started = [subprocess.Popen([program, '300'])]
    _priority(lab, node, 107)
    started.append(subprocess.Popen([program, '301']))
    _priority(lab, node, 127)
    started.append(subprocess.Popen([program, '302']))
    _priority(lab, node, 107)
    for one in started:
        one.kill()
        one.wait()
    _priority(lab, node, 100)
    check(daemon.process.poll() is None, 'the daemon runs')


def interfaces_with_weights(lab):
    """A tracked interface's weight, also of a reversed line; the address stays."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1=None, eth2=None)
    node.start(instance(extra=_tracked(
        'track_interface', 'eth1 weight -20', 'eth2 weight 5 reverse')))
    _priority(lab, node, 95)
    node.run('ip', 'link', 'set', 'eth1', 'down')
    _priority(lab, node, 75)
    node.run('ip', 'link', 'set', 'eth2', 'down')
    _priority(lab, node, 80)
    node.run('ip', 'link', 'set', 'eth1', 'up')
    _priority(lab, node, 100)
    check(node.holds('192.0.2.100'), 'the address')


def several_reasons(lab):
    """Several faults at once: each is cleared by its own event, and only the last lets it go."""
    node = lab.node('r1', eth0='192.0.2.1/24', eth1=None)
    good, path = _switch(node)
    daemon = node.start(_script('chk', path) + instance(
        extra=_tracked('track_script', 'chk') + _tracked('track_interface', 'eth1')))
    wait_until(lambda: node.holds('192.0.2.100'), 'master')
    node.run('ip', 'link', 'set', 'eth1', 'down')
    os.unlink(good)

    def faults():
        daemon.kill(signal.SIGUSR1)
        time.sleep(0.3)
        path = daemon.folder + '/keepalived.data'
        text = open(path).read() if os.path.exists(path) else ''
        return [line.split('= ')[1].strip() for line in text.splitlines() if ' Fault = ' in line]
    wait_until(lambda: sorted(faults()) == ['interface eth1 failed', 'script chk failed'],
               'both reasons are shown')
    open(good, 'w').close()
    wait_until(lambda: faults() == ['interface eth1 failed'], 'one is left')
    check(not node.holds('192.0.2.100'), 'master with a fault')
    node.run('ip', 'link', 'set', 'eth1', 'up')
    wait_until(lambda: node.holds('192.0.2.100'), 'master again')


def engine_dies_results_stay(lab):
    """A new engine knows at once what scripts and files said."""
    node = _node(lab)
    good, path = _switch(node)
    node.write('number', '10\n')
    daemon = node.start(
        _script('chk', path, 'weight -30', interval=600)
        + 'vrrp_track_file f {\n file %s\n}\n' % node.path('number')
        + instance(extra=_tracked('track_script', 'chk') + _tracked('track_file', 'f')))
    _priority(lab, node, 110)
    os.unlink(good)
    first = daemon.engine
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: daemon.engine != first, 'a new engine')
    mark = time.time()
    wait_until(lambda: len(lab.wire.heard(since=mark)) > 1, 'it advertises')
    check({one.priority for one in lab.wire.heard(since=mark)} == {110}, 'another priority')


def security_of_links(lab):
    """A link that leads through a folder others can write is no safer than what stands there."""
    node = _node(lab)
    good, path = _switch(node)
    folder = node.path('folder')
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    os.symlink(path, folder + '/middle')
    os.symlink(folder + '/middle', node.path('link'))
    secure = 'global_defs {\n enable_script_security\n script_user root\n}\n'
    daemon = node.start(secure + _script('chk', node.path('link')) + instance(
        extra=_tracked('track_script', 'chk')))
    daemon.wait_said("others may write %s: chmod o-w '%s'" % (folder, folder))
    os.chmod(folder, 0o1777)
    os.unlink(good)
    daemon.kill(signal.SIGHUP)
    daemon.wait_said('Entering FAULT STATE (script chk failed)')


def dump_shows_scripts(lab):
    """The dump of SIGUSR1 says how a script ended, how long it took, and what it wrote last."""
    node = _node(lab)
    path = node.write('chk', '#!/bin/sh\necho first\nsleep 0.2\necho "no answer from web"\nexit 7\n',
                      0o755)
    daemon = node.start(_script('chk', path, 'weight -10\ntimeout 5', interval=0.5) + instance(
        extra=_tracked('track_script', 'chk')))
    daemon.wait_said('script chk failed')

    def dump():
        daemon.kill(signal.SIGUSR1)
        time.sleep(0.2)
        file = daemon.folder + '/keepalived.data'
        return open(file).read() if os.path.exists(file) else ''
    wait_until(lambda: 'Last result = exit status 7' in dump(), 'the result')
    text = dump()
    check('   Last output = no answer from web\n' in text, text)
    check('   Status = BAD\n' in text, text)
    seconds = float(text.split('Last duration = ')[1].split()[0])
    check(0.2 <= seconds < 5, 'duration %g' % seconds)


def early_signals_wait(lab):
    """SIGHUP as soon as the pid file is there: a reload, later; not the end."""
    node = _node(lab)
    daemon = node.start(instance())
    wait_until(lambda: os.path.exists(daemon.pid_file) and open(daemon.pid_file).read(), 'a pid')
    daemon.kill(signal.SIGHUP)
    daemon.wait_said('configuration reloaded')
    check(daemon.process.poll() is None, 'it ended')
