// SPDX-License-Identifier: GPL-2.0-or-later
//! Related messages of a compound and the open that they mean ([MS-SMB2] 3.3.5.2.7.2).

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions};
use proto_shared::fscc::FileInfoClass;
use proto_shared::smb2::close::CloseFlags;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags};
use proto_shared::smb2::{CloseRequest, Command, FileId, HeaderFlags, QueryInfoRequest};
use proto_shared::status::NtStatus as N;

/// Joins messages to one frame; all but the first are related.
fn compound(messages: Vec<Vec<u8>>) -> Vec<u8> {
    let mut frame = Vec::new();
    let count = messages.len();
    for (n, mut message) in messages.into_iter().enumerate() {
        if n > 0 {
            message[16] |= HeaderFlags::RELATED_OPERATIONS.0 as u8;
        }
        if n + 1 < count {
            message.resize(message.len().next_multiple_of(8), 0);
            let next = (message.len() as u32).to_le_bytes();
            message[20..24].copy_from_slice(&next);
        }
        frame.extend_from_slice(&message);
    }
    frame
}

/// CREATE, QUERY_INFO and CLOSE in one frame, the latter two with these ids; their statuses.
fn three(c: &mut Client<'_>, path: &str, query: FileId, close: FileId) -> [N; 3] {
    let name = utf16(path);
    let create = create_request(
        &name,
        AccessMask::FILE_ALL_ACCESS,
        D::OPEN,
        CreateOptions::NONE,
    );
    let query = QueryInfoRequest {
        info_type: InfoType::FILE,
        info_class: FileInfoClass::STANDARD.0,
        output_buffer_length: 1024,
        input: &[],
        additional_information: 0,
        flags: QueryInfoFlags::NONE,
        file_id: query,
    };
    let close = CloseRequest {
        flags: CloseFlags::NONE,
        file_id: close,
    };
    let headers = [
        c.header(Command::CREATE),
        c.header(Command::QUERY_INFO),
        c.header(Command::CLOSE),
    ];
    let frame = compound(vec![
        Client::message(&headers[0], |w| create.write(w), 0),
        Client::message(&headers[1], |w| query.write(w), 0),
        Client::message(&headers[2], |w| close.write(w), 0),
    ]);
    c.send_raw(&frame);
    // All replies come in one frame; what is not asked for first is kept.
    let last = c.reply_to(headers[2].message_id).unwrap().status();
    let of = |id: u64| {
        let found = c.unasked.iter().find(|m| m[24..32] == id.to_le_bytes());
        let message = found.expect("every message is answered");
        N(u32::from_le_bytes(message[8..12].try_into().unwrap()))
    };
    [of(headers[0].message_id), of(headers[1].message_id), last]
}

#[test]
fn related_messages_mean_the_open_that_was_made() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"content");
    let mut c = Client::log_in(&rig, Options::default());
    c.tree_connect("data").unwrap();
    let ones = FileId::ALL_ONES;
    assert_eq!(three(&mut c, "f", ones, ones), [N::SUCCESS; 3]);
    // An id that names no open means the same.
    let stale = FileId {
        persistent: 77,
        volatile: 78,
    };
    assert_eq!(three(&mut c, "f", stale, ones), [N::SUCCESS; 3]);
    // One that does is taken as it is.
    let other = c
        .create(
            "f",
            AccessMask::FILE_ALL_ACCESS,
            D::OPEN,
            CreateOptions::NONE,
        )
        .unwrap();
    assert_eq!(three(&mut c, "f", ones, other), [N::SUCCESS; 3]);
    assert_eq!(c.close(other), Err(N::FILE_CLOSED));
    // Without an open there is nothing to mean.
    let no = N::OBJECT_NAME_NOT_FOUND;
    assert_eq!(three(&mut c, "no", ones, ones), [no; 3]);
    assert_eq!(three(&mut c, "no", stale, ones), [no, N::FILE_CLOSED, no]);
}

/// The log-in ended: the session is still there, so each message is told so, and none that it makes no sense.
#[test]
fn all_of_an_expired_session_are_told_so() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"f");
    let now = rig.host().clock().wall();
    let end = proto_shared::dtyp::FileTime::from_unix(now.sec + 1, now.nsec);
    rig.daemon.lock().unwrap().expiry = end.0;
    let mut c = Client::log_in(&rig, Options::default());
    c.tree_connect("data").unwrap();
    rig.advance_ms(1500);
    let expired = N::NETWORK_SESSION_EXPIRED;
    let all = three(&mut c, "f", FileId::ALL_ONES, FileId::ALL_ONES);
    assert_eq!(all, [expired; 3]);
}
