// SPDX-License-Identifier: GPL-2.0-or-later
//! Tables and their migrations.
//!
//! `PRAGMA user_version` is the number of migrations applied. A migration is
//! never changed once it was released; a new one is put at the end. All of
//! them run in one transaction that takes the write lock first, so of two
//! tools that start together one migrates and the other finds it done.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::{Error, Result};

const MIGRATIONS: &[&str] = &[
    // 1: accounts and what the server is.
    "CREATE TABLE meta (
         key   TEXT PRIMARY KEY NOT NULL,
         value BLOB NOT NULL
     ) STRICT;
     CREATE TABLE users (
         id          INTEGER PRIMARY KEY AUTOINCREMENT,
         name        TEXT    NOT NULL,
         fold        TEXT    NOT NULL UNIQUE,
         uid         INTEGER CHECK (uid BETWEEN 0 AND 4294967294),
         gid         INTEGER CHECK (gid BETWEEN 0 AND 4294967294),
         nt_hash     BLOB    NOT NULL,
         verifier    TEXT    NOT NULL,
         flags       INTEGER NOT NULL DEFAULT 0,
         created     INTEGER NOT NULL,
         changed     INTEGER NOT NULL,
         last_login  INTEGER,
         failed      INTEGER NOT NULL DEFAULT 0,
         last_failed INTEGER
     ) STRICT;",
];

/// Brings the database up to date.
pub(crate) fn migrate(conn: &mut Connection, path: &Path) -> Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let have: i64 = tx.query_row("PRAGMA user_version", [], |r| r.get(0))?;
    let have = usize::try_from(have).map_err(|_| Error::Newer { have })?;
    let others: i64 = tx.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |r| r.get(0))?;
    if have == 0 && others != 0 {
        return Err(Error::NotOurs {
            path: path.into(),
            why: "it is another program's".to_owned(),
        });
    }
    if have > MIGRATIONS.len() {
        return Err(Error::Newer {
            have: i64::try_from(have).unwrap_or(i64::MAX),
        });
    }
    for sql in &MIGRATIONS[have..] {
        tx.execute_batch(sql)?;
    }
    tx.execute_batch(&format!("PRAGMA user_version = {}", MIGRATIONS.len()))?;
    tx.commit()?;
    Ok(())
}
