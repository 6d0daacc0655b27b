"""Runs one process after the other and tells what each has cost, as only its parent can know.

stdin: one JSON object per line: argv, env, cwd, stdin (text, at most what a pipe holds).
stdout: the same way: wall and cpu in milliseconds, memory (peak, bytes), code, out.
"""

import json
import os
import sys
import time


def run(job):
    in_read, in_write = os.pipe()
    os.write(in_write, job["stdin"].encode())
    os.close(in_write)
    out_read, out_write = os.pipe()
    null = os.open(os.devnull, os.O_WRONLY)
    streams = [(os.POSIX_SPAWN_DUP2, fd, to) for to, fd in enumerate([in_read, out_write, null])]
    os.chdir(job["cwd"])
    start = time.perf_counter_ns()
    pid = os.posix_spawn(job["argv"][0], job["argv"], job["env"], file_actions=streams)
    os.close(out_write)
    out = b""
    while part := os.read(out_read, 65536):
        out += part
    _, status, used = os.wait4(pid, 0)
    wall = (time.perf_counter_ns() - start) / 1e6
    for fd in (in_read, out_read, null):
        os.close(fd)
    return {
        "wall": wall,
        "cpu": (used.ru_utime + used.ru_stime) * 1000,
        "memory": used.ru_maxrss * 1024,
        "code": os.waitstatus_to_exitcode(status),
        "out": out.decode(errors="replace"),
    }


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
