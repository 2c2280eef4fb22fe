// SPDX-License-Identifier: GPL-2.0-or-later
//! Several clients at the same name at the same time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Barrier;

use super::*;

const THREADS: u8 = 4;
const ROUNDS: u32 = 300;

/// Lets every thread have a client of its own; what needs the daemon is done before they start.
fn together(rig: &Rig, work: impl Fn(u8, &mut Client<'_>) + Sync) {
    let clients: Vec<_> = (1..=THREADS)
        .map(|n| {
            let options = Options {
                address: n,
                ..Options::default()
            };
            let mut c = Client::log_in(rig, options);
            c.tree_connect("data").unwrap();
            (n, c)
        })
        .collect();
    std::thread::scope(|s| {
        for (n, mut c) in clients {
            let work = &work;
            s.spawn(move || work(n, &mut c));
        }
    });
}

#[test]
fn one_creates() {
    let rig = Rig::new();
    let barrier = Barrier::new(usize::from(THREADS));
    let created = AtomicU32::new(0);
    together(&rig, |_, c| {
        for round in 0..ROUNDS {
            let path = format!("f{round}");
            barrier.wait();
            let made = open(c, &path, HOW.disposition(D::OPEN_IF)).unwrap();
            if made.action == CreateAction::CREATED {
                created.fetch_add(1, Ordering::SeqCst);
            }
            let exclusive = open(c, &path, HOW.disposition(D::CREATE));
            assert_eq!(exclusive.unwrap_err(), N::OBJECT_NAME_COLLISION);
            c.close(made.id).unwrap();
        }
    });
    assert_eq!(created.into_inner(), ROUNDS);
}

#[test]
fn one_has_it_alone() {
    let rig = Rig::new();
    let alone = AtomicU32::new(0);
    together(&rig, |_, c| {
        for _ in 0..ROUNDS {
            let how = HOW.disposition(D::OPEN_IF).share(S::NONE);
            match open(c, "f", how) {
                Ok(made) => {
                    assert_eq!(alone.fetch_add(1, Ordering::SeqCst), 0);
                    alone.fetch_sub(1, Ordering::SeqCst);
                    c.close(made.id).unwrap();
                }
                Err(e) => assert_eq!(e, N::SHARING_VIOLATION),
            }
        }
    });
}

#[test]
fn what_comes_and_goes() {
    let rig = Rig::new();
    together(&rig, |n, c| {
        for round in 0..ROUNDS {
            let mut how = HOW.disposition(D::OPEN_IF);
            if (round + u32::from(n)) % 2 == 0 {
                how = how.options(O::DELETE_ON_CLOSE);
            }
            match open(c, "f", how) {
                Ok(made) => {
                    write(c, made.id, 0, &[n; 100]).unwrap();
                    if round % 5 == 0 {
                        // Somebody else may have what is there open, be deleting this one, or have
                        // replaced it in the moment before it was opened.
                        let s = rename(c, made.id, &format!("g{n}"), true);
                        let fine = [N::SUCCESS, N::ACCESS_DENIED, N::OBJECT_NAME_NOT_FOUND];
                        assert!(fine.contains(&s), "{s}");
                    }
                    c.close(made.id).unwrap();
                }
                Err(e) => assert!(matches!(e, N::DELETE_PENDING | N::SHARING_VIOLATION), "{e}"),
            }
        }
    });
    // Nobody has anything open: whatever there is can be deleted.
    let mut c = connected(&rig);
    for path in ["f", "g1", "g2", "g3", "g4"] {
        let how = HOW.access(A::DELETE).options(O::DELETE_ON_CLOSE);
        let s = status(&mut c, path, how.share(S::NONE));
        assert!(matches!(s, N::SUCCESS | N::OBJECT_NAME_NOT_FOUND), "{s}");
        assert!(!rig.host().fs_ref().exists(&format!("/data/{path}")));
    }
}
