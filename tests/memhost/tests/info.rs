// SPDX-License-Identifier: GPL-2.0-or-later
//! QUERY_INFO and QUERY_DIRECTORY as a client sees them: buffer sizes, rights, statuses, patterns and scans.

use ksmbd_engine::conn::{Conn, Verdict};
use ksmbd_memhost::client::{utf16, Client, Options, CLOSED};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::{Data, Rig};
use proto_shared::codec::Reader;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::{SecurityDescriptor, Sid, Utf16};
use proto_shared::fscc::file::{NameInfo, StandardInfo};
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, FileAttributes as F};
use proto_shared::fscc::{directory, FileInfoClass as C, FsInfoClass};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::query_directory::QueryDirectoryFlags as Q;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags, SecurityInformation as S};
use proto_shared::smb2::{
    Command, FileId, Header, QueryDirectoryRequest, QueryDirectoryResponse, QueryInfoRequest,
    QueryInfoResponse,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;
/// All but that the root cannot be deleted.
const ROOT: A = A(A::FILE_ALL_ACCESS.0 & !A::DELETE.0);

/// A status and the output that came with it.
type Answer = (N, Vec<u8>);

fn query_raw(
    c: &mut Client<'_>,
    id: FileId,
    kind: InfoType,
    class: u8,
    limit: u32,
    what: u32,
) -> Answer {
    let request = QueryInfoRequest {
        info_type: kind,
        info_class: class,
        output_buffer_length: limit,
        input: &[],
        additional_information: what,
        flags: QueryInfoFlags::NONE,
        file_id: id,
    };
    let reply = c.call(Command::QUERY_INFO, |w| request.write(w)).unwrap();
    let output = QueryInfoResponse::parse(&reply.message).map_or(Vec::new(), |r| r.output.to_vec());
    (reply.status(), output)
}

fn query(c: &mut Client<'_>, id: FileId, class: C, limit: u32) -> Answer {
    query_raw(c, id, InfoType::FILE, class.0, limit, 0)
}

fn query_fs(c: &mut Client<'_>, id: FileId, class: FsInfoClass, limit: u32) -> Answer {
    query_raw(c, id, InfoType::FILESYSTEM, class.0, limit, 0)
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn open(c: &mut Client<'_>, path: &str, access: A) -> FileId {
    c.create(path, access, D::OPEN, O::NONE).unwrap()
}

/// Asks with every buffer size up to what the whole answer needs.
fn sizes(mut ask: impl FnMut(u32) -> Answer, fixed: usize) {
    let (status, full) = ask(65_536);
    assert_eq!(status, N::SUCCESS);
    for limit in 0..=full.len() {
        let (status, output) = ask(limit as u32);
        if limit < fixed {
            assert_eq!(status, N::INFO_LENGTH_MISMATCH, "{limit} of {}", full.len());
        } else if limit < full.len() {
            assert_eq!(status, N::BUFFER_OVERFLOW, "{limit} of {}", full.len());
            assert!(output.len() <= limit);
            assert_eq!(output, full[..output.len()]);
        } else {
            assert_eq!((status, &output), (N::SUCCESS, &full));
        }
    }
}

#[test]
fn buffer_sizes_of_file_classes() {
    let rig = Rig::new();
    rig.host()
        .fs_ref()
        .put("data/bufsize.txt", 1000, 0o644, b"12345");
    let mut c = client(&rig);
    let file = open(&mut c, "bufsize.txt", ALL);
    let fixed = [
        (C::BASIC, 40),
        (C::STANDARD, 24),
        (C::INTERNAL, 8),
        (C::EA, 4),
        (C::ACCESS, 4),
        (C::POSITION, 8),
        (C::MODE, 4),
        (C::ALIGNMENT, 4),
        (C::ALL, 104),
        (C::ALTERNATE_NAME, 8),
        (C::STREAM, 32),
        (C::COMPRESSION, 16),
        (C::NETWORK_OPEN, 56),
        (C::ATTRIBUTE_TAG, 8),
        (C::NORMALIZED_NAME, 4),
        (C::ID, 24),
    ];
    for (class, fixed) in fixed {
        sizes(|limit| query(&mut c, file, class, limit), fixed);
    }
    // More than the connection allows.
    let most = c.conn.negotiated().unwrap().max_trans;
    assert_eq!(
        query(&mut c, file, C::BASIC, most + 1).0,
        N::INVALID_PARAMETER
    );
    // More than the credits pay for.
    assert_eq!(
        query(&mut c, file, C::BASIC, 65_537).0,
        N::INVALID_PARAMETER
    );
}

#[test]
fn buffer_sizes_of_fs_classes() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let root = open(&mut c, "", ROOT);
    let fixed = [
        (FsInfoClass::SIZE, 24),
        (FsInfoClass::DEVICE, 8),
        (FsInfoClass::ATTRIBUTE, 16),
        (FsInfoClass::CONTROL, 48),
        (FsInfoClass::FULL_SIZE, 32),
        (FsInfoClass::OBJECT_ID, 64),
        (FsInfoClass::SECTOR_SIZE, 28),
    ];
    for (class, fixed) in fixed {
        sizes(|limit| query_fs(&mut c, root, class, limit), fixed);
    }
    assert_eq!(
        query_fs(&mut c, root, FsInfoClass::VOLUME, 23).0,
        N::INFO_LENGTH_MISMATCH
    );
    assert!(!query_fs(&mut c, root, FsInfoClass::VOLUME, 24).0.is_error());
    for (class, status) in [
        (FsInfoClass::LABEL, N::NOT_SUPPORTED),
        (FsInfoClass::DRIVER_PATH, N::NOT_SUPPORTED),
        (FsInfoClass::POSIX, N::INVALID_INFO_CLASS),
        (FsInfoClass(77), N::INVALID_INFO_CLASS),
    ] {
        assert_eq!(query_fs(&mut c, root, class, 1024).0, status);
    }
}

#[test]
fn classes_that_are_not_there() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"");
    let mut c = client(&rig);
    let file = open(&mut c, "f", ALL);
    for (class, status) in [
        (C::NAME, N::NOT_SUPPORTED),
        (C::RENAME, N::NOT_SUPPORTED),
        (C::HARD_LINK, N::NOT_SUPPORTED),
        (C::STANDARD_LINK, N::NOT_SUPPORTED),
        (C::QUOTA, N::NOT_SUPPORTED),
        (C::BOTH_DIRECTORY, N::NOT_SUPPORTED),
        (C::PIPE, N::INVALID_PARAMETER),
        (C::PIPE_LOCAL, N::INVALID_PARAMETER),
        (C::POSIX, N::INVALID_INFO_CLASS),
        (C(200), N::INVALID_INFO_CLASS),
    ] {
        assert_eq!(query(&mut c, file, class, 1024).0, status, "{class}");
    }
    assert_eq!(
        query_raw(&mut c, file, InfoType::QUOTA, 0, 1024, 0).0,
        N::NOT_SUPPORTED
    );
    assert_eq!(
        query_raw(&mut c, file, InfoType(9), 0, 1024, 0).0,
        N::INVALID_PARAMETER
    );
    let nobody = FileId {
        persistent: 1,
        volatile: 2,
    };
    assert_eq!(query(&mut c, nobody, C::BASIC, 1024).0, N::FILE_CLOSED);
}

#[test]
fn older_dialects_have_fewer_classes() {
    for dialect in [0x0202, 0x0210, 0x0300, 0x0302] {
        let rig = Rig::new();
        let mut c = Client::log_in(
            &rig,
            Options {
                dialects: vec![dialect],
                ..Options::default()
            },
        );
        c.tree_connect("data").unwrap();
        let root = open(&mut c, "", ROOT);
        assert_eq!(
            query(&mut c, root, C::NORMALIZED_NAME, 1024).0,
            N::NOT_SUPPORTED
        );
        let id = if dialect < 0x0300 {
            N::NOT_SUPPORTED
        } else {
            N::SUCCESS
        };
        assert_eq!(query(&mut c, root, C::ID, 1024).0, id);
    }
}

#[test]
fn rights_of_classes() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"");
    let mut c = client(&rig);
    let data_only = open(&mut c, "f", A::READ_DATA);
    for class in [
        C::BASIC,
        C::ALL,
        C::NETWORK_OPEN,
        C::ATTRIBUTE_TAG,
        C::FULL_EA,
        C::PIPE,
    ] {
        assert_eq!(
            query(&mut c, data_only, class, 1024).0,
            N::ACCESS_DENIED,
            "{class}"
        );
    }
    for class in [
        C::STANDARD,
        C::INTERNAL,
        C::EA,
        C::ACCESS,
        C::POSITION,
        C::MODE,
        C::COMPRESSION,
        C::STREAM,
    ] {
        assert_eq!(
            query(&mut c, data_only, class, 1024).0,
            N::SUCCESS,
            "{class}"
        );
    }
    let (_, access) = query(&mut c, data_only, C::ACCESS, 4);
    assert_eq!(access, A::READ_DATA.bits().to_le_bytes());
    let attributes_only = open(&mut c, "f", A::READ_ATTRIBUTES);
    assert_eq!(query(&mut c, attributes_only, C::ALL, 1024).0, N::SUCCESS);
}

#[test]
fn names_and_ids() {
    let rig = Rig::new();
    rig.host().fs_ref().mkdir("data/some dir", 1000, 0o755);
    rig.host()
        .fs_ref()
        .put("data/some dir/A File.text", 1000, 0o644, b"x");
    let mut c = client(&rig);
    // By another spelling: the answer has the one on disk.
    let file = open(&mut c, "SOME DIR\\a file.TEXT", ALL);
    let (_, output) = query(&mut c, file, C::NORMALIZED_NAME, 1024);
    let name = NameInfo::parse(&mut Reader::new(&output)).unwrap();
    assert!(name.eq_str("some dir\\A File.text"));
    let (_, all) = query(&mut c, file, C::ALL, 1024);
    let name = NameInfo::parse(&mut Reader::new(&all[96..])).unwrap();
    assert!(name.eq_str("\\some dir\\A File.text"));
    // The short name leads back to the file.
    let (_, output) = query(&mut c, file, C::ALTERNATE_NAME, 1024);
    let mut buf = [0; 64];
    let short = NameInfo::parse(&mut Reader::new(&output))
        .unwrap()
        .to_utf8(&mut buf)
        .unwrap()
        .to_owned();
    assert!(short.len() <= 12 && short.ends_with(".TEX"), "{short}");
    let again = open(&mut c, &format!("some dir\\{short}"), ALL);
    let id = |c: &mut Client<'_>, f| query(c, f, C::INTERNAL, 8).1;
    assert_eq!(id(&mut c, file), id(&mut c, again));

    let root = open(&mut c, "", ROOT);
    let (_, output) = query(&mut c, root, C::NORMALIZED_NAME, 1024);
    assert_eq!(output, [0; 4]);
    assert_eq!(query(&mut c, root, C::STREAM, 1024), (N::SUCCESS, vec![]));
    assert_eq!(
        query(&mut c, root, C::ALTERNATE_NAME, 1024).0,
        N::OBJECT_NAME_NOT_FOUND
    );
}

#[test]
fn pipes_have_classes_of_their_own() {
    let rig = Rig::new();
    let mut c = Client::log_in(&rig, Options::default());
    c.tree_connect("IPC$").unwrap();
    let pipe = open(&mut c, "srvsvc", A(0x0012_019F));
    assert_eq!(
        query(&mut c, pipe, C::PIPE, 8),
        (N::SUCCESS, vec![1, 0, 0, 0, 0, 0, 0, 0])
    );
    let (status, local) = query(&mut c, pipe, C::PIPE_LOCAL, 1024);
    assert_eq!((status, local.len()), (N::SUCCESS, 40));
    let (_, standard) = query(&mut c, pipe, C::STANDARD, 24);
    let standard = StandardInfo::parse(&mut Reader::new(&standard)).unwrap();
    assert!(standard.delete_pending && !standard.directory);
    assert_eq!(
        query(&mut c, pipe, C::BASIC, 1024).0,
        N::INVALID_DEVICE_REQUEST
    );
    assert_eq!(
        query_fs(&mut c, pipe, FsInfoClass::SIZE, 1024).0,
        N::INVALID_DEVICE_REQUEST
    );
}

fn security(c: &mut Client<'_>, id: FileId, what: S, limit: u32) -> Answer {
    query_raw(c, id, InfoType::SECURITY, 0, limit, what.bits())
}

#[test]
fn security_descriptors_say_what_the_mode_says() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o640, b"");
    rig.host().fs_ref().put("data/other", 7, 0o604, b"");
    let mut c = client(&rig);
    let all = S::OWNER | S::GROUP | S::DACL;
    let file = open(&mut c, "f", ALL);
    let (status, output) = security(&mut c, file, all, 4096);
    assert_eq!(status, N::SUCCESS);
    let sd = SecurityDescriptor::parse(&output).unwrap();
    assert_eq!(sd.group, Some(Sid::unix_group(1000)));
    let aces: Vec<_> = sd
        .dacl
        .acl()
        .unwrap()
        .aces()
        .map(|a| (a.sid, a.mask))
        .collect();
    assert_eq!(aces.len(), 2);
    assert_eq!(aces[0].0, sd.owner.unwrap());
    assert!(aces[0]
        .1
        .contains(A::READ_DATA | A::WRITE_DATA | A::WRITE_DAC | A::READ_CONTROL));
    assert!(!aces[0].1.contains(A::EXECUTE));
    assert_eq!(aces[1], (Sid::unix_group(1000), A::FILE_GENERIC_READ));

    let other = open(&mut c, "other", A::READ_CONTROL);
    let (_, output) = security(&mut c, other, all, 4096);
    let sd = SecurityDescriptor::parse(&output).unwrap();
    assert_eq!(sd.owner, Some(Sid::unix_user(7)));
    let last = sd.dacl.acl().unwrap().aces().last().unwrap();
    assert_eq!((last.sid, last.mask), (Sid::EVERYONE, A::FILE_GENERIC_READ));

    // Only what was asked for.
    let (_, output) = security(&mut c, other, S::GROUP, 4096);
    let sd = SecurityDescriptor::parse(&output).unwrap();
    assert_eq!((sd.owner, sd.group), (None, Some(Sid::unix_group(7))));
    assert!(sd.dacl.acl().is_none());
}

#[test]
fn security_descriptors_come_whole_or_not_at_all() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o640, b"");
    let mut c = client(&rig);
    let file = open(&mut c, "f", ALL);
    let (_, full) = security(&mut c, file, S::DACL, 4096);
    for limit in [0, 1, 20, full.len() - 1] {
        let (status, _) = security(&mut c, file, S::DACL, limit as u32);
        assert_eq!(status, N::BUFFER_TOO_SMALL);
    }
    assert_eq!(
        security(&mut c, file, S::DACL, full.len() as u32),
        (N::SUCCESS, full)
    );
    let blind = open(&mut c, "f", A::READ_ATTRIBUTES);
    for what in [S::OWNER, S::GROUP, S::DACL] {
        assert_eq!(security(&mut c, blind, what, 4096).0, N::ACCESS_DENIED);
    }
    let (status, output) = security(&mut c, blind, S::NONE, 4096);
    assert_eq!((status, output.len()), (N::SUCCESS, 20));
    assert_eq!(security(&mut c, file, S::SACL, 4096).0, N::ACCESS_DENIED);
}

/// One QUERY_DIRECTORY.
struct Ask<'a> {
    class: C,
    flags: Q,
    pattern: &'a str,
    limit: u32,
}

const ASK: Ask<'static> = Ask {
    class: C::ID_BOTH_DIRECTORY,
    flags: Q::NONE,
    pattern: "*",
    limit: 65_536,
};

fn ask(c: &mut Client<'_>, dir: FileId, ask: &Ask<'_>) -> Result<Vec<String>, N> {
    let pattern = utf16(ask.pattern);
    let request = QueryDirectoryRequest {
        info_class: ask.class,
        flags: ask.flags,
        file_index: 0,
        file_id: dir,
        file_name: Utf16::new(&pattern).unwrap(),
        output_buffer_length: ask.limit,
    };
    let reply = c.call(Command::QUERY_DIRECTORY, |w| request.write(w))?;
    if reply.status() != N::SUCCESS {
        return Err(reply.status());
    }
    let response = QueryDirectoryResponse::parse(&reply.message).unwrap();
    assert!(response.output.len() <= ask.limit as usize);
    Ok(directory::entries(ask.class, response.output)
        .map(|e| {
            let mut buf = [0; 1024];
            e.unwrap().name.to_utf8(&mut buf).unwrap().to_owned()
        })
        .collect())
}

/// All names, by as many requests as it takes.
fn all(c: &mut Client<'_>, dir: FileId, how: &Ask<'_>) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        match ask(c, dir, how) {
            Ok(more) => names.extend(more),
            Err(N::NO_MORE_FILES) => return names,
            Err(e) => panic!("{e}"),
        }
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[test]
fn every_class_lists_everything() {
    let rig = Rig::new();
    for i in 0..700 {
        rig.host()
            .fs_ref()
            .put(&format!("data/file {i}"), 1000, 0o644, b"");
    }
    rig.host().fs_ref().put("data/Ünïcode 😀", 1000, 0o644, b"");
    rig.host()
        .fs_ref()
        .put(&format!("data/{}", "x".repeat(255)), 1000, 0o644, b"");
    let mut want: Vec<String> = (0..700).map(|i| format!("file {i}")).collect();
    want.extend([
        ".".into(),
        "..".into(),
        "Ünïcode 😀".into(),
        "x".repeat(255),
    ]);
    let want = sorted(want);
    let mut c = client(&rig);
    for class in [
        C::DIRECTORY,
        C::FULL_DIRECTORY,
        C::BOTH_DIRECTORY,
        C::NAMES,
        C::ID_BOTH_DIRECTORY,
        C::ID_FULL_DIRECTORY,
        C::ID_EXTD_DIRECTORY,
        C::ID_EXTD_BOTH_DIRECTORY,
    ] {
        for limit in [700, 4096, 65_536] {
            let dir = open(&mut c, "", ROOT);
            let names = all(
                &mut c,
                dir,
                &Ask {
                    class,
                    limit,
                    ..ASK
                },
            );
            assert_eq!(sorted(names), want, "{class} {limit}");
            c.close(dir).unwrap();
        }
    }
}

#[test]
fn entries_tell_of_their_files() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o444, b"12345");
    rig.host().fs_ref().mkdir("data/d", 1000, 0o755);
    let mut c = client(&rig);
    let dir = open(&mut c, "", ROOT);
    let f = open(&mut c, "f", A::READ_ATTRIBUTES);
    let (_, index) = query(&mut c, f, C::INTERNAL, 8);
    let pattern = utf16("*");
    let request = QueryDirectoryRequest {
        info_class: C::ID_FULL_DIRECTORY,
        flags: Q::NONE,
        file_index: 0,
        file_id: dir,
        file_name: Utf16::new(&pattern).unwrap(),
        output_buffer_length: 4096,
    };
    let reply = c
        .call(Command::QUERY_DIRECTORY, |w| request.write(w))
        .unwrap()
        .ok()
        .unwrap();
    let response = QueryDirectoryResponse::parse(&reply).unwrap();
    let entries: Vec<_> = directory::entries(C::ID_FULL_DIRECTORY, response.output)
        .map(|e| e.unwrap())
        .collect();
    let find = |name: &str| entries.iter().find(|e| e.name.eq_str(name)).unwrap();
    assert_eq!(find("f").end_of_file, 5);
    assert_eq!(find("f").attributes, F::READONLY);
    assert_eq!(find("f").file_id.to_le_bytes(), index[..]);
    assert_eq!(find("d").attributes, F::DIRECTORY);
    assert_eq!(find("d").end_of_file, 0);
    assert_eq!(find(".").attributes, F::DIRECTORY);
    assert_eq!(find("..").attributes, F::DIRECTORY);
}

#[test]
fn patterns() {
    let rig = Rig::new();
    for name in ["a.txt", "B.TXT", "c.doc", "noext", "dir"] {
        rig.host()
            .fs_ref()
            .put(&format!("data/{name}"), 1000, 0o644, b"");
    }
    let mut c = client(&rig);
    for (pattern, want) in [
        ("*.txt", Ok(vec!["B.TXT", "a.txt"])),
        ("?.doc", Ok(vec!["c.doc"])),
        ("b.txt", Ok(vec!["B.TXT"])),
        ("NOEXT", Ok(vec!["noext"])),
        ("<", Ok(vec![".", "..", "dir", "noext"])),
        (".", Ok(vec!["."])),
        ("nothing", Err(N::NO_SUCH_FILE)),
        ("*.nothing", Err(N::NO_SUCH_FILE)),
        ("a\\b", Err(N::OBJECT_NAME_INVALID)),
        ("a:b", Err(N::OBJECT_NAME_INVALID)),
        ("a\u{1}", Err(N::OBJECT_NAME_INVALID)),
    ] {
        let dir = open(&mut c, "", ROOT);
        let got = ask(&mut c, dir, &Ask { pattern, ..ASK }).map(sorted);
        assert_eq!(
            got,
            want.map(|v| v.into_iter().map(str::to_owned).collect()),
            "{pattern}"
        );
        if got != Err(N::OBJECT_NAME_INVALID) {
            assert_eq!(
                ask(&mut c, dir, &Ask { pattern, ..ASK }),
                Err(N::NO_MORE_FILES),
                "{pattern}"
            );
        }
        c.close(dir).unwrap();
    }
    let dir = open(&mut c, "", ROOT);
    assert_eq!(
        ask(&mut c, dir, &Ask { pattern: "", ..ASK }).unwrap().len(),
        7
    );
}

#[test]
fn flags_of_a_scan() {
    let rig = Rig::new();
    for name in ["a1", "a2", "b1"] {
        rig.host()
            .fs_ref()
            .put(&format!("data/{name}"), 1000, 0o644, b"");
    }
    let mut c = client(&rig);
    let dir = open(&mut c, "", ROOT);
    let single = Ask {
        flags: Q::RETURN_SINGLE_ENTRY,
        pattern: "a*",
        ..ASK
    };
    let one = ask(&mut c, dir, &single).unwrap();
    assert_eq!(one.len(), 1);
    let two = ask(&mut c, dir, &single).unwrap();
    assert_ne!(one, two);
    assert_eq!(ask(&mut c, dir, &single), Err(N::NO_MORE_FILES));
    // A new pattern does not change a scan, …
    assert_eq!(ask(&mut c, dir, &ASK), Err(N::NO_MORE_FILES));
    // … not even when it restarts, …
    let restart = Ask {
        flags: Q::RESTART_SCANS,
        ..ASK
    };
    assert_eq!(sorted(ask(&mut c, dir, &restart).unwrap()), ["a1", "a2"]);
    // … but when it is opened again.
    let reopen = Ask {
        flags: Q::REOPEN,
        pattern: "b*",
        ..ASK
    };
    assert_eq!(ask(&mut c, dir, &reopen).unwrap(), ["b1"]);
    assert_eq!(
        ask(
            &mut c,
            dir,
            &Ask {
                flags: Q::REOPEN,
                pattern: "z*",
                ..ASK
            }
        ),
        Err(N::NO_SUCH_FILE)
    );
}

#[test]
fn what_does_not_fit_comes_next() {
    let rig = Rig::new();
    rig.host()
        .fs_ref()
        .put("data/a rather long name", 1000, 0o644, b"");
    let mut c = client(&rig);
    let dir = open(&mut c, "", ROOT);
    let how = |limit| Ask {
        limit,
        pattern: "a*",
        ..ASK
    };
    assert_eq!(ask(&mut c, dir, &how(103)), Err(N::INFO_LENGTH_MISMATCH));
    assert_eq!(ask(&mut c, dir, &how(104)), Err(N::INFO_LENGTH_MISMATCH));
    assert_eq!(
        ask(&mut c, dir, &how(104 + 42)).unwrap(),
        ["a rather long name".to_owned()][..]
    );
}

#[test]
fn what_is_not_listed() {
    let settings = Settings {
        share_flags: Settings::default().share_flags | TreeFlags::HIDE_DOT_FILES,
        ..Settings::default()
    };
    let rig = Rig::with(settings);
    let fs = rig.host().fs_ref();
    for name in [
        "good",
        ".hidden",
        "bad:name",
        "bad\\name",
        "bad?",
        "tab\there",
    ] {
        fs.put(&format!("data/{name}"), 1000, 0o644, b"");
    }
    fs.symlink("data/link", "good");
    let mut c = client(&rig);
    let dir = open(&mut c, "", ROOT);
    assert_eq!(
        sorted(all(&mut c, dir, &ASK)),
        [".", "..", ".hidden", "good", "link"]
    );
    for pattern in ["bad:name", "tab\there"] {
        let reopen = Ask {
            flags: Q::REOPEN,
            pattern,
            ..ASK
        };
        assert_eq!(ask(&mut c, dir, &reopen), Err(N::OBJECT_NAME_INVALID));
    }
}

#[test]
fn links_are_followed_where_the_share_says_so() {
    let settings = Settings {
        share_flags: Settings::default().share_flags | TreeFlags::FOLLOW_SYMLINKS,
        ..Settings::default()
    };
    let rig = Rig::with(settings);
    let fs = rig.host().fs_ref();
    fs.put("data/good", 1000, 0o644, b"123");
    fs.symlink("data/link", "good");
    fs.symlink("data/dangling", "nowhere");
    fs.symlink("data/out", "../../etc");
    let mut c = client(&rig);
    let dir = open(&mut c, "", ROOT);
    assert_eq!(sorted(all(&mut c, dir, &ASK)), [".", "..", "good", "link"]);
}

#[test]
fn listing_needs_a_directory_and_the_right() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"");
    let mut c = client(&rig);
    let file = open(&mut c, "f", ALL);
    assert_eq!(ask(&mut c, file, &ASK), Err(N::INVALID_PARAMETER));
    let dir = open(&mut c, "", A::READ_ATTRIBUTES);
    assert_eq!(ask(&mut c, dir, &ASK), Err(N::ACCESS_DENIED));
    let dir = open(&mut c, "", ROOT);
    for (class, status) in [
        (C::BASIC, N::INVALID_INFO_CLASS),
        (C::POSIX, N::INVALID_INFO_CLASS),
        (C(250), N::INVALID_INFO_CLASS),
        (C::ID_64_EXTD_DIRECTORY, N::NOT_SUPPORTED),
    ] {
        let pattern = utf16("*");
        let request = QueryDirectoryRequest {
            info_class: class,
            flags: Q::NONE,
            file_index: 0,
            file_id: dir,
            file_name: Utf16::new(&pattern).unwrap(),
            output_buffer_length: 4096,
        };
        let reply = c
            .call(Command::QUERY_DIRECTORY, |w| request.write(w))
            .unwrap();
        assert_eq!(reply.status(), status, "{class}");
    }
}

#[test]
fn names_that_change_under_a_scan() {
    let rig = Rig::new();
    for i in 0..300 {
        rig.host()
            .fs_ref()
            .put(&format!("data/file {i:03}"), 1000, 0o644, b"");
    }
    let mut c = client(&rig);
    let dir = open(&mut c, "", ROOT);
    let first = ask(&mut c, dir, &Ask { limit: 4096, ..ASK }).unwrap();
    // Half of them go while the scan is under way; no name comes twice, and those that stay all come.
    for i in (0..300).step_by(2) {
        let file = c
            .create(
                &format!("file {i:03}"),
                A::DELETE,
                D::OPEN,
                O::DELETE_ON_CLOSE,
            )
            .unwrap();
        c.close(file).unwrap();
    }
    let mut names = first;
    names.extend(all(&mut c, dir, &Ask { limit: 4096, ..ASK }));
    let total = names.len();
    let names: std::collections::BTreeSet<String> = names.into_iter().collect();
    assert_eq!(names.len(), total);
    for i in (1..300).step_by(2) {
        assert!(names.contains(&format!("file {i:03}")));
    }
}

#[test]
fn without_memory() {
    let rig = Rig::new();
    for i in 0..20 {
        rig.host()
            .fs_ref()
            .put(&format!("data/file {i}"), 1000, 0o644, b"");
    }
    let (mut failures, mut short) = (0, 0);
    for n in 0.. {
        let mut c = client(&rig);
        let dir = open(&mut c, "", ROOT);
        kernel::shim::fail_after(n);
        let result = ask(&mut c, dir, &ASK);
        let injected = kernel::shim::fail_never() != 0;
        match result {
            // What was found before the memory ran out is told, and the rest comes next.
            Ok(names) => {
                let rest = all(&mut c, dir, &ASK);
                short += usize::from(!rest.is_empty());
                assert_eq!(names.len() + rest.len(), 22, "{n}");
            }
            // Not even the error could be told.
            Err(CLOSED) => {}
            Err(e) => {
                assert_eq!(e, N::INSUFFICIENT_RESOURCES, "{n}");
                assert_eq!(all(&mut c, dir, &ASK).len(), 22, "{n}");
                failures += 1;
            }
        }
        if !injected {
            break;
        }
    }
    assert!(failures > 0 && short > 0);
}

/// Requests on one handle that run at the same time take turns: each name comes once, in whichever reply.
#[test]
fn scans_take_turns() {
    const FILES: usize = 400;
    let rig = Rig::new();
    for i in 0..FILES {
        rig.host()
            .fs_ref()
            .put(&format!("data/file {i}"), 1000, 0o644, b"");
    }
    let mut waited = 0;
    for _ in 0..20 {
        let mut c = client(&rig);
        let dir = open(&mut c, "", ROOT);
        let pattern = utf16("file*");
        let mut ids = Vec::new();
        let mut jobs = Vec::new();
        for _ in 0..8 {
            let header = c.header(Command::QUERY_DIRECTORY);
            let request = QueryDirectoryRequest {
                info_class: C::NAMES,
                flags: Q::NONE,
                file_index: 0,
                file_id: dir,
                file_name: Utf16::new(&pattern).unwrap(),
                output_buffer_length: 1024,
            };
            let message = Client::message(&header, |w| request.write(w), 0);
            match Conn::on_frame(&c.conn, Data(message)) {
                Verdict::Run(job) => jobs.push(job),
                _ => panic!("no work"),
            }
            ids.push(header.message_id);
        }
        std::thread::scope(|s| {
            for job in jobs {
                s.spawn(move || job.run());
            }
        });
        let mut frames: Vec<Vec<u8>> = core::iter::from_fn(|| c.wire.take()).collect();
        // The others found somebody at work, and run now.
        waited += usize::from(frames.len() < ids.len());
        rig.settle();
        frames.extend(core::iter::from_fn(|| c.wire.take()));
        let mut names = Vec::new();
        for frame in &frames {
            let header = Header::parse(frame).unwrap();
            assert_eq!(header.status, N::SUCCESS);
            ids.retain(|id| *id != header.message_id);
            let response = QueryDirectoryResponse::parse(frame).unwrap();
            names.extend(directory::entries(C::NAMES, response.output).map(|e| {
                let mut buf = [0; 1024];
                e.unwrap().name.to_utf8(&mut buf).unwrap().to_owned()
            }));
        }
        assert_eq!((frames.len(), ids.len()), (8, 0));
        let how = Ask {
            class: C::NAMES,
            ..ASK
        };
        names.extend(all(&mut c, dir, &how));
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!((names.len(), distinct.len()), (FILES, FILES));
        assert_eq!(rig.server.parked_count(), 0);
    }
    println!("{waited} of 20 rounds had to wait");
}
