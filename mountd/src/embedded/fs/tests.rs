// SPDX-License-Identifier: GPL-2.0-or-later
//! The local file system against a temporary directory.

use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::path::Path;

use ksmbd_engine::host::{Payload, Permission};

use super::*;

struct Share {
    dir: tempfile::TempDir,
    fs: LocalFs,
    root: Root,
}

fn share() -> Share {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().join("share");
    std::fs::create_dir(&top).unwrap();
    let fs = LocalFs::new().unwrap();
    let root = fs.open_root(top.as_os_str().as_encoded_bytes()).unwrap();
    Share { dir, fs, root }
}

fn name(text: &str) -> Name {
    Name::from_bytes(text.as_bytes()).unwrap()
}

fn rel(text: &str) -> RelPath {
    RelPath::from_bytes(text.as_bytes()).unwrap()
}

const READ: OpenFlags = OpenFlags {
    read: true,
    write: false,
    write_through: false,
};
const BOTH: OpenFlags = OpenFlags {
    read: true,
    write: true,
    write_through: false,
};

impl Share {
    fn top(&self) -> std::path::PathBuf {
        self.dir.path().join("share")
    }

    fn own(&self) -> &Creds {
        self.fs.server_creds()
    }

    fn walk(&self, path: &str) -> Result<Node> {
        self.fs.walk(&self.root, self.own(), &rel(path), true, true)
    }

    fn make(&self, path: &str) -> Node {
        let (dir, last) = path.rsplit_once('/').unwrap_or(("", path));
        let dir = self.walk(dir).unwrap();
        self.fs
            .create(&dir, self.own(), &name(last), NewKind::File, 0o644)
            .unwrap()
    }

    fn mkdir(&self, path: &str) -> Node {
        let (dir, last) = path.rsplit_once('/').unwrap_or(("", path));
        let dir = self.walk(dir).unwrap();
        self.fs
            .create(&dir, self.own(), &name(last), NewKind::Dir, 0o755)
            .unwrap()
    }

    fn put(&self, path: &str, text: &[u8]) -> Node {
        let node = self.make(path);
        let file = self.fs.open(&node, self.own(), BOTH).unwrap();
        let n = self
            .fs
            .write(&file, 0, WriteSource::Payload(&buffer(text)))
            .unwrap();
        assert_eq!(n as usize, text.len());
        node
    }

    fn get(&self, node: &Node) -> std::vec::Vec<u8> {
        let file = self.fs.open(node, self.own(), READ).unwrap();
        self.fs.read(&file, 0, 1 << 20).unwrap().as_slice().to_vec()
    }

    fn path_of(&self, node: &Node) -> Result<String> {
        let path = self.fs.path_of(&self.root, node)?;
        Ok(String::from_utf8(path.to_vec()).unwrap())
    }
}

fn buffer(text: &[u8]) -> Buffer {
    let mut b = Buffer::new(text.len()).unwrap();
    b.as_mut_slice().copy_from_slice(text);
    b
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn links_do_not_lead_out() {
    let s = share();
    std::fs::write(s.dir.path().join("secret"), "s").unwrap();
    symlink("/etc", s.top().join("abs")).unwrap();
    symlink("../secret", s.top().join("up")).unwrap();
    symlink("..", s.top().join("dots")).unwrap();
    symlink("/proc/self/root", s.top().join("magic")).unwrap();
    symlink("loop", s.top().join("loop")).unwrap();
    s.put("inside", b"x");
    symlink("inside", s.top().join("good")).unwrap();
    s.mkdir("d");
    symlink("../inside", s.top().join("d/good")).unwrap();

    for path in [
        "abs",
        "abs/passwd",
        "up",
        "dots",
        "dots/secret",
        "magic/etc/passwd",
    ] {
        assert_eq!(s.walk(path).err(), Some(EXDEV), "{path}");
    }
    assert_eq!(s.walk("loop").err(), Some(ELOOP));
    assert_eq!(s.get(&s.walk("good").unwrap()), b"x");
    assert_eq!(s.get(&s.walk("d/good").unwrap()), b"x");

    // Without following: links on the way are an error, the last one is found as a link.
    let strict = |path: &str| s.fs.walk(&s.root, s.own(), &rel(path), false, false);
    assert_eq!(strict("abs/passwd").err(), Some(ELOOP));
    let link = strict("abs").unwrap();
    assert_eq!(s.fs.attr(&link).unwrap().kind, FileKind::Symlink);
    let mut target = [0; 16];
    assert_eq!(s.fs.read_link(&link, s.own(), &mut target), Ok(4));
    assert_eq!(&target[..4], b"/etc");
    assert_eq!(
        s.fs.read_link(&link, s.own(), &mut target[..3]),
        Err(ERANGE)
    );
    assert_eq!(s.fs.open(&link, s.own(), READ).err(), Some(ELOOP));
    let top = s.fs.root_node(&s.root).unwrap();
    let child = s.fs.child(&top, s.own(), &name("up")).unwrap();
    assert_eq!(s.fs.attr(&child).unwrap().kind, FileKind::Symlink);
    // Even a name that a parser let through by mistake does not lead up.
    assert_eq!(s.fs.read_link(&top, s.own(), &mut target), Err(EINVAL));
}

#[test]
fn dots_do_not_lead_out() {
    let s = share();
    let top = s.fs.root_node(&s.root).unwrap();
    // The engine's types refuse these; the kernel does too.
    for path in [&b".."[..], b"../..", b"./..", b"/etc/passwd"] {
        let flags = OFlags::PATH;
        for resolve in [ResolveFlags::empty(), ResolveFlags::NO_SYMLINKS] {
            assert_eq!(
                s.fs.beneath(&top.fd, path, flags, Mode::empty(), resolve)
                    .err(),
                Some(EXDEV)
            );
        }
    }
}

#[test]
fn renames_under_a_walk_do_not_lead_out() {
    let s = share();
    std::fs::create_dir(s.dir.path().join("outside")).unwrap();
    std::fs::write(s.dir.path().join("target"), "outside").unwrap();
    std::fs::create_dir_all(s.top().join("a/b/c")).unwrap();
    std::fs::write(s.top().join("target"), "inside").unwrap();
    symlink("../../../target", s.top().join("a/b/c/link")).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Moves the directory that the link counts its dots from.
            let (a, b) = (s.top().join("a/b/c"), s.top().join("c"));
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                std::fs::rename(&a, &b).unwrap();
                std::fs::rename(&b, &a).unwrap();
            }
        });
        let mut found = 0;
        for _ in 0..3000 {
            match s.walk("a/b/c/link") {
                Ok(node) => {
                    assert_eq!(s.get(&node), b"inside");
                    found += 1;
                }
                Err(e) => assert!([ENOENT, EXDEV, EAGAIN].contains(&e), "{e:?}"),
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(found > 0);
    });
}

#[test]
fn creating() {
    let s = share();
    let top = s.fs.root_node(&s.root).unwrap();
    let node =
        s.fs.create(&top, s.own(), &name("f"), NewKind::File, 0o666)
            .unwrap();
    let attr = s.fs.attr(&node).unwrap();
    assert_eq!(
        (attr.kind, attr.mode, attr.size, attr.nlink),
        (FileKind::File, 0o666, 0, 1)
    );
    assert!(attr.btime.is_some());
    let again = |kind| s.fs.create(&top, s.own(), &name("f"), kind, 0o600).err();
    assert_eq!(again(NewKind::File), Some(EEXIST));
    assert_eq!(again(NewKind::Dir), Some(EEXIST));
    symlink("nowhere", s.top().join("dangling")).unwrap();
    let over =
        s.fs.create(&top, s.own(), &name("dangling"), NewKind::File, 0o600);
    assert_eq!(over.err(), Some(EEXIST));
    let dir =
        s.fs.create(&top, s.own(), &name("d"), NewKind::Dir, 0o777)
            .unwrap();
    assert_eq!(s.fs.attr(&dir).unwrap().mode, 0o777);
    assert_eq!(s.fs.open(&dir, s.own(), BOTH).err(), Some(EISDIR));
    let long = "n".repeat(256);
    let too_long = std::ffi::CString::new(long).unwrap();
    assert_eq!(
        rfs::mkdirat(&top.fd, &*too_long, Mode::RWXU).err(),
        Some(Errno::NAMETOOLONG)
    );
    assert_eq!(s.walk("f/x").err(), Some(ENOTDIR));
    assert_eq!(s.walk("nothing").err(), Some(ENOENT));
    rfs::mknodat(&top.fd, c"fifo", rfs::FileType::Fifo, Mode::RUSR, 0).unwrap();
    assert_eq!(
        s.fs.open(&s.walk("fifo").unwrap(), s.own(), READ).err(),
        Some(ENXIO)
    );
}

#[test]
fn data() {
    let s = share();
    let node = s.put("f", b"hello world");
    let file = s.fs.open(&node, s.own(), BOTH).unwrap();
    assert_eq!(s.fs.read(&file, 6, 100).unwrap().as_slice(), b"world");
    assert_eq!(s.fs.read(&file, 11, 100).unwrap().len(), 0);
    assert_eq!(s.fs.read(&file, 0, 0).unwrap().len(), 0);
    let frame = buffer(b"....HELLO....");
    assert_eq!(
        s.fs.write(&file, 0, WriteSource::Frame(&frame, 4..9)),
        Ok(5)
    );
    assert_eq!(
        s.fs.write(&file, 0, WriteSource::Frame(&frame, 4..99)),
        Err(EINVAL)
    );
    assert_eq!(s.get(&node), b"HELLO world");
    s.fs.truncate(&file, 3).unwrap();
    assert_eq!(s.get(&node), b"HEL");
    s.fs.flush(&file).unwrap();
    let read_only = s.fs.open(&node, s.own(), READ).unwrap();
    assert_eq!(
        s.fs.write(&read_only, 0, WriteSource::Payload(&frame)),
        Err(EBADF)
    );
    let nothing = s.fs.open(&node, s.own(), OpenFlags::default()).unwrap();
    assert_eq!(s.fs.read(&nothing, 0, 1).err(), Some(EBADF));
    // Large, so that buffers come from the pool again and again.
    let big: std::vec::Vec<u8> = (0..3_000_000u32).map(|i| i as u8).collect();
    let big_node = s.put("big", &big);
    for len in [100_000u32, 2_999_999, 16_384, 3_000_000, 8 << 20] {
        let file = s.fs.open(&big_node, s.own(), READ).unwrap();
        let got = s.fs.read(&file, 1, len).unwrap();
        let end = big.len().min(1 + len as usize);
        assert_eq!(got.as_slice(), &big[1..end]);
    }
}

#[test]
fn holes_and_copies() {
    let s = share();
    let node = s.put("f", &[7; 1 << 20]);
    let file = s.fs.open(&node, s.own(), BOTH).unwrap();
    let before = s.fs.attr(&node).unwrap().allocated;
    for how in [Allocate::PunchHole, Allocate::Zero] {
        match s.fs.allocate(&file, how, 4096, 8192) {
            Err(EOPNOTSUPP) => return,
            other => other.unwrap(),
        }
        assert!(s
            .fs
            .read(&file, 4096, 8192)
            .unwrap()
            .as_slice()
            .iter()
            .all(|b| *b == 0));
    }
    assert!(s.fs.attr(&node).unwrap().allocated <= before);
    s.fs.allocate(&file, Allocate::KeepSize, 0, 2 << 20)
        .unwrap();
    assert_eq!(s.fs.attr(&node).unwrap().size, 1 << 20);

    let text: std::vec::Vec<u8> = (0..700_000u32).map(|i| (i % 253) as u8).collect();
    let from_node = s.put("from", &text);
    let from = s.fs.open(&from_node, s.own(), BOTH).unwrap();
    let to_node = s.make("to");
    let to = s.fs.open(&to_node, s.own(), BOTH).unwrap();
    assert_eq!(s.fs.copy_range(&from, 10, &to, 5, 1 << 30), Ok(699_990));
    assert_eq!(s.get(&to_node)[5..], text[10..]);
    assert_eq!(s.fs.copy_range(&from, 700_000, &to, 0, 10), Ok(0));
    // Overlapping, in both directions.
    for (a, b) in [(0u64, 100_000u64), (100_000, 0)] {
        let node = s.put(&format!("overlap{a}"), &text);
        let file = s.fs.open(&node, s.own(), BOTH).unwrap();
        assert_eq!(s.fs.copy_range(&file, a, &file, b, 600_000), Ok(600_000));
        let mut want = text.clone();
        want.copy_within(a as usize..a as usize + 600_000, b as usize);
        assert_eq!(s.get(&node), want);
    }
}

#[test]
fn removing() {
    let s = share();
    let f = s.make("f");
    s.fs.remove(&s.root, &f, s.own()).unwrap();
    assert_eq!(s.walk("f").err(), Some(ENOENT));
    assert_eq!(s.fs.remove(&s.root, &f, s.own()), Err(ENOENT));
    assert_eq!(s.path_of(&f), Err(ENOENT));
    let d = s.mkdir("d");
    s.make("d/x");
    assert_eq!(s.fs.remove(&s.root, &d, s.own()), Err(ENOTEMPTY));
    // Renamed behind the server's back: the node is still removed, and nothing else.
    let x = s.walk("d/x").unwrap();
    std::fs::rename(s.top().join("d/x"), s.top().join("y")).unwrap();
    std::fs::write(s.top().join("d/x"), "other").unwrap();
    assert_eq!(s.path_of(&x).as_deref(), Ok("y"));
    s.fs.remove(&s.root, &x, s.own()).unwrap();
    assert!(s.top().join("d/x").exists() && !s.top().join("y").exists());
    // A name that looks like the kernel's mark for a removed one.
    let odd = s.make("odd (deleted)");
    assert_eq!(s.path_of(&odd).as_deref(), Ok("odd (deleted)"));
    s.fs.remove(&s.root, &odd, s.own()).unwrap();
    assert_eq!(s.path_of(&odd), Err(ENOENT));
    // Two names: exactly the one that was opened goes.
    let one = s.make("one");
    let top = s.fs.root_node(&s.root).unwrap();
    s.fs.link(&one, s.own(), &top, &name("two")).unwrap();
    let two = s.walk("two").unwrap();
    s.fs.remove(&s.root, &two, s.own()).unwrap();
    assert!(s.top().join("one").exists() && !s.top().join("two").exists());
    assert_eq!(s.fs.attr(&one).unwrap().nlink, 1);
    // The root, and what lies outside.
    assert_eq!(s.path_of(&top), Err(EXDEV));
    assert_eq!(s.fs.remove(&s.root, &top, s.own()), Err(EXDEV));
    let moved = s.make("moved");
    std::fs::rename(s.top().join("moved"), s.dir.path().join("moved")).unwrap();
    assert_eq!(s.fs.remove(&s.root, &moved, s.own()), Err(EXDEV));
    assert!(s.dir.path().join("moved").exists());
}

#[test]
fn renaming() {
    let s = share();
    let top = s.fs.root_node(&s.root).unwrap();
    let a = s.put("a", b"a");
    let b = s.put("b", b"b");
    let rename = |node: &Node, dir: &Node, to: &str, replace| {
        s.fs.rename(&s.root, node, s.own(), dir, &name(to), replace)
    };
    assert_eq!(rename(&a, &top, "b", false), Err(EEXIST));
    rename(&a, &top, "b", true).unwrap();
    assert_eq!(s.get(&s.walk("b").unwrap()), b"a");
    assert_eq!(s.fs.attr(&b).unwrap().nlink, 0);
    // The node follows its file.
    assert_eq!(s.path_of(&a).as_deref(), Ok("b"));
    let d = s.mkdir("d");
    rename(&a, &d, "c", false).unwrap();
    assert_eq!(s.path_of(&a).as_deref(), Ok("d/c"));
    let e = s.mkdir("e");
    assert_eq!(rename(&e, &top, "d", true), Err(ENOTEMPTY));
    rename(&d, &e, "d", false).unwrap();
    assert_eq!(s.path_of(&a).as_deref(), Ok("e/d/c"));
    assert_eq!(rename(&e, &d, "inside", false), Err(EINVAL));
    // Onto itself, and onto another name of itself.
    rename(&a, &d, "c", true).unwrap();
    s.fs.link(&a, s.own(), &top, &name("second")).unwrap();
    rename(&a, &top, "second", true).unwrap();
    assert_eq!(s.walk("e/d/c").err(), Some(ENOENT));
    assert_eq!(s.get(&s.walk("second").unwrap()), b"a");
    assert_eq!(s.fs.link(&d, s.own(), &top, &name("dirlink")), Err(EPERM));
    let second = s.walk("second").unwrap();
    assert_eq!(s.fs.link(&second, s.own(), &top, &name("e")), Err(EEXIST));
}

#[test]
fn attributes() {
    let s = share();
    let node = s.put("f", b"x");
    let then = Timespec {
        sec: 1_000_000_000,
        nsec: 123_456_700,
    };
    let set = |attr: SetAttr| s.fs.set_attr(&node, s.own(), &attr);
    set(SetAttr {
        mtime: Some(then),
        mode: Some(0o640),
        ..SetAttr::default()
    })
    .unwrap();
    let attr = s.fs.attr(&node).unwrap();
    assert_eq!((attr.mtime, attr.mode), (then, 0o640));
    assert_ne!(attr.atime, then);
    let long_ago = Timespec { sec: -100, nsec: 5 };
    set(SetAttr {
        atime: Some(long_ago),
        ..SetAttr::default()
    })
    .unwrap();
    assert_eq!(s.fs.attr(&node).unwrap().mtime, then);
    if is_root() {
        set(SetAttr {
            uid: Some(1234),
            gid: Some(4321),
            mode: Some(0o4755),
            ..SetAttr::default()
        })
        .unwrap();
        let attr = s.fs.attr(&node).unwrap();
        assert_eq!((attr.uid, attr.gid, attr.mode), (1234, 4321, 0o4755));
    }
    let stat = s.fs.stat_fs(&node).unwrap();
    assert!(stat.blocks >= stat.blocks_free && stat.name_max >= 255 && stat.magic != 0);
}

#[test]
fn extended_attributes() {
    let s = share();
    let node = s.make("f");
    let mut buf = [0; 64];
    let get = |name: &CStr, buf: &mut [u8]| s.fs.get_xattr(&node, s.own(), name, buf);
    if s.fs.set_xattr(&node, s.own(), c"user.a", b"1") == Err(EOPNOTSUPP) {
        return;
    }
    s.fs.set_xattr(&node, s.own(), c"user.a", b"hello").unwrap();
    s.fs.set_xattr(&node, s.own(), c"user.b", b"").unwrap();
    assert_eq!(get(c"user.a", &mut buf), Ok(5));
    assert_eq!(&buf[..5], b"hello");
    assert_eq!(get(c"user.a", &mut buf[..4]), Err(ERANGE));
    assert_eq!(get(c"user.b", &mut buf), Ok(0));
    assert_eq!(get(c"user.c", &mut buf), Err(ENODATA));
    let n = s.fs.list_xattr(&node, s.own(), &mut buf).unwrap();
    let mut names: std::vec::Vec<&[u8]> = buf[..n]
        .split(|b| *b == 0)
        .filter(|n| n.starts_with(b"user."))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [b"user.a", b"user.b"]);
    assert_eq!(s.fs.list_xattr(&node, s.own(), &mut [0; 3]), Err(ERANGE));
    s.fs.remove_xattr(&node, s.own(), c"user.a").unwrap();
    assert_eq!(s.fs.remove_xattr(&node, s.own(), c"user.a"), Err(ENODATA));
}

fn list(s: &Share, dir: &File, pos: u64, most: usize) -> (std::vec::Vec<(String, u64)>, DirEnd) {
    let mut names = std::vec::Vec::new();
    let end =
        s.fs.read_dir(dir, pos, &mut |e| {
            if names.len() == most {
                return false;
            }
            names.push((String::from_utf8(e.name.to_vec()).unwrap(), e.pos));
            true
        })
        .unwrap();
    (names, end)
}

#[test]
fn directories() {
    let s = share();
    s.mkdir("d");
    for i in 0..2000 {
        std::fs::write(
            s.top()
                .join(format!("d/file-with-a-rather-long-name-{i:04}")),
            "",
        )
        .unwrap();
    }
    let dir = s.fs.open(&s.walk("d").unwrap(), s.own(), READ).unwrap();
    let (all, end) = list(&s, &dir, 0, usize::MAX);
    assert!(end.eof);
    assert_eq!(all.len(), 2002);
    assert!(all.iter().any(|(n, _)| n == ".") && all.iter().any(|(n, _)| n == ".."));
    // In pieces: nothing twice, nothing lost.
    let (mut pos, mut pieces) = (0, std::vec::Vec::new());
    loop {
        let (some, end) = list(&s, &dir, pos, 7);
        pieces.extend(some);
        pos = end.pos;
        if end.eof {
            break;
        }
    }
    assert_eq!(pieces, all);
    // From any position that was told, with the same or another descriptor.
    let other = s.fs.open(&s.walk("d").unwrap(), s.own(), READ).unwrap();
    for at in [1999usize, 0, 1, 500, 499, 1000, 3] {
        for dir in [&dir, &other] {
            let (some, _) = list(&s, dir, all[at].1, 3);
            assert_eq!(some[..], all[at..(at + 3).min(all.len())], "from {at}");
        }
    }
    // At the end there is nothing until there is something; from the beginning everything is new.
    let (none, end) = list(&s, &dir, pos, 7);
    assert!(none.is_empty() && end.eof);
    std::fs::write(s.top().join("d/new"), "").unwrap();
    assert!(list(&s, &dir, 0, usize::MAX)
        .0
        .iter()
        .any(|(n, _)| n == "new"));
    let file = s.fs.open(&s.walk("d/new").unwrap(), s.own(), READ).unwrap();
    assert_eq!(s.fs.read_dir(&file, 0, &mut |_| true).err(), Some(ENOTDIR));
}

/// Rights of users, where the tests run as root.
#[test]
fn users() {
    let s = share();
    let user = |uid, gid, groups: &[u32]| s.fs.creds(&Identity { uid, gid, groups });
    if !is_root() {
        let own = rustix::process::geteuid().as_raw();
        assert!(user(own, 0, &[]).is_ok());
        assert_eq!(user(own + 1, 0, &[]).err(), Some(EPERM));
        return;
    }
    let open_up = |path: &Path| std::fs::set_permissions(path, PermissionsExt::from_mode(0o755));
    open_up(s.dir.path()).unwrap();
    open_up(&s.top()).unwrap();
    let alice = user(4001, 4001, &[4100]).unwrap();
    let bob = user(4002, 4002, &[]).unwrap();
    let top = s.fs.root_node(&s.root).unwrap();
    assert_eq!(
        s.fs.create(&top, &alice, &name("no"), NewKind::File, 0o600)
            .err(),
        Some(EACCES)
    );
    let pub_dir = s.mkdir("pub");
    s.fs.set_attr(
        &pub_dir,
        s.own(),
        &SetAttr {
            mode: Some(0o777),
            ..SetAttr::default()
        },
    )
    .unwrap();
    let secret =
        s.fs.create(&pub_dir, &alice, &name("secret"), NewKind::File, 0o600)
            .unwrap();
    let meta = std::fs::metadata(s.top().join("pub/secret")).unwrap();
    assert_eq!(
        (meta.uid(), meta.gid(), meta.mode() & 0o7777),
        (4001, 4001, 0o600)
    );
    assert_eq!(s.fs.open(&secret, &bob, READ).err(), Some(EACCES));
    assert!(s.fs.open(&secret, &alice, BOTH).is_ok());
    assert_eq!(
        s.fs.permission(&secret, &bob, Permission::READ),
        Err(EACCES)
    );
    assert_eq!(s.fs.permission(&secret, &alice, Permission(6)), Ok(()));
    assert_eq!(
        s.fs.permission(&secret, &alice, Permission::EXEC),
        Err(EACCES)
    );
    // By supplementary group.
    let shared = s.make("pub/shared");
    let to_group = SetAttr {
        gid: Some(4100),
        mode: Some(0o640),
        ..SetAttr::default()
    };
    s.fs.set_attr(&shared, s.own(), &to_group).unwrap();
    assert!(s.fs.open(&shared, &alice, READ).is_ok());
    assert_eq!(s.fs.open(&shared, &alice, BOTH).err(), Some(EACCES));
    assert_eq!(s.fs.open(&shared, &bob, READ).err(), Some(EACCES));
    assert_eq!(
        s.fs.set_attr(
            &secret,
            &bob,
            &SetAttr {
                mode: Some(0o777),
                ..SetAttr::default()
            }
        ),
        Err(EPERM)
    );
    let chown = SetAttr {
        uid: Some(4002),
        ..SetAttr::default()
    };
    assert_eq!(s.fs.set_attr(&secret, &alice, &chown), Err(EPERM));
    // A thread that another one made while it acted for a user still acts for whom it is told to.
    alice.assume().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert!(s
                .fs
                .create(&top, s.own(), &name("by-root"), NewKind::File, 0o600)
                .is_ok());
            assert_eq!(s.fs.open(&secret, &bob, READ).err(), Some(EACCES));
        });
    });
    s.fs.restore_thread().unwrap();
    assert!(std::fs::read(s.top().join("by-root")).is_ok());
    // A search through a directory that is closed to the user.
    let closed = s.mkdir("closed");
    s.make("closed/f");
    s.fs.set_attr(
        &closed,
        s.own(),
        &SetAttr {
            mode: Some(0o700),
            ..SetAttr::default()
        },
    )
    .unwrap();
    assert_eq!(
        s.fs.walk(&s.root, &alice, &rel("closed/f"), true, true)
            .err(),
        Some(EACCES)
    );
    let f = s.walk("closed/f").unwrap();
    assert_eq!(s.fs.remove(&s.root, &f, &alice), Err(EACCES));
    s.fs.restore_thread().unwrap();
}

#[test]
fn an_empty_buffer_asks_for_the_length() {
    let s = share();
    let node = s.make("f");
    match s.fs.set_xattr(&node, s.own(), c"user.one", b"value") {
        // Not every file system that temporary files lie on has such attributes.
        Err(e) if e == EOPNOTSUPP => return,
        result => result.unwrap(),
    }
    let (fs, own) = (&s.fs, s.own());
    assert_eq!(fs.get_xattr(&node, own, c"user.one", &mut []), Ok(5));
    assert_eq!(fs.get_xattr(&node, own, c"user.two", &mut []), Err(ENODATA));
    let mut buf = [0; 8];
    assert_eq!(fs.get_xattr(&node, own, c"user.one", &mut buf), Ok(5));
    assert_eq!(&buf[..5], b"value");
    let len = fs.list_xattr(&node, own, &mut []).unwrap();
    let mut buf = vec![0; len];
    assert_eq!(fs.list_xattr(&node, own, &mut buf), Ok(len));
    assert!(buf.split(|b| *b == 0).any(|n| n == b"user.one"));
}
