// SPDX-License-Identifier: GPL-2.0-or-later
//! Data, sizes, attributes, times.

use super::*;

#[test]
fn reads_and_writes() {
    const MAX: u64 = i64::MAX as u64;
    let rig = Rig::new();
    let mut c = connected(&rig);
    let id = must(&mut c, "f", HOW.disposition(D::CREATE));
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

    let dir = must(&mut c, "", HOW.access(A::READ_DATA | A::READ_ATTRIBUTES));
    assert_eq!(
        read(&mut c, dir, 0, 1, 0, none),
        Err(N::INVALID_DEVICE_REQUEST)
    );
    assert_eq!(write(&mut c, dir, 0, b"x"), Err(N::INVALID_DEVICE_REQUEST));

    let only = |c: &mut Client<'_>, access| must(c, "f", HOW.access(access));
    let r = only(&mut c, A::READ_DATA);
    assert_eq!(write(&mut c, r, 0, b"x"), Err(N::ACCESS_DENIED));
    let x = only(&mut c, A::EXECUTE);
    assert_eq!(read(&mut c, x, 0, 1, 0, none), Ok(1));
    let w = only(&mut c, A::WRITE_DATA);
    assert_eq!(read(&mut c, w, 0, 1, 0, none), Err(N::ACCESS_DENIED));
    let stat = only(&mut c, A::READ_ATTRIBUTES);
    assert_eq!(read(&mut c, stat, 0, 1, 0, none), Err(N::ACCESS_DENIED));
    assert_eq!(write(&mut c, stat, 0, b"x"), Err(N::ACCESS_DENIED));
    // Who may only append writes at the offset that is asked for, as with Windows, but cuts nothing off.
    let append = only(&mut c, A::APPEND_DATA);
    assert_eq!(write(&mut c, append, 2002, b"."), Ok(1));
    assert_eq!(write(&mut c, append, 2003, b"ing"), Ok(3));
    assert_eq!(
        set(&mut c, append, SetFileInfo::EndOfFile(0)),
        N::ACCESS_DENIED
    );
    assert_eq!(c.read(id, 2000, 10).unwrap(), b"en.ing");

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
    let id = must(&mut c, "f", HOW.disposition(D::CREATE));
    let data: Vec<u8> = (0..1 << 20)
        .map(|n: u32| n as u8 ^ (n >> 8) as u8)
        .collect();
    c.write(id, 0, &data).unwrap();
    assert_eq!(rig.host().fs_ref().get("/data/f").unwrap(), data);
    rig.host().fs_ref().set_space(1 << 20);
    assert_eq!(c.write(id, 1 << 20, &data), Err(N::DISK_FULL));
    assert_eq!(status(&mut c, "g", HOW.disposition(D::CREATE)), N::SUCCESS);
}

#[test]
fn sizes() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    let mut c = connected(&rig);
    let size = 5u64 << 20;
    let contexts: &[(&[u8], &[u8])] = &[(name::ALLOCATION_SIZE, &size.to_le_bytes())];
    let made = open(&mut c, "f", HOW.disposition(D::CREATE).contexts(contexts)).unwrap();
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
        HOW.disposition(D::CREATE).options(O::DIRECTORY_FILE),
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
fn attributes() {
    let rig = with_flags(PLAIN | TreeFlags::HIDE_DOT_FILES);
    let mut c = connected(&rig);
    let new = HOW.disposition(D::CREATE).attributes(F::HIDDEN | F::SYSTEM);
    let made = open(&mut c, "f", new).unwrap();
    assert_eq!(made.attributes, F::HIDDEN | F::SYSTEM | F::ARCHIVE);
    c.close(made.id).unwrap();
    // What is hidden must be asked for as such to be overwritten.
    let over = HOW.disposition(D::OVERWRITE);
    assert_eq!(status(&mut c, "f", over), N::ACCESS_DENIED);
    assert_eq!(
        status(&mut c, "f", over.attributes(F::HIDDEN)),
        N::ACCESS_DENIED
    );
    let made2 = open(
        &mut c,
        "f",
        over.attributes(F::HIDDEN | F::SYSTEM | F::READONLY),
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
        status(&mut c, "f", HOW.access(A::WRITE_DATA)),
        N::ACCESS_DENIED
    );
    assert_eq!(
        status(&mut c, "f", over.attributes(F::HIDDEN | F::SYSTEM)),
        N::ACCESS_DENIED
    );
    let id = must(&mut c, "f", HOW.access(A::MAXIMUM_ALLOWED));
    assert_eq!(c.write(id, 0, b"x").unwrap_err(), N::ACCESS_DENIED);
    assert_eq!(set(&mut c, id, basic(no_times(), F::NORMAL)), N::SUCCESS);
    let after = close(&mut c, id, CloseFlags::POSTQUERY_ATTRIB);
    assert_eq!(after.file_attributes, F::NORMAL);
    assert_eq!(after.creation_time, made.created);
    // Names with a dot are hidden, whatever is stored.
    let made = open(&mut c, ".dot", HOW.disposition(D::CREATE)).unwrap();
    assert!(made.attributes.contains(F::HIDDEN));
    c.close(made.id).unwrap();
    assert_eq!(status(&mut c, ".dot", over), N::SUCCESS);
    // Directories.
    let dir = HOW.disposition(D::CREATE).options(O::DIRECTORY_FILE);
    let made = open(&mut c, "d", dir.attributes(F::HIDDEN)).unwrap();
    assert_eq!(made.attributes, F::DIRECTORY | F::HIDDEN);
    assert_eq!(
        set(&mut c, made.id, basic(no_times(), F::TEMPORARY)),
        N::INVALID_PARAMETER
    );
    assert_eq!(
        status(&mut c, "t", dir.attributes(F::TEMPORARY)),
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
        HOW.disposition(D::CREATE).attributes(F::READONLY),
    )
    .unwrap();
    assert_eq!(made.attributes, F::READONLY);
    c.write(made.id, 0, b"text").unwrap();
    c.close(made.id).unwrap();
    assert_eq!(fs.get("/data/f").unwrap(), b"text");
    assert_eq!(
        status(&mut c, "f", HOW.access(A::WRITE_DATA)),
        N::ACCESS_DENIED
    );
    let id = must(&mut c, "f", HOW.access(A::WRITE_ATTRIBUTES));
    assert_eq!(set(&mut c, id, basic(no_times(), F::NORMAL)), N::SUCCESS);
    c.close(id).unwrap();
    assert_eq!(status(&mut c, "f", HOW.access(A::WRITE_DATA)), N::SUCCESS);
}

/// The time of the last change, as the handle tells it.
fn changed(c: &mut Client<'_>, file_id: FileId) -> FileTime {
    let request = QueryInfoRequest {
        info_type: InfoType::FILE,
        info_class: FileInfoClass::BASIC.0,
        output_buffer_length: 40,
        input: &[],
        additional_information: 0,
        flags: QueryInfoFlags::NONE,
        file_id,
    };
    let reply = c.call(Command::QUERY_INFO, |w| request.write(w)).unwrap();
    let message = reply.ok().unwrap();
    let output = QueryInfoResponse::parse(&message).unwrap().output;
    let info = BasicInfo::parse(&mut Reader::new(output)).unwrap();
    info.times.change
}

#[test]
fn times() {
    let rig = Rig::new();
    let mut c = connected(&rig);
    let made = open(&mut c, "f", HOW.disposition(D::CREATE)).unwrap();
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
        let id = must(c, "f", HOW.access(A::READ_ATTRIBUTES));
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
    // Nor does it come back after others wrote.
    let other = must(&mut c, "f", HOW.access(A::WRITE_DATA));
    c.write(other, 0, b"o").unwrap();
    let theirs = look(&mut c).last_write_time;
    assert!(theirs > t(300));
    rig.advance_ms(1000);
    c.write(id, 0, b"x").unwrap();
    assert_eq!(look(&mut c).last_write_time, theirs);
    // That of the last change is the host's; what the handle set only the handle tells.
    assert_eq!(changed(&mut c, id), t(200));
    assert!(look(&mut c).change_time > t(0));
    let thaw = Times {
        change: FileTime::THAW,
        ..no_times()
    };
    assert_eq!(set(&mut c, id, basic(thaw, F::NONE)), N::SUCCESS);
    assert!(changed(&mut c, id) > t(0));
    // Unless it is told to; another handle's writes count anyhow.
    let thaw = Times {
        last_write: FileTime::THAW,
        ..no_times()
    };
    assert_eq!(set(&mut c, id, basic(thaw, F::NONE)), N::SUCCESS);
    assert_eq!(look(&mut c).last_write_time, theirs);
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
    let id = must(&mut c, "theirs", HOW.access(A::WRITE_ATTRIBUTES));
    assert_eq!(set(&mut c, id, basic(times, F::NONE)), N::ACCESS_DENIED);
    let id = must(
        &mut c,
        "f",
        HOW.access(A::FILE_ALL_ACCESS.without(A::WRITE_ATTRIBUTES)),
    );
    assert_eq!(set(&mut c, id, basic(times, F::NONE)), N::ACCESS_DENIED);
}
