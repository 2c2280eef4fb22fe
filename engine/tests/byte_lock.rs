// SPDX-License-Identifier: GPL-2.0-or-later
//! Byte-range locks: the rules of [MS-FSA] 2.1.4.10, waiting, and that no order of events loses a lock.
#![allow(missing_docs, reason = "tests")]

use ksmbd_engine::byte_lock::{
    ByteLock, LockList, LockOwner, LockRange, Placed, Settled, Wake, MAX_LOCKS_PER_OPEN,
};
use ksmbd_engine::work::Token;
use proto_shared::status::NtStatus;

const A: LockOwner = LockOwner(1);
const B: LockOwner = LockOwner(2);
const C: LockOwner = LockOwner(3);
const SHARED: bool = false;
const EXCLUSIVE: bool = true;

fn range(offset: u64, length: u64) -> LockRange {
    LockRange::new(offset, length).expect("a valid range")
}

fn denied(list: &mut LockList, owner: LockOwner, r: LockRange, exclusive: bool) -> bool {
    match list.try_lock(owner, r, exclusive) {
        Ok(()) => false,
        Err(e) => {
            assert_eq!(e.status, NtStatus::LOCK_NOT_GRANTED);
            true
        }
    }
}

fn wakes(list: &mut LockList) -> Vec<(Token, Wake)> {
    core::iter::from_fn(|| list.next_wake()).collect()
}

#[test]
fn ranges_end_at_the_last_byte() {
    assert!(LockRange::new(u64::MAX, 1).is_ok());
    assert!(LockRange::new(0, u64::MAX).is_ok());
    assert!(LockRange::new(1, u64::MAX).is_ok());
    assert!(LockRange::new(u64::MAX, 0).is_ok());
    for (offset, length) in [(u64::MAX, 2), (2, u64::MAX), (u64::MAX, u64::MAX)] {
        let e = LockRange::new(offset, length).expect_err("beyond the end");
        assert_eq!(e.status, NtStatus::INVALID_LOCK_RANGE);
    }
}

#[test]
fn shared_and_exclusive() {
    let mut list = LockList::new();
    assert!(!denied(&mut list, A, range(0, 10), SHARED));
    assert!(!denied(&mut list, B, range(5, 10), SHARED));
    assert!(denied(&mut list, C, range(9, 1), EXCLUSIVE));
    // Not even the owner of the shared lock gets an exclusive one over it.
    assert!(denied(&mut list, A, range(0, 1), EXCLUSIVE));
    assert!(!denied(&mut list, C, range(15, 1), EXCLUSIVE));
    assert!(denied(&mut list, A, range(15, 1), SHARED));
    // The owner may put a shared lock upon an exclusive one, but no second exclusive one.
    assert!(!denied(&mut list, C, range(15, 1), SHARED));
    assert!(denied(&mut list, C, range(15, 1), EXCLUSIVE));
    assert_eq!(list.len(), 4);
}

#[test]
fn reads_and_writes() {
    let mut list = LockList::new();
    assert!(!list.conflicts_write(A, 0, u64::MAX));
    list.try_lock(A, range(10, 10), SHARED).unwrap();
    list.try_lock(A, range(30, 10), EXCLUSIVE).unwrap();
    // A shared lock forbids writes to everybody, its owner included.
    for owner in [A, B] {
        assert!(!list.conflicts_read(owner, 0, 20));
        assert!(list.conflicts_write(owner, 0, 11));
        assert!(list.conflicts_write(owner, 19, 1));
        assert!(!list.conflicts_write(owner, 20, 10));
    }
    assert!(!list.conflicts_read(A, 30, 10));
    assert!(!list.conflicts_write(A, 30, 10));
    assert!(list.conflicts_read(B, 39, 1));
    assert!(!list.conflicts_read(B, 40, 1));
    assert!(list.conflicts_write(B, 0, u64::MAX));
    // Nothing is read or written.
    assert!(!list.conflicts_read(B, 35, 0));
    assert!(!list.conflicts_write(B, 35, 0));
    // A request beyond the end does not wrap around to the start.
    assert!(!list.conflicts_write(B, u64::MAX, u64::MAX));
    list.try_lock(A, range(u64::MAX, 1), EXCLUSIVE).unwrap();
    assert!(list.conflicts_write(B, u64::MAX, u64::MAX));
    assert!(list.conflicts_read(B, u64::MAX - 5, u64::MAX));
}

#[test]
fn empty_ranges() {
    let mut list = LockList::new();
    list.try_lock(A, range(0, 0), EXCLUSIVE).unwrap();
    // The empty range at 0 is in nobody's way.
    assert!(!denied(&mut list, B, range(0, 0), EXCLUSIVE));
    assert!(!denied(&mut list, B, range(0, 10), EXCLUSIVE));
    assert!(!denied(&mut list, A, range(0, 0), EXCLUSIVE));
    // An empty range conflicts with what reaches across its place, not with what begins or ends there.
    assert!(denied(&mut list, A, range(5, 0), SHARED));
    assert!(denied(&mut list, A, range(9, 0), EXCLUSIVE));
    assert!(!denied(&mut list, A, range(10, 0), EXCLUSIVE));
    assert!(!denied(&mut list, B, range(10, 0), EXCLUSIVE));
    assert!(!denied(&mut list, B, range(10, 5), EXCLUSIVE));
    assert!(!denied(&mut list, A, range(20, 0), EXCLUSIVE));
    assert!(denied(&mut list, B, range(15, 10), EXCLUSIVE));
}

#[test]
fn unlock_needs_the_very_range_and_owner() {
    let mut list = LockList::new();
    list.try_lock(A, range(0, 10), EXCLUSIVE).unwrap();
    list.try_lock(A, range(0, 10), SHARED).unwrap();
    assert!(!list.unlock(B, range(0, 10)));
    assert!(!list.unlock(A, range(0, 9)));
    assert!(!list.unlock(A, range(1, 9)));
    // The exclusive one goes first.
    assert!(list.unlock(A, range(0, 10)));
    assert!(list.iter().all(|l| !l.exclusive));
    assert!(list.unlock(A, range(0, 10)));
    assert!(!list.unlock(A, range(0, 10)));
    assert!(list.is_empty());
    // The same shared range may be held twice and is then given up twice.
    list.try_lock(A, range(0, 10), SHARED).unwrap();
    list.try_lock(A, range(0, 10), SHARED).unwrap();
    assert!(list.unlock(A, range(0, 10)));
    assert!(denied(&mut list, B, range(0, 1), EXCLUSIVE));
}

#[test]
fn waiters_are_granted_in_order() {
    let mut list = LockList::new();
    list.try_lock(A, range(0, 10), EXCLUSIVE).unwrap();
    let wait = |list: &mut LockList, owner, r, exclusive, token| {
        list.lock_or_wait(owner, r, exclusive, Token(token))
            .unwrap()
    };
    assert_eq!(
        wait(&mut list, B, range(0, 10), EXCLUSIVE, 1),
        Placed::Waiting
    );
    assert_eq!(wait(&mut list, C, range(0, 5), SHARED, 2), Placed::Waiting);
    assert_eq!(wait(&mut list, C, range(20, 5), SHARED, 3), Placed::Granted);
    assert_eq!(list.waiting(), 2);
    assert!(wakes(&mut list).is_empty());

    assert!(list.unlock(A, range(0, 10)));
    assert_eq!(wakes(&mut list), [(Token(1), Wake::Granted)]);
    assert!(wakes(&mut list).is_empty());
    assert_eq!(list.settle(Token(1)), Settled::Granted);
    assert_eq!(list.settle(Token(1)), Settled::Gone);
    assert!(list.conflicts_read(C, 0, 1));

    assert!(list.unlock(B, range(0, 10)));
    assert_eq!(wakes(&mut list), [(Token(2), Wake::Granted)]);
    assert_eq!(list.settle(Token(2)), Settled::Granted);
    assert_eq!(list.settle(Token(3)), Settled::Gone);
    assert_eq!(list.waiting(), 0);
}

#[test]
fn cancelling_and_granting_cross() {
    let mut list = LockList::new();
    list.try_lock(A, range(0, 1), EXCLUSIVE).unwrap();
    list.lock_or_wait(B, range(0, 1), EXCLUSIVE, Token(1))
        .unwrap();
    // Cancelled in time: no lock, and nothing to wake later.
    assert_eq!(list.settle(Token(1)), Settled::Withdrawn);
    assert!(list.unlock(A, range(0, 1)));
    assert!(wakes(&mut list).is_empty());
    assert!(list.is_empty());
    // Cancelled when it had been granted already: it is held, so the answer must be success.
    list.try_lock(A, range(0, 1), EXCLUSIVE).unwrap();
    list.lock_or_wait(B, range(0, 1), EXCLUSIVE, Token(2))
        .unwrap();
    assert!(list.unlock(A, range(0, 1)));
    assert_eq!(list.settle(Token(2)), Settled::Granted);
    assert!(list.conflicts_read(A, 0, 1));
}

#[test]
fn closing_an_open_drops_its_locks_and_waits() {
    let mut list = LockList::new();
    list.try_lock(A, range(0, 10), EXCLUSIVE).unwrap();
    list.try_lock(A, range(0, 10), SHARED).unwrap();
    list.try_lock(C, range(20, 1), EXCLUSIVE).unwrap();
    list.lock_or_wait(B, range(0, 1), EXCLUSIVE, Token(1))
        .unwrap();
    list.lock_or_wait(A, range(20, 1), EXCLUSIVE, Token(2))
        .unwrap();
    list.lock_or_wait(B, range(20, 1), EXCLUSIVE, Token(3))
        .unwrap();
    list.remove_owner(A);
    assert_eq!(
        wakes(&mut list),
        [(Token(1), Wake::Granted), (Token(2), Wake::Closed)]
    );
    assert_eq!(list.settle(Token(2)), Settled::Gone);
    // One that was granted but has not run yet goes with its open.
    list.remove_owner(B);
    assert_eq!(wakes(&mut list), [(Token(3), Wake::Closed)]);
    assert_eq!(list.settle(Token(1)), Settled::Gone);
    assert_eq!(list.settle(Token(3)), Settled::Gone);
    assert_eq!(list.len(), 1);
    list.remove_owner(C);
    assert!(list.is_empty());
    assert_eq!(list.waiting(), 0);
}

#[test]
fn roll_back_takes_the_newest_of_its_kind() {
    let mut list = LockList::new();
    list.try_lock(A, range(0, 1), SHARED).unwrap();
    list.try_lock(A, range(0, 1), SHARED).unwrap();
    list.roll_back(A, range(0, 1), EXCLUSIVE);
    assert_eq!(list.len(), 2);
    list.roll_back(A, range(0, 1), SHARED);
    assert_eq!(list.len(), 1);
}

#[test]
fn one_open_cannot_pile_up_locks() {
    let mut list = LockList::new();
    for i in 0..MAX_LOCKS_PER_OPEN as u64 {
        list.try_lock(A, range(i, 0), SHARED).unwrap();
    }
    let e = list.try_lock(A, range(1, 0), SHARED).expect_err("too many");
    assert_eq!(e.status, NtStatus::INSUFFICIENT_RESOURCES);
    assert!(!denied(&mut list, B, range(1, 0), SHARED));
}

#[test]
fn without_memory_nothing_changes() {
    let mut list = LockList::new();
    list.try_lock(A, range(0, 1), EXCLUSIVE).unwrap();
    for n in 0.. {
        kernel::shim::fail_after(n);
        let placed = list.lock_or_wait(B, range(0, 1), EXCLUSIVE, Token(7));
        let failed = kernel::shim::fail_never() != 0;
        match placed {
            Err(e) => {
                assert!(failed);
                assert_eq!(e.status, NtStatus::INSUFFICIENT_RESOURCES);
                assert_eq!(list.waiting(), 0);
            }
            Ok(p) => {
                assert_eq!(p, Placed::Waiting);
                break;
            }
        }
    }
    // Granting needs none.
    kernel::shim::fail_from(0);
    assert!(list.unlock(A, range(0, 1)));
    assert_eq!(kernel::shim::fail_never(), 0);
    assert_eq!(wakes(&mut list), [(Token(7), Wake::Granted)]);
}

/// The rules of the specification, byte by byte over a small file.
#[test]
fn agrees_with_a_model() {
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = |n: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % n
    };
    let mut list = LockList::new();
    let mut model: Vec<ByteLock> = Vec::new();
    for _ in 0..20_000 {
        let owner = [A, B, C][next(3) as usize];
        let r = range(next(8), next(4) + 1);
        let bytes = r.offset()..r.offset() + r.length();
        let shares = |l: &ByteLock| {
            (l.range.offset()..l.range.offset() + l.range.length()).any(|b| bytes.contains(&b))
        };
        match next(4) {
            0 | 1 => {
                let exclusive = next(2) == 0;
                let blocked = model.iter().any(|l| {
                    shares(l)
                        && if l.exclusive {
                            l.owner != owner || exclusive
                        } else {
                            exclusive
                        }
                });
                assert_eq!(denied(&mut list, owner, r, exclusive), blocked);
                if !blocked {
                    model.push(ByteLock {
                        owner,
                        range: r,
                        exclusive,
                    });
                }
            }
            2 => {
                let at = model
                    .iter()
                    .position(|l| l.owner == owner && l.range == r && l.exclusive)
                    .or_else(|| model.iter().position(|l| l.owner == owner && l.range == r));
                assert_eq!(list.unlock(owner, r), at.is_some());
                if let Some(at) = at {
                    model.remove(at);
                }
            }
            _ => {
                let read = model
                    .iter()
                    .any(|l| shares(l) && l.exclusive && l.owner != owner);
                let write = model
                    .iter()
                    .any(|l| shares(l) && (!l.exclusive || l.owner != owner));
                assert_eq!(list.conflicts_read(owner, r.offset(), r.length()), read);
                assert_eq!(list.conflicts_write(owner, r.offset(), r.length()), write);
            }
        }
        assert_eq!(list.len(), model.len());
    }
}
