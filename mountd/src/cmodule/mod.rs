// SPDX-License-Identifier: GPL-2.0-or-later
//! The C module that kernels come with, driven as if it were our engine.
//!
//! It speaks `SMBD_GENL` ([`wire`]): it asks for accounts, shares and tree
//! connects, and passes the bytes of named pipes. [`Asked`] answers; this file
//! is the socket, and what our daemon asks of an engine translated into what
//! the module can.
//!
//! What it cannot: it verifies passwords itself and so is given the NT hash of
//! who logs in; global settings come into force only when it starts; it has no
//! lists but those in `/proc/fs/ksmbd`, and nobody can close anything by force.
//! Each of these is answered with EOPNOTSUPP and a text, or logged.

mod asked;
mod wire;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::sync::mpsc::{sync_channel, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use neli::consts::socket::{Msg, NlFamily};
use neli::socket::NlSocket;
use neli::utils::Groups;
use netlink_packet_core::NLM_F_ACK;
use netlink_packet_generic::GenlMessage;
use proto_shared::codec::NoSpace;
use proto_shared::ipc::{
    write_event, AttrWriter, Capabilities, Command, ConfigFlags, HelloReply, List, ListReply,
    ListWhat, ServerConfig, ServerEntry, Status, Stopped, TreeEntry, Update, PROTOCOL_VERSION,
};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::link::{Link, Sink};
use crate::netlink::{decode, encode, resolve, Raw};
use crate::service::{build, Service};
use asked::Asked;
use wire::{event, global, Bytes, Startup};

/// Where the module tells and takes what netlink does not.
const CONTROL: &str = "/sys/class/ksmbd-control";
const PROC: &str = "/proc/fs/ksmbd/server";
/// How long the module may take to answer, to start and to stop.
const PATIENCE: Duration = Duration::from_secs(10);
/// Threads that answer. The module waits 2 seconds for each answer.
const WORKERS: usize = 4;
/// Most questions that wait; the module's own limits are far below.
const MAX_WAITING: usize = 1024;
/// Longest value of an attribute.
const MAX_VALUE: usize = u16::MAX as usize - 4;
/// Longest message of the module: a header and 4 KiB of data of a pipe.
const MAX_MESSAGE: usize = 64 * 1024;

/// Answers to requests that were sent with a sequence number.
type Waiters = Mutex<HashMap<u32, SyncSender<io::Result<()>>>>;

/// See the module.
pub(crate) struct CModule {
    socket: Arc<NlSocket>,
    family: u16,
    waiters: Arc<Waiters>,
    asked: Arc<Asked>,
    sink: Sink,
    /// What it was started with, and whether by an earlier daemon.
    started: Mutex<Option<Bytes>>,
}

impl CModule {
    /// Connects to the C module; `None` when it is not loaded. What it ends
    /// with goes to `sink`.
    ///
    /// # Errors
    /// The socket cannot be used.
    pub(crate) fn connect(service: Arc<Service>, sink: Sink) -> io::Result<Option<Arc<Self>>> {
        let socket = NlSocket::connect(NlFamily::Generic, None, Groups::empty())?;
        let Some((family, _)) = resolve(&socket, wire::FAMILY)? else {
            return Ok(None);
        };
        // As much as the system lets us: a burst of logins must fit.
        let _ = socket.set_recv_buffer_size(1024 * 1024);
        let socket = Arc::new(socket);
        let waiters: Arc<Waiters> = Arc::default();
        let asked = Arc::new(Asked::new(service));
        let (tx, rx) = sync_channel(MAX_WAITING);
        let rx = Arc::new(Mutex::new(rx));
        for n in 0..WORKERS {
            let (asked, rx, socket) = (asked.clone(), rx.clone(), socket.clone());
            std::thread::Builder::new()
                .name(format!("ksmbd-answer-{n}"))
                .spawn(move || work(&asked, &rx, &socket, family))?;
        }
        let (from, told) = (socket.clone(), waiters.clone());
        std::thread::Builder::new()
            .name("ksmbd-netlink".to_owned())
            .spawn(move || read(&from, family, &told, &tx))?;
        Ok(Some(Arc::new(Self {
            socket,
            family,
            waiters,
            asked,
            sink,
            started: Mutex::new(None),
        })))
    }

    fn hello() -> Result<Bytes, Failure> {
        let version = read_line("/sys/module/ksmbd/version");
        let kernel = rustix::system::uname();
        let kernel = kernel.release().to_string_lossy();
        let software = match version.as_deref() {
            Some(v) if !v.is_empty() => format!("C ksmbd {v} of Linux {kernel}"),
            _ => format!("C ksmbd of Linux {kernel}"),
        };
        let reply = HelloReply {
            version: PROTOCOL_VERSION,
            capabilities: Capabilities::NONE,
            software: &software,
        };
        Ok(build(|w| reply.write(w))?)
    }

    fn start(&self, attrs: &[u8]) -> Result<(), Failure> {
        let config = ServerConfig::parse(attrs).map_err(|_| Failure::no(Errno::INVAL, ""))?;
        if config.tcp_port == 0 {
            return Err(Failure::no(
                Errno::OPNOTSUPP,
                "the C ksmbd module cannot take any free port; name one",
            ));
        }
        let message = self.startup(&config)?;
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = &*started {
            if *before != message {
                tracing::warn!(
                    "global settings changed; the C ksmbd module takes them only when it starts: \
                     ksmbd.control --shutdown, then start ksmbd.mountd again"
                );
            }
            return Ok(());
        }
        let running = stats().is_some_and(|s| s.running);
        self.ask(event::STARTING_UP, &message).map_err(|e| {
            if e.raw_os_error() == Some(Errno::INVAL.raw_os_error()) {
                // It has one answer for everything.
                Failure::no(
                    Errno::BUSY,
                    "the C ksmbd module refuses: another daemon serves it, or it is just \
                     stopping, or it does not know one of the settings (see dmesg)",
                )
            } else {
                Failure::Io(e)
            }
        })?;
        if running {
            tracing::warn!(
                "took over a C ksmbd module that was running: its clients stay, and so do the \
                 global settings that it was started with"
            );
            self.asked.all_shares_changed();
        }
        let end = Instant::now() + PATIENCE;
        while stats().is_some_and(|s| !s.running) {
            if Instant::now() >= end {
                return Err(Failure::no(
                    Errno::TIMEDOUT,
                    "the C ksmbd module does not start; see dmesg",
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        *started = Some(message);
        Ok(())
    }

    /// STARTING_UP of our configuration.
    fn startup(&self, config: &ServerConfig<'_>) -> Result<Bytes, Failure> {
        let state = self.asked.state();
        let ours = state.config();
        let mut flags = 0;
        for (on, flag) in [
            (config.flags.contains(ConfigFlags::LEASES), global::LEASES),
            (config.flags.contains(ConfigFlags::DURABLE), global::DURABLE),
            (
                config.flags.contains(ConfigFlags::MULTICHANNEL),
                global::MULTICHANNEL,
            ),
            (config.encryption == 0, global::ENCRYPTION_OFF),
            (config.encryption == 2, global::ENCRYPTION),
        ] {
            if on {
                flags |= flag;
            }
        }
        let mut interfaces = config.interfaces.to_vec();
        if !interfaces.is_empty() {
            interfaces.push(0);
        }
        let startup = Startup {
            flags,
            signing: match config.signing {
                0 => 0,
                1 => 2,
                _ => 3,
            },
            min_protocol: protocol(config.min_dialect),
            max_protocol: protocol(config.max_dialect),
            netbios_name: config.netbios_name,
            workgroup: &ours.global.workgroup,
            server_string: shortened(&ours.global.server_string, 63),
            tcp_port: config.tcp_port,
            deadtime: config.dead_time_s / 60,
            max_open_files: config.max_opens,
            max_write: config.max_write,
            max_read: config.max_read,
            max_trans: config.max_trans,
            machine_sid: state.store().machine_sid(),
            max_credits: u32::from(config.max_credits),
            max_connections: config.max_connections,
            max_connections_per_ip: config.max_connections_per_ip,
            max_sessions_per_connection: config.max_sessions_per_connection,
            bind_interfaces_only: !interfaces.is_empty(),
            interfaces: &interfaces,
        };
        startup
            .write()
            .map_err(|e| Failure::no(Errno::INVAL, &e.to_string()))
    }

    /// The module ends all connections and forgets us.
    fn stop(&self) -> Result<(), Failure> {
        let kill = format!("{CONTROL}/kill_server");
        fs::write(&kill, "hard").map_err(|e| {
            tracing::error!(file = kill, error = %e, "the C ksmbd module was not stopped");
            Failure::Io(e)
        })?;
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let told = build(|w| write_event(w, &Stopped {}))?;
        (self.sink)(Command::EVENT.0, &told);
        Ok(())
    }

    fn list(&self, attrs: &[u8]) -> Result<Bytes, Failure> {
        let List { what, .. } = List::parse(attrs).map_err(|_| Failure::no(Errno::INVAL, ""))?;
        let trees = self.asked.service().trees();
        let reply = match what {
            ListWhat::SERVER => {
                let running = stats().is_some_and(|s| s.running);
                let told = |key: &str| proc_count(key).unwrap_or(0);
                let entry = ServerEntry {
                    software: "C ksmbd",
                    state: u16::from(running),
                    uptime_s: 0,
                    connections: told("clients"),
                    sessions: 0,
                    trees: u32::try_from(trees.len()).unwrap_or(u32::MAX),
                    opens: told("open_files"),
                    requests: 0,
                    bytes_in: 0,
                    bytes_out: 0,
                    errors: 0,
                };
                build(|w| {
                    ListReply::write_entry(w, |w| entry.write(w))?;
                    ListReply::write_head(w, what, 0)
                })?
            }
            // Nobody but us knows them; they are few, so one page does.
            ListWhat::TREES => {
                let all = trees.all();
                build(|w| {
                    for (session_id, tree_id, share) in &all {
                        let entry = TreeEntry {
                            session_id: *session_id,
                            tree_id: *tree_id,
                            share,
                            opens: 0,
                            age_s: 0,
                        };
                        ListReply::write_entry(w, |w| entry.write(w))?;
                    }
                    ListReply::write_head(w, what, 0)
                })?
            }
            _ => {
                return Err(Failure::no(
                    Errno::OPNOTSUPP,
                    "the C ksmbd module does not list this; see /proc/fs/ksmbd",
                ))
            }
        };
        Ok(reply)
    }

    /// Sends what is answered with an acknowledgement.
    fn ask(&self, command: u8, value: &[u8]) -> io::Result<()> {
        // START only, of which there is one at a time.
        const SEQUENCE: u32 = 1;
        let (tx, rx) = sync_channel(1);
        let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
        waiters.insert(SEQUENCE, tx);
        drop(waiters);
        let bytes = message(self.family, command, value, SEQUENCE, NLM_F_ACK)?;
        self.socket.send(&bytes[..], Msg::empty())?;
        rx.recv_timeout(PATIENCE)
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

/// Why something the daemon asked for did not happen.
enum Failure {
    Refused(Errno, String),
    Io(io::Error),
}

impl Failure {
    fn no(errno: Errno, text: &str) -> Self {
        Self::Refused(errno, text.to_owned())
    }
}

impl From<NoSpace> for Failure {
    fn from(_: NoSpace) -> Self {
        Self::no(Errno::MSGSIZE, "")
    }
}

impl Link for CModule {
    fn send(&self, command: u8, attrs: &[u8]) -> io::Result<(u8, Vec<u8>)> {
        let done = match Command(command) {
            Command::HELLO => Self::hello().map(|b| (Command::HELLO, b)),
            Command::START => self.start(attrs).map(|()| (Command::STATUS, ok())),
            Command::STOP => self.stop().map(|()| (Command::STATUS, ok())),
            Command::LIST => self.list(attrs).map(|b| (Command::LIST, b)),
            Command::UPDATE => Update::parse(attrs)
                .map_err(|_| Failure::no(Errno::INVAL, ""))
                .map(|update| {
                    // Sessions of an account that is gone stay: the module
                    // ends none.
                    self.asked.changed(update.share, update.account);
                    (Command::STATUS, ok())
                }),
            _ => Err(Failure::no(
                Errno::OPNOTSUPP,
                "the C ksmbd module cannot do this; use the Rust module (ksmbd-dkms)",
            )),
        };
        let (command, bytes) = match done {
            Ok(answer) => answer,
            Err(Failure::Io(e)) => return Err(e),
            Err(Failure::Refused(errno, text)) => {
                let status = Status {
                    code: errno.raw_os_error().saturating_neg(),
                    message: &text,
                };
                (
                    Command::STATUS,
                    build(|w| status.write(w)).unwrap_or_default(),
                )
            }
        };
        Ok((command.0, bytes.to_vec()))
    }

    fn post(&self, _: u8, _: &[u8]) -> io::Result<()> {
        // Upcalls are ours alone: the module's questions are answered here.
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn ok() -> Bytes {
    build(|w: &mut AttrWriter<'_>| Status::OK.write(w)).unwrap_or_default()
}

/// The module's name of a dialect. It has none for 2.0.2 and serves that
/// with 2.1.
const fn protocol(dialect: u16) -> &'static str {
    match dialect {
        0..=0x0210 => "SMB2_10",
        0x0300 => "SMB3_00",
        0x0302 => "SMB3_02",
        _ => "SMB3_11",
    }
}

/// At most `max` bytes of a text, whole characters.
fn shortened(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

struct Stats {
    running: bool,
}

/// What the module says of itself: format, state, port, activity.
fn stats() -> Option<Stats> {
    let line = read_line(&format!("{CONTROL}/stats"))?;
    parse_stats(&line)
}

fn parse_stats(line: &str) -> Option<Stats> {
    let state = line.split_ascii_whitespace().nth(1)?;
    Some(Stats {
        running: state == "running",
    })
}

fn read_line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// A number of `/proc/fs/ksmbd/server`; older kernels do not have it.
fn proc_count(key: &str) -> Option<u32> {
    count_in(&fs::read_to_string(PROC).ok()?, key)
}

fn count_in(text: &str, key: &str) -> Option<u32> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name == key).then(|| value.trim().parse().ok())?
    })
}

/// A whole message: one attribute, whose number is the command's.
fn message(
    family: u16,
    command: u8,
    value: &[u8],
    sequence: u32,
    flags: u16,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let too_long = || io::Error::from_raw_os_error(Errno::MSGSIZE.raw_os_error());
    if value.len() > MAX_VALUE {
        return Err(too_long());
    }
    let len = u16::try_from(value.len() + 4).map_err(|_| too_long())?;
    let mut attrs = Zeroizing::new(Vec::with_capacity(value.len() + 8));
    attrs.extend_from_slice(&len.to_ne_bytes());
    attrs.extend_from_slice(&u16::from(command).to_ne_bytes());
    attrs.extend_from_slice(value);
    let padded = attrs.len().next_multiple_of(4);
    attrs.resize(padded, 0);
    let raw = GenlMessage::from_payload(Raw {
        command,
        version: wire::VERSION,
        attrs,
    });
    Ok(encode(raw, family, sequence, flags))
}

/// The value of the attribute that a message has.
fn value_of(command: u8, attrs: &[u8]) -> Option<&[u8]> {
    let mut rest = attrs;
    loop {
        let (len, after) = rest.split_first_chunk::<2>()?;
        let (kind, _) = after.split_first_chunk::<2>()?;
        let len = usize::from(u16::from_ne_bytes(*len));
        let value = rest.get(4..len)?;
        if u16::from_ne_bytes(*kind) & 0x3FFF == u16::from(command) {
            return Some(value);
        }
        rest = rest.get(len.next_multiple_of(4)..)?;
    }
}

/// A question of the module.
type Question = (u8, Zeroizing<Vec<u8>>);

fn work(asked: &Asked, questions: &Mutex<Receiver<Question>>, socket: &NlSocket, family: u16) {
    loop {
        let next = {
            let rx = questions.lock().unwrap_or_else(PoisonError::into_inner);
            rx.recv()
        };
        let Ok((command, value)) = next else {
            return;
        };
        let Some(answer) = asked.answer(command, &value) else {
            continue;
        };
        let sent = message(family, event::answer(command), &answer, 0, 0)
            .and_then(|bytes| socket.send(&bytes[..], Msg::empty()));
        if let Err(e) = sent {
            tracing::warn!(error = %e, command, "the C ksmbd module does not take an answer");
        }
    }
}

/// Reads until the socket is gone.
fn read(socket: &NlSocket, family: u16, waiters: &Waiters, questions: &SyncSender<Question>) {
    let mut buf = Zeroizing::new(vec![0; MAX_MESSAGE]);
    loop {
        let n = match socket.recv(&mut buf[..], Msg::empty()) {
            Ok((n, _)) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) if e.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {
                tracing::warn!("questions of the kernel were lost: the daemon was too slow");
                continue;
            }
            Err(e) => {
                tracing::error!(error = %e, "reading from the kernel failed");
                return;
            }
        };
        match decode::<Raw>(buf.get(..n).unwrap_or(&[])) {
            Err(e) => tracing::warn!(error = %e, "the kernel sent what is no message"),
            Ok((_, Ok(Some(m)))) if m.resolved_family_id() == family => {
                let Raw { command, attrs, .. } = m.payload;
                let Some(value) = value_of(command, &attrs) else {
                    tracing::warn!(command, "the C ksmbd module sent a message without value");
                    continue;
                };
                let question = (command, value.to_vec().into());
                match questions.try_send(question) {
                    Ok(()) => {}
                    Err(TrySendError::Full(_)) => {
                        // The module stops waiting by itself.
                        tracing::warn!(command, "too many questions, one goes unanswered");
                    }
                    Err(TrySendError::Disconnected(_)) => return,
                }
            }
            Ok((0, Err(e))) => tracing::warn!(error = %e, "the kernel refused an answer"),
            Ok((sequence, result)) => {
                let mut waiters = waiters.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(waiter) = waiters.remove(&sequence) {
                    let _ = waiter.try_send(result.map(|_| ()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_attribute_a_message() {
        let bytes = message(0x21, event::STARTING_UP, b"abcde", 1, NLM_F_ACK).unwrap();
        // Length, type, request and acknowledge, sequence, port.
        assert_eq!(bytes[..8], [32, 0, 0, 0, 0x21, 0, 5, 0]);
        assert_eq!(bytes[16..20], [2, 1, 0, 0]);
        assert_eq!(bytes[20..], *b"\x09\0\x02\0abcde\0\0\0");
        assert_eq!(value_of(2, &bytes[20..]), Some(&b"abcde"[..]));
        assert_eq!(value_of(3, &bytes[20..]), None);
        assert_eq!(value_of(2, &[200, 0, 2, 0]), None);
        assert_eq!(value_of(2, &[0, 0, 1, 0]), None);
        assert!(message(1, 1, &vec![0; 70_000], 0, 0).is_err());
    }

    #[test]
    fn what_the_module_says_of_itself() {
        assert!(parse_stats("2 running 445 17").is_some_and(|s| s.running));
        assert!(parse_stats("2 startup 0 0").is_some_and(|s| !s.running));
        assert!(parse_stats("").is_none());
        let text = "Server\nstate:\trunning\nclients:\t3\nopen_files:\t12\n";
        assert_eq!(count_in(text, "clients"), Some(3));
        assert_eq!(count_in(text, "open_files"), Some(12));
        assert_eq!(count_in(text, "sessions"), None);
        assert_eq!(shortened("h\u{E9}llo", 2), "h");
    }
}
