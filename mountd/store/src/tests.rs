// SPDX-License-Identifier: GPL-2.0-or-later
//! Accounts, keys, migrations, and tools at the same time.

use super::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use tempfile::TempDir;

const CHEAP: KdfParams = KdfParams {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

fn options(dir: &Path) -> Options {
    Options {
        kdf: CHEAP,
        ..Options::new(dir.join("etc/ksmbd.db"), dir.join("etc/ksmbd.key"))
    }
}

fn add(store: &mut Store, name: &str, password: &str) -> Result<User> {
    store.add_user(&NewUser {
        name,
        password: &password.into(),
        uid: Some(1000),
        gid: None,
        flags: UserFlags::default(),
    })
}

#[test]
fn nt_hash_of_the_specification() {
    // [MS-NLMP] 4.2.2.1.2
    assert!(nt_hash(&"Password".into()).ct_eq(&[
        0xa4, 0xf4, 0x9c, 0x40, 0x65, 0x10, 0xbd, 0xca, 0xb6, 0x82, 0x4e, 0xe7, 0xc3, 0x0f, 0xd8,
        0x52
    ]));
}

#[test]
fn account_from_birth_to_death() {
    let dir = TempDir::new().unwrap();
    let mut store = Store::open(&options(dir.path())).unwrap();
    let alice = add(&mut store, "Alice", "Password").unwrap();
    assert_eq!((alice.uid, alice.gid, alice.failed), (Some(1000), None, 0));
    assert!(matches!(
        add(&mut store, "ALICE", "x"),
        Err(Error::Exists { .. })
    ));
    add(&mut store, "Ärø", "ü𝄞").unwrap();
    assert!(store.user("ÄRØ").unwrap().is_some());

    let cred = store.credentials("aLiCe").unwrap().unwrap();
    assert_eq!(cred.user.name, "Alice");
    assert!(cred.nt_hash.ct_eq(nt_hash(&"Password".into()).expose()));
    assert!(store.verify_password("alice", &"Password".into()).unwrap());
    assert!(!store.verify_password("alice", &"password".into()).unwrap());
    assert!(store.credentials("nobody").unwrap().is_none());

    let notes = store.notes().unwrap();
    notes.failure(alice.id).unwrap();
    notes.failure(alice.id).unwrap();
    assert_eq!(store.user("alice").unwrap().unwrap().failed, 2);
    notes.login(alice.id).unwrap();
    let seen = store.user("alice").unwrap().unwrap();
    assert_eq!(seen.failed, 0);
    assert!(seen.last_login.is_some());

    let changed = store
        .update_user(
            "alice",
            &UserChange {
                password: Some(&"new".into()),
                uid: Some(None),
                gid: Some(Some(7)),
                disabled: Some(true),
            },
        )
        .unwrap();
    assert_eq!((changed.uid, changed.gid), (None, Some(7)));
    let cred = store.credentials("alice").unwrap().unwrap();
    assert!(cred.nt_hash.ct_eq(nt_hash(&"new".into()).expose()));
    assert!(cred.user.flags.disabled);
    assert_eq!(store.users().unwrap().len(), 2);

    store.delete_user("ALICE").unwrap();
    assert!(matches!(
        store.delete_user("alice"),
        Err(Error::NoUser { .. })
    ));
    assert!(matches!(
        store.update_user("alice", &UserChange::default()),
        Err(Error::NoUser { .. })
    ));
    // An id is never given twice: a SID must not come to a new owner.
    assert!(add(&mut store, "alice", "x").unwrap().id > alice.id);
}

#[test]
fn names_and_passwords_that_cannot_be() {
    let dir = TempDir::new().unwrap();
    let mut store = Store::open(&options(dir.path())).unwrap();
    let long = "x".repeat(257);
    for name in ["", " a", "a:b", "a\\b", "@wheel", "a\n", &long] {
        assert!(
            matches!(add(&mut store, name, "x"), Err(Error::BadName { .. })),
            "{name:?}"
        );
    }
    assert!(matches!(
        add(&mut store, "a", &long),
        Err(Error::BadPassword(_))
    ));
    assert!(add(&mut store, "a", &"x".repeat(256)).is_ok());
    assert!(add(&mut store, "john doe", "").is_ok());
}

#[test]
fn files_are_private_and_identity_stays() {
    let dir = TempDir::new().unwrap();
    let opts = options(dir.path());
    let (sid, guid) = {
        let store = Store::open(&opts).unwrap();
        (store.machine_sid(), store.server_guid())
    };
    for file in ["etc/ksmbd.db", "etc/ksmbd.key"] {
        let mode = fs::metadata(dir.path().join(file)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert_eq!(fs::read_dir(dir.path().join("etc")).unwrap().count(), 2);
    let store = Store::open(&opts).unwrap();
    assert_eq!((store.machine_sid(), store.server_guid()), (sid, guid));
    assert_ne!(sid, [0; 3]);
    assert_ne!(guid, [0; 16]);
}

#[test]
fn hashes_are_sealed_to_key_and_account() {
    let dir = TempDir::new().unwrap();
    let opts = options(dir.path());
    let mut store = Store::open(&opts).unwrap();
    add(&mut store, "alice", "one").unwrap();
    add(&mut store, "bob", "two").unwrap();
    // Not in the clear, anywhere in the files.
    let hash = nt_hash(&"one".into());
    for entry in fs::read_dir(dir.path().join("etc")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(16).any(|w| hash.ct_eq(w)));
    }
    // Moved to another account it does not open.
    store
        .conn
        .execute_batch(
            "UPDATE users SET nt_hash = (SELECT nt_hash FROM users WHERE fold = 'alice')
             WHERE fold = 'bob'",
        )
        .unwrap();
    assert!(matches!(
        store.credentials("bob"),
        Err(Error::Damaged { .. })
    ));
    drop(store);

    // Another key, no key, a key that others can read, no key file at all.
    let key = dir.path().join("etc/ksmbd.key");
    let good = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(matches!(
        Store::open(&opts),
        Err(Error::KeyFileMissing { .. })
    ));
    let write = |bytes: &[u8], mode: u32| {
        fs::write(&key, bytes).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
    };
    write(
        format!("ksmbd-key-1 {}\n", "ab".repeat(32)).as_bytes(),
        0o600,
    );
    assert!(matches!(Store::open(&opts), Err(Error::WrongKey)));
    write(b"hello", 0o600);
    assert!(matches!(Store::open(&opts), Err(Error::KeyFileBad { .. })));
    write(&good, 0o640);
    assert!(matches!(Store::open(&opts), Err(Error::KeyFileOpen { .. })));
    write(&good, 0o600);
    assert!(Store::open(&opts).is_ok());
}

#[test]
fn a_passphrase_instead_of_a_file() {
    let dir = TempDir::new().unwrap();
    let with = |text: &str| Options {
        key: KeySource::Passphrase(Secret::new(text.to_owned())),
        ..options(dir.path())
    };
    let mut store = Store::open(&with("correct horse")).unwrap();
    add(&mut store, "alice", "one").unwrap();
    assert!(!dir.path().join("etc/ksmbd.key").exists());
    assert!(matches!(
        Store::open(&with("battery staple")),
        Err(Error::WrongKey)
    ));
    assert!(Store::open(&with("correct horse"))
        .unwrap()
        .credentials("alice")
        .unwrap()
        .is_some());
}

#[test]
fn refuses_what_a_newer_release_made() {
    let dir = TempDir::new().unwrap();
    let opts = options(dir.path());
    let store = Store::open(&opts).unwrap();
    store
        .conn
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    drop(store);
    assert!(matches!(Store::open(&opts), Err(Error::Newer { have: 99 })));
}

#[test]
fn opening_without_create_makes_nothing() {
    let dir = TempDir::new().unwrap();
    let opts = Options {
        create: false,
        ..options(dir.path())
    };
    assert!(matches!(Store::open(&opts), Err(Error::Open { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn tools_at_the_same_time() {
    let dir = TempDir::new().unwrap();
    let threads: Vec<_> = (0..8)
        .map(|t| {
            let opts = options(dir.path());
            std::thread::spawn(move || {
                let mut store = Store::open(&opts).unwrap();
                for n in 0..5 {
                    add(&mut store, &format!("user-{t}-{n}"), "pw").unwrap();
                }
                add(&mut store, "contested", "pw").is_ok()
            })
        })
        .collect();
    let wins = threads
        .into_iter()
        .map(|t| t.join().unwrap())
        .filter(|won| *won)
        .count();
    assert_eq!(wins, 1);
    let store = Store::open(&options(dir.path())).unwrap();
    assert_eq!(store.users().unwrap().len(), 41);
    assert!(store.credentials("user-7-4").unwrap().is_some());
}

/// The steps that SQLite took for a statement of the cache, counted from now on
/// anew. Unlike time they are the same on every machine.
fn steps(store: &Store, query: &str) -> i32 {
    let stmt = store.conn.prepare_cached(query).unwrap();
    stmt.reset_status(rusqlite::StatementStatus::VmStep)
}

/// With 100 000 accounts, a log-in and a page of a listing are as much work as
/// with 1 000, whoever it is and whether he exists.
#[test]
fn many_accounts_are_as_much_work_as_few() {
    let dir = TempDir::new().unwrap();
    let mut store = Store::open(&options(dir.path())).unwrap();
    let columns = users::COLUMNS;
    let login = format!("SELECT {columns} FROM users WHERE fold = ?1");
    let page = format!("SELECT {columns} FROM users WHERE id >= ?1 ORDER BY id LIMIT ?2");
    add(&mut store, "Alice", "pw").unwrap();
    // Their hashes do not open, which costs nothing to make.
    let fill = "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
                INSERT INTO users (name, fold, nt_hash, verifier, created, changed)
                SELECT 'User' || i, 'user' || i, X'00', '', 0, 0 FROM n";
    let grow = |from: u32, to: u32| {
        store.conn.execute(fill, (from, to)).unwrap();
        assert_eq!(store.user_count().unwrap(), to + 1);
        let mut work = Vec::new();
        assert!(store.credentials("aLICE").unwrap().is_some());
        work.push(steps(&store, &login));
        for name in ["user0", "USER500", "user999", &format!("user{}", to - 1)] {
            assert!(matches!(
                store.credentials(name),
                Err(Error::Damaged { .. })
            ));
            work.push(steps(&store, &login));
        }
        assert!(store.credentials("nobody").unwrap().is_none());
        work.push(steps(&store, &login));
        for id in [1, 500, to - 150] {
            assert_eq!(store.users_from(id, 100).unwrap().len(), 100);
            work.push(steps(&store, &page));
        }
        work
    };
    let few = grow(0, 1000);
    assert!(few.iter().all(|n| *n > 0), "{few:?}");
    assert_eq!(few, grow(1000, 100_000));
}

/// Copied while the store is open, the database alone has all accounts once it
/// is settled.
#[test]
fn settled_it_is_whole_without_its_log() {
    let dir = TempDir::new().unwrap();
    let opts = options(dir.path());
    let mut store = Store::open(&opts).unwrap();
    let _other = store.notes().unwrap();
    add(&mut store, "alice", "one").unwrap();
    let log = dir.path().join("etc/ksmbd.db-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    store.settle().unwrap();
    assert_eq!(fs::metadata(&log).unwrap().len(), 0);
    let copy = Options {
        db: dir.path().join("copy.db"),
        ..options(dir.path())
    };
    fs::copy(&opts.db, &copy.db).unwrap();
    let copy = Store::open(&copy).unwrap();
    assert!(copy.credentials("alice").unwrap().is_some());
    assert!(copy.is_sound().unwrap() && store.is_sound().unwrap());
}
