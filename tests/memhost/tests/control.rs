// SPDX-License-Identifier: GPL-2.0-or-later
//! IOCTL as a client sees it: validate-negotiate, copies within the server, holes, links, and what is not there.

use ksmbd_memhost::client::{Client, Options, CLOSED};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::Guid;
use proto_shared::fscc::file::BasicInfo;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O, FileAttributes};
use proto_shared::fscc::fsctl::{
    AllocatedRange, CopyChunk, CopyChunkRequest, CopyChunkResponse, ResumeKey,
    ValidateNegotiateRequest, ValidateNegotiateResponse,
};
use proto_shared::fscc::reparse::ReparseData;
use proto_shared::fscc::{CtlCode, FileInfoClass};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags};
use proto_shared::smb2::types::U16List;
use proto_shared::smb2::{
    Capabilities, Command, FileId, IoctlRequest, IoctlResponse, LockRequest, QueryInfoRequest,
    QueryInfoResponse, SecurityMode,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;
const NO_HANDLE: FileId = FileId::ALL_ONES;

type Answer = (N, Vec<u8>);

fn request(code: CtlCode, file_id: FileId, input: &[u8]) -> IoctlRequest<'_> {
    IoctlRequest {
        ctl_code: code,
        file_id,
        input,
        max_input_response: 0,
        max_output_response: 4096,
        flags: IoctlFlags::IS_FSCTL,
    }
}

fn send(c: &mut Client<'_>, request: &IoctlRequest<'_>) -> Answer {
    let header = c.header(Command::IOCTL);
    let message = Client::message(&header, |w| request.write(w), request.input.len());
    match c.exchange(message) {
        Ok(reply) => {
            let output =
                IoctlResponse::parse(&reply.message).map_or(Vec::new(), |r| r.output.to_vec());
            (reply.status(), output)
        }
        Err(e) => (e, Vec::new()),
    }
}

fn control(c: &mut Client<'_>, code: CtlCode, id: FileId, input: &[u8]) -> Answer {
    send(c, &request(code, id, input))
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn open(c: &mut Client<'_>, path: &str, access: A) -> FileId {
    c.create(path, access, D::OPEN, O::NONE).unwrap()
}

fn bytes(fill: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>) -> Vec<u8> {
    let mut buf = vec![0; 65_536];
    let mut w = Writer::new(&mut buf);
    fill(&mut w).unwrap();
    w.written().to_vec()
}

#[test]
fn what_is_not_there() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"");
    let mut c = client(&rig);
    let file = open(&mut c, "f", ALL);
    for (code, id, status) in [
        (CtlCode::DFS_GET_REFERRALS, NO_HANDLE, N::FS_DRIVER_REQUIRED),
        (CtlCode::DFS_GET_REFERRALS, file, N::INVALID_PARAMETER),
        (
            CtlCode::QUERY_NETWORK_INTERFACE_INFO,
            NO_HANDLE,
            N::NOT_SUPPORTED,
        ),
        (
            CtlCode::QUERY_NETWORK_INTERFACE_INFO,
            file,
            N::INVALID_PARAMETER,
        ),
        (CtlCode::VALIDATE_NEGOTIATE_INFO, file, N::INVALID_PARAMETER),
        (CtlCode::PIPE_WAIT, NO_HANDLE, N::NOT_SUPPORTED),
        (CtlCode::PIPE_TRANSCEIVE, file, N::INVALID_DEVICE_REQUEST),
        (CtlCode::SRV_ENUMERATE_SNAPSHOTS, file, N::NOT_SUPPORTED),
        (CtlCode::LMR_REQUEST_RESILIENCY, file, N::NOT_SUPPORTED),
        (
            CtlCode::GET_NTFS_VOLUME_DATA,
            file,
            N::INVALID_DEVICE_REQUEST,
        ),
        (CtlCode::SET_REPARSE_POINT, file, N::INVALID_DEVICE_REQUEST),
        (CtlCode::OFFLOAD_READ, file, N::INVALID_DEVICE_REQUEST),
        (CtlCode(0x1234_5678), file, N::NOT_SUPPORTED),
        (CtlCode::SET_SPARSE, NO_HANDLE, N::FILE_CLOSED),
        (CtlCode::GET_REPARSE_POINT, file, N::NOT_A_REPARSE_POINT),
    ] {
        assert_eq!(control(&mut c, code, id, &[]).0, status, "{code}");
    }
    let not_fsctl = IoctlRequest {
        flags: IoctlFlags::NONE,
        ..request(CtlCode::SET_SPARSE, file, &[])
    };
    assert_eq!(send(&mut c, &not_fsctl).0, N::NOT_SUPPORTED);
    let too_much = IoctlRequest {
        max_output_response: u32::MAX,
        ..request(CtlCode::SET_SPARSE, file, &[])
    };
    assert_eq!(send(&mut c, &too_much).0, N::INVALID_PARAMETER);
    assert!(c.alive);
}

/// What the memhost's client says in NEGOTIATE, repeated with changes.
fn validate(
    c: &mut Client<'_>,
    change: impl FnOnce(&mut ValidateNegotiateRequest<'_>),
    room: u32,
) -> Answer {
    let n = *c.conn.negotiated().unwrap();
    let dialects: Vec<u8> = n.dialect.to_le_bytes().to_vec();
    let mut info = ValidateNegotiateRequest {
        capabilities: Capabilities(n.client_capabilities),
        guid: Guid(n.client_guid),
        security_mode: SecurityMode(n.client_security_mode),
        dialects: U16List::new(&dialects).unwrap(),
    };
    change(&mut info);
    let input = bytes(|w| info.write(w));
    let request = IoctlRequest {
        max_output_response: room,
        ..request(CtlCode::VALIDATE_NEGOTIATE_INFO, NO_HANDLE, &input)
    };
    send(c, &request)
}

#[test]
fn validate_negotiate() {
    let rig = Rig::new();
    let at = |dialect: u16| {
        let options = Options {
            dialects: vec![dialect],
            sign: true,
            ..Options::default()
        };
        let mut c = Client::log_in(&rig, options);
        c.tree_connect("data").unwrap();
        c
    };
    for dialect in [0x0210, 0x0300, 0x0302] {
        let mut c = at(dialect);
        let (status, output) = validate(&mut c, |_| {}, 24);
        assert_eq!(status, N::SUCCESS);
        let n = *c.conn.negotiated().unwrap();
        let answer = ValidateNegotiateResponse::parse(&output).unwrap();
        assert_eq!(answer.capabilities.0, n.capabilities);
        assert_eq!(answer.guid.0, n.server_guid);
        assert_eq!(answer.security_mode.0, n.security_mode);
        assert_eq!(answer.dialect.0, dialect);
    }
    // A connection on which anything differs ends.
    assert_eq!(
        validate(&mut at(0x0300), |v| v.capabilities = Capabilities(0x7F), 24).0,
        CLOSED
    );
    assert_eq!(
        validate(&mut at(0x0300), |v| v.guid = Guid([9; 16]), 24).0,
        CLOSED
    );
    assert_eq!(
        validate(
            &mut at(0x0300),
            |v| v.security_mode = SecurityMode(0x55),
            24
        )
        .0,
        CLOSED
    );
    const BETTER: &[u8] = &[0x00, 0x03, 0x02, 0x03];
    assert_eq!(
        validate(
            &mut at(0x0300),
            |v| v.dialects = U16List::new(BETTER).unwrap(),
            24
        )
        .0,
        CLOSED
    );
    assert_eq!(
        validate(
            &mut at(0x0300),
            |v| v.dialects = U16List::new(&[]).unwrap(),
            24
        )
        .0,
        CLOSED
    );
    assert_eq!(validate(&mut at(0x0300), |_| {}, 23).0, CLOSED);
    // 3.1.1 has better means, and no client of it sends this.
    assert_eq!(validate(&mut at(0x0311), |_| {}, 24).0, CLOSED);
}

fn resume_key(c: &mut Client<'_>, id: FileId) -> ResumeKey {
    let (status, output) = control(c, CtlCode::SRV_REQUEST_RESUME_KEY, id, &[]);
    assert_eq!((status, output.len()), (N::SUCCESS, 32));
    output[..24].try_into().unwrap()
}

fn copy(
    c: &mut Client<'_>,
    code: CtlCode,
    key: &ResumeKey,
    to: FileId,
    chunks: &[(u64, u64, u32)],
) -> (N, [u32; 3]) {
    let chunks: Vec<CopyChunk> = chunks
        .iter()
        .map(|&(source_offset, target_offset, length)| CopyChunk {
            source_offset,
            target_offset,
            length,
        })
        .collect();
    let input = bytes(|w| CopyChunkRequest::write(key, &chunks, w));
    let (status, output) = control(c, code, to, &input);
    let told = CopyChunkResponse::parse(&output).map_or([9; 3], |r| {
        [
            r.chunks_written,
            r.chunk_bytes_written,
            r.total_bytes_written,
        ]
    });
    (status, told)
}

const COPY: CtlCode = CtlCode::SRV_COPYCHUNK;

#[test]
fn copies() {
    let rig = Rig::new();
    let text: Vec<u8> = (0..20_000u32).map(|i| (i % 253) as u8).collect();
    let fs = rig.host().fs_ref();
    fs.put("data/from", 1000, 0o644, &text);
    fs.put("data/to", 1000, 0o644, b"");
    let mut c = client(&rig);
    let (from, to) = (open(&mut c, "from", A::READ_DATA), open(&mut c, "to", ALL));
    let key = resume_key(&mut c, from);
    let done = copy(
        &mut c,
        COPY,
        &key,
        to,
        &[(0, 0, 10_000), (10_000, 10_000, 10_000)],
    );
    assert_eq!(done, (N::SUCCESS, [2, 0, 20_000]));
    assert_eq!(fs.get("data/to").unwrap(), text);
    // Into the file itself, across itself, as if all had been read before anything was written.
    let same = resume_key(&mut c, to);
    assert_eq!(
        copy(&mut c, COPY, &same, to, &[(0, 100, 19_000)]),
        (N::SUCCESS, [1, 0, 19_000])
    );
    assert_eq!(fs.get("data/to").unwrap()[100..19_100], text[..19_000]);
    // What lies behind the source's end is an error, and what came before it stays.
    let done = copy(&mut c, COPY, &key, to, &[(0, 0, 100), (19_999, 0, 2)]);
    assert_eq!(done, (N::INVALID_VIEW_SIZE, [1, 0, 100]));
    assert_eq!(copy(&mut c, COPY, &key, to, &[]), (N::SUCCESS, [0, 0, 0]));
}

#[test]
fn copies_have_limits() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("data/from", 1000, 0o644, &[1; 100]);
    fs.put("data/to", 1000, 0o644, &[2; 100]);
    let mut c = client(&rig);
    let (from, to) = (open(&mut c, "from", ALL), open(&mut c, "to", ALL));
    let key = resume_key(&mut c, from);
    let limits = (N::INVALID_PARAMETER, [256, 1 << 20, 16 << 20]);
    assert_eq!(copy(&mut c, COPY, &key, to, &[(0, 0, 0)]), limits);
    assert_eq!(
        copy(&mut c, COPY, &key, to, &[(0, 0, (1 << 20) + 1)]),
        limits
    );
    assert_eq!(copy(&mut c, COPY, &key, to, &[(0, 0, 1 << 20); 17]), limits);
    assert_eq!(copy(&mut c, COPY, &key, to, &[(0, 0, 1); 257]), limits);
    assert_eq!(
        copy(&mut c, COPY, &key, to, &[(u64::MAX, 0, 1)]).0,
        N::INVALID_PARAMETER
    );
    assert_eq!(
        copy(&mut c, COPY, &key, to, &[(0, i64::MAX as u64, 1)]).0,
        N::INVALID_PARAMETER
    );
    // No room for the answer, or fewer ranges than are announced.
    let input = bytes(|w| CopyChunkRequest::write(&key, &[], w));
    let tight = IoctlRequest {
        max_output_response: 11,
        ..request(COPY, to, &input)
    };
    assert_eq!(send(&mut c, &tight).0, N::INVALID_PARAMETER);
    let mut short = input.clone();
    short[24] = 5;
    assert_eq!(control(&mut c, COPY, to, &short).0, N::INVALID_PARAMETER);
    assert_eq!(fs.get("data/to").unwrap(), [2; 100]);
}

#[test]
fn copies_need_rights() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("data/from", 1000, 0o644, &[1; 100]);
    fs.put("data/to", 1000, 0o644, &[2; 100]);
    let mut c = client(&rig);
    let (from, to) = (
        open(&mut c, "from", A::READ_DATA),
        open(&mut c, "to", A::READ_DATA | A::WRITE_DATA),
    );
    let key = resume_key(&mut c, from);
    let chunk = &[(0, 0, 10)];
    let write_only = open(&mut c, "to", A::WRITE_DATA);
    assert_eq!(
        copy(&mut c, COPY, &key, write_only, chunk).0,
        N::ACCESS_DENIED
    );
    assert_eq!(
        copy(
            &mut c,
            CtlCode::SRV_COPYCHUNK_WRITE,
            &key,
            write_only,
            chunk
        )
        .0,
        N::SUCCESS
    );
    assert_eq!(copy(&mut c, COPY, &key, from, chunk).0, N::ACCESS_DENIED);
    let blind = open(&mut c, "from", A::READ_ATTRIBUTES);
    let blind = resume_key(&mut c, blind);
    assert_eq!(copy(&mut c, COPY, &blind, to, chunk).0, N::ACCESS_DENIED);
    // A key is a handle: unknown, closed, or another session's.
    let mut wrong = key;
    wrong[3] ^= 1;
    assert_eq!(
        copy(&mut c, COPY, &wrong, to, chunk).0,
        N::OBJECT_NAME_NOT_FOUND
    );
    let mut d = client(&rig);
    let other = open(&mut d, "to", ALL);
    assert_eq!(
        copy(&mut d, COPY, &key, other, chunk).0,
        N::OBJECT_NAME_NOT_FOUND
    );
    c.close(from).unwrap();
    assert_eq!(
        copy(&mut c, COPY, &key, to, chunk).0,
        N::OBJECT_NAME_NOT_FOUND
    );
    // Directories have no data.
    let dir = c
        .create("", A::READ_DATA | A::WRITE_DATA, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    let same = resume_key(&mut c, to);
    assert_eq!(
        copy(&mut c, COPY, &same, dir, chunk).0,
        N::INVALID_DEVICE_REQUEST
    );
    let dir = resume_key(&mut c, dir);
    assert_eq!(
        copy(&mut c, COPY, &dir, to, chunk).0,
        N::INVALID_DEVICE_REQUEST
    );
}

#[test]
fn copies_respect_locks() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("data/from", 1000, 0o644, &[1; 100]);
    fs.put("data/to", 1000, 0o644, &[2; 100]);
    let mut c = client(&rig);
    let (from, to) = (open(&mut c, "from", ALL), open(&mut c, "to", ALL));
    let key = resume_key(&mut c, from);
    for name in ["from", "to"] {
        let holder = open(&mut c, name, ALL);
        let flags = LockFlags::EXCLUSIVE_LOCK | LockFlags::FAIL_IMMEDIATELY;
        let elements = [LockElement {
            offset: 50,
            length: 10,
            flags,
        }];
        let locked = c
            .call(Command::LOCK, |w| {
                LockRequest::write(holder, 0, 0, &elements, w)
            })
            .unwrap();
        assert_eq!(locked.status(), N::SUCCESS);
        let done = copy(&mut c, COPY, &key, to, &[(0, 0, 50), (59, 59, 1)]);
        assert_eq!(done, (N::FILE_LOCK_CONFLICT, [1, 0, 50]), "{name}");
        c.close(holder).unwrap();
        assert_eq!(copy(&mut c, COPY, &key, to, &[(0, 0, 100)]).0, N::SUCCESS);
    }
}

fn attributes(c: &mut Client<'_>, id: FileId) -> FileAttributes {
    let request = QueryInfoRequest {
        info_type: InfoType::FILE,
        info_class: FileInfoClass::BASIC.0,
        output_buffer_length: 40,
        input: &[],
        additional_information: 0,
        flags: QueryInfoFlags::NONE,
        file_id: id,
    };
    let message = c
        .call(Command::QUERY_INFO, |w| request.write(w))
        .unwrap()
        .ok()
        .unwrap();
    let output = QueryInfoResponse::parse(&message).unwrap().output;
    BasicInfo::parse(&mut proto_shared::codec::Reader::new(output))
        .unwrap()
        .attributes
}

fn range(offset: i64, length: i64) -> Vec<u8> {
    bytes(|w| {
        w.i64(offset)?;
        w.i64(length)
    })
}

#[test]
fn holes() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.put("data/f", 1000, 0o644, &[7; 10_000]);
    let mut c = client(&rig);
    let file = open(&mut c, "f", ALL);
    let sparse =
        |c: &mut Client<'_>, id, input: &[u8]| control(c, CtlCode::SET_SPARSE, id, input).0;
    assert!(!attributes(&mut c, file).contains(FileAttributes::SPARSE_FILE));
    assert_eq!(sparse(&mut c, file, &[]), N::SUCCESS);
    assert!(attributes(&mut c, file).contains(FileAttributes::SPARSE_FILE));
    assert_eq!(sparse(&mut c, file, &[0]), N::SUCCESS);
    assert!(!attributes(&mut c, file).contains(FileAttributes::SPARSE_FILE));
    assert_eq!(sparse(&mut c, file, &[1, 2, 3]), N::SUCCESS);

    let zero = |c: &mut Client<'_>, id, from, to| {
        control(c, CtlCode::SET_ZERO_DATA, id, &range(from, to)).0
    };
    assert_eq!(zero(&mut c, file, 100, 200), N::SUCCESS);
    let mut want = vec![7; 10_000];
    want[100..200].fill(0);
    assert_eq!(fs.get("data/f").unwrap(), want);
    // Nothing grows, and an empty range is none.
    assert_eq!(zero(&mut c, file, 9_999, 20_000), N::SUCCESS);
    assert_eq!(zero(&mut c, file, 5, 5), N::SUCCESS);
    assert_eq!(zero(&mut c, file, 50_000, 60_000), N::SUCCESS);
    want[9_999] = 0;
    assert_eq!(fs.get("data/f").unwrap(), want);
    assert_eq!(zero(&mut c, file, 6, 5), N::INVALID_PARAMETER);
    assert_eq!(zero(&mut c, file, -1, 5), N::INVALID_PARAMETER);
    assert_eq!(
        control(&mut c, CtlCode::SET_ZERO_DATA, file, &[0; 15]).0,
        N::INVALID_PARAMETER
    );

    let ranges = |c: &mut Client<'_>, from, len, room| {
        let input = range(from, len);
        let all = request(CtlCode::QUERY_ALLOCATED_RANGES, file, &input);
        send(
            c,
            &IoctlRequest {
                max_output_response: room,
                ..all
            },
        )
    };
    let told = AllocatedRange::parse(&ranges(&mut c, 5_000, 100_000, 16).1).unwrap();
    assert_eq!((told.offset, told.length), (5_000, 5_000));
    assert_eq!(ranges(&mut c, 10_000, 1, 16), (N::SUCCESS, vec![]));
    assert_eq!(ranges(&mut c, 0, 0, 0), (N::SUCCESS, vec![]));
    assert_eq!(ranges(&mut c, 0, 1, 15).0, N::BUFFER_TOO_SMALL);
    assert_eq!(ranges(&mut c, -1, 1, 16).0, N::INVALID_PARAMETER);

    // Each needs its right, and a file.
    let reader = open(&mut c, "f", A::READ_DATA | A::READ_ATTRIBUTES);
    assert_eq!(zero(&mut c, reader, 0, 1), N::ACCESS_DENIED);
    assert_eq!(sparse(&mut c, reader, &[]), N::ACCESS_DENIED);
    let writer = open(&mut c, "f", A::WRITE_DATA);
    assert_eq!(sparse(&mut c, writer, &[]), N::SUCCESS);
    let input = range(0, 1);
    assert_eq!(
        control(&mut c, CtlCode::QUERY_ALLOCATED_RANGES, writer, &input).0,
        N::ACCESS_DENIED
    );
    let dir = c
        .create("", A::READ_DATA | A::WRITE_DATA, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    assert_eq!(sparse(&mut c, dir, &[]), N::INVALID_PARAMETER);
    assert_eq!(zero(&mut c, dir, 0, 1), N::INVALID_PARAMETER);
}

#[test]
fn a_read_only_share_is_not_changed() {
    let share_flags = TreeFlags(Settings::default().share_flags.0 & !TreeFlags::WRITABLE.0);
    let rig = Rig::with(Settings {
        share_flags,
        ..Settings::default()
    });
    let fs = rig.host().fs_ref();
    fs.put("data/f", 1000, 0o666, &[7; 10]);
    let mut c = client(&rig);
    let file = open(&mut c, "f", A::MAXIMUM_ALLOWED);
    let key = resume_key(&mut c, file);
    assert_eq!(
        copy(&mut c, COPY, &key, file, &[(0, 5, 5)]).0,
        N::ACCESS_DENIED
    );
    assert_eq!(
        control(&mut c, CtlCode::SET_SPARSE, file, &[]).0,
        N::ACCESS_DENIED
    );
    assert_eq!(
        control(&mut c, CtlCode::SET_ZERO_DATA, file, &range(0, 5)).0,
        N::ACCESS_DENIED
    );
    assert_eq!(
        control(&mut c, CtlCode::SET_COMPRESSION, file, &[0, 0]).0,
        N::ACCESS_DENIED
    );
    assert_eq!(fs.get("data/f").unwrap(), [7; 10]);
}

#[test]
fn links() {
    let rig = Rig::new();
    let fs = rig.host().fs_ref();
    fs.symlink("data/relative", "some/where");
    fs.symlink("data/absolute", "/some/where");
    let mut c = client(&rig);
    for (name, target, relative) in [
        ("relative", "some\\where", true),
        ("absolute", "\\some\\where", false),
    ] {
        // As Linux opens it.
        let access = A::READ_ATTRIBUTES | A::READ_EA | A::SYNCHRONIZE;
        let link = c
            .create(name, access, D::OPEN, O::OPEN_REPARSE_POINT)
            .unwrap();
        let (status, output) = control(&mut c, CtlCode::GET_REPARSE_POINT, link, &[]);
        assert_eq!(status, N::SUCCESS);
        let ReparseData::Symlink {
            substitute_name,
            print_name,
            flags,
        } = ReparseData::parse(&output).unwrap()
        else {
            panic!("not a symbolic link");
        };
        assert!(substitute_name.eq_str(target) && print_name.eq_str(target));
        assert_eq!(flags.0 & 1 != 0, relative);
        let tight = IoctlRequest {
            max_output_response: output.len() as u32 - 1,
            ..request(CtlCode::GET_REPARSE_POINT, link, &[])
        };
        assert_eq!(send(&mut c, &tight).0, N::BUFFER_TOO_SMALL);
    }
}

#[test]
fn compression_and_object_ids() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"");
    let mut c = client(&rig);
    let file = open(&mut c, "f", ALL);
    assert_eq!(
        control(&mut c, CtlCode::GET_COMPRESSION, file, &[]),
        (N::SUCCESS, vec![0, 0])
    );
    for (input, status) in [
        (&[0, 0][..], N::SUCCESS),
        (&[1, 0], N::NOT_SUPPORTED),
        (&[2, 0], N::NOT_SUPPORTED),
        (&[3, 0], N::INVALID_PARAMETER),
        (&[0], N::INVALID_PARAMETER),
    ] {
        assert_eq!(
            control(&mut c, CtlCode::SET_COMPRESSION, file, input).0,
            status
        );
    }
    let (status, id) = control(&mut c, CtlCode::CREATE_OR_GET_OBJECT_ID, file, &[]);
    assert_eq!((status, id.len()), (N::SUCCESS, 64));
    let again = open(&mut c, "F", ALL);
    assert_eq!(
        control(&mut c, CtlCode::CREATE_OR_GET_OBJECT_ID, again, &[]).1,
        id
    );
}
