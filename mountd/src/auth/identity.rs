// SPDX-License-Identifier: GPL-2.0-or-later
//! Who an account is to the file system.

use ksmbd_store::{fold_name, User};

use crate::accounts::Ids;
use crate::state::State;

/// Ids of an account: as stored, the rest from the system's account. `None`:
/// there is neither.
pub(crate) fn ids(state: &State, account: &User) -> Option<Ids> {
    let system = state
        .accounts
        .user(&account.name)
        .or_else(|| state.accounts.user(&fold_name(&account.name)));
    match (account.uid, account.gid, system) {
        (None, _, None) => None,
        (Some(uid), gid, None) => {
            let gid = gid.unwrap_or(uid);
            Some(Ids {
                uid,
                gid,
                groups: vec![gid],
            })
        }
        (uid, gid, Some(mut ids)) => {
            ids.uid = uid.unwrap_or(ids.uid);
            if let Some(gid) = gid {
                ids.gid = gid;
                if !ids.groups.contains(&gid) {
                    ids.groups.push(gid);
                }
            }
            Some(ids)
        }
    }
}

/// Ids of guests and anonymous users.
pub(crate) fn guest_ids(state: &State) -> Ids {
    let config = state.config();
    let name = &config.global.guest_account;
    state.accounts.user(name).unwrap_or_else(|| {
        tracing::warn!(
            name,
            "the guest account is no system account; using uid 65534"
        );
        Ids {
            uid: 65534,
            gid: 65534,
            groups: vec![65534],
        }
    })
}
