// SPDX-License-Identifier: GPL-2.0-or-later
//! Deleting, renaming, linking.

use super::*;

#[test]
fn delete_on_close() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    let mut c = connected(&rig);
    let new = HOW.disposition(D::OPEN_IF).options(O::DELETE_ON_CLOSE);
    // The name goes with the last handle, whichever asked for it.
    let first = must(&mut c, "f", new);
    let second = must(&mut c, "f", HOW.access(A::READ_DATA));
    c.close(first).unwrap();
    assert!(fs.exists("/data/f"));
    assert_eq!(status(&mut c, "f", HOW), N::DELETE_PENDING);
    assert_eq!(
        status(&mut c, "f", HOW.disposition(D::CREATE)),
        N::DELETE_PENDING
    );
    c.close(second).unwrap();
    assert!(!fs.exists("/data/f"));
    assert_eq!(status(&mut c, "f", HOW), N::OBJECT_NAME_NOT_FOUND);

    // A disposition counts at once and can be taken back.
    let id = must(&mut c, "f", HOW.disposition(D::CREATE));
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
        HOW.access(A::FILE_ALL_ACCESS.without(A::DELETE)),
    );
    assert_eq!(
        set(&mut c, id, SetFileInfo::Disposition(true)),
        N::ACCESS_DENIED
    );
    assert_eq!(set(&mut c, id, basic(no_times(), F::READONLY)), N::SUCCESS);
    c.close(id).unwrap();
    let how = HOW.access(A::DELETE | A::READ_DATA);
    assert_eq!(
        status(&mut c, "f", how.options(O::DELETE_ON_CLOSE)),
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
    let read_only = HOW
        .disposition(D::CREATE)
        .options(O::DELETE_ON_CLOSE)
        .attributes(F::READONLY);
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
        status(&mut c, "d\\new", HOW.disposition(D::CREATE)),
        N::DELETE_PENDING
    );
    c.close(dir).unwrap();
    assert!(!fs.exists("/data/d"));

    // The share's root is not for deletion.
    assert_eq!(status(&mut c, "", HOW.access(A::DELETE)), N::ACCESS_DENIED);
}

#[test]
fn posix_delete() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("/data/f", 1000, 0o644, b"text");
    let mut c = connected(&rig);
    let reader = must(&mut c, "f", HOW.access(A::READ_DATA));
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
    let id = must(&mut c, "f", HOW.disposition(D::CREATE));
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
        HOW.disposition(D::CREATE).options(O::DELETE_ON_CLOSE),
    );
    must(&mut c, "g", HOW.disposition(D::CREATE));
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
    let id = must(&mut c, "a", HOW.access(A::READ_ATTRIBUTES));
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
    let id = must(&mut c, "theirs", HOW.access(A::READ_ATTRIBUTES));
    assert_eq!(link(&mut c, id, "mine", false), N::ACCESS_DENIED);
    let dir = must(&mut c, "", HOW.access(A::READ_ATTRIBUTES));
    assert_eq!(link(&mut c, dir, "dir", false), N::FILE_IS_A_DIRECTORY);
    // A target that is open, read-only or a directory does not give way.
    fs.put("/data/open", 1000, 0o644, b"");
    fs.mkdir("/data/dir", 1000, 0o755);
    let keep = must(&mut c, "open", HOW.access(A::READ_DATA));
    let id = must(&mut c, "b", HOW.access(A::READ_ATTRIBUTES));
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
    let b = must(&mut c, "b", HOW.access(A::READ_DATA));
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
    let e = must(&mut c, "moved\\e", HOW.access(A::DELETE));
    assert_eq!(
        rename(&mut c, f, "moved\\e\\g", false),
        N::SHARING_VIOLATION
    );
    c.close(e).unwrap();
    let e = must(
        &mut c,
        "moved\\e",
        HOW.access(A::LIST_DIRECTORY).share(S::READ | S::DELETE),
    );
    assert_eq!(
        rename(&mut c, f, "moved\\e\\g", false),
        N::SHARING_VIOLATION
    );
    c.close(e).unwrap();
    let e = must(&mut c, "moved\\e", HOW.access(A::LIST_DIRECTORY));
    assert_eq!(rename(&mut c, f, "moved\\e\\g", false), N::SUCCESS);
    c.close(e).unwrap();
    // A handle without the right, a name with a directory's handle, the share's root.
    let g = must(
        &mut c,
        "moved\\e\\g",
        HOW.access(A::FILE_ALL_ACCESS.without(A::DELETE)),
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
    let f = must(&mut c, "d\\f", HOW.options(O::DELETE_ON_CLOSE));
    assert_eq!(rename(&mut c, f, "g", false), N::SUCCESS);
    c.close(f).unwrap();
    assert!(!fs.exists("/data/g"));
    assert!(fs.exists("/data/d"));
}
