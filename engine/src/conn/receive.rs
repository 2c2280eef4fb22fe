// SPDX-License-Identifier: GPL-2.0-or-later
//! From a frame to work: decryption, the walk over a compound's headers, MessageIds and CANCEL
//! ([MS-SMB2] 3.3.5.1, 3.3.5.2.1 to 3.3.5.2.3, 3.3.5.16).
//!
//! This part runs on the receiving thread, in the order of arrival, so that a CANCEL always finds the request
//! it means and an id is used once.

use core::cell::Cell;
use core::ops::Range;

use kernel::prelude::*;
use kernel::sync::atomic::Relaxed;
use kernel::sync::Arc;

use proto_shared::limits::TRANSFORM_HEADER_LEN;
use proto_shared::smb2::header::{Compound, Header, Protocol};
use proto_shared::smb2::transform::{TransformHeader, AAD_RANGE};
use proto_shared::smb2::{Command, HeaderFlags};
use proto_shared::status::NtStatus;

use super::{Conn, InFlight, Verdict};
use crate::cmd;
use crate::host::{Crypto, Host, Pdu};
use crate::parking::Which;
use crate::server::Job;
use crate::work::{Chain, Event, Sealed, Work};

/// Most requests that one connection may have under way.
const MAX_INFLIGHT: usize = 1024;
/// Most elements of a compound; clients send at most a handful.
const MAX_COMPOUND: usize = 64;

impl<H: Host> Conn<H> {
    /// Takes a frame, without the transport's framing. Call from one thread at a time.
    pub fn on_frame(this: &Arc<Self>, mut pdu: H::Pdu) -> Verdict<H> {
        if this.is_dead() {
            return Verdict::Close;
        }
        let server = &this.server;
        this.last_frame.store(server.host().now().0, Relaxed);
        let len = pdu.bytes().len();
        server.stats.bytes_in.add(len as u64);
        this.counts.bytes_in.add(len as u64);
        match Protocol::detect(pdu.bytes()) {
            Some(Protocol::Smb2) => take_in(this, pdu, 0, None),
            Some(Protocol::Transform) => match decrypt(this, &mut pdu) {
                Ok((sealed, start)) => take_in(this, pdu, start, Some(sealed)),
                Err(what) => close(this, what),
            },
            Some(Protocol::Smb1) => match cmd::negotiate::multi_protocol(this, pdu.bytes()) {
                Ok(()) => Verdict::Done,
                Err(what) => close(this, what),
            },
            Some(Protocol::Compressed) => {
                close(this, "compressed frame without compression negotiated")
            }
            None => close(this, "unknown protocol"),
        }
    }
}

fn close<H: Host>(conn: &Arc<Conn<H>>, what: &str) -> Verdict<H> {
    conn.violation(what);
    Verdict::Close
}

/// Decrypts a frame in place ([MS-SMB2] 3.3.5.2.1.1). Returns whose it is and where the plain text begins.
fn decrypt<H: Host>(
    conn: &Arc<Conn<H>>,
    pdu: &mut H::Pdu,
) -> core::result::Result<(Sealed<H>, usize), &'static str> {
    let negotiated = conn
        .negotiated()
        .ok_or("encrypted frame before NEGOTIATE")?;
    let cipher = negotiated
        .cipher
        .ok_or("encrypted frame without a cipher")?;
    // [MS-SMB2] 3.3.5.2.1.1: the keys of nobody are known to everybody.
    if conn.is_constrained() {
        return Err("encrypted frame before a log-in by name");
    }
    let (header, _) = TransformHeader::parse(pdu.bytes()).map_err(|m| m.what)?;
    let session = conn
        .session(header.session_id)
        .ok_or("encrypted frame of an unknown session")?;
    // An expired log-in still decrypts: LOGOFF and re-authentication come this way.
    let auth = session
        .state
        .lock()
        .auth
        .clone()
        .ok_or("encrypted frame before log-in")?;
    let key = auth
        .keys
        .unseal
        .as_ref()
        .ok_or("encrypted frame of a session without keys")?;
    let start = TRANSFORM_HEADER_LEN;
    let bytes = pdu.bytes_mut();
    let (head, text) = bytes
        .split_at_mut_checked(start)
        .ok_or("short encrypted frame")?;
    let aad = head.get(AAD_RANGE).ok_or("short encrypted frame")?;
    let nonce = header.nonce.get(..cipher.nonce_len()).ok_or("nonce")?;
    conn.server
        .host()
        .crypto()
        .open(key, nonce, aad, text, &header.signature)
        .map_err(|_| "decryption")?;
    session.count_encrypted();
    Ok((Sealed { session, auth }, start))
}

/// Looks at every header of the (plain) frame, uses up the MessageIds and makes the work.
fn take_in<H: Host>(
    conn: &Arc<Conn<H>>,
    pdu: H::Pdu,
    start: usize,
    sealed_by: Option<Sealed<H>>,
) -> Verdict<H> {
    let Some(text) = pdu.bytes().get(start..) else {
        return close(conn, "empty frame");
    };
    let mut first: Option<Header> = None;
    let mut elements: usize = 0;
    for message in Compound::new(text) {
        let header = match message {
            Ok((h, _)) => h,
            Err(m) => return close(conn, m.what),
        };
        if header.is_reply() {
            return close(conn, "reply sent to a server");
        }
        elements = elements.saturating_add(1);
        if elements > MAX_COMPOUND {
            return close(conn, "endless compound");
        }
        if first.is_none() {
            if header.command == Command::CANCEL {
                cancel(conn, &header);
                return Verdict::Done;
            }
            first = Some(header);
        }
    }
    let Some(header) = first else {
        return close(conn, "frame without a message");
    };
    if Protocol::detect(text) != Some(Protocol::Smb2) {
        return close(conn, "no SMB2 message within the encrypted frame");
    }
    let range = match first_range(text, start) {
        Some(r) => r,
        None => return close(conn, "frame without a message"),
    };
    let len = pdu.bytes().len();
    match register(conn, text, len) {
        Ok(()) => {}
        Err(Refusal::Close(what)) => return close(conn, what),
        Err(Refusal::Busy) => {
            conn.refuse(&header, NtStatus::INSUFFICIENT_RESOURCES);
            return Verdict::Done;
        }
    }
    conn.counts.requests.add(elements as u64);
    conn.server.stats.requests.add(elements as u64);
    let work = Work {
        conn: conn.clone(),
        pdu,
        range,
        next: Some(start),
        sealed_by,
        header,
        session: None,
        auth: None,
        signing_key: None,
        tree: None,
        chain: Chain {
            session_id: 0,
            tree_id: 0,
            file_id: None,
            broken: false,
            failed: None,
        },
        named: Cell::new(None),
        counted: Cell::new(None),
        creating: Cell::new(None),
        adrift: Cell::new(false),
        related: false,
        out: KVec::new(),
        after: KVec::new(),
        async_id: None,
        resume: None,
    };
    match KBox::new(work, GFP_KERNEL) {
        Ok(work) => Verdict::Run(Job { work, event: None }),
        Err(_) => {
            conn.answered(header.message_id, false);
            conn.release_bytes(len);
            conn.refuse(&header, NtStatus::INSUFFICIENT_RESOURCES);
            Verdict::Done
        }
    }
}

/// Range of the first message, given in offsets of the frame.
fn first_range(text: &[u8], start: usize) -> Option<Range<usize>> {
    let len = Compound::new(text).next()?.ok()?.1.len();
    Some(start..start.checked_add(len)?)
}

enum Refusal {
    Close(&'static str),
    Busy,
}

/// Uses up the ids of all messages of the frame and notes them as under way.
fn register<H: Host>(
    conn: &Arc<Conn<H>>,
    text: &[u8],
    len: usize,
) -> core::result::Result<(), Refusal> {
    let multi_credit = conn.negotiated().is_some_and(|n| n.multi_credit);
    let most = conn.limits.max_inflight_bytes.load(Relaxed);
    let mut flow = conn.flow.lock();
    let before = flow.inflight.len();
    for message in Compound::new(text) {
        let (header, _) = message.map_err(|m| Refusal::Close(m.what))?;
        if header.command == Command::CANCEL {
            continue;
        }
        let charge = if multi_credit {
            header.credit_charge
        } else {
            1
        };
        if !flow.window.take(header.message_id, charge) {
            return Err(Refusal::Close("MessageId outside the window"));
        }
        let entry = InFlight {
            message_id: header.message_id,
            cancelled: false,
        };
        let full = flow.inflight.len() >= MAX_INFLIGHT || flow.bytes > most;
        if full || flow.inflight.push(entry, GFP_KERNEL).is_err() {
            flow.inflight.truncate(before);
            return Err(Refusal::Busy);
        }
    }
    flow.bytes = flow.bytes.saturating_add(len as u64);
    Ok(())
}

/// CANCEL ([MS-SMB2] 3.3.5.16): never answered. A request that does not wait yet is marked, and stops when it
/// would wait.
fn cancel<H: Host>(conn: &Arc<Conn<H>>, header: &Header) {
    let conn_id = conn.id();
    if header.flags.contains(HeaderFlags::ASYNC_COMMAND) {
        conn.server.wake_which(
            Which::Async {
                conn_id,
                async_id: header.async_id,
            },
            Event::Cancelled,
        );
        return;
    }
    let message_id = header.message_id;
    // First the mark, then the look among those that wait: the request does it the other way round, so one of
    // the two sees the other.
    if let Some(f) = conn
        .flow
        .lock()
        .inflight
        .iter_mut()
        .find(|f| f.message_id == message_id)
    {
        f.cancelled = true;
    }
    conn.server.wake_which(
        Which::Message {
            conn_id,
            message_id,
        },
        Event::Cancelled,
    );
}
