# SPDX-License-Identifier: GPL-2.0-or-later
"""Two processes, each on a mount of its own, write to one SQLite database.

database.py DIR DIR SERVER_DIR

The client turns POSIX locks into locks of the server that cannot be changed
from shared to exclusive in place, which SQLite does; so these lock by making
a directory, SQLite's "unix-dotfile".
"""

import os
import sqlite3
import sys

EACH = 25
NAME = "shared.db"


def connect(mount):
    path = os.path.join(mount, NAME)
    return sqlite3.connect(f"file:{path}?vfs=unix-dotfile", uri=True, timeout=180, isolation_level=None)


def write(mount, who):
    db = connect(mount)
    for n in range(EACH):
        db.execute("begin immediate")
        db.execute("update total set n = n + 1")
        (n_now,) = db.execute("select n from total").fetchone()
        db.execute("insert into rows values (?, ?, ?)", (who, n, n_now))
        db.execute("commit")
    db.close()


*mounts, server = sys.argv[1:]
db = connect(mounts[0])
db.execute("create table total (n integer)")
db.execute("insert into total values (0)")
db.execute("create table rows (who, n, total unique, primary key (who, n))")
db.close()
children = []
for who, mount in enumerate(mounts):
    pid = os.fork()
    if pid == 0:
        try:
            write(mount, who)
        except sqlite3.Error as e:
            print(f"{mount}: {e}", flush=True)
            os._exit(1)
        os._exit(0)
    children.append(pid)
failed = [s for s in (os.waitpid(pid, 0)[1] for pid in children) if s]
want = EACH * len(mounts)
for place in [*mounts, server]:
    db = connect(place)
    (total,) = db.execute("select n from total").fetchone()
    (rows,) = db.execute("select count(distinct total) from rows").fetchone()
    (whole,) = db.execute("pragma integrity_check").fetchone()
    db.close()
    print(f"{place}: total {total}, rows {rows}, should be {want}; {whole}")
    if (total, rows, whole) != (want, want, "ok"):
        failed.append(place)
sys.exit(bool(failed))
