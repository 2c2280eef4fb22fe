// SPDX-License-Identifier: GPL-2.0-or-later
//! A daemon by script: it knows three users by a magic blob, and two shares.
//!
//! | blob in SESSION_SETUP | answer |
//! |---|---|
//! | `user:NAME` | logged in as NAME, uid 1000 (`root`: 0, `guest`: a guest) |
//! | `more:NAME` | MORE_PROCESSING_REQUIRED first, then as above |
//! | anything else | LOGON_FAILURE |

use proto_shared::ipc::{
    write_upcall_reply, AttrWriter, AuditFlags, AuthReply, AuthRequest, Blob, Command, ConfigFlags,
    Event, EventKind, PipeDataReply, PipeOpen, PipeRead, PipeStatusReply, PipeTransceive,
    PipeWrite, PipeWriteReply, ServerConfig, ShareType, TreeConnectReply, TreeConnectRequest,
    TreeFlags, Upcall, UpcallKind, UpcallReplyBody, UserFlags,
};
use proto_shared::status::NtStatus;

/// The session key of everybody.
pub const SESSION_KEY: [u8; 16] = *b"session key 0123";

/// What the engine is configured with.
pub struct Settings {
    /// Lowest and highest dialect.
    pub dialects: (u16, u16),
    /// 0 only if the client requires it, 1 enabled, 2 mandatory.
    pub signing: u8,
    /// 0 disabled, 1 if share or client wants it, 2 mandatory.
    pub encryption: u8,
    /// Flags of the share `data`.
    pub share_flags: TreeFlags,
    /// Directory and format of the share's snapshots.
    pub snapshots: (&'static str, &'static str),
    /// Most READ, WRITE and other bytes.
    pub max_io: u32,
    /// Features that are on.
    pub flags: ConfigFlags,
    /// Accesses to files of `data` that are told of.
    pub audit: AuditFlags,
}

/// The daemon, and what it heard.
pub struct Daemon {
    /// What the engine is configured with.
    pub settings: Settings,
    /// Does not answer upcalls of this kind.
    pub silent: Option<UpcallKind>,
    /// When logins from now on end, as FILETIME; 0 never.
    pub expiry: u64,
    /// Bytes of the last token.
    pub token_len: usize,
    /// Logins that are in their second leg.
    halfway: Vec<u64>,
    /// What was written to pipes and not read: `(pipe, bytes)`.
    pipes: Vec<(u64, Vec<u8>)>,
    /// Number of events so far.
    pub events: usize,
    /// Number of upcalls so far.
    pub upcalls: usize,
    /// Attributes of the events FILE_ACCESS and LOGOFF so far.
    pub told: Vec<(EventKind, Vec<u8>)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialects: (0x0202, 0x0311),
            signing: 1,
            encryption: 1,
            share_flags: TreeFlags::WRITABLE
                | TreeFlags::STORE_DOS_ATTRIBUTES
                | TreeFlags::OPLOCKS
                | TreeFlags::STREAMS,
            snapshots: ("", ""),
            max_io: 1 << 20,
            flags: ConfigFlags::NONE,
            audit: AuditFlags::NONE,
        }
    }
}

impl Settings {
    /// The START message.
    ///
    /// # Panics
    /// Never: the buffer is large enough.
    pub fn start_message(&self) -> (u8, Vec<u8>) {
        let config = ServerConfig {
            server_guid: *b"memhost's server",
            netbios_name: "MEMHOST",
            tcp_port: 445,
            interfaces: b"",
            min_dialect: self.dialects.0,
            max_dialect: self.dialects.1,
            signing: self.signing,
            encryption: self.encryption,
            ciphers: (&[2u16, 1, 4, 3][..]).into(),
            signing_algorithms: (&[2u16, 1, 0][..]).into(),
            max_read: self.max_io,
            max_write: self.max_io,
            max_trans: self.max_io,
            max_credits: 512,
            max_connections: 100,
            max_connections_per_ip: 50,
            max_sessions: 100,
            max_sessions_per_connection: 16,
            max_opens: 1000,
            max_inflight_bytes: 64 << 20,
            auth_timeout_ms: 30_000,
            upcall_timeout_ms: 5000,
            dead_time_s: 0,
            flags: self.flags,
            security_blob: Blob::from(&b"negotiate token"[..]),
        };
        let mut buf = vec![0; 4096];
        let mut w = AttrWriter::new(&mut buf);
        config.write(&mut w).unwrap();
        (Command::START.0, w.written().to_vec())
    }
}

impl Daemon {
    /// A daemon that has heard nothing.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            silent: None,
            expiry: 0,
            token_len: 0,
            halfway: Vec::new(),
            pipes: Vec::new(),
            events: 0,
            upcalls: 0,
            told: Vec::new(),
        }
    }

    /// Hears a message of the engine, and says what there is to say.
    pub fn hear(&mut self, command: u8, attrs: &[u8]) -> Option<(u8, Vec<u8>)> {
        if Command(command) != Command::UPCALL {
            self.events += 1;
            let event = Event::parse(attrs).expect("the engine's events are well-formed");
            if matches!(event.kind, EventKind::FILE_ACCESS | EventKind::LOGOFF) {
                self.told.push((event.kind, attrs.to_vec()));
            }
            return None;
        }
        self.upcalls += 1;
        let upcall = Upcall::parse(attrs).expect("the engine's upcalls are well-formed");
        if self.silent == Some(upcall.kind) {
            return None;
        }
        let (token, kind, body) = (upcall.token, upcall.kind, upcall.body);
        let text = "the engine's upcalls are well-formed";
        let bytes = match kind {
            UpcallKind::AUTH => self.auth(token, &AuthRequest::parse(body).expect(text)),
            UpcallKind::TREE_CONNECT => {
                self.tree(token, &TreeConnectRequest::parse(body).expect(text))
            }
            UpcallKind::PIPE_OPEN => {
                let open = PipeOpen::parse(body).expect(text);
                let known = ["srvsvc", "wkssvc", "echo"].contains(&open.name);
                let status = if known {
                    NtStatus::SUCCESS
                } else {
                    NtStatus::OBJECT_NAME_NOT_FOUND
                };
                if known {
                    self.pipes.push((open.pipe_id, Vec::new()));
                }
                answer(token, kind, &PipeStatusReply { status })
            }
            UpcallKind::PIPE_WRITE => {
                let write = PipeWrite::parse(body).expect(text);
                let count = self.put(write.pipe_id, &write.data);
                answer(
                    token,
                    kind,
                    &PipeWriteReply {
                        status: NtStatus::SUCCESS,
                        count,
                    },
                )
            }
            UpcallKind::PIPE_READ => {
                let read = PipeRead::parse(body).expect(text);
                self.take(token, kind, read.pipe_id, read.max_len)
            }
            UpcallKind::PIPE_TRANSCEIVE => {
                let call = PipeTransceive::parse(body).expect(text);
                self.put(call.pipe_id, &call.data);
                self.take(token, kind, call.pipe_id, call.max_len)
            }
            other => panic!("unknown upcall {other:?}"),
        };
        Some((Command::UPCALL_REPLY.0, bytes))
    }

    fn auth(&mut self, token: u64, request: &AuthRequest<'_>) -> Vec<u8> {
        let mut blob = vec![0; request.blob.len()];
        let _ = request.blob.copy_to(&mut blob);
        self.token_len = blob.len();
        let blob = String::from_utf8_lossy(&blob);
        let refuse = |status| {
            answer(
                token,
                UpcallKind::AUTH,
                &AuthReply::refuse(status, &b"challenge"[..]),
            )
        };
        let name = match blob.split_once(':') {
            Some((_, name)) if !name.chars().all(|c| c.is_ascii_alphanumeric()) => {
                return refuse(NtStatus::LOGON_FAILURE)
            }
            Some(("user", name)) => name,
            Some(("more", name)) => {
                match self.halfway.iter().position(|id| *id == request.auth_id) {
                    None => {
                        self.halfway.push(request.auth_id);
                        return refuse(NtStatus::MORE_PROCESSING_REQUIRED);
                    }
                    Some(at) => drop(self.halfway.remove(at)),
                }
                name
            }
            _ => return refuse(NtStatus::LOGON_FAILURE),
        };
        let id = match name {
            "root" => 0,
            _ => 1000,
        };
        let reply = AuthReply {
            status: NtStatus::SUCCESS,
            blob: Blob::from(&b"welcome"[..]),
            session_key: if name == "guest" { &[] } else { &SESSION_KEY },
            account: name,
            domain: "MEMHOST",
            uid: Some(id),
            gid: Some(id),
            groups: (&[27u32][..]).into(),
            user_flags: match name {
                "guest" => UserFlags::GUEST,
                "nobody" => UserFlags::ANONYMOUS,
                _ => UserFlags::NONE,
            },
            expiry: self.expiry,
            sid: &[1, 1, 0, 0, 0, 0, 0, 22, 232, 3, 0, 0],
        };
        answer(token, UpcallKind::AUTH, &reply)
    }

    fn tree(&self, token: u64, request: &TreeConnectRequest<'_>) -> Vec<u8> {
        let kind = UpcallKind::TREE_CONNECT;
        let (share, share_type, path) = match request.share.to_ascii_lowercase().as_str() {
            "data" => ("data", ShareType::DISK, "/data"),
            "ipc$" => ("IPC$", ShareType::PIPE, ""),
            _ => {
                return answer(
                    token,
                    kind,
                    &TreeConnectReply::refuse(NtStatus::BAD_NETWORK_NAME),
                )
            }
        };
        let reply = TreeConnectReply {
            share,
            share_type,
            flags: self.settings.share_flags,
            maximal_access: 0x001f_01ff,
            path,
            create_mask: 0o777,
            directory_mask: 0o777,
            volume_label: "memory",
            volume_serial: 0x1234_5678,
            comment: "a test's share",
            audit: (self.settings.audit != AuditFlags::NONE).then_some(self.settings.audit.bits()),
            snapshot_dir: self.settings.snapshots.0,
            snapshot_format: self.settings.snapshots.1,
            ..TreeConnectReply::refuse(NtStatus::SUCCESS)
        };
        answer(token, kind, &reply)
    }

    fn put(&mut self, pipe: u64, data: &Blob<'_>) -> u32 {
        let mut bytes = vec![0; data.len()];
        let _ = data.copy_to(&mut bytes);
        if let Some((_, waiting)) = self.pipes.iter_mut().find(|(id, _)| *id == pipe) {
            waiting.extend_from_slice(&bytes);
        }
        bytes.len() as u32
    }

    fn take(&mut self, token: u64, kind: UpcallKind, pipe: u64, max: u32) -> Vec<u8> {
        let mut data = Vec::new();
        let mut status = NtStatus::SUCCESS;
        if let Some((_, waiting)) = self.pipes.iter_mut().find(|(id, _)| *id == pipe) {
            if waiting.is_empty() {
                status = NtStatus::PIPE_EMPTY;
            }
            let n = waiting.len().min(max as usize);
            data.extend(waiting.drain(..n));
            if !waiting.is_empty() {
                status = NtStatus::BUFFER_OVERFLOW;
            }
        }
        answer(
            token,
            kind,
            &PipeDataReply {
                status,
                data: Blob::from(&data[..]),
            },
        )
    }
}

fn answer<B: UpcallReplyBody>(token: u64, kind: UpcallKind, body: &B) -> Vec<u8> {
    let mut w = AttrWriter::counting();
    let _ = write_upcall_reply(&mut w, token, kind, body);
    let mut buf = vec![0; w.len()];
    let mut w = AttrWriter::new(&mut buf);
    write_upcall_reply(&mut w, token, kind, body).expect("measured before");
    buf
}
