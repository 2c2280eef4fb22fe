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

/// The SID of an account: S-1-5-21-a-b-c-RID on the wire (\[MS-DTYP\] 2.4.2.2).
/// RIDs below 1000 are reserved.
pub(crate) fn sid(state: &State, account_id: u32) -> Vec<u8> {
    let [a, b, c] = state.store().machine_sid();
    let mut sid = vec![1, 5, 0, 0, 0, 0, 0, 5];
    for sub in [21, a, b, c, account_id.saturating_add(1000)] {
        sid.extend_from_slice(&u32::to_le_bytes(sub));
    }
    sid
}

/// The SID of a system user that has no account: S-1-22-1-UID on the wire.
pub(crate) fn unix_sid(uid: u32) -> Vec<u8> {
    let mut sid = vec![1, 2, 0, 0, 0, 0, 0, 22, 1, 0, 0, 0];
    sid.extend_from_slice(&uid.to_le_bytes());
    sid
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
