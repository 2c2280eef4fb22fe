// SPDX-License-Identifier: GPL-2.0-or-later
//! Users and groups of the system (NSS).

use std::ffi::CString;

use nix::unistd::{getgrouplist, Gid, Group, User};

/// What files are accessed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// All group ids.
    pub groups: Vec<u32>,
}

/// Where users and groups are looked up.
pub trait Accounts: Send + Sync {
    /// The user's ids and groups; `None` when there is no such user.
    fn user(&self, name: &str) -> Option<Ids>;
    /// The group's id; `None` when there is no such group.
    fn group(&self, name: &str) -> Option<u32>;
    /// The user's name; `None` when no user has the id.
    fn user_name(&self, uid: u32) -> Option<String>;
    /// The group's name; `None` when no group has the id.
    fn group_name(&self, gid: u32) -> Option<String>;
}

/// The system's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nss;

/// Most groups that are passed on: what one message to the kernel can hold.
const MAX_GROUPS: usize = 32 * 1024;

impl Accounts for Nss {
    fn user(&self, name: &str) -> Option<Ids> {
        let user = match User::from_name(name) {
            Ok(user) => user?,
            Err(e) => {
                tracing::warn!(name, error = %e, "looking up the system account failed");
                return None;
            }
        };
        let gid = user.gid;
        let mut groups: Vec<u32> = CString::new(user.name)
            .ok()
            .and_then(|name| getgrouplist(&name, gid).ok())
            .map(|list| list.into_iter().map(Gid::as_raw).collect())
            .unwrap_or_default();
        if groups.is_empty() {
            groups.push(gid.as_raw());
        }
        if groups.len() > MAX_GROUPS {
            tracing::warn!(
                name,
                groups = groups.len(),
                "too many groups, using the first"
            );
            groups.truncate(MAX_GROUPS);
        }
        Some(Ids {
            uid: user.uid.as_raw(),
            gid: gid.as_raw(),
            groups,
        })
    }

    fn group(&self, name: &str) -> Option<u32> {
        match Group::from_name(name) {
            Ok(group) => group.map(|g| g.gid.as_raw()),
            Err(e) => {
                tracing::warn!(name, error = %e, "looking up the system group failed");
                None
            }
        }
    }

    fn user_name(&self, uid: u32) -> Option<String> {
        match User::from_uid(uid.into()) {
            Ok(user) => user.map(|u| u.name),
            Err(e) => {
                tracing::warn!(uid, error = %e, "looking up the system account failed");
                None
            }
        }
    }

    fn group_name(&self, gid: u32) -> Option<String> {
        match Group::from_gid(gid.into()) {
            Ok(group) => group.map(|g| g.name),
            Err(e) => {
                tracing::warn!(gid, error = %e, "looking up the system group failed");
                None
            }
        }
    }
}
