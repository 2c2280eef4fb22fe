// SPDX-License-Identifier: GPL-2.0-or-later
//! SMB2 and SMB3 messages (\[MS-SMB2\] 2.2), one file per command.
//!
//! `XRequest::parse` and `XResponse::parse` take one whole message, from its
//! 64-byte header to its end, since all offsets count from there; they look
//! at nothing of the header. `write` takes a writer that stands where the
//! body begins.

mod body;
pub use body::PendingBuffer;

pub mod apple;
pub mod cancel;
pub mod change_notify;
pub mod close;
pub mod create;
pub mod create_context;
pub mod echo;
pub mod error;
pub mod flush;
pub mod header;
pub mod ioctl;
pub mod lock;
pub mod logoff;
pub mod negotiate;
pub mod negotiate_context;
pub mod oplock_break;
mod output;
pub mod query_directory;
pub mod query_info;
pub mod read;
pub mod request;
pub mod session_setup;
pub mod set_info;
pub mod transform;
pub mod tree_connect;
pub mod tree_disconnect;
pub mod types;
pub mod write;

pub use apple::{AfpInfo, AppleEntry};
pub use cancel::CancelRequest;
pub use change_notify::{ChangeNotifyRequest, ChangeNotifyResponse};
pub use close::{CloseRequest, CloseResponse};
pub use create::{CreateRequest, CreateResponse};
pub use echo::{EchoRequest, EchoResponse};
pub use error::ErrorResponse;
pub use flush::{FlushRequest, FlushResponse};
pub use header::{Command, Header, HeaderFlags, Protocol};
pub use ioctl::{IoctlRequest, IoctlResponse};
pub use lock::{LockRequest, LockResponse};
pub use logoff::{LogoffRequest, LogoffResponse};
pub use negotiate::{NegotiateRequest, NegotiateResponse};
pub use oplock_break::{BreakRequest, LeaseBreakAck, LeaseBreakNotification, OplockBreak};
pub use query_directory::{QueryDirectoryRequest, QueryDirectoryResponse};
pub use query_info::{QueryInfoRequest, QueryInfoResponse};
pub use read::{ReadRequest, ReadResponse};
pub use request::Request;
pub use session_setup::{SessionSetupRequest, SessionSetupResponse};
pub use set_info::{SetInfoRequest, SetInfoResponse};
pub use tree_connect::{TreeConnectRequest, TreeConnectResponse};
pub use tree_disconnect::{TreeDisconnectRequest, TreeDisconnectResponse};
pub use types::{Capabilities, Dialect, FileId, LeaseKey, LeaseState, OplockLevel, SecurityMode};
pub use write::{WriteRequest, WriteResponse};
