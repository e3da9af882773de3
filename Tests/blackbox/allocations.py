"""How often each process asks for memory: counted by a library that is preloaded, so of a dynamically
linked daemon only. The small build, which is static, has the same sources."""
import mmap
import os
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def counter(lab):
    """(environment for a daemon, function of a process id)."""
    library = os.path.join(lab.scratch, 'allocations.so')
    subprocess.run(['gcc', '-O2', '-shared', '-fPIC', '-o', library,
                    os.path.join(HERE, 'allocations.c')], check=True)
    path = os.path.join(lab.scratch, 'allocations')
    with open(path, 'wb') as file:
        file.truncate(8 << 16)
    os.chmod(path, 0o666)
    view = mmap.mmap(os.open(path, os.O_RDWR), 8 << 16)
    return ({'LD_PRELOAD': library, 'MARTLET_COUNTS': path},
            lambda pid: struct.unpack_from('Q', view, 8 * (pid & 0xffff))[0])


def is_static(path):
    answer = subprocess.run(['ldd', path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    return b'statically linked' in answer or b'not a dynamic' in answer
