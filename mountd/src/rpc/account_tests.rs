// SPDX-License-Identifier: GPL-2.0-or-later
//! lsarpc and samr as a client calls them.

use super::*;
use crate::testing;
use ndr::{Reader, Writer, HANDLE_LEN};
use proto_shared::dtyp::Sid;
use tempfile::TempDir;

struct Bench {
    state: Arc<State>,
    handles: Handles,
    caller: Caller,
    interface: Interface,
    _dir: TempDir,
}

fn bench(interface: Interface) -> Bench {
    let (state, dir) = testing::state("[global]\nnetbios_name = \"FILES\"\n");
    Bench {
        state,
        handles: Handles::new(7),
        caller: Caller {
            account: "alice".into(),
            flags: UserFlags::NONE,
        },
        interface,
        _dir: dir,
    }
}

type Handle = [u8; HANDLE_LEN];

impl Bench {
    fn call(&mut self, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, Fault> {
        let (state, caller) = (self.state.clone(), self.caller.clone());
        let stub = Stub {
            bytes: stub,
            syntax: Form::Ndr20,
        };
        self.interface
            .call(&state, &caller, &mut self.handles, opnum, stub)
    }

    /// Calls what answers a handle and a status.
    fn open(&mut self, opnum: u16, stub: &[u8]) -> (Handle, NtStatus) {
        let out = self.call(opnum, stub).unwrap();
        let mut r = Reader::new(&out);
        (r.handle().unwrap(), NtStatus(r.u32().unwrap()))
    }

    /// A handle of samr's domain of accounts.
    fn accounts(&mut self) -> Handle {
        let (server, status) = self.open(
            57,
            &stub(|w| {
                w.pointer(false);
                w.u32(0x0200_0000);
            }),
        );
        assert_eq!(status, NtStatus::SUCCESS);
        let sid = names::accounts(&self.state).sid;
        let (domain, status) = self.open(
            7,
            &stub(|w| {
                w.handle(&server);
                w.u32(0x0200_0000);
                w.sid(&sid);
            }),
        );
        assert_eq!(status, NtStatus::SUCCESS);
        domain
    }

    fn policy(&mut self) -> Handle {
        let (policy, status) = self.open(44, &policy_stub());
        assert_eq!(status, NtStatus::SUCCESS);
        policy
    }
}

fn stub(f: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::new();
    f(&mut w);
    w.into_bytes()
}

/// LsarOpenPolicy2 as Samba's tools send it; LsarOpenPolicy is the same without
/// a name.
fn policy_stub() -> Vec<u8> {
    stub(|w| {
        w.pointer(false);
        // Length, root, name, attributes, descriptor.
        w.u32(24);
        w.pointer(false);
        w.pointer(false);
        w.u32(0);
        w.pointer(false);
        // Quality of service: length, impersonation, tracking, effective only.
        w.pointer(true);
        w.u32(12);
        w.u16(2);
        w.u8(1);
        w.u8(0);
        w.u32(0x0200_0000);
    })
}

/// SamrConnect and its like: no name, then numbers.
fn connect_stub(numbers: usize) -> Vec<u8> {
    stub(|w| {
        w.pointer(false);
        (0..numbers).for_each(|_| w.u32(2));
    })
}

fn sids_stub(policy: &Handle, sids: &[Sid]) -> Vec<u8> {
    stub(|w| {
        w.handle(policy);
        w.u32(sids.len() as u32);
        w.pointer(true);
        w.u32(sids.len() as u32);
        sids.iter().for_each(|_| w.pointer(true));
        sids.iter().for_each(|s| w.sid(s));
        w.u32(0);
        w.pointer(false);
        w.u16(1);
        w.u32(0);
    })
}

fn names_stub(policy: &Handle, names: &[&str]) -> Vec<u8> {
    stub(|w| {
        w.handle(policy);
        w.u32(names.len() as u32);
        w.u32(names.len() as u32);
        names.iter().for_each(|n| w.counted_header(n));
        names.iter().for_each(|n| w.counted(n));
        w.u32(0);
        w.pointer(false);
        w.u16(1);
        w.u32(0);
    })
}

/// Names of the domains of an answer.
fn domains(r: &mut Reader<'_>) -> Vec<String> {
    assert!(r.pointer().unwrap());
    let count = r.u32().unwrap();
    let any = r.pointer().unwrap();
    assert_eq!(r.u32().unwrap(), count);
    if !any {
        return Vec::new();
    }
    assert_eq!(r.u32().unwrap(), count);
    let present: Vec<bool> = (0..count)
        .map(|_| {
            let present = r.counted_header().unwrap();
            assert!(r.pointer().unwrap());
            present
        })
        .collect();
    present
        .into_iter()
        .map(|p| {
            let name = r.counted(p).unwrap();
            r.sid().unwrap();
            name
        })
        .collect()
}

#[test]
fn sids_have_names() {
    let mut b = bench(Interface::Lsarpc);
    let policy = b.policy();
    let own = names::accounts(&b.state).sid;
    let asked = [
        own.child(1001).unwrap(),
        Sid::EVERYONE,
        Sid::BUILTIN_ADMINISTRATORS,
        Sid::unix_user(1000),
        Sid::unix_group(50),
        own.child(4711).unwrap(),
        "S-1-5-21-1-2-3-4".parse().unwrap(),
    ];
    let out = b.call(15, &sids_stub(&policy, &asked)).unwrap();
    let mut r = Reader::new(&out);
    let domains = domains(&mut r);
    assert_eq!(domains, ["FILES", "", "BUILTIN", "Unix User", "Unix Group"]);
    assert_eq!(r.u32().unwrap(), 7);
    assert!(r.pointer().unwrap());
    assert_eq!(r.u32().unwrap(), 7);
    let fixed: Vec<_> = (0..7)
        .map(|_| {
            (
                r.u16().unwrap(),
                r.counted_header().unwrap(),
                r.u32().unwrap(),
            )
        })
        .collect();
    let all: Vec<_> = fixed
        .into_iter()
        .map(|(kind, present, domain)| (kind, r.counted(present).unwrap(), domain))
        .collect();
    assert_eq!(
        all,
        [
            (1, "alice".to_owned(), 0),
            (5, "Everyone".to_owned(), 1),
            (4, "Administrators".to_owned(), 2),
            (1, "alice".to_owned(), 3),
            (2, "staff".to_owned(), 4),
            (8, "00001267".to_owned(), 0),
            (8, "S-1-5-21-1-2-3-4".to_owned(), u32::MAX),
        ]
    );
    assert_eq!(r.u32().unwrap(), 5);
    assert_eq!(NtStatus(r.u32().unwrap()), NtStatus::SOME_NOT_MAPPED);
}

#[test]
fn names_have_sids() {
    let mut b = bench(Interface::Lsarpc);
    let policy = b.policy();
    let own = names::accounts(&b.state).sid;
    let asked = [
        "ALICE",
        "files\\bob",
        "NT AUTHORITY\\SYSTEM",
        "Unix User\\alice",
        "staff",
        "nobody-here",
        "other\\alice",
    ];
    let mut ask = names_stub(&policy, &asked);
    // Options and the client's revision.
    ask.extend([0, 0, 0, 0, 2, 0, 0, 0]);
    let out = b.call(68, &ask).unwrap();
    let mut r = Reader::new(&out);
    domains(&mut r);
    assert_eq!(r.u32().unwrap(), 7);
    assert!(r.pointer().unwrap());
    assert_eq!(r.u32().unwrap(), 7);
    let there: Vec<bool> = (0..7)
        .map(|_| {
            r.u16().unwrap();
            let there = r.pointer().unwrap();
            r.u32().unwrap();
            r.u32().unwrap();
            there
        })
        .collect();
    assert_eq!(there, [true, true, true, true, true, false, false]);
    let sids: Vec<Sid> = (0..5).map(|_| r.sid().unwrap()).collect();
    assert_eq!(
        sids,
        [
            own.child(1001).unwrap(),
            own.child(1002).unwrap(),
            Sid::LOCAL_SYSTEM,
            Sid::unix_user(1000),
            Sid::unix_group(50),
        ]
    );
    assert_eq!(r.u32().unwrap(), 5);
    assert_eq!(NtStatus(r.u32().unwrap()), NtStatus::SOME_NOT_MAPPED);

    let out = b.call(14, &names_stub(&policy, &["nobody-here"])).unwrap();
    let status = u32::from_le_bytes(out[out.len() - 4..].try_into().unwrap());
    assert_eq!(NtStatus(status), NtStatus::NONE_MAPPED);
}

/// Kind and RID of the one name of LsarLookupNames, and the status.
fn lookup(b: &mut Bench, policy: &Handle, name: &str) -> (u16, u32, NtStatus) {
    let out = b.call(14, &names_stub(policy, &[name])).unwrap();
    let mut r = Reader::new(&out);
    domains(&mut r);
    assert_eq!(r.u32().unwrap(), 1);
    assert!(r.pointer().unwrap());
    assert_eq!(r.u32().unwrap(), 1);
    let found = (r.u16().unwrap(), r.u32().unwrap());
    let status = u32::from_le_bytes(out[out.len() - 4..].try_into().unwrap());
    (found.0, found.1, NtStatus(status))
}

#[test]
fn domains_have_names_and_sids() {
    let mut b = bench(Interface::Lsarpc);
    let policy = b.policy();
    let domain = (3, u32::MAX, NtStatus::SUCCESS);
    for name in ["", "BUILTIN", "builtin\\", "FILES", "Files\\"] {
        assert_eq!(lookup(&mut b, &policy, name), domain, "{name}");
    }
    let none = (8, 0, NtStatus::NONE_MAPPED);
    for name in ["NT AUTHORITY\\BOGUS", "other\\", "\\", "@"] {
        assert_eq!(lookup(&mut b, &policy, name), none, "{name}");
    }
    let own = names::accounts(&b.state).sid;
    for sid in [own, "S-1-5-32".parse().unwrap()] {
        assert_eq!(
            names::of_sid(&b.state, &sid).unwrap().kind,
            names::Use::Domain
        );
    }
}

#[test]
fn what_the_policy_says() {
    let mut b = bench(Interface::Lsarpc);
    let policy = b.policy();
    let mut ask = |level: u16| {
        let out = b.call(
            7,
            &stub(|w| {
                w.handle(&policy);
                w.u16(level);
            }),
        );
        out.unwrap()
    };
    for level in [2, 3, 5, 6, 12] {
        let out = ask(level);
        assert_eq!(out[4..6], level.to_le_bytes(), "{level}");
        assert_eq!(out[out.len() - 4..], [0; 4], "{level}");
    }
    let role = ask(6);
    assert_eq!((role.len(), role[8]), (16, 3));
    assert_eq!(ask(99)[..4], [0; 4]);
}

#[test]
fn handles_belong_to_their_pipe_and_kind() {
    let mut b = bench(Interface::Lsarpc);
    let policy = b.policy();
    let info = |h: &Handle| {
        stub(|w| {
            w.handle(h);
            w.u16(5);
        })
    };
    assert!(b.call(7, &info(&policy)).is_ok());
    let mismatch = Err(Fault(fault::CONTEXT_MISMATCH));
    b.handles = Handles::new(8);
    b.policy();
    assert_eq!(b.call(7, &info(&policy)), mismatch);
    let policy = b.policy();
    assert_eq!(b.call(0, &policy).unwrap(), [0; 24]);
    assert_eq!(b.call(7, &info(&policy)), mismatch);
    assert_eq!(b.call(0, &policy), mismatch);
    // A policy is no domain.
    let policy = b.policy();
    b.interface = Interface::Samr;
    assert_eq!(b.call(8, &info(&policy)), mismatch);
    // There is an end to it.
    b.interface = Interface::Lsarpc;
    let status = (0..300).map(|_| b.open(44, &policy_stub()).1).last();
    assert_eq!(status, Some(NtStatus::INSUFFICIENT_RESOURCES));
}

#[test]
fn strangers_learn_nothing() {
    for flags in [UserFlags::GUEST, UserFlags::ANONYMOUS] {
        let mut b = bench(Interface::Lsarpc);
        b.caller.flags = flags;
        for opnum in [44, 6] {
            let denied = ([0; 20], NtStatus::ACCESS_DENIED);
            assert_eq!(b.open(opnum, &policy_stub()), denied);
        }
        b.interface = Interface::Samr;
        for (opnum, numbers) in [(0, 1), (57, 1), (62, 2)] {
            let denied = ([0; 20], NtStatus::ACCESS_DENIED);
            assert_eq!(b.open(opnum, &connect_stub(numbers)), denied);
        }
    }
}

/// RIDs and names, what to go on with, the status.
fn list(out: &[u8]) -> (Vec<(u32, String)>, u32, NtStatus) {
    let mut r = Reader::new(out);
    let next = r.u32().unwrap();
    assert!(r.pointer().unwrap());
    let count = r.u32().unwrap();
    let mut all = Vec::new();
    if r.pointer().unwrap() {
        assert_eq!(r.u32().unwrap(), count);
        let fixed: Vec<_> = (0..count)
            .map(|_| (r.u32().unwrap(), r.counted_header().unwrap()))
            .collect();
        for (rid, present) in fixed {
            all.push((rid, r.counted(present).unwrap()));
        }
    }
    assert_eq!(r.u32().unwrap(), count);
    (all, next, NtStatus(r.u32().unwrap()))
}

#[test]
fn accounts_are_listed_in_pages() {
    let mut b = bench(Interface::Samr);
    let domain = b.accounts();
    let mut all = Vec::new();
    let mut resume = 0;
    loop {
        let out = b.call(
            13,
            &stub(|w| {
                w.handle(&domain);
                w.u32(resume);
                w.u32(0);
                w.u32(130);
            }),
        );
        let (some, next, status) = list(&out.unwrap());
        assert!(some.len() <= 2);
        all.extend(some);
        if next == 0 {
            assert_eq!(status, NtStatus::SUCCESS);
            break;
        }
        assert_eq!(status, NtStatus(0x105));
        resume = next;
    }
    let names: Vec<&str> = all.iter().map(|(_, n)| n.as_str()).collect();
    assert_eq!(names, ["alice", "Bob", "dave", "carol", "erin"]);
    assert_eq!(all[0].0, 1001);
}

#[test]
fn an_account_is_told_without_its_secrets() {
    let mut b = bench(Interface::Samr);
    let domain = b.accounts();
    let open = |rid: u32| {
        stub(|w| {
            w.handle(&domain);
            w.u32(0x0200_0000);
            w.u32(rid);
        })
    };
    assert_eq!(b.open(34, &open(4711)).1, NtStatus::NO_SUCH_USER);
    assert_eq!(b.open(34, &open(513)).1, NtStatus::NO_SUCH_USER);
    let (dave, status) = b.open(34, &open(1003));
    assert_eq!(status, NtStatus::SUCCESS);
    let ask = |level: u16| {
        stub(|w| {
            w.handle(&dave);
            w.u16(level);
        })
    };
    let out = b.call(36, &ask(16)).unwrap();
    let mut r = Reader::new(&out);
    assert!(r.pointer().unwrap());
    assert_eq!(r.u16().unwrap(), 16);
    assert_eq!(r.u32().unwrap(), 0x211, "disabled");
    // INTERNAL1 has the hashes.
    for level in [18, 0, 99] {
        let out = b.call(36, &ask(level)).unwrap();
        let mut r = Reader::new(&out);
        assert!(!r.pointer().unwrap());
        assert_eq!(NtStatus(r.u32().unwrap()), NtStatus::INVALID_INFO_CLASS);
    }
    let all = b.call(47, &ask(21)).unwrap();
    let store = b.state.store();
    let hash = store.credentials("dave").unwrap().unwrap().nt_hash;
    assert!(!all.windows(16).any(|w| w == hash.expose()));
}

#[test]
fn names_and_rids_of_samr() {
    let mut b = bench(Interface::Samr);
    let domain = b.accounts();
    let asked = ["erin", "none", "zoe"];
    let out = b.call(
        17,
        &stub(|w| {
            w.handle(&domain);
            w.u32(3);
            w.u32(1000);
            w.u32(0);
            w.u32(3);
            asked.iter().for_each(|n| w.counted_header(n));
            asked.iter().for_each(|n| w.counted(n));
        }),
    );
    let out = out.unwrap();
    let mut r = Reader::new(&out);
    let mut numbers = || {
        let count = r.u32().unwrap();
        assert!(r.pointer().unwrap());
        assert_eq!(r.u32().unwrap(), count);
        (0..count).map(|_| r.u32().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(), [1005, 513, 0]);
    assert_eq!(numbers(), [1, 2, 8]);
    assert_eq!(NtStatus(r.u32().unwrap()), NtStatus::SOME_NOT_MAPPED);
}

/// What is cut off, or has other numbers in it, is refused and never more.
#[test]
fn spoilt_stubs() {
    for interface in [Interface::Lsarpc, Interface::Samr] {
        let mut b = bench(Interface::Samr);
        let domain = b.accounts();
        b.interface = Interface::Lsarpc;
        let policy = b.policy();
        b.interface = interface;
        let mut good = sids_stub(&policy, &[Sid::EVERYONE, Sid::LOCAL_SYSTEM]);
        good.extend(names_stub(&domain, &["a", "bc"]));
        for opnum in 0..80 {
            for len in 0..good.len() {
                for handle in [&policy, &domain] {
                    let mut stub = good[..len].to_vec();
                    let n = len.min(HANDLE_LEN);
                    stub[..n].copy_from_slice(&handle[..n]);
                    // Not a panic, and not without end.
                    let _ = b.call(opnum, &stub);
                    if len > HANDLE_LEN {
                        stub[len - 1] = 0xFF;
                        let _ = b.call(opnum, &stub);
                    }
                }
            }
        }
    }
    let mut b = bench(Interface::Lsarpc);
    let policy = b.policy();
    let good = sids_stub(&policy, &[Sid::EVERYONE]);
    // All but what is not read at the end.
    for len in 0..good.len() - 18 {
        assert!(b.call(15, &good[..len]).is_err(), "{len}");
    }
}
