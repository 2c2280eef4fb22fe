// SPDX-License-Identifier: GPL-2.0-or-later
//! Opening, sharing, deleting, renaming, reading and writing, as a client sees them.

use ksmbd_memhost::client::{utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::{FileTime, Utf16};
use proto_shared::fscc::file::{BasicInfo, Times};
use proto_shared::fscc::flags::{
    CreateAction, CreateDisposition as D, CreateOptions as O, FileAttributes as F, ShareAccess as S,
};
use proto_shared::fscc::set::{DispositionFlags, RenameFlags, RenameInfo, SetFileInfo};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::close::{CloseFlags, CloseResponse};
use proto_shared::smb2::create::ImpersonationLevel;
use proto_shared::smb2::create_context::{name, MaximalAccess, OnDiskId};
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::types::{Channel, OplockLevel};
use proto_shared::smb2::{
    CloseRequest, Command, CreateRequest, CreateResponse, FileId, FlushRequest, ReadRequest,
    SetInfoRequest, WriteRequest, WriteResponse,
};
use proto_shared::status::NtStatus as N;

/// How a test opens.
#[derive(Clone, Copy)]
struct How<'a> {
    access: A,
    disposition: D,
    options: O,
    share: S,
    attributes: F,
    impersonation: u32,
    contexts: &'a [(&'a [u8], &'a [u8])],
}

const HOW: How<'static> = How {
    access: A::FILE_ALL_ACCESS,
    disposition: D::OPEN,
    options: O::NONE,
    share: S::ALL,
    attributes: F::NORMAL,
    impersonation: 2,
    contexts: &[],
};

/// What a CREATE came to.
#[derive(Debug)]
struct Made {
    id: FileId,
    action: CreateAction,
    attributes: F,
    size: u64,
    created: FileTime,
    written: FileTime,
    max_access: Option<MaximalAccess>,
    disk_id: Option<OnDiskId>,
}

fn open(c: &mut Client<'_>, path: &str, how: How<'_>) -> Result<Made, N> {
    let name = utf16(path);
    let request = CreateRequest {
        oplock_level: OplockLevel::NONE,
        impersonation_level: ImpersonationLevel(how.impersonation),
        desired_access: how.access,
        file_attributes: how.attributes,
        share_access: how.share,
        create_disposition: how.disposition,
        create_options: how.options,
        name: Utf16::new(&name).unwrap(),
        contexts: Default::default(),
    };
    let reply = c.call(Command::CREATE, |w| {
        request.write_with(w, |contexts| {
            for (name, data) in how.contexts {
                contexts.add(name, |w| w.bytes(data))?;
            }
            Ok(())
        })
    })?;
    let message = reply.ok()?;
    let r = CreateResponse::parse(&message).unwrap();
    assert_eq!(r.oplock_level, OplockLevel::NONE);
    Ok(Made {
        id: r.file_id,
        action: r.create_action,
        attributes: r.file_attributes,
        size: r.end_of_file,
        created: r.creation_time,
        written: r.last_write_time,
        max_access: r
            .contexts
            .find(name::MAXIMAL_ACCESS)
            .map(|d| MaximalAccess::parse(d).unwrap()),
        disk_id: r
            .contexts
            .find(name::QUERY_ON_DISK_ID)
            .map(|d| OnDiskId::parse(d).unwrap()),
    })
}

fn must(c: &mut Client<'_>, path: &str, how: How<'_>) -> FileId {
    match open(c, path, how) {
        Ok(made) => made.id,
        Err(e) => panic!("{path}: {e}"),
    }
}

fn status(c: &mut Client<'_>, path: &str, how: How<'_>) -> N {
    match open(c, path, how) {
        Ok(made) => {
            c.close(made.id).unwrap();
            N::SUCCESS
        }
        Err(e) => e,
    }
}

fn close(c: &mut Client<'_>, id: FileId, flags: CloseFlags) -> CloseResponse {
    let request = CloseRequest { flags, file_id: id };
    let message = c
        .call(Command::CLOSE, |w| request.write(w))
        .unwrap()
        .ok()
        .unwrap();
    CloseResponse::parse(&message).unwrap()
}

fn set_raw(c: &mut Client<'_>, id: FileId, info_type: InfoType, class: u8, buffer: &[u8]) -> N {
    let request = SetInfoRequest {
        info_type,
        info_class: class,
        additional_information: 0,
        file_id: id,
        buffer,
    };
    c.call(Command::SET_INFO, |w| request.write(w))
        .unwrap()
        .status()
}

fn set(c: &mut Client<'_>, id: FileId, info: SetFileInfo<'_>) -> N {
    let mut buf = [0; 2048];
    let mut w = Writer::new(&mut buf);
    info.write(&mut w).unwrap();
    let buffer = w.written().to_vec();
    set_raw(c, id, InfoType::FILE, info.class().0, &buffer)
}

fn rename_flags(c: &mut Client<'_>, id: FileId, to: &str, flags: RenameFlags) -> N {
    let name = utf16(to);
    let info = RenameInfo {
        flags,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    };
    set(c, id, SetFileInfo::RenameEx(info))
}

fn rename(c: &mut Client<'_>, id: FileId, to: &str, replace: bool) -> N {
    let name = utf16(to);
    let flags = if replace {
        RenameFlags::REPLACE_IF_EXISTS
    } else {
        RenameFlags::NONE
    };
    let info = RenameInfo {
        flags,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    };
    set(c, id, SetFileInfo::Rename(info))
}

fn link(c: &mut Client<'_>, id: FileId, to: &str, replace: bool) -> N {
    let name = utf16(to);
    let flags = if replace {
        RenameFlags::REPLACE_IF_EXISTS
    } else {
        RenameFlags::NONE
    };
    let info = RenameInfo {
        flags,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    };
    set(c, id, SetFileInfo::Link(info))
}

fn basic(times: Times, attributes: F) -> SetFileInfo<'static> {
    SetFileInfo::Basic(BasicInfo { times, attributes })
}

fn no_times() -> Times {
    Times {
        creation: FileTime(0),
        last_access: FileTime(0),
        last_write: FileTime(0),
        change: FileTime(0),
    }
}

fn connected(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn with_flags(flags: TreeFlags) -> Rig {
    Rig::with(Settings {
        share_flags: flags,
        ..Settings::default()
    })
}

const PLAIN: TreeFlags = TreeFlags(TreeFlags::WRITABLE.0 | TreeFlags::STORE_DOS_ATTRIBUTES.0);

#[test]
fn dispositions() {
    let rig = Rig::new();
    let mut c = connected(&rig);
    let all = [
        D::SUPERSEDE,
        D::OPEN,
        D::CREATE,
        D::OPEN_IF,
        D::OVERWRITE,
        D::OVERWRITE_IF,
    ];
    let there = [
        Ok((CreateAction::SUPERSEDED, 0)),
        Ok((CreateAction::OPENED, 4)),
        Err(N::OBJECT_NAME_COLLISION),
        Ok((CreateAction::OPENED, 4)),
        Ok((CreateAction::OVERWRITTEN, 0)),
        Ok((CreateAction::OVERWRITTEN, 0)),
    ];
    let missing = [
        Ok(CreateAction::CREATED),
        Err(N::OBJECT_NAME_NOT_FOUND),
        Ok(CreateAction::CREATED),
        Ok(CreateAction::CREATED),
        Err(N::OBJECT_NAME_NOT_FOUND),
        Ok(CreateAction::CREATED),
    ];
    for (n, disposition) in all.into_iter().enumerate() {
        let how = How { disposition, ..HOW };
        rig.host().fs_ref().put("/data/there", 1000, 0o644, b"text");
        match open(&mut c, "there", how) {
            Ok(made) => {
                assert_eq!(Ok((made.action, made.size)), there[n], "{disposition:?}");
                c.close(made.id).unwrap();
            }
            Err(e) => assert_eq!(Err(e), there[n], "{disposition:?}"),
        }
        remove(&mut c, "there");
        match open(&mut c, "missing", how) {
            Ok(made) => {
                assert_eq!(Ok(made.action), missing[n], "{disposition:?}");
                assert_eq!(made.attributes, F::ARCHIVE);
                c.close(made.id).unwrap();
                remove(&mut c, "missing");
            }
            Err(e) => assert_eq!(Err(e), missing[n], "{disposition:?}"),
        }
    }
    let how = How {
        disposition: D(6),
        ..HOW
    };
    assert_eq!(status(&mut c, "x", how), N::INVALID_PARAMETER);
}

fn remove(c: &mut Client<'_>, path: &str) {
    let id = must(
        c,
        path,
        How {
            access: A::DELETE,
            options: O::DELETE_ON_CLOSE,
            ..HOW
        },
    );
    c.close(id).unwrap();
}

#[test]
fn what_a_request_may_not_say() {
    let rig = Rig::new();
    rig.host().fs_ref().put("/data/f", 1000, 0o644, b"text");
    rig.host().fs_ref().mkdir("/data/d", 1000, 0o755);
    let mut c = connected(&rig);
    let cases: [(&str, How<'_>, N); 24] = [
        (
            "f",
            How {
                access: A::NONE,
                ..HOW
            },
            N::ACCESS_DENIED,
        ),
        (
            "f",
            How {
                access: A(0x0040_0001),
                ..HOW
            },
            N::ACCESS_DENIED,
        ),
        (
            "f",
            How {
                access: A::ACCESS_SYSTEM_SECURITY,
                ..HOW
            },
            N::PRIVILEGE_NOT_HELD,
        ),
        ("f", How { share: S(8), ..HOW }, N::INVALID_PARAMETER),
        (
            "f",
            How {
                attributes: F(0x8000_0000),
                ..HOW
            },
            N::INVALID_PARAMETER,
        ),
        (
            "f",
            How {
                options: O(0x0100_0000),
                ..HOW
            },
            N::INVALID_PARAMETER,
        ),
        (
            "f",
            How {
                options: O::OPEN_BY_FILE_ID,
                ..HOW
            },
            N::NOT_SUPPORTED,
        ),
        (
            "f",
            How {
                options: O::RESERVE_OPFILTER,
                ..HOW
            },
            N::NOT_SUPPORTED,
        ),
        (
            "f",
            How {
                options: O::CREATE_TREE_CONNECTION,
                ..HOW
            },
            N::NOT_SUPPORTED,
        ),
        (
            "f",
            How {
                impersonation: 4,
                ..HOW
            },
            N::BAD_IMPERSONATION_LEVEL,
        ),
        (
            "d",
            How {
                options: O::DIRECTORY_FILE | O::NON_DIRECTORY_FILE,
                ..HOW
            },
            N::INVALID_PARAMETER,
        ),
        (
            "d",
            How {
                options: O::DIRECTORY_FILE,
                disposition: D::OVERWRITE_IF,
                ..HOW
            },
            N::INVALID_PARAMETER,
        ),
        (
            "f",
            How {
                access: A::READ_DATA,
                options: O::DELETE_ON_CLOSE,
                ..HOW
            },
            N::INVALID_PARAMETER,
        ),
        (
            "f",
            How {
                options: O::DIRECTORY_FILE,
                ..HOW
            },
            N::NOT_A_DIRECTORY,
        ),
        (
            "d",
            How {
                options: O::NON_DIRECTORY_FILE,
                ..HOW
            },
            N::FILE_IS_A_DIRECTORY,
        ),
        (
            "d",
            How {
                disposition: D::OVERWRITE,
                ..HOW
            },
            N::OBJECT_NAME_COLLISION,
        ),
        ("\\f", HOW, N::INVALID_PARAMETER),
        ("..\\f", HOW, N::OBJECT_PATH_SYNTAX_BAD),
        ("d\\..\\f", HOW, N::OBJECT_PATH_SYNTAX_BAD),
        ("f*", HOW, N::OBJECT_NAME_INVALID),
        ("f:stream", HOW, N::OBJECT_NAME_INVALID),
        ("f\\g", HOW, N::OBJECT_PATH_NOT_FOUND),
        ("no\\g", HOW, N::OBJECT_PATH_NOT_FOUND),
        ("no", HOW, N::OBJECT_NAME_NOT_FOUND),
    ];
    for (path, how, want) in cases {
        assert_eq!(status(&mut c, path, how), want, "{path} {:?}", how.options);
    }
    assert_eq!(status(&mut c, "f::$data", HOW), N::SUCCESS);
    assert_eq!(
        status(
            &mut c,
            "d::$DATA",
            How {
                options: O::NON_DIRECTORY_FILE,
                ..HOW
            }
        ),
        N::FILE_IS_A_DIRECTORY
    );
    assert_eq!(
        status(
            &mut c,
            "",
            How {
                access: A::READ_ATTRIBUTES,
                ..HOW
            }
        ),
        N::SUCCESS
    );
    assert_eq!(
        status(
            &mut c,
            "",
            How {
                disposition: D::CREATE,
                ..HOW
            }
        ),
        N::OBJECT_NAME_COLLISION
    );
    assert_eq!(
        status(&mut c, &"n".repeat(256), HOW),
        N::OBJECT_NAME_INVALID
    );
    let long = "n".repeat(255);
    assert_eq!(
        status(
            &mut c,
            &long,
            How {
                disposition: D::CREATE,
                ..HOW
            }
        ),
        N::SUCCESS
    );
    let beyond = "dir \u{1F980} \u{10FFFD}\\file \u{1D11E}";
    let dir = How {
        disposition: D::CREATE,
        options: O::DIRECTORY_FILE,
        ..HOW
    };
    assert_eq!(status(&mut c, "dir \u{1F980} \u{10FFFD}", dir), N::SUCCESS);
    assert_eq!(
        status(
            &mut c,
            beyond,
            How {
                disposition: D::CREATE,
                ..HOW
            }
        ),
        N::SUCCESS
    );
    assert!(rig
        .host()
        .fs_ref()
        .exists("/data/dir \u{1F980} \u{10FFFD}/file \u{1D11E}"));
}

#[test]
fn share_modes() {
    let rig = Rig::new();
    rig.host().fs_ref().put("/data/f", 1000, 0o644, b"text");
    let mut a = connected(&rig);
    let mut b = Client::log_in(
        &rig,
        Options {
            address: 2,
            ..Options::default()
        },
    );
    b.tree_connect("data").unwrap();
    let rights = [A::READ_DATA, A::WRITE_DATA, A::DELETE, A::READ_ATTRIBUTES];
    let needs = [S::READ, S::WRITE, S::DELETE, S::NONE];
    for (i, x) in rights.into_iter().enumerate() {
        for sx in (0..8).map(S) {
            let first = must(
                &mut a,
                "f",
                How {
                    access: x,
                    share: sx,
                    ..HOW
                },
            );
            for (j, y) in rights.into_iter().enumerate() {
                for sy in (0..8).map(S) {
                    let stat = x == A::READ_ATTRIBUTES || y == A::READ_ATTRIBUTES;
                    let fine = stat || sx.contains(needs[j]) && sy.contains(needs[i]);
                    let want = if fine {
                        N::SUCCESS
                    } else {
                        N::SHARING_VIOLATION
                    };
                    let how = How {
                        access: y,
                        share: sy,
                        ..HOW
                    };
                    assert_eq!(
                        status(&mut b, "f", how),
                        want,
                        "{x:?}/{sx:?} then {y:?}/{sy:?}"
                    );
                }
            }
            a.close(first).unwrap();
        }
    }
    // To overwrite is to write.
    let first = must(
        &mut a,
        "f",
        How {
            access: A::READ_DATA,
            share: S::READ,
            ..HOW
        },
    );
    let how = How {
        access: A::READ_DATA,
        disposition: D::OVERWRITE,
        ..HOW
    };
    assert_eq!(status(&mut b, "f", how), N::SHARING_VIOLATION);
    assert_eq!(rig.host().fs_ref().get("/data/f").unwrap(), b"text");
    a.close(first).unwrap();
    // But the one that did so is a reader from then on.
    let first = must(&mut a, "f", how);
    assert_eq!(
        status(
            &mut b,
            "f",
            How {
                access: A::READ_DATA,
                share: S::READ,
                ..HOW
            }
        ),
        N::SUCCESS
    );
    a.close(first).unwrap();
    // What a connection held is free when it ends.
    must(
        &mut a,
        "f",
        How {
            share: S::NONE,
            ..HOW
        },
    );
    assert_eq!(status(&mut b, "f", HOW), N::SHARING_VIOLATION);
    drop(a);
    assert_eq!(status(&mut b, "f", HOW), N::SUCCESS);
}

#[test]
fn delete_on_close() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    let mut c = connected(&rig);
    let new = How {
        disposition: D::OPEN_IF,
        options: O::DELETE_ON_CLOSE,
        ..HOW
    };
    // The name goes with the last handle, whichever asked for it.
    let first = must(&mut c, "f", new);
    let second = must(
        &mut c,
        "f",
        How {
            access: A::READ_DATA,
            ..HOW
        },
    );
    c.close(first).unwrap();
    assert!(fs.exists("/data/f"));
    assert_eq!(status(&mut c, "f", HOW), N::DELETE_PENDING);
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                disposition: D::CREATE,
                ..HOW
            }
        ),
        N::DELETE_PENDING
    );
    c.close(second).unwrap();
    assert!(!fs.exists("/data/f"));
    assert_eq!(status(&mut c, "f", HOW), N::OBJECT_NAME_NOT_FOUND);

    // A disposition counts at once and can be taken back.
    let id = must(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            ..HOW
        },
    );
    assert_eq!(set(&mut c, id, SetFileInfo::Disposition(true)), N::SUCCESS);
    assert_eq!(status(&mut c, "f", HOW), N::DELETE_PENDING);
    assert_eq!(set(&mut c, id, SetFileInfo::Disposition(false)), N::SUCCESS);
    assert_eq!(status(&mut c, "f", HOW), N::SUCCESS);
    c.close(id).unwrap();
    assert!(fs.exists("/data/f"));

    // It takes the right, and what is read-only stays.
    let id = must(
        &mut c,
        "f",
        How {
            access: A::FILE_ALL_ACCESS.without(A::DELETE),
            ..HOW
        },
    );
    assert_eq!(
        set(&mut c, id, SetFileInfo::Disposition(true)),
        N::ACCESS_DENIED
    );
    assert_eq!(set(&mut c, id, basic(no_times(), F::READONLY)), N::SUCCESS);
    c.close(id).unwrap();
    let how = How {
        access: A::DELETE | A::READ_DATA,
        ..HOW
    };
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                options: O::DELETE_ON_CLOSE,
                ..how
            }
        ),
        N::CANNOT_DELETE
    );
    let id = must(&mut c, "f", how);
    assert_eq!(
        set(&mut c, id, SetFileInfo::Disposition(true)),
        N::CANNOT_DELETE
    );
    let force = DispositionFlags::DELETE | DispositionFlags::IGNORE_READONLY_ATTRIBUTE;
    assert_eq!(
        set(&mut c, id, SetFileInfo::DispositionEx(force)),
        N::ACCESS_DENIED
    );
    c.close(id).unwrap();
    let read_only = How {
        disposition: D::CREATE,
        options: O::DELETE_ON_CLOSE,
        attributes: F::READONLY,
        ..HOW
    };
    assert_eq!(status(&mut c, "new", read_only), N::CANNOT_DELETE);

    // A directory must be empty.
    fs.mkdir("/data/d/e", 1000, 0o755);
    let id = must(&mut c, "d", HOW);
    assert_eq!(
        set(&mut c, id, SetFileInfo::Disposition(true)),
        N::DIRECTORY_NOT_EMPTY
    );
    c.close(id).unwrap();
    remove(&mut c, "d");
    assert!(
        fs.exists("/data/d"),
        "not empty: it stays, and CLOSE says nothing of it"
    );
    let dir = must(&mut c, "d", HOW);
    remove(&mut c, "d\\e");
    assert_eq!(set(&mut c, dir, SetFileInfo::Disposition(true)), N::SUCCESS);
    assert_eq!(
        status(
            &mut c,
            "d\\new",
            How {
                disposition: D::CREATE,
                ..HOW
            }
        ),
        N::DELETE_PENDING
    );
    c.close(dir).unwrap();
    assert!(!fs.exists("/data/d"));

    // The share's root is not for deletion.
    assert_eq!(
        status(
            &mut c,
            "",
            How {
                access: A::DELETE,
                ..HOW
            }
        ),
        N::ACCESS_DENIED
    );
}

#[test]
fn posix_delete() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("/data/f", 1000, 0o644, b"text");
    let mut c = connected(&rig);
    let reader = must(
        &mut c,
        "f",
        How {
            access: A::READ_DATA,
            ..HOW
        },
    );
    let id = must(&mut c, "f", HOW);
    let posix = DispositionFlags::DELETE | DispositionFlags::POSIX_SEMANTICS;
    assert_eq!(
        set(
            &mut c,
            id,
            SetFileInfo::DispositionEx(DispositionFlags(0x20))
        ),
        N::INVALID_PARAMETER
    );
    assert_eq!(
        set(&mut c, id, SetFileInfo::DispositionEx(posix)),
        N::SUCCESS
    );
    assert_eq!(status(&mut c, "f", HOW), N::DELETE_PENDING);
    c.close(id).unwrap();
    assert!(!fs.exists("/data/f"));
    assert_eq!(c.read(reader, 0, 10).unwrap(), b"text");
    // The name is free, and what has it now is another file.
    let id = must(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            ..HOW
        },
    );
    c.close(reader).unwrap();
    c.close(id).unwrap();
    assert!(fs.exists("/data/f"));
}

#[test]
fn connection_loss_deletes() {
    let rig = Rig::new();
    let mut c = connected(&rig);
    must(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            options: O::DELETE_ON_CLOSE,
            ..HOW
        },
    );
    must(
        &mut c,
        "g",
        How {
            disposition: D::CREATE,
            ..HOW
        },
    );
    drop(c);
    assert!(!rig.host().fs_ref().exists("/data/f"));
    assert!(rig.host().fs_ref().exists("/data/g"));
}

#[test]
fn hard_links_are_deleted_one_by_one() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("/data/a", 1000, 0o644, b"text");
    let mut c = connected(&rig);
    let id = must(
        &mut c,
        "a",
        How {
            access: A::READ_ATTRIBUTES,
            ..HOW
        },
    );
    assert_eq!(link(&mut c, id, "b", false), N::SUCCESS);
    assert_eq!(link(&mut c, id, "b", false), N::OBJECT_NAME_COLLISION);
    assert_eq!(link(&mut c, id, "b", true), N::SUCCESS);
    c.close(id).unwrap();
    let a = must(&mut c, "a", HOW);
    let b = must(&mut c, "b", HOW);
    assert_eq!(set(&mut c, a, SetFileInfo::Disposition(true)), N::SUCCESS);
    assert_eq!(status(&mut c, "a", HOW), N::DELETE_PENDING);
    assert_eq!(status(&mut c, "b", HOW), N::SUCCESS);
    c.close(a).unwrap();
    assert!(!fs.exists("/data/a"));
    assert_eq!(c.read(b, 0, 10).unwrap(), b"text");
    c.close(b).unwrap();
    assert!(fs.exists("/data/b"));
    // Nobody makes a name for what he could not write.
    fs.put("/data/theirs", 7, 0o644, b"text");
    let id = must(
        &mut c,
        "theirs",
        How {
            access: A::READ_ATTRIBUTES,
            ..HOW
        },
    );
    assert_eq!(link(&mut c, id, "mine", false), N::ACCESS_DENIED);
    let dir = must(
        &mut c,
        "",
        How {
            access: A::READ_ATTRIBUTES,
            ..HOW
        },
    );
    assert_eq!(link(&mut c, dir, "dir", false), N::FILE_IS_A_DIRECTORY);
    // A target that is open, read-only or a directory does not give way.
    fs.put("/data/open", 1000, 0o644, b"");
    fs.mkdir("/data/dir", 1000, 0o755);
    let keep = must(
        &mut c,
        "open",
        How {
            access: A::READ_DATA,
            ..HOW
        },
    );
    let id = must(
        &mut c,
        "b",
        How {
            access: A::READ_ATTRIBUTES,
            ..HOW
        },
    );
    assert_eq!(link(&mut c, id, "open", true), N::ACCESS_DENIED);
    assert_eq!(link(&mut c, id, "dir", true), N::ACCESS_DENIED);
    c.close(keep).unwrap();
    assert_eq!(link(&mut c, id, "open", true), N::SUCCESS);
    assert_eq!(fs.get("/data/open").unwrap(), b"text");
}

#[test]
fn renames() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("/data/a", 1000, 0o644, b"a");
    fs.put("/data/b", 1000, 0o644, b"b");
    fs.mkdir("/data/d/e", 1000, 0o755);
    fs.put("/data/d/e/f", 1000, 0o644, b"f");
    let mut c = connected(&rig);

    let a = must(&mut c, "a", HOW);
    assert_eq!(rename(&mut c, a, "b", false), N::OBJECT_NAME_COLLISION);
    assert_eq!(rename(&mut c, a, "no\\b", false), N::OBJECT_PATH_NOT_FOUND);
    assert_eq!(rename(&mut c, a, "d", true), N::ACCESS_DENIED);
    assert_eq!(rename(&mut c, a, "x?", true), N::OBJECT_NAME_INVALID);
    assert_eq!(rename(&mut c, a, "", true), N::INVALID_PARAMETER);
    assert_eq!(rename(&mut c, a, "a", false), N::SUCCESS);
    // What is open does not give way, except with POSIX semantics.
    let b = must(
        &mut c,
        "b",
        How {
            access: A::READ_DATA,
            ..HOW
        },
    );
    assert_eq!(rename(&mut c, a, "b", true), N::ACCESS_DENIED);
    let posix = RenameFlags::REPLACE_IF_EXISTS | RenameFlags::POSIX_SEMANTICS;
    assert_eq!(rename_flags(&mut c, a, "b", posix), N::SUCCESS);
    assert_eq!(c.read(b, 0, 9).unwrap(), b"b");
    c.close(b).unwrap();
    assert_eq!(fs.get("/data/b").unwrap(), b"a");
    assert!(!fs.exists("/data/a"));
    // The handle goes on, under its new name.
    assert_eq!(rename(&mut c, a, "d\\e\\A new name", false), N::SUCCESS);
    assert_eq!(
        rename(&mut c, a, "d\\e\\a NEW name", false),
        N::SUCCESS,
        "another case only"
    );
    assert!(fs.exists("/data/d/e/a NEW name"));
    assert!(!fs.exists("/data/d/e/A new name"));
    c.write(a, 0, b"still").unwrap();
    assert_eq!(fs.get("/data/d/e/a NEW name").unwrap(), b"still");

    // A directory stays while something below it is open, and does not move into itself.
    let d = must(&mut c, "d", HOW);
    assert_eq!(rename(&mut c, d, "moved", false), N::ACCESS_DENIED);
    c.close(a).unwrap();
    assert_eq!(rename(&mut c, d, "d\\e\\d", false), N::INVALID_PARAMETER);
    assert_eq!(rename(&mut c, d, "moved", false), N::SUCCESS);
    assert!(fs.exists("/data/moved/e/f"));
    // Adding a name where a handle means to delete the directory, or does not share writing.
    let f = must(&mut c, "moved\\e\\f", HOW);
    let e = must(
        &mut c,
        "moved\\e",
        How {
            access: A::DELETE,
            ..HOW
        },
    );
    assert_eq!(
        rename(&mut c, f, "moved\\e\\g", false),
        N::SHARING_VIOLATION
    );
    c.close(e).unwrap();
    let e = must(
        &mut c,
        "moved\\e",
        How {
            access: A::LIST_DIRECTORY,
            share: S::READ | S::DELETE,
            ..HOW
        },
    );
    assert_eq!(
        rename(&mut c, f, "moved\\e\\g", false),
        N::SHARING_VIOLATION
    );
    c.close(e).unwrap();
    let e = must(
        &mut c,
        "moved\\e",
        How {
            access: A::LIST_DIRECTORY,
            ..HOW
        },
    );
    assert_eq!(rename(&mut c, f, "moved\\e\\g", false), N::SUCCESS);
    c.close(e).unwrap();
    // A handle without the right, a name with a directory's handle, the share's root.
    let g = must(
        &mut c,
        "moved\\e\\g",
        How {
            access: A::FILE_ALL_ACCESS.without(A::DELETE),
            ..HOW
        },
    );
    assert_eq!(rename(&mut c, g, "h", false), N::ACCESS_DENIED);
    let name = utf16("h");
    let info = RenameInfo {
        flags: RenameFlags::NONE,
        root_directory: 1,
        name: Utf16::new(&name).unwrap(),
    };
    assert_eq!(
        set(&mut c, f, SetFileInfo::Rename(info)),
        N::INVALID_PARAMETER
    );
    // What is going has no new name.
    assert_eq!(set(&mut c, f, SetFileInfo::Disposition(true)), N::SUCCESS);
    assert_eq!(rename(&mut c, f, "h", false), N::ACCESS_DENIED);
}

#[test]
fn renamed_file_is_deleted_under_its_new_name() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.mkdir("/data/d", 1000, 0o755);
    fs.put("/data/d/f", 1000, 0o644, b"");
    let mut c = connected(&rig);
    let f = must(
        &mut c,
        "d\\f",
        How {
            options: O::DELETE_ON_CLOSE,
            ..HOW
        },
    );
    assert_eq!(rename(&mut c, f, "g", false), N::SUCCESS);
    c.close(f).unwrap();
    assert!(!fs.exists("/data/g"));
    assert!(fs.exists("/data/d"));
}

#[test]
fn names_in_any_case() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.mkdir("/data/Some Dir", 1000, 0o755);
    fs.put("/data/Some Dir/\u{C4}pfel.TXT", 1000, 0o644, b"text");
    let mut c = connected(&rig);
    let id = must(&mut c, "SOME dir\\\u{E4}PFEL.txt", HOW);
    assert_eq!(c.read(id, 0, 9).unwrap(), b"text");
    c.close(id).unwrap();
    let new = How {
        disposition: D::CREATE,
        ..HOW
    };
    assert_eq!(
        status(&mut c, "some DIR\\\u{E4}pfel.txt", new),
        N::OBJECT_NAME_COLLISION
    );
    assert_eq!(status(&mut c, "some DIR\\new", new), N::SUCCESS);
    assert!(fs.exists("/data/Some Dir/new"));
    // The exact name comes first.
    fs.put("/data/Some Dir/NEW", 1000, 0o644, b"other");
    let id = must(&mut c, "Some Dir\\NEW", HOW);
    assert_eq!(c.read(id, 0, 9).unwrap(), b"other");
    c.close(id).unwrap();

    let rig = with_flags(PLAIN | TreeFlags::CASE_SENSITIVE);
    rig.host().fs_ref().put("/data/f", 1000, 0o644, b"text");
    let mut c = connected(&rig);
    assert_eq!(status(&mut c, "F", HOW), N::OBJECT_NAME_NOT_FOUND);
    assert_eq!(status(&mut c, "F", new), N::SUCCESS);
}

#[test]
fn links_stay_in_the_share() {
    let plain = with_flags(PLAIN);
    let following = with_flags(PLAIN | TreeFlags::FOLLOW_SYMLINKS);
    for rig in [&plain, &following] {
        let fs = rig.host().fs_ref();
        fs.mkdir("/data/d", 1000, 0o755);
        fs.put("/data/d/f", 1000, 0o644, b"text");
        fs.put("/secret", 1000, 0o644, b"secret");
        fs.symlink("/data/in", "d/f");
        fs.symlink("/data/dir", "d");
        fs.symlink("/data/out", "../secret");
        fs.symlink("/data/abs", "/secret");
        let mut c = connected(rig);
        let follow = std::ptr::eq(rig, &following);
        let inside = if follow {
            N::SUCCESS
        } else {
            N::STOPPED_ON_SYMLINK
        };
        assert_eq!(status(&mut c, "in", HOW), inside);
        assert_eq!(status(&mut c, "dir\\f", HOW), inside);
        for name in ["out", "abs"] {
            let got = status(
                &mut c,
                name,
                How {
                    access: A::READ_DATA,
                    ..HOW
                },
            );
            let want: &[N] = if follow {
                &[N::OBJECT_NAME_NOT_FOUND]
            } else {
                &[N::STOPPED_ON_SYMLINK]
            };
            assert!(want.contains(&got), "{name}: {got}");
        }
        let link = How {
            access: A::READ_ATTRIBUTES,
            options: O::OPEN_REPARSE_POINT,
            ..HOW
        };
        let made = open(&mut c, "out", link).unwrap();
        assert!(made.attributes.contains(F::REPARSE_POINT));
        c.close(made.id).unwrap();
        // The link's content is not a file's.
        assert_eq!(
            status(
                &mut c,
                "in",
                How {
                    access: A::READ_DATA,
                    ..link
                }
            ),
            N::ACCESS_DENIED
        );
        // Deleting it does not delete what it points to.
        let how = How {
            access: A::DELETE,
            options: O::OPEN_REPARSE_POINT | O::DELETE_ON_CLOSE,
            ..HOW
        };
        assert_eq!(status(&mut c, "in", how), N::SUCCESS);
        assert!(!fs.exists("/data/in"));
        assert!(fs.exists("/data/d/f"));
    }
}

#[test]
fn rights() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("/data/theirs", 7, 0o644, b"text");
    fs.put("/data/closed", 7, 0o600, b"text");
    fs.mkdir("/data/dir", 7, 0o755);
    fs.put("/data/dir/f", 1000, 0o644, b"text");
    fs.put("/data/mine", 1000, 0o444, b"text");
    let mut c = connected(&rig);
    let access = |c: &mut Client<'_>, path: &str, access: A| status(c, path, How { access, ..HOW });
    assert_eq!(access(&mut c, "theirs", A::GENERIC_READ), N::SUCCESS);
    assert_eq!(
        access(&mut c, "theirs", A::GENERIC_READ | A::GENERIC_EXECUTE),
        N::SUCCESS
    );
    assert_eq!(access(&mut c, "theirs", A::WRITE_DATA), N::ACCESS_DENIED);
    assert_eq!(
        access(&mut c, "theirs", A::WRITE_ATTRIBUTES),
        N::ACCESS_DENIED
    );
    assert_eq!(access(&mut c, "theirs", A::WRITE_DAC), N::ACCESS_DENIED);
    assert_eq!(access(&mut c, "closed", A::READ_DATA), N::ACCESS_DENIED);
    assert_eq!(access(&mut c, "closed", A::READ_ATTRIBUTES), N::SUCCESS);
    assert_eq!(
        access(&mut c, "dir\\f", A::FILE_ALL_ACCESS),
        N::ACCESS_DENIED,
        "the directory is not his"
    );
    assert_eq!(
        access(&mut c, "dir\\f", A::FILE_ALL_ACCESS.without(A::DELETE)),
        N::SUCCESS
    );
    assert_eq!(access(&mut c, "mine", A::WRITE_DATA), N::ACCESS_DENIED);
    let how = How {
        disposition: D::OVERWRITE_IF,
        access: A::READ_ATTRIBUTES,
        ..HOW
    };
    assert_eq!(status(&mut c, "theirs", how), N::ACCESS_DENIED);
    assert_eq!(fs.get("/data/theirs").unwrap(), b"text");
    assert_eq!(
        status(
            &mut c,
            "dir\\new",
            How {
                disposition: D::CREATE,
                ..HOW
            }
        ),
        N::ACCESS_DENIED
    );

    let contexts: &[(&[u8], &[u8])] = &[(name::MAXIMAL_ACCESS, b""), (name::QUERY_ON_DISK_ID, b"")];
    let how = How {
        access: A::MAXIMUM_ALLOWED,
        contexts,
        ..HOW
    };
    let made = open(&mut c, "theirs", how).unwrap();
    let most = made.max_access.unwrap();
    assert_eq!(most.query_status, N::SUCCESS);
    assert!(most
        .maximal_access
        .contains(A::READ_DATA | A::EXECUTE | A::READ_CONTROL));
    assert!(!most.maximal_access.intersects(A::WRITE_DATA | A::WRITE_DAC));
    assert_ne!(made.disk_id.unwrap().disk_file_id, 0);
    assert_eq!(c.read(made.id, 0, 9).unwrap(), b"text");
    assert_eq!(c.write(made.id, 0, b"x").unwrap_err(), N::ACCESS_DENIED);
    c.close(made.id).unwrap();
}

#[test]
fn read_only_share() {
    let rig = with_flags(TreeFlags::STORE_DOS_ATTRIBUTES);
    rig.host().fs_ref().put("/data/f", 1000, 0o644, b"text");
    let mut c = connected(&rig);
    for disposition in [D::SUPERSEDE, D::OVERWRITE, D::OVERWRITE_IF] {
        assert_eq!(
            status(&mut c, "f", How { disposition, ..HOW }),
            N::ACCESS_DENIED
        );
    }
    for disposition in [D::SUPERSEDE, D::CREATE, D::OPEN_IF, D::OVERWRITE_IF] {
        assert_eq!(
            status(&mut c, "new", How { disposition, ..HOW }),
            N::ACCESS_DENIED
        );
    }
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                options: O::DELETE_ON_CLOSE,
                ..HOW
            }
        ),
        N::ACCESS_DENIED
    );
    // Whatever the handle was granted, nothing is changed through this tree.
    let id = must(&mut c, "f", HOW);
    assert_eq!(c.write(id, 0, b"x").unwrap_err(), N::ACCESS_DENIED);
    assert_eq!(rename(&mut c, id, "g", false), N::ACCESS_DENIED);
    assert_eq!(link(&mut c, id, "g", false), N::ACCESS_DENIED);
    for info in [
        SetFileInfo::Disposition(true),
        SetFileInfo::EndOfFile(0),
        SetFileInfo::Allocation(0),
        basic(no_times(), F::HIDDEN),
    ] {
        assert_eq!(set(&mut c, id, info), N::ACCESS_DENIED, "{info:?}");
    }
    assert_eq!(rig.host().fs_ref().get("/data/f").unwrap(), b"text");
}

#[test]
fn attributes() {
    let rig = with_flags(PLAIN | TreeFlags::HIDE_DOT_FILES);
    let mut c = connected(&rig);
    let new = How {
        disposition: D::CREATE,
        attributes: F::HIDDEN | F::SYSTEM,
        ..HOW
    };
    let made = open(&mut c, "f", new).unwrap();
    assert_eq!(made.attributes, F::HIDDEN | F::SYSTEM | F::ARCHIVE);
    c.close(made.id).unwrap();
    // What is hidden must be asked for as such to be overwritten.
    let over = How {
        disposition: D::OVERWRITE,
        ..HOW
    };
    assert_eq!(status(&mut c, "f", over), N::ACCESS_DENIED);
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                attributes: F::HIDDEN,
                ..over
            }
        ),
        N::ACCESS_DENIED
    );
    let made2 = open(
        &mut c,
        "f",
        How {
            attributes: F::HIDDEN | F::SYSTEM | F::READONLY,
            ..over
        },
    )
    .unwrap();
    assert_eq!(
        made2.attributes,
        F::HIDDEN | F::SYSTEM | F::READONLY | F::ARCHIVE
    );
    assert_eq!(made2.created, made.created);
    c.write(made2.id, 0, b"the one who made it so may write")
        .unwrap();
    c.close(made2.id).unwrap();
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                access: A::WRITE_DATA,
                ..HOW
            }
        ),
        N::ACCESS_DENIED
    );
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                attributes: F::HIDDEN | F::SYSTEM,
                ..over
            }
        ),
        N::ACCESS_DENIED
    );
    let id = must(
        &mut c,
        "f",
        How {
            access: A::MAXIMUM_ALLOWED,
            ..HOW
        },
    );
    assert_eq!(c.write(id, 0, b"x").unwrap_err(), N::ACCESS_DENIED);
    assert_eq!(set(&mut c, id, basic(no_times(), F::NORMAL)), N::SUCCESS);
    let after = close(&mut c, id, CloseFlags::POSTQUERY_ATTRIB);
    assert_eq!(after.file_attributes, F::NORMAL);
    assert_eq!(after.creation_time, made.created);
    // Names with a dot are hidden, whatever is stored.
    let made = open(
        &mut c,
        ".dot",
        How {
            disposition: D::CREATE,
            ..HOW
        },
    )
    .unwrap();
    assert!(made.attributes.contains(F::HIDDEN));
    c.close(made.id).unwrap();
    assert_eq!(status(&mut c, ".dot", over), N::SUCCESS);
    // Directories.
    let dir = How {
        disposition: D::CREATE,
        options: O::DIRECTORY_FILE,
        ..HOW
    };
    let made = open(
        &mut c,
        "d",
        How {
            attributes: F::HIDDEN,
            ..dir
        },
    )
    .unwrap();
    assert_eq!(made.attributes, F::DIRECTORY | F::HIDDEN);
    assert_eq!(
        set(&mut c, made.id, basic(no_times(), F::TEMPORARY)),
        N::INVALID_PARAMETER
    );
    assert_eq!(
        status(
            &mut c,
            "t",
            How {
                attributes: F::TEMPORARY,
                ..dir
            }
        ),
        N::INVALID_PARAMETER
    );
    let id = must(&mut c, "f", HOW);
    assert_eq!(
        set(&mut c, id, basic(no_times(), F::DIRECTORY)),
        N::INVALID_PARAMETER
    );
}

#[test]
fn without_stored_attributes_mode_bits_tell() {
    let rig = with_flags(TreeFlags::WRITABLE);
    let fs = rig.host().fs_ref();
    let mut c = connected(&rig);
    let made = open(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            attributes: F::READONLY,
            ..HOW
        },
    )
    .unwrap();
    assert_eq!(made.attributes, F::READONLY);
    c.write(made.id, 0, b"text").unwrap();
    c.close(made.id).unwrap();
    assert_eq!(fs.get("/data/f").unwrap(), b"text");
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                access: A::WRITE_DATA,
                ..HOW
            }
        ),
        N::ACCESS_DENIED
    );
    let id = must(
        &mut c,
        "f",
        How {
            access: A::WRITE_ATTRIBUTES,
            ..HOW
        },
    );
    assert_eq!(set(&mut c, id, basic(no_times(), F::NORMAL)), N::SUCCESS);
    c.close(id).unwrap();
    assert_eq!(
        status(
            &mut c,
            "f",
            How {
                access: A::WRITE_DATA,
                ..HOW
            }
        ),
        N::SUCCESS
    );
}

#[test]
fn times() {
    let rig = Rig::new();
    let mut c = connected(&rig);
    let made = open(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            ..HOW
        },
    )
    .unwrap();
    let id = made.id;
    let t = |n: u64| FileTime(made.written.0 - n * 10_000_000);
    let times = Times {
        creation: t(500),
        last_access: t(400),
        last_write: t(300),
        change: t(200),
    };
    assert_eq!(set(&mut c, id, basic(times, F::NONE)), N::SUCCESS);
    let look = |c: &mut Client<'_>| {
        let id = must(
            c,
            "f",
            How {
                access: A::READ_ATTRIBUTES,
                ..HOW
            },
        );
        close(c, id, CloseFlags::POSTQUERY_ATTRIB)
    };
    let seen = look(&mut c);
    assert_eq!(
        (
            seen.creation_time,
            seen.last_access_time,
            seen.last_write_time
        ),
        (t(500), t(400), t(300))
    );
    // A time that the handle set does not follow what the handle writes.
    c.write(id, 0, b"x").unwrap();
    assert_eq!(look(&mut c).last_write_time, t(300));
    // Unless it is told to; another handle's writes count anyhow.
    let thaw = Times {
        last_write: FileTime::THAW,
        ..no_times()
    };
    assert_eq!(set(&mut c, id, basic(thaw, F::NONE)), N::SUCCESS);
    assert_eq!(look(&mut c).last_write_time, t(300));
    rig.advance_ms(1000);
    c.write(id, 0, b"y").unwrap();
    let written = look(&mut c).last_write_time;
    assert!(written > t(0), "{written:?}");
    let freeze = Times {
        last_write: FileTime::FREEZE,
        ..no_times()
    };
    assert_eq!(set(&mut c, id, basic(freeze, F::NONE)), N::SUCCESS);
    rig.advance_ms(1000);
    c.write(id, 0, b"z").unwrap();
    assert_eq!(look(&mut c).last_write_time, written);
    assert_eq!(look(&mut c).creation_time, t(500));
    let bad = Times {
        creation: FileTime(u64::MAX - 2),
        ..no_times()
    };
    assert_eq!(set(&mut c, id, basic(bad, F::NONE)), N::INVALID_PARAMETER);
    // Nobody sets the times of what is not his.
    rig.host().fs_ref().put("/data/theirs", 7, 0o666, b"");
    let id = must(
        &mut c,
        "theirs",
        How {
            access: A::WRITE_ATTRIBUTES,
            ..HOW
        },
    );
    assert_eq!(set(&mut c, id, basic(times, F::NONE)), N::ACCESS_DENIED);
    let id = must(
        &mut c,
        "f",
        How {
            access: A::FILE_ALL_ACCESS.without(A::WRITE_ATTRIBUTES),
            ..HOW
        },
    );
    assert_eq!(set(&mut c, id, basic(times, F::NONE)), N::ACCESS_DENIED);
}

fn read(
    c: &mut Client<'_>,
    id: FileId,
    offset: u64,
    length: u32,
    min: u32,
    channel: Channel,
) -> Result<usize, N> {
    let request = ReadRequest {
        padding: 0x50,
        flags: Default::default(),
        length,
        offset,
        file_id: id,
        minimum_count: min,
        channel,
        remaining_bytes: 0,
        channel_info: &[],
    };
    let message = c.call(Command::READ, |w| request.write(w)).unwrap().ok()?;
    Ok(proto_shared::smb2::ReadResponse::parse(&message)
        .unwrap()
        .1
        .len())
}

fn write(c: &mut Client<'_>, id: FileId, offset: u64, data: &[u8]) -> Result<u32, N> {
    let request = WriteRequest::new(id, offset, data);
    let message = c.call(Command::WRITE, |w| request.write(w)).unwrap().ok()?;
    Ok(WriteResponse::parse(&message).unwrap().count)
}

#[test]
fn reads_and_writes() {
    const MAX: u64 = i64::MAX as u64;
    let rig = Rig::new();
    let mut c = connected(&rig);
    let id = must(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            ..HOW
        },
    );
    let none = Channel::NONE;
    assert_eq!(read(&mut c, id, 0, 10, 0, none), Err(N::END_OF_FILE));
    assert_eq!(write(&mut c, id, 0, &[7; 1000]), Ok(1000));
    assert_eq!(read(&mut c, id, 0, 10, 1, none), Ok(10));
    assert_eq!(read(&mut c, id, 995, 10, 5, none), Ok(5));
    assert_eq!(read(&mut c, id, 995, 10, 6, none), Err(N::END_OF_FILE));
    assert_eq!(read(&mut c, id, 1000, 10, 0, none), Err(N::END_OF_FILE));
    assert_eq!(read(&mut c, id, 1000, 0, 0, none), Ok(0));
    assert_eq!(read(&mut c, id, 1000, 0, 1, none), Err(N::END_OF_FILE));
    assert_eq!(read(&mut c, id, MAX - 1, 1, 0, none), Err(N::END_OF_FILE));
    assert_eq!(read(&mut c, id, MAX, 0, 0, none), Ok(0));
    for offset in [MAX + 1, u64::MAX, u64::MAX - 1] {
        assert_eq!(
            read(&mut c, id, offset, 0, 0, none),
            Err(N::INVALID_PARAMETER)
        );
        assert_eq!(write(&mut c, id, offset, b""), Err(N::INVALID_PARAMETER));
        assert_eq!(write(&mut c, id, offset, b"x"), Err(N::INVALID_PARAMETER));
    }
    assert_eq!(read(&mut c, id, MAX, 1, 0, none), Err(N::INVALID_PARAMETER));
    assert_eq!(write(&mut c, id, MAX, b"x"), Err(N::INVALID_PARAMETER));
    assert_eq!(write(&mut c, id, MAX, b""), Ok(0));
    assert_eq!(
        read(&mut c, id, 0, 1, 0, Channel::RDMA_V1),
        Err(N::INVALID_PARAMETER)
    );
    assert_eq!(
        read(&mut c, id, 0, 65537, 0, none),
        Err(N::INVALID_PARAMETER),
        "one credit is 64 KiB"
    );
    // Behind the end there are zeros.
    assert_eq!(write(&mut c, id, 2000, b"end"), Ok(3));
    assert_eq!(c.read(id, 999, 5).unwrap(), [7, 0, 0, 0, 0]);

    let dir = must(
        &mut c,
        "",
        How {
            access: A::READ_DATA | A::READ_ATTRIBUTES,
            ..HOW
        },
    );
    assert_eq!(
        read(&mut c, dir, 0, 1, 0, none),
        Err(N::INVALID_DEVICE_REQUEST)
    );
    assert_eq!(write(&mut c, dir, 0, b"x"), Err(N::INVALID_DEVICE_REQUEST));

    let only = |c: &mut Client<'_>, access| must(c, "f", How { access, ..HOW });
    let r = only(&mut c, A::READ_DATA);
    assert_eq!(write(&mut c, r, 0, b"x"), Err(N::ACCESS_DENIED));
    let x = only(&mut c, A::EXECUTE);
    assert_eq!(read(&mut c, x, 0, 1, 0, none), Ok(1));
    let w = only(&mut c, A::WRITE_DATA);
    assert_eq!(read(&mut c, w, 0, 1, 0, none), Err(N::ACCESS_DENIED));
    let stat = only(&mut c, A::READ_ATTRIBUTES);
    assert_eq!(read(&mut c, stat, 0, 1, 0, none), Err(N::ACCESS_DENIED));
    assert_eq!(write(&mut c, stat, 0, b"x"), Err(N::ACCESS_DENIED));
    // Who may only append does not touch what is there.
    let append = only(&mut c, A::APPEND_DATA);
    assert_eq!(write(&mut c, append, 0, b"x"), Err(N::ACCESS_DENIED));
    assert_eq!(write(&mut c, append, 2002, b"x"), Err(N::ACCESS_DENIED));
    assert_eq!(write(&mut c, append, 2003, b"ing"), Ok(3));
    assert_eq!(
        set(&mut c, append, SetFileInfo::EndOfFile(0)),
        N::ACCESS_DENIED
    );
    assert_eq!(c.read(id, 2000, 10).unwrap(), b"ending");

    for (handle, want) in [
        (id, N::SUCCESS),
        (append, N::SUCCESS),
        (r, N::ACCESS_DENIED),
        (dir, N::ACCESS_DENIED),
    ] {
        let flush = FlushRequest { file_id: handle };
        assert_eq!(
            c.call(Command::FLUSH, |w| flush.write(w)).unwrap().status(),
            want
        );
    }
    c.close(id).unwrap();
    assert_eq!(read(&mut c, id, 0, 1, 0, none), Err(N::FILE_CLOSED));
    assert_eq!(c.close(id), Err(N::FILE_CLOSED));
}

#[test]
fn large_writes_and_a_full_disk() {
    let rig = Rig::new();
    let mut c = connected(&rig);
    let id = must(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            ..HOW
        },
    );
    let data: Vec<u8> = (0..1 << 20)
        .map(|n: u32| n as u8 ^ (n >> 8) as u8)
        .collect();
    c.write(id, 0, &data).unwrap();
    assert_eq!(rig.host().fs_ref().get("/data/f").unwrap(), data);
    rig.host().fs_ref().set_space(1 << 20);
    assert_eq!(c.write(id, 1 << 20, &data), Err(N::DISK_FULL));
    assert_eq!(
        status(
            &mut c,
            "g",
            How {
                disposition: D::CREATE,
                ..HOW
            }
        ),
        N::SUCCESS
    );
}

#[test]
fn sizes() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    let mut c = connected(&rig);
    let size = 5u64 << 20;
    let contexts: &[(&[u8], &[u8])] = &[(name::ALLOCATION_SIZE, &size.to_le_bytes())];
    let made = open(
        &mut c,
        "f",
        How {
            disposition: D::CREATE,
            contexts,
            ..HOW
        },
    )
    .unwrap();
    assert_eq!(made.size, 0);
    let id = made.id;
    c.write(id, 0, b"some text").unwrap();
    assert_eq!(set(&mut c, id, SetFileInfo::EndOfFile(4)), N::SUCCESS);
    assert_eq!(fs.get("/data/f").unwrap(), b"some");
    assert_eq!(set(&mut c, id, SetFileInfo::EndOfFile(6)), N::SUCCESS);
    assert_eq!(fs.get("/data/f").unwrap(), b"some\0\0");
    assert_eq!(
        set(&mut c, id, SetFileInfo::Allocation(1 << 20)),
        N::SUCCESS
    );
    assert_eq!(fs.get("/data/f").unwrap().len(), 6);
    assert_eq!(set(&mut c, id, SetFileInfo::Allocation(2)), N::SUCCESS);
    assert_eq!(fs.get("/data/f").unwrap(), b"so");
    assert_eq!(set(&mut c, id, SetFileInfo::Position(77)), N::SUCCESS);
    assert_eq!(set(&mut c, id, SetFileInfo::Mode(0x02)), N::SUCCESS);
    assert_eq!(
        set(&mut c, id, SetFileInfo::Mode(0x30)),
        N::INVALID_PARAMETER
    );
    assert_eq!(
        set(&mut c, id, SetFileInfo::Mode(0x1000)),
        N::INVALID_PARAMETER
    );
    assert_eq!(
        set(&mut c, id, SetFileInfo::ValidDataLength(1)),
        N::PRIVILEGE_NOT_HELD
    );
    let dir = must(
        &mut c,
        "d",
        How {
            disposition: D::CREATE,
            options: O::DIRECTORY_FILE,
            ..HOW
        },
    );
    assert_eq!(
        set(&mut c, dir, SetFileInfo::EndOfFile(1)),
        N::INVALID_PARAMETER
    );
    // Buffers that are too short, classes that are none.
    assert_eq!(
        set_raw(&mut c, id, InfoType::FILE, 20, &[0; 7]),
        N::INFO_LENGTH_MISMATCH
    );
    assert_eq!(
        set_raw(&mut c, id, InfoType::FILE, 4, &[0; 39]),
        N::INFO_LENGTH_MISMATCH
    );
    assert_eq!(
        set_raw(&mut c, id, InfoType::FILE, 20, &(-1i64).to_le_bytes()),
        N::INVALID_PARAMETER
    );
    assert_eq!(
        set_raw(&mut c, id, InfoType::FILE, 5, &[0; 64]),
        N::INVALID_INFO_CLASS
    );
    assert_eq!(
        set_raw(&mut c, id, InfoType::FILESYSTEM, 2, &[0; 64]),
        N::INVALID_INFO_CLASS
    );
    assert_eq!(
        set_raw(&mut c, id, InfoType::FILESYSTEM, 6, &[0; 48]),
        N::INVALID_DEVICE_REQUEST
    );
    assert_eq!(
        set_raw(&mut c, id, InfoType::SECURITY, 0, &[0; 20]),
        N::NOT_SUPPORTED
    );
    assert_eq!(
        set_raw(&mut c, id, InfoType(9), 0, &[0; 20]),
        N::INVALID_PARAMETER
    );
}

#[test]
fn contexts() {
    let rig = Rig::new();
    let mut c = connected(&rig);
    let mut with = |name: &[u8], data: &[u8], path: &str| {
        let contexts: &[(&[u8], &[u8])] = &[(name, data)];
        status(
            &mut c,
            path,
            How {
                disposition: D::OPEN_IF,
                contexts,
                ..HOW
            },
        )
    };
    // What is not granted is no error; what names something that is not there is; what is malformed is.
    assert_eq!(with(name::DURABLE_REQUEST, &[0; 16], "a"), N::SUCCESS);
    assert_eq!(with(name::LEASE, &[7; 32], "a"), N::SUCCESS);
    assert_eq!(with(b"What", b"ever", "a"), N::SUCCESS);
    assert_eq!(with(name::TIMEWARP, &[7; 8], "a"), N::OBJECT_NAME_NOT_FOUND);
    assert_eq!(
        with(name::DURABLE_RECONNECT, &[7; 16], "a"),
        N::OBJECT_NAME_NOT_FOUND
    );
    assert_eq!(
        with(name::ALLOCATION_SIZE, &[7; 7], "b"),
        N::INVALID_PARAMETER
    );
    assert_eq!(with(name::LEASE, &[7; 31], "b"), N::INVALID_PARAMETER);
    assert_eq!(with(name::EA_BUFFER, &[7; 9], "b"), N::INVALID_PARAMETER);
    assert!(!rig.host().fs_ref().exists("/data/b"));
    // Attributes of a new file.
    let ea = b"\0\0\0\0\0\x03\x05\0abc\0value";
    assert_eq!(with(name::EA_BUFFER, ea, "b"), N::SUCCESS);
    let bad = b"\0\0\0\0\0\x03\x05\0a*c\0value";
    assert_eq!(with(name::EA_BUFFER, bad, "c"), N::INVALID_EA_NAME);
    let ours = b"\0\0\0\0\0\x09\x05\0dosattrib\0value";
    assert_eq!(with(name::EA_BUFFER, ours, "c"), N::ACCESS_DENIED);
    assert!(
        !rig.host().fs_ref().exists("/data/c"),
        "what could not be made as asked for is not left behind"
    );
    // A descriptor that cannot be stored must not be taken for one that is.
    assert_eq!(with(name::SD_BUFFER, &[0; 20], "s"), N::NOT_SUPPORTED);
    assert!(!rig.host().fs_ref().exists("/data/s"));
}
