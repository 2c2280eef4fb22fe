// SPDX-License-Identifier: GPL-2.0-or-later
//! Accounts from other servers, of which there is the NT hash but no password.

use rusqlite::TransactionBehavior;

use crate::users::{check_name, label, now};
use crate::{fold_name, NtHash, Result, Store};

/// An account that another server had.
pub struct ImportedUser {
    /// Its name.
    pub name: String,
    /// Its NT hash.
    pub nt_hash: NtHash,
    /// No login.
    pub disabled: bool,
}

impl Store {
    /// Adds accounts, all or none; for each answers whether it is new. Those
    /// that exist stay as they are.
    ///
    /// # Errors
    /// A name cannot be one, or the database fails.
    pub fn import_users(&mut self, users: &[ImportedUser]) -> Result<Vec<bool>> {
        let now = now();
        let mut out = Vec::with_capacity(users.len());
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for user in users {
            check_name(&user.name)?;
            let fold = fold_name(&user.name);
            let sealed = self.sealer.seal(&label(&fold), user.nt_hash.expose())?;
            // No verifier: there is no password to derive it from.
            let added = tx.execute(
                "INSERT INTO users (name, fold, nt_hash, verifier, flags, created, changed)
                 VALUES (?1, ?2, ?3, '', ?4, ?5, ?5) ON CONFLICT (fold) DO NOTHING",
                (&user.name, &fold, sealed, i64::from(user.disabled), now),
            )?;
            out.push(added == 1);
        }
        tx.commit()?;
        Ok(out)
    }
}
