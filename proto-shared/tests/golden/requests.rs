// SPDX-License-Identifier: GPL-2.0-or-later
//! Requests.

use super::data::*;
use super::{assert_body, assert_truncations, body, message, FILE_ID};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::{Guid, Utf16};
use proto_shared::fscc::fsctl::ValidateNegotiateRequest;
use proto_shared::fscc::{
    CreateDisposition, CreateOptions, CtlCode, FileAttributes, FileInfoClass, SetFileInfo,
    ShareAccess,
};
use proto_shared::smb2::change_notify::{ChangeNotifyFlags, CompletionFilter};
use proto_shared::smb2::close::CloseFlags;
use proto_shared::smb2::create::ImpersonationLevel;
use proto_shared::smb2::create_context::{
    name, CreateContext, DurableFlags, DurableRequestV2, Lease, LeaseFlags, LeaseV2,
};
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::negotiate_context::{ContextType, NegotiateContext};
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::session_setup::{SessionSetupFlags, SetupSecurityMode};
use proto_shared::smb2::tree_connect::TreeConnectFlags;
use proto_shared::smb2::types::Channel;
use proto_shared::smb2::write::WriteFlags;
use proto_shared::smb2::{
    BreakRequest, CancelRequest, Capabilities, ChangeNotifyRequest, CloseRequest, CreateRequest,
    Dialect, EchoRequest, FileId, FlushRequest, IoctlRequest, LeaseBreakAck, LeaseKey, LeaseState,
    LockRequest, LogoffRequest, NegotiateRequest, OplockBreak, OplockLevel, QueryDirectoryRequest,
    QueryInfoRequest, ReadRequest, SecurityMode, SessionSetupRequest, SetInfoRequest,
    TreeConnectRequest, TreeDisconnectRequest, WriteRequest,
};

fn count_up<const N: usize>(from: u8) -> [u8; N] {
    core::array::from_fn(|i| from + i as u8)
}

#[test]
fn negotiate() {
    let msg = message(NEGOTIATE_REQ);
    let req = NegotiateRequest::parse(&msg).unwrap();
    assert_eq!(req.security_mode, SecurityMode::SIGNING_ENABLED);
    assert_eq!(req.capabilities, Capabilities(0x7F));
    assert_eq!(req.client_guid, Guid(count_up(0)));
    assert_eq!(req.dialects.len(), 5);
    assert!(req.offers(Dialect::SMB3_1_1) && !req.offers(Dialect::SMB2_WILDCARD));
    assert_eq!(req.contexts.len(), 4);
    let Some(NegotiateContext::PreauthIntegrity { hashes, salt }) = req
        .contexts
        .find(ContextType::PREAUTH_INTEGRITY_CAPABILITIES)
    else {
        panic!("no preauth context");
    };
    assert!(hashes.iter().eq([1]));
    assert_eq!(salt, count_up::<32>(0));
    let Some(NegotiateContext::Encryption { ciphers }) =
        req.contexts.find(ContextType::ENCRYPTION_CAPABILITIES)
    else {
        panic!("no encryption context");
    };
    assert!(ciphers.iter().eq([2, 1, 4, 3]));
    let Some(NegotiateContext::Signing { algorithms }) =
        req.contexts.find(ContextType::SIGNING_CAPABILITIES)
    else {
        panic!("no signing context");
    };
    assert!(algorithms.iter().eq([2, 1]));
    let Some(NegotiateContext::Netname(netname)) =
        req.contexts.find(ContextType::NETNAME_NEGOTIATE_CONTEXT_ID)
    else {
        panic!("no netname context");
    };
    assert!(netname.eq_str("srv"));
    assert_eq!(req.contexts.count(ContextType::SIGNING_CAPABILITIES), 1);
    assert_body(&msg, |w| req.write(w));
    // The same from values.
    let values: Vec<_> = req.contexts.iter().collect();
    let built = NegotiateRequest {
        contexts: proto_shared::smb2::negotiate_context::NegotiateContexts::from_values(&values),
        ..req
    };
    assert_body(&msg, |w| built.write(w));
    assert_truncations(&msg, 150, |m| NegotiateRequest::parse(m).map(|_| ()));
}

#[test]
fn negotiate_limits() {
    let mut msg = message(NEGOTIATE_REQ);
    // No dialect.
    msg[66] = 0;
    assert!(NegotiateRequest::parse(&msg).is_err());
    // More dialects than bytes.
    msg[66] = 60;
    assert!(NegotiateRequest::parse(&msg).is_err());
    msg[66] = 5;
    // Contexts: not on a boundary; within the dialects; past the end; too many.
    for (at, value) in [(92, 0x71), (92, 0x68), (92, 0xFF), (96, 5), (96, 0xFF)] {
        let mut bad = msg.clone();
        bad[at] = value;
        assert!(NegotiateRequest::parse(&bad).is_err(), "{at} {value}");
    }
    // Without 3.1.1 the field is something else.
    let mut old = msg.clone();
    old[64 + 36 + 8] = 0x02;
    old[92..100].fill(0xFF);
    assert!(NegotiateRequest::parse(&old).unwrap().contexts.is_empty());
    // Empty list of ciphers.
    let mut bad = msg.clone();
    let ciphers = bad
        .windows(8)
        .position(|w| w == [4, 0, 2, 0, 1, 0, 4, 0])
        .unwrap();
    bad[ciphers] = 0;
    assert!(NegotiateRequest::parse(&bad).is_err());
}

#[test]
fn session_setup() {
    let msg = message(SESSION_SETUP_REQ);
    let req = SessionSetupRequest::parse(&msg).unwrap();
    assert_eq!(
        req,
        SessionSetupRequest {
            flags: SessionSetupFlags::NONE,
            security_mode: SetupSecurityMode::SIGNING_ENABLED,
            capabilities: Capabilities::DFS,
            previous_session_id: 9,
            security_buffer: b"NTLMSSP\0",
        }
    );
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 32, |m| SessionSetupRequest::parse(m).map(|_| ()));
    // A buffer that starts within the fixed part.
    let mut bad = msg;
    bad[64 + 12] = 0x57;
    assert!(SessionSetupRequest::parse(&bad).is_err());
}

#[test]
fn bodies_without_content() {
    for body in [LOGOFF_REQ, TREE_DISCONNECT_REQ, ECHO_REQ] {
        let msg = message(body);
        let logoff = LogoffRequest::parse(&msg).unwrap();
        let disconnect = TreeDisconnectRequest::parse(&msg).unwrap();
        let echo = EchoRequest::parse(&msg).unwrap();
        let cancel = CancelRequest::parse(&msg).unwrap();
        assert_body(&msg, |w| logoff.write(w));
        assert_body(&msg, |w| disconnect.write(w));
        assert_body(&msg, |w| echo.write(w));
        assert_body(&msg, |w| cancel.write(w));
        assert_truncations(&msg, 4, EchoRequest::parse);
        let mut bad = msg;
        bad[64] = 5;
        assert!(EchoRequest::parse(&bad).is_err());
    }
}

#[test]
fn tree_connect() {
    let msg = message(TREE_CONNECT_REQ);
    let req = TreeConnectRequest::parse(&msg).unwrap();
    assert!(req.path.eq_str(r"\\srv\data"));
    assert_eq!(req.flags, TreeConnectFlags::NONE);
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 28, |m| TreeConnectRequest::parse(m).map(|_| ()));
    // Odd number of bytes in the path.
    let mut bad = msg.clone();
    bad[64 + 6] = 19;
    assert!(TreeConnectRequest::parse(&bad).is_err());
    // With the extension.
    let extended = TreeConnectRequest {
        flags: TreeConnectFlags::EXTENSION_PRESENT,
        ..req
    };
    let mut msg = vec![0; 64];
    msg.extend(body(|w| extended.write(w)));
    assert_eq!(msg.len(), 64 + 8 + 16 + 20);
    assert_eq!(TreeConnectRequest::parse(&msg), Ok(extended));
    // The flags count only where they are defined.
    let plain = TreeConnectRequest::parse_for(&msg, false).unwrap();
    assert!(plain.path.eq_str(r"\\srv\data") && plain.flags.is_empty());
    // A path within the extension.
    msg[64 + 4] = 72;
    assert!(TreeConnectRequest::parse(&msg).is_err());
}

#[test]
fn create() {
    let msg = message(CREATE_REQ);
    let req = CreateRequest::parse(&msg).unwrap();
    assert_eq!(req.oplock_level, OplockLevel::LEASE);
    assert_eq!(req.impersonation_level, ImpersonationLevel::IMPERSONATION);
    assert_eq!(req.desired_access, AccessMask(0x0012_019F));
    assert_eq!(req.file_attributes, FileAttributes::NORMAL);
    assert_eq!(req.share_access, ShareAccess::ALL);
    assert_eq!(req.create_disposition, CreateDisposition::OPEN_IF);
    assert_eq!(req.create_options, CreateOptions::NON_DIRECTORY_FILE);
    assert!(req.name.eq_str("dir\\ä.txt"));
    let contexts: Vec<_> = req
        .contexts
        .iter()
        .map(|c| CreateContext::parse(c).unwrap())
        .collect();
    let lease = Lease {
        lease_key: LeaseKey(count_up(0)),
        lease_state: LeaseState(7),
        flags: LeaseFlags::PARENT_LEASE_KEY_SET,
        v2: Some(LeaseV2 {
            parent_lease_key: LeaseKey(count_up(16)),
            epoch: 5,
        }),
    };
    let durable = DurableRequestV2 {
        timeout: 60000,
        flags: DurableFlags::NONE,
        create_guid: Guid(count_up(32)),
    };
    assert_eq!(
        contexts,
        [
            CreateContext::Lease(lease),
            CreateContext::DurableRequestV2(durable),
            CreateContext::MaximalAccess(None),
        ]
    );
    assert_body(&msg, |w| req.write(w));
    assert_body(&msg, |w| {
        req.write_with(w, |c| {
            c.add(name::LEASE, |w| lease.write(w))?;
            c.add(name::DURABLE_REQUEST_V2, |w| durable.write(w))?;
            c.add(name::MAXIMAL_ACCESS, |_| Ok(()))
        })
    });
    assert_truncations(&msg, msg.len() - 64, |m| {
        CreateRequest::parse(m).map(|_| ())
    });
}

#[test]
fn create_bad_contexts() {
    let good = message(CREATE_REQ);
    let chain = 0x90;
    for (at, value) in [
        (chain, 0x51),      // Next not on a boundary
        (chain, 0x08),      // Next within the head
        (chain, 0xA8),      // Next past the end
        (chain + 4, 0x08),  // name within the head
        (chain + 6, 0x03),  // name too short
        (chain + 6, 0xFF),  // name past the end
        (chain + 10, 0x12), // data within the name
        (chain + 10, 0x1C), // data not on a boundary
        (chain + 12, 0xFF), // data past the end
        (64 + 48, 0x91),    // chain not on a boundary
        (64 + 52, 0xFF),    // chain past the end
        (64 + 44, 0x60),    // file name within the fixed part
        (64 + 46, 0x11),    // odd length of the file name
    ] {
        let mut bad = good.clone();
        bad[at] = value;
        assert!(CreateRequest::parse(&bad).is_err(), "{at:#x} {value:#x}");
    }
}

#[test]
fn create_of_the_root() {
    // Empty name, no context, offsets of no use.
    let mut msg = message(CREATE_REQ);
    msg.truncate(64 + 56);
    msg[64 + 44..64 + 56].fill(0);
    msg[64 + 44] = 0xFF;
    let req = CreateRequest::parse(&msg).unwrap();
    assert!(req.name.is_empty() && req.contexts.is_empty());
}

#[test]
fn close_and_flush() {
    let msg = message(CLOSE_REQ);
    let req = CloseRequest::parse(&msg).unwrap();
    assert_eq!(req.flags, CloseFlags::POSTQUERY_ATTRIB);
    assert_eq!(req.file_id, FILE_ID);
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 24, CloseRequest::parse);

    let msg = message(FLUSH_REQ);
    let req = FlushRequest::parse(&msg).unwrap();
    assert_eq!(req.file_id, FILE_ID);
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 24, FlushRequest::parse);
}

#[test]
fn read() {
    let msg = message(READ_REQ);
    let req = ReadRequest::parse(&msg).unwrap();
    assert_eq!(
        (req.length, req.offset, req.file_id),
        (65536, 1 << 33, FILE_ID)
    );
    assert_eq!((req.padding, req.minimum_count), (0x50, 1));
    assert!(req.channel_info.is_empty());
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 48, |m| ReadRequest::parse(m).map(|_| ()));
    let rdma = ReadRequest {
        channel: Channel::RDMA_V1,
        channel_info: &[1; 16],
        ..req
    };
    let mut msg = vec![0; 64];
    msg.extend(body(|w| rdma.write(w)));
    assert_eq!(ReadRequest::parse(&msg), Ok(rdma));
    msg.pop();
    assert!(ReadRequest::parse(&msg).is_err());
}

#[test]
fn write() {
    let msg = message(WRITE_REQ);
    let req = WriteRequest::parse(&msg).unwrap();
    assert_eq!((req.data_offset, req.data_len), (112, 5));
    assert_eq!(req.data(), b"data!");
    assert_eq!((req.offset, req.file_id), (1 << 33, FILE_ID));
    assert_eq!(req.flags, WriteFlags::WRITE_THROUGH);
    assert_body(&msg, |w| req.write(w));
    let mut built = WriteRequest::new(FILE_ID, 1 << 33, b"data!");
    built.flags = WriteFlags::WRITE_THROUGH;
    assert_body(&msg, |w| built.write(w));
    assert_truncations(&msg, 53, |m| WriteRequest::parse(m).map(|_| ()));

    // Payload within the fixed part, and further than 256 bytes away.
    let mut bad = msg.clone();
    bad[66] = 111;
    assert!(WriteRequest::parse(&bad).is_err());
    let mut bad = msg.clone();
    bad.resize(1024, 0);
    bad[66..68].copy_from_slice(&[0x01, 0x01]);
    assert!(WriteRequest::parse(&bad).is_err());
    bad[66..68].copy_from_slice(&[0x00, 0x01]);
    assert!(WriteRequest::parse(&bad).is_ok());
    // Length near the end of the number space.
    bad[68..72].fill(0xFF);
    assert!(WriteRequest::parse(&bad).is_err());
    // On an RDMA channel the payload is elsewhere.
    let mut rdma = WriteRequest::new(FILE_ID, 0, &[]);
    rdma.channel = Channel::RDMA_V1;
    rdma.channel_info = &[2; 16];
    rdma.length = 1 << 20;
    let mut msg = vec![0; 64];
    msg.extend(body(|w| rdma.write(w)));
    let parsed = WriteRequest::parse(&msg).unwrap();
    assert_eq!((parsed.length, parsed.data_len), (1 << 20, 0));
    assert_eq!(parsed.channel_info, [2; 16]);
}

#[test]
fn lock() {
    let msg = message(LOCK_REQ);
    let req = LockRequest::parse(&msg).unwrap();
    assert_eq!((req.sequence_number, req.sequence_index), (5, 3));
    let elements: Vec<_> = req.elements().collect();
    assert_eq!(
        elements,
        [
            LockElement {
                offset: 0,
                length: 10,
                flags: LockFlags::EXCLUSIVE_LOCK | LockFlags::FAIL_IMMEDIATELY,
            },
            LockElement {
                offset: 1 << 63,
                length: 1,
                flags: LockFlags::UNLOCK,
            },
        ]
    );
    assert_body(&msg, |w| LockRequest::write(FILE_ID, 5, 3, &elements, w));
    assert_truncations(&msg, 72, |m| LockRequest::parse(m).map(|_| ()));
    let with_count = |count: u16| {
        let mut msg = msg.clone();
        msg[66..68].copy_from_slice(&count.to_le_bytes());
        msg
    };
    for count in [3, 0xFFFF] {
        assert!(LockRequest::parse(&with_count(count)).is_err());
    }
    // For the engine to refuse.
    let none = with_count(0);
    let req = LockRequest::parse(&none).unwrap();
    assert_eq!((req.file_id, req.elements().count()), (FILE_ID, 0));
}

#[test]
fn ioctl() {
    let msg = message(IOCTL_REQ);
    let req = IoctlRequest::parse(&msg).unwrap();
    assert_eq!(req.ctl_code, CtlCode::VALIDATE_NEGOTIATE_INFO);
    assert_eq!(req.file_id, FileId::ALL_ONES);
    assert!(req.file_id.is_all_ones());
    assert_eq!(req.flags, IoctlFlags::IS_FSCTL);
    assert_eq!((req.max_input_response, req.max_output_response), (0, 24));
    let validate = ValidateNegotiateRequest::parse(req.input).unwrap();
    assert!(validate.dialects.iter().eq([0x0202, 0x0300]));
    assert_eq!(validate.guid, Guid(count_up(0)));
    assert_truncations(&msg, 56 + 28, |m| IoctlRequest::parse(m).map(|_| ()));
    // OutputOffset may say anything, since there is no output.
    let made = body(|w| req.write(w));
    let mut again = vec![0; 64];
    again.extend(made);
    assert_eq!(IoctlRequest::parse(&again), Ok(req));
    let mut input = [0; 64];
    let mut w = proto_shared::codec::Writer::new(&mut input);
    validate.write(&mut w).unwrap();
    assert_eq!(w.written(), req.input);
}

#[test]
fn query_directory() {
    let msg = message(QUERY_DIRECTORY_REQ);
    let req = QueryDirectoryRequest::parse(&msg).unwrap();
    assert_eq!(req.info_class, FileInfoClass::ID_BOTH_DIRECTORY);
    assert_eq!(req.flags, QueryDirectoryFlags::RESTART_SCANS);
    assert_eq!(req.file_id, FILE_ID);
    assert!(req.file_name.eq_str("*"));
    assert_eq!(req.output_buffer_length, 65536);
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 34, |m| QueryDirectoryRequest::parse(m).map(|_| ()));
}

#[test]
fn change_notify() {
    let msg = message(CHANGE_NOTIFY_REQ);
    let req = ChangeNotifyRequest::parse(&msg).unwrap();
    assert_eq!(
        req,
        ChangeNotifyRequest {
            flags: ChangeNotifyFlags::WATCH_TREE,
            output_buffer_length: 4096,
            file_id: FILE_ID,
            completion_filter: CompletionFilter(0x17),
        }
    );
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 32, ChangeNotifyRequest::parse);
}

#[test]
fn query_and_set_info() {
    let msg = message(QUERY_INFO_REQ);
    let req = QueryInfoRequest::parse(&msg).unwrap();
    assert_eq!(req.info_type, InfoType::FILE);
    assert_eq!(FileInfoClass(req.info_class), FileInfoClass::ALL);
    assert_eq!((req.output_buffer_length, req.file_id), (1024, FILE_ID));
    assert!(req.input.is_empty());
    assert_truncations(&msg, 40, |m| QueryInfoRequest::parse(m).map(|_| ()));
    let with_input = QueryInfoRequest {
        input: b"names",
        ..req
    };
    let mut again = vec![0; 64];
    again.extend(body(|w| with_input.write(w)));
    assert_eq!(QueryInfoRequest::parse(&again), Ok(with_input));

    let msg = message(SET_INFO_REQ);
    let req = SetInfoRequest::parse(&msg).unwrap();
    let class = FileInfoClass(req.info_class);
    assert_eq!(
        SetFileInfo::parse(class, req.buffer),
        Ok(Some(SetFileInfo::EndOfFile(256)))
    );
    assert_body(&msg, |w| req.write(w));
    assert_truncations(&msg, 40, |m| SetInfoRequest::parse(m).map(|_| ()));
}

#[test]
fn breaks() {
    let msg = message(OPLOCK_BREAK);
    let ack = OplockBreak {
        oplock_level: OplockLevel::II,
        file_id: FILE_ID,
    };
    assert_eq!(BreakRequest::parse(&msg), Ok(BreakRequest::Oplock(ack)));
    assert_body(&msg, |w| BreakRequest::Oplock(ack).write(w));
    assert_truncations(&msg, 24, BreakRequest::parse);

    let msg = message(LEASE_ACK);
    let ack = LeaseBreakAck {
        lease_key: LeaseKey(count_up(0)),
        lease_state: LeaseState::READ_CACHING | LeaseState::HANDLE_CACHING,
    };
    assert_eq!(BreakRequest::parse(&msg), Ok(BreakRequest::Lease(ack)));
    assert_body(&msg, |w| BreakRequest::Lease(ack).write(w));
    assert_truncations(&msg, 36, BreakRequest::parse);
}

#[test]
fn empty_name_is_the_empty_string() {
    assert!(Utf16::EMPTY.eq_str(""));
}
