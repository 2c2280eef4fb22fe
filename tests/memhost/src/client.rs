// SPDX-License-Identifier: GPL-2.0-or-later
//! A client in the same process. It builds requests with the writers of `proto_shared` and has its own keys,
//! derived here and not by the engine's code, so that the two check each other.

mod chain;

use kernel::alloc::{flags::GFP_KERNEL, KVec};
use ksmbd_engine::conn::Conn;
use ksmbd_engine::host::{Cipher, Crypto, Part, Segment, SigningAlgorithm};
use ksmbd_hostcrypto::{AeadKey, HostCrypto, MacKey};
use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::{Guid, Utf16};
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions, FileAttributes, ShareAccess};
use proto_shared::smb2::close::CloseFlags;
use proto_shared::smb2::create::ImpersonationLevel;
use proto_shared::smb2::header::{Header, SIGNATURE_LEN, SIGNATURE_OFFSET};
use proto_shared::smb2::negotiate_context::{NegotiateContext, NegotiateContexts};
use proto_shared::smb2::session_setup::{SessionSetupFlags, SetupSecurityMode};
use proto_shared::smb2::transform::TransformHeader;
use proto_shared::smb2::types::U16List;
use proto_shared::smb2::{
    Capabilities, CloseRequest, Command, CreateRequest, CreateResponse, Dialect, FileId,
    HeaderFlags, NegotiateRequest, NegotiateResponse, OplockLevel, ReadRequest, ReadResponse,
    SecurityMode, SessionSetupRequest, TreeConnectRequest, WriteRequest,
};
use proto_shared::status::NtStatus;

use crate::daemon::SESSION_KEY;
use crate::{Data, MemHost, Rig, Shared, Wire};

/// How a client speaks.
#[derive(Clone)]
pub struct Options {
    /// Dialects offered.
    pub dialects: Vec<u16>,
    /// Ciphers offered (3.1.1), by number.
    pub ciphers: Vec<u16>,
    /// Signing algorithms offered (3.1.1), by number.
    pub signing: Vec<u16>,
    /// Signs every request.
    pub sign: bool,
    /// Encrypts every request once it can.
    pub seal: bool,
    /// Blob of SESSION_SETUP, see [`crate::daemon`].
    pub blob: &'static str,
    /// Last byte of the client's address.
    pub address: u8,
    /// ClientGuid of NEGOTIATE.
    pub guid: [u8; 16],
    /// Further capabilities that NEGOTIATE tells of.
    pub capabilities: Capabilities,
    /// PreviousSessionId of SESSION_SETUP.
    pub previous_session: u64,
    /// Offers the SMB3 POSIX extensions (3.1.1).
    pub posix: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dialects: vec![0x0202, 0x0210, 0x0300, 0x0302, 0x0311],
            ciphers: vec![2, 1],
            signing: vec![1],
            sign: false,
            seal: false,
            blob: "user:alice",
            address: 1,
            guid: *b"memhost's client",
            capabilities: Capabilities::NONE,
            previous_session: 0,
            posix: false,
        }
    }
}

/// Keys of a session.
struct Keys {
    signing: MacKey,
    /// The same key as bytes.
    signing_bytes: Vec<u8>,
    to_server: Option<AeadKey>,
    from_server: Option<AeadKey>,
}

/// A reply.
#[derive(Debug)]
pub struct Reply {
    /// Its header.
    pub header: Header,
    /// The whole message.
    pub message: Vec<u8>,
}

impl Reply {
    /// The status.
    pub fn status(&self) -> NtStatus {
        self.header.status
    }

    /// The message if the status is SUCCESS.
    ///
    /// # Errors
    /// The status.
    pub fn ok(self) -> Result<Vec<u8>, NtStatus> {
        if self.header.status == NtStatus::SUCCESS {
            Ok(self.message)
        } else {
            Err(self.header.status)
        }
    }
}

/// A client and its connection.
pub struct Client<'a> {
    rig: &'a Rig,
    /// The engine's connection.
    pub conn: Shared<Conn<MemHost>>,
    /// What the engine sends.
    pub wire: Wire,
    options: Options,
    crypto: HostCrypto<Data>,
    /// Number of the next request.
    pub message_id: u64,
    /// Session, once there is one.
    pub session_id: u64,
    /// Tree, once there is one.
    pub tree_id: u32,
    /// What NEGOTIATE chose.
    pub dialect: u16,
    algorithm: SigningAlgorithm,
    cipher: Option<Cipher>,
    preauth: [u8; 64],
    keys: Option<Keys>,
    nonce: u64,
    /// The last reply to SESSION_SETUP comes with a key that is still to be derived.
    binding: bool,
    /// The keys stay as they are: who logs in again has them ([MS-SMB2] 3.2.5.3.3).
    keep_keys: bool,
    /// Whether the connection is still there.
    pub alive: bool,
    /// Frames that came besides the replies asked for.
    pub unasked: Vec<Vec<u8>>,
    /// The server offered the SMB3 POSIX extensions in return.
    pub posix: bool,
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        self.rig.disconnect(&self.conn, &self.wire);
    }
}

/// What a reply comes to whose signature is wrong or missing.
pub const BAD_SIGNATURE: NtStatus = NtStatus(0xC000_A000);
/// What a reply comes to that does not decrypt.
pub const BAD_ENCRYPTION: NtStatus = NtStatus(0xC000_028B);
/// What a request comes to when the connection ends instead.
pub const CLOSED: NtStatus = NtStatus::CONNECTION_DISCONNECTED;

impl<'a> Client<'a> {
    /// Connects.
    ///
    /// # Errors
    /// The engine's.
    pub fn connect(rig: &'a Rig, options: Options) -> kernel::error::Result<Self> {
        let (conn, wire) = rig.connect(options.address)?;
        Ok(Self {
            rig,
            conn,
            wire,
            options,
            crypto: HostCrypto::new(),
            message_id: 0,
            session_id: 0,
            tree_id: 0,
            dialect: 0,
            algorithm: SigningAlgorithm::HmacSha256,
            cipher: None,
            preauth: [0; 64],
            keys: None,
            nonce: 0,
            binding: false,
            keep_keys: false,
            alive: true,
            unasked: Vec::new(),
            posix: false,
        })
    }

    /// Connects, negotiates and logs in.
    ///
    /// # Panics
    /// If that does not succeed.
    pub fn log_in(rig: &'a Rig, options: Options) -> Self {
        let mut client = Self::connect(rig, options).unwrap();
        client.negotiate().unwrap();
        client.session_setup().unwrap();
        client
    }

    /// Logs in as somebody else from now on.
    pub fn set_blob(&mut self, blob: &'static str) {
        self.options.blob = blob;
    }

    /// The server.
    pub fn rig(&self) -> &'a Rig {
        self.rig
    }

    /// A header for the next request.
    pub fn header(&mut self, command: Command) -> Header {
        self.charged(command, 1)
    }

    /// The same for a request that costs more than one credit.
    pub fn charged(&mut self, command: Command, charge: u16) -> Header {
        let header = Header {
            credit_charge: if self.dialect > 0x0202 { charge } else { 0 },
            command,
            credits: 64,
            message_id: self.message_id,
            process_id: 0xfeff,
            tree_id: self.tree_id,
            session_id: self.session_id,
            ..Header::default()
        };
        self.message_id += u64::from(charge);
        header
    }

    /// Builds a message.
    ///
    /// # Panics
    /// If it does not fit into 16 MiB.
    pub fn message(
        header: &Header,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>,
        room: usize,
    ) -> Vec<u8> {
        let mut buf = vec![0; room + 4096];
        let mut w = Writer::new(&mut buf);
        header.write(&mut w).unwrap();
        body(&mut w).unwrap();
        let len = w.len();
        buf.truncate(len);
        buf
    }

    /// Sends a request and takes its reply; interim replies and what the server says of its own accord are
    /// put aside.
    ///
    /// # Errors
    /// [`CLOSED`] if the connection ends, `IO_TIMEOUT` if no reply comes.
    pub fn call(
        &mut self,
        command: Command,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>,
    ) -> Result<Reply, NtStatus> {
        let header = self.header(command);
        let message = Self::message(&header, body, 0);
        self.exchange(message)
    }

    /// Sends a message as it is (signed or sealed as the options say) and takes the reply to it.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn exchange(&mut self, message: Vec<u8>) -> Result<Reply, NtStatus> {
        let id = Header::parse(&message).map_or(u64::MAX, |h| h.message_id);
        self.send(message);
        self.reply_to(id)
    }

    /// Sends a message, signed or sealed as the options say.
    pub fn send(&mut self, mut message: Vec<u8>) {
        if self.keys.is_some() && self.options.seal && self.cipher.is_some() {
            message = self.seal(message);
        } else if self.keys.is_some() && self.options.sign {
            self.sign(&mut message);
        }
        self.send_raw(&message);
    }

    /// Sends a frame untouched.
    pub fn send_raw(&mut self, frame: &[u8]) {
        if self.alive {
            self.alive = self.rig.receive(&self.conn, &self.wire, frame);
        }
    }

    /// The final reply to a request that was sent before.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub fn reply_to(&mut self, id: u64) -> Result<Reply, NtStatus> {
        while let Some(frame) = self.wire.take() {
            let frame = self.unseal(frame)?;
            for message in proto_shared::smb2::header::Compound::new(&frame) {
                let (header, message) = message.expect("the engine's replies are well-formed");
                if header.message_id == id && header.status != NtStatus::PENDING {
                    self.check_signature(&header, message)?;
                    return Ok(Reply {
                        header,
                        message: message.to_vec(),
                    });
                }
                self.unasked.push(message.to_vec());
            }
        }
        Err(if self.alive {
            NtStatus::IO_TIMEOUT
        } else {
            CLOSED
        })
    }

    /// NEGOTIATE.
    ///
    /// # Errors
    /// The reply's status, or as [`Client::call`].
    pub fn negotiate(&mut self) -> Result<(), NtStatus> {
        let bytes = |list: &[u16]| {
            list.iter()
                .flat_map(|v| v.to_le_bytes())
                .collect::<Vec<u8>>()
        };
        let (dialects, ciphers, signing) = (
            bytes(&self.options.dialects),
            bytes(&self.options.ciphers),
            bytes(&self.options.signing),
        );
        let list = |bytes| U16List::new(bytes).unwrap();
        let mut contexts = vec![NegotiateContext::PreauthIntegrity {
            hashes: list(&[1, 0]),
            salt: b"a salt",
        }];
        if !ciphers.is_empty() {
            contexts.push(NegotiateContext::Encryption {
                ciphers: list(&ciphers),
            });
        }
        if !signing.is_empty() {
            contexts.push(NegotiateContext::Signing {
                algorithms: list(&signing),
            });
        }
        if self.options.posix {
            contexts.push(NegotiateContext::Posix);
        }
        let offers_311 = self.options.dialects.contains(&0x0311);
        let mode = if self.options.sign {
            SecurityMode::SIGNING_REQUIRED
        } else {
            SecurityMode::SIGNING_ENABLED
        };
        let request = NegotiateRequest {
            security_mode: mode,
            capabilities: Capabilities::ENCRYPTION
                | Capabilities::LARGE_MTU
                | self.options.capabilities,
            client_guid: Guid(self.options.guid),
            dialects: list(&dialects),
            contexts: if offers_311 {
                NegotiateContexts::from_values(&contexts)
            } else {
                NegotiateContexts::EMPTY
            },
        };
        let header = self.header(Command::NEGOTIATE);
        let message = Self::message(&header, |w| request.write(w), 0);
        let reply = self.exchange(message.clone())?.ok()?;
        let response =
            NegotiateResponse::parse(&reply).expect("the engine's replies are well-formed");
        self.dialect = response.dialect.0;
        self.algorithm = match self.dialect {
            0..=0x02ff => SigningAlgorithm::HmacSha256,
            _ => SigningAlgorithm::AesCmac,
        };
        if response.dialect == Dialect::SMB3_1_1 {
            self.preauth = [0; 64];
            self.extend(&message);
            self.extend(&reply);
        } else if self.dialect >= 0x0300 && response.capabilities.contains(Capabilities::ENCRYPTION)
        {
            self.cipher = Some(Cipher::Aes128Ccm);
        }
        for context in response.contexts.iter() {
            match context {
                NegotiateContext::Encryption { ciphers } => {
                    self.cipher = match ciphers.iter().next() {
                        Some(1) => Some(Cipher::Aes128Ccm),
                        Some(2) => Some(Cipher::Aes128Gcm),
                        Some(3) => Some(Cipher::Aes256Ccm),
                        Some(4) => Some(Cipher::Aes256Gcm),
                        _ => None,
                    };
                }
                NegotiateContext::Signing { algorithms } => {
                    self.algorithm = match algorithms.iter().next() {
                        Some(0) => SigningAlgorithm::HmacSha256,
                        Some(2) => SigningAlgorithm::AesGmac,
                        _ => SigningAlgorithm::AesCmac,
                    };
                }
                NegotiateContext::Posix => self.posix = true,
                _ => {}
            }
        }
        Ok(())
    }

    /// SESSION_SETUP, as many legs as it takes.
    ///
    /// # Errors
    /// The last reply's status, or as [`Client::call`].
    pub fn session_setup(&mut self) -> Result<(), NtStatus> {
        self.session_id = 0;
        self.keys = None;
        self.set_up(SessionSetupFlags::NONE)
    }

    /// SESSION_SETUP that makes this connection a channel of another one's session. Both have to sign.
    ///
    /// # Errors
    /// The last reply's status, or as [`Client::call`].
    pub fn bind(&mut self, first: &Client<'_>) -> Result<(), NtStatus> {
        self.session_id = first.session_id;
        self.keys = first.keys.as_ref().map(|keys| Keys {
            signing: self
                .crypto
                .mac_key(first.algorithm, &keys.signing_bytes)
                .unwrap(),
            signing_bytes: keys.signing_bytes.clone(),
            to_server: None,
            from_server: None,
        });
        self.binding = true;
        let result = self.set_up(SessionSetupFlags::BINDING);
        self.binding = false;
        if result.is_err() {
            self.keys = None;
        }
        result
    }

    /// SESSION_SETUP in a session that is there already, signed with its key if this client signs.
    ///
    /// # Errors
    /// The last reply's status, or as [`Client::call`].
    pub fn reauthenticate(&mut self) -> Result<(), NtStatus> {
        self.binding = self.options.sign && !self.options.seal;
        self.keep_keys = true;
        let result = self.set_up(SessionSetupFlags::NONE);
        (self.binding, self.keep_keys) = (false, false);
        result
    }

    fn set_up(&mut self, flags: SessionSetupFlags) -> Result<(), NtStatus> {
        let preauth = self.preauth;
        let result = self.legs(flags);
        // Each session continues the connection's hash anew.
        self.preauth = preauth;
        result
    }

    fn legs(&mut self, flags: SessionSetupFlags) -> Result<(), NtStatus> {
        loop {
            let mode = if self.options.sign {
                SetupSecurityMode::SIGNING_REQUIRED
            } else {
                SetupSecurityMode::SIGNING_ENABLED
            };
            let request = SessionSetupRequest {
                flags,
                security_mode: mode,
                capabilities: Capabilities::NONE,
                previous_session_id: self.options.previous_session,
                security_buffer: self.options.blob.as_bytes(),
            };
            let header = self.header(Command::SESSION_SETUP);
            let mut message = Self::message(&header, |w| request.write(w), 0);
            if self.binding {
                // What is hashed is what is sent.
                self.sign(&mut message);
            }
            if self.dialect == 0x0311 {
                self.extend(&message);
            }
            let id = header.message_id;
            self.send(message);
            let reply = self.reply_to(id)?;
            match reply.status() {
                NtStatus::MORE_PROCESSING_REQUIRED => {
                    self.session_id = reply.header.session_id;
                    if self.dialect == 0x0311 {
                        self.extend(&reply.message);
                    }
                }
                NtStatus::SUCCESS => {
                    self.session_id = reply.header.session_id;
                    if !self.keep_keys {
                        self.keys = Some(kernel::shim::without_failures(|| self.derive_keys()));
                    }
                    self.binding = false;
                    if reply.header.is_signed() {
                        self.check_signature(&reply.header, &reply.message)?;
                    }
                    return Ok(());
                }
                status => return Err(status),
            }
        }
    }

    /// TREE_CONNECT to a share.
    ///
    /// # Errors
    /// The reply's status, or as [`Client::call`].
    pub fn tree_connect(&mut self, share: &str) -> Result<(), NtStatus> {
        let path = utf16(&format!("\\\\memhost\\{share}"));
        self.tree_id = 0;
        let request = TreeConnectRequest {
            flags: Default::default(),
            path: Utf16::new(&path).unwrap(),
            context_count: 0,
        };
        let reply = self.call(Command::TREE_CONNECT, |w| request.write(w))?;
        self.tree_id = reply.header.tree_id;
        reply.ok().map(drop)
    }

    /// CREATE with everything allowed to others.
    ///
    /// # Errors
    /// The reply's status, or as [`Client::call`].
    pub fn create(
        &mut self,
        path: &str,
        access: AccessMask,
        disposition: CreateDisposition,
        options: CreateOptions,
    ) -> Result<FileId, NtStatus> {
        let name = utf16(path);
        let reply = self.call(Command::CREATE, |w| {
            create_request(&name, access, disposition, options).write(w)
        })?;
        let message = reply.ok()?;
        Ok(CreateResponse::parse(&message)
            .expect("the engine's replies are well-formed")
            .file_id)
    }

    /// CLOSE.
    ///
    /// # Errors
    /// The reply's status, or as [`Client::call`].
    pub fn close(&mut self, file_id: FileId) -> Result<(), NtStatus> {
        let request = CloseRequest {
            flags: CloseFlags::NONE,
            file_id,
        };
        self.call(Command::CLOSE, |w| request.write(w))?
            .ok()
            .map(drop)
    }

    /// READ of at most 64 KiB.
    ///
    /// # Errors
    /// The reply's status, or as [`Client::call`].
    pub fn read(&mut self, file_id: FileId, offset: u64, length: u32) -> Result<Vec<u8>, NtStatus> {
        let request = read_request(file_id, offset, length);
        let message = self.call(Command::READ, |w| request.write(w))?.ok()?;
        let (_, data) =
            ReadResponse::parse(&message).expect("the engine's replies are well-formed");
        Ok(data.to_vec())
    }

    /// WRITE of any length, with the credits that it costs.
    ///
    /// # Errors
    /// The reply's status, or as [`Client::call`].
    pub fn write(&mut self, file_id: FileId, offset: u64, data: &[u8]) -> Result<(), NtStatus> {
        let charge = data.len().max(1).div_ceil(65536) as u16;
        let header = self.charged(Command::WRITE, charge);
        let request = WriteRequest::new(file_id, offset, data);
        let message = Self::message(&header, |w| request.write(w), data.len());
        self.exchange(message)?.ok().map(drop)
    }

    fn extend(&mut self, message: &[u8]) {
        let before = self.preauth;
        self.crypto
            .sha512(&[&before, message], &mut self.preauth)
            .unwrap();
    }

    /// SP 800-108 in counter mode with HMAC-SHA256 ([MS-SMB2] 3.1.4.2).
    fn kdf(&self, key: &[u8], label: &str, context: &[u8], len: usize) -> Vec<u8> {
        let mut out = [0; 32];
        let bits = (len as u32 * 8).to_be_bytes();
        let parts: [&[u8]; 6] = [
            &[0, 0, 0, 1],
            label.as_bytes(),
            &[0, 0],
            context,
            &bits,
            &[],
        ];
        // The label's own NUL and the separator.
        self.crypto.hmac_sha256(key, &parts, &mut out).unwrap();
        out[..len].to_vec()
    }

    fn derive_keys(&self) -> Keys {
        let mac = |key: &[u8]| self.crypto.mac_key(self.algorithm, key).unwrap();
        if self.dialect < 0x0300 {
            return Keys {
                signing: mac(&SESSION_KEY),
                signing_bytes: SESSION_KEY.to_vec(),
                to_server: None,
                from_server: None,
            };
        }
        let new = self.dialect == 0x0311;
        let names: [(&str, &[u8]); 3] = if new {
            [
                ("SMBSigningKey", &self.preauth),
                ("SMBC2SCipherKey", &self.preauth),
                ("SMBS2CCipherKey", &self.preauth),
            ]
        } else {
            [
                ("SMB2AESCMAC", b"SmbSign\0"),
                ("SMB2AESCCM", b"ServerIn \0"),
                ("SMB2AESCCM", b"ServerOut\0"),
            ]
        };
        let signing = self.kdf(&SESSION_KEY, names[0].0, names[0].1, 16);
        let aead = |(label, context): (&str, &[u8])| {
            self.cipher.map(|cipher| {
                let key = self.kdf(&SESSION_KEY, label, context, cipher.key_len());
                self.crypto.aead_key(cipher, &key).unwrap()
            })
        };
        Keys {
            signing: mac(&signing),
            signing_bytes: signing,
            to_server: aead(names[1]),
            from_server: aead(names[2]),
        }
    }

    fn mac(&self, header: &Header, message: &[u8], from_server: bool) -> [u8; 16] {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&header.message_id.to_le_bytes());
        nonce[8] = u8::from(from_server) | u8::from(header.command == Command::CANCEL) << 1;
        let mut out = [0; 16];
        let rest = &message[SIGNATURE_OFFSET + SIGNATURE_LEN..];
        let parts = [
            Part::Bytes(&message[..SIGNATURE_OFFSET]),
            Part::Bytes(&[0; SIGNATURE_LEN]),
            Part::Bytes(rest),
        ];
        if let Some(keys) = &self.keys {
            self.crypto
                .mac(&keys.signing, &nonce, &parts, &mut out)
                .unwrap();
        }
        out
    }

    /// Signs a single message in place.
    pub fn sign(&self, message: &mut [u8]) {
        let flags = message[16];
        message[16] = flags | HeaderFlags::SIGNED.0 as u8;
        let Ok(header) = Header::parse(message) else {
            return;
        };
        let mac = self.mac(&header, message, false);
        message[SIGNATURE_OFFSET..SIGNATURE_OFFSET + SIGNATURE_LEN].copy_from_slice(&mac);
    }

    fn check_signature(&self, header: &Header, message: &[u8]) -> Result<(), NtStatus> {
        if self.keys.is_none() || self.session_id != header.session_id {
            return Ok(());
        }
        if self.binding && header.status == NtStatus::SUCCESS {
            return Ok(());
        }
        let sealed = self.options.seal && self.cipher.is_some();
        if !header.is_signed() {
            return if self.options.sign && !sealed {
                Err(BAD_SIGNATURE)
            } else {
                Ok(())
            };
        }
        if self.mac(header, message, true) == header.signature {
            Ok(())
        } else {
            Err(BAD_SIGNATURE)
        }
    }

    /// Encrypts a message.
    ///
    /// # Panics
    /// Without keys.
    pub fn seal(&mut self, message: Vec<u8>) -> Vec<u8> {
        let cipher = self.cipher.unwrap();
        self.nonce += 1;
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.nonce.to_le_bytes());
        let mut header = TransformHeader {
            signature: [0; 16],
            nonce,
            original_message_size: message.len() as u32,
            session_id: self.session_id,
        };
        let aad = header.to_bytes();
        let mut text = [Segment::Payload(Data(message))];
        let key = self
            .keys
            .as_ref()
            .and_then(|k| k.to_server.as_ref())
            .unwrap();
        self.crypto
            .seal(
                key,
                &nonce[..cipher.nonce_len()],
                &aad[20..],
                &mut text,
                &mut header.signature,
            )
            .unwrap();
        let mut frame = header.to_bytes().to_vec();
        for segment in &text {
            if let Segment::Payload(p) = segment {
                frame.extend_from_slice(&p.0);
            }
        }
        frame
    }

    fn unseal(&self, mut frame: Vec<u8>) -> Result<Vec<u8>, NtStatus> {
        if frame.first() != Some(&0xfd) {
            return Ok(frame);
        }
        let (header, _) =
            TransformHeader::parse(&frame).expect("the engine's replies are well-formed");
        let cipher = self.cipher.ok_or(BAD_ENCRYPTION)?;
        let key = self
            .keys
            .as_ref()
            .and_then(|k| k.from_server.as_ref())
            .ok_or(BAD_ENCRYPTION)?;
        let mut text = frame.split_off(52);
        self.crypto
            .open(
                key,
                &header.nonce[..cipher.nonce_len()],
                &frame[20..52],
                &mut text,
                &header.signature,
            )
            .map_err(|_| BAD_ENCRYPTION)?;
        Ok(text)
    }
}

/// Text as the wire has it.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A CREATE request with everything allowed to others.
///
/// # Panics
/// If the name has an odd number of bytes.
pub fn create_request(
    name: &[u8],
    access: AccessMask,
    disposition: CreateDisposition,
    options: CreateOptions,
) -> CreateRequest<'_> {
    CreateRequest {
        oplock_level: OplockLevel::NONE,
        impersonation_level: ImpersonationLevel::IMPERSONATION,
        desired_access: access,
        file_attributes: FileAttributes::NORMAL,
        share_access: ShareAccess(7),
        create_disposition: disposition,
        create_options: options,
        name: Utf16::new(name).unwrap(),
        contexts: Default::default(),
    }
}

/// A READ request.
pub fn read_request(file_id: FileId, offset: u64, length: u32) -> ReadRequest<'static> {
    ReadRequest {
        padding: 0,
        flags: Default::default(),
        length,
        offset,
        file_id,
        minimum_count: 0,
        channel: Default::default(),
        remaining_bytes: 0,
        channel_info: &[],
    }
}

/// Bytes in the engine's own kind of vector.
///
/// # Panics
/// Without memory.
pub fn kvec(bytes: &[u8]) -> KVec<u8> {
    let mut v = KVec::new();
    v.extend_from_slice(bytes, GFP_KERNEL).unwrap();
    v
}
