// SPDX-License-Identifier: GPL-2.0-or-later
//! Every allocation of a request fails once: the answer is a clean error, and nothing stays behind.

use kernel::shim;

use super::*;

/// Runs `request` with the first, the second … allocation failing, until none is left to fail. `prepare` makes
/// the state that it needs, `check` looks at the state that it leaves.
fn sweep<T>(
    what: &str,
    prepare: impl Fn(&mut Client<'_>) -> T,
    request: impl Fn(&mut Client<'_>, &T) -> N,
    check: impl Fn(&mut Client<'_>, &T, N),
) {
    for n in 0.. {
        assert!(n < 1000, "{what}: no end of allocations");
        let rig = Rig::new();
        let mut c = connected(&rig);
        let state = prepare(&mut c);
        shim::fail_after(n);
        let got = request(&mut c, &state);
        let injected = shim::fail_never();
        if injected == 0 {
            assert_eq!(got, N::SUCCESS, "{what}");
            assert!(n > 0, "{what} allocates nothing");
            return;
        }
        // A connection whose error reply could not be made ends, which is clean as well.
        assert!(
            matches!(
                got,
                N::SUCCESS
                    | N::INSUFFICIENT_RESOURCES
                    | N::TOO_MANY_OPENED_FILES
                    | N::CONNECTION_DISCONNECTED
                    | N::IO_TIMEOUT
            ),
            "{what}, allocation {n}: {got}"
        );
        let mut other = Client::log_in(
            &rig,
            Options {
                address: 9,
                ..Options::default()
            },
        );
        other.tree_connect("data").unwrap();
        check(&mut other, &state, got);
        drop(c);
        // Whatever the request held is free now.
        for path in ["f", "g", "d"] {
            let how = HOW.share(S::NONE).options(O::DELETE_ON_CLOSE);
            let s = status(&mut other, path, how);
            assert!(
                matches!(s, N::SUCCESS | N::OBJECT_NAME_NOT_FOUND),
                "{what}, allocation {n}, {path}: {s}"
            );
        }
    }
}

fn outcome<T>(result: Result<T, N>) -> N {
    result.map_or_else(|e| e, |_| N::SUCCESS)
}

#[test]
fn create_new() {
    let size = 4096u64.to_le_bytes();
    sweep(
        "CREATE of a new file",
        |_| (),
        |c, ()| {
            let contexts: &[(&[u8], &[u8])] = &[
                (name::MAXIMAL_ACCESS, b""),
                (name::ALLOCATION_SIZE, &size),
                (name::EA_BUFFER, b"\0\0\0\0\0\x03\x05\0abc\0value"),
            ];
            outcome(open(c, "f", HOW.disposition(D::CREATE).contexts(contexts)))
        },
        |c, (), got| {
            let there = status(c, "f", HOW.access(A::READ_ATTRIBUTES));
            if got == N::INSUFFICIENT_RESOURCES {
                assert_eq!(there, N::OBJECT_NAME_NOT_FOUND, "half made and left");
            }
        },
    );
}

#[test]
fn create_directory() {
    sweep(
        "CREATE of a directory",
        |_| (),
        |c, ()| {
            let how = HOW.disposition(D::CREATE).options(O::DIRECTORY_FILE);
            outcome(open(c, "d", how))
        },
        |_, (), _| {},
    );
}

#[test]
fn open_existing() {
    sweep(
        "CREATE that opens",
        |c| c.rig().host().fs_ref().put("/data/f", 1000, 0o644, b"text"),
        |c, ()| outcome(open(c, "F", HOW)),
        |c, (), _| assert_eq!(c.rig().host().fs_ref().get("/data/f").unwrap(), b"text"),
    );
}

#[test]
fn overwrite() {
    sweep(
        "CREATE that overwrites",
        |c| c.rig().host().fs_ref().put("/data/f", 1000, 0o644, b"text"),
        |c, ()| outcome(open(c, "f", HOW.disposition(D::OVERWRITE))),
        |_, (), _| {},
    );
}

fn made(c: &mut Client<'_>) -> FileId {
    must(c, "f", HOW.disposition(D::CREATE))
}

#[test]
fn read_and_write() {
    sweep(
        "WRITE",
        made,
        |c, id| outcome(write(c, *id, 0, b"text")),
        |_, _, _| {},
    );
    sweep(
        "READ",
        |c| {
            let id = made(c);
            write(c, id, 0, b"text").unwrap();
            id
        },
        |c, id| outcome(read(c, *id, 0, 4, 0, Channel::NONE)),
        |_, _, _| {},
    );
}

#[test]
fn close_deletes() {
    sweep(
        "CLOSE",
        |c| {
            must(
                c,
                "f",
                HOW.disposition(D::CREATE).options(O::DELETE_ON_CLOSE),
            )
        },
        |c, id| {
            let request = CloseRequest {
                flags: CloseFlags::POSTQUERY_ATTRIB,
                file_id: *id,
            };
            outcome(
                c.call(Command::CLOSE, |w| request.write(w))
                    .and_then(|r| r.ok()),
            )
        },
        |_, _, _| {},
    );
}

#[test]
fn set_information() {
    let request = |info: fn() -> SetFileInfo<'static>| {
        sweep(
            "SET_INFO",
            made,
            |c, id| try_set(c, *id, info()),
            |_, _, _| {},
        );
    };
    request(|| basic(no_times(), F::HIDDEN));
    request(|| SetFileInfo::Disposition(true));
    request(|| SetFileInfo::EndOfFile(10));
    sweep(
        "rename",
        made,
        |c, id| {
            let name = utf16("g");
            let info = RenameInfo {
                flags: RenameFlags::NONE,
                root_directory: 0,
                name: Utf16::new(&name).unwrap(),
            };
            try_set(c, *id, SetFileInfo::Rename(info))
        },
        |c, _, _| {
            let f = c.rig().host().fs_ref();
            assert!(f.exists("/data/f") != f.exists("/data/g"));
        },
    );
}

/// As [`set`], but the connection may end.
fn try_set(c: &mut Client<'_>, id: FileId, info: SetFileInfo<'_>) -> N {
    let mut buf = [0; 256];
    let mut w = Writer::new(&mut buf);
    info.write(&mut w).unwrap();
    let request = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: info.class().0,
        additional_information: 0,
        file_id: id,
        buffer: w.written(),
    };
    c.call(Command::SET_INFO, |w| request.write(w))
        .map_or_else(|e| e, |r| r.status())
}
