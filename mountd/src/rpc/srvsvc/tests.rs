// SPDX-License-Identifier: GPL-2.0-or-later
//! Administration by srvsvc: who may, what it does to the file, what it lists.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ksmbd_config::Config;
use proto_shared::ipc::{
    AttrWriter, ConnectionEntry, ListWhat, LockEntry, OpenEntry, SessionEntry, TreeEntry, UserFlags,
};
use tempfile::TempDir;

use super::super::ndr::{Reader, Writer};
use super::super::stub::Stub;
use super::super::{werror, Caller, Fault, Form};
use super::{time_info, UNLIMITED};
use crate::service::build;
use crate::state::{Admin, State};
use crate::testing;

/// A daemon whose engine has alice at 192.0.2.7 with one file open.
struct Fake {
    state: Arc<State>,
    config: PathBuf,
    /// What it was asked to end.
    closed: Mutex<Vec<(ListWhat, u64, Option<u64>)>>,
}

impl Admin for Fake {
    fn list(
        &self,
        what: ListWhat,
        entry: &mut dyn FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let bytes = build(|w: &mut AttrWriter<'_>| match what {
            ListWhat::CONNECTIONS => ConnectionEntry {
                id: 5,
                peer: "192.0.2.7:4711",
                dialect: 0x311,
                signing: 1,
                cipher: 0,
                requests: 1,
                age_s: 9,
                credits: 1,
                bytes_in: None,
                bytes_out: None,
            }
            .write(w),
            ListWhat::SESSIONS => SessionEntry {
                id: 9,
                account: "alice",
                domain: "",
                uid: 1000,
                user_flags: UserFlags::NONE,
                connections: (&[5u64][..]).into(),
                trees: 1,
                opens: 1,
                signing: 1,
                encrypted: false,
                age_s: 8,
            }
            .write(w),
            ListWhat::TREES => TreeEntry {
                session_id: 9,
                tree_id: 3,
                share: "data",
                opens: 1,
                age_s: 7,
            }
            .write(w),
            ListWhat::OPENS => OpenEntry {
                session_id: 9,
                tree_id: 3,
                file_id: 0x1_0000_0002,
                path: "dir/file",
                access: 0x0012_0089 | 2,
                share_access: 7,
                size: 0,
            }
            .write(w),
            _ => LockEntry {
                file_id: 0x1_0000_0002,
                path: "dir/file",
                offset: 0,
                length: 1,
                exclusive: true,
                waiting: false,
            }
            .write(w),
        })
        .unwrap();
        entry(&bytes)
    }

    fn close(&self, what: ListWhat, id: u64, session: Option<u64>) -> anyhow::Result<()> {
        self.closed.lock().unwrap().push((what, id, session));
        Ok(())
    }

    fn config_path(&self) -> &Path {
        &self.config
    }

    fn reload(&self) -> anyhow::Result<String> {
        self.state.set_config(Config::load(&self.config).unwrap());
        Ok(String::new())
    }
}

struct Bench {
    fake: Arc<Fake>,
    dir: TempDir,
    _store: TempDir,
}

const CONFIG: &str = "# Mine.\n[global]\nrpc_admins = [\"alice\", \"@wheel\"]\n\n\
                      [share.data] # kept\npath = \"/srv/data\"\ncomment = \"Old\" # here, too\n";

fn bench() -> Bench {
    let dir = TempDir::new().unwrap();
    let config = dir.path().join("ksmbd.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let (state, store) = testing::state(CONFIG);
    let fake = Arc::new(Fake {
        state,
        config,
        closed: Mutex::default(),
    });
    let weak = Arc::downgrade(&fake);
    fake.state.set_admin(weak);
    Bench {
        fake,
        dir,
        _store: store,
    }
}

fn call(state: &State, caller: &Caller, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, Fault> {
    let stub = Stub {
        bytes: stub,
        syntax: Form::Ndr20,
    };
    super::call(state, caller, opnum, stub)
}

fn caller(account: &str, flags: UserFlags) -> Caller {
    Caller {
        account: account.to_owned(),
        flags,
    }
}

fn last(stub: &[u8]) -> u32 {
    u32::from_le_bytes(stub[stub.len() - 4..].try_into().unwrap())
}

fn stub(f: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::new();
    w.pointer(true);
    w.string("\\\\files");
    f(&mut w);
    w.into_bytes()
}

fn share_2(w: &mut Writer, name: &str, kind: u32, remark: &str, uses: u32, path: &str) {
    w.u32(2);
    w.u32(2);
    w.pointer(true);
    w.pointer(true);
    w.u32(kind);
    w.pointer(true);
    w.u32(0);
    w.u32(uses);
    w.u32(0);
    w.pointer(true);
    w.pointer(false);
    w.string(name);
    w.string(remark);
    w.string(path);
    w.pointer(true);
    w.u32(0);
}

impl Bench {
    fn call(&self, opnum: u16, stub: &[u8]) -> Vec<u8> {
        let alice = caller("Alice", UserFlags::NONE);
        call(&self.fake.state, &alice, opnum, stub).unwrap()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.fake.config).unwrap()
    }

    fn add(&self, name: &str, kind: u32, uses: u32, path: &str) -> u32 {
        let ask = stub(|w| share_2(w, name, kind, "A \"new\" one", uses, path));
        last(&self.call(14, &ask))
    }

    fn delete(&self, name: &str) -> u32 {
        let ask = stub(|w| {
            w.string(name);
            w.u32(0);
        });
        last(&self.call(18, &ask))
    }
}

#[test]
fn shares_come_and_go_and_comments_stay() {
    let b = bench();
    let dir = b.dir.path().to_str().unwrap();
    let windows = format!("C:{}", dir.replace('/', "\\"));
    assert_eq!(b.add("new", 0, UNLIMITED, &windows), werror::OK);
    let config = b.fake.state.config();
    let share = config.share("new").unwrap();
    assert_eq!(share.path, b.dir.path());
    assert_eq!(share.comment, "A \"new\" one");
    assert_eq!((share.max_connections, share.read_only), (0, false));
    assert_eq!(b.add("second", 0, 5, dir), werror::OK);
    assert_eq!(b.add("NEW", 0, 5, dir), werror::DUPLICATE_SHARE);
    assert_eq!(b.delete("New"), werror::OK);
    assert_eq!(b.delete("new"), werror::NET_NAME_NOT_FOUND);
    assert_eq!(b.delete("second"), werror::OK);
    // net sends 0 when no limit is named.
    assert_eq!(b.add("third", 0, 0, dir), werror::OK);
    let limit = b
        .fake
        .state
        .config()
        .share("third")
        .unwrap()
        .max_connections;
    assert_eq!(limit, 128);
    assert_eq!(b.delete("third"), werror::OK);
    assert_eq!(b.text(), CONFIG);
}

#[test]
fn what_is_no_share() {
    let b = bench();
    let dir = b.dir.path().to_str().unwrap().to_owned();
    for (name, kind, uses, path, code) in [
        ("ipc$", 0, 1, &*dir, werror::DUPLICATE_SHARE),
        ("a/b", 0, 1, &dir, werror::INVALID_NAME),
        ("", 0, 1, &dir, werror::INVALID_NAME),
        ("pipe", 3, 1, &dir, werror::INVALID_PARAMETER),
        ("gone", 0x4000_0000, 1, &dir, werror::INVALID_PARAMETER),
        ("many", 0, 70_000, &dir, werror::INVALID_PARAMETER),
        ("where", 0, 1, "/no/such/dir", werror::UNKNOWN_DIRECTORY),
        ("where", 0, 1, "D:\\x", werror::INVALID_PARAMETER),
        ("where", 0, 1, "srv", werror::INVALID_PARAMETER),
        ("where", 0, 1, "/srv/../etc", werror::INVALID_PARAMETER),
        ("where", 0, 1, "/srv\n", werror::INVALID_PARAMETER),
        ("where", 0, 1, "", werror::INVALID_PARAMETER),
    ] {
        assert_eq!(b.add(name, kind, uses, path), code, "{name} {path}");
    }
    assert_eq!(b.delete("IPC$"), werror::ACCESS_DENIED);
    assert_eq!(b.text(), CONFIG);
}

#[test]
fn nobody_else_may() {
    let b = bench();
    let dir = b.dir.path().to_str().unwrap();
    let add = stub(|w| share_2(w, "new", 0, "", 1, dir));
    let set = stub(|w| {
        w.string("data");
        w.u32(1005);
        w.u32(1005);
        w.pointer(true);
        w.u32(0x8000);
        w.pointer(false);
    });
    let delete = stub(|w| {
        w.string("data");
        w.u32(0);
    });
    for who in [
        caller("bob", UserFlags::NONE),
        caller("dave", UserFlags::NONE),
        caller("nobody-here", UserFlags::NONE),
        caller("", UserFlags::ANONYMOUS),
        caller("alice", UserFlags::GUEST),
    ] {
        for (opnum, ask) in [(14, &add), (17, &set), (18, &delete)] {
            let out = call(&b.fake.state, &who, opnum, ask).unwrap();
            assert_eq!(last(&out), werror::ACCESS_DENIED, "{who:?} {opnum}");
        }
        for (opnum, filters, level) in [(8, 1, 1), (9, 2, 3), (12, 2, 10)] {
            let out = call(
                &b.fake.state,
                &who,
                opnum,
                &list_stub(filters, "data", level),
            );
            assert_eq!(last(&out.unwrap()), werror::ACCESS_DENIED, "{who:?}");
        }
    }
    assert_eq!(b.text(), CONFIG);
    // Without the key there is no administrator at all.
    let (state, _dir) = testing::state("");
    let out = call(&state, &caller("alice", UserFlags::NONE), 18, &delete).unwrap();
    assert_eq!(last(&out), werror::ACCESS_DENIED);
}

#[test]
fn properties_of_shares() {
    let b = bench();
    let set = |level: u32, f: &dyn Fn(&mut Writer)| {
        let ask = stub(|w| {
            w.string("DATA");
            w.u32(level);
            w.u32(level);
            w.pointer(true);
            f(w);
            w.pointer(true);
            w.u32(0);
        });
        let out = b.call(17, &ask);
        assert_eq!(out.len(), 12);
        (
            last(&out),
            u32::from_le_bytes(out[4..8].try_into().unwrap()),
        )
    };
    let remark = |w: &mut Writer, text: &str| {
        w.pointer(true);
        w.string(text);
    };
    assert_eq!(set(1004, &|w| remark(w, "New")), (0, 0));
    assert_eq!(set(1005, &|w| w.u32(0x8000)), (0, 0));
    assert_eq!(set(1006, &|w| w.u32(7)), (0, 0));
    // NetrShareGetInfo says so, too.
    let get = |level: u32| {
        let out = b.call(
            16,
            &stub(|w| {
                w.string("data");
                w.u32(level);
            }),
        );
        assert_eq!(last(&out), werror::OK, "{level}");
        out
    };
    assert_eq!(get(1005)[8..12], 0x8000u32.to_le_bytes());
    assert_eq!(set(1005, &|w| w.u32(0x0800)), (0, 0));
    assert_eq!(get(1005)[8..12], 0x0800u32.to_le_bytes());
    assert_eq!(get(501)[20..24], 0x0800u32.to_le_bytes());
    let changed = b.fake.state.config();
    let changed = changed.share("data").unwrap();
    assert!(changed.hide_unreadable && !changed.encrypt);
    assert_eq!(set(1005, &|w| w.u32(0x8000)), (0, 0));
    let config = b.fake.state.config();
    let share = config.share("data").unwrap();
    assert_eq!((&*share.comment, share.encrypt), ("New", true));
    assert_eq!(share.max_connections, 7);
    assert!(b.text().contains("comment = \"New\" # here, too\n"));
    assert_eq!(set(1004, &|w| remark(w, "")), (0, 0));
    assert_eq!(b.fake.state.config().share("data").unwrap().comment, "");
    let long = "x".repeat(300);
    assert_eq!(set(1004, &|w| remark(w, &long)), (87, 4));
    assert_eq!(set(1006, &|w| w.u32(0)), (87, 6));
    // A descriptor of a share.
    let security = |w: &mut Writer| {
        w.u32(3);
        w.pointer(true);
        w.u32(3);
        w.raw(&[1, 2, 3]);
    };
    assert_eq!(set(1501, &security), (50, 501));
    // The one that the share's lists come to changes nothing.
    let told = get(1501);
    let len = u32::from_le_bytes(told[8..12].try_into().unwrap());
    let own = told[20..20 + len as usize].to_vec();
    let before = b.text();
    let same = |w: &mut Writer| {
        w.u32(len);
        w.pointer(true);
        w.u32(len);
        w.raw(&own);
    };
    assert_eq!(set(1501, &same), (0, 0));
    assert_eq!(b.text(), before);
    assert!(get(502).windows(own.len()).any(|part| part == own));
    let ask = stub(|w| {
        w.string("data");
        w.u32(503);
        w.u32(503);
        w.pointer(false);
        w.pointer(false);
    });
    assert_eq!(last(&b.call(17, &ask)), werror::INVALID_LEVEL);
    // What GetInfo told may be sent back; another path may not.
    let whole = |path: &'static str| {
        let ask = stub(|w| {
            w.string("data");
            share_2(w, "data", 0, "All", 7, path);
        });
        last(&b.call(17, &ask))
    };
    assert_eq!(whole("C:\\srv\\data"), werror::OK);
    assert_eq!(whole("C:\\etc"), werror::INVALID_PARAMETER);
}

fn list_stub(filters: usize, first: &str, level: u32) -> Vec<u8> {
    stub(|w| {
        w.pointer(!first.is_empty());
        if !first.is_empty() {
            w.string(first);
        }
        for _ in 1..filters {
            w.pointer(false);
        }
        w.u32(level);
        w.u32(level);
        w.pointer(true);
        w.u32(0);
        w.pointer(false);
        w.u32(u32::MAX);
        w.pointer(false);
    })
}

/// The entries of an answer: behind level, pointer, count and array.
fn one_entry(out: &[u8]) -> Reader<'_> {
    let mut r = Reader::new(out);
    r.u32().unwrap();
    r.u32().unwrap();
    assert!(r.pointer().unwrap());
    assert_eq!(r.u32(), Ok(1));
    assert!(r.pointer().unwrap());
    assert_eq!(r.u32(), Ok(1));
    r
}

#[test]
fn who_is_there() {
    let b = bench();
    let out = b.call(12, &list_stub(2, "", 502));
    let mut r = one_entry(&out);
    let fixed: Vec<u32> = (0..8).map(|_| r.u32().unwrap()).collect();
    assert_eq!(fixed[2..6], [1, 8, 0, 0]);
    assert_eq!(r.string().unwrap(), "192.0.2.7");
    assert_eq!(r.string().unwrap(), "alice");
    for level in [0, 1, 2, 10] {
        let out = b.call(12, &list_stub(2, "\\\\192.0.2.7", level));
        one_entry(&out);
        assert_eq!(last(&out), werror::OK);
    }
    let code = |first| last(&b.call(12, &list_stub(2, first, 0)));
    assert_eq!(code("\\\\192.0.2.8"), werror::CLIENT_NAME_NOT_FOUND);
    assert_eq!(
        last(&b.call(12, &list_stub(2, "", 3))),
        werror::INVALID_LEVEL
    );
}

#[test]
fn what_is_open() {
    let b = bench();
    let out = b.call(9, &list_stub(2, "", 3));
    let mut r = one_entry(&out);
    let fixed: Vec<u32> = (0..5).map(|_| r.u32().unwrap()).collect();
    assert_eq!(fixed[..3], [2, 3, 1]);
    assert_eq!(r.string().unwrap(), "C:\\srv\\data\\dir\\file");
    assert_eq!(r.string().unwrap(), "alice");
    one_entry(&b.call(9, &list_stub(2, "c:\\SRV", 2)));
    let none = b.call(9, &list_stub(2, "C:\\etc", 2));
    assert_eq!((none[12..16].to_vec(), last(&none)), (vec![0; 4], 0));
}

#[test]
fn what_is_ended() {
    let b = bench();
    let file = |id: u32, level: Option<u32>| {
        let ask = stub(|w| {
            w.u32(id);
            if let Some(level) = level {
                w.u32(level);
            }
        });
        b.call(if level.is_some() { 10 } else { 11 }, &ask)
    };
    let session = |client: &str, user: &str| {
        let ask = stub(|w| {
            for text in [client, user] {
                w.pointer(!text.is_empty());
                if !text.is_empty() {
                    w.string(text);
                }
            }
        });
        last(&b.call(13, &ask))
    };
    let closed = || std::mem::take(&mut *b.fake.closed.lock().unwrap());
    let told = file(2, Some(3));
    assert_eq!((told[8..12].to_vec(), last(&told)), (vec![2, 0, 0, 0], 0));
    assert_eq!(last(&file(2, Some(2))), werror::OK);
    assert_eq!(last(&file(2, Some(4))), werror::INVALID_LEVEL);
    assert_eq!(last(&file(3, Some(3))), werror::FILE_ID_NOT_FOUND);
    assert_eq!(last(&file(3, None)), werror::FILE_ID_NOT_FOUND);
    assert_eq!(closed(), []);
    assert_eq!(last(&file(2, None)), werror::OK);
    assert_eq!(closed(), [(ListWhat::OPENS, 0x1_0000_0002, Some(9))]);
    for (client, user, code) in [
        ("", "", werror::INVALID_PARAMETER),
        ("\\\\192.0.2.8", "", werror::CLIENT_NAME_NOT_FOUND),
        ("", "bob", werror::USER_NOT_FOUND),
        ("192.0.2.7", "bob", werror::USER_NOT_FOUND),
    ] {
        assert_eq!(session(client, user), code, "{client} {user}");
        assert_eq!(closed(), []);
    }
    for (client, user) in [("\\\\192.0.2.7", ""), ("", "ALICE"), ("192.0.2.7", "alice")] {
        assert_eq!(session(client, user), werror::OK);
        assert_eq!(closed(), [(ListWhat::SESSIONS, 9, None)]);
    }
    // Nobody else may.
    let bob = caller("bob", UserFlags::NONE);
    let by_bob = |opnum, ask: &[u8]| last(&call(&b.fake.state, &bob, opnum, ask).unwrap());
    let id = stub(|w| w.u32(2));
    let of_alice = stub(|w| {
        w.pointer(false);
        w.pointer(true);
        w.string("alice");
    });
    for (opnum, ask) in [(11, &id), (13, &of_alice)] {
        assert_eq!(by_bob(opnum, ask), werror::ACCESS_DENIED);
    }
    assert_eq!(closed(), []);
}

#[test]
fn transports() {
    let b = bench();
    let ask = |level| {
        stub(|w| {
            w.u32(level);
            w.u32(level);
            w.pointer(true);
            w.u32(0);
            w.pointer(false);
            w.u32(u32::MAX);
            w.pointer(false);
        })
    };
    for level in [0, 1] {
        let out = b.call(26, &ask(level));
        let mut r = one_entry(&out);
        assert_eq!(r.u32().unwrap(), 1, "one client");
        assert_eq!(last(&out), werror::OK);
    }
    let bob = caller("bob", UserFlags::NONE);
    let out = call(&b.fake.state, &bob, 26, &ask(0)).unwrap();
    assert_eq!(last(&out), werror::ACCESS_DENIED);
    assert_eq!(last(&b.call(26, &ask(4))), werror::INVALID_LEVEL);
}

#[test]
fn who_uses_a_share() {
    let b = bench();
    for (of, other) in [("DATA", "192.0.2.7"), ("\\\\192.0.2.7", "data")] {
        let out = b.call(8, &list_stub(1, of, 1));
        let mut r = one_entry(&out);
        let fixed: Vec<u32> = (0..7).map(|_| r.u32().unwrap()).collect();
        assert_eq!(fixed[..5], [3, 0, 1, 1, 7]);
        assert_eq!(r.string().unwrap(), "alice");
        assert_eq!(r.string().unwrap(), other);
    }
    let code = |of| last(&b.call(8, &list_stub(1, of, 0)));
    assert_eq!(code("IPC$"), werror::OK);
    assert_eq!(code("other"), werror::NET_NAME_NOT_FOUND);
    assert_eq!(code(""), werror::INVALID_PARAMETER);
}

#[test]
fn time_and_drive() {
    let date = |secs, millis| {
        let t = time_info(secs, millis);
        (t.tod_day, t.tod_month, t.tod_year, t.tod_weekday)
    };
    // 2024-02-29 23:59:58.120, a Thursday.
    let t = time_info(1_709_251_198, 120);
    let time = (t.tod_hours, t.tod_mins, t.tod_secs, t.tod_hunds);
    assert_eq!(time, (23, 59, 58, 12));
    assert_eq!((t.tod_timezone, t.tod_tinterval), (0, 310));
    assert_eq!(date(1_709_251_198, 120), (29, 2, 2024, 4));
    assert_eq!(date(0, 0), (1, 1, 1970, 4));
    assert_eq!(date(4_102_444_799, 0), (31, 12, 2099, 4));
    let b = bench();
    let out = b.call(28, &stub(|_| ()));
    assert_eq!((out.len(), last(&out)), (4 + 12 * 4 + 4, 0));
    let disks = |level| {
        let ask = stub(|w| {
            w.u32(level);
            w.u32(0);
            w.pointer(false);
            w.u32(u32::MAX);
            w.pointer(false);
        });
        b.call(23, &ask)
    };
    let out = disks(0);
    assert_eq!(out[28..34], *b"C\0:\0\0\0");
    assert_eq!((last(&out), last(&disks(1))), (0, werror::INVALID_LEVEL));
}

/// What is cut off or spoilt is refused and changes nothing.
#[test]
fn spoilt_stubs() {
    let b = bench();
    let dir = b.dir.path().to_str().unwrap();
    let good = stub(|w| share_2(w, "new", 0, "x", 1, dir));
    let alice = caller("alice", UserFlags::NONE);
    for len in 0..good.len() - 4 {
        assert!(
            call(&b.fake.state, &alice, 14, &good[..len]).is_err(),
            "{len}"
        );
        for opnum in 0..60 {
            // Not a panic.
            let _ = call(
                &b.fake.state,
                &caller("bob", UserFlags::NONE),
                opnum,
                &good[..len],
            );
        }
    }
    assert_eq!(b.text(), CONFIG);
}
