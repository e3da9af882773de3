#!/usr/bin/env python3
"""Reading and checking large configurations (`-t`): time and memory, beside keepalived's."""
import os
import sys

import _bench
from lab import check, run

SIZES = (1000, 2000, 4000, 8000)
# A VRID has one instance on a link.
PER_LINK, LINKS = 250, 32


def configuration(count):
    """So many instances as people write them, 250 bytes each."""
    text = ['global_defs {\n    router_id bench\n}\n']
    for number in range(count):
        text.append('''vrrp_instance VI_%d {
    state BACKUP
    interface link%d
    virtual_router_id %d
    priority %d
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass s3cr3t%02d
    }
    virtual_ipaddress {
        10.%d.%d.%d/32
    }
}
''' % (number, number // PER_LINK, number % PER_LINK + 1, 50 + number % 150, number % 100,
       number >> 16, number >> 8 & 255, number & 255))
    return ''.join(text)


def read_once(spend, program, path):
    """(processor ms, resident MB at most) of one `-t`, which must find nothing wrong."""
    words = run(spend, program, '-t', '-f', path).split()
    check(words[2] == '0', '%s -t ended with %s' % (program, words[2]))
    return int(words[0]) / 1000, int(words[1]) / 1024


def measure(lab, options):
    spend = os.path.join(lab.scratch, 'spend')
    run('gcc', '-O2', '-o', spend, os.path.join(_bench.HERE, '_spend.c'))
    for number in range(0, LINKS, 2):
        run('ip', 'link', 'add', 'link%d' % number, 'type', 'veth', 'peer', 'name',
            'link%d' % (number + 1))
    best = {}
    for size in SIZES:
        path = os.path.join(lab.scratch, '%d.conf' % size)
        with open(path, 'w') as file:
            file.write(configuration(size))
        # One after the other, and the least of each: what else the machine does only adds.
        for _ in range(options.repeats):
            for program in (options.daemon, options.reference):
                milliseconds, megabytes = read_once(spend, program, path)
                key = size, program
                known = best.get(key, (milliseconds, megabytes))
                best[key] = min(known[0], milliseconds), min(known[1], megabytes)
        ours, theirs = best[size, options.daemon], best[size, options.reference]
        name = '%d instances, %d KB' % (size, os.path.getsize(path) // 1000)
        _bench.row(name + ': processor time', ours[0], theirs[0], 'ms')
        _bench.row(name + ': memory', ours[1], theirs[1], 'MB')
    for name, program in (('ours', options.daemon), ('keepalived', options.reference)):
        first, last = best[SIZES[0], program], best[SIZES[-1], program]
        print('  8 times the instances, %-12s %5.1f times the time, %5.1f MB for each 1000 more'
              % (name + ':', last[0] / first[0],
                 (last[1] - first[1]) / (SIZES[-1] - SIZES[0]) * 1000), flush=True)


if __name__ == '__main__':
    sys.exit(_bench.main(measure))
