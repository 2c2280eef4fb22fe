// SPDX-License-Identifier: GPL-2.0-or-later
//! The database under many tools at once, under tools that are killed, and
//! with many accounts.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ksmbd_store::{key_file_of, ImportedUser, Options, Secret, Store};
use tempfile::TempDir;

fn spawn(dir: &Path, args: &[&str]) -> Child {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_ksmbd-adduser"))
        .args(args)
        .arg("--password-stdin")
        .arg("--db")
        .arg(dir.join("ksmbd.db"))
        .arg("--runtime-dir")
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"secret\n");
    child
}

fn open(dir: &Path) -> Store {
    let db = dir.join("ksmbd.db");
    let key = key_file_of(&db);
    Store::open(&Options::new(db, key)).unwrap()
}

/// Eight tools at a time lose nothing, while the database is open and read as
/// the daemon does; the first of them even make it together.
#[test]
fn eight_at_once() {
    let dir = TempDir::new().unwrap();
    let mut daemon = None;
    for round in 0..3 {
        let tools: Vec<Child> = (0..8)
            .map(|n| spawn(dir.path(), &["-a", &format!("user{round}-{n}")]))
            .collect();
        for mut tool in tools {
            if let Some(store) = &daemon {
                let store: &Store = store;
                while tool.try_wait().unwrap().is_none() {
                    store.credentials("user0-0").unwrap().unwrap();
                }
            }
            assert!(tool.wait().unwrap().success());
        }
        let store = daemon.get_or_insert_with(|| open(dir.path()));
        assert_eq!(store.users().unwrap().len(), 8 * (round + 1));
    }
}

/// Whenever a tool is killed, the database opens, and every account in it is
/// whole.
#[test]
fn killed_at_any_time() {
    let dir = TempDir::new().unwrap();
    assert!(spawn(dir.path(), &["-a", "first"])
        .wait()
        .unwrap()
        .success());
    // How long one takes undisturbed; the kills are spread over that.
    let start = Instant::now();
    assert!(spawn(dir.path(), &["-a", "second"])
        .wait()
        .unwrap()
        .success());
    let whole = start.elapsed();
    let mut done = 0;
    for n in 0..8_u32 {
        let name = format!("user{n}");
        let mut tool = spawn(dir.path(), &["-a", &name]);
        std::thread::sleep(whole * n / 7);
        let _ = tool.kill();
        done += u32::from(tool.wait().unwrap().success());
        let store = open(dir.path());
        assert!(store
            .verify_password("first", &Secret::new("secret".to_owned()))
            .unwrap());
        for user in store.users().unwrap() {
            store.credentials(&user.name).unwrap().unwrap();
        }
        drop(store);
        // Done again, it is there or made now.
        let _ = spawn(dir.path(), &["-a", &name]).wait().unwrap();
        assert!(open(dir.path()).user(&name).unwrap().is_some());
    }
    assert!(done < 8, "no kill came in time");
}

/// What changes files, or waits until they are on the disk.
const STEPS: &str =
    "pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,link,linkat,mkdir,fchmod";

/// Runs a tool until its n-th call of `step` and kills it there, before the
/// call is done; false when there was no such call.
fn killed_at(dir: &Path, name: &str, step: &str, n: u32) -> bool {
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    let mut child = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("trace={step}"))
        .arg("-e")
        .arg(format!("inject={step}:signal=SIGKILL:when={n}"))
        .arg(env!("CARGO_BIN_EXE_ksmbd-adduser"))
        .args(["-a", name, "--uid", "7", "--password-stdin", "--db"])
        .arg(dir.join("ksmbd.db"))
        .arg("--runtime-dir")
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"secret\n");
    let status = child.wait().unwrap();
    assert!(
        status.success() || status.signal() == Some(9),
        "{step} {n}: {status}"
    );
    !status.success()
}

/// Killed before each single one of its writes, truncations, renames, removals
/// and syncs, a tool leaves accounts that are whole and that the next one can
/// use: when it makes the first account, with database and key, and later.
#[test]
fn killed_at_every_step() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("strace is not installed, so there is no telling when to kill");
        return;
    }
    let (mut kills, mut writes) = (0, 0);
    let old = TempDir::new().unwrap();
    assert!(spawn(old.path(), &["-a", "old", "--uid", "7"])
        .wait()
        .unwrap()
        .success());
    for fresh in [true, false] {
        for step in STEPS.split(',') {
            for n in 1.. {
                let new = TempDir::new().unwrap();
                let dir = if fresh { new.path() } else { old.path() };
                let name = format!("{step}-{n}");
                if !killed_at(dir, &name, step, n) {
                    break;
                }
                kills += 1;
                writes += u32::from(step == "pwrite64");
                // Whoever comes next finds what was there, whole, and goes on.
                let again = spawn(dir, &["-a", &name, "--uid", "7"]).wait().unwrap();
                let store = open(dir);
                let secret = || Secret::new("secret".to_owned());
                if !fresh {
                    assert!(store.verify_password("old", &secret()).unwrap());
                }
                assert!(
                    store.verify_password(&name, &secret()).unwrap(),
                    "{step} {n}: {again}"
                );
                for user in store.users().unwrap() {
                    store.credentials(&user.name).unwrap().unwrap();
                }
                assert!(store.is_sound().unwrap(), "{step} {n}");
            }
        }
    }
    eprintln!("killed {kills} times, {writes} of them at a write to the database");
    assert!(writes > 10, "{writes} of {kills}");
}

/// With 100 000 accounts a lookup takes about as long as with 1000, and a list
/// in proportion. Run by hand: `cargo test -p ksmbd-adduser -- --ignored`.
#[test]
#[ignore = "takes a while"]
fn many_accounts() {
    let dir = TempDir::new().unwrap();
    assert!(spawn(dir.path(), &["-a", "first"])
        .wait()
        .unwrap()
        .success());
    let mut store = open(dir.path());
    let mut grow = |from: u32, to: u32| -> (Duration, Duration) {
        let users: Vec<ImportedUser> = (from..to)
            .map(|n| ImportedUser {
                name: format!("user{n}"),
                nt_hash: Secret::new([7; 16]),
                disabled: false,
            })
            .collect();
        store.import_users(&users).unwrap();
        let start = Instant::now();
        for n in 0..2000 {
            let name = format!("user{}", n * 37 % to);
            store.credentials(&name).unwrap().unwrap();
        }
        let lookups = start.elapsed();
        let start = Instant::now();
        assert_eq!(store.users().unwrap().len(), to as usize + 1);
        (lookups, start.elapsed())
    };
    let few = grow(0, 1000);
    let many = grow(1000, 100_000);
    eprintln!("2000 lookups: {:?} of 1000, {:?} of 100000", few.0, many.0);
    eprintln!("list: {:?} of 1000, {:?} of 100000", few.1, many.1);
    assert!(many.0 < few.0 * 4, "lookups: {few:?} {many:?}");
    assert!(many.1 < few.1 * 400, "list: {few:?} {many:?}");
}
