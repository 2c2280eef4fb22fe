// SPDX-License-Identifier: GPL-2.0-or-later
//! Any request, parsed by the command of its header.

use super::{
    BreakRequest, CancelRequest, ChangeNotifyRequest, CloseRequest, Command, CreateRequest,
    EchoRequest, FlushRequest, IoctlRequest, LockRequest, LogoffRequest, NegotiateRequest,
    QueryDirectoryRequest, QueryInfoRequest, ReadRequest, SessionSetupRequest, SetInfoRequest,
    TreeConnectRequest, TreeDisconnectRequest, WriteRequest,
};
use crate::codec::Malformed;

/// A validated request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is named like the type it holds")]
pub enum Request<'a> {
    Negotiate(NegotiateRequest<'a>),
    SessionSetup(SessionSetupRequest<'a>),
    Logoff(LogoffRequest),
    TreeConnect(TreeConnectRequest<'a>),
    TreeDisconnect(TreeDisconnectRequest),
    Create(CreateRequest<'a>),
    Close(CloseRequest),
    Flush(FlushRequest),
    Read(ReadRequest<'a>),
    Write(WriteRequest<'a>),
    Lock(LockRequest<'a>),
    Ioctl(IoctlRequest<'a>),
    Cancel(CancelRequest),
    Echo(EchoRequest),
    QueryDirectory(QueryDirectoryRequest<'a>),
    ChangeNotify(ChangeNotifyRequest),
    QueryInfo(QueryInfoRequest<'a>),
    SetInfo(SetInfoRequest<'a>),
    Break(BreakRequest),
}

impl<'a> Request<'a> {
    /// Parses one whole message as a request of `command`, which is that of
    /// its header. Errors: malformed, or no such request.
    pub fn parse(command: Command, msg: &'a [u8]) -> Result<Self, Malformed> {
        Ok(match command {
            Command::NEGOTIATE => Self::Negotiate(NegotiateRequest::parse(msg)?),
            Command::SESSION_SETUP => Self::SessionSetup(SessionSetupRequest::parse(msg)?),
            Command::LOGOFF => Self::Logoff(LogoffRequest::parse(msg)?),
            Command::TREE_CONNECT => Self::TreeConnect(TreeConnectRequest::parse(msg)?),
            Command::TREE_DISCONNECT => Self::TreeDisconnect(TreeDisconnectRequest::parse(msg)?),
            Command::CREATE => Self::Create(CreateRequest::parse(msg)?),
            Command::CLOSE => Self::Close(CloseRequest::parse(msg)?),
            Command::FLUSH => Self::Flush(FlushRequest::parse(msg)?),
            Command::READ => Self::Read(ReadRequest::parse(msg)?),
            Command::WRITE => Self::Write(WriteRequest::parse(msg)?),
            Command::LOCK => Self::Lock(LockRequest::parse(msg)?),
            Command::IOCTL => Self::Ioctl(IoctlRequest::parse(msg)?),
            Command::CANCEL => Self::Cancel(CancelRequest::parse(msg)?),
            Command::ECHO => Self::Echo(EchoRequest::parse(msg)?),
            Command::QUERY_DIRECTORY => Self::QueryDirectory(QueryDirectoryRequest::parse(msg)?),
            Command::CHANGE_NOTIFY => Self::ChangeNotify(ChangeNotifyRequest::parse(msg)?),
            Command::QUERY_INFO => Self::QueryInfo(QueryInfoRequest::parse(msg)?),
            Command::SET_INFO => Self::SetInfo(SetInfoRequest::parse(msg)?),
            Command::OPLOCK_BREAK => Self::Break(BreakRequest::parse(msg)?),
            _ => return Err(Malformed::new("unknown command")),
        })
    }
}
