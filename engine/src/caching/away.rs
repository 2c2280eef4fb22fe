// SPDX-License-Identifier: GPL-2.0-or-later
//! Opens that lost their client and wait for it to come back ([MS-SMB2] 3.3.7.1, 3.3.4.6, 3.3.4.7).
//!
//! Nobody answers for such an open. What it is kept for is its right to cache the handle; once that is taken from it,
//! by whatever way, it is *stranded*: [`Caching::next_stranded`] names it, and its owner ends it before anybody
//! who waits is woken.

use proto_shared::smb2::LeaseState;

use super::state::{Caching, H, NONE};

/// Whether an open has its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// It has.
    Here,
    /// It has not, and stays as long as it caches the handle.
    ForHandle,
    /// It has not, and stays whatever becomes of its caching (resilient handles).
    Anyway,
    /// It has not, and its end is under way.
    Stranded,
}

impl Caching {
    /// Whether an open caches its handle for certain: no break of that is under way.
    pub fn holds_handle(&self, open: u64) -> bool {
        let no = self.members.iter().find(|m| m.open == open);
        let no = no.and_then(|m| m.grant);
        self.grants
            .iter()
            .any(|g| Some(g.no) == no && g.state.intersects(H) && g.breaking.is_none())
    }

    /// What an open caches, whether it is a lease or an oplock.
    pub fn state_held(&self, open: u64) -> LeaseState {
        let no = self.members.iter().find(|m| m.open == open);
        let no = no.and_then(|m| m.grant);
        let grant = self.grants.iter().find(|g| Some(g.no) == no);
        grant.map_or(NONE, |g| g.state)
    }

    /// An open lost its client. Yields whether it may stay.
    pub fn part(&mut self, open: u64, how: Away) -> bool {
        if how == Away::ForHandle && !self.holds_handle(open) {
            return false;
        }
        match self.members.iter_mut().find(|m| m.open == open) {
            Some(m) => {
                m.session = 0;
                m.away = how;
                true
            }
            None => false,
        }
    }

    /// The client of an open is back, in this session. Yields whether the open was still there for it.
    pub fn rejoin(&mut self, open: u64, session: u64) -> bool {
        let holds = self.holds_handle(open);
        let Some(m) = self.members.iter_mut().find(|m| m.open == open) else {
            return false;
        };
        match m.away {
            Away::ForHandle if holds => {}
            Away::Anyway => {}
            _ => return false,
        }
        m.away = Away::Here;
        m.session = session;
        let no = m.grant;
        // Its new id is not told yet: a break has to wait for the reply.
        let alone = !self
            .members
            .iter()
            .any(|m| m.grant == no && m.open != open && m.session != 0);
        if let Some(g) = self.grants.iter_mut().find(|g| Some(g.no) == no && alone) {
            g.active = false;
        }
        true
    }

    /// The next open that has neither client nor handle caching. Each is named once.
    pub fn next_stranded(&mut self) -> Option<u64> {
        let grants = &self.grants;
        let lost = |no: Option<u64>| {
            !grants
                .iter()
                .any(|g| Some(g.no) == no && (g.state.intersects(H) || g.breaking.is_some()))
        };
        let m = self
            .members
            .iter_mut()
            .find(|m| m.away == Away::ForHandle && lost(m.grant))?;
        m.away = Away::Stranded;
        Some(m.open)
    }
}
