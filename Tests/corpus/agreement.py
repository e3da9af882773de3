#!/usr/bin/env python3
"""Holds martletd against what several versions of keepalived made of a set of configurations.

  agreement.py DIRECTORY martletd [JOBS]

DIRECTORY has compare.py, which runs a daemon on every file and compares two records, and one record
for each version of keepalived: oracle-VERSION.jsonl. The daemon runs once; a file that agrees with
one of the versions agrees. Exit status 0 where that is at least 99 of 100.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile


def compare(directory, *arguments):
    command = [sys.executable, os.path.join(directory, 'compare.py'), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout


def differences(directory, daemon, jobs, oracle, output):
    """By file: what differs. Each version has the interfaces that its own record asks for."""
    print(compare(directory, '--daemon', 'martletd=' + os.path.abspath(daemon), '-j', jobs,
                  '--oracle', oracle, '--json', output, '--show-files', '0').splitlines()[-1])
    with open(output) as file:
        found = json.load(file)['diffs']
    result = {}
    for one in found:
        result.setdefault(one['file'], []).append(one)
    return result


def main():
    directory, daemon = sys.argv[1:3]
    jobs = sys.argv[3] if len(sys.argv) > 3 else '4'
    names = sorted(map(os.path.basename, glob.glob(os.path.join(directory, 'dev', '*.conf'))))
    with tempfile.TemporaryDirectory() as work:
        versions = [differences(directory, daemon, jobs, oracle, os.path.join(work, 'found'))
                    for oracle in sorted(glob.glob(os.path.join(directory, 'oracle-*.jsonl')))]
    disagreeing = [name for name in names if all(name in found for found in versions)]
    for name in disagreeing:
        print(name)
        for one in min((found[name] for found in versions), key=len)[:6]:
            print('   %s %s: %s, here %s' % (one['field'], one['where'], json.dumps(one['ref'])[:150],
                                            json.dumps(one['got'])[:150]))
    agreeing = len(names) - len(disagreeing)
    print('agree %d/%d files with one of %d versions' % (agreeing, len(names), len(versions)))
    return 0 if names and agreeing >= 0.99 * len(names) else 1


if __name__ == '__main__':
    sys.exit(main())
