// SPDX-License-Identifier: GPL-2.0-or-later
//! Security descriptors ([MS-SMB2] 3.3.5.21.3).

use proto_shared::dtyp::SecurityDescriptor;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::smb2::query_info::SecurityInformation;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::Host;
use crate::notify;
use crate::open::Open;
use crate::security;
use crate::work::Work;

/// Parts that can be stored.
const STORED: SecurityInformation = SecurityInformation(
    SecurityInformation::OWNER.0 | SecurityInformation::GROUP.0 | SecurityInformation::DACL.0,
);

/// Sets the parts of an open's descriptor that are named. Who had no right to is told so first, also where
/// descriptors are not stored.
pub(super) fn set<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    what: SecurityInformation,
    buffer: &[u8],
) -> SmbResult {
    let tree = open.tree();
    let writable = tree.require_writable()?;
    let owner = SecurityInformation::OWNER | SecurityInformation::GROUP;
    if what.intersects(owner | SecurityInformation::LABEL) {
        open.write_owner(&writable)?;
    }
    if what.contains(SecurityInformation::DACL) {
        open.write_dac(&writable)?;
    }
    // Nobody is granted ACCESS_SYSTEM_SECURITY.
    if what.contains(SecurityInformation::SACL) {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    if !tree.has(TreeFlags::ACL_XATTR) || !what.without(STORED).is_empty() {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    let node = open.disk()?.node();
    let new = SecurityDescriptor::parse(buffer)?;
    if what.is_empty() {
        return Ok(());
    }
    security::set(w.fs(), tree, node, &w.auth()?.user, what, &new)?;
    notify::modified(w.server(), open, CompletionFilter::SECURITY);
    Ok(())
}
