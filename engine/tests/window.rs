// SPDX-License-Identifier: GPL-2.0-or-later
//! The window of MessageIds.

use ksmbd_engine::conn::window::Window;

#[test]
fn each_id_is_used_once() {
    let mut w = Window::new(64).unwrap();
    assert!(w.take(0, 1));
    assert!(!w.take(0, 1), "an id is good once");
    assert!(!w.take(1, 1), "nothing granted yet");
    assert_eq!(w.grant(4, 64), 4);
    assert!(w.take(2, 1), "order does not matter");
    assert!(!w.take(1, 2), "the second of the two is used");
    assert!(w.take(1, 1));
    assert!(w.take(3, 2));
    assert_eq!(w.outstanding(), 0);
}

#[test]
fn a_client_always_gets_one() {
    let mut w = Window::new(64).unwrap();
    assert!(w.take(0, 1));
    assert_eq!(w.grant(0, 64), 1);
}

#[test]
fn grants_stop_at_the_limit() {
    let mut w = Window::new(128).unwrap();
    assert_eq!(w.grant(1000, 128), 127);
    assert_eq!(w.grant(1000, 128), 0);
    assert!(w.take(5, 10));
    assert_eq!(
        w.grant(1000, 128),
        0,
        "ids behind the oldest unused one do not make room"
    );
    assert!(w.take(0, 5));
    assert_eq!(w.grant(1000, 128), 15);
}

#[test]
fn ends_of_the_number_range() {
    let mut w = Window::new(64).unwrap();
    assert!(!w.take(u64::MAX, 1));
    assert!(!w.take(u64::MAX - 1, 5));
}

#[test]
fn runs_for_long() {
    let mut w = Window::new(64).unwrap();
    for id in 0..100_000 {
        assert!(w.take(id, 1));
        assert_eq!(w.grant(1, 64), 1);
    }
}
