// SPDX-License-Identifier: GPL-2.0-or-later
//! The accepting side of Kerberos through the system's GSSAPI (RFC 2744, RFC
//! 4121), as MIT krb5 has it.
//!
//! The library is opened when Kerberos is first used: nobody needs it, or its
//! header files, to build the daemon or to run it without Kerberos.
//!
//! All `unsafe` of it is in `sys`, where each call has a safe face: buffers in,
//! owned values out. What a client sent goes to the library as pointer and
//! length and is not looked at here.

mod sys;

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use zeroize::Zeroizing;

use sys::{Context, Cred, Library, Name};

/// What the library's calls come to when they fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    what: &'static str,
    why: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

impl std::error::Error for Error {}

/// Name of the library, as its ABI has been called since 2000.
const LIBRARY: &str = "libgssapi_krb5.so.2";

/// The library; it is opened once.
fn library() -> Result<&'static Library, Error> {
    static LIB: OnceLock<Result<Library, Error>> = OnceLock::new();
    LIB.get_or_init(|| {
        Library::open(LIBRARY).map_err(|why| Error {
            what: "the system's Kerberos library cannot be opened (Debian: apt install \
                   libgssapi-krb5-2; Fedora: dnf install krb5-libs)",
            why,
        })
    })
    .as_ref()
    .map_err(Clone::clone)
}

/// The keys of a service: accepts clients that have a ticket for it.
pub struct Acceptor {
    lib: &'static Library,
    cred: Cred,
}

/// What a token of a client comes to.
pub enum Leg {
    /// It has to send another; this is to be sent to it.
    More(Pending, Vec<u8>),
    /// It is known who it is.
    Done(Box<Established>),
}

/// A client that has to send another token.
pub struct Pending(Context);

/// A client that has proved who it is.
pub struct Established {
    context: Context,
    /// What to send to the client; may be empty.
    pub token: Vec<u8>,
    /// Its principal, like `alice@EXAMPLE.COM`, with the escapes of RFC 1964
    /// 2.1.1.
    pub client: String,
    /// The service's principal that its ticket is for.
    pub service: String,
    /// The key that both sides have for this log-in only: the acceptor's
    /// subkey, else the initiator's, else the ticket's session key.
    pub session_key: Zeroizing<Vec<u8>>,
    /// Seconds until the ticket can no longer be used; `None`: it never ends.
    /// The library adds the clock skew that it allows.
    pub lifetime: Option<u32>,
    /// Whether the client keeps its name to itself.
    pub anonymous: bool,
}

impl Acceptor {
    /// The keys of `keytab`; of `service` (`cifs` or `cifs@host.example.com`)
    /// only, or all that there are.
    ///
    /// # Errors
    /// The library is not there, or the keytab cannot be read or has no such
    /// key.
    pub fn new(keytab: &Path, service: Option<&str>) -> Result<Self, Error> {
        let lib = library()?;
        let name = match service {
            None => None,
            Some(service) => Some(Name::service(lib, service)?),
        };
        let cred = Cred::of_keytab(lib, keytab, name.as_ref())?;
        Ok(Self { lib, cred })
    }

    /// Looks at a token of a client: its first, or the next one of `pending`.
    ///
    /// # Errors
    /// The client did not prove anything. The text is for the log, not for the
    /// client.
    pub fn accept(&self, pending: Option<Pending>, token: &[u8]) -> Result<Leg, Error> {
        let mut context = pending.map_or_else(|| Context::new(self.lib), |p| p.0);
        let step = context.accept(&self.cred, token)?;
        if step.more {
            return Ok(Leg::More(Pending(context), step.token));
        }
        let (client, service, lifetime) = context.parties()?;
        Ok(Leg::Done(Box::new(Established {
            session_key: context.session_key()?,
            token: step.token,
            client,
            service,
            lifetime,
            anonymous: step.anonymous,
            context,
        })))
    }
}

impl Established {
    /// A signature of the server over `message` (RFC 2743 2.3.1).
    ///
    /// # Errors
    /// The library refuses, for example because the ticket has ended.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.context.get_mic(message)
    }

    /// Whether `mic` is the client's signature over `message` (RFC 2743
    /// 2.3.2).
    pub fn verify(&mut self, message: &[u8], mic: &[u8]) -> bool {
        self.context.verify_mic(message, mic)
    }

    /// Length in bytes of a signature, or with `seal` of the token of an
    /// encrypted message with `data` bytes of data.
    ///
    /// # Errors
    /// The library refuses, for example because the ticket has ended.
    pub fn token_len(&self, seal: bool, data: usize) -> Result<usize, Error> {
        self.context.token_len(seal, data)
    }

    /// Encrypts `data` of `message` in place, in DCE style; what is around it
    /// is signed with it where `around` says so. Answers the token, which has
    /// the length that [`Self::token_len`] says.
    ///
    /// # Errors
    /// The library refuses, or `data` is no part of the message.
    pub fn seal(
        &mut self,
        message: &mut [u8],
        data: Range<usize>,
        around: bool,
    ) -> Result<Vec<u8>, Error> {
        self.context.seal(message, data, around)
    }

    /// Decrypts what the client sent as [`Self::seal`] does it.
    ///
    /// # Errors
    /// It is not what the client sent next.
    pub fn unseal(
        &mut self,
        message: &mut [u8],
        data: Range<usize>,
        around: bool,
        token: &[u8],
    ) -> Result<(), Error> {
        self.context.unseal(message, data, around, token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there() {
        let e = Library::open("libgssapi_krb5.so.999").err().unwrap();
        assert!(e.contains("libgssapi_krb5.so.999"), "{e}");
        // One that is something else.
        let e = Library::open("libc.so.6").err().unwrap();
        assert!(e.contains("gss_"), "{e}");
    }

    /// A keytab (version 2) with one key of `cifs/files@EXAMPLE.COM`.
    fn keytab() -> Vec<u8> {
        let mut entry = Vec::new();
        let text = |entry: &mut Vec<u8>, s: &str| {
            entry.extend_from_slice(&u16::try_from(s.len()).unwrap().to_be_bytes());
            entry.extend_from_slice(s.as_bytes());
        };
        entry.extend_from_slice(&2u16.to_be_bytes());
        for s in ["EXAMPLE.COM", "cifs", "files"] {
            text(&mut entry, s);
        }
        entry.extend_from_slice(&1u32.to_be_bytes());
        entry.extend_from_slice(&[0, 0, 0, 0, 1]);
        // aes256-cts-hmac-sha1-96.
        entry.extend_from_slice(&18u16.to_be_bytes());
        entry.extend_from_slice(&32u16.to_be_bytes());
        entry.extend_from_slice(&[7; 32]);
        let mut file = vec![5, 2];
        file.extend_from_slice(&u32::try_from(entry.len()).unwrap().to_be_bytes());
        file.extend_from_slice(&entry);
        file
    }

    /// Needs the library; machines without it say so and check the message.
    #[test]
    fn keytabs_and_tokens_that_are_none() {
        let dir = std::env::temp_dir().join(format!("ksmbd-gssapi-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let missing = Acceptor::new(&dir.join("missing"), None).err().unwrap();
        if library().is_err() {
            assert!(missing.to_string().contains("apt install"), "{missing}");
            return;
        }
        assert!(missing.to_string().contains("missing"), "{missing}");
        let file = dir.join("keytab");
        std::fs::write(&file, keytab()).unwrap();
        let other = Acceptor::new(&file, Some("nfs")).err().unwrap();
        assert!(other.to_string().contains("keytab"), "{other}");
        for service in [None, Some("cifs"), Some("cifs@files")] {
            let acceptor = Acceptor::new(&file, service).unwrap();
            let krb5 = [
                0x60, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1, 0,
            ];
            for token in [&b""[..], b"x", b"NTLMSSP\0", &krb5, &[0x60; 70_000]] {
                assert!(acceptor.accept(None, token).is_err(), "{service:?}");
            }
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
