// SPDX-License-Identifier: GPL-2.0-or-later
//! Tree connects: a session's way into one share ([MS-SMB2] 3.3.1.9).

use core::marker::PhantomData;

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};

use crate::error::SmbResult;
use crate::host::{Fs, Host};
use proto_shared::ipc::{AuditFlags, TreeFlags};
use proto_shared::status::NtStatus;

/// What the share is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareType {
    /// A directory tree.
    Disk,
    /// IPC$.
    Pipe,
}

/// Disk part of a tree connect.
pub struct DiskShare<H: Host> {
    /// Where all lookups start.
    pub(crate) root: <H::Fs as Fs>::Root,
    /// The root directory's device and inode number: tells whether two shares are the same tree.
    pub(crate) root_key: crate::open::FileKey,
    /// The user's credentials, with the share's forced ids applied.
    pub(crate) creds: <H::Fs as Fs>::Creds,
    /// Who the user is to stored access lists.
    pub(crate) token: crate::security::Token,
    /// The user id within `creds`.
    pub(crate) uid: u32,
    /// Mode bits that new files keep.
    pub(crate) create_mask: u32,
    /// Mode bits that new directories keep.
    pub(crate) directory_mask: u32,
    /// Mode bits that new files get.
    pub(crate) force_create_mode: u32,
    /// Mode bits that new directories get.
    pub(crate) force_directory_mode: u32,
    /// Name patterns that do not exist for clients, separated by NUL.
    pub(crate) veto: KVec<u8>,
    /// Where its snapshots are.
    pub(crate) snapshots: Option<crate::snapshot::Snapshots>,
    /// Volume label in UTF-8.
    pub(crate) volume_label: KVec<u8>,
    /// Volume serial number.
    pub(crate) volume_serial: u32,
    /// What kind of machine Apple's clients take this for, in UTF-8.
    pub(crate) apple_model: KVec<u8>,
    /// Most bytes that Time Machine is told to use; 0 for no limit.
    pub(crate) time_machine_max: u64,
}

/// What [`crate::apple`] remembers of the client.
pub(crate) struct Agreed {
    /// It said that it is one of Apple's.
    pub(crate) spoken: Atomic<bool>,
    /// Entries of directories are to say what its Finder wants to know.
    pub(crate) entries: Atomic<bool>,
}

impl Agreed {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            spoken: Atomic::new(false),
            entries: Atomic::new(false),
        }
    }
}

/// A tree connect.
pub struct Tree<H: Host> {
    /// The id on the wire.
    pub id: u32,
    /// The number under which the daemon knows it.
    pub(crate) connect_id: u32,
    /// The session it belongs to.
    pub session_id: u64,
    /// The share's name as configured.
    pub share: KVec<u8>,
    /// Disk or pipe.
    pub share_type: ShareType,
    /// What the share's configuration allows.
    pub flags: TreeFlags,
    /// Which accesses the daemon is told of.
    pub(crate) audit: AuditFlags,
    /// The most that any open through this tree may be granted.
    pub maximal_access: u32,
    /// Present for disk shares.
    pub(crate) disk: Option<DiskShare<H>>,
    /// Opens through this tree.
    pub(crate) open_count: Atomic<u32>,
    /// What was agreed on with a client of Apple's.
    pub(crate) apple: Agreed,
    /// Cleared by TREE_DISCONNECT; requests of the same compound see it.
    pub(crate) connected: Atomic<bool>,
}

/// A tree that may be changed: the only source of what a changing file operation needs.
pub struct WritableTree<'a, H: Host> {
    tree: PhantomData<&'a Tree<H>>,
}

impl<H: Host> Tree<H> {
    /// The disk part.
    ///
    /// # Errors
    /// `INVALID_DEVICE_REQUEST` on IPC$.
    pub(crate) fn disk(&self) -> SmbResult<&DiskShare<H>> {
        self.disk
            .as_ref()
            .ok_or(NtStatus::INVALID_DEVICE_REQUEST.into())
    }

    /// The disk part, if this tree may change it.
    ///
    /// # Errors
    /// `ACCESS_DENIED` on a read-only tree.
    pub(crate) fn require_writable(&self) -> SmbResult<WritableTree<'_, H>> {
        self.disk()?;
        if !self.has(TreeFlags::WRITABLE) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        Ok(WritableTree { tree: PhantomData })
    }

    /// Whether a share flag is set.
    pub(crate) fn has(&self, flag: TreeFlags) -> bool {
        self.flags.contains(flag)
    }

    /// Whether TREE_DISCONNECT has not come yet.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(Relaxed)
    }
}
