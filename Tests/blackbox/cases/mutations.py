"""A thousand files with mistakes, each sent as a reload: whatever they hold, the master stays one."""
import os
import random
import re
import signal
import time

from lab import check, exists, instance, wait_until

ROUNDS, SEED = 1000, 4
# Of version 3 at an interval of a second and priority 200: when a peer would take over.
MASTER_DOWN = 3.21

# Good files; a part of each is spoilt. What they run does nothing, whatever becomes of its path.
GOOD = ['''global_defs {
    router_id r1
    vrrp_garp_master_repeat 2
    vrrp_garp_master_delay 1
}
vrrp_instance OTHER {
    state BACKUP
    interface eth0
    virtual_router_id 61
    priority 120
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass s3cr3t
    }
    virtual_ipaddress {
        192.0.2.101/24
        192.0.2.102/32 dev eth0 label eth0:1
    }
}
''', '''$FIRST=62
$LINES=\\
    priority 130\\
    advert_int 1
vrrp_track_process nobody {
    process no-such-process
    weight -10
}
vrrp_instance ONE {
    interface eth0
    virtual_router_id $FIRST
    $LINES
    track_process {
        nobody
    }
    virtual_ipaddress {
        192.0.2.103/24
    }
}
vrrp_instance TWO {
    interface eth0
    virtual_router_id 63
    priority 90
    nopreempt
    virtual_ipaddress {
        192.0.2.104/24 brd +
    }
    virtual_routes {
        198.51.100.0/24 via 192.0.2.254
    }
}
vrrp_sync_group BOTH {
    group {
        ONE
        TWO
    }
}
''', '''# Sequences, conditions, quotes
static_ipaddress {
    ~SEQ(n, 1, 1, 3) 10.99.0.$n/32 dev eth0 scope link
}
@other vrrp_instance ELSEWHERE { interface eth9 }
vrrp_script chk_true {
    script "/bin/true 'a b'"
    interval 1
    weight 2
}
vrrp_instance THREE {
    version 3
    interface eth0
    virtual_router_id 64
    priority 110
    advert_int 0.5
    track_script { chk_true }
    virtual_ipaddress {
        192.0.2.105/24
        192.0.2.106/24
    }
}
''']


def _spoil(draw, text):
    """One mistake, as people and disks make them."""
    lines = text.split(b'\n')
    one, two = draw.randrange(len(lines)), draw.randrange(len(lines))
    kind = draw.randrange(7)
    if kind == 0:
        del lines[one]
    elif kind == 1:
        lines.insert(two, lines[one])
    elif kind == 2:
        lines[one], lines[two] = lines[two], lines[one]
    elif kind == 3:
        return text[:draw.randrange(len(text) + 1)]
    elif kind == 4:
        spoilt = bytearray(text)
        for _ in range(draw.randint(1, 8)):
            if spoilt:
                spoilt[draw.randrange(len(spoilt))] ^= 1 << draw.randrange(8)
        return bytes(spoilt)
    else:
        pattern = rb'\d+' if kind == 5 else rb'[{}]'
        places = list(re.finditer(pattern, text))
        if not places:
            return text
        place = draw.choice(places)
        number = draw.choice([b'0', b'-1', b'1', b'254', b'255', b'256', b'65536',
                              b'4294967296', b'99999999999999999999', b'1e9', b''])
        return text[:place.start()] + (number if kind == 5 else b'') + text[place.end():]
    return b'\n'.join(lines)


class _Reloads:
    """Sends reloads and waits for the answer to each in the log."""

    def __init__(self, daemon):
        self.daemon, self.position = daemon, 0
        self.answers = {b'configuration reloaded': 0, b'reload refused': 0}
        self.hear()

    def hear(self):
        """How many answers are new."""
        with open(self.daemon.log_path, 'rb') as file:
            file.seek(self.position)
            text = file.read()
        end = text.rfind(b'\n') + 1
        self.position += end
        found = 0
        for answer in self.answers:
            count = text[:end].count(answer)
            self.answers[answer] += count
            found += count
        return found

    def send(self, text):
        self.daemon.node.write(self.daemon.name + '.conf', text)
        self.daemon.kill(signal.SIGHUP)
        wait_until(self.hear, 'an answer to the reload', 30)


def thousand_mistakes(lab):
    """Alive and without a gap through all of them; then the first file again, and all is as it was."""
    node = lab.node('r1', eth0='192.0.2.1/24')
    kept = node.write('kept.conf', instance('KEPT', priority=200, extra='version 3'))
    good = [('include %s\n' % kept + text).encode() for text in GOOD]
    daemon = node.start(good[0].decode())
    for address in ('192.0.2.100', '192.0.2.101', '192.0.2.102'):
        wait_until(lambda: node.holds(address), address)
    before = node.addresses()
    engine, begin = daemon.engine, time.time()
    reloads, draw = _Reloads(daemon), random.Random(SEED)
    for number in range(ROUNDS):
        head, tail = good[number % len(good)].split(b'\n', 1)
        for _ in range(draw.choice([0, 1, 1, 1, 2, 3])):
            tail = _spoil(draw, tail)
        reloads.send(head + b'\n' + tail)
    reloads.send(good[0])
    check(daemon.process.poll() is None and exists(engine), 'a process died')
    check(engine == daemon.engine, 'the engine is another one')
    wait_until(lambda: sorted(node.addresses()) == sorted(before), 'the addresses as before')
    times = [one.time for one in lab.wire.heard(vrid=51, since=begin - 2)]
    gap = max(second - first for first, second in zip(times, times[1:]))
    check(gap < MASTER_DOWN, 'no advertisement for %.3f s' % gap)
    check(not lab.wire.heard(vrid=51, priority=0), 'it resigned')
    for answer, count in reloads.answers.items():
        check(count > ROUNDS / 10, '%s only %d times' % (answer.decode(), count))
    print('%s in %.0f s' % (reloads.answers, time.time() - begin))
