# SPDX-License-Identifier: GPL-2.0-or-later
"""Two processes, each on a mount of its own, count in one file under a lock.

count.py DIR DIR SERVER_DIR
"""

import fcntl
import os
import sys
import time

EACH = 60
PATIENCE = 120


def count(path):
    until = time.monotonic() + PATIENCE
    fd = os.open(path, os.O_RDWR)
    for _ in range(EACH):
        while True:
            try:
                fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 64)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() > until:
                    print("no lock to be had", path)
                    os._exit(2)
                time.sleep(0.002)
        n = int(os.pread(fd, 64, 0).split()[0])
        os.pwrite(fd, f"{n + 1}\n".encode(), 0)
        os.fsync(fd)
        fcntl.lockf(fd, fcntl.LOCK_UN, 64)
    os.close(fd)


*mounts, server = sys.argv[1:]
with open(os.path.join(mounts[0], "count"), "w") as f:
    f.write("0\n")
children = []
for mount in mounts:
    pid = os.fork()
    if pid == 0:
        count(os.path.join(mount, "count"))
        os._exit(0)
    children.append(pid)
failed = [s for s in (os.waitpid(pid, 0)[1] for pid in children) if s]
with open(os.path.join(server, "count")) as f:
    n = int(f.read().split()[0])
print(f"counted to {n}, should be {EACH * len(mounts)}")
sys.exit(bool(failed) or n != EACH * len(mounts))
