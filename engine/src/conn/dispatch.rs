// SPDX-License-Identifier: GPL-2.0-or-later
//! Runs work: message by message through checks, handler and reply ([MS-SMB2] 3.3.5.2).

use kernel::prelude::*;

use proto_shared::smb2::header::Compound;
use proto_shared::smb2::{Command, HeaderFlags};
use proto_shared::status::NtStatus;

use super::send::error_head;
use crate::caching::dirs;
use crate::cmd;
use crate::crypt::sign;
use crate::error::{SmbError, SmbResult};
use crate::host::{Host, Pdu};
use crate::session::Phase;
use crate::work::{Chain, Element, Event, Outcome, Reply, Resume, Work};

/// What ends the handling of one message.
enum Step<H: Host> {
    /// The work waits; it is no longer ours.
    Parked,
    /// The message is answered (or has no answer).
    Next(KBox<Work<H>>),
}

/// Whether the work may run on the receiving thread: nothing that syncs to disk or copies within the server.
pub(crate) fn is_quick<H: Host>(work: &Work<H>) -> bool {
    !matches!(
        work.header.command,
        Command::FLUSH | Command::IOCTL | Command::LOGOFF
    )
}

/// Whether the work has to be done in the order in which its kind arrives: of several CHANGE_NOTIFY of one handle the
/// first is answered first.
pub(crate) fn is_ordered<H: Host>(work: &Work<H>) -> bool {
    work.header.command == Command::CHANGE_NOTIFY
}

/// Runs the work from where it is, until it is done or waits.
pub(crate) fn run<H: Host>(mut work: KBox<Work<H>>, mut event: Option<Event>) {
    loop {
        if event.is_none() && !advance(&mut work) {
            finish(work);
            return;
        }
        match step(work, event.take()) {
            Step::Parked => return,
            Step::Next(w) => work = w,
        }
    }
}

/// Moves to the next message of the frame.
fn advance<H: Host>(w: &mut Work<H>) -> bool {
    let Some(start) = w.next else { return false };
    let first = w.out.is_empty() && w.range.start == start;
    let text = w.pdu.bytes().get(start..).unwrap_or(&[]);
    let Some(Ok((header, message))) = Compound::new(text).next() else {
        return false;
    };
    let end = start.saturating_add(message.len());
    w.range = start..end;
    w.next = (header.next_command != 0).then(|| start.saturating_add(header.next_command as usize));
    w.header = header;
    w.related = header.is_related() && !first;
    w.session = None;
    w.auth = None;
    w.signing_key = None;
    w.tree = None;
    w.async_id = None;
    w.resume = None;
    w.named.set(None);
    true
}

/// One message: begins it, or goes on with it after `event`.
fn step<H: Host>(mut w: KBox<Work<H>>, event: Option<Event>) -> Step<H> {
    let mut event = event;
    loop {
        let mut reply = Reply::new();
        let result = match event.take() {
            None => begin(&mut w, &mut reply),
            Some(event) => match w.resume.take() {
                Some(resume) => go_on(&w, resume, event, &mut reply),
                None => Err(NtStatus::INTERNAL_ERROR.into()),
            },
        };
        match result {
            Ok(Outcome::Park {
                token,
                interim,
                resume,
            }) => {
                if interim && w.async_id.is_none() {
                    w.async_id = Some(token.0);
                    w.conn.now_pending();
                    if send_interim(&mut w).is_err() {
                        w.conn.terminate();
                    }
                }
                w.resume = Some(resume);
                let server = w.server().clone();
                let (cancelled, closed) = (w.conn.is_cancelled(w.header.message_id), w.is_over());
                match server.parking.park(token, w) {
                    Some((work, e)) => {
                        w = work;
                        event = Some(e);
                        continue;
                    }
                    None => {
                        // The work may be running elsewhere by now; waking a token twice does no harm.
                        if closed {
                            server.wake(token, Event::Closed);
                        } else if cancelled {
                            server.wake(token, Event::Cancelled);
                        }
                        return Step::Parked;
                    }
                }
            }
            Ok(Outcome::NoReply) => {
                w.answered();
                return Step::Next(w);
            }
            Ok(Outcome::Done) => answer(&mut w, Ok(()), reply),
            Err(e) => answer(&mut w, Err(e), reply),
        }
        return Step::Next(w);
    }
}

/// Checks the message and calls its handler.
#[inline(never)]
fn begin<H: Host>(w: &mut Work<H>, reply: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let command = w.header.command;
    if w.header.is_related() && !w.related {
        w.chain.broken = true;
    }
    if w.header.is_related() && w.chain.broken {
        // The first of a compound has nothing to be related to, and so have those that relate to it.
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if w.related {
        w.header.session_id = w.chain.session_id;
        w.header.tree_id = w.chain.tree_id;
    } else {
        w.chain = Chain {
            session_id: w.header.session_id,
            tree_id: w.header.tree_id,
            file_id: None,
            broken: false,
            failed: None,
        };
    }
    if w.conn.negotiated().is_none() && command != Command::NEGOTIATE {
        w.conn.violation("request before NEGOTIATE");
        return Ok(Outcome::NoReply);
    }
    if let Err(e) = find_session(w) {
        if w.session.is_none() {
            // Also this refusal is signed for whoever knows the session's key.
            reply.signer = w.key_of_session()?;
            // There is nothing that a later message could be related to; a session whose log-in ended is still there.
            w.chain.broken = e.status != NtStatus::NETWORK_SESSION_EXPIRED;
        }
        return Err(e);
    }
    check_protection(w)?;
    if needs_tree(command) {
        let tree = w
            .session()?
            .tree(w.header.tree_id)
            .filter(|t| t.is_connected());
        let tree = tree.ok_or(SmbError::from(NtStatus::NETWORK_NAME_DELETED))?;
        if tree.has(proto_shared::ipc::TreeFlags::ENCRYPT) && w.sealed_by.is_none() {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        w.tree = Some(tree);
    }
    cmd::handle(w, reply)
}

fn needs_tree(command: Command) -> bool {
    !matches!(
        command,
        Command::NEGOTIATE
            | Command::SESSION_SETUP
            | Command::LOGOFF
            | Command::TREE_CONNECT
            | Command::ECHO
            | Command::CANCEL
    )
}

/// Finds the session that the message names ([MS-SMB2] 3.3.5.2.9).
#[inline(never)]
fn find_session<H: Host>(w: &mut Work<H>) -> SmbResult {
    let command = w.header.command;
    if matches!(command, Command::NEGOTIATE | Command::SESSION_SETUP) {
        return Ok(());
    }
    if let Some(sealed_by) = &w.sealed_by {
        if sealed_by.session.id != w.header.session_id && command != Command::ECHO {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
    }
    let session = w.conn.session(w.header.session_id);
    let Some(session) = session else {
        // ECHO needs no session ([MS-SMB2] 3.3.5.17).
        return match command {
            Command::ECHO => Ok(()),
            _ => Err(NtStatus::USER_SESSION_DELETED.into()),
        };
    };
    let (phase, auth, signing_key) = {
        let state = session.state.lock();
        (
            state.phase,
            state.auth.clone(),
            state.signing_key(w.conn.id()),
        )
    };
    match phase {
        Phase::Valid => {}
        Phase::Expired if outlasts(command) => {}
        Phase::Expired => return Err(NtStatus::NETWORK_SESSION_EXPIRED.into()),
        Phase::InProgress | Phase::Closed => return Err(NtStatus::USER_SESSION_DELETED.into()),
    }
    w.auth = auth;
    w.signing_key = signing_key;
    w.session = Some(session);
    if outlasts(command) {
        return Ok(());
    }
    check_expiry(w)
}

/// What goes on when the log-in has ended: what gives back, and a sign of life. LOCK may be that, which its handler sees.
fn outlasts(command: Command) -> bool {
    matches!(
        command,
        Command::LOGOFF | Command::CLOSE | Command::LOCK | Command::ECHO
    )
}

/// A log-in that ran out turns the session expired ([MS-SMB2] 3.3.5.2.9).
///
/// # Errors
/// `NETWORK_SESSION_EXPIRED`.
pub(crate) fn check_expiry<H: Host>(w: &Work<H>) -> SmbResult {
    let (Some(session), Some(auth)) = (&w.session, &w.auth) else {
        return Ok(());
    };
    if auth.expiry == 0 {
        return Ok(());
    }
    let now = w.host().wall_clock();
    if proto_shared::dtyp::FileTime::from_unix(now.sec, now.nsec).0 < auth.expiry {
        return Ok(());
    }
    let mut state = session.state.lock();
    if state.phase == Phase::Valid {
        state.phase = Phase::Expired;
    }
    Err(NtStatus::NETWORK_SESSION_EXPIRED.into())
}

/// Signature and encryption as the session demands ([MS-SMB2] 3.3.5.2.4, 3.3.5.2.9).
fn check_protection<H: Host>(w: &Work<H>) -> SmbResult {
    if w.sealed_by.is_some() {
        return Ok(());
    }
    let Some(auth) = &w.auth else {
        return Ok(());
    };
    if auth.encryption_required {
        return Err(NtStatus::ACCESS_DENIED.into());
    }
    match w.signing_key.as_ref() {
        Some(key) if w.header.flags.contains(HeaderFlags::SIGNED) => {
            sign::verify(w.host().crypto(), key, w.msg(), &w.header)
        }
        Some(_) if auth.signing_required => Err(NtStatus::ACCESS_DENIED.into()),
        _ => Ok(()),
    }
}

/// Goes on with a message that waited.
#[inline(never)]
fn go_on<H: Host>(
    w: &Work<H>,
    resume: Resume<H>,
    event: Event,
    reply: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    match resume {
        Resume::SessionSetup(p) => cmd::session_setup::resume(w, p, event, reply),
        Resume::TreeConnect(p) => cmd::tree_connect::resume(w, p, event, reply),
        Resume::Pipe(p) => cmd::pipe::resume(w, p, event, reply),
        Resume::Lock(p) => cmd::lock::resume(w, p, event, reply),
        Resume::Create(p) => cmd::create::resume(w, p, event, reply),
        Resume::SetInfo(p) => cmd::set_info::resume(w, p, event, reply),
        Resume::QueryDirectory(p) => cmd::query_directory::resume(w, p, event, reply),
        Resume::ChangeNotify(p) => cmd::change_notify::resume(w, p, event, reply),
    }
}

/// Makes the reply of the current message and puts it with the others.
#[inline(never)]
fn answer<H: Host>(w: &mut Work<H>, result: SmbResult, mut reply: Reply<H>) {
    let status = match result {
        Ok(()) => reply.status,
        Err(e) => {
            reply.head.clear();
            reply.payload = None;
            e.status
        }
    };
    if let Err(e) = result {
        pr_debug!(
            "{:?}: {:?} failed: {:?}\n",
            w.conn.peer,
            w.header.command,
            e
        );
        w.server().stats.errors.add(1);
    }
    w.answered();
    if let Some(id) = reply.session_id {
        w.chain.session_id = id;
    }
    if let Some(id) = reply.tree_id {
        w.chain.tree_id = id;
    }
    match reply.file_id {
        Some(id) => w.chain.file_id = Some(id),
        None if status.is_error() && w.header.command == Command::CREATE => {
            w.chain.file_id = None;
            w.chain.failed = Some(status);
        }
        // A message without all ones in its place says anew which open the chain is about.
        None => w.chain.file_id = w.named.take().or(w.chain.file_id),
    }
    if let Some(after) = reply.after.take() {
        if let Err(e) = w.after.reserve(1, GFP_KERNEL) {
            pr_debug!(
                "{:?}: {:?} before its reply: {:?}\n",
                w.conn.peer,
                w.header.command,
                e
            );
            after.run(w.server());
        } else {
            let _ = w.after.push_within_capacity(after);
        }
    }
    if put_element(w, status, reply).is_err() {
        // Not even the error reply could be made: better no connection than a client that waits for ever.
        w.conn.terminate();
    }
}

#[inline(never)]
fn put_element<H: Host>(w: &mut Work<H>, status: NtStatus, mut reply: Reply<H>) -> SmbResult {
    let mut header = w.header.reply(status);
    if let Some(id) = reply.session_id {
        header.session_id = id;
    }
    if let Some(id) = reply.tree_id {
        header.tree_id = id;
    }
    match w.async_id {
        // The interim reply has granted the credits already ([MS-SMB2] 3.3.4.1.2).
        Some(id) => {
            header.flags |= HeaderFlags::ASYNC_COMMAND;
            header.async_id = id;
        }
        None => header.credits = w.conn.grant(w.header.credits),
    }
    let signer = match reply.signer.take() {
        Some(key) => Some(key),
        None if w.sealed_by.is_none() && wants_signature(w) => w.signing_key.clone(),
        None => None,
    };
    let head = if reply.head.is_empty() {
        error_head(&header)?
    } else {
        let room = reply.head.get_mut(..proto_shared::limits::SMB2_HEADER_LEN);
        room.ok_or(SmbError::from(NtStatus::INTERNAL_ERROR))?
            .copy_from_slice(&header.to_bytes());
        reply.head
    };
    let mut element = Element {
        head,
        payload: reply.payload.take(),
        signer,
    };
    if cmd::is_hashed(&header) {
        // What is hashed is what is sent, so the signature comes first; such a reply is never part of a larger
        // frame, which would change it.
        w.conn.sign(&mut element, &[])?;
        cmd::made_reply(w, &header, &element.head)?;
    }
    w.out.push(element, GFP_KERNEL)?;
    Ok(())
}

/// Whether the reply has to be signed ([MS-SMB2] 3.3.4.1.1).
fn wants_signature<H: Host>(w: &Work<H>) -> bool {
    w.header.is_signed() || w.auth.as_ref().is_some_and(|a| a.signing_required)
}

/// Tells the client that the current message takes longer ([MS-SMB2] 3.3.4.4): first what is ready, then the
/// interim reply, each in a frame of its own.
fn send_interim<H: Host>(w: &mut Work<H>) -> SmbResult {
    flush(w)?;
    let mut header = w.header.reply(NtStatus::PENDING);
    header.flags |= HeaderFlags::ASYNC_COMMAND;
    header.async_id = w.async_id.unwrap_or(0);
    header.credits = w.conn.grant(w.header.credits);
    let signer = w.signing_key.clone().filter(|_| wants_signature(w));
    let mut out = KVec::new();
    out.push(
        Element {
            head: error_head(&header)?,
            payload: None,
            signer,
        },
        GFP_KERNEL,
    )?;
    w.conn.send(out, w.sealed_by.as_ref())
}

fn flush<H: Host>(w: &mut Work<H>) -> SmbResult {
    let out = core::mem::replace(&mut w.out, KVec::new());
    let sent = w.conn.send(out, w.sealed_by.as_ref());
    let mut after = core::mem::replace(&mut w.after, KVec::new());
    for a in after.drain_all() {
        a.run(w.server());
    }
    dirs::tell(w.server());
    sent
}

/// Sends what is ready and lets the frame go.
#[inline(never)]
fn finish<H: Host>(mut w: KBox<Work<H>>) {
    if flush(&mut w).is_err() {
        w.conn.terminate();
    }
    let len = w.pdu.bytes().len();
    w.conn.release_bytes(len);
}
