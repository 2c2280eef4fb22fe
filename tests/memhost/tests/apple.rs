// SPDX-License-Identifier: GPL-2.0-or-later
//! Apple's extensions: what a client is told, what entries of directories say, the two forks.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::{Reader, Writer};
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::acl::{Ace, AceFlags, AceType};
use proto_shared::dtyp::{SecurityDescriptor, Sid, Utf16};
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::fscc::FileInfoClass;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::apple::{
    AfpInfo, AppleEntry, AppleQuery, AppleServerCaps, AppleServerQuery,
};
use proto_shared::smb2::create_context::{name, CreateContextWriter, CreateContexts};
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags, SecurityInformation as S};
use proto_shared::smb2::{
    Command, CreateResponse, FileId, QueryDirectoryRequest, QueryDirectoryResponse,
    QueryInfoRequest, QueryInfoResponse, SetInfoRequest,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;
const INFO: &str = "f:AFP_AfpInfo";
const RESOURCE: &str = "f:AFP_Resource";
const XATTR: &std::ffi::CStr = c"user.DosStream.AFP_AfpInfo:$DATA";

fn rig(more: TreeFlags) -> Rig {
    let settings = Settings::default();
    let rig = Rig::with(Settings {
        share_flags: settings.share_flags | more,
        ..settings
    });
    rig.host().fs_ref().put("data/f", 1000, 0o640, b"content");
    rig
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

/// Opens the root as macOS does, and yields what it is told.
fn ask(c: &mut Client<'_>) -> Option<Vec<u8>> {
    let query = AppleServerQuery {
        request: AppleQuery::SERVER_CAPS | AppleQuery::VOLUME_CAPS | AppleQuery::MODEL_INFO,
        client_capabilities: AppleServerCaps::READ_DIR_ATTR | AppleServerCaps::UNIX_BASED,
    };
    let mut room = [0; 128];
    let mut w = Writer::new(&mut room);
    CreateContextWriter::new(&mut w)
        .add(name::APPLE, |b| query.write(b))
        .unwrap();
    let mut request = create_request(b"", A::READ_ATTRIBUTES, D::OPEN, O::NONE);
    request.contexts = CreateContexts::from_bytes(w.written()).unwrap();
    let message = c.call(Command::CREATE, |w| request.write(w)).unwrap();
    let message = message.ok().unwrap();
    let r = CreateResponse::parse(&message).unwrap();
    c.close(r.file_id).unwrap();
    r.contexts.find(name::APPLE).map(<[u8]>::to_vec)
}

/// What a listing says of `f`: the Apple part, and the file's number.
fn listed(c: &mut Client<'_>) -> (AppleEntry, u64) {
    let dir = c
        .create("", A::LIST_DIRECTORY, D::OPEN, O::DIRECTORY_FILE)
        .unwrap();
    let pattern = utf16("f");
    let request = QueryDirectoryRequest {
        info_class: FileInfoClass::ID_BOTH_DIRECTORY,
        flags: QueryDirectoryFlags::NONE,
        file_index: 0,
        file_id: dir,
        file_name: Utf16::new(&pattern).unwrap(),
        output_buffer_length: 4096,
    };
    let message = c
        .call(Command::QUERY_DIRECTORY, |w| request.write(w))
        .unwrap()
        .ok()
        .unwrap();
    let response = QueryDirectoryResponse::parse(&message).unwrap();
    c.close(dir).unwrap();
    // Behind links, index, times, sizes, attributes and the length of the name.
    let mut r = Reader::new(&response.output[64..]);
    (AppleEntry::parse(&mut r).unwrap(), r.u64().unwrap())
}

fn info(kind: &[u8; 8]) -> [u8; AfpInfo::LEN] {
    let mut all = *AfpInfo::empty().as_bytes();
    all[AfpInfo::FINDER_AT..AfpInfo::FINDER_AT + 8].copy_from_slice(kind);
    all
}

fn open(c: &mut Client<'_>, path: &str, disposition: D) -> Result<FileId, N> {
    c.create(path, ALL, disposition, O::NONE)
}

#[test]
fn only_shares_that_have_it_answer() {
    assert_eq!(ask(&mut client(&rig(TreeFlags::NONE))), None);
    let rig = rig(TreeFlags::APPLE | TreeFlags::TIME_MACHINE);
    let told = ask(&mut client(&rig)).unwrap();
    let n64 = |at: usize| u64::from_le_bytes(told[at..at + 8].try_into().unwrap());
    assert_eq!((n64(0), n64(8)), (1, 7), "command, and what follows");
    assert_eq!(n64(16), 0b1111, "entries, copies, Unix, permission bits");
    assert_eq!(n64(24), 4, "full sync");
}

#[test]
fn entries_say_what_the_finder_wants_to_know() {
    let rig = rig(TreeFlags::APPLE);
    let mut c = client(&rig);
    let s = open(&mut c, INFO, D::OPEN_IF).unwrap();
    c.write(s, 0, &info(b"TEXTttxt")).unwrap();
    let r = open(&mut c, RESOURCE, D::OPEN_IF).unwrap();
    c.write(r, 0, b"resources").unwrap();
    let (entry, id) = listed(&mut c);
    assert_ne!(id, 0);
    assert_ne!(entry.resource_size, 9, "nobody asked for it");

    ask(&mut c).unwrap();
    let (entry, id) = listed(&mut c);
    assert_eq!(id, 0);
    assert_eq!(entry.resource_size, 9);
    assert_eq!(entry.mode, 0o100_640);
    assert_eq!(entry.finder_info[..8], *b"TEXTttxt");
    assert!(entry.max_access.contains(A::READ_DATA | A::WRITE_DATA));
}

#[test]
fn finder_info_comes_and_goes_with_what_it_says() {
    let rig = rig(TreeFlags::APPLE);
    let fs = rig.host().fs_ref();
    let mut c = client(&rig);
    assert_eq!(
        open(&mut c, INFO, D::OPEN).map(drop),
        Err(N::OBJECT_NAME_NOT_FOUND)
    );
    let s = open(&mut c, INFO, D::OPEN_IF).unwrap();
    assert_eq!(fs.xattr("data/f", XATTR), None, "made only when written");
    assert_eq!(c.read(s, 0, 60).unwrap(), AfpInfo::empty().as_bytes());
    assert_eq!(c.read(s, 17, 4).unwrap(), b"AFP\0", "always the beginning");
    assert_eq!(c.read(s, 61, 4), Err(N::END_OF_FILE));

    c.write(s, 0, &info(b"TEXTttxt")).unwrap();
    assert_eq!(fs.xattr("data/f", XATTR).map(|v| v.len()), Some(61));
    for (offset, bad) in [
        (0, b"no".to_vec()),
        (0, vec![0; 60]),
        (4, b"AFP\0".to_vec()),
        (0, {
            let mut other = info(b"TEXTttxt");
            other[6] = 9;
            other.to_vec()
        }),
    ] {
        assert_eq!(c.write(s, offset, &bad), Err(N::INVALID_PARAMETER));
    }
    assert_eq!(c.read(s, 0, 60).unwrap(), info(b"TEXTttxt"));

    c.write(s, 0, &info(&[0; 8])).unwrap();
    assert_eq!(fs.xattr("data/f", XATTR), None, "says nothing");
    assert_eq!(
        open(&mut c, INFO, D::OPEN).map(drop),
        Err(N::OBJECT_NAME_NOT_FOUND)
    );
    c.write(s, 0, &info(b"APPLmine")).unwrap();
    c.close(s).unwrap();
    let s = open(&mut c, INFO, D::OPEN).unwrap();
    assert_eq!(c.read(s, 0, 60).unwrap(), info(b"APPLmine"));
}

#[test]
fn what_others_left_under_that_name_is_not_there() {
    let rig = rig(TreeFlags::APPLE);
    let fs = rig.host().fs_ref();
    fs.put_xattr("data/f", XATTR, b"too short\0");
    let mut c = client(&rig);
    assert_eq!(
        open(&mut c, INFO, D::OPEN).map(drop),
        Err(N::OBJECT_NAME_NOT_FOUND)
    );
    ask(&mut c).unwrap();
    assert_eq!(listed(&mut c).0.finder_info, [0; 16]);
    let s = open(&mut c, INFO, D::OPEN_IF).unwrap();
    assert_eq!(c.read(s, 0, 60).unwrap(), AfpInfo::empty().as_bytes());
}

#[test]
fn a_resource_fork_is_cut_off_but_not_deleted() {
    let rig = rig(TreeFlags::APPLE);
    let mut c = client(&rig);
    let s = open(&mut c, RESOURCE, D::OPEN_IF).unwrap();
    let missing = Err(N::OBJECT_NAME_NOT_FOUND);
    assert_eq!(open(&mut c, RESOURCE, D::OPEN).map(drop), missing);
    c.write(s, 0, b"resources").unwrap();
    c.close(s).unwrap();
    let s = c
        .create(RESOURCE, ALL, D::OPEN, O::DELETE_ON_CLOSE)
        .unwrap();
    c.close(s).unwrap();
    let s = open(&mut c, RESOURCE, D::OPEN).unwrap();
    assert_eq!(c.read(s, 0, 20).unwrap(), b"resources");
    c.close(s).unwrap();
    let s = open(&mut c, RESOURCE, D::OVERWRITE).unwrap();
    c.close(s).unwrap();
    assert_eq!(open(&mut c, RESOURCE, D::OPEN).map(drop), missing);
}

fn dacl(c: &mut Client<'_>, file_id: FileId) -> Vec<u8> {
    let request = QueryInfoRequest {
        info_type: InfoType::SECURITY,
        info_class: 0,
        output_buffer_length: 4096,
        input: &[],
        additional_information: S::DACL.0,
        flags: QueryInfoFlags::NONE,
        file_id,
    };
    let message = c
        .call(Command::QUERY_INFO, |w| request.write(w))
        .unwrap()
        .ok()
        .unwrap();
    QueryInfoResponse::parse(&message).unwrap().output.to_vec()
}

fn set_dacl(c: &mut Client<'_>, file_id: FileId, buffer: &[u8]) -> N {
    let request = SetInfoRequest {
        info_type: InfoType::SECURITY,
        info_class: 0,
        additional_information: S::DACL.0,
        file_id,
        buffer,
    };
    let reply = c.call(Command::SET_INFO, |w| request.write(w)).unwrap();
    reply.status()
}

/// The Unix entries at the end of a list, and how many others there are.
fn entries(bytes: &[u8]) -> (usize, Vec<(u32, u32)>) {
    let sd = SecurityDescriptor::parse(bytes).unwrap();
    let unix = |ace: &Ace<'_>| match ace.sid.sub_authorities() {
        [88, kind, value] => Some((*kind, *value)),
        _ => None,
    };
    let all: Vec<_> = sd.dacl.acl().unwrap().aces().collect();
    let found: Vec<_> = all.iter().filter_map(unix).collect();
    (all.len() - found.len(), found)
}

/// The list with another mode.
fn with_mode(bytes: &[u8], mode: u32) -> Vec<u8> {
    let sd = SecurityDescriptor::parse(bytes).unwrap();
    let mut out = vec![0; bytes.len()];
    let mut w = Writer::new(&mut out);
    sd.write_with_dacl(&mut w, |list| {
        for ace in sd.dacl.acl().unwrap().aces() {
            let ace = match ace.sid.as_unix_mode() {
                Some(_) => Ace::new(
                    AceType::ACCESS_DENIED,
                    AceFlags::NONE,
                    A::NONE,
                    Sid::new(5, &[88, 3, mode]).unwrap(),
                ),
                None => ace,
            };
            list.push(&ace)?;
        }
        Ok(())
    })
    .unwrap();
    let len = w.len();
    out.truncate(len);
    out
}

#[test]
fn lists_end_with_permission_bits_that_chmod_changes() {
    for more in [TreeFlags::APPLE, TreeFlags::APPLE | TreeFlags::ACL_XATTR] {
        let rig = rig(more);
        let mut c = client(&rig);
        let f = open(&mut c, "f", D::OPEN).unwrap();
        // Nobody else's list has them.
        let (others, unix) = entries(&dacl(&mut c, f));
        assert_eq!(unix, []);
        ask(&mut c).unwrap();
        let told = dacl(&mut c, f);
        let want = |mode: u32| (others, vec![(1, 1000), (2, 1000), (3, 0o100_000 | mode)]);
        assert_eq!(entries(&told), want(0o640));
        assert_eq!(
            set_dacl(&mut c, f, &with_mode(&told, 0o100_600)),
            N::SUCCESS
        );
        assert_eq!(entries(&dacl(&mut c, f)).1, want(0o600).1);
        // With the bits that it has a list is one to be stored, without them.
        let told = dacl(&mut c, f);
        let stores = more.contains(TreeFlags::ACL_XATTR);
        let status = set_dacl(&mut c, f, &told);
        assert_eq!(status == N::SUCCESS, stores, "{status:?}");
        if stores {
            let value = rig
                .host()
                .fs_ref()
                .xattr("data/f", c"security.NTACL")
                .unwrap();
            assert!(!value.windows(8).any(|w| w == [88, 0, 0, 0, 3, 0, 0, 0]));
            assert_eq!(entries(&dacl(&mut c, f)).1, want(0o600).1);
        }
    }
}
