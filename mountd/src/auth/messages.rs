// SPDX-License-Identifier: GPL-2.0-or-later
//! Protection of messages after a login: signatures and encryption with what
//! the login left behind. DCE/RPC in a pipe uses it; SMB has its own.
//!
//! NTLMSSP is as in \[MS-NLMP\] 3.4 with extended session security, Kerberos
//! as the system's GSSAPI does it (RFC 4121, \[MS-KILE\] 3.4.5).

use std::ops::Range;

use ksmbd_gssapi::Established;
use proto_shared::auth::ntlm::NegotiateFlags;

use super::crypto::{Half, Key, Side, SIGNATURE_LEN};

/// How messages of a login are protected.
pub(crate) enum Messages {
    /// By NTLMSSP.
    Ntlm(Box<Ntlm>),
    /// By Kerberos.
    Kerberos(Box<Established>),
}

/// A message cannot be protected, or was not protected by who logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unprotected;

/// Both directions of NTLMSSP.
pub(crate) struct Ntlm {
    flags: NegotiateFlags,
    client: Half,
    server: Half,
}

impl Ntlm {
    /// `None` without extended session security: the signatures of old NTLM
    /// protect nobody. With `list_was_signed`, SPNEGO's list of mechanisms
    /// used up the first sequence number of both sides (\[MS-SPNG\] 3.3.5.1:
    /// but nothing of the key stream).
    pub(crate) fn new(key: &Key, flags: NegotiateFlags, list_was_signed: bool) -> Option<Self> {
        if !flags.contains(NegotiateFlags::EXTENDED_SESSIONSECURITY) {
            return None;
        }
        let first = u32::from(list_was_signed);
        Some(Self {
            flags,
            client: Half::new(key, flags, Side::Client, first),
            server: Half::new(key, flags, Side::Server, first),
        })
    }

    /// The client's end, for tests.
    #[cfg(test)]
    pub(crate) fn of_client(key: &Key, flags: NegotiateFlags, list: bool) -> Option<Self> {
        let Self { client, server, .. } = Self::new(key, flags, list)?;
        Some(Self {
            flags,
            client: server,
            server: client,
        })
    }
}

/// What of a message is protected how.
pub(crate) struct Parts {
    /// What is encrypted, where anything is; of the message.
    pub(crate) data: Range<usize>,
    /// Whether what is around it is signed, too. NTLMSSP always signs it.
    pub(crate) around: bool,
}

impl Parts {
    fn signed<'a>(&self, message: &'a [u8]) -> Result<&'a [u8], Unprotected> {
        if self.around {
            Ok(message)
        } else {
            message.get(self.data.clone()).ok_or(Unprotected)
        }
    }
}

impl Messages {
    /// Whether the client agreed to sign.
    pub(crate) fn can_sign(&self) -> bool {
        match self {
            Self::Ntlm(ntlm) => ntlm
                .flags
                .intersects(NegotiateFlags::SIGN | NegotiateFlags::ALWAYS_SIGN),
            Self::Kerberos(_) => true,
        }
    }

    /// Whether the client agreed to encrypt.
    pub(crate) fn can_seal(&self) -> bool {
        match self {
            Self::Ntlm(ntlm) => ntlm.flags.contains(NegotiateFlags::SEAL),
            Self::Kerberos(_) => true,
        }
    }

    /// Length in bytes of what [`Self::protect`] makes for a message with that
    /// much data.
    pub(crate) fn token_len(&self, seal: bool, data: usize) -> Result<usize, Unprotected> {
        match self {
            Self::Ntlm(_) => Ok(SIGNATURE_LEN),
            Self::Kerberos(context) => context
                .token_len(seal, data)
                .map_err(|e| complain("the length of a signature", &e)),
        }
    }

    /// Signs a message of the server and, with `seal`, encrypts its data in
    /// place; answers what goes with it.
    pub(crate) fn protect(
        &mut self,
        seal: bool,
        message: &mut [u8],
        parts: &Parts,
    ) -> Result<Vec<u8>, Unprotected> {
        match self {
            Self::Ntlm(ntlm) if seal => {
                let sum = ntlm.server.sum(message);
                let data = message.get_mut(parts.data.clone()).ok_or(Unprotected)?;
                ntlm.server.crypt(data);
                Ok(ntlm.server.signature(sum).to_vec())
            }
            Self::Ntlm(ntlm) => {
                let sum = ntlm.server.sum(message);
                Ok(ntlm.server.signature(sum).to_vec())
            }
            Self::Kerberos(context) if seal => context
                .seal(message, parts.data.clone(), parts.around)
                .map_err(|e| complain("encrypting", &e)),
            Self::Kerberos(context) => context
                .sign(parts.signed(message)?)
                .map_err(|e| complain("signing", &e)),
        }
    }

    /// Looks at a message of the client and, with `seal`, decrypts its data in
    /// place. After an error the contents mean nothing, nor does what comes
    /// later.
    pub(crate) fn check(
        &mut self,
        seal: bool,
        message: &mut [u8],
        parts: &Parts,
        token: &[u8],
    ) -> Result<(), Unprotected> {
        let right = match self {
            Self::Ntlm(ntlm) => {
                if seal {
                    let data = message.get_mut(parts.data.clone()).ok_or(Unprotected)?;
                    ntlm.client.crypt(data);
                }
                let sum = ntlm.client.sum(message);
                ntlm.client.is_signature(sum, token)
            }
            Self::Kerberos(context) if seal => {
                return context
                    .unseal(message, parts.data.clone(), parts.around, token)
                    .map_err(|e| complain("decrypting", &e));
            }
            Self::Kerberos(context) => context.verify(parts.signed(message)?, token),
        };
        if right {
            Ok(())
        } else {
            Err(Unprotected)
        }
    }
}

fn complain(what: &str, e: &ksmbd_gssapi::Error) -> Unprotected {
    tracing::debug!(error = %e, "{what} failed");
    Unprotected
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksmbd_store::Secret;

    const FLAGS: NegotiateFlags = NegotiateFlags(0xE208_8235);

    /// The two ends of one login: what the server protects, `client` opens.
    fn pair(flags: NegotiateFlags, list: bool) -> (Messages, Messages) {
        let key = Secret::new([0x55; 16]);
        let server = Ntlm::new(&key, flags, list).unwrap();
        let client = Ntlm::of_client(&key, flags, list).unwrap();
        let boxed = |ntlm| Messages::Ntlm(Box::new(ntlm));
        (boxed(server), boxed(client))
    }

    fn parts(data: Range<usize>) -> Parts {
        Parts { data, around: true }
    }

    #[test]
    fn what_one_side_protects_the_other_opens() {
        for flags in [
            FLAGS,
            FLAGS.without(NegotiateFlags::KEY_EXCH),
            FLAGS.without(NegotiateFlags::NEGOTIATE_128),
            FLAGS.without(NegotiateFlags::NEGOTIATE_128 | NegotiateFlags::NEGOTIATE_56),
        ] {
            let (mut server, mut client) = pair(flags, false);
            for n in 0..40usize {
                let plain: Vec<u8> = (0..n * 7 + 8).map(|i| (i * n) as u8).collect();
                let seal = n % 3 == 0;
                let data = 4..plain.len() - 2;
                let mut sent = plain.clone();
                let token = server
                    .protect(seal, &mut sent, &parts(data.clone()))
                    .unwrap();
                assert_eq!(token.len(), server.token_len(seal, data.len()).unwrap());
                assert_eq!(sent != plain, seal, "{n}");
                // What is around the data stays readable.
                assert_eq!(
                    (&sent[..4], &sent[data.end..]),
                    (&plain[..4], &plain[data.end..])
                );
                client.check(seal, &mut sent, &parts(data), &token).unwrap();
                assert_eq!(sent, plain);
            }
        }
    }

    #[test]
    fn nothing_may_change_come_twice_or_be_left_out() {
        let message = *b"0123456789abcdef";
        for seal in [false, true] {
            for at in 0..32 {
                let (mut server, mut client) = pair(FLAGS, true);
                let mut sent = message;
                let mut token = server.protect(seal, &mut sent, &parts(4..12)).unwrap();
                match at {
                    0..16 => sent[at] ^= 1,
                    _ => token[at - 16] ^= 1,
                }
                let opened = client.check(seal, &mut sent, &parts(4..12), &token);
                assert_eq!(opened, Err(Unprotected), "{at}");
            }
            let (mut server, mut client) = pair(FLAGS, false);
            let mut first = message;
            let token = server.protect(seal, &mut first, &parts(4..12)).unwrap();
            let mut again = first;
            assert!(client
                .check(seal, &mut first, &parts(4..12), &token)
                .is_ok());
            assert!(client
                .check(seal, &mut again, &parts(4..12), &token)
                .is_err());
            let (mut server, mut client) = pair(FLAGS, false);
            let (mut lost, mut next) = (message, message);
            server.protect(seal, &mut lost, &parts(4..12)).unwrap();
            let token = server.protect(seal, &mut next, &parts(4..12)).unwrap();
            assert!(client
                .check(seal, &mut next, &parts(4..12), &token)
                .is_err());
            for len in [0, 1, 15, 17] {
                let (_, mut client) = pair(FLAGS, false);
                let token = vec![1; len];
                let mut m = message;
                assert!(client.check(seal, &mut m, &parts(4..12), &token).is_err());
            }
            // A range that is not there.
            let (_, mut client) = pair(FLAGS, false);
            let mut m = message;
            assert!(client.check(true, &mut m, &parts(4..17), &[0; 16]).is_err());
        }
    }

    #[test]
    fn what_was_agreed() {
        let (both, _) = pair(FLAGS, false);
        assert!(both.can_sign() && both.can_seal());
        let (sign, _) = pair(FLAGS.without(NegotiateFlags::SEAL), false);
        assert!(sign.can_sign() && !sign.can_seal());
        let none = NegotiateFlags::SEAL | NegotiateFlags::SIGN | NegotiateFlags::ALWAYS_SIGN;
        let (none, _) = pair(FLAGS.without(none), false);
        assert!(!none.can_sign() && !none.can_seal());
        let old = FLAGS.without(NegotiateFlags::EXTENDED_SESSIONSECURITY);
        assert!(Ntlm::new(&Secret::new([1; 16]), old, false).is_none());
    }
}
