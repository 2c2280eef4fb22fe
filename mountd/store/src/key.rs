// SPDX-License-Identifier: GPL-2.0-or-later
//! The key that seals NT hashes at rest.
//!
//! An NT hash is as good as the password, so the database holds it only
//! encrypted: XChaCha20-Poly1305 under a key that argon2id derives from a key
//! file that only root can read, or from a passphrase. Whoever gets a copy of
//! the database alone gets no hash. The name of the account is authenticated
//! along, so that a sealed hash cannot be moved to another account.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroize;

use crate::{Error, NtHash, Result, Secret};

/// Where the key comes from.
pub enum KeySource {
    /// A file of mode 0600; made on first use.
    File(PathBuf),
    /// A passphrase that somebody typed.
    Passphrase(Secret<String>),
}

/// Cost of deriving the key (and of password verifiers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfParams {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for KdfParams {
    /// What OWASP recommends for argon2id: 19 MiB, two passes.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
        }
    }
}

impl KdfParams {
    /// As stored in the database.
    pub(crate) fn encode(self) -> String {
        format!("{},{},{}", self.memory_kib, self.passes, self.lanes)
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split(',').map(str::parse);
        let mut next = || parts.next()?.ok();
        let out = Self {
            memory_kib: next()?,
            passes: next()?,
            lanes: next()?,
        };
        // What is stored must not make a tool use up the machine.
        (out.memory_kib <= 4 << 20 && out.passes <= 1000 && out.lanes <= 64).then_some(out)
    }

    pub(crate) fn argon2(self) -> Result<Argon2<'static>> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None)
            .map_err(|e| Error::Crypto(format!("argon2 parameters: {e}")))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const SEALED_LEN: usize = NONCE_LEN + 16 + TAG_LEN;

/// Seals and opens NT hashes.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
}

impl Sealer {
    pub(crate) fn derive(secret: &Secret<String>, salt: &[u8], kdf: KdfParams) -> Result<Self> {
        let mut key = Secret::new([0u8; 32]);
        kdf.argon2()?
            .hash_password_into(secret.expose().as_bytes(), salt, key.expose_mut())
            .map_err(|e| Error::Crypto(format!("deriving the key: {e}")))?;
        let cipher = XChaCha20Poly1305::new(key.expose().into());
        Ok(Self { cipher })
    }

    /// `label` is what the value belongs to.
    pub(crate) fn seal(&self, label: &str, value: &[u8; 16]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let payload = Payload {
            msg: value,
            aad: label.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Crypto("sealing failed".into()))?;
        let mut out = nonce.to_vec();
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// `None` when key, label or bytes are not those of [`Sealer::seal`].
    pub(crate) fn open(&self, label: &str, sealed: &[u8]) -> Option<NtHash> {
        if sealed.len() != SEALED_LEN {
            return None;
        }
        let (nonce, text) = sealed.split_at(NONCE_LEN);
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        let payload = Payload {
            msg: text,
            aad: label.as_bytes(),
        };
        let mut plain = self.cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
        let hash = <[u8; 16]>::try_from(plain.as_slice()).ok().map(Secret::new);
        plain.zeroize();
        hash
    }
}

/// Random bytes of the kernel.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(|e| Error::Crypto(format!("getrandom: {e}")))?;
    Ok(out)
}

/// First word of a key file, so that a wrong path is noticed.
const MAGIC: &str = "ksmbd-key-1";

/// Reads the key file. `create`: makes it when it is missing.
pub(crate) fn load_key_file(path: &Path, create: bool) -> Result<Secret<String>> {
    match read_key_file(path) {
        Err(Error::KeyFileMissing { .. }) if create => {
            make_key_file(path)?;
            read_key_file(path)
        }
        other => other,
    }
}

fn read_key_file(path: &Path) -> Result<Secret<String>> {
    let io = |source| Error::Io {
        what: "reading the key file",
        path: path.into(),
        source,
    };
    let mut file = match File::open(path) {
        Ok(f) => f,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::KeyFileMissing { path: path.into() })
        }
        Err(e) => return Err(io(e)),
    };
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() || meta.mode() & 0o077 != 0 {
        return Err(Error::KeyFileOpen { path: path.into() });
    }
    let mut text = Secret::new(String::new());
    Read::by_ref(&mut file)
        .take(4096)
        .read_to_string(text.expose_mut())
        .map_err(|e| match e.kind() {
            std::io::ErrorKind::InvalidData => Error::KeyFileBad { path: path.into() },
            _ => io(e),
        })?;
    let mut words = text.expose().split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(MAGIC), Some(key), None)
            if key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            Ok(Secret::new(key.to_owned()))
        }
        _ => Err(Error::KeyFileBad { path: path.into() }),
    }
}

/// Makes the file complete under another name first, so that a second tool
/// that runs at the same time sees either nothing or the whole key.
fn make_key_file(path: &Path) -> Result<()> {
    let io = |source| Error::Io {
        what: "making the key file",
        path: path.into(),
        source,
    };
    let key = Secret::new(random::<32>()?);
    let mut text = Secret::new(format!("{MAGIC} "));
    for byte in key.expose() {
        text.expose_mut().push_str(&format!("{byte:02x}"));
    }
    text.expose_mut().push('\n');
    let mut tmp = path.as_os_str().to_owned();
    tmp.push(format!(".{:016x}", u64::from_ne_bytes(random()?)));
    let tmp = PathBuf::from(tmp);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&tmp)?;
        file.write_all(text.expose().as_bytes())?;
        file.sync_all()?;
        match fs::hard_link(&tmp, path) {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    };
    let out = write();
    let _ = fs::remove_file(&tmp);
    out.map_err(io)
}
