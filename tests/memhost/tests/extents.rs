// SPDX-License-Identifier: GPL-2.0-or-later
//! Holes, and blocks that files share.

use ksmbd_memhost::client::{Client, Options};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::fscc::CtlCode;
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::{Command, FileId, IoctlRequest, IoctlResponse};
use proto_shared::status::NtStatus as N;

const PAGE: u64 = 4096;

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(
        rig,
        Options {
            sign: true,
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    c
}

fn ioctl(
    c: &mut Client<'_>,
    file_id: FileId,
    ctl_code: CtlCode,
    input: &[u8],
    room: u32,
) -> (N, Vec<u8>) {
    let request = IoctlRequest {
        ctl_code,
        file_id,
        input,
        max_input_response: 0,
        max_output_response: room,
        flags: IoctlFlags::IS_FSCTL,
    };
    let header = c.header(Command::IOCTL);
    let reply = c
        .exchange(Client::message(&header, |w| request.write(w), 0))
        .unwrap();
    let status = reply.status();
    let output = match status {
        N::SUCCESS | N::BUFFER_OVERFLOW => IoctlResponse::parse(&reply.message)
            .unwrap()
            .output
            .to_vec(),
        _ => Vec::new(),
    };
    (status, output)
}

fn numbers(all: &[u64]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn ranges(c: &mut Client<'_>, f: FileId, ask: (u64, u64), room: u32) -> (N, Vec<(u64, u64)>) {
    let input = numbers(&[ask.0, ask.1]);
    let (status, out) = ioctl(c, f, CtlCode::QUERY_ALLOCATED_RANGES, &input, room);
    let n = |b: &[u8]| u64::from_le_bytes(b.try_into().unwrap());
    let told = out.chunks(16).map(|r| (n(&r[..8]), n(&r[8..])));
    (status, told.collect())
}

fn sparse(c: &mut Client<'_>, f: FileId) {
    let (status, _) = ioctl(c, f, CtlCode::SET_SPARSE, &[1], 0);
    assert_eq!(status, N::SUCCESS);
}

#[test]
fn holes_are_told() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let f = c
        .create("f", A::FILE_ALL_ACCESS, D::CREATE, O::NONE)
        .unwrap();
    c.write(f, 0, &[1; 100]).unwrap();
    c.write(f, 4 * PAGE, &[1; 100]).unwrap();
    let end = 4 * PAGE + 100;
    // Without the attribute all counts as allocated.
    assert_eq!(
        ranges(&mut c, f, (0, 1 << 20), 64),
        (N::SUCCESS, vec![(0, end)])
    );
    sparse(&mut c, f);
    let both = vec![(0, PAGE), (4 * PAGE, 100)];
    assert_eq!(ranges(&mut c, f, (0, 1 << 20), 64), (N::SUCCESS, both));
    assert_eq!(
        ranges(&mut c, f, (10, 4 * PAGE), 64),
        (N::SUCCESS, vec![(10, PAGE - 10), (4 * PAGE, 10)])
    );
    assert_eq!(
        ranges(&mut c, f, (0, 1 << 20), 16),
        (N::BUFFER_OVERFLOW, vec![(0, PAGE)])
    );
    assert_eq!(
        ranges(&mut c, f, (0, 1 << 20), 15),
        (N::BUFFER_TOO_SMALL, vec![])
    );
    // A hole needs no room, and neither does what lies behind the end.
    assert_eq!(ranges(&mut c, f, (PAGE, 2 * PAGE), 0), (N::SUCCESS, vec![]));
    assert_eq!(ranges(&mut c, f, (end, 10), 0), (N::SUCCESS, vec![]));
    // What is zeroed is a hole again.
    let zero = numbers(&[0, PAGE]);
    assert_eq!(
        ioctl(&mut c, f, CtlCode::SET_ZERO_DATA, &zero, 0).0,
        N::SUCCESS
    );
    assert_eq!(
        ranges(&mut c, f, (0, 1 << 20), 64),
        (N::SUCCESS, vec![(4 * PAGE, 100)])
    );
}

#[test]
fn blocks_are_shared() {
    let rig = Rig::new();
    let (from, to) = (vec![7; 3 * 4096], vec![1; 3 * 4096]);
    rig.host().fs_ref().put("data/from", 1000, 0o666, &from);
    rig.host().fs_ref().put("data/to", 1000, 0o666, &to);
    let mut c = client(&rig);
    let all = A::FILE_ALL_ACCESS;
    let from = c.create("from", all, D::OPEN, O::NONE).unwrap();
    let to = c.create("to", all, D::OPEN, O::NONE).unwrap();
    let ask = |c: &mut Client<'_>, source: FileId, target: FileId, at: [u64; 3]| {
        let input = numbers(&[source.persistent, source.volatile, at[0], at[1], at[2]]);
        ioctl(c, target, CtlCode::DUPLICATE_EXTENTS_TO_FILE, &input, 0).0
    };
    let whole = [0, PAGE, PAGE];
    assert_eq!(ask(&mut c, from, to, whole), N::SUCCESS);
    assert_eq!(c.read(to, PAGE - 1, 3).unwrap(), [1, 7, 7]);
    assert_eq!(c.read(to, 2 * PAGE, 1).unwrap(), [1]);
    for (at, want) in [
        ([0, 0, 0], N::SUCCESS),
        ([1, 0, PAGE], N::INVALID_PARAMETER),
        ([0, 0, 4 * PAGE], N::NOT_SUPPORTED),
        ([0, 2 * PAGE, 2 * PAGE], N::NOT_SUPPORTED),
        ([0, i64::MAX as u64, 1], N::INVALID_PARAMETER),
    ] {
        assert_eq!(ask(&mut c, from, to, at), want, "{at:?}");
    }
    // Within one file, as long as the two do not overlap.
    assert_eq!(ask(&mut c, to, to, [PAGE, 0, PAGE]), N::SUCCESS);
    assert_eq!(ask(&mut c, to, to, [0, PAGE, 2 * PAGE]), N::NOT_SUPPORTED);
    let nobody = FileId {
        persistent: from.persistent,
        volatile: from.volatile + 100,
    };
    assert_eq!(ask(&mut c, nobody, to, whole), N::INVALID_HANDLE);
    let reader = c.create("to", A::READ_DATA, D::OPEN, O::NONE).unwrap();
    assert_eq!(ask(&mut c, from, reader, whole), N::ACCESS_DENIED);
    // A file that is not sparse gets no holes.
    sparse(&mut c, from);
    assert_eq!(ask(&mut c, from, to, whole), N::NOT_SUPPORTED);
    sparse(&mut c, to);
    assert_eq!(ask(&mut c, from, to, whole), N::SUCCESS);
}

fn trim(c: &mut Client<'_>, f: FileId, all: &[(u64, u64)], room: u32) -> (N, Vec<u8>) {
    let mut input = 0u32.to_le_bytes().to_vec();
    input.extend((all.len() as u32).to_le_bytes());
    for (from, len) in all {
        input.extend(numbers(&[*from, *len]));
    }
    ioctl(c, f, CtlCode::FILE_LEVEL_TRIM, &input, room)
}

#[test]
fn what_is_trimmed_is_given_back() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let f = c
        .create("f", A::FILE_ALL_ACCESS, D::CREATE, O::NONE)
        .unwrap();
    let size = 4 * PAGE as usize + 100;
    c.write(f, 0, &vec![7; size]).unwrap();
    // Whole pages only: of the first range the second page, of the second one nothing.
    let asked = [(100, 2 * PAGE - 100), (3 * PAGE + 1, PAGE - 2)];
    let (status, out) = trim(&mut c, f, &asked, 4);
    assert_eq!((status, out), (N::SUCCESS, vec![2, 0, 0, 0]));
    let data = c.read(f, 0, size as u32).unwrap();
    let zeros = data.iter().filter(|b| **b == 0).count();
    assert_eq!((data.len(), zeros), (size, PAGE as usize));
    assert!(data[PAGE as usize..2 * PAGE as usize]
        .iter()
        .all(|b| *b == 0));
    // What lies behind the end is nobody's, and the size stays.
    let (status, out) = trim(&mut c, f, &[(4 * PAGE, 1 << 40), (1 << 50, 5)], 64);
    assert_eq!((status, out), (N::SUCCESS, vec![2, 0, 0, 0]));
    let data = c.read(f, 0, 1 << 16).unwrap();
    assert_eq!(data.len(), size);
    assert!(data[4 * PAGE as usize..].iter().all(|b| *b == 0));
}

#[test]
fn trim_needs_rights_room_and_ranges() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let f = c
        .create("f", A::FILE_ALL_ACCESS, D::CREATE, O::NONE)
        .unwrap();
    c.write(f, 0, &[7; 100]).unwrap();
    let status = |c: &mut Client<'_>, f, all: &[(u64, u64)], room| trim(c, f, all, room).0;
    let whole = [(0, PAGE)];
    assert_eq!(status(&mut c, f, &whole, 3), N::INVALID_PARAMETER);
    assert_eq!(status(&mut c, f, &[], 4), N::INVALID_PARAMETER);
    assert_eq!(
        status(&mut c, f, &[(0, 1), (u64::MAX, 2)], 4),
        N::INTEGER_OVERFLOW
    );
    assert_eq!(
        status(&mut c, f, &[(i64::MAX as u64, 1)], 4),
        N::INTEGER_OVERFLOW
    );
    let short = ioctl(&mut c, f, CtlCode::FILE_LEVEL_TRIM, &[0; 7], 4).0;
    assert_eq!(short, N::INVALID_PARAMETER);
    let mut lie = vec![0; 24];
    lie[4] = 2;
    let lies = ioctl(&mut c, f, CtlCode::FILE_LEVEL_TRIM, &lie, 4).0;
    assert_eq!(lies, N::INVALID_PARAMETER);
    for access in [A::READ_DATA, A::APPEND_DATA | A::READ_DATA] {
        let g = c.create("f", access, D::OPEN, O::NONE).unwrap();
        assert_eq!(status(&mut c, g, &whole, 4), N::ACCESS_DENIED);
        c.close(g).unwrap();
    }
    let d = c
        .create("", A::WRITE_DATA, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    assert_eq!(status(&mut c, d, &whole, 4), N::INVALID_PARAMETER);
    assert_eq!(c.read(f, 0, 100).unwrap(), [7; 100]);
}
