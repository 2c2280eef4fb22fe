// SPDX-License-Identifier: GPL-2.0-or-later
//! The account store of ksmbd: a SQLite database that the daemon and the tools
//! use at the same time.
//!
//! Invariants:
//!
//! * names are unique without regard to case;
//! * an NT hash leaves this crate only as [`NtHash`], and is on disk only
//!   sealed (`key.rs`);
//! * every change is one transaction; readers never wait for it (WAL), writers
//!   wait for each other up to five seconds.
#![forbid(unsafe_code)]

mod import;
mod key;
mod schema;
mod secret;
mod users;

#[cfg(test)]
mod tests;

use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior};

pub use import::ImportedUser;
pub use key::{KdfParams, KeySource};
pub use secret::{NtHash, Password, Secret};
pub use users::{fold_name, nt_hash, Credentials, NewUser, Notes, User, UserChange, UserFlags};

use key::Sealer;

/// Where the database is unless told otherwise.
pub const DEFAULT_DB: &str = "/etc/ksmbd/ksmbd.db";

/// Where the key file is unless told otherwise.
pub const DEFAULT_KEY_FILE: &str = "/etc/ksmbd/ksmbd.key";

/// The key file of a database, unless told otherwise: beside it, with the
/// ending `.key`.
#[must_use]
pub fn key_file_of(db: &Path) -> PathBuf {
    db.with_extension("key")
}

/// What can go wrong. Each message says what, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// SQLite failed.
    #[error("account database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database cannot be opened.
    #[error("cannot open the account database {}: {source}; it is made by `ksmbd.adduser -a NAME` \
             and needs root unless --db names another place", path.display())]
    Open {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Something else than an account database, or what is left of one.
    #[error("{} is no account database, or is damaged ({why}); name the right one with --db, or \
             restore it from a backup", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What is known.
        why: String,
    },
    /// A file operation failed.
    #[error("{what} {}: {source}{}", path.display(), io_hint(source))]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A newer release made the database.
    #[error(
        "the account database has schema {have}, which this release does not know; \
             update ksmbd, or restore the database from before the newer release ran"
    )]
    Newer {
        /// Its schema.
        have: i64,
    },
    /// There is no key file though the database has one's check value.
    #[error("the key file {} is missing; restore it from a backup (the stored passwords cannot be \
             used without it), or move the account database away and add the users again", path.display())]
    KeyFileMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Others may read the key file.
    #[error("the key file {} must be a file that only its owner can read; run: chmod 600 {0}",
            path.display())]
    KeyFileOpen {
        /// Where it is.
        path: PathBuf,
    },
    /// The key file is not one.
    #[error("{} is not a ksmbd key file; name the right one with --key-file", path.display())]
    KeyFileBad {
        /// Where it is.
        path: PathBuf,
    },
    /// The key does not fit the database.
    #[error(
        "the key does not belong to this account database; name the key file that was made \
             together with it (--key-file), or give the right passphrase"
    )]
    WrongKey,
    /// A sealed hash does not open.
    #[error("the stored password of `{name}` is damaged; set it again: ksmbd.adduser -u {name}")]
    Damaged {
        /// Whose.
        name: String,
    },
    /// Something in the database is not as we write it.
    #[error("the account database is damaged ({0}); restore it from a backup")]
    Corrupt(&'static str),
    /// Cryptography failed.
    #[error("{0}")]
    Crypto(String),
    /// The account exists.
    #[error("user `{name}` exists; change it with: ksmbd.adduser -u {name}")]
    Exists {
        /// Whose.
        name: String,
    },
    /// No such account.
    #[error("there is no user `{name}`; add it with: ksmbd.adduser -a {name}")]
    NoUser {
        /// Who.
        name: String,
    },
    /// The name cannot be one.
    #[error("`{name}` cannot be a user name: {why}")]
    BadName {
        /// The name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// The password cannot be one.
    #[error("the password cannot be used: {0}")]
    BadPassword(&'static str),
}

/// What to do about a file operation that failed, where that is clear.
fn io_hint(e: &std::io::Error) -> &'static str {
    match e.kind() {
        std::io::ErrorKind::PermissionDenied => "; run as root, or name another file",
        _ => "",
    }
}

/// Shorthand.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How to open a store.
pub struct Options {
    /// The database.
    pub db: PathBuf,
    /// Where the sealing key comes from.
    pub key: KeySource,
    /// Make database and key file when they are missing.
    pub create: bool,
    /// Cost of key derivation for a new database.
    pub kdf: KdfParams,
}

impl Options {
    /// A database and its key file, both made when missing.
    #[must_use]
    pub fn new(db: impl Into<PathBuf>, key_file: impl Into<PathBuf>) -> Self {
        Self {
            db: db.into(),
            key: KeySource::File(key_file.into()),
            create: true,
            kdf: KdfParams::default(),
        }
    }
}

/// An open account database.
pub struct Store {
    conn: Connection,
    path: PathBuf,
    sealer: Sealer,
    /// Something sealed that is no account's.
    decoy: Vec<u8>,
    kdf: KdfParams,
    machine_sid: [u32; 3],
    server_guid: [u8; 16],
}

/// Text that is sealed to recognise the right key.
const KEY_CHECK: [u8; 16] = *b"ksmbd key check\0";
const KEY_CHECK_LABEL: &str = "\0meta\0key check";

impl Store {
    /// Opens, or makes, a store.
    ///
    /// # Errors
    /// The file cannot be opened or is none of ours, the key is missing, too
    /// open, or another database's.
    pub fn open(options: &Options) -> Result<Self> {
        Self::open_or_say(options).map_err(|e| match e {
            Error::Sqlite(e) if is_foreign(&e) => Error::NotOurs {
                path: options.db.clone(),
                why: e.to_string(),
            },
            e => e,
        })
    }

    fn open_or_say(options: &Options) -> Result<Self> {
        let path = &options.db;
        if options.create {
            prepare(path)?;
        }
        let mut conn = connect(path)?;
        schema::migrate(&mut conn, path)?;

        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let salt: [u8; 16] = meta_or(&tx, "kdf_salt", key::random)?;
        let kdf = meta_or(&tx, "kdf_params", || Ok(options.kdf.encode().into_bytes()))?;
        let kdf: KdfParams = std::str::from_utf8(&kdf)
            .ok()
            .and_then(KdfParams::decode)
            .ok_or(Error::Corrupt("kdf_params"))?;
        let check: Option<Vec<u8>> = meta(&tx, "key_check")?;
        let sealer = match &options.key {
            // A key file is made only while nothing has been sealed.
            KeySource::File(path) => Sealer::derive(
                &key::load_key_file(path, options.create && check.is_none())?,
                &salt,
                kdf,
            )?,
            KeySource::Passphrase(text) => Sealer::derive(text, &salt, kdf)?,
        };
        let decoy = match check {
            Some(sealed) => {
                sealer
                    .open(KEY_CHECK_LABEL, &sealed)
                    .filter(|c| c.ct_eq(&KEY_CHECK))
                    .ok_or(Error::WrongKey)?;
                sealed
            }
            None => {
                let sealed = sealer.seal(KEY_CHECK_LABEL, &KEY_CHECK)?;
                put_meta(&tx, "key_check", &sealed)?;
                sealed
            }
        };
        let sid: [u8; 12] = meta_or(&tx, "machine_sid", key::random)?;
        let server_guid = meta_or(&tx, "server_guid", key::random)?;
        tx.commit()?;

        let mut machine_sid = [0; 3];
        for (sub, bytes) in machine_sid.iter_mut().zip(sid.chunks_exact(4)) {
            *sub = u32::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        Ok(Self {
            conn,
            path: path.clone(),
            sealer,
            decoy,
            kdf,
            machine_sid,
            server_guid,
        })
    }

    /// A second way into the database, to note logins.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn notes(&self) -> Result<Notes> {
        connect(&self.path).map(Notes::new)
    }

    /// Takes what the log beside the database has into the database, so that it
    /// is whole by itself.
    ///
    /// # Errors
    /// The database fails. That somebody else uses it just now is none: the
    /// log keeps what it has.
    pub fn settle(&self) -> Result<()> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let _busy: i64 = self.conn.query_row(checkpoint, [], |row| row.get(0))?;
        Ok(())
    }

    /// Whether SQLite finds nothing wrong with the file (`PRAGMA integrity_check`).
    ///
    /// # Errors
    /// The database fails.
    pub fn is_sound(&self) -> Result<bool> {
        let check = "PRAGMA integrity_check";
        let said: String = self.conn.query_row(check, [], |row| row.get(0))?;
        Ok(said == "ok")
    }

    /// The three sub authorities a, b, c of the machine's SID S-1-5-21-a-b-c.
    #[must_use]
    pub const fn machine_sid(&self) -> [u32; 3] {
        self.machine_sid
    }

    /// The server's GUID, in wire order.
    #[must_use]
    pub const fn server_guid(&self) -> [u8; 16] {
        self.server_guid
    }
}

/// How long a tool or the daemon waits for others that write.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whether SQLite says that the file is not what we wrote.
fn is_foreign(e: &rusqlite::Error) -> bool {
    matches!(
        e.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
    )
}

/// A connection that waits for others, and does not disturb readers.
fn connect(path: &Path) -> Result<Connection> {
    let open_error = |source| match is_foreign(&source) {
        true => Error::Sqlite(source),
        false => Error::Open {
            path: path.into(),
            source,
        },
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(open_error)?;
    conn.busy_timeout(PATIENCE).map_err(open_error)?;
    // When others make the database at the same time, SQLite refuses this
    // change at once instead of waiting.
    let end = Instant::now() + PATIENCE;
    while let Err(e) = conn.pragma_update(None, "journal_mode", "WAL") {
        if e.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) || Instant::now() >= end {
            return Err(open_error(e));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "trusted_schema", false)?;
    Ok(conn)
}

/// Makes directory and file with the right modes before SQLite does.
fn prepare(path: &Path) -> Result<()> {
    let io = |source| Error::Io {
        what: "making the account database",
        path: path.into(),
        source,
    };
    if let Some(dir) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(dir)
            .map_err(io)?;
    }
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(io(e)),
        _ => Ok(()),
    }
}

fn meta<T: TryFrom<Vec<u8>>>(conn: &Connection, key: &str) -> Result<Option<T>> {
    let value: Option<Vec<u8>> = conn
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
        .optional()?;
    value
        .map(|v| T::try_from(v).map_err(|_| Error::Corrupt("meta")))
        .transpose()
}

fn put_meta(conn: &Connection, key: &str, value: &[u8]) -> Result<()> {
    conn.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)",
        (key, value),
    )?;
    Ok(())
}

fn meta_or<T: TryFrom<Vec<u8>> + AsRef<[u8]>>(
    conn: &Connection,
    key: &str,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    if let Some(value) = meta(conn, key)? {
        return Ok(value);
    }
    let value = make()?;
    put_meta(conn, key, value.as_ref())?;
    Ok(value)
}
