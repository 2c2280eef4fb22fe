// SPDX-License-Identifier: GPL-2.0-or-later
//! Oplocks and leases as a state machine ([MS-SMB2] 3.3.5.9.8, 3.3.5.22; [MS-FSA] 2.1.4.12, 2.1.5.17, 2.1.5.18).
#![allow(missing_docs, reason = "tests")]

use kernel::alloc::KVec;
use ksmbd_engine::caching::state::{level_of, state_of, BREAK_TIMEOUT_MS, H, NONE, R, W};
use ksmbd_engine::caching::{
    Arrival, Ask, Caching, Contention, LeaseId, LeaseTable, Notice, Shown, What,
};
use ksmbd_engine::open::FileKey;
use ksmbd_engine::time::Monotonic;
use ksmbd_engine::work::Token;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::smb2::{LeaseKey, LeaseState, OplockLevel};
use proto_shared::status::NtStatus;

const RH: LeaseState = LeaseState(R.0 | H.0);
const RW: LeaseState = LeaseState(R.0 | W.0);
const RWH: LeaseState = LeaseState(R.0 | W.0 | H.0);
const WH: LeaseState = LeaseState(W.0 | H.0);

fn key(n: u8) -> LeaseId {
    LeaseId {
        client: [7; 16],
        key: LeaseKey([n; 16]),
    }
}

fn lease(n: u8, state: LeaseState) -> Ask {
    Ask::Lease {
        id: key(n),
        state,
        epoch: None,
    }
}

fn lease_v2(n: u8, state: LeaseState, epoch: u16) -> Ask {
    Ask::Lease {
        id: key(n),
        state,
        epoch: Some(epoch),
    }
}

fn arrival(open: u64, ask: Ask) -> Arrival {
    Arrival {
        open,
        session: open,
        access: AccessMask::READ_DATA | AccessMask::WRITE_DATA,
        created: false,
        overwrites: false,
        violation: false,
        locked: false,
        retry: false,
        sealed: false,
        ask,
    }
}

/// A file and its clock.
struct File {
    caching: Caching,
    now: Monotonic,
    notices: KVec<Notice>,
}

impl File {
    fn new() -> Self {
        Self {
            caching: Caching::new(),
            now: Monotonic(0),
            notices: KVec::new(),
        }
    }

    /// Opens; `None` if it has to wait.
    fn try_open(&mut self, a: Arrival) -> Option<Option<Shown>> {
        if self
            .caching
            .arrive(&a, self.now, &mut self.notices)
            .unwrap()
            .is_some()
        {
            return None;
        }
        self.caching.admit(&a).unwrap();
        let shown = self.caching.shown(a.open);
        self.caching
            .activate(a.open, a.open + 1000, &mut self.notices)
            .unwrap();
        Some(shown)
    }

    fn open(&mut self, open: u64, ask: Ask) -> LeaseState {
        let shown = self.try_open(arrival(open, ask)).expect("waits");
        shown.map_or(NONE, |s| s.state)
    }

    fn notices(&mut self) -> Vec<Notice> {
        let out = self.notices.iter().copied().collect();
        self.notices.clear();
        out
    }

    /// From, to, and whether it is to be acknowledged.
    fn lease_breaks(&mut self) -> Vec<(u8, LeaseState, LeaseState, bool)> {
        self.notices()
            .iter()
            .map(|n| match n.what {
                What::Lease { id, from, to, .. } => (id.key.0[0], from, to, n.ack),
                What::Oplock { .. } => panic!("an oplock"),
            })
            .collect()
    }

    fn oplock_breaks(&mut self) -> Vec<(u64, OplockLevel, bool)> {
        self.notices()
            .iter()
            .map(|n| match n.what {
                What::Oplock { file, to } => (file.persistent, to, n.ack),
                What::Lease { .. } => panic!("a lease"),
            })
            .collect()
    }

    fn acknowledge(&mut self, n: u8, state: LeaseState) -> Result<(), NtStatus> {
        let (now, out) = (self.now, &mut self.notices);
        self.caching
            .acknowledge_lease(&key(n), state, now, out)
            .map_err(|e| e.status)
    }

    fn acknowledge_oplock(&mut self, open: u64, level: OplockLevel) -> Result<(), NtStatus> {
        let (now, out) = (self.now, &mut self.notices);
        let done = self.caching.acknowledge_oplock(open, level, now, out);
        done.map(|_| ()).map_err(|e| e.status)
    }

    fn contend(&mut self, by: u64, what: Contention) -> bool {
        let (now, out) = (self.now, &mut self.notices);
        self.caching
            .contend(Some(by), what, now, out)
            .unwrap()
            .is_some()
    }

    fn state(&mut self, n: u8) -> LeaseState {
        let open = 9000 + u64::from(n);
        let state = self.open(open, lease(n, NONE));
        self.caching.depart(open);
        state
    }
}

#[test]
fn levels_and_states() {
    for level in [
        OplockLevel::NONE,
        OplockLevel::II,
        OplockLevel::EXCLUSIVE,
        OplockLevel::BATCH,
    ] {
        assert_eq!(level_of(state_of(level).unwrap()), level);
    }
    assert!(state_of(OplockLevel::LEASE).is_err());
}

#[test]
fn what_a_lone_client_is_granted() {
    for (asked, granted) in [
        (NONE, NONE),
        (R, R),
        (H, NONE),
        (W, NONE),
        (RH, RH),
        (RW, RW),
        (WH, NONE),
        (RWH, RWH),
    ] {
        assert_eq!(File::new().open(1, lease(1, asked)), granted, "{asked:?}");
    }
    assert_eq!(File::new().open(1, lease(1, LeaseState(!0))), RWH);
}

#[test]
fn upgrades_of_a_lone_client() {
    let states = [NONE, R, RH, RW, RWH];
    for held in states {
        for asked in states {
            let mut f = File::new();
            f.open(1, lease(1, held));
            let expected = if asked.contains(held) { asked } else { held };
            assert_eq!(f.open(2, lease(1, asked)), expected, "{held:?} {asked:?}");
            assert!(f.notices().is_empty());
        }
    }
}

#[test]
fn upgrades_beside_another_client() {
    for held in [R, RH] {
        for other in [R, RH] {
            for asked in [NONE, R, RW, RH, RWH] {
                let mut f = File::new();
                f.open(1, lease(1, held));
                f.open(2, lease(2, other));
                let expected = if asked == RH { RH } else { held };
                assert_eq!(
                    f.open(3, lease(1, asked)),
                    expected,
                    "{held:?} {other:?} {asked:?}"
                );
                assert!(f.notices().is_empty());
            }
        }
    }
}

#[test]
fn an_open_breaks_written_data_only() {
    for held in [R, RH, RW, RWH] {
        for asked in [R, RH, RW, RWH] {
            let mut f = File::new();
            f.open(1, lease(1, held));
            let left = held.without(W);
            if held != left {
                assert!(f.try_open(arrival(2, lease(2, asked))).is_none());
                assert_eq!(f.lease_breaks(), [(1, held, left, true)]);
                f.acknowledge(1, left).unwrap();
            }
            assert_eq!(f.open(2, lease(2, asked)), asked.without(W));
            assert!(f.notices().is_empty());
            assert_eq!(f.open(3, lease(1, RWH)), left);
        }
    }
}

#[test]
fn oplocks_beside_leases() {
    let levels = [OplockLevel::II, OplockLevel::EXCLUSIVE, OplockLevel::BATCH];
    for level in levels {
        let asked = state_of(level).unwrap();
        for held in [R, RH] {
            let mut f = File::new();
            f.open(1, lease(1, held));
            let expected = if held.contains(H) { NONE } else { R };
            assert_eq!(
                f.open(2, Ask::Oplock(asked)),
                expected,
                "{held:?} {level:?}"
            );
        }
        for wanted in [R, RH, RW, RWH] {
            let mut f = File::new();
            f.open(1, Ask::Oplock(asked));
            if asked != R {
                assert!(f.try_open(arrival(2, lease(1, wanted))).is_none());
                assert_eq!(f.oplock_breaks(), [(1, OplockLevel::II, true)]);
                f.acknowledge_oplock(1, OplockLevel::II).unwrap();
            }
            assert_eq!(f.open(2, lease(1, wanted)), R);
        }
    }
}

#[test]
fn a_sharing_violation_takes_the_handle_only() {
    let mut f = File::new();
    f.open(1, lease(1, RWH));
    let other = Arrival {
        violation: true,
        overwrites: true,
        ..arrival(2, lease(2, RWH))
    };
    assert!(f.try_open(other).is_none());
    assert_eq!(f.lease_breaks(), [(1, RWH, RW, true)]);
    f.acknowledge(1, RW).unwrap();
    // Nothing more to wait for: now the violation is final.
    assert_eq!(
        f.caching.arrive(&other, f.now, &mut f.notices).unwrap(),
        None
    );
    assert!(f.notices().is_empty());

    let mut f = File::new();
    f.open(1, Ask::Oplock(RW));
    assert_eq!(
        f.caching.arrive(&other, f.now, &mut f.notices).unwrap(),
        None
    );
    let mut f = File::new();
    f.open(1, Ask::Oplock(RWH));
    assert!(f.try_open(other).is_none());
    assert_eq!(f.oplock_breaks(), [(1, OplockLevel::II, true)]);
}

#[test]
fn overwriting_takes_everything() {
    let overwrite = |open| Arrival {
        overwrites: true,
        ..arrival(open, Ask::Nothing)
    };
    let mut f = File::new();
    f.open(1, lease(1, RWH));
    assert!(f.try_open(overwrite(2)).is_none());
    assert_eq!(f.lease_breaks(), [(1, RWH, NONE, true)]);
    for state in [RWH, RW, WH, RH, W, H, R] {
        assert_eq!(f.acknowledge(1, state), Err(NtStatus::REQUEST_NOT_ACCEPTED));
    }
    f.acknowledge(1, NONE).unwrap();
    assert_eq!(f.acknowledge(1, NONE), Err(NtStatus::UNSUCCESSFUL));
    assert_eq!(f.acknowledge(2, NONE), Err(NtStatus::OBJECT_NAME_NOT_FOUND));
    assert!(f.try_open(overwrite(2)).is_some());

    // Cached handles do not hold it up, and are told once.
    let mut f = File::new();
    f.open(1, lease(1, RH));
    assert!(f.try_open(overwrite(2)).is_some());
    assert!(f.try_open(overwrite(3)).is_some());
    assert_eq!(f.lease_breaks(), [(1, RH, NONE, true)]);
    assert_eq!(f.state(1), RH);
    f.acknowledge(1, NONE).unwrap();
    assert_eq!(f.state(1), NONE);

    // Reads alone need no answer.
    let mut f = File::new();
    f.open(1, lease(1, R));
    f.open(2, Ask::Oplock(R));
    assert!(f.try_open(overwrite(3)).is_some());
    assert_eq!(f.notices().iter().filter(|n| !n.ack).count(), 2);
    assert_eq!(f.state(1), NONE);
    assert_eq!(f.acknowledge(1, NONE), Err(NtStatus::UNSUCCESSFUL));
}

#[test]
fn a_break_that_has_to_go_further_goes_step_by_step() {
    let mut f = File::new();
    f.open(1, lease_v2(1, RWH, 0x10));
    assert!(f.try_open(arrival(2, Ask::Nothing)).is_none());
    let overwrite = Arrival {
        overwrites: true,
        ..arrival(3, Ask::Nothing)
    };
    assert!(f.try_open(overwrite).is_none());
    let epoch = |n: &Notice| match n.what {
        What::Lease {
            epoch, from, to, ..
        } => (epoch, from, to, n.ack),
        What::Oplock { .. } => panic!("an oplock"),
    };
    assert_eq!(
        f.notices().iter().map(epoch).collect::<Vec<_>>(),
        [(0x12, RWH, RH, true)]
    );
    // The client's own opens see what it has and that it is to give it up.
    let own = f
        .try_open(arrival(4, lease_v2(1, RWH, 0)))
        .unwrap()
        .unwrap();
    assert_eq!(own.state, RWH);
    assert!(own.lease.unwrap().breaking);
    f.acknowledge(1, RH).unwrap();
    assert_eq!(
        f.notices().iter().map(epoch).collect::<Vec<_>>(),
        [(0x12, RH, R, true)]
    );
    // Who has waited waits until it is over.
    let retry = Arrival {
        retry: true,
        ..arrival(2, Ask::Nothing)
    };
    assert!(f.try_open(retry).is_none());
    f.acknowledge(1, R).unwrap();
    assert_eq!(
        f.notices().iter().map(epoch).collect::<Vec<_>>(),
        [(0x12, R, NONE, false)]
    );
    assert!(f.try_open(retry).is_some());
    assert!(f
        .try_open(Arrival {
            retry: true,
            ..overwrite
        })
        .is_some());
    assert!(f.notices().is_empty());
}

#[test]
fn less_than_asked_for_may_be_kept() {
    let mut f = File::new();
    f.open(1, lease(1, RWH));
    assert!(f.try_open(arrival(2, Ask::Nothing)).is_none());
    f.acknowledge(1, NONE).unwrap();
    assert_eq!(f.state(1), NONE);
}

#[test]
fn looking_at_attributes_disturbs_nobody() {
    let stat = [
        (AccessMask::READ_ATTRIBUTES, true, true),
        (AccessMask::WRITE_ATTRIBUTES, true, true),
        (AccessMask::SYNCHRONIZE, true, true),
        (AccessMask::READ_CONTROL, false, true),
        (AccessMask::READ_DATA, false, false),
        (AccessMask::READ_EA, false, false),
        (AccessMask::WRITE_EA, false, false),
        (AccessMask::EXECUTE, false, false),
        (AccessMask::DELETE, false, false),
        (AccessMask::WRITE_DAC, false, false),
        (AccessMask::WRITE_OWNER, false, false),
    ];
    for (access, oplock, lease_too) in stat {
        let look = Arrival {
            access,
            ..arrival(2, Ask::Nothing)
        };
        let mut f = File::new();
        f.open(1, Ask::Oplock(RWH));
        assert_eq!(f.try_open(look).is_some(), oplock, "{access:?}");
        let mut f = File::new();
        f.open(1, lease(1, RWH));
        assert_eq!(f.try_open(look).is_some(), lease_too, "{access:?}");
    }
    // It gets no oplock, but a lease; and it is not in the way of either.
    let look = |ask| Arrival {
        access: AccessMask::READ_ATTRIBUTES,
        ..arrival(1, ask)
    };
    assert_eq!(File::new().try_open(look(Ask::Oplock(RWH))), Some(None));
    let mut f = File::new();
    let made = Arrival {
        created: true,
        ..look(Ask::Oplock(RWH))
    };
    assert_eq!(f.try_open(made).unwrap().unwrap().state, RWH);
    assert!(f.try_open(arrival(2, Ask::Oplock(RWH))).is_none());
    f.acknowledge_oplock(1, OplockLevel::II).unwrap();
    assert_eq!(f.open(2, Ask::Oplock(RWH)), R);
    f.notices();
    let mut f = File::new();
    assert_eq!(f.try_open(look(lease(1, RWH))).unwrap().unwrap().state, RWH);
    assert!(f.try_open(arrival(2, lease(2, RWH))).is_none());
    assert_eq!(f.lease_breaks(), [(1, RWH, RH, true)]);
    let mut f = File::new();
    f.try_open(look(Ask::Nothing));
    assert_eq!(f.open(2, lease(1, RWH)), RWH);
}

#[test]
fn who_writes_takes_what_others_read() {
    let mut f = File::new();
    f.open(1, lease(1, RH));
    f.open(2, lease(2, R));
    f.open(3, lease(1, NONE));
    assert!(!f.contend(3, Contention::Data));
    assert_eq!(f.lease_breaks(), [(2, R, NONE, false)]);
    assert!(!f.contend(1, Contention::Data));
    assert!(f.notices().is_empty());
    assert!(!f.contend(2, Contention::Data));
    assert_eq!(f.lease_breaks(), [(1, RH, NONE, true)]);
    assert!(!f.contend(2, Contention::Data));
    assert!(f.notices().is_empty());

    // A level II oplock is broken by its own holder too, a stronger one is not.
    let mut f = File::new();
    f.open(1, Ask::Oplock(RWH));
    assert!(!f.contend(1, Contention::Data));
    assert!(f.notices().is_empty());
    f.try_open(arrival(2, Ask::Oplock(RWH)));
    f.notices();
    // The holder writes back what it has while it is broken.
    assert!(!f.contend(1, Contention::Data));
    assert!(f.notices().is_empty());
    f.acknowledge_oplock(1, OplockLevel::II).unwrap();
    assert_eq!(f.open(2, Ask::Oplock(RWH)), R);
    assert!(!f.contend(1, Contention::Data));
    assert_eq!(
        f.oplock_breaks(),
        [(1, OplockLevel::NONE, false), (2, OplockLevel::NONE, false)]
    );
    assert_eq!(
        f.acknowledge_oplock(1, OplockLevel::NONE),
        Err(NtStatus::INVALID_OPLOCK_PROTOCOL)
    );
}

#[test]
fn renaming_waits_for_cached_handles() {
    let mut f = File::new();
    f.open(1, lease(1, RH));
    f.open(2, lease(2, RH));
    assert!(f.contend(1, Contention::Handle));
    assert_eq!(f.lease_breaks(), [(2, RH, R, true)]);
    f.acknowledge(2, R).unwrap();
    assert!(!f.contend(1, Contention::Handle));
    assert!(f.notices().is_empty());
    assert!(f.caching.caches_handle(1));
    assert!(!f.caching.caches_handle(2));
}

#[test]
fn answers_to_oplock_breaks() {
    let mut f = File::new();
    f.open(1, Ask::Oplock(RW));
    assert_eq!(
        f.acknowledge_oplock(1, OplockLevel::II),
        Err(NtStatus::INVALID_DEVICE_STATE)
    );
    assert_eq!(
        f.acknowledge_oplock(1, OplockLevel::LEASE),
        Err(NtStatus::INVALID_PARAMETER)
    );
    assert_eq!(
        f.acknowledge_oplock(5, OplockLevel::II),
        Err(NtStatus::INVALID_OPLOCK_PROTOCOL)
    );
    let next = arrival(2, Ask::Nothing);
    assert!(f.try_open(next).is_none());
    // A wrong answer costs the oplock.
    assert_eq!(
        f.acknowledge_oplock(1, OplockLevel::BATCH),
        Err(NtStatus::INVALID_OPLOCK_PROTOCOL)
    );
    assert!(f.try_open(next).is_some());
    assert_eq!(
        f.acknowledge_oplock(1, OplockLevel::II),
        Err(NtStatus::INVALID_OPLOCK_PROTOCOL)
    );

    // What is to fall further after level II does so without another answer.
    let mut f = File::new();
    f.open(1, Ask::Oplock(RW));
    assert!(f.try_open(next).is_none());
    assert!(f
        .try_open(Arrival {
            overwrites: true,
            ..arrival(3, Ask::Nothing)
        })
        .is_none());
    assert_eq!(f.oplock_breaks(), [(1, OplockLevel::II, true)]);
    f.acknowledge_oplock(1, OplockLevel::II).unwrap();
    assert_eq!(f.oplock_breaks(), [(1, OplockLevel::NONE, false)]);
}

#[test]
fn nobody_waits_for_ever() {
    let mut f = File::new();
    f.open(1, lease(1, RWH));
    let a = arrival(2, lease(2, RWH));
    let blocker = f
        .caching
        .arrive(&a, f.now, &mut f.notices)
        .unwrap()
        .unwrap();
    assert!(f.caching.wait(Token(5), blocker.grant).unwrap());
    assert_eq!(f.caching.next_wake(), None);
    f.now = f.now.after_ms(BREAK_TIMEOUT_MS);
    assert_eq!(blocker.deadline, f.now);
    assert_eq!(f.open(2, lease(2, RWH)), RH);
    assert_eq!(f.caching.next_wake(), Some(Token(5)));
    assert_eq!(f.caching.next_wake(), None);
    assert!(!f.caching.wait(Token(6), blocker.grant).unwrap());
    assert_eq!(f.acknowledge(1, RH), Err(NtStatus::UNSUCCESSFUL));
    assert_eq!(f.state(1), NONE);
    f.caching.depart(2);
    assert_eq!(f.open(3, lease(1, R)), R);
    assert_eq!(f.open(4, lease(1, RWH)), RWH);
}

#[test]
fn closing_ends_a_break() {
    let mut f = File::new();
    f.open(1, lease(1, RWH));
    f.open(2, lease(1, RWH));
    let a = arrival(3, Ask::Nothing);
    let blocker = f
        .caching
        .arrive(&a, f.now, &mut f.notices)
        .unwrap()
        .unwrap();
    f.caching.wait(Token(1), blocker.grant).unwrap();
    f.caching.wait(Token(2), blocker.grant).unwrap();
    f.caching.forget(Token(2));
    f.caching.depart(1);
    assert_eq!(f.caching.next_wake(), None);
    f.caching.depart(2);
    assert_eq!(f.caching.next_wake(), Some(Token(1)));
    assert_eq!(f.caching.next_wake(), None);
    assert!(f.try_open(a).is_some());
}

#[test]
fn who_cannot_be_told_has_nothing() {
    let mut f = File::new();
    f.open(1, Ask::Oplock(RWH));
    let a = arrival(2, Ask::Oplock(RWH));
    let blocker = f
        .caching
        .arrive(&a, f.now, &mut f.notices)
        .unwrap()
        .unwrap();
    f.caching.wait(Token(1), blocker.grant).unwrap();
    f.caching.lost(blocker.grant);
    assert_eq!(f.caching.next_wake(), Some(Token(1)));
    assert_eq!(f.open(2, Ask::Oplock(RWH)), R);
}

#[test]
fn nobody_is_told_before_the_reply() {
    let mut f = File::new();
    let first = arrival(1, lease_v2(1, RWH, 4));
    f.caching.admit(&first).unwrap();
    assert!(f.try_open(arrival(2, Ask::Nothing)).is_none());
    assert!(f.notices().is_empty());
    let shown = f.caching.shown(1).unwrap();
    assert_eq!((shown.state, shown.lease.unwrap().epoch), (RWH, Some(5)));
    assert!(!shown.lease.unwrap().breaking);
    f.caching.activate(1, 77, &mut f.notices).unwrap();
    let notices = f.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!(
        notices[0].what,
        What::Lease {
            id: key(1),
            epoch: 6,
            from: RWH,
            to: RH
        }
    );
    f.caching.activate(1, 77, &mut f.notices).unwrap();
    assert!(f.notices().is_empty());

    // What fell without an answer before the reply is not in the reply.
    let mut f = File::new();
    f.caching.admit(&arrival(1, Ask::Oplock(R))).unwrap();
    assert!(!f.contend(9, Contention::Data));
    assert_eq!(f.caching.shown(1).unwrap().state, NONE);
    f.caching.activate(1, 77, &mut f.notices).unwrap();
    assert!(f.notices().is_empty());
    // After it, it is told.
    let mut f = File::new();
    f.caching.admit(&arrival(1, Ask::Oplock(R))).unwrap();
    assert_eq!(f.caching.shown(1).unwrap().state, R);
    assert!(!f.contend(9, Contention::Data));
    f.caching.activate(1, 77, &mut f.notices).unwrap();
    assert_eq!(f.oplock_breaks(), [(1, OplockLevel::NONE, false)]);
}

#[test]
fn epochs_and_versions() {
    let shown = |f: &mut File, open, ask| f.try_open(arrival(open, ask)).unwrap().unwrap();
    let mut f = File::new();
    let epoch = |s: Shown| s.lease.unwrap().epoch;
    assert_eq!(
        epoch(shown(&mut f, 1, lease_v2(1, R, 0x4711))),
        Some(0x4712)
    );
    assert_eq!(epoch(shown(&mut f, 2, lease(1, RH))), Some(0x4713));
    assert_eq!(
        epoch(shown(&mut f, 3, lease_v2(1, RWH, 0x11))),
        Some(0x4714)
    );
    assert_eq!(epoch(shown(&mut f, 4, lease_v2(1, RH, 0x11))), Some(0x4714));
    // The first open's version stays.
    let mut f = File::new();
    assert_eq!(epoch(shown(&mut f, 1, lease(1, R))), None);
    assert_eq!(epoch(shown(&mut f, 2, lease_v2(1, RW, 3))), None);
    // Nothing granted, nothing counted.
    let locked = Arrival {
        locked: true,
        ..arrival(1, lease_v2(1, R, 100))
    };
    let got = File::new().try_open(locked).unwrap().unwrap();
    assert_eq!((got.state, epoch(got)), (NONE, Some(100)));
}

#[test]
fn a_key_is_for_one_file() {
    let (a, b) = (
        FileKey {
            dev: 1,
            ino: 1,
            stream: 0,
        },
        FileKey {
            dev: 1,
            ino: 2,
            stream: 0,
        },
    );
    let mut table = LeaseTable::new();
    for n in 0..200 {
        table.claim(&key(n), a).unwrap();
    }
    assert_eq!(
        table.claim(&key(3), b).unwrap_err().status,
        NtStatus::INVALID_PARAMETER
    );
    let other = LeaseId {
        client: [8; 16],
        ..key(3)
    };
    table.claim(&other, b).unwrap();
    assert_eq!(
        (table.file(&key(3)), table.file(&other)),
        (Some(a), Some(b))
    );
    table.claim(&key(3), a).unwrap();
    table.release(&key(3));
    assert_eq!(table.file(&key(3)), Some(a));
    table.release(&key(3));
    assert_eq!(table.file(&key(3)), None);
    table.release(&key(3));
    table.claim(&key(3), b).unwrap();
}
