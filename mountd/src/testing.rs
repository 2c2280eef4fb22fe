// SPDX-License-Identifier: GPL-2.0-or-later
//! What tests share: a state with accounts that are not the machine's, and a
//! client's side of NTLMSSP and SPNEGO.

use std::path::Path;
use std::sync::Arc;

use ksmbd_config::Config;
use ksmbd_store::{KdfParams, NewUser, Options, Secret, Store, UserFlags};
use proto_shared::auth::ntlm::{AvId, ChallengeView, Negotiate, NegotiateFlags, SIGNATURE};
use proto_shared::codec::Writer;
use tempfile::TempDir;

use crate::accounts::{Accounts, Ids};
use crate::auth::crypto::{self, Key, Side};
use crate::auth::messages::{Messages, Ntlm};
use crate::state::State;

/// Users alice (1000), bob (1001), nobody, root; groups staff (50, alice).
pub(crate) struct FakeAccounts;

impl Accounts for FakeAccounts {
    fn user(&self, name: &str) -> Option<Ids> {
        let (uid, gid, groups) = match name {
            "root" => (0, 0, vec![0]),
            "alice" => (1000, 1000, vec![1000, 50]),
            "bob" => (1001, 1001, vec![1001]),
            "nobody" => (65534, 65534, vec![65534]),
            _ => return None,
        };
        Some(Ids { uid, gid, groups })
    }

    fn group(&self, name: &str) -> Option<u32> {
        match name {
            "staff" => Some(50),
            "wheel" => Some(0),
            _ => None,
        }
    }

    fn user_name(&self, uid: u32) -> Option<String> {
        let known = ["root", "alice", "bob", "nobody"];
        let found = known
            .into_iter()
            .find(|n| self.user(n).is_some_and(|ids| ids.uid == uid));
        found.map(str::to_owned)
    }

    fn group_name(&self, gid: u32) -> Option<String> {
        match gid {
            50 => Some("staff".into()),
            0 => Some("wheel".into()),
            _ => None,
        }
    }
}

/// A state with users alice and bob ("Secret1!"), dave (disabled), carol
/// (unknown to the system, no ids), erin (unknown to the system, uid 7).
pub(crate) fn state(config: &str) -> (Arc<State>, TempDir) {
    let dir = TempDir::new().unwrap();
    let options = Options {
        kdf: KdfParams {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        },
        ..Options::new(dir.path().join("db"), dir.path().join("key"))
    };
    let mut store = Store::open(&options).unwrap();
    for (name, uid, disabled) in [
        ("alice", None, false),
        ("Bob", None, false),
        ("dave", None, true),
        ("carol", None, false),
        ("erin", Some(7), false),
    ] {
        store
            .add_user(&NewUser {
                name,
                password: &"Secret1!".into(),
                uid,
                gid: None,
                flags: UserFlags { disabled },
            })
            .unwrap();
    }
    let config = Config::parse(config, Path::new("test.toml")).unwrap();
    let state = State::new(config, store, Box::new(FakeAccounts), "files.lan").unwrap();
    (Arc::new(state), dir)
}

/// A keytab (version 2) with one key of `cifs/files@EXAMPLE.COM`.
pub(crate) fn keytab() -> Vec<u8> {
    let mut entry = 2u16.to_be_bytes().to_vec();
    for s in ["EXAMPLE.COM", "cifs", "files"] {
        entry.extend_from_slice(&u16::try_from(s.len()).unwrap().to_be_bytes());
        entry.extend_from_slice(s.as_bytes());
    }
    // Type of name, time, version of the key; aes256-cts-hmac-sha1-96; the key.
    entry.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 18, 0, 32]);
    entry.extend_from_slice(&[7; 32]);
    let mut file = vec![5, 2];
    file.extend_from_slice(&u32::try_from(entry.len()).unwrap().to_be_bytes());
    file.extend_from_slice(&entry);
    file
}

/// Flags that Windows clients offer.
pub(crate) const OFFER: NegotiateFlags = NegotiateFlags(0xE208_8297);

/// A client's side of NTLMSSP.
pub(crate) struct Client {
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    pub(crate) offer: NegotiateFlags,
    pub(crate) mic: bool,
    negotiate: Vec<u8>,
    flags: NegotiateFlags,
    key: Option<Key>,
}

impl Client {
    pub(crate) fn new(user: &'static str, password: &'static str) -> Self {
        Self {
            user,
            password,
            offer: OFFER,
            mic: true,
            negotiate: Vec::new(),
            flags: NegotiateFlags::NONE,
            key: None,
        }
    }

    pub(crate) fn negotiate(&mut self) -> Vec<u8> {
        let mut buf = [0; 64];
        let mut w = Writer::new(&mut buf);
        Negotiate { flags: self.offer }.write(&mut w).unwrap();
        self.negotiate = w.written().to_vec();
        self.negotiate.clone()
    }

    /// AUTHENTICATE in answer to `challenge`.
    pub(crate) fn authenticate(&mut self, challenge: &[u8]) -> Vec<u8> {
        let view = ChallengeView::parse(challenge).unwrap();
        self.flags = view.flags;
        let domain = "CLIENTDOMAIN";
        let utf16 = |s: &str| -> Vec<u8> { s.encode_utf16().flat_map(u16::to_le_bytes).collect() };

        let mut blob = vec![1, 1, 0, 0, 0, 0, 0, 0];
        blob.extend_from_slice(view.info.get(AvId::TIMESTAMP).unwrap());
        blob.extend_from_slice(&[0xC1; 8]);
        blob.extend_from_slice(&[0; 4]);
        for pair in view.info {
            blob.extend_from_slice(&pair.id.0.to_le_bytes());
            blob.extend_from_slice(&(pair.value.len() as u16).to_le_bytes());
            blob.extend_from_slice(pair.value);
        }
        if self.mic {
            blob.extend_from_slice(&[6, 0, 4, 0, 2, 0, 0, 0]);
        }
        blob.extend_from_slice(&[0; 8]);

        let hash = ksmbd_store::nt_hash(&self.password.into());
        let name = utf16(&format!("{}{domain}", self.user.to_uppercase()));
        let ntowf = crypto::hmac_md5(hash.expose(), &[&name]);
        let proof = crypto::proof(&ntowf, &view.server_challenge, &blob);
        let base = crypto::session_base_key(&ntowf, proof.expose());
        let mut response = proof.expose().to_vec();
        response.extend_from_slice(&blob);
        let (key, encrypted) = if self.flags.contains(NegotiateFlags::KEY_EXCH) {
            // RC4 is its own inverse, so "decrypting" the wanted key encrypts.
            let wanted = [0x77; 16];
            let e = crypto::exported_session_key(&base, NegotiateFlags::KEY_EXCH, &wanted).unwrap();
            (Secret::new(wanted), e.expose().to_vec())
        } else {
            (base, Vec::new())
        };
        let fields = [
            vec![0; 24],
            response,
            utf16(domain),
            utf16(self.user),
            utf16("BOX"),
            encrypted,
        ];
        let mut auth = message(&fields, self.flags);
        if self.mic {
            let mic = crypto::hmac_md5(key.expose(), &[&self.negotiate, challenge, &auth]);
            auth[72..88].copy_from_slice(mic.expose());
        }
        self.key = Some(key);
        auth
    }

    /// AUTHENTICATE of an anonymous user.
    pub(crate) fn anonymous(&mut self, challenge: &[u8]) -> Vec<u8> {
        let view = ChallengeView::parse(challenge).unwrap();
        self.flags = view.flags | NegotiateFlags::ANONYMOUS;
        let mut fields: [Vec<u8>; 6] = Default::default();
        fields[0] = vec![0];
        let flags = self.flags.without(NegotiateFlags::KEY_EXCH);
        self.flags = flags;
        self.key = Some(Secret::new([0; 16]));
        message(&fields, flags)
    }

    pub(crate) fn key(&self) -> [u8; 16] {
        *self.key.as_ref().unwrap().expose()
    }

    /// How the client protects messages from now on.
    pub(crate) fn messages(&self, list_was_signed: bool) -> Option<Messages> {
        let ntlm = Ntlm::of_client(self.key.as_ref()?, self.flags, list_was_signed)?;
        Some(Messages::Ntlm(Box::new(ntlm)))
    }

    pub(crate) fn signature(&self, side: Side, message: &[u8]) -> [u8; 16] {
        crypto::first_signature(self.key.as_ref().unwrap(), self.flags, side, message)
    }
}

fn message(fields: &[Vec<u8>; 6], flags: NegotiateFlags) -> Vec<u8> {
    let mut head = SIGNATURE.to_vec();
    head.extend_from_slice(&3u32.to_le_bytes());
    let mut payload = Vec::new();
    for field in fields {
        let len = (field.len() as u16).to_le_bytes();
        head.extend_from_slice(&len);
        head.extend_from_slice(&len);
        head.extend_from_slice(&(88 + payload.len() as u32).to_le_bytes());
        payload.extend_from_slice(field);
    }
    head.extend_from_slice(&flags.bits().to_le_bytes());
    head.extend_from_slice(&[0; 24]);
    assert_eq!(head.len(), 88);
    head.extend_from_slice(&payload);
    head
}
