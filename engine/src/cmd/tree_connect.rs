// SPDX-License-Identifier: GPL-2.0-or-later
//! TREE_CONNECT ([MS-SMB2] 3.3.5.7). The daemon knows the shares and who may use them.

use kernel::prelude::*;
use kernel::sync::atomic::Atomic;
use kernel::sync::Arc;

use proto_shared::dtyp::access::AccessMask;
use proto_shared::ipc::{
    self, AuditFlags, TreeConnectReply, TreeConnectRequest, TreeFlags, U32List,
};
use proto_shared::smb2;
use proto_shared::smb2::tree_connect::{ShareCapabilities, ShareFlags, ShareType as WireShareType};
use proto_shared::status::NtStatus;

use crate::error::{SmbError, SmbResult};
use crate::host::{Fs, Host, Identity};
use crate::name::{copy, push_char};
use crate::open::FileKey;
use crate::security::Token;
use crate::session::Auth;
use crate::snapshot::Snapshots;
use crate::tree::{Agreed, DiskShare, ShareType, Tree};
use crate::work::{Event, Outcome, Reply, Resume, Work};

/// What the handler goes on with when the daemon has answered.
pub struct Pending {
    connect_id: u32,
}

/// Longest share name in characters ([MS-SMB2] 2.2.9 via [MS-FSCC] 2.1.6).
const MAX_SHARE_NAME: usize = 80;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, _out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = smb2::TreeConnectRequest::parse(w.msg())?;
    let auth = w.auth()?;
    let share = share_name(&req)?;
    let connect_id = w.server().next_open_id() as u32;
    let mut peer = [0; 64];
    let body = TreeConnectRequest {
        session_id: w.session()?.id,
        tree_id: connect_id,
        account: core::str::from_utf8(&auth.user.account).unwrap_or(""),
        uid: auth.user.uid,
        gid: auth.user.gid,
        groups: U32List::from(&*auth.user.groups),
        user_flags: auth.user.flags,
        share: core::str::from_utf8(&share).unwrap_or(""),
        peer: w.conn.peer.format(&mut peer),
        dialect: w.negotiated()?.dialect,
        encrypted: w.sealed_by.is_some(),
    };
    w.wait_for_daemon(&body, false, Resume::TreeConnect(Pending { connect_id }))
}

/// The last component of `\\server\share`.
fn share_name(req: &smb2::TreeConnectRequest<'_>) -> SmbResult<KVec<u8>> {
    let bad = || SmbError::from(NtStatus::BAD_NETWORK_NAME);
    let mut name = KVec::new();
    let mut separators = 0u32;
    let mut len = 0usize;
    for c in req.path.chars() {
        let c = c.map_err(|_| bad())?;
        match c {
            '\\' => {
                separators = separators.saturating_add(1);
                name.clear();
                len = 0;
            }
            c if (c as u32) < 0x20
                || matches!(c, '/' | '"' | '[' | ']' | ':' | '|' | '<' | '>' | '*' | '?') =>
            {
                return Err(bad());
            }
            c => {
                len = len.saturating_add(1);
                push_char(&mut name, c)?;
            }
        }
    }
    // "\\server\share", and nothing below it.
    if separators != 3 || name.is_empty() || len > MAX_SHARE_NAME {
        return Err(bad());
    }
    Ok(name)
}

#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let body = match event {
        Event::Upcall(body) => body,
        Event::Cancelled => return Err(NtStatus::CANCELLED.into()),
        Event::TimedOut => return Err(NtStatus::IO_TIMEOUT.into()),
        Event::Ready | Event::Closed => return Err(NtStatus::NETWORK_NAME_DELETED.into()),
    };
    let reply =
        TreeConnectReply::parse(&body).map_err(|_| SmbError::from(NtStatus::INTERNAL_ERROR))?;
    if reply.status != NtStatus::SUCCESS {
        let status = if reply.status.is_error() {
            reply.status
        } else {
            NtStatus::BAD_NETWORK_NAME
        };
        return Err(status.into());
    }
    let result = connect(w, &p, &reply, out);
    if result.is_err() {
        // The daemon counts it as connected.
        w.server().event(&ipc::TreeDisconnect {
            session_id: w.session()?.id,
            tree_id: p.connect_id,
        });
    }
    result.map(|()| Outcome::Done)
}

fn connect<H: Host>(
    w: &Work<H>,
    p: &Pending,
    reply: &TreeConnectReply<'_>,
    out: &mut Reply<H>,
) -> SmbResult {
    let (session, auth) = (w.session()?, w.auth()?);
    let encrypt = reply.flags.contains(TreeFlags::ENCRYPT);
    if encrypt && auth.keys.seal.is_none() {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    let share_type = match reply.share_type {
        ipc::ShareType::DISK => ShareType::Disk,
        ipc::ShareType::PIPE => ShareType::Pipe,
        _ => return Err(NtStatus::BAD_DEVICE_TYPE.into()),
    };
    let disk = match share_type {
        ShareType::Disk => Some(disk_share(w, auth, reply)?),
        ShareType::Pipe => None,
    };
    let share = copy(reply.share.as_bytes())?;
    let mut parts = Some((share, disk));
    let tree_id = {
        let mut trees = session.trees.lock();
        trees.insert_with::<SmbError>(|id| {
            let (share, disk) = parts
                .take()
                .ok_or(SmbError::from(NtStatus::INTERNAL_ERROR))?;
            let tree = Tree {
                id: id as u32,
                connect_id: p.connect_id,
                session_id: session.id,
                share,
                share_type,
                flags: reply.flags,
                audit: AuditFlags(reply.audit.unwrap_or(0)),
                maximal_access: reply.maximal_access,
                disk,
                open_count: Atomic::new(0),
                apple: Agreed::new(),
                connected: Atomic::new(true),
            };
            Ok(Arc::new(tree, GFP_KERNEL)?)
        })?
    } as u32;
    let mut share_flags = ShareFlags::NONE;
    if encrypt && w.negotiated()?.is_smb3() {
        share_flags |= ShareFlags::ENCRYPT_DATA;
    }
    if reply.flags.contains(TreeFlags::HIDE_UNREADABLE) {
        share_flags |= ShareFlags::ACCESS_BASED_DIRECTORY_ENUM;
    }
    let response = smb2::TreeConnectResponse {
        share_type: match share_type {
            ShareType::Disk => WireShareType::DISK,
            ShareType::Pipe => WireShareType::PIPE,
        },
        share_flags,
        capabilities: ShareCapabilities::NONE,
        maximal_access: AccessMask(reply.maximal_access),
    };
    out.tree_id = Some(tree_id);
    out.write(16, |b| response.write(b))
}

/// Opens the share's root and prepares the credentials that all its file operations run under.
fn disk_share<H: Host>(
    w: &Work<H>,
    auth: &Auth<H>,
    reply: &TreeConnectReply<'_>,
) -> SmbResult<DiskShare<H>> {
    let fs = w.fs();
    let root = fs.open_root(reply.path.as_bytes()).map_err(|e| {
        pr_warn!(
            "share {}: cannot open {}: errno {}\n",
            reply.share,
            reply.path,
            e.to_errno()
        );
        SmbError {
            status: NtStatus::BAD_NETWORK_NAME,
            source: Some(e),
        }
    })?;
    let root_key = FileKey::of(&fs.attr(&fs.root_node(&root)?)?);
    let uid = reply.force_uid.unwrap_or(auth.user.uid);
    let gid = reply.force_gid.unwrap_or(auth.user.gid);
    let creds = fs.creds(&Identity {
        uid,
        gid,
        groups: &auth.user.groups,
    })?;
    Ok(DiskShare {
        root,
        root_key,
        creds,
        token: Token::new(&auth.user, uid, gid)?,
        uid,
        create_mask: reply.create_mask,
        directory_mask: reply.directory_mask,
        force_create_mode: reply.force_create_mode,
        force_directory_mode: reply.force_directory_mode,
        veto: copy(reply.veto)?,
        snapshots: Snapshots::new(reply.snapshot_dir, reply.snapshot_format)?,
        volume_label: copy(reply.volume_label.as_bytes())?,
        volume_serial: reply.volume_serial,
        apple_model: copy(reply.apple_model.as_bytes())?,
        time_machine_max: reply.time_machine_max_size,
    })
}
