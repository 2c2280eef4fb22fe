// SPDX-License-Identifier: GPL-2.0-or-later
//! Replies and notifications.

use super::data::*;
use super::{assert_body, assert_truncations, body, message, FILE_ID};
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::{FileTime, Guid, Utf16};
use proto_shared::fscc::{CreateAction, CtlCode, FileAttributes};
use proto_shared::smb2::change_notify::{notify_entries, NotifyAction, NotifyWriter};
use proto_shared::smb2::close::CloseFlags;
use proto_shared::smb2::create::CreateResponseFlags;
use proto_shared::smb2::create_context::{name, MaximalAccess};
use proto_shared::smb2::error::{ErrorData, SymlinkError, SymlinkFlags};
use proto_shared::smb2::negotiate_context::{NegotiateContext, NegotiateContexts};
use proto_shared::smb2::oplock_break::LeaseBreakFlags;
use proto_shared::smb2::session_setup::SessionFlags;
use proto_shared::smb2::tree_connect::{ShareCapabilities, ShareFlags, ShareType};
use proto_shared::smb2::types::U16List;
use proto_shared::smb2::{
    Capabilities, ChangeNotifyResponse, CloseResponse, CreateResponse, Dialect, EchoResponse,
    ErrorResponse, FileId, FlushResponse, IoctlResponse, LeaseBreakNotification, LeaseKey,
    LeaseState, LockResponse, LogoffResponse, NegotiateResponse, OplockLevel,
    QueryDirectoryResponse, QueryInfoResponse, ReadResponse, SecurityMode, SessionSetupResponse,
    SetInfoResponse, TreeConnectResponse, TreeDisconnectResponse, WriteResponse,
};
use proto_shared::status::NtStatus;

fn count_up<const N: usize>() -> [u8; N] {
    core::array::from_fn(|i| i as u8)
}

/// 2024-01-02 03:04:05 UTC.
const TIME: FileTime = FileTime::from_unix(1_704_164_645, 0);

#[test]
fn negotiate() {
    let msg = message(NEGOTIATE_RSP);
    let salt = count_up::<32>();
    let contexts = [
        NegotiateContext::PreauthIntegrity {
            hashes: U16List::one(&[1, 0]),
            salt: &salt,
        },
        NegotiateContext::Encryption {
            ciphers: U16List::one(&[2, 0]),
        },
    ];
    let rsp = NegotiateResponse {
        security_mode: SecurityMode::SIGNING_ENABLED,
        dialect: Dialect::SMB3_1_1,
        server_guid: Guid(count_up()),
        capabilities: Capabilities(0x6F),
        max_transact_size: 8 << 20,
        max_read_size: 4 << 20,
        max_write_size: 4 << 20,
        system_time: FileTime(133_485_408_000_000_000),
        server_start_time: FileTime::ZERO,
        security_buffer: b"token",
        contexts: NegotiateContexts::from_values(&contexts),
    };
    assert_body(&msg, |w| rsp.write(w));
    let parsed = NegotiateResponse::parse(&msg).unwrap();
    assert!(parsed.context_iter().eq(contexts));
    assert_body(&msg, |w| parsed.write(w));
    assert_truncations(&msg, msg.len() - 64, |m| {
        NegotiateResponse::parse(m).map(|_| ())
    });
    // Other dialects have no contexts.
    let old = NegotiateResponse {
        dialect: Dialect::SMB3_0_2,
        ..rsp
    };
    let made = body(|w| old.write(w));
    assert_eq!(made.len(), 64 + 5);
    assert_eq!((&made[6..8], &made[60..64]), (&[0, 0][..], &[0; 4][..]));
}

#[test]
fn session_setup_and_tree_connect() {
    let msg = message(SESSION_SETUP_RSP);
    let rsp = SessionSetupResponse::parse(&msg).unwrap();
    assert_eq!(rsp.session_flags, SessionFlags::ENCRYPT_DATA);
    assert_eq!(rsp.security_buffer, b"token");
    assert_body(&msg, |w| rsp.write(w));
    assert_truncations(&msg, 13, |m| SessionSetupResponse::parse(m).map(|_| ()));

    let msg = message(TREE_CONNECT_RSP);
    let rsp = TreeConnectResponse::parse(&msg).unwrap();
    assert_eq!(
        rsp,
        TreeConnectResponse {
            share_type: ShareType::DISK,
            share_flags: ShareFlags::NO_CACHING,
            capabilities: ShareCapabilities::NONE,
            maximal_access: AccessMask::FILE_ALL_ACCESS,
        }
    );
    assert_body(&msg, |w| rsp.write(w));
    assert_truncations(&msg, 16, TreeConnectResponse::parse);
}

#[test]
fn bodies_without_content() {
    let msg = message(ECHO_REQ);
    let (echo, lock) = (EchoResponse, LockResponse);
    assert_eq!(EchoResponse::parse(&msg), Ok(echo));
    assert_eq!(LogoffResponse::parse(&msg), Ok(LogoffResponse));
    assert_eq!(
        TreeDisconnectResponse::parse(&msg),
        Ok(TreeDisconnectResponse)
    );
    assert_eq!(FlushResponse::parse(&msg), Ok(FlushResponse));
    assert_eq!(LockResponse::parse(&msg), Ok(lock));
    assert_body(&msg, |w| echo.write(w));
    assert_body(&msg, |w| lock.write(w));
    assert_body(&msg, |w| FlushResponse.write(w));
    assert_body(&msg, |w| LogoffResponse.write(w));
    assert_body(&msg, |w| TreeDisconnectResponse.write(w));
    let msg = message(SET_INFO_RSP);
    assert_eq!(SetInfoResponse::parse(&msg), Ok(SetInfoResponse));
    assert_body(&msg, |w| SetInfoResponse.write(w));
}

#[test]
fn create_and_close() {
    let msg = message(CREATE_RSP);
    let rsp = CreateResponse::parse(&msg).unwrap();
    assert_eq!(rsp.oplock_level, OplockLevel::LEASE);
    assert_eq!(rsp.flags, CreateResponseFlags::NONE);
    assert_eq!(rsp.create_action, CreateAction::OPENED);
    assert_eq!((rsp.creation_time, rsp.change_time), (TIME, TIME));
    assert_eq!((rsp.allocation_size, rsp.end_of_file), (4096, 77));
    assert_eq!(rsp.file_attributes, FileAttributes::ARCHIVE);
    assert_eq!(rsp.file_id, FILE_ID);
    let access = MaximalAccess {
        query_status: NtStatus::SUCCESS,
        maximal_access: AccessMask::FILE_ALL_ACCESS,
    };
    let data = rsp.contexts.find(name::MAXIMAL_ACCESS).unwrap();
    assert_eq!(MaximalAccess::parse(data), Ok(access));
    assert_body(&msg, |w| rsp.write(w));
    assert_body(&msg, |w| {
        rsp.write_with(w, |c| c.add(name::MAXIMAL_ACCESS, |w| access.write(w)))
    });
    assert_truncations(&msg, 120, |m| CreateResponse::parse(m).map(|_| ()));
    // No context: offset and length are zero, nothing follows.
    let made = body(|w| rsp.write_with(w, |_| Ok(())));
    assert_eq!(made.len(), 88);
    assert_eq!(made[80..], [0; 8]);

    let msg = message(CLOSE_RSP);
    let rsp = CloseResponse::parse(&msg).unwrap();
    assert_eq!(rsp.flags, CloseFlags::POSTQUERY_ATTRIB);
    assert_eq!((rsp.last_write_time, rsp.end_of_file), (TIME, 77));
    assert_body(&msg, |w| rsp.write(w));
    assert_truncations(&msg, 60, CloseResponse::parse);
}

#[test]
fn read_and_write() {
    let msg = message(READ_RSP);
    let (rsp, data) = ReadResponse::parse(&msg).unwrap();
    assert_eq!((rsp.data_length, data), (7, &b"payload"[..]));
    assert_eq!(body(|w| rsp.write(w)), &msg[64..80]);
    assert_truncations(&msg, 23, |m| ReadResponse::parse(m).map(|_| ()));

    let msg = message(WRITE_RSP);
    let rsp = WriteResponse::parse(&msg).unwrap();
    assert_eq!(rsp.count, 5);
    assert_body(&msg, |w| rsp.write(w));
    assert_truncations(&msg, 16, WriteResponse::parse);
}

#[test]
fn outputs() {
    let msg = message(IOCTL_RSP);
    let rsp = IoctlResponse::parse(&msg).unwrap();
    assert_eq!(rsp.ctl_code, CtlCode::VALIDATE_NEGOTIATE_INFO);
    assert_eq!((rsp.file_id, rsp.output), (FileId::ALL_ONES, &[1; 24][..]));
    assert_body(&msg, |w| rsp.write(w));
    assert_truncations(&msg, 72, |m| IoctlResponse::parse(m).map(|_| ()));

    let msg = message(QUERY_DIRECTORY_RSP);
    let rsp = QueryDirectoryResponse::parse(&msg).unwrap();
    assert_eq!(rsp.output, b"entries");
    assert_body(&msg, |w| rsp.write(w));
    assert_truncations(&msg, 15, |m| QueryDirectoryResponse::parse(m).map(|_| ()));

    let msg = message(QUERY_INFO_RSP);
    let rsp = QueryInfoResponse::parse(&msg).unwrap();
    assert_eq!(rsp.output, b"info");
    assert_body(&msg, |w| rsp.write(w));
}

#[test]
fn change_notify() {
    let msg = message(CHANGE_NOTIFY_RSP);
    let rsp = ChangeNotifyResponse::parse(&msg).unwrap();
    let entries: Vec<_> = notify_entries(rsp.output).map(|e| e.unwrap()).collect();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].0, NotifyAction::RENAMED_OLD_NAME);
    assert!(entries[0].1.eq_str("old") && entries[1].1.eq_str("new"));
    assert_body(&msg, |w| {
        let pending = ChangeNotifyResponse::begin(w)?;
        let mut n = NotifyWriter::new(w);
        n.push(NotifyAction::RENAMED_OLD_NAME, "old")?;
        n.push(NotifyAction::RENAMED_NEW_NAME, "new")?;
        pending.finish(w).map(|_| ())
    });
    // An entry that does not fit leaves the chain as it was.
    let mut buf = [0; 37];
    let mut w = Writer::new(&mut buf);
    let mut n = NotifyWriter::new(&mut w);
    n.push(NotifyAction::ADDED, "old").unwrap();
    assert!(n.push(NotifyAction::ADDED, "new").is_err());
    assert_eq!(notify_entries(w.written()).count(), 1);
    assert_eq!(w.len(), 18);
    // A chain that points back or past the end.
    for next in [8u8, 4, 255] {
        let mut bad = rsp.output.to_vec();
        bad[0] = next;
        assert!(notify_entries(&bad).any(|e| e.is_err()));
        assert!(notify_entries(&bad).count() <= 2);
    }
}

#[test]
fn lease_break() {
    let msg = message(LEASE_NOTIFICATION);
    let rsp = LeaseBreakNotification::parse(&msg).unwrap();
    assert_eq!(
        rsp,
        LeaseBreakNotification {
            new_epoch: 5,
            flags: LeaseBreakFlags::ACK_REQUIRED,
            lease_key: LeaseKey(count_up()),
            current_state: LeaseState(7),
            new_state: LeaseState(3),
        }
    );
    assert_body(&msg, |w| rsp.write(w));
    assert_truncations(&msg, 44, LeaseBreakNotification::parse);
}

#[test]
fn errors() {
    let msg = message(ERROR_EMPTY);
    assert_eq!(body(|w| ErrorResponse::EMPTY.write(w)), &msg[64..]);
    assert_eq!(ErrorResponse::parse(&msg), Ok(&[][..]));

    let mut substitute = [0; 32];
    let mut print = [0; 32];
    let symlink = SymlinkError {
        unparsed_path_length: 8,
        flags: SymlinkFlags::NONE,
        substitute_name: Utf16::encode(r"\??\C:\t", &mut substitute).unwrap(),
        print_name: Utf16::encode(r"C:\t", &mut print).unwrap(),
    };
    for (golden, in_context) in [(ERROR_SYMLINK, false), (ERROR_SYMLINK_311, true)] {
        let msg = message(golden);
        let rsp = ErrorResponse {
            data: ErrorData::Symlink(symlink),
            in_context,
        };
        assert_eq!(body(|w| rsp.write(w)), &msg[64..]);
        let data = ErrorResponse::parse(&msg).unwrap();
        assert_eq!(SymlinkError::parse(data), Ok(symlink));
        assert_truncations(&msg, msg.len() - 64, |m| {
            ErrorResponse::parse(m)
                .and_then(SymlinkError::parse)
                .map(|_| ())
        });
    }
    let msg = message(ERROR_LENGTH_311);
    let rsp = ErrorResponse {
        data: ErrorData::RequiredLength(777),
        in_context: true,
    };
    assert_eq!(body(|w| rsp.write(w)), &msg[64..]);
    assert_eq!(ErrorResponse::parse(&msg), Ok(&777u32.to_le_bytes()[..]));
}
