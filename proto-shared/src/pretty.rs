// SPDX-License-Identifier: GPL-2.0-or-later
//! One line about any message, for logs, snapshots and fuzzing.
//!
//! Takes whatever bytes there are and never fails. Tokens, file data and
//! other contents are told by their length only: a log must not hold secrets.

use crate::codec::Malformed;
use crate::limits::SMB2_HEADER_LEN;
use crate::smb1::Smb1NegotiateRequest;
use crate::smb2::create_context::CreateContext;
use crate::smb2::header::Compound;
use crate::smb2::transform::{CompressionHeader, TransformHeader};
use crate::smb2::{
    BreakRequest, CloseResponse, Command, CreateResponse, ErrorResponse, Header, HeaderFlags,
    IoctlResponse, LeaseBreakAck, LeaseBreakNotification, NegotiateResponse, OplockBreak, Protocol,
    QueryInfoResponse, ReadResponse, Request, SessionSetupResponse, TreeConnectResponse,
    WriteResponse,
};
use crate::status::NtStatus;
use core::fmt;

/// Prints a PDU (what one session header announces) as one line.
#[derive(Clone, Copy)]
pub struct Pretty<'a>(pub &'a [u8]);

impl fmt::Display for Pretty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Protocol::detect(self.0) {
            Some(Protocol::Smb2) => fmt_compound(self.0, f),
            Some(Protocol::Smb1) => match Smb1NegotiateRequest::parse(self.0) {
                Ok(req) => {
                    f.write_str("SMB1 NEGOTIATE req dialects=")?;
                    fmt_list(req.dialects().map(|d| d.escape_ascii()), f)
                }
                Err(e) => write!(f, "SMB1 ({}), {} bytes", e, self.0.len()),
            },
            Some(Protocol::Transform) => match TransformHeader::parse(self.0) {
                Ok((h, _)) => write!(
                    f,
                    "ENCRYPTED sid={:#x} len={}",
                    h.session_id, h.original_message_size
                ),
                Err(e) => write!(f, "ENCRYPTED ({e})"),
            },
            Some(Protocol::Compressed) => match CompressionHeader::parse(self.0) {
                Ok((h, _)) => write!(f, "COMPRESSED {h:?}"),
                Err(e) => write!(f, "COMPRESSED ({e})"),
            },
            None => write!(f, "not SMB, {} bytes", self.0.len()),
        }
    }
}

fn fmt_list<T: fmt::Display>(
    items: impl Iterator<Item = T>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (i, item) in items.enumerate() {
        if i != 0 {
            f.write_str(",")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

fn fmt_compound(pdu: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, item) in Compound::new(pdu).enumerate() {
        if i != 0 {
            f.write_str(" | ")?;
        }
        match item {
            Ok((header, msg)) => fmt_message(&header, msg, f)?,
            Err(e) => write!(f, "({e})")?,
        }
    }
    Ok(())
}

fn fmt_message(h: &Header, msg: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let direction = if h.is_reply() { "rsp" } else { "req" };
    write!(f, "{} {direction} mid={}", h.command, h.message_id)?;
    if h.is_async() {
        write!(f, " aid={}", h.async_id)?;
    } else {
        write!(f, " tid={}", h.tree_id)?;
    }
    write!(
        f,
        " sid={:#x} cr={}/{}",
        h.session_id, h.credit_charge, h.credits
    )?;
    if h.is_related() {
        f.write_str(" related")?;
    }
    if h.is_signed() {
        f.write_str(" signed")?;
    }
    if h.flags.contains(HeaderFlags::REPLAY_OPERATION) {
        f.write_str(" replay")?;
    }
    if h.is_reply() {
        write!(f, " {}", h.status)?;
        fmt_reply(h, msg, f)
    } else {
        match Request::parse(h.command, msg) {
            Ok(request) => fmt_request(&request, f),
            Err(e) => write!(f, " ({e})"),
        }
    }
}

fn fmt_request(request: &Request<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match request {
        Request::Negotiate(r) => {
            f.write_str(" dialects=")?;
            fmt_list(r.dialects.iter().map(crate::smb2::Dialect), f)?;
            write!(f, " mode={:?} caps={:?}", r.security_mode, r.capabilities)?;
            if !r.contexts.is_empty() {
                f.write_str(" contexts=")?;
                fmt_list(r.contexts.iter().map(|c| c.context_type()), f)?;
            }
            Ok(())
        }
        Request::SessionSetup(r) => write!(
            f,
            " flags={:?} mode={:?} previous={:#x} token={}B",
            r.flags,
            r.security_mode,
            r.previous_session_id,
            r.security_buffer.len()
        ),
        Request::TreeConnect(r) => write!(f, " path={:?}", r.path),
        Request::Create(r) => {
            write!(
                f,
                " name={:?} access={:?} share={:?} disp={} opts={:?} attr={:?} oplock={}",
                r.name,
                r.desired_access,
                r.share_access,
                r.create_disposition,
                r.create_options,
                r.file_attributes,
                r.oplock_level
            )?;
            fmt_contexts(&r.contexts, f)
        }
        Request::Close(r) => write!(f, " fid={} flags={:?}", r.file_id, r.flags),
        Request::Flush(r) => write!(f, " fid={}", r.file_id),
        Request::Read(r) => write!(f, " fid={} off={} len={}", r.file_id, r.offset, r.length),
        Request::Write(r) => write!(
            f,
            " fid={} off={} len={} flags={:?}",
            r.file_id, r.offset, r.length, r.flags
        ),
        Request::Lock(r) => {
            write!(f, " fid={} locks=", r.file_id)?;
            // The first few tell enough for a line.
            fmt_list(
                r.elements()
                    .take(4)
                    .map(|e| LockText(e.offset, e.length, e.flags)),
                f,
            )?;
            write!(f, " of {}", r.count())
        }
        Request::Ioctl(r) => write!(
            f,
            " {} fid={} in={}B max={}",
            r.ctl_code,
            r.file_id,
            r.input.len(),
            r.max_output_response
        ),
        Request::QueryDirectory(r) => write!(
            f,
            " fid={} class={} pattern={:?} flags={:?} max={}",
            r.file_id, r.info_class, r.file_name, r.flags, r.output_buffer_length
        ),
        Request::ChangeNotify(r) => write!(
            f,
            " fid={} filter={:?} flags={:?} max={}",
            r.file_id, r.completion_filter, r.flags, r.output_buffer_length
        ),
        Request::QueryInfo(r) => {
            write!(f, " fid={} {} ", r.file_id, r.info_type)?;
            fmt_class(r.info_type, r.info_class, f)?;
            write!(
                f,
                " add={:#x} max={}",
                r.additional_information, r.output_buffer_length
            )
        }
        Request::SetInfo(r) => {
            write!(f, " fid={} {} ", r.file_id, r.info_type)?;
            fmt_class(r.info_type, r.info_class, f)?;
            write!(
                f,
                " add={:#x} buf={}B",
                r.additional_information,
                r.buffer.len()
            )
        }
        Request::Break(BreakRequest::Oplock(r)) => fmt_oplock(r, f),
        Request::Break(BreakRequest::Lease(r)) => fmt_lease(r, f),
        Request::Logoff(_) | Request::TreeDisconnect(_) | Request::Cancel(_) | Request::Echo(_) => {
            Ok(())
        }
    }
}

struct LockText(u64, u64, crate::smb2::lock::LockFlags);

impl fmt::Display for LockText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}:{:?}", self.0, self.1, self.2)
    }
}

fn fmt_class(
    info_type: crate::smb2::query_info::InfoType,
    class: u8,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    use crate::fscc::{FileInfoClass, FsInfoClass};
    use crate::smb2::query_info::InfoType;
    match info_type {
        InfoType::FILE => write!(f, "{}", FileInfoClass(class)),
        InfoType::FILESYSTEM => write!(f, "{}", FsInfoClass(class)),
        _ => write!(f, "{class}"),
    }
}

fn fmt_contexts(
    contexts: &crate::smb2::create_context::CreateContexts<'_>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if contexts.is_empty() {
        return Ok(());
    }
    f.write_str(" ctx=")?;
    fmt_list(
        contexts
            .iter()
            .map(|c| ContextText(CreateContext::parse(c))),
        f,
    )
}

struct ContextText<'a>(Result<CreateContext<'a>, Malformed>);

impl fmt::Display for ContextText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(CreateContext::Other(raw)) => {
                write!(f, "{}:{}B", raw.name.escape_ascii(), raw.data.len())
            }
            Ok(CreateContext::EaBuffer(data)) => write!(f, "EaBuffer:{}B", data.len()),
            Ok(CreateContext::SdBuffer(data)) => write!(f, "SdBuffer:{}B", data.len()),
            Ok(CreateContext::SvhdxOpenDevice(data)) => {
                write!(f, "SvhdxOpenDevice:{}B", data.len())
            }
            Ok(context) => write!(f, "{context:?}"),
            Err(e) => write!(f, "({e})"),
        }
    }
}

fn fmt_oplock(b: &OplockBreak, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, " fid={} oplock={}", b.file_id, b.oplock_level)
}

fn fmt_lease(b: &LeaseBreakAck, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, " key={:?} state={:?}", b.lease_key, b.lease_state)
}

/// Whether the reply has the command's body: an error has the body of
/// [`ErrorResponse`], with the exceptions of \[MS-SMB2\] 3.3.4.4.
fn has_error_body(h: &Header) -> bool {
    match h.status {
        NtStatus::MORE_PROCESSING_REQUIRED => h.command != Command::SESSION_SETUP,
        NtStatus::NOTIFY_ENUM_DIR => h.command != Command::CHANGE_NOTIFY,
        NtStatus::BUFFER_OVERFLOW => !matches!(
            h.command,
            Command::READ | Command::IOCTL | Command::QUERY_INFO
        ),
        NtStatus::INVALID_PARAMETER => h.command != Command::IOCTL,
        status => !status.is_success(),
    }
}

fn fmt_reply(h: &Header, msg: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let result = if has_error_body(h) {
        match ErrorResponse::parse(msg) {
            Ok([]) => Ok(()),
            Ok(data) => {
                write!(f, " data={}B", data.len())?;
                Ok(())
            }
            Err(e) => Err(e),
        }
    } else {
        match fmt_reply_body(h, msg, f) {
            Ok(result) => return result,
            Err(e) => Err(e),
        }
    };
    match result {
        Ok(()) => Ok(()),
        Err(e) => write!(f, " ({e})"),
    }
}

/// The outer error is the message's, the inner one the formatter's.
fn fmt_reply_body(
    h: &Header,
    msg: &[u8],
    f: &mut fmt::Formatter<'_>,
) -> Result<fmt::Result, Malformed> {
    Ok(match h.command {
        Command::NEGOTIATE => {
            let r = NegotiateResponse::parse(msg)?;
            write!(
                f,
                " dialect={} mode={:?} caps={:?} max={}/{}/{} token={}B contexts={}",
                r.dialect,
                r.security_mode,
                r.capabilities,
                r.max_transact_size,
                r.max_read_size,
                r.max_write_size,
                r.security_buffer.len(),
                r.contexts.len()
            )
        }
        Command::SESSION_SETUP => {
            let r = SessionSetupResponse::parse(msg)?;
            write!(
                f,
                " flags={:?} token={}B",
                r.session_flags,
                r.security_buffer.len()
            )
        }
        Command::TREE_CONNECT => {
            let r = TreeConnectResponse::parse(msg)?;
            write!(
                f,
                " type={} flags={:?} caps={:?} access={:?}",
                r.share_type, r.share_flags, r.capabilities, r.maximal_access
            )
        }
        Command::CREATE => {
            let r = CreateResponse::parse(msg)?;
            write!(
                f,
                " fid={} action={} size={} attr={:?} oplock={} ctx={}",
                r.file_id,
                r.create_action,
                r.end_of_file,
                r.file_attributes,
                r.oplock_level,
                r.contexts.iter().count()
            )
        }
        Command::CLOSE => {
            let r = CloseResponse::parse(msg)?;
            write!(f, " flags={:?} size={}", r.flags, r.end_of_file)
        }
        Command::READ => {
            let (r, _) = ReadResponse::parse(msg)?;
            write!(f, " len={}", r.data_length)
        }
        Command::WRITE => write!(f, " count={}", WriteResponse::parse(msg)?.count),
        Command::IOCTL => {
            let r = IoctlResponse::parse(msg)?;
            write!(f, " {} out={}B", r.ctl_code, r.output.len())
        }
        Command::QUERY_DIRECTORY | Command::CHANGE_NOTIFY | Command::QUERY_INFO => {
            let r = QueryInfoResponse::parse(msg)?;
            write!(f, " out={}B", r.output.len())
        }
        Command::OPLOCK_BREAK => {
            if let Ok(r) = LeaseBreakNotification::parse(msg) {
                write!(
                    f,
                    " key={:?} state={:?}->{:?} epoch={}",
                    r.lease_key, r.current_state, r.new_state, r.new_epoch
                )
            } else if let Ok(r) = LeaseBreakAck::parse(msg) {
                fmt_lease(&r, f)
            } else {
                fmt_oplock(&OplockBreak::parse(msg)?, f)
            }
        }
        _ if msg.len() <= SMB2_HEADER_LEN => return Err(Malformed::new("no body")),
        _ => Ok(()),
    })
}
