"""How martletctl asks: whom, for how long, and what it makes of half an answer."""
import json
import os
import signal
import socket
import subprocess
import threading
import time

from ctl import engine_stopped, martletctl, program, socket_path, status
from lab import check, instance, run, wait_until


def half_an_answer(lab):
    """What ends early is no answer, and nothing of it is printed."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    server = socket.socket(socket.AF_UNIX)
    server.bind(one.path('half.sock'))
    server.listen()

    def serve(answer):
        client = server.accept()[0]
        client.recv(100)
        client.sendall(answer)
        client.close()

    for answer, code, text in ((b'0 ok 9\nNODE r1\n', 4, ''), (b'0 ok 8\nNODE r1\n', 0, 'NODE r1\n'),
                               (b'0 ok\nNODE r1\n', 4, ''), (b'', 4, '')):
        thread = threading.Thread(target=serve, args=(answer,))
        thread.start()
        done = subprocess.run([program(lab), 'status', '-p', one.path('half.pid')], timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        thread.join()
        check((done.returncode, done.stdout) == (code, text), (answer, done))
        check(bool(done.stderr) == (code == 4), (answer, done.stderr))


def nowhere_to_print(lab):
    """An answer that cannot be written is none."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance())
    wait_until(lambda: status(a)[0] == 0, 'all well')
    with open('/dev/full', 'w') as full:
        done = subprocess.run([program(lab), 'status', '-p', a.pid_file], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=20)
    check(done.returncode == 4 and 'No space left on device' in done.stderr, done)


def stopped_and_continued(lab):
    """^Z and fg while it waits: the answer comes all the same."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(interval=20))
    wait_until(lambda: status(a)[1]['instances'], 'it runs')
    with engine_stopped(a):
        asking = subprocess.Popen([program(lab), 'status', '-p', a.pid_file], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.3)
        asking.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
        asking.send_signal(signal.SIGCONT)
        text, error = asking.communicate(timeout=20)
    check(asking.returncode == 2 and 'the engine does not answer' in text,
          (asking.returncode, text, error))


def usual_sockets(lab):
    """Without -p: whoever listens at one of the usual places, past what a killed daemon left."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    done = subprocess.run([program(lab), 'status'], stderr=subprocess.PIPE, text=True, timeout=20)
    check(done.returncode == 3 and '/run/keepalived.sock' in done.stderr, done)
    left = socket.socket(socket.AF_UNIX)
    left.bind('/run/keepalived.sock')
    left.close()
    os.mkdir('/run/martlet')
    a = one.start(instance(), options=('--run-dir', '/run/martlet', '-p', '/run/martlet/martlet.pid'))
    wait_until(lambda: os.path.exists('/run/martlet/martlet.sock'), 'a control socket')
    done = subprocess.run([program(lab), 'status'], stdout=subprocess.PIPE, text=True, timeout=20)
    check(done.returncode < 3 and done.stdout.startswith('NODE '), done)
    check(a.stop() == 0, 'exit 0')


def dashes(lab):
    """An instance whose name begins with a dash, behind two of them."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance('-web'))
    wait_until(lambda: status(a)[0] == 0, 'all well')
    code, text, _ = martletctl(a, 'explain', '--', '-web')
    check(code == 0 and text.startswith('-web is MASTER'), (code, text))
    code, _, error = martletctl(a, 'explain', '-web')
    check(code == 4 and 'there is no option -web' in error, (code, error))


def without_an_engine(lab):
    """explain, where nobody knows: says of what, ends as status does."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    a = one.start(instance(interval=20))
    wait_until(lambda: status(a)[1]['instances'], 'it runs')
    with engine_stopped(a):
        code, text, _ = martletctl(a, 'explain', 'web')
        check(code == 2 and text.startswith('web: nothing is known of its state\n')
              and 'the engine does not answer' in text, (code, text))
        code, _, error = martletctl(a, 'explain', 'wbe')
        check(code == 4 and 'did you mean web?' in error, (code, error))


def reloads_meanwhile(lab):
    """explain while reloads remove and bring back the instance: whole, or that there is none."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    both = instance('other', 52, addresses=('192.0.2.101/24',)) + instance()
    a = one.start(both)
    wait_until(lambda: status(a)[1]['instances'], 'it runs')
    answers = []
    done = threading.Event()

    def ask():
        while not done.is_set():
            answers.append(martletctl(a, 'explain', 'web', '--json'))

    thread = threading.Thread(target=ask)
    thread.start()
    for number in range(40):
        a.reload(instance('other', 52, addresses=('192.0.2.101/24',)) if number % 2 == 0 else both)
        time.sleep(0.05)
    done.set()
    thread.join()
    for code, text, error in answers:
        check(json.loads(text)['instance']['name'] == 'web' if code == 0
              else code == 4 and 'there is no instance web' in error, (code, text, error))
    check({answer[0] for answer in answers} == {0, 4}, 'only one kind of answer')


def without_proc_sys(lab):
    """/proc as ProcSubset=pid makes it: the node has its name, and @name lines count."""
    one = lab.node('r1', eth0='192.0.2.1/24')
    program_path = one.write('hidden', '#!/bin/sh\nmount -t proc -o subset=pid proc /proc\n'
                             'exec %s "$@"\n' % lab.daemon, mode=0o755)
    name = run('hostname').strip()
    mine = ''.join('@%s %s\n' % (name.split('.')[0], line) for line in instance('mine').splitlines())
    a = one.start(mine + instance('other', 52, addresses=('192.0.2.101/24',)), program=program_path)
    wait_until(lambda: os.path.exists(socket_path(a)), 'a control socket')
    wait_until(lambda: len(status(a)[1]['instances']) == 2, 'both instances')
    check(status(a)[1]['node']['name'] == name, status(a)[1]['node'])
