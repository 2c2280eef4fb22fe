# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of one file written through shared mappings from two mounts.

mapped.py turns|once DIR DIR SERVER_DIR

turns: one mount after the other writes every other page and syncs it; each
       time the other mount opens the file anew and has to see every page.
once:  both write at the same time, each its half of the file, and open it
       anew for each round; then each mount and the server have to see all.
"""

import mmap
import os
import sys

PAGE = 4096


def content(page, tag):
    return f"{page:06}:{tag:04}|".encode() * (PAGE // 12) + b"\n" * (PAGE % 12)


def mapping(path, pages):
    fd = os.open(path, os.O_RDWR)
    try:
        return mmap.mmap(fd, pages * PAGE)
    finally:
        os.close(fd)


def put(path, pages, which, tag):
    with mapping(path, pages) as m:
        for page in which:
            m[page * PAGE : (page + 1) * PAGE] = content(page, tag)
        m.flush()


def differs(path, tags, say):
    """How many pages are not what they should be."""
    wrong = 0
    with mapping(path, len(tags)) as m:
        for page, tag in enumerate(tags):
            there = m[page * PAGE : (page + 1) * PAGE]
            if there != content(page, tag):
                wrong += 1
                if wrong <= 5:
                    print(f"{say}: {path}: page {page} should be of round {tag} and begins {there[:24]!r}")
    return wrong


def create(path, pages):
    with open(path, "wb") as f:
        for page in range(pages):
            f.write(content(page, 0))


def turns(dirs, server):
    pages = 64
    paths = [os.path.join(d, "turns") for d in dirs]
    create(paths[0], pages)
    tags = [0] * pages
    wrong = 0
    for turn in range(1, 25):
        who = turn % 2
        which = range(who, pages, 2)
        put(paths[who], pages, which, turn)
        for page in which:
            tags[page] = turn
        wrong += differs(paths[1 - who], tags, f"turn {turn}")
    return wrong + differs(os.path.join(server, "turns"), tags, "on the server")


def once(dirs, server):
    pages, rounds = 512, 12
    paths = [os.path.join(d, "once") for d in dirs]
    create(paths[0], pages)
    children = []
    for who, path in enumerate(paths):
        pid = os.fork()
        if pid == 0:
            half = range(who * pages // 2, (who + 1) * pages // 2)
            for r in range(1, rounds + 1):
                put(path, pages, half, r)
            os._exit(0)
        children.append(pid)
    wrong = sum(os.waitpid(pid, 0)[1] != 0 for pid in children)
    tags = [rounds] * pages
    for path in [*paths, os.path.join(server, "once")]:
        wrong += differs(path, tags, "at the end")
    return wrong


how, first, second, server = sys.argv[1:]
sys.exit({"turns": turns, "once": once}[how]([first, second], server) != 0)
