// SPDX-License-Identifier: GPL-2.0-or-later
//! Whole sessions from any bytes: connections that log in, requests with values that the bytes choose, compounds,
//! spoilt and raw bodies, breaks that are answered or not, time, local processes, a daemon that is slow or gone,
//! allocations that fail. For the fuzzer (`tests/fuzz`, target `session`), and for tests that repeat what it found.
//!
//! Nothing may panic, every answer must parse, and when the clients are gone and time has passed, nothing is left.

mod example;
mod input;
mod requests;

use std::mem::take;

use kernel::alloc::KVec;
use kernel::shim;
use ksmbd_engine::host::{LocalAction, LocalChange};
use ksmbd_engine::server::{Server, Stage};
use proto_shared::codec::Writer;
use proto_shared::ipc::{
    self, AttrWriter, Change, Close, ConfigFlags, List, ListWhat, TreeFlags, UpcallKind, Update,
};
use proto_shared::limits::SMB2_HEADER_LEN;
use proto_shared::smb2::{
    BreakRequest, Capabilities, ChangeNotifyResponse, CloseResponse, Command, CreateResponse,
    EchoResponse, ErrorResponse, FileId, FlushResponse, Header, HeaderFlags, IoctlResponse,
    LeaseBreakAck, LeaseBreakNotification, LeaseKey, LeaseState, LockResponse, LogoffResponse,
    NegotiateResponse, OplockBreak, OplockLevel, QueryDirectoryResponse, QueryInfoResponse,
    ReadResponse, SessionSetupResponse, SetInfoResponse, TreeConnectResponse,
    TreeDisconnectResponse, WriteResponse,
};
use proto_shared::status::NtStatus;

use crate::client::{Client, Options};
use crate::daemon::Settings;
use crate::Rig;
pub use example::{example, KINDS};
use input::Input;
use requests::Known;

/// Most steps of a script: longer ones find nothing that shorter ones do not.
const MAX_STEPS: usize = 150;
/// Most handles that are remembered.
const MAX_FILES: usize = 24;
const CLIENTS: usize = 4;
/// No message of a script is longer.
const ROOM: usize = 1 << 17;
/// After that long without clients nothing has a reason to be there.
const LONG_MS: u64 = 40 * 60_000;

/// What a script did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Frames sent after the log-ins.
    pub frames: usize,
    /// Messages received.
    pub answers: usize,
    /// Answers of each command that said SUCCESS.
    pub successes: [usize; 19],
    /// Breaks heard.
    pub breaks: usize,
    /// Allocations that failed on request.
    pub failed_allocations: u64,
}

/// A change of the next message.
#[derive(Clone, Copy)]
enum Patch {
    Set(u16, u8),
    Flip(u16, u8),
    Number(u16, u32),
    Cut(u16),
    Grow(u16, u8),
}

/// A break that a client heard of.
enum Heard {
    Oplock(OplockBreak),
    Lease(LeaseBreakNotification),
}

struct Machine<'r> {
    rig: &'r Rig,
    clients: [Option<Client<'r>>; CLIENTS],
    /// Whose turn it is.
    at: usize,
    files: Vec<FileId>,
    /// Message and async numbers of requests that wait.
    waiting: Vec<(u64, u64)>,
    heard: Vec<Heard>,
    trees: Vec<u32>,
    sessions: Vec<u64>,
    patches: Vec<Patch>,
    /// Messages of a compound that is being made, and how many are still to come.
    parts: Vec<Vec<u8>>,
    coming: u8,
    related: bool,
    /// Flags and channel sequence of the next header.
    replay: Option<u16>,
    /// Session and tree of the next header.
    foreign: Option<(u64, u32)>,
    /// So many steps from now the daemon is as it should be again.
    trouble: u8,
    /// How often each client was told that its session or tree is gone.
    lost: [u8; CLIENTS],
    /// Where messages are made.
    scratch: Vec<u8>,
    /// The next frame's n-th allocation fails.
    failing: Option<u64>,
    tally: Tally,
}

/// Runs a script to its end and checks that nothing is left.
///
/// # Panics
/// If the engine does, if an answer does not parse, or if something is left.
pub fn run(script: &[u8]) -> Tally {
    let before = shim::live_allocations_here();
    let mut input = Input(script);
    let tally = {
        let rig = Rig::with(settings(&mut input));
        files(&rig);
        let mut machine = Machine::new(&rig);
        machine.connect(&mut input);
        let mut steps = 0;
        while !input.is_empty() && steps < MAX_STEPS {
            if machine.clients.iter().all(Option::is_none) {
                machine.connect(&mut input);
            }
            machine.step(&mut input);
            machine.hear();
            steps += 1;
        }
        let tally = machine.tally;
        drop(machine);
        wind_up(&rig);
        tally
    };
    assert_eq!(shim::live_allocations_here() - before, 0, "leaks");
    tally
}

fn settings(input: &mut Input<'_>) -> Settings {
    let (features, rules) = (input.u8(), input.u8());
    let mut share = TreeFlags(u64::from(input.u16()));
    // A share that may be written to is the better one, and what the bytes say is turned round so that zeros say this.
    share = TreeFlags(share.0 ^ (Settings::default().share_flags | TreeFlags::ACL_XATTR).0);
    Settings {
        flags: ConfigFlags(u64::from(!features & 63)),
        signing: if rules & 1 == 0 { 1 } else { 2 },
        encryption: [1, 1, 0, 2][usize::from(rules >> 1 & 3)],
        dialects: [
            (0x0202, 0x0311),
            (0x0202, 0x0302),
            (0x0202, 0x0210),
            (0x0300, 0x0311),
        ][usize::from(rules >> 3 & 3)],
        max_io: 1 << 16,
        share_flags: share,
        ..Settings::default()
    }
}

fn files(rig: &Rig) {
    let fs = rig.host().fs_ref();
    fs.set_space(2 << 20);
    for dir in ["data/d", "data/d/sub", "data/e"] {
        fs.mkdir(dir, 1000, 0o777);
    }
    fs.mkdir("data/closed", 0, 0o700);
    fs.put("data/f", 1000, 0o666, b"some content");
    fs.put("data/g", 1000, 0o666, b"");
    fs.put("data/d/f", 1000, 0o644, &[7; 5000]);
    fs.put("data/ro", 0, 0o444, b"another's");
    fs.symlink("data/link", "f");
    fs.symlink("data/dirlink", "d");
    fs.symlink("data/loop", "loop");
}

/// The daemon answers, and log-ins do not end.
fn heal(rig: &Rig) {
    rig.host().detach_daemon(false);
    let mut daemon = crate::locked(&rig.daemon);
    daemon.silent = None;
    daemon.expiry = 0;
}

/// Everybody is gone: so must be what was there for them.
fn wind_up(rig: &Rig) {
    shim::fail_never();
    heal(rig);
    rig.settle();
    rig.host().clock().advance_ms(LONG_MS);
    rig.advance_ms(1000);
    let server = &rig.server;
    let left = [
        server.connection_count(),
        server.parked_count(),
        server.file_count(),
        server.away_count(),
    ];
    assert_eq!(
        left, [0; 4],
        "connections, parked requests, files, handles that wait"
    );
    assert_eq!(rig.host().fs_ref().watches().len(), 0, "watches");
    if server.stage() == Stage::Running {
        // Whatever happened, somebody new is served.
        let mut other =
            Client::connect(rig, Options::default()).expect("the server takes no client");
        let negotiated = other.negotiate();
        assert_ne!(negotiated, Err(NtStatus::IO_TIMEOUT), "no answer");
    }
}

impl<'r> Machine<'r> {
    fn new(rig: &'r Rig) -> Self {
        Self {
            rig,
            clients: Default::default(),
            at: 0,
            files: Vec::new(),
            waiting: Vec::new(),
            heard: Vec::new(),
            trees: Vec::new(),
            sessions: Vec::new(),
            patches: Vec::new(),
            parts: Vec::new(),
            coming: 0,
            related: false,
            replay: None,
            foreign: None,
            trouble: 0,
            lost: [0; CLIENTS],
            scratch: vec![0; ROOM],
            failing: None,
            tally: Tally::default(),
        }
    }

    fn step(&mut self, input: &mut Input<'_>) {
        if self.trouble == 1 {
            heal(self.rig);
        }
        self.trouble = self.trouble.saturating_sub(1);
        match input.u8() % 32 {
            0..=11 => self.request(input),
            12 => self.connect(input),
            13 => {
                self.clients[self.at] = None;
                self.turn(0);
            }
            14 => self.bind(input),
            15 => self.time(input),
            16 | 17 => self.patch(input),
            18 => {
                let form = input.u8();
                self.coming = 2 + form % 5;
                self.related = form & 0x80 == 0;
            }
            19 => self.raw_body(input),
            20 => self.acknowledge(input),
            21 => self.cancel(input),
            22 => self.local(input),
            23 => self.host(input),
            24 => self.control(input),
            25 => self.failing = Some(u64::from(input.u8())),
            26 => self.raw_frame(input),
            27 | 28 => {
                let to = usize::from(input.u8());
                self.turn(to);
            }
            29 => self.replay = Some(input.u16()),
            30 => self.take_over(input),
            _ => self.session(input),
        }
    }

    /// It is the turn of this client, or of the next one that is there.
    fn turn(&mut self, to: usize) {
        let there = |at: &usize| self.clients[*at].is_some();
        if let Some(at) = (0..CLIENTS).map(|n| (to + n) % CLIENTS).find(there) {
            self.at = at;
        }
    }

    /// Connects and logs in, in a free place if there is one.
    fn connect(&mut self, input: &mut Input<'_>) {
        let (form, who) = (input.u8(), input.u8());
        if let Some(free) = self.clients.iter().position(Option::is_none) {
            self.at = free;
        }
        let all = Options::default();
        let options = Options {
            dialects: [
                all.dialects.clone(),
                vec![0x0202],
                vec![0x0202, 0x0210],
                vec![0x0300, 0x0302],
            ][usize::from(form & 3)]
            .clone(),
            ciphers: [vec![2, 1], vec![1], vec![4], vec![3]][usize::from(form >> 2 & 3)].clone(),
            signing: vec![u16::from(form >> 4 & 3)],
            sign: form & 0x40 != 0,
            seal: form & 0x80 != 0,
            blob: [
                "user:alice",
                "user:alice",
                "user:root",
                "more:bob",
                "user:guest",
                "user:nobody",
                "user:alice",
                "user:alice",
            ][usize::from(who & 7)],
            guid: [who >> 3 & 3; 16],
            capabilities: Capabilities::LEASING
                | Capabilities::DIRECTORY_LEASING
                | Capabilities::MULTI_CHANNEL,
            previous_session: if who & 0x20 == 0 {
                0
            } else {
                self.any_session(input)
            },
            posix: who & 0x40 != 0,
            address: 1,
        };
        let Ok(mut client) = Client::connect(self.rig, options) else {
            return;
        };
        if client.negotiate().is_ok() && client.session_setup().is_ok() {
            let _ = client.tree_connect("data");
        }
        self.sessions.push(client.session_id);
        self.trees.push(client.tree_id);
        self.clients[self.at] = Some(client);
    }

    fn any_session(&self, input: &mut Input<'_>) -> u64 {
        let n = self.sessions.len().max(1);
        let at = usize::from(input.u8()) % n;
        self.sessions.get(at).copied().unwrap_or(0)
    }

    fn bind(&mut self, input: &mut Input<'_>) {
        let guid = [input.u8() & 3; 16];
        let other = self.at;
        let Some(free) = self.clients.iter().position(Option::is_none) else {
            return;
        };
        let options = Options {
            sign: true,
            guid,
            capabilities: Capabilities::MULTI_CHANNEL,
            ..Options::default()
        };
        let Some(first) = &self.clients[other] else {
            return;
        };
        let Ok(mut client) = Client::connect(self.rig, options) else {
            return;
        };
        if client.negotiate().is_ok() && client.bind(first).is_ok() {
            client.tree_id = first.tree_id;
        }
        self.at = free;
        self.clients[free] = Some(client);
    }

    fn time(&mut self, input: &mut Input<'_>) {
        let ms = input.pick(&[
            10, 500, 1000, 2000, 6000, 36_000, 61_000, 400_000, 1_000_000,
        ]);
        // One long step and some short ones: what is due is due, however late.
        self.rig.host().clock().advance_ms(ms - ms.min(2000));
        self.rig.advance_ms(ms.min(2000));
    }

    fn patch(&mut self, input: &mut Input<'_>) {
        let at = input.u16();
        let patch = match input.u8() % 8 {
            0..=2 => Patch::Set(at, input.u8()),
            3 | 4 => Patch::Flip(at, input.u8()),
            5 => Patch::Number(
                at,
                input.number(&[0, 1, 0xffff, 0xffff_ffff, 0x8000_0000]) as u32,
            ),
            6 => Patch::Cut(at),
            _ => Patch::Grow(at & 0x3ff, input.u8()),
        };
        self.patches.push(patch);
    }

    fn request(&mut self, input: &mut Input<'_>) {
        let mut w = Writer::new(&mut self.scratch);
        let known = Known { files: &self.files };
        let written = w
            .zeros(SMB2_HEADER_LEN)
            .and_then(|()| requests::body(input, &known, &mut w));
        let Ok(command) = written else {
            return;
        };
        let message = w.written().to_vec();
        self.submit(command, message);
    }

    fn raw_body(&mut self, input: &mut Input<'_>) {
        let command = Command(u16::from(input.u8() % 20));
        let mut message = vec![0; SMB2_HEADER_LEN];
        message.extend_from_slice(input.blob());
        self.submit(command, message);
    }

    /// Puts a header on a message, spoils it if that is wanted, and sends it when the compound is complete.
    fn submit(&mut self, command: Command, mut message: Vec<u8>) {
        let Some(client) = &mut self.clients[self.at] else {
            return;
        };
        // What WRITE and READ of more than 64 KiB cost.
        let charge = 1 + message.len().saturating_sub(SMB2_HEADER_LEN + 64) / 65_536;
        let mut header = client.charged(command, charge as u16);
        if !self.parts.is_empty() && self.related {
            header.flags |= HeaderFlags::RELATED_OPERATIONS;
        }
        if let Some((session, tree)) = self.foreign.take() {
            (header.session_id, header.tree_id) = (session, tree);
        }
        if let Some(form) = self.replay.take() {
            // Requests carry the channel sequence where replies have their status.
            header.status = NtStatus(u32::from(form & 0xff));
            if form & 0x100 != 0 {
                header.flags |= HeaderFlags::REPLAY_OPERATION;
            }
        }
        message[..SMB2_HEADER_LEN].copy_from_slice(&header.to_bytes());
        for patch in take(&mut self.patches) {
            patch.apply(&mut message);
        }
        self.parts.push(message);
        self.coming = self.coming.saturating_sub(1);
        if self.coming == 0 {
            self.flush();
        }
    }

    /// Sends what there is of a compound.
    fn flush(&mut self) {
        self.coming = 0;
        let parts = take(&mut self.parts);
        let Some(client) = &mut self.clients[self.at] else {
            return;
        };
        let frame = client.chain(parts);
        self.send(&frame);
    }

    fn send(&mut self, frame: &[u8]) {
        let Some(client) = &mut self.clients[self.at] else {
            return;
        };
        self.tally.frames += 1;
        match self.failing.take() {
            Some(n) => {
                shim::fail_after(n);
                client.send_raw(frame);
                self.tally.failed_allocations += shim::fail_never();
            }
            None => client.send_raw(frame),
        }
    }

    /// Bytes as they are, or sealed: what is in the envelope is the fuzzer's.
    fn raw_frame(&mut self, input: &mut Input<'_>) {
        let (form, bytes) = (input.u8(), input.blob().to_vec());
        let Some(client) = &mut self.clients[self.at] else {
            return;
        };
        let frame = if form & 7 == 0 {
            bytes
        } else {
            client.chain(vec![bytes])
        };
        self.send(&frame);
    }

    /// Answers a break, rightly or not.
    fn acknowledge(&mut self, input: &mut Input<'_>) {
        let (which, form) = (usize::from(input.u8()), input.u8());
        if self.heard.is_empty() {
            return;
        }
        let at = which % self.heard.len();
        let request = match self.heard.swap_remove(at) {
            Heard::Oplock(b) => BreakRequest::Oplock(OplockBreak {
                oplock_level: if form & 0x80 == 0 {
                    b.oplock_level
                } else {
                    OplockLevel(form & 0x7f)
                },
                file_id: b.file_id,
            }),
            Heard::Lease(b) => BreakRequest::Lease(LeaseBreakAck {
                lease_key: if form & 0x40 == 0 {
                    b.lease_key
                } else {
                    LeaseKey([form & 3; 16])
                },
                lease_state: if form & 0x80 == 0 {
                    b.new_state
                } else {
                    LeaseState(u32::from(form & 7))
                },
            }),
        };
        let mut buf = vec![0; SMB2_HEADER_LEN + 64];
        let mut w = Writer::new(&mut buf);
        if w.zeros(SMB2_HEADER_LEN)
            .and_then(|()| request.write(&mut w))
            .is_ok()
        {
            let message = w.written().to_vec();
            self.submit(Command::OPLOCK_BREAK, message);
        }
    }

    fn cancel(&mut self, input: &mut Input<'_>) {
        let (which, form) = (usize::from(input.u8()), input.u8());
        if !self.parts.is_empty() {
            self.flush();
        }
        let Some(client) = &mut self.clients[self.at] else {
            return;
        };
        let found = self.waiting.get(which % self.waiting.len().max(1)).copied();
        let (message_id, async_id) = found.unwrap_or((u64::from(form), 0));
        let mut header = Header {
            command: Command::CANCEL,
            session_id: client.session_id,
            message_id,
            ..Header::default()
        };
        if form & 1 != 0 {
            header.flags = HeaderFlags::ASYNC_COMMAND;
            (header.process_id, header.tree_id) = (async_id as u32, (async_id >> 32) as u32);
        }
        let mut message = header.to_bytes().to_vec();
        message.extend([4, 0, 0, 0]);
        let frame = client.chain(vec![message]);
        self.send(&frame);
    }

    /// What local processes do.
    fn local(&mut self, input: &mut Input<'_>) {
        let (kind, which) = (input.u8(), usize::from(input.u8()));
        let server = &self.rig.server;
        match kind % 8 {
            0..=3 => {
                let watches = self.rig.host().fs_ref().watches();
                let Some((token, _)) = watches.get(which % watches.len().max(1)) else {
                    return;
                };
                let action = input.pick(&[
                    LocalAction::Added,
                    LocalAction::Removed,
                    LocalAction::RenamedFrom,
                    LocalAction::RenamedTo,
                    LocalAction::Written,
                    LocalAction::Attributes,
                ]);
                let path = input.blob();
                server.local_change(
                    *token,
                    &LocalChange {
                        action,
                        path,
                        is_dir: kind & 0x80 != 0,
                    },
                );
            }
            4 => {
                for (token, _) in self.rig.host().fs_ref().watches() {
                    server.local_lost(token);
                }
            }
            _ => {
                for path in ["data/f", "data/g", "data/d/f"] {
                    if let Some((dev, ino, _)) = self.rig.host().fs_ref().guarded(path) {
                        Server::local_open(server, dev, ino, kind & 0x80 != 0);
                    }
                }
            }
        }
        self.rig.settle();
    }

    /// What the machine is like from now on.
    fn host(&mut self, input: &mut Input<'_>) {
        let (kind, value) = (input.u8() % 6, input.u8());
        self.trouble = 6;
        let host = self.rig.host();
        let mut daemon = crate::locked(&self.rig.daemon);
        match kind {
            0 => host.fs_ref().set_space(u64::from(value) << 13),
            1 => host.detach_daemon(value < 0x40),
            2 => daemon.silent = (value < 7).then_some(UpcallKind(u16::from(value))),
            3 => {
                drop(daemon);
                if let Some(client) = &self.clients[self.at] {
                    client.wire.set_retransmissions(u32::from(value));
                }
            }
            4 => {
                daemon.expiry = if value == 0 {
                    0
                } else {
                    0x01dc_7a5a_0000_0000 + (u64::from(value) << 30)
                }
            }
            _ => {
                drop(daemon);
                let names = ["data/f", "data/g", "data/d/f"];
                let name = names[usize::from(value) % names.len()];
                if host.fs_ref().exists(name) {
                    host.fs_ref().set_local_writer(name, value & 0x80 != 0);
                }
            }
        }
    }

    /// A message of the daemon.
    fn control(&mut self, input: &mut Input<'_>) {
        let (kind, which) = (input.u8() % 8, input.u8());
        let mut buf = vec![0; 4096];
        let mut w = AttrWriter::new(&mut buf);
        let command = match kind {
            0 | 1 => {
                let list = List {
                    what: ListWhat(u16::from(which % 8)),
                    cursor: u64::from(input.u8()),
                    max: u32::from(input.u8()),
                };
                list.write(&mut w).map(|()| ipc::Command::LIST)
            }
            2 => {
                let session = self.any_session(input);
                let file = self.files.get(usize::from(which) % self.files.len().max(1));
                let close = Close {
                    what: ListWhat(u16::from(input.u8() % 8)),
                    id: match input.u8() % 4 {
                        0 => session,
                        1 => file.map_or(0, |f| f.volatile),
                        2 => self.trees.last().copied().unwrap_or(0).into(),
                        _ => u64::from(which),
                    },
                    session_id: (which & 0x80 == 0).then_some(session),
                };
                close.write(&mut w).map(|()| ipc::Command::CLOSE)
            }
            3 | 4 => {
                let update = Update {
                    share: if which & 1 == 0 { "data" } else { "" },
                    account: if which & 1 == 0 { "" } else { "alice" },
                    change: Change(u16::from(which >> 1 & 3)),
                };
                update.write(&mut w).map(|()| ipc::Command::UPDATE)
            }
            5 => {
                let settings = settings(input);
                let (command, attrs) = settings.start_message();
                self.tell(command, &attrs);
                return;
            }
            _ => {
                let attrs = input.blob();
                self.tell(which % 12, attrs);
                return;
            }
        };
        if let Ok(command) = command {
            let attrs = w.written().to_vec();
            self.tell(command.0, &attrs);
        }
    }

    fn tell(&mut self, command: u8, attrs: &[u8]) {
        let mut reply = KVec::new();
        // Refusals are what most of these come to.
        let _ = Server::daemon_message(&self.rig.server, command, attrs, &mut reply);
        self.rig.settle();
    }

    /// The next message is for another one's session or tree.
    fn take_over(&mut self, input: &mut Input<'_>) {
        let form = input.u8();
        let session = self.any_session(input);
        let tree = self
            .trees
            .get(usize::from(form >> 1) % self.trees.len().max(1))
            .copied();
        if let Some(client) = &self.clients[self.at] {
            self.foreign = Some(match form & 1 {
                0 => (client.session_id, tree.unwrap_or(0)),
                _ => (session, client.tree_id),
            });
        }
    }

    /// Log-ins on a connection that is there.
    fn session(&mut self, input: &mut Input<'_>) {
        let form = input.u8();
        let Some(client) = &mut self.clients[self.at] else {
            return;
        };
        client.set_blob(
            [
                "user:alice",
                "user:root",
                "more:alice",
                "user:guest",
                "user:nobody",
                "junk",
            ][usize::from(form >> 2) % 6],
        );
        match form & 3 {
            0 => drop(client.session_setup()),
            1 => drop(client.reauthenticate()),
            2 => drop(client.tree_connect("IPC$")),
            _ => drop(client.tree_connect("data")),
        }
        self.sessions.push(client.session_id);
        self.trees.push(client.tree_id);
    }

    /// Takes what the server said to anybody.
    fn hear(&mut self) {
        for at in 0..CLIENTS {
            let Some(client) = &mut self.clients[at] else {
                continue;
            };
            // No request has this number: what there is is put aside, frame for frame.
            while !matches!(
                client.reply_to(u64::MAX - 1),
                Err(NtStatus::IO_TIMEOUT | NtStatus::CONNECTION_DISCONNECTED)
            ) {}
            let messages = take(&mut client.unasked);
            if !client.alive || client.wire.is_dead() {
                self.clients[at] = None;
                self.turn(at);
            }
            for message in messages {
                self.note(at, &message);
            }
            if self.lost[at] > 2 {
                self.lost[at] = 0;
                self.log_in_again(at);
            }
        }
    }

    /// Who lost everything would only be refused from then on.
    fn log_in_again(&mut self, at: usize) {
        let Some(client) = &mut self.clients[at] else {
            return;
        };
        client.set_blob("user:alice");
        if client.session_setup().is_ok() {
            let _ = client.tree_connect("data");
        }
        self.sessions.push(client.session_id);
        self.trees.push(client.tree_id);
    }

    fn note(&mut self, at: usize, message: &[u8]) {
        let header = Header::parse(message).expect("no header");
        self.tally.answers += 1;
        assert!(
            is_well_formed(&header, message),
            "{:?} {:?}: {message:02x?}",
            header.command,
            header.status
        );
        if header.command == Command::OPLOCK_BREAK && header.message_id == u64::MAX {
            self.tally.breaks += 1;
            let heard = match LeaseBreakNotification::parse(message) {
                Ok(lease) => Heard::Lease(lease),
                Err(_) => Heard::Oplock(OplockBreak::parse(message).expect("no break")),
            };
            self.heard.push(heard);
            return;
        }
        if header.status == NtStatus::PENDING {
            let async_id = u64::from(header.process_id) | u64::from(header.tree_id) << 32;
            self.waiting.push((header.message_id, async_id));
            return;
        }
        match header.status {
            NtStatus::SUCCESS => {}
            NtStatus::USER_SESSION_DELETED
            | NtStatus::NETWORK_NAME_DELETED
            | NtStatus::NETWORK_SESSION_EXPIRED => return self.lost[at] += 1,
            _ => return,
        }
        if let Some(n) = self.tally.successes.get_mut(usize::from(header.command.0)) {
            *n += 1;
        }
        match header.command {
            Command::CREATE => {
                if let Ok(reply) = CreateResponse::parse(message) {
                    if self.files.len() == MAX_FILES {
                        self.files.remove(0);
                    }
                    self.files.push(reply.file_id);
                }
            }
            Command::TREE_CONNECT => self.trees.push(header.tree_id),
            _ => {}
        }
    }
}

impl Patch {
    fn apply(self, message: &mut Vec<u8>) {
        let len = message.len();
        let place = |at: u16| usize::from(at) % len.max(1);
        match self {
            _ if len == 0 => {}
            Self::Set(at, value) => message[place(at)] = value,
            Self::Flip(at, value) => message[place(at)] ^= value,
            Self::Number(at, value) => {
                for (slot, byte) in message[place(at)..].iter_mut().zip(value.to_le_bytes()) {
                    *slot = byte;
                }
            }
            Self::Cut(at) => message.truncate(place(at).max(1)),
            Self::Grow(by, value) => message.resize(len + usize::from(by), value),
        }
    }
}

/// Whether an answer is what its command and status say.
fn is_well_formed(header: &Header, message: &[u8]) -> bool {
    let is_error = || ErrorResponse::parse(message).is_ok();
    let is_reply = || match header.command {
        Command::NEGOTIATE => NegotiateResponse::parse(message).is_ok(),
        Command::SESSION_SETUP => SessionSetupResponse::parse(message).is_ok(),
        Command::LOGOFF => LogoffResponse::parse(message).is_ok(),
        Command::TREE_CONNECT => TreeConnectResponse::parse(message).is_ok(),
        Command::TREE_DISCONNECT => TreeDisconnectResponse::parse(message).is_ok(),
        Command::CREATE => CreateResponse::parse(message).is_ok(),
        Command::CLOSE => CloseResponse::parse(message).is_ok(),
        Command::FLUSH => FlushResponse::parse(message).is_ok(),
        Command::READ => ReadResponse::parse(message).is_ok(),
        Command::WRITE => WriteResponse::parse(message).is_ok(),
        Command::LOCK => LockResponse::parse(message).is_ok(),
        Command::IOCTL => IoctlResponse::parse(message).is_ok(),
        Command::ECHO => EchoResponse::parse(message).is_ok(),
        Command::QUERY_DIRECTORY => QueryDirectoryResponse::parse(message).is_ok(),
        Command::CHANGE_NOTIFY => ChangeNotifyResponse::parse(message).is_ok(),
        Command::QUERY_INFO => QueryInfoResponse::parse(message).is_ok(),
        Command::SET_INFO => SetInfoResponse::parse(message).is_ok(),
        Command::OPLOCK_BREAK => {
            LeaseBreakNotification::parse(message).is_ok() || BreakRequest::parse(message).is_ok()
        }
        _ => false,
    };
    header.flags.contains(HeaderFlags::SERVER_TO_REDIR)
        && match header.status {
            NtStatus::SUCCESS => is_reply(),
            _ => is_error() || is_reply(),
        }
}
