// SPDX-License-Identifier: GPL-2.0-or-later
//! Who somebody is to an access list ([MS-DTYP] 2.5.2).

use kernel::prelude::*;

use proto_shared::codec::Reader;
use proto_shared::dtyp::Sid;
use proto_shared::ipc::UserFlags;

use crate::error::SmbResult;
use crate::session::User;

/// The SIDs of a user in one tree connect.
///
/// Users are known under the SID that the daemon gave them as well as under `S-1-22-1-uid`, groups under
/// `S-1-22-2-gid`: descriptors that are made from permission bits speak of these.
pub(crate) struct Token {
    sids: KVec<Sid>,
    owner: Sid,
    group: Sid,
    root: bool,
}

impl Token {
    /// The token of a user who acts as `uid` and `gid`, which the share may have forced.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`.
    pub(crate) fn new(user: &User, uid: u32, gid: u32) -> SmbResult<Self> {
        let mut sids = KVec::new();
        let own = Sid::parse(&mut Reader::new(&user.sid)).ok();
        if let Some(sid) = own {
            sids.push(sid, GFP_KERNEL)?;
        }
        let (unix, group) = (Sid::unix_user(uid), Sid::unix_group(gid));
        sids.push(unix, GFP_KERNEL)?;
        sids.push(group, GFP_KERNEL)?;
        for gid in user.groups.iter() {
            sids.push(Sid::unix_group(*gid), GFP_KERNEL)?;
        }
        sids.push(Sid::EVERYONE, GFP_KERNEL)?;
        sids.push(Sid::NETWORK, GFP_KERNEL)?;
        if !user
            .flags
            .intersects(UserFlags::GUEST | UserFlags::ANONYMOUS)
        {
            sids.push(Sid::AUTHENTICATED_USERS, GFP_KERNEL)?;
            sids.push(Sid::BUILTIN_USERS, GFP_KERNEL)?;
        }
        let root = uid == 0;
        if root {
            sids.push(Sid::BUILTIN_ADMINISTRATORS, GFP_KERNEL)?;
        }
        Ok(Self {
            sids,
            // A forced user's files belong to that one.
            owner: own.filter(|_| uid == user.uid).unwrap_or(unix),
            group,
            root,
        })
    }

    /// Whether the user is, or is in, this.
    pub(crate) fn has(&self, sid: &Sid) -> bool {
        self.sids.iter().any(|s| s == sid)
    }

    /// Whom new files belong to.
    pub(crate) fn owner(&self) -> Sid {
        self.owner
    }

    /// The group of new files.
    pub(crate) fn group(&self) -> Sid {
        self.group
    }

    /// Whether the user may take ownership of and give away everything.
    pub(crate) fn is_root(&self) -> bool {
        self.root
    }
}
