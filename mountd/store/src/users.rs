// SPDX-License-Identifier: GPL-2.0-or-later
//! Accounts.

use std::time::{SystemTime, UNIX_EPOCH};

use argon2::password_hash::PasswordHasher;
use md4::{Digest, Md4};
use rusqlite::{Connection, OptionalExtension, Row};
use zeroize::Zeroize;

use crate::{Error, NtHash, Password, Result, Secret, Store, KEY_CHECK_LABEL};

/// Longest name in bytes. NTLM carries 256 UTF-16 units.
const MAX_NAME: usize = 256;

/// Longest password in UTF-16 units, as Windows has it.
const MAX_PASSWORD: usize = 256;

/// Yes-or-no properties of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserFlags {
    /// No login.
    pub disabled: bool,
}

impl UserFlags {
    const DISABLED: i64 = 1;

    const fn encode(self) -> i64 {
        if self.disabled {
            Self::DISABLED
        } else {
            0
        }
    }

    const fn decode(bits: i64) -> Self {
        Self {
            disabled: bits & Self::DISABLED != 0,
        }
    }
}

/// An account without its secrets. Times are seconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Never used again after deletion; the account's RID comes of it.
    pub id: u32,
    /// Name as it was given.
    pub name: String,
    /// User id for file access; `None`: that of the system's account of the
    /// same name.
    pub uid: Option<u32>,
    /// Group id for file access; `None`: that of the system's account.
    pub gid: Option<u32>,
    /// Properties.
    pub flags: UserFlags,
    /// When it was added.
    pub created: i64,
    /// When it was changed by a tool.
    pub changed: i64,
    /// Last login that succeeded.
    pub last_login: Option<i64>,
    /// Failed logins since then.
    pub failed: u32,
    /// Last failed login.
    pub last_failed: Option<i64>,
}

/// An account with what a login is checked against.
pub struct Credentials {
    /// The account.
    pub user: User,
    /// Its NT hash.
    pub nt_hash: NtHash,
}

/// An account to add.
pub struct NewUser<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its password.
    pub password: &'a Password,
    /// See [`User::uid`].
    pub uid: Option<u32>,
    /// See [`User::gid`].
    pub gid: Option<u32>,
    /// Properties.
    pub flags: UserFlags,
}

/// What to change; `None` leaves it as it is.
#[derive(Default)]
pub struct UserChange<'a> {
    /// New password.
    pub password: Option<&'a Password>,
    /// New user id.
    pub uid: Option<Option<u32>>,
    /// New group id.
    pub gid: Option<Option<u32>>,
    /// Enable or disable.
    pub disabled: Option<bool>,
}

/// The form of a name that is compared.
#[must_use]
pub fn fold_name(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The NT hash of a password (\[MS-NLMP\] 3.3.1).
#[must_use]
pub fn nt_hash(password: &Password) -> NtHash {
    let mut utf16: Vec<u8> = Vec::with_capacity(password.expose().len() * 2);
    for unit in password.expose().encode_utf16() {
        utf16.extend_from_slice(&unit.to_le_bytes());
    }
    let mut digest = Md4::digest(&utf16);
    utf16.zeroize();
    let hash = Secret::new(digest.into());
    digest.zeroize();
    hash
}

pub(crate) fn check_name(name: &str) -> Result<()> {
    let bad = |why| {
        Err(Error::BadName {
            name: name.to_owned(),
            why,
        })
    };
    if name.is_empty() {
        return bad("it is empty");
    }
    if name.len() > MAX_NAME {
        return bad("it has more than 256 bytes");
    }
    if name.trim() != name {
        return bad("it starts or ends with a blank");
    }
    if name.starts_with(['@', '+', '&', '-']) {
        return bad("@, +, & and - at the start have other meanings");
    }
    if name
        .chars()
        .any(|c| c.is_control() || "\"/\\[]:;|=,*?<>".contains(c))
    {
        return bad("control characters and \"/\\[]:;|=,*?<> are not allowed");
    }
    Ok(())
}

fn check_password(password: &Password) -> Result<()> {
    if password.expose().encode_utf16().count() > MAX_PASSWORD {
        return Err(Error::BadPassword("it has more than 256 characters"));
    }
    if password.expose().contains('\0') {
        return Err(Error::BadPassword("it has a NUL character"));
    }
    Ok(())
}

pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_secs()).ok())
        .unwrap_or(0)
}

pub(crate) const COLUMNS: &str =
    "id, name, uid, gid, flags, created, changed, last_login, failed, last_failed, nt_hash";

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        uid: row.get(2)?,
        gid: row.get(3)?,
        flags: UserFlags::decode(row.get(4)?),
        created: row.get(5)?,
        changed: row.get(6)?,
        last_login: row.get(7)?,
        failed: row.get(8)?,
        last_failed: row.get(9)?,
    })
}

pub(crate) fn label(fold: &str) -> String {
    format!("nt_hash\0{fold}")
}

impl Store {
    fn verifier(&self, password: &Password) -> Result<String> {
        let hash = self
            .kdf
            .argon2()?
            .hash_password(password.expose().as_bytes())
            .map_err(|e| Error::Crypto(format!("argon2: {e}")))?;
        Ok(hash.to_string())
    }

    /// Adds an account.
    ///
    /// # Errors
    /// The name or password cannot be one, or the account exists.
    pub fn add_user(&mut self, new: &NewUser<'_>) -> Result<User> {
        check_name(new.name)?;
        check_password(new.password)?;
        let fold = fold_name(new.name);
        let sealed = self
            .sealer
            .seal(&label(&fold), nt_hash(new.password).expose())?;
        let verifier = self.verifier(new.password)?;
        let now = now();
        let added = self.conn.execute(
            "INSERT INTO users (name, fold, uid, gid, nt_hash, verifier, flags, created, changed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT (fold) DO NOTHING",
            (
                new.name,
                &fold,
                new.uid,
                new.gid,
                sealed,
                verifier,
                new.flags.encode(),
                now,
            ),
        )?;
        let found = self.user(new.name)?;
        match (added, found) {
            (1, Some(user)) => Ok(user),
            _ => Err(Error::Exists {
                name: new.name.to_owned(),
            }),
        }
    }

    /// Changes an account; a new password also ends its count of failures.
    ///
    /// # Errors
    /// No such account, or the password cannot be one.
    pub fn update_user(&mut self, name: &str, change: &UserChange<'_>) -> Result<User> {
        let fold = fold_name(name);
        // Costly, so before the transaction.
        let secrets = match change.password {
            Some(password) => {
                check_password(password)?;
                let sealed = self
                    .sealer
                    .seal(&label(&fold), nt_hash(password).expose())?;
                Some((sealed, self.verifier(password)?))
            }
            None => None,
        };
        let tx = self
            .conn
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let query = format!("SELECT {COLUMNS} FROM users WHERE fold = ?1");
        let mut user = tx
            .query_row(&query, [&fold], user)
            .optional()?
            .ok_or_else(|| Error::NoUser {
                name: name.to_owned(),
            })?;
        if let Some(uid) = change.uid {
            user.uid = uid;
        }
        if let Some(gid) = change.gid {
            user.gid = gid;
        }
        if let Some(disabled) = change.disabled {
            user.flags.disabled = disabled;
        }
        user.changed = now();
        tx.execute(
            "UPDATE users SET uid = ?2, gid = ?3, flags = ?4, changed = ?5 WHERE id = ?1",
            (
                user.id,
                user.uid,
                user.gid,
                user.flags.encode(),
                user.changed,
            ),
        )?;
        if let Some((sealed, verifier)) = secrets {
            user.failed = 0;
            tx.execute(
                "UPDATE users SET nt_hash = ?2, verifier = ?3, failed = 0 WHERE id = ?1",
                (user.id, sealed, verifier),
            )?;
        }
        tx.commit()?;
        Ok(user)
    }

    /// Removes an account.
    ///
    /// # Errors
    /// No such account.
    pub fn delete_user(&mut self, name: &str) -> Result<()> {
        let gone = self
            .conn
            .execute("DELETE FROM users WHERE fold = ?1", [fold_name(name)])?;
        if gone == 0 {
            return Err(Error::NoUser {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// Looks an account up by name, whatever its case.
    ///
    /// # Errors
    /// The database fails.
    pub fn user(&self, name: &str) -> Result<Option<User>> {
        let query = format!("SELECT {COLUMNS} FROM users WHERE fold = ?1");
        Ok(self
            .conn
            .query_row(&query, [fold_name(name)], user)
            .optional()?)
    }

    /// Looks an account up with its NT hash.
    ///
    /// # Errors
    /// The database fails, or the stored hash is damaged.
    pub fn credentials(&self, name: &str) -> Result<Option<Credentials>> {
        let fold = fold_name(name);
        let query = format!("SELECT {COLUMNS} FROM users WHERE fold = ?1");
        let found = self
            .conn
            .prepare_cached(&query)?
            .query_row([&fold], |row| Ok((user(row)?, row.get::<_, Vec<u8>>(10)?)))
            .optional()?;
        let Some((user, sealed)) = found else {
            // The same work as for an account that exists.
            let _ = self.sealer.open(KEY_CHECK_LABEL, &self.decoy);
            return Ok(None);
        };
        let nt_hash = self
            .sealer
            .open(&label(&fold), &sealed)
            .ok_or_else(|| Error::Damaged {
                name: user.name.clone(),
            })?;
        Ok(Some(Credentials { user, nt_hash }))
    }

    /// All accounts by name.
    ///
    /// # Errors
    /// The database fails.
    pub fn users(&self) -> Result<Vec<User>> {
        let query = format!("SELECT {COLUMNS} FROM users ORDER BY fold");
        let mut stmt = self.conn.prepare(&query)?;
        let rows = stmt.query_map([], user)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The account with this [`User::id`].
    ///
    /// # Errors
    /// The database fails.
    pub fn user_by_id(&self, id: u32) -> Result<Option<User>> {
        let query = format!("SELECT {COLUMNS} FROM users WHERE id = ?1");
        Ok(self.conn.query_row(&query, [id], user).optional()?)
    }

    /// At most `limit` accounts from [`User::id`] `id` on, in its order.
    ///
    /// # Errors
    /// The database fails.
    pub fn users_from(&self, id: u32, limit: u32) -> Result<Vec<User>> {
        let query = format!("SELECT {COLUMNS} FROM users WHERE id >= ?1 ORDER BY id LIMIT ?2");
        let mut stmt = self.conn.prepare_cached(&query)?;
        let rows = stmt.query_map([id, limit], user)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Number of accounts.
    ///
    /// # Errors
    /// The database fails.
    pub fn user_count(&self) -> Result<u32> {
        let count = "SELECT COUNT(*) FROM users";
        Ok(self.conn.query_row(count, [], |row| row.get(0))?)
    }

    /// Checks a password against the argon2id verifier, or where there is none
    /// against the NT hash.
    ///
    /// # Errors
    /// No such account, or the database fails.
    pub fn verify_password(&self, name: &str, password: &Password) -> Result<bool> {
        use argon2::password_hash::phc::PasswordHash;
        use argon2::password_hash::PasswordVerifier;
        let verifier: String = self
            .conn
            .query_row(
                "SELECT verifier FROM users WHERE fold = ?1",
                [fold_name(name)],
                |r| r.get(0),
            )
            .optional()?
            .ok_or_else(|| Error::NoUser {
                name: name.to_owned(),
            })?;
        if verifier.is_empty() {
            // Imported, and not changed since.
            let Some(found) = self.credentials(name)? else {
                return Ok(false);
            };
            return Ok(nt_hash(password).ct_eq(found.nt_hash.expose()));
        }
        let hash = PasswordHash::new(&verifier).map_err(|_| Error::Corrupt("verifier"))?;
        Ok(argon2::Argon2::default()
            .verify_password(password.expose().as_bytes(), &hash)
            .is_ok())
    }
}

/// Notes logins. It has a connection of its own: whoever waits for the disk
/// here holds up no other login, which could otherwise be measured to tell
/// accounts that exist from those that do not.
pub struct Notes {
    conn: Connection,
}

impl Notes {
    pub(crate) const fn new(conn: Connection) -> Self {
        Self { conn }
    }

    /// Notes a login that succeeded.
    ///
    /// # Errors
    /// The database fails.
    pub fn login(&self, id: u32) -> Result<()> {
        self.conn.execute(
            "UPDATE users SET last_login = ?2, failed = 0 WHERE id = ?1",
            (id, now()),
        )?;
        Ok(())
    }

    /// Notes a login that failed.
    ///
    /// # Errors
    /// The database fails.
    pub fn failure(&self, id: u32) -> Result<()> {
        self.conn.execute(
            "UPDATE users SET last_failed = ?2, failed = min(failed + 1, 4294967295)
             WHERE id = ?1",
            (id, now()),
        )?;
        Ok(())
    }
}
