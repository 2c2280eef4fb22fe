// SPDX-License-Identifier: GPL-2.0-or-later
//! What may be opened, how, and by whom.

use super::*;

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
        let how = HOW.disposition(disposition);
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
    let how = HOW.disposition(D(6));
    assert_eq!(status(&mut c, "x", how), N::INVALID_PARAMETER);
}

#[test]
fn what_a_request_may_not_say() {
    let rig = Rig::new();
    rig.host().fs_ref().put("/data/f", 1000, 0o644, b"text");
    rig.host().fs_ref().mkdir("/data/d", 1000, 0o755);
    let mut c = connected(&rig);
    let cases: [(&str, How<'_>, N); 24] = [
        ("f", HOW.access(A::NONE), N::ACCESS_DENIED),
        ("f", HOW.access(A(0x0040_0001)), N::ACCESS_DENIED),
        (
            "f",
            HOW.access(A::ACCESS_SYSTEM_SECURITY),
            N::PRIVILEGE_NOT_HELD,
        ),
        ("f", HOW.share(S(8)), N::INVALID_PARAMETER),
        ("f", HOW.attributes(F(0x8000_0000)), N::INVALID_PARAMETER),
        ("f", HOW.options(O(0x0100_0000)), N::INVALID_PARAMETER),
        ("f", HOW.options(O::OPEN_BY_FILE_ID), N::NOT_SUPPORTED),
        ("f", HOW.options(O::RESERVE_OPFILTER), N::NOT_SUPPORTED),
        (
            "f",
            HOW.options(O::CREATE_TREE_CONNECTION),
            N::NOT_SUPPORTED,
        ),
        ("f", HOW.impersonation(4), N::BAD_IMPERSONATION_LEVEL),
        (
            "d",
            HOW.options(O::DIRECTORY_FILE | O::NON_DIRECTORY_FILE),
            N::INVALID_PARAMETER,
        ),
        (
            "d",
            HOW.options(O::DIRECTORY_FILE).disposition(D::OVERWRITE_IF),
            N::INVALID_PARAMETER,
        ),
        (
            "f",
            HOW.access(A::READ_DATA).options(O::DELETE_ON_CLOSE),
            N::INVALID_PARAMETER,
        ),
        ("f", HOW.options(O::DIRECTORY_FILE), N::NOT_A_DIRECTORY),
        (
            "d",
            HOW.options(O::NON_DIRECTORY_FILE),
            N::FILE_IS_A_DIRECTORY,
        ),
        ("d", HOW.disposition(D::OVERWRITE), N::OBJECT_NAME_COLLISION),
        ("\\f", HOW, N::INVALID_PARAMETER),
        ("..\\f", HOW, N::OBJECT_PATH_SYNTAX_BAD),
        ("d\\..\\..\\f", HOW, N::OBJECT_PATH_SYNTAX_BAD),
        ("f*", HOW, N::OBJECT_NAME_INVALID),
        ("f:stream", HOW, N::OBJECT_NAME_NOT_FOUND),
        ("f\\g", HOW, N::OBJECT_PATH_NOT_FOUND),
        ("no\\g", HOW, N::OBJECT_PATH_NOT_FOUND),
        ("no", HOW, N::OBJECT_NAME_NOT_FOUND),
    ];
    for (path, how, want) in cases {
        assert_eq!(status(&mut c, path, how), want, "{path} {:?}", how.options);
    }
    assert_eq!(status(&mut c, "d\\..\\f", HOW), N::SUCCESS);
    assert_eq!(status(&mut c, "f::$data", HOW), N::SUCCESS);
    assert_eq!(
        status(&mut c, "d::$DATA", HOW.options(O::NON_DIRECTORY_FILE)),
        N::FILE_IS_A_DIRECTORY
    );
    assert_eq!(
        status(&mut c, "", HOW.access(A::READ_ATTRIBUTES)),
        N::SUCCESS
    );
    assert_eq!(
        status(&mut c, "", HOW.disposition(D::CREATE)),
        N::OBJECT_NAME_COLLISION
    );
    assert_eq!(
        status(&mut c, &"n".repeat(256), HOW),
        N::OBJECT_NAME_INVALID
    );
    let long = "n".repeat(255);
    assert_eq!(
        status(&mut c, &long, HOW.disposition(D::CREATE)),
        N::SUCCESS
    );
    let beyond = "dir \u{1F980} \u{10FFFD}\\file \u{1D11E}";
    let dir = HOW.disposition(D::CREATE).options(O::DIRECTORY_FILE);
    assert_eq!(status(&mut c, "dir \u{1F980} \u{10FFFD}", dir), N::SUCCESS);
    assert_eq!(
        status(&mut c, beyond, HOW.disposition(D::CREATE)),
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
            let first = must(&mut a, "f", HOW.access(x).share(sx));
            for (j, y) in rights.into_iter().enumerate() {
                for sy in (0..8).map(S) {
                    let stat = x == A::READ_ATTRIBUTES || y == A::READ_ATTRIBUTES;
                    let fine = stat || sx.contains(needs[j]) && sy.contains(needs[i]);
                    let want = if fine {
                        N::SUCCESS
                    } else {
                        N::SHARING_VIOLATION
                    };
                    let how = HOW.access(y).share(sy);
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
    let first = must(&mut a, "f", HOW.access(A::READ_DATA).share(S::READ));
    let how = HOW.access(A::READ_DATA).disposition(D::OVERWRITE);
    assert_eq!(status(&mut b, "f", how), N::SHARING_VIOLATION);
    assert_eq!(rig.host().fs_ref().get("/data/f").unwrap(), b"text");
    a.close(first).unwrap();
    // But the one that did so is a reader from then on.
    let first = must(&mut a, "f", how);
    assert_eq!(
        status(&mut b, "f", HOW.access(A::READ_DATA).share(S::READ)),
        N::SUCCESS
    );
    a.close(first).unwrap();
    // What a connection held is free when it ends.
    must(&mut a, "f", HOW.share(S::NONE));
    assert_eq!(status(&mut b, "f", HOW), N::SHARING_VIOLATION);
    drop(a);
    assert_eq!(status(&mut b, "f", HOW), N::SUCCESS);
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
    let new = HOW.disposition(D::CREATE);
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
            let got = status(&mut c, name, HOW.access(A::READ_DATA));
            let want: &[N] = if follow {
                &[N::OBJECT_NAME_NOT_FOUND]
            } else {
                &[N::STOPPED_ON_SYMLINK]
            };
            assert!(want.contains(&got), "{name}: {got}");
        }
        let link = HOW
            .access(A::READ_ATTRIBUTES)
            .options(O::OPEN_REPARSE_POINT);
        let made = open(&mut c, "out", link).unwrap();
        assert!(made.attributes.contains(F::REPARSE_POINT));
        c.close(made.id).unwrap();
        // The link's content is not a file's.
        assert_eq!(
            status(&mut c, "in", link.access(A::READ_DATA)),
            N::ACCESS_DENIED
        );
        // Deleting it does not delete what it points to.
        let how = HOW
            .access(A::DELETE)
            .options(O::OPEN_REPARSE_POINT | O::DELETE_ON_CLOSE);
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
    let access = |c: &mut Client<'_>, path: &str, access: A| status(c, path, HOW.access(access));
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
    let how = HOW.disposition(D::OVERWRITE_IF).access(A::READ_ATTRIBUTES);
    assert_eq!(status(&mut c, "theirs", how), N::ACCESS_DENIED);
    assert_eq!(fs.get("/data/theirs").unwrap(), b"text");
    assert_eq!(
        status(&mut c, "dir\\new", HOW.disposition(D::CREATE)),
        N::ACCESS_DENIED
    );

    let contexts: &[(&[u8], &[u8])] = &[(name::MAXIMAL_ACCESS, b""), (name::QUERY_ON_DISK_ID, b"")];
    let how = HOW.access(A::MAXIMUM_ALLOWED).contexts(contexts);
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
            status(&mut c, "f", HOW.disposition(disposition)),
            N::ACCESS_DENIED
        );
    }
    for disposition in [D::SUPERSEDE, D::CREATE, D::OPEN_IF, D::OVERWRITE_IF] {
        assert_eq!(
            status(&mut c, "new", HOW.disposition(disposition)),
            N::ACCESS_DENIED
        );
    }
    assert_eq!(
        status(&mut c, "f", HOW.options(O::DELETE_ON_CLOSE)),
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
fn contexts() {
    let rig = Rig::new();
    let mut c = connected(&rig);
    let mut with = |name: &[u8], data: &[u8], path: &str| {
        let contexts: &[(&[u8], &[u8])] = &[(name, data)];
        status(&mut c, path, HOW.disposition(D::OPEN_IF).contexts(contexts))
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
    // A descriptor that cannot be stored must not be taken for one that is; one that says nothing may.
    assert_eq!(with(name::SD_BUFFER, &[0; 20], "s"), N::INVALID_PARAMETER);
    let mut sd = [0; 20];
    (sd[0], sd[3]) = (1, 0x80);
    assert_eq!(with(name::SD_BUFFER, &sd, "empty"), N::SUCCESS);
    // A list that is there and allows everybody everything.
    sd[2] = 4;
    assert_eq!(with(name::SD_BUFFER, &sd, "s"), N::NOT_SUPPORTED);
    assert!(!rig.host().fs_ref().exists("/data/s"));
}

#[test]
fn names_in_any_case_in_a_large_directory() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    for n in 0..2000 {
        fs.put(&format!("/data/File {n:04}"), 1000, 0o644, b"");
    }
    let mut a = connected(&rig);
    let mut b = connected(&rig);
    let new = HOW.disposition(D::CREATE);
    let read = HOW.access(A::READ_DATA);
    assert_eq!(status(&mut a, "file 1999", read), N::SUCCESS);
    assert_eq!(status(&mut a, "file 2000", read), N::OBJECT_NAME_NOT_FOUND);
    // What clients make is known to all of them at once.
    assert_eq!(status(&mut a, "NEW", new), N::SUCCESS);
    assert_eq!(status(&mut b, "new", new), N::OBJECT_NAME_COLLISION);
    let id = must(&mut a, "NEW", HOW);
    assert_eq!(rename(&mut a, id, "Renamed", false), N::SUCCESS);
    assert_eq!(status(&mut b, "RENAMED", read), N::SUCCESS);
    assert_eq!(status(&mut b, "new", read), N::OBJECT_NAME_NOT_FOUND);
    assert_eq!(link(&mut a, id, "Linked", false), N::SUCCESS);
    assert_eq!(status(&mut b, "LINKED", read), N::SUCCESS);
    let dir = new.options(O::DIRECTORY_FILE);
    assert_eq!(status(&mut a, "Dir", dir), N::SUCCESS);
    assert_eq!(status(&mut b, "dIR", dir), N::OBJECT_NAME_COLLISION);
    // What others make is found at once as it is spelled, and soon in any case.
    fs.put("/data/Local", 1000, 0o644, b"");
    assert_eq!(status(&mut b, "Local", read), N::SUCCESS);
    rig.advance_ms(2500);
    assert_eq!(status(&mut b, "LOCAL", read), N::SUCCESS);
    // What goes is gone.
    remove(&mut a, "file 0000");
    assert_eq!(status(&mut b, "FILE 0000", read), N::OBJECT_NAME_NOT_FOUND);
    for n in 0..600 {
        assert_eq!(status(&mut a, &format!("More {n}"), new), N::SUCCESS);
    }
    assert_eq!(status(&mut b, "mORE 599", read), N::SUCCESS);
}
