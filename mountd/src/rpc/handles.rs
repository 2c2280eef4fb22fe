// SPDX-License-Identifier: GPL-2.0-or-later
//! Context handles (\[C706\] 5.1.6): what a client opened on a pipe and names in
//! later calls. They end with their pipe.

use dcerpc_ndr::types::Handle;

use super::pdu::fault;
use super::Fault;

/// Length of a handle on the wire in bytes.
const HANDLE_LEN: usize = Handle::LEN;

/// Most handles of one pipe.
const MAX_HANDLES: usize = 256;

/// What a handle stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// A policy of lsarpc.
    Policy,
    /// The server of samr.
    Server,
    /// The accounts' domain of samr.
    Accounts,
    /// The built-in domain of samr.
    Builtin,
    /// An account of samr, by its RID.
    User(u32),
    /// A key of winreg below HKEY_LOCAL_MACHINE, by its path.
    Key(&'static str),
    /// The manager of svcctl.
    Manager,
    /// A service of svcctl, by its number.
    Service(usize),
}

/// The handles of one pipe.
pub(super) struct Handles {
    pipe: u64,
    next: u64,
    open: Vec<(u64, Opened)>,
}

impl Handles {
    pub(super) const fn new(pipe: u64) -> Self {
        Self {
            pipe,
            next: 1,
            open: Vec::new(),
        }
    }

    /// Those of the login of a security context in the pipe: they have numbers
    /// of their own.
    pub(super) fn of_context(pipe: u64, context: usize) -> Self {
        let context = u64::try_from(context).unwrap_or(u64::MAX);
        Self {
            next: (context.saturating_add(1) << 48) | 1,
            ..Self::new(pipe)
        }
    }

    /// A new handle; `None` when the pipe has too many.
    pub(super) fn open(&mut self, what: Opened) -> Option<[u8; HANDLE_LEN]> {
        if self.open.len() >= MAX_HANDLES {
            return None;
        }
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.open.push((id, what));
        Some(self.wire(id))
    }

    /// Attributes 0, then the pipe's number and the handle's: none is good on
    /// another pipe.
    fn wire(&self, id: u64) -> [u8; HANDLE_LEN] {
        let mut out = [0; HANDLE_LEN];
        out[4..12].copy_from_slice(&self.pipe.to_le_bytes());
        out[12..].copy_from_slice(&id.to_le_bytes());
        out
    }

    /// What a handle stands for.
    pub(super) fn get(&self, handle: &[u8; HANDLE_LEN]) -> Result<Opened, Fault> {
        self.open
            .iter()
            .find(|(id, _)| self.wire(*id) == *handle)
            .map(|(_, what)| *what)
            .ok_or(Fault(fault::CONTEXT_MISMATCH))
    }

    /// Ends a handle.
    pub(super) fn close(&mut self, handle: &[u8; HANDLE_LEN]) -> Result<(), Fault> {
        self.get(handle)?;
        let pipe = Self::new(self.pipe);
        self.open.retain(|(id, _)| pipe.wire(*id) != *handle);
        Ok(())
    }
}
