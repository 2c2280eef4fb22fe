// SPDX-License-Identifier: GPL-2.0-or-later
//! Access-based enumeration: on a share that hides what a user cannot read, neither listings nor notifications name it.

use ksmbd_memhost::client::{utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::{Ace, AceFlags, SecurityDescriptor, Sid, Utf16};
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::fscc::{directory, FileInfoClass};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::change_notify::{notify_entries, ChangeNotifyFlags, CompletionFilter};
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::query_info::{InfoType, SecurityInformation};
use proto_shared::smb2::tree_connect::ShareFlags;
use proto_shared::smb2::{
    ChangeNotifyRequest, ChangeNotifyResponse, Command, FileId, Header, QueryDirectoryRequest,
    QueryDirectoryResponse, SetInfoRequest, TreeConnectRequest, TreeConnectResponse,
};
use proto_shared::status::NtStatus as N;

fn rig(flags: TreeFlags) -> Rig {
    let mut settings = Settings::default();
    settings.share_flags |= flags;
    Rig::with(settings)
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn dir(c: &mut Client<'_>, path: &str) -> FileId {
    c.create(path, A::LIST_DIRECTORY, D::OPEN, O::DIRECTORY_FILE)
        .unwrap()
}

fn names(c: &mut Client<'_>, dir: FileId, pattern: &str) -> Vec<String> {
    let pattern = utf16(pattern);
    let request = QueryDirectoryRequest {
        info_class: FileInfoClass::NAMES,
        flags: QueryDirectoryFlags::REOPEN,
        file_index: 0,
        file_id: dir,
        file_name: Utf16::new(&pattern).unwrap(),
        output_buffer_length: 65_536,
    };
    let reply = c
        .call(Command::QUERY_DIRECTORY, |w| request.write(w))
        .unwrap();
    if reply.status() == N::NO_SUCH_FILE {
        return Vec::new();
    }
    let message = reply.ok().unwrap();
    let response = QueryDirectoryResponse::parse(&message).unwrap();
    let mut names: Vec<String> = directory::entries(FileInfoClass::NAMES, response.output)
        .map(|e| {
            let mut buf = [0; 1024];
            e.unwrap().name.to_utf8(&mut buf).unwrap().to_owned()
        })
        .filter(|n| n != "." && n != "..")
        .collect();
    names.sort();
    names
}

/// Gives a file a list that allows its owner `mask` and nobody anything else.
fn allow(c: &mut Client<'_>, path: &str, mask: A) {
    let file = c.create(path, A::WRITE_DAC, D::OPEN, O::NONE).unwrap();
    let mut buf = vec![0; 512];
    let mut w = Writer::new(&mut buf);
    SecurityDescriptor::default()
        .write_with_dacl(&mut w, |acl| {
            acl.push(&Ace::allow(AceFlags::NONE, mask, Sid::unix_user(1000)))
        })
        .unwrap();
    let request = SetInfoRequest {
        info_type: InfoType::SECURITY,
        info_class: 0,
        additional_information: SecurityInformation::DACL.0,
        file_id: file,
        buffer: w.written(),
    };
    let reply = c.call(Command::SET_INFO, |w| request.write(w)).unwrap();
    assert_eq!(reply.status(), N::SUCCESS);
    c.close(file).unwrap();
}

/// Waits for changes below a directory; yields the request's id.
fn watch(c: &mut Client<'_>, dir: FileId) -> u64 {
    let req = ChangeNotifyRequest {
        flags: ChangeNotifyFlags::WATCH_TREE,
        output_buffer_length: 4096,
        file_id: dir,
        completion_filter: CompletionFilter(
            CompletionFilter::FILE_NAME.0 | CompletionFilter::LAST_WRITE.0,
        ),
    };
    let header = c.header(Command::CHANGE_NOTIFY);
    c.send(Client::message(&header, |w| req.write(w), 0));
    header.message_id
}

fn told(c: &mut Client<'_>, request: u64) -> Option<Vec<String>> {
    // It may have come while another answer was waited for.
    let early = c.unasked.iter().find(|m| {
        let header = Header::parse(m).unwrap();
        header.message_id == request && header.status != N::PENDING
    });
    let message = match early {
        Some(message) => message.clone(),
        None => c.reply_to(request).ok()?.message,
    };
    let reply = ChangeNotifyResponse::parse(&message).unwrap();
    let name = |e: Utf16<'_>| e.chars().map(|c| c.unwrap()).collect();
    Some(
        notify_entries(reply.output)
            .map(|e| name(e.unwrap().1))
            .collect(),
    )
}

fn share_flags(c: &mut Client<'_>) -> ShareFlags {
    let path = utf16("\\\\memhost\\data");
    let request = TreeConnectRequest {
        flags: Default::default(),
        path: Utf16::new(&path).unwrap(),
        context_count: 0,
    };
    let reply = c.call(Command::TREE_CONNECT, |w| request.write(w)).unwrap();
    TreeConnectResponse::parse(&reply.ok().unwrap())
        .unwrap()
        .share_flags
}

#[test]
fn permission_bits_hide() {
    let rig = rig(TreeFlags::HIDE_UNREADABLE);
    let fs = rig.host().fs_ref();
    fs.mkdir("data/open", 1000, 0o755);
    fs.mkdir("data/shut", 0, 0o711);
    fs.put("data/mine", 1000, 0o600, b"");
    fs.put("data/others", 0, 0o600, b"");
    let mut c = client(&rig);
    let top = dir(&mut c, "");
    assert_eq!(names(&mut c, top, "*"), ["mine", "open"]);
    // A name that is asked for is no more there than one that is listed.
    assert!(names(&mut c, top, "others").is_empty());
    assert!(names(&mut c, top, "OTHERS").is_empty());
}

#[test]
fn stored_lists_hide() {
    let rig = rig(TreeFlags::HIDE_UNREADABLE | TreeFlags::ACL_XATTR);
    let fs = rig.host().fs_ref();
    let read = A::READ_DATA | A::READ_EA | A::READ_ATTRIBUTES | A::READ_CONTROL;
    for name in ["none", "some", "all"] {
        fs.put(&format!("data/{name}"), 1000, 0o644, b"");
    }
    let mut c = client(&rig);
    allow(&mut c, "all", read);
    allow(
        &mut c,
        "some",
        A::READ_ATTRIBUTES | A::READ_CONTROL | A::WRITE_DATA,
    );
    allow(&mut c, "none", A::WRITE_DATA);
    let top = dir(&mut c, "");
    assert_eq!(names(&mut c, top, "*"), ["all"]);
}

#[test]
fn nothing_is_hidden_unless_the_share_says_so() {
    let rig = rig(TreeFlags::ACL_XATTR);
    rig.host().fs_ref().put("data/others", 0, 0o600, b"");
    rig.host().fs_ref().put("data/f", 1000, 0o644, b"");
    let mut c = client(&rig);
    allow(&mut c, "f", A::WRITE_DATA);
    let top = dir(&mut c, "");
    assert_eq!(names(&mut c, top, "*"), ["f", "others"]);
    assert_eq!(share_flags(&mut c), ShareFlags::NONE);
}

#[test]
fn clients_are_told_that_the_share_hides() {
    let rig = rig(TreeFlags::HIDE_UNREADABLE);
    let mut c = client(&rig);
    assert_eq!(share_flags(&mut c), ShareFlags::ACCESS_BASED_DIRECTORY_ENUM);
}

#[test]
fn changes_of_what_is_hidden_are_not_told() {
    let rig = rig(TreeFlags::HIDE_UNREADABLE | TreeFlags::ACL_XATTR);
    let fs = rig.host().fs_ref();
    fs.put("data/hidden", 1000, 0o644, b"");
    fs.mkdir("data/sub", 1000, 0o755);
    let mut c = client(&rig);
    let top = dir(&mut c, "");
    allow(&mut c, "hidden", A::WRITE_DATA | A::WRITE_DAC);
    let request = watch(&mut c, top);
    let hidden = c.create("hidden", A::WRITE_DATA, D::OPEN, O::NONE).unwrap();
    c.write(hidden, 0, b"x").unwrap();
    c.close(hidden).unwrap();
    assert_eq!(told(&mut c, request), None);
    let seen = c
        .create("sub\\seen", A::WRITE_DATA, D::CREATE, O::NONE)
        .unwrap();
    c.close(seen).unwrap();
    assert_eq!(told(&mut c, request), Some(vec!["sub\\seen".to_owned()]));
}

#[test]
fn what_happens_in_a_directory_that_a_stored_list_shuts_is_not_told() {
    let rig = rig(TreeFlags::ACL_XATTR);
    rig.host().fs_ref().mkdir("data/shut", 1000, 0o755);
    let mut c = client(&rig);
    let top = dir(&mut c, "");
    // One may make files there, and not list them.
    allow(&mut c, "shut", A::ADD_FILE | A::TRAVERSE);
    let request = watch(&mut c, top);
    let file = c
        .create("shut\\f", A::WRITE_DATA, D::CREATE, O::NONE)
        .unwrap();
    c.close(file).unwrap();
    assert_eq!(told(&mut c, request), None);
}
