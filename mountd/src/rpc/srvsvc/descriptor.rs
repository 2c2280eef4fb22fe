// SPDX-License-Identifier: GPL-2.0-or-later
//! The security descriptor of a share, as `valid_users`, `invalid_users`,
//! `read_only`, `read_list`, `write_list` and `guest_ok` come to. Shares store
//! none: the lists are what decides on tree connects, and this says it in the
//! words of clients.
//!
//! Who is refused comes first, then who may only read, then what the others
//! may: the order that the decision has. Names that stand for nobody have no
//! entry.

use ksmbd_config::{Principal, Share};
use proto_shared::codec::{Reader, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::{Ace, AceFlags, AceType, SecurityDescriptor, Sid};

use crate::auth::identity;
use crate::state::State;

/// What Windows calls Full Control, Change and Read (\[MS-SRVS\] 2.2.4.26,
/// \[MS-DTYP\] 2.4.3).
const FULL: AccessMask = AccessMask(0x001F_01FF);
const READ: AccessMask = AccessMask(0x0012_00A9);

/// The descriptor on the wire, self-relative; `None` when it would be too long
/// for a DACL.
pub(super) fn of(state: &State, share: &Share) -> Option<Vec<u8>> {
    let everyone = Sid::new(1, &[0]).ok()?;
    let mut entries = Vec::new();
    let mut push = |kind, mask, sid| entries.push(Ace::new(kind, AceFlags::NONE, mask, sid));
    let sids = |names: &[Principal]| -> Vec<Sid> {
        names.iter().filter_map(|n| sid_of(state, n)).collect()
    };
    for sid in sids(&share.invalid_users) {
        push(AceType::ACCESS_DENIED, FULL, sid);
    }
    // Whatever else they would get, they only read.
    let beyond = AccessMask(FULL.0 & !READ.0);
    for sid in sids(&share.read_list) {
        push(AceType::ACCESS_DENIED, beyond, sid);
    }
    let rest = if share.read_only { READ } else { FULL };
    if share.valid_users.is_empty() {
        for sid in sids(&share.write_list) {
            push(AceType::ACCESS_ALLOWED, FULL, sid);
        }
        push(AceType::ACCESS_ALLOWED, rest, everyone);
    } else {
        let writers = sids(&share.write_list);
        for sid in sids(&share.valid_users) {
            let mask = if writers.contains(&sid) { FULL } else { rest };
            push(AceType::ACCESS_ALLOWED, mask, sid);
        }
    }
    write(&entries)
}

/// The SID of a user or a group, as other calls tell it.
fn sid_of(state: &State, who: &Principal) -> Option<Sid> {
    let name = match who {
        Principal::Group(name) => return state.accounts.group(name).map(Sid::unix_group),
        Principal::User(name) => name,
    };
    let account = state.store().user(name).ok().flatten();
    if let Some(account) = account {
        let wire = identity::sid(state, account.id);
        return Sid::parse(&mut Reader::new(&wire)).ok();
    }
    state.accounts.user(name).map(|ids| Sid::unix_user(ids.uid))
}

fn write(entries: &[Ace<'_>]) -> Option<Vec<u8>> {
    let administrators = Sid::new(5, &[32, 544]).ok()?;
    // An entry has at most 76 bytes.
    let mut buf = vec![0; 256 + entries.len() * 76];
    let mut w = Writer::new(&mut buf);
    let head = SecurityDescriptor {
        owner: Some(administrators),
        group: Some(administrators),
        ..SecurityDescriptor::default()
    };
    head.write_with_dacl(&mut w, |acl| entries.iter().try_for_each(|e| acl.push(e)))
        .ok()?;
    let len = w.len();
    buf.truncate(len);
    Some(buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proto_shared::dtyp::security_descriptor::AclField;

    /// Kind, mask and SID of the entries for a share with these keys.
    fn entries(keys: &str) -> Vec<(u8, u32, String)> {
        let (state, _dir) = testing::state(&format!("[share.s]\npath = \"/srv\"\n{keys}"));
        let config = state.config();
        let bytes = of(&state, config.share("s").unwrap()).unwrap();
        let sd = SecurityDescriptor::parse(&bytes).unwrap();
        assert_eq!(sd.owner.unwrap().to_string(), "S-1-5-32-544");
        let AclField::Present(acl) = sd.dacl else {
            panic!("no list");
        };
        acl.aces()
            .map(|e| (e.ace_type.0, e.mask.0, e.sid.to_string()))
            .collect()
    }

    #[test]
    fn lists_are_told_as_a_descriptor() {
        let everyone = || "S-1-1-0".to_owned();
        assert_eq!(entries(""), [(0, READ.0, everyone())]);
        assert_eq!(entries("read_only = false"), [(0, FULL.0, everyone())]);
        // staff is the group 50; root has no account, nosuch is nobody.
        let all = entries(
            "invalid_users = [\"@staff\", \"nosuch\"]\nread_list = [\"root\"]\nwrite_list = [\"@wheel\"]",
        );
        let beyond = FULL.0 & !READ.0;
        assert_eq!(
            all,
            [
                (1, FULL.0, "S-1-22-2-50".to_owned()),
                (1, beyond, "S-1-22-1-0".to_owned()),
                (0, FULL.0, "S-1-22-2-0".to_owned()),
                (0, READ.0, everyone()),
            ]
        );
        let some = entries("valid_users = [\"alice\", \"bob\"]\nwrite_list = [\"bob\"]");
        assert_eq!(some.len(), 2);
        assert_eq!((some[0].1, some[1].1), (READ.0, FULL.0));
        assert!(some[0].2.starts_with("S-1-5-21-"), "{some:?}");
    }
}
