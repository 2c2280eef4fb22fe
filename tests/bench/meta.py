#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Create, stat, rename and unlink files one after the other; prints each as
`metric operations-per-second`."""
import os
import sys
import time


def main() -> None:
    top, count = sys.argv[1], int(sys.argv[2])
    os.mkdir(top)
    old = [f"{top}/file-{n:05}" for n in range(count)]
    new = [f"{top}/renamed-{n:05}" for n in range(count)]

    def create(n: int) -> None:
        os.close(os.open(old[n], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))

    steps = {
        "create": create,
        "stat": lambda n: os.stat(old[n]),
        "rename": lambda n: os.rename(old[n], new[n]),
        "unlink": lambda n: os.unlink(new[n]),
    }
    for name, step in steps.items():
        start = time.perf_counter()
        for n in range(count):
            step(n)
        print(name, count / (time.perf_counter() - start))
    os.rmdir(top)


main()
