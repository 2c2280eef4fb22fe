// SPDX-License-Identifier: GPL-2.0-or-later
//! What a watched directory keeps between two requests.

use ksmbd_engine::notify::ChangeLog;
use proto_shared::smb2::change_notify::NotifyAction as A;

fn all(log: &ChangeLog) -> Vec<(A, String)> {
    log.iter().map(|(a, n)| (a, n.to_owned())).collect()
}

#[test]
fn keeps_the_order_and_shows_separators_as_clients_do() {
    let mut log = ChangeLog::new(1000);
    assert!(log.is_empty());
    log.push(A::ADDED, b"a/b/c");
    log.push(A::REMOVED, "ä".as_bytes());
    assert_eq!(
        all(&log),
        [(A::ADDED, "a\\b\\c".into()), (A::REMOVED, "ä".into())]
    );
    // 12 + 10, aligned to 24; 12 + 2.
    assert_eq!(log.wire_len(), 38);
    let taken = log.take();
    assert!(log.is_empty());
    assert_eq!(taken.iter().count(), 2);
}

#[test]
fn modifications_in_a_row_are_one() {
    let mut log = ChangeLog::new(1000);
    for name in ["d/f", "d/f", "g", "d/f", "d/f"] {
        log.push(A::MODIFIED, name.as_bytes());
    }
    assert_eq!(log.iter().count(), 3);
    log.push(A::REMOVED, b"d/f");
    log.push(A::MODIFIED, b"d/f");
    assert_eq!(log.iter().count(), 5);
    // What comes and goes twice did so twice.
    log.push(A::ADDED, b"x");
    log.push(A::ADDED, b"x");
    assert_eq!(log.iter().count(), 7);
}

#[test]
fn all_or_nothing() {
    // Two entries of 12 + 2 bytes, the first aligned to 16.
    let mut log = ChangeLog::new(30);
    log.push(A::ADDED, b"a");
    log.push(A::ADDED, b"b");
    assert!(!log.overflowed());
    log.push(A::ADDED, b"c");
    assert!(log.overflowed() && !log.is_empty());
    assert_eq!(all(&log), []);
    log.push(A::ADDED, b"d");
    assert_eq!(all(&log), []);
    // The next one begins anew.
    assert!(log.take().overflowed());
    log.push(A::ADDED, b"e");
    assert_eq!(all(&log), [(A::ADDED, "e".into())]);
}

#[test]
fn what_has_no_name_for_clients_is_not_left_out_silently() {
    let mut log = ChangeLog::new(1000);
    log.push(A::ADDED, b"a");
    log.push(A::ADDED, b"\xff");
    assert!(log.overflowed());
}

#[test]
fn without_room_everything_overflows() {
    let mut log = ChangeLog::new(0);
    log.push(A::ADDED, b"a");
    assert!(log.overflowed());
}
