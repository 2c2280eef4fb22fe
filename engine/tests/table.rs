// SPDX-License-Identifier: GPL-2.0-or-later
//! The id table gives out ids that stay dead once freed.

use kernel::error::Error;
use ksmbd_engine::table::IdTable;

fn insert(t: &mut IdTable<u32>, v: u32) -> u64 {
    t.insert_with::<Error>(|_| Ok(v)).unwrap()
}

#[test]
fn a_freed_id_is_not_found_again() {
    let mut t = IdTable::wide(4);
    let a = insert(&mut t, 1);
    assert_eq!(t.remove(a), Some(1));
    let b = insert(&mut t, 2);
    assert_ne!(a, b);
    assert_eq!(t.get(a), None);
    assert_eq!(t.get(b), Some(&2));
    assert_eq!(t.len(), 1);
}

#[test]
fn the_limit_holds() {
    let mut t = IdTable::narrow(2);
    insert(&mut t, 1);
    insert(&mut t, 2);
    assert!(t.insert_with::<Error>(|_| Ok(3)).is_err());
    assert!(t.pop().is_some());
    let id = insert(&mut t, 3);
    assert!(id < u64::from(u32::MAX));
    assert_eq!(t.iter().count(), 2);
}

#[test]
fn strange_ids_find_nothing() {
    let mut t = IdTable::wide(4);
    insert(&mut t, 1);
    for id in [0, u64::MAX, 1 << 20, 2, u64::from(u32::MAX)] {
        assert_eq!(t.get(id), None, "{id:#x}");
        assert_eq!(t.remove(id), None, "{id:#x}");
    }
}
