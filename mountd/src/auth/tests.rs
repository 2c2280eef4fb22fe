// SPDX-License-Identifier: GPL-2.0-or-later
//! Whole logins through the table, in all forms, and those that must fail.

use super::*;
use crate::testing::{self, Client, OFFER};
use proto_shared::auth::ntlm::NegotiateFlags;
use proto_shared::auth::spnego::{write_init, NegTokenInit, OID_KRB5, OID_MS_KRB5};
use tempfile::TempDir;

struct Bench {
    auth: Authenticator,
    now: Instant,
    _dir: TempDir,
}

const PEER: &str = "10.0.0.1:5000";

impl Bench {
    fn new(config: &str) -> Self {
        let (state, dir) = testing::state(config);
        Self {
            auth: Authenticator::new(state).unwrap(),
            now: Instant::now(),
            _dir: dir,
        }
    }

    fn leg(&self, first: bool, token: &[u8]) -> Outcome {
        let leg = Leg {
            auth_id: LoginId::Session(1),
            mechanism: Mechanism::Any,
            first,
            peer: PEER,
            token,
        };
        self.auth.leg(&leg, self.now)
    }

    /// Bare NTLMSSP.
    fn raw(&self, client: &mut Client) -> Outcome {
        let first = self.leg(true, &client.negotiate());
        assert_eq!(first.status, NtStatus::MORE_PROCESSING_REQUIRED);
        let auth = client.authenticate(&first.token);
        self.leg(false, &auth)
    }
}

fn init(mechs: &[&[u8]], token: &[u8]) -> Vec<u8> {
    let mut buf = vec![0; 1024];
    let mut w = Writer::new(&mut buf);
    write_init(&mut w, mechs, token).unwrap();
    w.written().to_vec()
}

fn mechs(init: &[u8]) -> Vec<u8> {
    match NegToken::parse(init) {
        Ok(NegToken::Init(NegTokenInit { mechs, .. })) => mechs.der().to_vec(),
        _ => panic!("no init"),
    }
}

struct Resp {
    state: Option<NegState>,
    token: Vec<u8>,
    mic: Option<Vec<u8>>,
}

fn parse(token: &[u8]) -> Resp {
    match NegToken::parse(token) {
        Ok(NegToken::Resp(r)) => Resp {
            state: r.state,
            token: r.token.unwrap_or_default().to_vec(),
            mic: r.mic.map(<[u8]>::to_vec),
        },
        _ => panic!("no resp: {token:02x?}"),
    }
}

fn wrap(token: Option<&[u8]>, mic: Option<&[u8]>) -> Vec<u8> {
    resp(NegTokenResp {
        state: Some(NegState::ACCEPT_INCOMPLETE),
        token,
        mic,
        ..Default::default()
    })
}

#[test]
fn raw_ntlmssp() {
    let b = Bench::new("");
    let mut c = Client::new("ALICE", "Secret1!");
    let done = b.raw(&mut c);
    assert_eq!(done.status, NtStatus::SUCCESS);
    let login = done.login.unwrap();
    assert_eq!(login.account, "alice");
    assert_eq!(login.domain, "CLIENTDOMAIN");
    assert_eq!((login.ids.uid, login.ids.gid), (1000, 1000));
    assert_eq!(login.ids.groups, [1000, 50]);
    assert!(login.session_key.unwrap().ct_eq(&c.key()));
    assert_eq!((login.sid.len(), login.sid[1]), (28, 5));
    assert!(done.token.is_empty());
    assert_eq!(b.auth.pending(), 0);
}

#[test]
fn all_flag_sets_give_the_same_key() {
    let b = Bench::new("");
    let no = |f: NegotiateFlags| OFFER.without(f);
    for offer in [
        OFFER,
        no(NegotiateFlags::KEY_EXCH),
        no(NegotiateFlags::NEGOTIATE_128),
        no(NegotiateFlags::NEGOTIATE_128 | NegotiateFlags::NEGOTIATE_56),
        no(NegotiateFlags::SIGN),
    ] {
        for mic in [true, false] {
            let mut c = Client::new("alice", "Secret1!");
            c.offer = offer;
            c.mic = mic;
            let done = b.raw(&mut c);
            assert_eq!(done.status, NtStatus::SUCCESS, "{offer:?}");
            let key = done.login.unwrap().session_key.unwrap();
            assert!(key.ct_eq(&c.key()), "{offer:?}");
        }
    }
}

#[test]
fn spnego_with_mic() {
    let b = Bench::new("");
    let mut c = Client::new("bob", "Secret1!");
    let hello = init(&[OID_NTLMSSP], &c.negotiate());
    let first = b.leg(true, &hello);
    let r = parse(&first.token);
    assert_eq!(r.state, Some(NegState::ACCEPT_INCOMPLETE));
    let auth = c.authenticate(&r.token);
    let mic = c.signature(Side::Client, &mechs(&hello));
    let done = b.leg(false, &wrap(Some(&auth), Some(&mic)));
    assert_eq!(done.status, NtStatus::SUCCESS);
    let r = parse(&done.token);
    assert_eq!(r.state, Some(NegState::ACCEPT_COMPLETED));
    assert_eq!(r.mic.unwrap(), c.signature(Side::Server, &mechs(&hello)));
    assert_eq!(done.login.unwrap().account, "Bob");
}

#[test]
fn spnego_without_mic_when_ntlm_was_wanted() {
    let b = Bench::new("");
    let mut c = Client::new("alice", "Secret1!");
    let first = b.leg(true, &init(&[OID_NTLMSSP, OID_KRB5], &c.negotiate()));
    let auth = c.authenticate(&parse(&first.token).token);
    let done = b.leg(false, &wrap(Some(&auth), None));
    assert_eq!(done.status, NtStatus::SUCCESS);
    assert!(parse(&done.token).mic.is_none());
}

#[test]
fn kerberos_first_needs_the_mic() {
    let b = Bench::new("");
    for late in [false, true] {
        let mut c = Client::new("alice", "Secret1!");
        let hello = init(&[OID_MS_KRB5, OID_KRB5, OID_NTLMSSP], b"a ticket");
        let first = b.leg(true, &hello);
        assert_eq!(first.status, NtStatus::MORE_PROCESSING_REQUIRED);
        assert_eq!(parse(&first.token).state, Some(NegState::REQUEST_MIC));
        let second = b.leg(false, &wrap(Some(&c.negotiate()), None));
        let auth = c.authenticate(&parse(&second.token).token);
        let mic = c.signature(Side::Client, &mechs(&hello));
        let mut done = b.leg(false, &wrap(Some(&auth), (!late).then_some(&mic)));
        if late {
            assert_eq!(done.status, NtStatus::MORE_PROCESSING_REQUIRED);
            assert!(done.login.is_none());
            done = b.leg(false, &wrap(None, Some(&mic)));
        }
        assert_eq!(done.status, NtStatus::SUCCESS, "late: {late}");
    }
    // Without it at all, or with a wrong one, there is no login.
    let mut c = Client::new("alice", "Secret1!");
    b.leg(true, &init(&[OID_KRB5, OID_NTLMSSP], b""));
    let second = b.leg(false, &wrap(Some(&c.negotiate()), None));
    let auth = c.authenticate(&parse(&second.token).token);
    b.leg(false, &wrap(Some(&auth), None));
    let done = b.leg(false, &wrap(None, Some(&[0; 16])));
    assert_eq!(done.status, NtStatus::LOGON_FAILURE);
}

/// With a keytab, what is no ticket is refused and does not become NTLM;
/// without a usable one the client is told to use NTLM.
#[test]
fn tickets_that_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = dir.path().join("keytab");
    let config = format!("[global]\nkerberos_keytab_file = \"{}\"", keytab.display());
    let b = Bench::new(&config);
    let hello = init(&[OID_MS_KRB5, OID_KRB5, OID_NTLMSSP], b"a ticket");
    let first = b.leg(true, &hello);
    assert_eq!(parse(&first.token).state, Some(NegState::REQUEST_MIC));
    let raw = [&[0x60, 0x0d, 6, 9][..], OID_KRB5, &[1, 0]].concat();
    assert_eq!(b.leg(true, &raw).status, NtStatus::LOGON_FAILURE);
    assert_eq!(b.auth.pending(), 0);

    std::fs::write(&keytab, testing::keytab()).unwrap();
    if kerberos::acceptor(&b.auth.state.config().global).is_err() {
        // No library on this machine: as without a keytab.
        assert_eq!(
            b.leg(true, &hello).status,
            NtStatus::MORE_PROCESSING_REQUIRED
        );
        return;
    }
    assert_eq!(b.leg(true, &hello).status, NtStatus::LOGON_FAILURE);
    assert_eq!(b.leg(true, &raw).status, NtStatus::LOGON_FAILURE);
    // NTLM is asked for by who likes it best, or sends no token for the other.
    let mut c = Client::new("alice", "Secret1!");
    let hello = init(&[OID_NTLMSSP, OID_KRB5], &c.negotiate());
    let first = b.leg(true, &hello);
    let auth = c.authenticate(&parse(&first.token).token);
    assert_eq!(
        b.leg(false, &wrap(Some(&auth), None)).status,
        NtStatus::SUCCESS
    );
    // Kerberos as the second choice is chosen, and protected.
    let other: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x1e];
    let first = b.leg(true, &init(&[other, OID_MS_KRB5, OID_NTLMSSP], b"x"));
    assert_eq!(first.status, NtStatus::MORE_PROCESSING_REQUIRED);
    match NegToken::parse(&first.token) {
        Ok(NegToken::Resp(r)) => {
            assert_eq!(r.state, Some(NegState::REQUEST_MIC));
            assert_eq!(r.mech, Some(OID_MS_KRB5));
        }
        _ => panic!("no answer"),
    }
    assert_eq!(
        b.leg(false, &wrap(Some(b"no ticket"), None)).status,
        NtStatus::LOGON_FAILURE
    );
    assert_eq!(b.auth.pending(), 0);
}

#[test]
fn a_changed_list_of_mechanisms_is_noticed() {
    let b = Bench::new("");
    let mut c = Client::new("alice", "Secret1!");
    let sent = init(&[OID_KRB5, OID_NTLMSSP], b"");
    // Somebody in between takes Kerberos out.
    let arrived = init(&[OID_NTLMSSP], &c.negotiate());
    let first = b.leg(true, &arrived);
    let auth = c.authenticate(&parse(&first.token).token);
    let mic = c.signature(Side::Client, &mechs(&sent));
    let done = b.leg(false, &wrap(Some(&auth), Some(&mic)));
    assert_eq!(done.status, NtStatus::LOGON_FAILURE);
    assert!(done.login.is_none());
}

#[test]
fn wrong_password_and_unknown_user_look_alike() {
    let b = Bench::new("");
    let wrong = b.raw(&mut Client::new("alice", "Secret2!"));
    let unknown = b.raw(&mut Client::new("mallory", "Secret1!"));
    for r in [&wrong, &unknown] {
        assert_eq!(r.status, NtStatus::LOGON_FAILURE);
        assert!(r.token.is_empty() && r.login.is_none());
    }
    assert!(wrong.failed_account.is_some());
    assert!(unknown.failed_account.is_none());
    // The disabled account says so only to who knows its password.
    assert_eq!(
        b.raw(&mut Client::new("dave", "Secret1!")).status,
        NtStatus::ACCOUNT_DISABLED
    );
    assert_eq!(
        b.raw(&mut Client::new("dave", "x")).status,
        NtStatus::LOGON_FAILURE
    );
}

#[test]
fn accounts_without_a_system_account() {
    let b = Bench::new("");
    assert_eq!(
        b.raw(&mut Client::new("carol", "Secret1!")).status,
        NtStatus::ACCOUNT_RESTRICTION
    );
    let erin = b.raw(&mut Client::new("erin", "Secret1!")).login.unwrap();
    assert_eq!((erin.ids.uid, erin.ids.gid), (7, 7));
}

#[test]
fn messages_changed_on_their_way() {
    let b = Bench::new("");
    // The MIC covers NEGOTIATE: a flag taken out is noticed.
    let mut c = Client::new("alice", "Secret1!");
    let mut hello = c.negotiate();
    hello[12] ^= 0x20;
    let first = b.leg(true, &hello);
    let auth = c.authenticate(&first.token);
    assert_eq!(b.leg(false, &auth).status, NtStatus::LOGON_FAILURE);
    // And AUTHENTICATE: any byte of it.
    let mut c = Client::new("alice", "Secret1!");
    let first = b.leg(true, &c.negotiate());
    let mut auth = c.authenticate(&first.token);
    let last = auth.len() - 1;
    auth[last] ^= 1;
    assert_eq!(b.leg(false, &auth).status, NtStatus::LOGON_FAILURE);
    // A challenge cannot be answered twice.
    let mut c = Client::new("alice", "Secret1!");
    let first = b.leg(true, &c.negotiate());
    let auth = c.authenticate(&first.token);
    assert_eq!(b.leg(false, &auth).status, NtStatus::SUCCESS);
    assert_eq!(b.leg(false, &auth).status, NtStatus::INVALID_PARAMETER);
}

#[test]
fn guests() {
    let b = Bench::new("[global]\nmap_to_guest = \"bad user\"");
    let done = b.raw(&mut Client::new("mallory", "x"));
    let login = done.login.unwrap();
    assert_eq!(login.flags, UserFlags::GUEST);
    assert_eq!((login.account.as_str(), login.ids.uid), ("nobody", 65534));
    assert!(login.session_key.is_none());
    // A wrong password does not make a guest.
    assert_eq!(
        b.raw(&mut Client::new("alice", "x")).status,
        NtStatus::LOGON_FAILURE
    );
    // In SPNEGO there is no key to sign with.
    let mut c = Client::new("mallory", "x");
    let hello = init(&[OID_NTLMSSP], &c.negotiate());
    let first = b.leg(true, &hello);
    let auth = c.authenticate(&parse(&first.token).token);
    let mic = c.signature(Side::Client, &mechs(&hello));
    let done = b.leg(false, &wrap(Some(&auth), Some(&mic)));
    assert_eq!(done.status, NtStatus::SUCCESS);
    assert!(parse(&done.token).mic.is_none());
}

#[test]
fn anonymous() {
    let login = |config| {
        let b = Bench::new(config);
        let mut c = Client::new("", "");
        let hello = init(&[OID_NTLMSSP], &c.negotiate());
        let first = b.leg(true, &hello);
        let auth = c.anonymous(&parse(&first.token).token);
        let mic = c.signature(Side::Client, &mechs(&hello));
        b.leg(false, &wrap(Some(&auth), Some(&mic)))
    };
    let done = login("");
    assert_eq!(done.status, NtStatus::SUCCESS);
    let l = done.login.unwrap();
    assert_eq!(l.flags, UserFlags::ANONYMOUS);
    assert!(l.account.is_empty() && l.session_key.is_some());
    assert_eq!(
        login("[global]\nrestrict_anonymous = 2").status,
        NtStatus::LOGON_FAILURE
    );
}

#[test]
fn guessing_is_slowed_down() {
    let mut b = Bench::new("");
    for _ in 0..10 {
        assert_eq!(
            b.raw(&mut Client::new("alice", "guess")).status,
            NtStatus::LOGON_FAILURE
        );
    }
    for user in ["alice", "ALICE"] {
        assert_eq!(
            b.raw(&mut Client::new(user, "Secret1!")).status,
            NtStatus::LOGON_FAILURE
        );
    }
    b.now += Duration::from_secs(2);
    assert_eq!(
        b.raw(&mut Client::new("alice", "Secret1!")).status,
        NtStatus::SUCCESS
    );
    assert_eq!(
        b.raw(&mut Client::new("alice", "Secret1!")).status,
        NtStatus::SUCCESS
    );
}

#[test]
fn legs_out_of_turn() {
    let mut b = Bench::new("");
    let bad = NtStatus::INVALID_PARAMETER;
    assert_eq!(b.leg(true, b"").status, bad);
    assert_eq!(b.leg(true, b"hello").status, bad);
    assert_eq!(b.leg(true, b"NTLMSSP\0\x03\0\0\0").status, bad);
    assert_eq!(b.leg(true, &vec![0x60; MAX_TOKEN + 1]).status, bad);
    assert_eq!(
        b.leg(true, &init(&[OID_KRB5], b"x")).status,
        NtStatus::LOGON_FAILURE
    );
    let long = [0x2B; 600];
    assert_eq!(b.leg(true, &init(&[OID_NTLMSSP, &long], b"x")).status, bad);
    // A second first leg starts anew.
    let mut c = Client::new("alice", "Secret1!");
    let old = b.leg(true, &c.negotiate());
    let new = b.leg(true, &c.negotiate());
    assert_ne!(old.token, new.token);
    let stale = c.authenticate(&old.token);
    assert_eq!(b.leg(false, &stale).status, NtStatus::LOGON_FAILURE);
    // What was dropped, or took too long, cannot go on.
    let first = b.leg(true, &c.negotiate());
    let auth = c.authenticate(&first.token);
    b.auth.forget(LoginId::Session(1));
    assert_eq!(b.leg(false, &auth).status, bad);
    let first = b.leg(true, &c.negotiate());
    let auth = c.authenticate(&first.token);
    b.now += PATIENCE + Duration::from_secs(1);
    assert_eq!(b.leg(false, &auth).status, bad);
}

#[test]
fn logins_under_way_are_bounded() {
    let b = Bench::new("");
    let hello = Client::new("alice", "x").negotiate();
    let leg = |auth_id, now| {
        let leg = Leg {
            auth_id: LoginId::Session(auth_id),
            mechanism: Mechanism::Any,
            first: true,
            peer: PEER,
            token: &hello,
        };
        b.auth.leg(&leg, now).status
    };
    for n in 0..MAX_PENDING as u64 {
        assert_eq!(leg(n, b.now), NtStatus::MORE_PROCESSING_REQUIRED);
    }
    let one_more = MAX_PENDING as u64;
    assert_eq!(leg(one_more, b.now), NtStatus::INSUFF_SERVER_RESOURCES);
    let later = b.now + PATIENCE + Duration::from_secs(1);
    assert_eq!(leg(one_more, later), NtStatus::MORE_PROCESSING_REQUIRED);
}

#[test]
fn hostile_tokens_never_log_in() {
    let b = Bench::new("[global]\nmap_to_guest = \"bad user\"\nrestrict_anonymous = 2");
    let mut seed = 0x1234_5678_9ABC_DEF1u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 16) as usize
    };
    for n in 0..3000 {
        let mut c = Client::new("alice", "Secret1!");
        let hello = init(&[OID_NTLMSSP], &c.negotiate());
        let first = b.leg(true, &hello);
        let auth = c.authenticate(&parse(&first.token).token);
        let mic = c.signature(Side::Client, &mechs(&hello));
        let mut last = wrap(Some(&auth), Some(&mic));
        if n % 3 == 0 {
            last.truncate(next() % last.len());
        } else {
            let at = next() % last.len();
            last[at] ^= 1 << (next() % 8);
        }
        if let Some(login) = b.leg(false, &last).login {
            // A changed name is another user, who is a guest here. The only
            // bits that nothing covers are SPNEGO's own negState.
            assert!(login.flags == UserFlags::GUEST || login.account == "alice");
        }
        b.auth.forget(LoginId::Session(1));
    }
}

/// SplitMix64.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

fn spoil(token: &mut Vec<u8>, state: &mut u64) {
    for _ in 0..=random(state) % 3 {
        let (at, byte) = (random(state) % token.len().max(1), random(state) as u8);
        match (random(state) % 8, token.get_mut(at)) {
            (0, _) => token.truncate(at),
            (1, _) => token.insert(at.min(token.len()), byte),
            (2 | 3, Some(slot)) => *slot = byte,
            (_, Some(slot)) => *slot ^= 1 << (byte & 7),
            (_, None) => {}
        }
    }
}

/// Tokens of good logins, spoilt in one leg: no panic, no login that a MIC over
/// the whole would not allow, nothing left of a login that ended.
#[test]
fn spoilt_tokens() {
    let mut b = Bench::new("");
    let mut state = 1;
    let (mut refused, mut more) = (0, 0);
    for n in 0..3000 {
        // Failures slow the next ones down, but not for ever.
        b.now += Duration::from_secs(7200);
        let wrapped = n % 2 == 0;
        let mut c = Client::new("alice", "Secret1!");
        let mut hello = c.negotiate();
        if wrapped {
            hello = init(&[OID_NTLMSSP], &hello);
        }
        let in_second_leg = n % 4 < 2;
        let mechs = wrapped.then(|| mechs(&hello));
        if !in_second_leg {
            spoil(&mut hello, &mut state);
        }
        let first = b.leg(true, &hello);
        assert!(first.login.is_none(), "{hello:02x?}");
        if !in_second_leg || first.status != NtStatus::MORE_PROCESSING_REQUIRED {
            if first.status == NtStatus::MORE_PROCESSING_REQUIRED {
                more += 1;
                b.auth.forget(LoginId::Session(1));
            } else {
                refused += 1;
            }
            assert_eq!(b.auth.pending(), 0);
            continue;
        }
        let good = match &mechs {
            None => c.authenticate(&first.token),
            Some(mechs) => {
                let auth = c.authenticate(&parse(&first.token).token);
                let mic = c.signature(Side::Client, mechs);
                wrap(Some(&auth), Some(&mic))
            }
        };
        let mut second = good.clone();
        spoil(&mut second, &mut state);
        let done = b.leg(false, &second);
        if let Some(login) = &done.login {
            assert_eq!(login.account, "alice");
            // Only what is around NTLM's message may differ.
            assert!(wrapped || second == good, "{second:02x?}");
        }
        if done.status == NtStatus::MORE_PROCESSING_REQUIRED {
            more += 1;
            b.auth.forget(LoginId::Session(1));
        }
        refused += usize::from(done.status == NtStatus::LOGON_FAILURE);
        assert_eq!(b.auth.pending(), 0);
    }
    assert!(refused > 1000 && more > 0, "{refused} {more}");
}
