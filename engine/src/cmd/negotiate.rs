// SPDX-License-Identifier: GPL-2.0-or-later
//! NEGOTIATE ([MS-SMB2] 3.3.5.3, 3.3.5.4): dialect, algorithms and sizes of a connection, frozen with the reply.

use kernel::prelude::*;
use kernel::sync::Arc;

use proto_shared::dtyp::{FileTime, Guid};
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb1::negotiate::{
    Smb1NegotiateRequest, DIALECT_SMB_2_002, DIALECT_SMB_2_WILDCARD,
};
use proto_shared::smb2::negotiate_context::{
    ContextType, HashAlgorithm, NegotiateContext, NegotiateContexts,
};
use proto_shared::smb2::types::U16List;
use proto_shared::smb2::{
    Capabilities, Command, Dialect, Header, HeaderFlags, NegotiateRequest, NegotiateResponse,
    SecurityMode,
};
use proto_shared::status::NtStatus;

use crate::config::{Config, Policy};
use crate::conn::{Conn, Negotiated};
use crate::crypt::preauth;
use crate::error::{SmbError, SmbResult};
use crate::host::{Cipher, Crypto, Host, SigningAlgorithm};
use crate::work::{Element, Outcome, Reply, Work};

/// Largest transfer of dialect 2.0.2, which has no multi-credit requests.
const MAX_SMALL: u32 = 64 << 10;
/// Length of the salt in the reply's preauth context.
const SALT_LEN: usize = 32;

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    if w.conn.negotiated().is_some() || w.conn.negotiating.lock().pending.is_some() {
        w.conn.violation("second NEGOTIATE");
        return Ok(Outcome::NoReply);
    }
    let req = NegotiateRequest::parse(w.msg())?;
    let config = w
        .server()
        .config()
        .ok_or(SmbError::from(NtStatus::INSUFF_SERVER_RESOURCES))?;
    let dialect = choose_dialect(&req, &config).ok_or(SmbError::from(NtStatus::NOT_SUPPORTED))?;
    let crypto = w.host().crypto();
    let mut n = base(&config, dialect);
    n.client_capabilities = req.capabilities.0;
    n.client_security_mode = req.security_mode.0;
    n.client_guid = req.client_guid.0;
    let mut chosen = Contexts::default();
    if dialect == Dialect::SMB3_1_1 {
        choose_contexts(&req, &config, crypto, &mut n, &mut chosen)?;
        n.preauth = preauth::extend(crypto, &preauth::START, w.msg())?;
    } else if n.is_smb3() {
        // Before 3.1.1 the one cipher is offered by capability ([MS-SMB2] 3.3.5.4).
        let ccm = Cipher::Aes128Ccm;
        if config.encryption != Policy::Disabled
            && req.capabilities.contains(Capabilities::ENCRYPTION)
            && config.ciphers.contains(&ccm)
            && crypto.has_cipher(ccm)
        {
            n.cipher = Some(ccm);
            n.capabilities |= Capabilities::ENCRYPTION.0;
        }
    }
    if dialect.0 >= Dialect::SMB2_1.0 && config.flags.contains(ConfigFlags::LEASES) {
        n.capabilities |= Capabilities::LEASING.0;
    }
    if n.is_smb3()
        && n.capabilities & Capabilities::LEASING.0 != 0
        && config.flags.contains(ConfigFlags::DIRECTORY_LEASES)
        && req.capabilities.contains(Capabilities::DIRECTORY_LEASING)
    {
        n.capabilities |= Capabilities::DIRECTORY_LEASING.0;
    }
    if n.is_smb3()
        && config.flags.contains(ConfigFlags::MULTICHANNEL)
        && req.capabilities.contains(Capabilities::MULTI_CHANNEL)
    {
        n.capabilities |= Capabilities::MULTI_CHANNEL.0;
    }
    write_reply(w, out, &config, &n, &chosen)?;
    w.conn.negotiating.lock().pending = Some(n);
    Ok(Outcome::Done)
}

/// The reply's bytes are made: what they say holds from now on.
///
/// # Errors
/// Without memory.
pub(crate) fn settle<H: Host>(w: &Work<H>, status: NtStatus, head: &[u8]) -> SmbResult {
    let pending = w.conn.negotiating.lock().pending.take();
    let Some(mut n) = pending else {
        return Ok(());
    };
    if status != NtStatus::SUCCESS {
        return Ok(());
    }
    if n.dialect >= Dialect::SMB3_1_1.0 {
        n.preauth = preauth::extend(w.host().crypto(), &n.preauth, head)?;
    }
    w.conn.set_negotiated(n);
    Ok(())
}

/// The highest dialect that both sides have.
fn choose_dialect(req: &NegotiateRequest<'_>, config: &Config) -> Option<Dialect> {
    [
        Dialect::SMB3_1_1,
        Dialect::SMB3_0_2,
        Dialect::SMB3_0,
        Dialect::SMB2_1,
        Dialect::SMB2_0_2,
    ]
    .into_iter()
    .find(|d| (config.min_dialect..=config.max_dialect).contains(&d.0) && req.offers(*d))
}

/// What follows from the dialect alone.
fn base(config: &Config, dialect: Dialect) -> Negotiated {
    let multi_credit = dialect.0 >= Dialect::SMB2_1.0;
    let size = |configured: u32| if multi_credit { configured } else { MAX_SMALL };
    let mut security_mode = SecurityMode::SIGNING_ENABLED;
    if config.signing == Policy::Mandatory {
        security_mode |= SecurityMode::SIGNING_REQUIRED;
    }
    Negotiated {
        dialect: dialect.0,
        signing: if dialect.0 >= Dialect::SMB3_0.0 {
            SigningAlgorithm::AesCmac
        } else {
            SigningAlgorithm::HmacSha256
        },
        cipher: None,
        multi_credit,
        posix: false,
        max_read: size(config.max_read),
        max_write: size(config.max_write),
        max_trans: size(config.max_trans),
        capabilities: if multi_credit {
            Capabilities::LARGE_MTU.0
        } else {
            0
        },
        security_mode: security_mode.0,
        client_capabilities: 0,
        client_security_mode: 0,
        client_guid: [0; 16],
        server_guid: config.server_guid,
        preauth: preauth::START,
    }
}

/// The reply's contexts, as far as the client asked for them.
#[derive(Default)]
struct Contexts {
    salt: [u8; SALT_LEN],
    preauth: bool,
    /// The cipher's number, or 0 for none in common.
    cipher: Option<[u8; 2]>,
    signing: Option<[u8; 2]>,
}

/// Algorithms of 3.1.1 ([MS-SMB2] 3.3.5.4). A context that comes twice is refused.
fn choose_contexts<C: Crypto>(
    req: &NegotiateRequest<'_>,
    config: &Config,
    crypto: &C,
    n: &mut Negotiated,
    chosen: &mut Contexts,
) -> SmbResult {
    let contexts = &req.contexts;
    for once in [
        ContextType::PREAUTH_INTEGRITY_CAPABILITIES,
        ContextType::ENCRYPTION_CAPABILITIES,
        ContextType::COMPRESSION_CAPABILITIES,
        ContextType::RDMA_TRANSFORM_CAPABILITIES,
        ContextType::SIGNING_CAPABILITIES,
        ContextType::POSIX_EXTENSIONS_AVAILABLE,
    ] {
        if contexts.count(once) > 1 {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
    }
    let Some(NegotiateContext::PreauthIntegrity { hashes, .. }) =
        contexts.find(ContextType::PREAUTH_INTEGRITY_CAPABILITIES)
    else {
        return Err(NtStatus::INVALID_PARAMETER.into());
    };
    if hashes.is_empty() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if !hashes.contains(HashAlgorithm::SHA_512.0) {
        return Err(NtStatus::SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP.into());
    }
    chosen.preauth = true;
    if let Some(NegotiateContext::Encryption { ciphers }) =
        contexts.find(ContextType::ENCRYPTION_CAPABILITIES)
    {
        if ciphers.is_empty() {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        if config.encryption != Policy::Disabled {
            n.cipher = config
                .ciphers
                .iter()
                .copied()
                .find(|c| ciphers.contains(*c as u16) && crypto.has_cipher(*c));
        }
        chosen.cipher = Some(n.cipher.map_or(0, |c| c as u16).to_le_bytes());
    }
    if let Some(NegotiateContext::Signing { algorithms }) =
        contexts.find(ContextType::SIGNING_CAPABILITIES)
    {
        if algorithms.is_empty() {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let common = config
            .signing_algorithms
            .iter()
            .copied()
            .find(|a| algorithms.contains(*a as u16));
        // Without one in common AES-CMAC it is, and the reply says nothing.
        if let Some(algorithm) = common {
            n.signing = algorithm;
            chosen.signing = Some((algorithm as u16).to_le_bytes());
        }
    }
    // A version of the extensions that is not ours is one that we do not have.
    if config.flags.contains(ConfigFlags::POSIX)
        && matches!(
            contexts.find(ContextType::POSIX_EXTENSIONS_AVAILABLE),
            Some(NegotiateContext::Posix)
        )
    {
        n.posix = true;
    }
    Ok(())
}

fn write_reply<H: Host>(
    w: &Work<H>,
    out: &mut Reply<H>,
    config: &Config,
    n: &Negotiated,
    chosen: &Contexts,
) -> SmbResult {
    let mut salt = chosen.salt;
    if chosen.preauth {
        w.host().random(&mut salt);
    }
    let sha512 = HashAlgorithm::SHA_512.0.to_le_bytes();
    let mut contexts: KVec<NegotiateContext<'_>> = KVec::new();
    if chosen.preauth {
        contexts.push(
            NegotiateContext::PreauthIntegrity {
                hashes: U16List::one(&sha512),
                salt: &salt,
            },
            GFP_KERNEL,
        )?;
    }
    if let Some(cipher) = &chosen.cipher {
        contexts.push(
            NegotiateContext::Encryption {
                ciphers: U16List::one(cipher),
            },
            GFP_KERNEL,
        )?;
    }
    if let Some(signing) = &chosen.signing {
        contexts.push(
            NegotiateContext::Signing {
                algorithms: U16List::one(signing),
            },
            GFP_KERNEL,
        )?;
    }
    if n.posix {
        contexts.push(NegotiateContext::Posix, GFP_KERNEL)?;
    }
    let now = w.host().wall_clock();
    let reply = NegotiateResponse {
        security_mode: SecurityMode(n.security_mode),
        dialect: Dialect(n.dialect),
        server_guid: Guid(n.server_guid),
        capabilities: Capabilities(n.capabilities),
        max_transact_size: n.max_trans,
        max_read_size: n.max_read,
        max_write_size: n.max_write,
        system_time: FileTime::from_unix(now.sec, now.nsec),
        server_start_time: FileTime(0),
        security_buffer: &config.security_blob,
        contexts: NegotiateContexts::from_values(&contexts),
    };
    let room = config.security_blob.len().saturating_add(256);
    out.write(room, |b| reply.write(b))
}

/// An SMB1 NEGOTIATE that offers SMB2 ([MS-SMB2] 3.3.5.3.1): answered in SMB2 with MessageId 0.
///
/// # Errors
/// Why the connection has to end.
pub(crate) fn multi_protocol<H: Host>(
    conn: &Arc<Conn<H>>,
    frame: &[u8],
) -> core::result::Result<(), &'static str> {
    let req = Smb1NegotiateRequest::parse(frame).map_err(|m| m.what)?;
    if conn.negotiated().is_some() {
        return Err("SMB1 frame on an SMB2 connection");
    }
    {
        let mut negotiating = conn.negotiating.lock();
        if negotiating.multi_protocol {
            return Err("second SMB1 NEGOTIATE");
        }
        negotiating.multi_protocol = true;
    }
    let config = conn.server.config().ok_or("server stops")?;
    let dialect = if req.offers(DIALECT_SMB_2_WILDCARD) && config.max_dialect >= Dialect::SMB2_1.0 {
        Dialect::SMB2_WILDCARD
    } else if req.offers(DIALECT_SMB_2_002) && config.min_dialect <= Dialect::SMB2_0_2.0 {
        Dialect::SMB2_0_2
    } else {
        return Err("SMB1 without a dialect of SMB2");
    };
    answer_multi_protocol(conn, &config, dialect).map_err(|_| "no memory")
}

fn answer_multi_protocol<H: Host>(
    conn: &Arc<Conn<H>>,
    config: &Config,
    dialect: Dialect,
) -> SmbResult {
    let mut n = base(config, dialect);
    if dialect == Dialect::SMB2_WILDCARD {
        // Only sizes and the token count in this reply; everything is negotiated again.
        n.signing = SigningAlgorithm::HmacSha256;
    }
    conn.use_first_id();
    let now = conn.server.host().wall_clock();
    let reply = NegotiateResponse {
        security_mode: SecurityMode(n.security_mode),
        dialect,
        server_guid: Guid(n.server_guid),
        capabilities: Capabilities(n.capabilities),
        max_transact_size: n.max_trans,
        max_read_size: n.max_read,
        max_write_size: n.max_write,
        system_time: FileTime::from_unix(now.sec, now.nsec),
        server_start_time: FileTime(0),
        security_buffer: &config.security_blob,
        contexts: NegotiateContexts::EMPTY,
    };
    let mut out: Reply<H> = Reply::new();
    out.write(config.security_blob.len().saturating_add(128), |b| {
        reply.write(b)
    })?;
    let header = Header {
        command: Command::NEGOTIATE,
        credits: conn.grant(1),
        flags: HeaderFlags::SERVER_TO_REDIR,
        ..Header::default()
    };
    let room = out.head.get_mut(..proto_shared::limits::SMB2_HEADER_LEN);
    room.ok_or(SmbError::from(NtStatus::INTERNAL_ERROR))?
        .copy_from_slice(&header.to_bytes());
    if dialect == Dialect::SMB2_0_2 {
        conn.set_negotiated(n);
    }
    let mut elements = KVec::new();
    elements.push(
        Element {
            head: out.head,
            payload: None,
            signer: None,
        },
        GFP_KERNEL,
    )?;
    conn.send(elements, None)
}
