// SPDX-License-Identifier: GPL-2.0-or-later
//! The link to the kernel module over generic netlink.
//!
//! One socket; one thread reads it. What answers a request carries the
//! request's sequence number and wakes whoever waits for it; what the module
//! says of its own accord carries 0 and goes to the sink. Messages are built
//! and taken apart by netlink-packet; the socket is neli's.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{sync_channel, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use neli::consts::socket::{Msg, NlFamily};
use neli::socket::NlSocket;
use neli::utils::Groups;
use netlink_packet_core::{
    DecodeError, Emitable, NetlinkDeserializable, NetlinkMessage, NetlinkPayload,
    NetlinkSerializable, ParseableParametrized, NLM_F_REQUEST,
};
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};
use proto_shared::ipc::{FAMILY, FAMILY_VERSION, MAX_MESSAGE};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::link::{Link, Sink};

/// How long the module may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Why there is no link. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The family does not exist.
    #[error(
        "the ksmbd kernel module is not loaded; load it with: modprobe ksmbd \
         (or serve without it: ksmbd.mountd --embedded)"
    )]
    NoModule,
    /// Not allowed.
    #[error(
        "no permission to talk to the ksmbd kernel module; run ksmbd.mountd as root \
         (it needs CAP_NET_ADMIN)"
    )]
    Permission,
    /// The family has another version.
    #[error(
        "the loaded ksmbd module speaks version {0} of the netlink family, this daemon version \
         {FAMILY_VERSION}; install module and daemon from the same release"
    )]
    Version(u32),
    /// Anything else.
    #[error("generic netlink: {0}")]
    Io(#[from] io::Error),
}

/// A message of a family of ours or of the C module, attributes as they are.
/// They are wiped when dropped, because the answer to a login holds a key.
pub(crate) struct Raw {
    pub(crate) command: u8,
    pub(crate) version: u8,
    pub(crate) attrs: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "command {}, {} bytes", self.command, self.attrs.len())
    }
}

impl GenlFamily for Raw {
    fn family_name() -> &'static str {
        FAMILY
    }
    fn command(&self) -> u8 {
        self.command
    }
    fn version(&self) -> u8 {
        self.version
    }
}

impl Emitable for Raw {
    fn buffer_len(&self) -> usize {
        self.attrs.len()
    }
    fn emit(&self, buffer: &mut [u8]) {
        if let Some(start) = buffer.get_mut(..self.attrs.len()) {
            start.copy_from_slice(&self.attrs);
        }
    }
}

impl ParseableParametrized<[u8], GenlHeader> for Raw {
    fn parse_with_param(buf: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        Ok(Self {
            command: header.cmd,
            version: header.version,
            attrs: buf.to_vec().into(),
        })
    }
}

/// The bytes of a request; `flags` beside the one that says so.
pub(crate) fn encode<F>(
    mut message: GenlMessage<F>,
    family: u16,
    sequence: u32,
    flags: u16,
) -> Zeroizing<Vec<u8>>
where
    F: GenlFamily + Emitable + std::fmt::Debug,
    GenlMessage<F>: NetlinkSerializable,
{
    message.set_resolved_family_id(family);
    let mut message = NetlinkMessage::from(message);
    message.header.flags = NLM_F_REQUEST | flags;
    message.header.sequence_number = sequence;
    message.finalize();
    let mut buf = Zeroizing::new(vec![0; message.buffer_len()]);
    message.serialize(&mut buf);
    buf
}

/// A sequence number, and the payload or the error that the kernel answered;
/// `None` is an acknowledgement.
pub(crate) type Decoded<F> = (u32, io::Result<Option<GenlMessage<F>>>);

/// The first message in `bytes`.
pub(crate) fn decode<F>(bytes: &[u8]) -> Result<Decoded<F>, DecodeError>
where
    GenlMessage<F>: NetlinkDeserializable,
    F: ParseableParametrized<[u8], GenlHeader> + std::fmt::Debug,
{
    let (header, payload) = NetlinkMessage::<GenlMessage<F>>::deserialize(bytes)?.into_parts();
    let result = match payload {
        NetlinkPayload::InnerMessage(message) => Ok(Some(message)),
        NetlinkPayload::Error(error) => match error.code {
            Some(code) => Err(io::Error::from_raw_os_error(code.get().saturating_abs())),
            None => Ok(None),
        },
        _ => Ok(None),
    };
    Ok((header.sequence_number, result))
}

fn bad_message(e: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, e.to_string())
}

/// Asks the controller for a family: its id and version.
pub(crate) fn resolve(socket: &NlSocket, name: &str) -> io::Result<Option<(u16, u32)>> {
    let ask = GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::GetFamily,
        nlas: vec![GenlCtrlAttrs::FamilyName(name.to_owned())],
    });
    socket.send(&encode(ask, 0, 1, 0)[..], Msg::empty())?;
    let mut buf = vec![0; 64 * 1024];
    let (n, _) = socket.recv(&mut buf[..], Msg::empty())?;
    let bytes = buf.get(..n).unwrap_or(&[]);
    let (_, answer) = decode::<GenlCtrl>(bytes).map_err(bad_message)?;
    let message = match answer {
        Ok(Some(message)) => message,
        Ok(None) => return Err(bad_message("the controller answers nothing")),
        Err(e) if e.raw_os_error() == Some(Errno::NOENT.raw_os_error()) => return Ok(None),
        Err(e) => return Err(e),
    };
    let (mut id, mut version) = (None, 0);
    for attr in message.payload.nlas {
        match attr {
            GenlCtrlAttrs::FamilyId(n) => id = Some(n),
            GenlCtrlAttrs::Version(n) => version = n,
            _ => {}
        }
    }
    id.map(|id| Some((id, version)))
        .ok_or_else(|| bad_message("the controller answers without an id"))
}

type Answer = io::Result<(u8, Vec<u8>)>;
type Waiters = Mutex<HashMap<u32, SyncSender<Answer>>>;

fn lock(waiters: &Waiters) -> MutexGuard<'_, HashMap<u32, SyncSender<Answer>>> {
    waiters.lock().unwrap_or_else(PoisonError::into_inner)
}

/// See the module.
pub struct Netlink {
    socket: Arc<NlSocket>,
    family: u16,
    sequence: AtomicU32,
    waiters: Arc<Waiters>,
}

impl Netlink {
    /// Connects to the module. What it says of its own accord goes to `sink`.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub fn connect(sink: Sink) -> Result<Arc<Self>, ConnectError> {
        let socket = NlSocket::connect(NlFamily::Generic, None, Groups::empty())?;
        let Some((family, version)) = resolve(&socket, FAMILY)? else {
            return Err(ConnectError::NoModule);
        };
        if version != u32::from(FAMILY_VERSION) {
            return Err(ConnectError::Version(version));
        }
        // As much as the system lets us: a burst of logins must fit.
        let _ = socket.set_recv_buffer_size(8 * 1024 * 1024);
        let link = Arc::new(Self {
            socket: Arc::new(socket),
            family,
            sequence: AtomicU32::new(1),
            waiters: Arc::default(),
        });
        let (socket, waiters) = (link.socket.clone(), link.waiters.clone());
        std::thread::Builder::new()
            .name("ksmbd-netlink".to_owned())
            .spawn(move || read(&socket, family, &waiters, &sink))?;
        Ok(link)
    }

    fn encode(&self, command: u8, attrs: &[u8], sequence: u32) -> Zeroizing<Vec<u8>> {
        let attrs = attrs.to_vec().into();
        let raw = GenlMessage::from_payload(Raw {
            command,
            version: FAMILY_VERSION,
            attrs,
        });
        encode(raw, self.family, sequence, 0)
    }
}

/// Reads until the socket is gone.
fn read(socket: &NlSocket, family: u16, waiters: &Waiters, sink: &Sink) {
    // The greatest message with its headers.
    let mut buf = vec![0; MAX_MESSAGE + 64];
    loop {
        let n = match socket.recv(&mut buf[..], Msg::empty()) {
            Ok((n, _)) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) if e.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {
                // The engine asks again or times out; nothing to do here.
                tracing::warn!("messages of the kernel were lost: the daemon was too slow");
                continue;
            }
            Err(e) => {
                tracing::error!(error = %e, "reading from the kernel failed");
                lock(waiters).clear();
                return;
            }
        };
        let bytes = buf.get(..n).unwrap_or(&[]);
        match decode::<Raw>(bytes) {
            Err(e) => tracing::warn!(error = %e, "the kernel sent what is no message"),
            Ok((0, Ok(Some(message)))) if message.resolved_family_id() == family => {
                sink(message.payload.command, &message.payload.attrs);
            }
            Ok((0, Err(e))) => tracing::warn!(error = %e, "the kernel refused an answer"),
            Ok((sequence, result)) => {
                let answer = match result {
                    Ok(Some(m)) => Ok((m.payload.command, m.payload.attrs.to_vec())),
                    // An acknowledgement, which nobody asked for.
                    Ok(None) => continue,
                    Err(e) => Err(e),
                };
                // Whoever waited may have given up.
                if let Some(waiter) = lock(waiters).remove(&sequence) {
                    let _ = waiter.try_send(answer);
                }
            }
        }
    }
}

impl Link for Netlink {
    fn send(&self, command: u8, attrs: &[u8]) -> Answer {
        let sequence = loop {
            // 0 is for what has no answer.
            match self.sequence.fetch_add(1, Ordering::Relaxed) {
                0 => {}
                n => break n,
            }
        };
        let (tx, rx) = sync_channel(1);
        lock(&self.waiters).insert(sequence, tx);
        let sent = self
            .socket
            .send(&self.encode(command, attrs, sequence)[..], Msg::empty());
        let answer = sent.and_then(|_| match rx.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::NotConnected.into()),
        });
        lock(&self.waiters).remove(&sequence);
        answer
    }

    fn post(&self, command: u8, attrs: &[u8]) -> io::Result<()> {
        self.socket
            .send(&self.encode(command, attrs, 0)[..], Msg::empty())
            .map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_shared::ipc::Command;

    #[test]
    fn messages_are_what_the_kernel_expects() {
        let raw = GenlMessage::from_payload(Raw {
            command: Command::HELLO.0,
            version: FAMILY_VERSION,
            attrs: vec![8, 0, 1, 0, 1, 0, 0, 0].into(),
        });
        let bytes = encode(raw, 0x21, 7, 0);
        assert_eq!(
            bytes[..],
            [
                28, 0, 0, 0, 0x21, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, // nlmsghdr
                1, 1, 0, 0, // genlmsghdr
                8, 0, 1, 0, 1, 0, 0, 0,
            ]
        );
        let (sequence, message) = decode::<Raw>(&bytes).unwrap();
        let message = message.unwrap().unwrap();
        assert_eq!((sequence, message.resolved_family_id()), (7, 0x21));
        assert_eq!(message.payload.command, 1);
        assert_eq!(message.payload.attrs.len(), 8);
    }

    #[test]
    fn errors_of_the_kernel() {
        // nlmsgerr with -EPERM for sequence 7.
        let mut bytes = vec![36, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(&(-1i32).to_ne_bytes());
        bytes.extend_from_slice(&[20, 0, 0, 0, 0x21, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
        let (sequence, answer) = decode::<Raw>(&bytes).unwrap();
        assert_eq!(sequence, 7);
        assert_eq!(answer.unwrap_err().raw_os_error(), Some(1));
        assert!(decode::<Raw>(&bytes[..10]).is_err());
    }

    /// The controller itself is a family, so this needs no module.
    #[test]
    fn families_are_resolved() {
        let Ok(socket) = NlSocket::connect(NlFamily::Generic, None, Groups::empty()) else {
            return;
        };
        let (id, version) = resolve(&socket, "nlctrl").unwrap().unwrap();
        assert_eq!(id, 0x10);
        assert!(version >= 1);
        assert_eq!(resolve(&socket, "NO_SUCH_FAM").unwrap(), None);
    }
}
