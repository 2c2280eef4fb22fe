// SPDX-License-Identifier: GPL-2.0-or-later
//! The access check over a DACL ([MS-DTYP] 2.5.3.2).

use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::acl::{AceFlags, AceType};
use proto_shared::dtyp::{SecurityDescriptor, Sid};

use super::token::Token;

/// What an owner may do whatever the list says, unless it speaks of OWNER RIGHTS.
const OWNER_IMPLICIT: AccessMask = AccessMask(AccessMask::READ_CONTROL.0 | AccessMask::WRITE_DAC.0);

/// Which of the rights in `mask` the descriptor gives.
///
/// Entries count in their order, whether or not that is the canonical one: each right is decided by the first entry
/// that speaks of it. Entries with a condition, or for objects of a directory service, allow nothing, and deny what they
/// would deny.
pub(crate) fn granted(sd: &SecurityDescriptor<'_>, token: &Token, mask: AccessMask) -> AccessMask {
    let mut allowed = AccessMask::NONE;
    if token.is_root() {
        allowed |= AccessMask::WRITE_OWNER;
    }
    let Some(dacl) = sd.dacl.acl() else {
        // No list at all protects nothing.
        return mask;
    };
    let effective = || {
        dacl.aces()
            .filter(|ace| !ace.flags.contains(AceFlags::INHERIT_ONLY))
    };
    let is_owner = sd.owner.is_some_and(|owner| token.has(&owner));
    if is_owner && !effective().any(|ace| ace.sid == Sid::OWNER_RIGHTS) {
        allowed |= OWNER_IMPLICIT;
    }
    let mut denied = AccessMask::NONE;
    for ace in effective() {
        let meant = if ace.sid == Sid::OWNER_RIGHTS {
            is_owner
        } else {
            token.has(&ace.sid)
        };
        if !meant {
            continue;
        }
        let rights = ace.mask.expand_generic();
        match ace.ace_type {
            AceType::ACCESS_ALLOWED => allowed |= rights.without(denied),
            AceType::ACCESS_DENIED
            | AceType::ACCESS_DENIED_OBJECT
            | AceType::ACCESS_DENIED_CALLBACK
            | AceType::ACCESS_DENIED_CALLBACK_OBJECT => denied |= rights.without(allowed),
            _ => {}
        }
    }
    mask & allowed
}
