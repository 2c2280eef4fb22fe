// SPDX-License-Identifier: GPL-2.0-or-later
//! Which opens of one file exclude each other ([MS-FSA] 2.1.5.1.2.2).

use ksmbd_engine::open::inode::shares_conflict;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::ShareAccess;

/// The share mode that an access needs of the other side.
fn needs(access: AccessMask) -> ShareAccess {
    let mut out = ShareAccess::NONE;
    if access.intersects(AccessMask::READ_DATA | AccessMask::EXECUTE) {
        out |= ShareAccess::READ;
    }
    if access.intersects(AccessMask::WRITE_DATA | AccessMask::APPEND_DATA) {
        out |= ShareAccess::WRITE;
    }
    if access.contains(AccessMask::DELETE) {
        out |= ShareAccess::DELETE;
    }
    out
}

#[test]
fn each_side_must_let_the_other() {
    let rights = [
        AccessMask::READ_DATA,
        AccessMask::EXECUTE,
        AccessMask::WRITE_DATA,
        AccessMask::APPEND_DATA,
        AccessMask::DELETE,
        AccessMask::READ_DATA | AccessMask::WRITE_DATA,
        AccessMask::FILE_ALL_ACCESS,
    ];
    for a in rights {
        for b in rights {
            for sa in (0..8).map(ShareAccess) {
                for sb in (0..8).map(ShareAccess) {
                    let fine = sa.contains(needs(b)) && sb.contains(needs(a));
                    assert_eq!(
                        shares_conflict((a, sa), (b, sb)),
                        !fine,
                        "{a:?}/{sa:?} {b:?}/{sb:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn looking_at_attributes_is_always_fine() {
    let stat = AccessMask::READ_ATTRIBUTES | AccessMask::WRITE_ATTRIBUTES | AccessMask::SYNCHRONIZE;
    let none = ShareAccess::NONE;
    assert!(!shares_conflict(
        (stat, none),
        (AccessMask::FILE_ALL_ACCESS, none)
    ));
    assert!(!shares_conflict(
        (AccessMask::FILE_ALL_ACCESS, none),
        (stat, none)
    ));
    assert!(!shares_conflict((stat, none), (stat, none)));
}
