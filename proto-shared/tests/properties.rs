// SPDX-License-Identifier: GPL-2.0-or-later
//! Properties: what is written is read back as the same value, for values of
//! every kind; and no bytes make a parser panic.

use proptest::collection::vec;
use proptest::prelude::*;
use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::{utf16, FileTime, Guid, Utf16};
use proto_shared::fscc::{
    CreateAction, CreateDisposition, CreateOptions, CtlCode, FileAttributes, FileInfoClass,
    SetFileInfo, ShareAccess,
};
use proto_shared::pretty::Pretty;
use proto_shared::smb2::change_notify::{ChangeNotifyFlags, CompletionFilter};
use proto_shared::smb2::close::CloseFlags;
use proto_shared::smb2::create::{CreateResponseFlags, ImpersonationLevel};
use proto_shared::smb2::create_context::{CreateContext, CreateContexts};
use proto_shared::smb2::header::{Compound, HeaderFlags};
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::negotiate_context::{
    CompressionFlags, ContextType, NegotiateContext, NegotiateContexts, TransportFlags,
};
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags};
use proto_shared::smb2::session_setup::{SessionFlags, SessionSetupFlags, SetupSecurityMode};
use proto_shared::smb2::transform::{CompressionHeader, TransformHeader};
use proto_shared::smb2::tree_connect::TreeConnectFlags;
use proto_shared::smb2::types::U16List;
use proto_shared::smb2::{
    Capabilities, ChangeNotifyRequest, CloseRequest, CloseResponse, Command, CreateRequest,
    CreateResponse, Dialect, FileId, FlushRequest, Header, IoctlRequest, IoctlResponse,
    LockRequest, NegotiateRequest, NegotiateResponse, OplockLevel, QueryDirectoryRequest,
    QueryInfoRequest, ReadRequest, Request, SecurityMode, SessionSetupRequest,
    SessionSetupResponse, SetInfoRequest, TreeConnectRequest, WriteRequest,
};
use proto_shared::status::NtStatus;

/// A message with the body that `write` makes.
fn message(write: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>) -> Vec<u8> {
    let mut buf = vec![0xAA; 1 << 16];
    let mut w = Writer::new(&mut buf);
    w.zeros(64).unwrap();
    write(&mut w).unwrap();
    w.written().to_vec()
}

fn encode(text: &str) -> Vec<u8> {
    let mut buf = vec![0; utf16::encoded_len(text)];
    utf16::encode(text, &mut buf).unwrap();
    buf
}

fn file_id() -> impl Strategy<Value = FileId> {
    any::<(u64, u64)>().prop_map(|(persistent, volatile)| FileId {
        persistent,
        volatile,
    })
}

/// Names and data of create contexts.
type RawContexts = Vec<(Vec<u8>, Vec<u8>)>;

fn contexts() -> impl Strategy<Value = RawContexts> {
    vec((vec(any::<u8>(), 4..20), vec(any::<u8>(), 0..60)), 0..8)
}

/// Owned parts of negotiate contexts.
fn negotiate_parts() -> impl Strategy<Value = Vec<(u8, Vec<u16>, Vec<u8>)>> {
    vec(
        (0u8..8, vec(any::<u16>(), 1..6), vec(any::<u8>(), 0..40)),
        0..9,
    )
}

fn list_bytes(parts: &[(u8, Vec<u16>, Vec<u8>)]) -> Vec<Vec<u8>> {
    parts
        .iter()
        .map(|(_, list, _)| list.iter().flat_map(|v| v.to_le_bytes()).collect())
        .collect()
}

fn negotiate_values<'a>(
    parts: &'a [(u8, Vec<u16>, Vec<u8>)],
    lists: &'a [Vec<u8>],
) -> Vec<NegotiateContext<'a>> {
    parts
        .iter()
        .zip(lists)
        .map(|((kind, numbers, data), bytes)| {
            let list = U16List::new(bytes).unwrap();
            match kind {
                0 => NegotiateContext::PreauthIntegrity {
                    hashes: list,
                    salt: data,
                },
                1 => NegotiateContext::Encryption { ciphers: list },
                2 => NegotiateContext::Compression {
                    flags: CompressionFlags(u32::from(numbers[0])),
                    algorithms: list,
                },
                3 => NegotiateContext::Netname(Utf16::new(bytes).unwrap()),
                4 => NegotiateContext::Transport(TransportFlags(7)),
                5 => NegotiateContext::RdmaTransform { transforms: list },
                6 => NegotiateContext::Signing { algorithms: list },
                _ => NegotiateContext::Other {
                    context_type: ContextType(0x7777),
                    data,
                },
            }
        })
        .collect()
}

proptest! {
    #[test]
    fn header(
        (credit_charge, status, command, credits) in any::<(u16, u32, u16, u16)>(),
        (flags, next_command, message_id) in any::<(u32, u32, u64)>(),
        (async_id, process_id, tree_id, session_id) in any::<(u64, u32, u32, u64)>(),
        signature: [u8; 16],
    ) {
        let mut header = Header {
            credit_charge,
            status: NtStatus(status),
            command: Command(command),
            credits,
            flags: HeaderFlags(flags),
            next_command,
            message_id,
            async_id: 0,
            process_id: 0,
            tree_id: 0,
            session_id,
            signature,
        };
        if header.is_async() {
            header.async_id = async_id;
        } else {
            header.process_id = process_id;
            header.tree_id = tree_id;
        }
        prop_assert_eq!(Header::parse(&header.to_bytes()), Ok(header));
        let reply = header.reply(NtStatus::SUCCESS);
        prop_assert!(reply.is_reply() && !reply.is_signed() && !reply.is_async());
        prop_assert_eq!(reply.message_id, header.message_id);
    }

    #[test]
    fn negotiate(
        parts in negotiate_parts(),
        mut dialects in vec(any::<u16>(), 0..8),
        (mode, caps, guid) in any::<(u16, u32, [u8; 16])>(),
        sizes: (u32, u32, u32),
        times: (u64, u64),
        token in vec(any::<u8>(), 0..100),
    ) {
        let lists = list_bytes(&parts);
        let values = negotiate_values(&parts, &lists);
        dialects.push(Dialect::SMB3_1_1.0);
        let bytes: Vec<u8> = dialects.iter().flat_map(|v| v.to_le_bytes()).collect();
        let req = NegotiateRequest {
            security_mode: SecurityMode(mode),
            capabilities: Capabilities(caps),
            client_guid: Guid(guid),
            dialects: U16List::new(&bytes).unwrap(),
            contexts: NegotiateContexts::from_values(&values),
        };
        let msg = message(|w| req.write(w));
        let parsed = NegotiateRequest::parse(&msg).unwrap();
        prop_assert!(parsed.contexts.iter().eq(values.iter().copied()));
        prop_assert_eq!(parsed.contexts.len(), values.len());
        prop_assert_eq!(NegotiateRequest { contexts: req.contexts, ..parsed }, req);

        let rsp = NegotiateResponse {
            security_mode: SecurityMode(mode),
            dialect: Dialect::SMB3_1_1,
            server_guid: Guid(guid),
            capabilities: Capabilities(caps),
            max_transact_size: sizes.0,
            max_read_size: sizes.1,
            max_write_size: sizes.2,
            system_time: FileTime(times.0),
            server_start_time: FileTime(times.1),
            security_buffer: &token,
            contexts: NegotiateContexts::from_values(&values),
        };
        let msg = message(|w| rsp.write(w));
        let parsed = NegotiateResponse::parse(&msg).unwrap();
        prop_assert!(parsed.context_iter().eq(values.iter().copied()));
        prop_assert_eq!(NegotiateResponse { contexts: rsp.contexts, ..parsed }, rsp);
    }

    #[test]
    fn session_and_tree(
        (flags, mode, caps, previous) in any::<(u8, u8, u32, u64)>(),
        (session_flags, extended) in any::<(u16, bool)>(),
        token in vec(any::<u8>(), 0..2000),
        path: String,
    ) {
        let req = SessionSetupRequest {
            flags: SessionSetupFlags(flags),
            security_mode: SetupSecurityMode(mode),
            capabilities: Capabilities(caps),
            previous_session_id: previous,
            security_buffer: &token,
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(SessionSetupRequest::parse(&msg), Ok(req));
        let rsp = SessionSetupResponse {
            session_flags: SessionFlags(session_flags),
            security_buffer: &token,
        };
        let msg = message(|w| rsp.write(w));
        prop_assert_eq!(SessionSetupResponse::parse(&msg), Ok(rsp));
        let path = encode(&path);
        let req = TreeConnectRequest {
            flags: if extended { TreeConnectFlags(5) } else { TreeConnectFlags(1) },
            path: Utf16::new(&path).unwrap(),
            context_count: 0,
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(TreeConnectRequest::parse(&msg), Ok(req));
    }

    #[test]
    fn create(
        (oplock, level, access, attributes) in any::<(u8, u32, u32, u32)>(),
        (share, disposition, options) in any::<(u32, u32, u32)>(),
        name: String,
        contexts in contexts(),
        file_id in file_id(),
        (times, sizes) in any::<([u64; 4], [u64; 2])>(),
    ) {
        let name = encode(&name);
        let req = CreateRequest {
            oplock_level: OplockLevel(oplock),
            impersonation_level: ImpersonationLevel(level),
            desired_access: AccessMask(access),
            file_attributes: FileAttributes(attributes),
            share_access: ShareAccess(share),
            create_disposition: CreateDisposition(disposition),
            create_options: CreateOptions(options),
            name: Utf16::new(&name).unwrap(),
            contexts: CreateContexts::EMPTY,
        };
        let msg = message(|w| req.write_with(w, |c| {
            contexts.iter().try_for_each(|(name, data)| c.add(name, |w| w.bytes(data)))
        }));
        let parsed = CreateRequest::parse(&msg).unwrap();
        prop_assert!(parsed.contexts.iter().map(|c| (c.name, c.data))
            .eq(contexts.iter().map(|(n, d)| (n.as_slice(), d.as_slice()))));
        prop_assert_eq!(CreateRequest { contexts: CreateContexts::EMPTY, ..parsed }, req);
        let again = message(|w| parsed.write(w));
        prop_assert_eq!(again, msg);

        let rsp = CreateResponse {
            oplock_level: OplockLevel(oplock),
            flags: CreateResponseFlags(1),
            create_action: CreateAction(disposition),
            creation_time: FileTime(times[0]),
            last_access_time: FileTime(times[1]),
            last_write_time: FileTime(times[2]),
            change_time: FileTime(times[3]),
            allocation_size: sizes[0],
            end_of_file: sizes[1],
            file_attributes: FileAttributes(attributes),
            file_id,
            contexts: CreateContexts::EMPTY,
        };
        let msg = message(|w| rsp.write_with(w, |c| {
            contexts.iter().try_for_each(|(name, data)| c.add(name, |w| w.bytes(data)))
        }));
        let parsed = CreateResponse::parse(&msg).unwrap();
        prop_assert_eq!(parsed.contexts.iter().count(), contexts.len());
        prop_assert_eq!(CreateResponse { contexts: CreateContexts::EMPTY, ..parsed }, rsp);
    }

    #[test]
    fn plain_handles(file_id in file_id(), flags: u16, times: [u64; 4], sizes: [u64; 2], attr: u32) {
        let req = CloseRequest { flags: CloseFlags(flags), file_id };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(CloseRequest::parse(&msg), Ok(req));
        let req = FlushRequest { file_id };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(FlushRequest::parse(&msg), Ok(req));
        let rsp = CloseResponse {
            flags: CloseFlags(flags),
            creation_time: FileTime(times[0]),
            last_access_time: FileTime(times[1]),
            last_write_time: FileTime(times[2]),
            change_time: FileTime(times[3]),
            allocation_size: sizes[0],
            end_of_file: sizes[1],
            file_attributes: FileAttributes(attr),
        };
        let msg = message(|w| rsp.write(w));
        prop_assert_eq!(CloseResponse::parse(&msg), Ok(rsp));
    }

    #[test]
    fn read_and_write(
        file_id in file_id(),
        (offset, length, minimum, remaining) in any::<(u64, u32, u32, u32)>(),
        data in vec(any::<u8>(), 0..300),
    ) {
        let req = ReadRequest {
            padding: 80,
            flags: proto_shared::smb2::read::ReadFlags(1),
            length,
            offset,
            file_id,
            minimum_count: minimum,
            channel: proto_shared::smb2::types::Channel::NONE,
            remaining_bytes: remaining,
            channel_info: &[],
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(ReadRequest::parse(&msg), Ok(req));
        let req = WriteRequest::new(file_id, offset, &data);
        let msg = message(|w| req.write(w));
        let parsed = WriteRequest::parse(&msg).unwrap();
        prop_assert_eq!(parsed.data(), data.as_slice());
        prop_assert_eq!((parsed.file_id, parsed.offset), (file_id, offset));
    }

    #[test]
    fn lock(
        file_id in file_id(),
        (number, index) in (0u8..16, 0u32..1 << 28),
        ranges in vec(any::<(u64, u64, u32)>(), 1..20),
    ) {
        let elements: Vec<_> = ranges.iter().map(|(offset, length, flags)| LockElement {
            offset: *offset,
            length: *length,
            flags: LockFlags(*flags),
        }).collect();
        let msg = message(|w| LockRequest::write(file_id, number, index, &elements, w));
        let parsed = LockRequest::parse(&msg).unwrap();
        prop_assert_eq!((parsed.sequence_number, parsed.sequence_index), (number, index));
        prop_assert!(parsed.elements().eq(elements));
    }

    #[test]
    fn controls_and_queries(
        file_id in file_id(),
        (code, max_in, max_out, flags) in any::<(u32, u32, u32, u32)>(),
        (kind, class, additional) in any::<(u8, u8, u32)>(),
        input in vec(any::<u8>(), 0..300),
        pattern: String,
    ) {
        let req = IoctlRequest {
            ctl_code: CtlCode(code),
            file_id,
            input: &input,
            max_input_response: max_in,
            max_output_response: max_out,
            flags: IoctlFlags(flags),
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(IoctlRequest::parse(&msg), Ok(req));
        let rsp = IoctlResponse { ctl_code: CtlCode(code), file_id, output: &input };
        let msg = message(|w| rsp.write(w));
        prop_assert_eq!(IoctlResponse::parse(&msg), Ok(rsp));
        let req = QueryInfoRequest {
            info_type: InfoType(kind),
            info_class: class,
            output_buffer_length: max_out,
            input: &input,
            additional_information: additional,
            flags: QueryInfoFlags(flags),
            file_id,
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(QueryInfoRequest::parse(&msg), Ok(req));
        let req = SetInfoRequest {
            info_type: InfoType(kind),
            info_class: class,
            additional_information: additional,
            file_id,
            buffer: &input,
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(SetInfoRequest::parse(&msg), Ok(req));
        let pattern = encode(&pattern);
        let req = QueryDirectoryRequest {
            info_class: FileInfoClass(class),
            flags: QueryDirectoryFlags(kind),
            file_index: additional,
            file_id,
            file_name: Utf16::new(&pattern).unwrap(),
            output_buffer_length: max_out,
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(QueryDirectoryRequest::parse(&msg), Ok(req));
        let req = ChangeNotifyRequest {
            flags: ChangeNotifyFlags(u16::from(kind)),
            output_buffer_length: max_out,
            file_id,
            completion_filter: CompletionFilter(additional),
        };
        let msg = message(|w| req.write(w));
        prop_assert_eq!(ChangeNotifyRequest::parse(&msg), Ok(req));
    }

    #[test]
    fn transform(
        (signature, nonce, session_id) in any::<([u8; 16], [u8; 16], u64)>(),
        data in vec(any::<u8>(), 16..200),
        wrong: u32,
    ) {
        let header = TransformHeader {
            signature,
            nonce,
            original_message_size: data.len() as u32,
            session_id,
        };
        let mut pdu = header.to_bytes().to_vec();
        prop_assert_eq!(&pdu[20..52], &header.aad()[..]);
        pdu.extend(&data);
        prop_assert_eq!(TransformHeader::parse(&pdu), Ok((header, data.as_slice())));
        if wrong != data.len() as u32 {
            pdu[36..40].copy_from_slice(&wrong.to_le_bytes());
            prop_assert!(TransformHeader::parse(&pdu).is_err());
        }
    }

    /// Bodies of arbitrary bytes behind a right StructureSize.
    #[test]
    fn arbitrary_bodies(command in 0u16..20, size in 0usize..20, body in vec(any::<u8>(), 0..300)) {
        let sizes = [36u16, 25, 4, 9, 4, 57, 24, 24, 49, 49, 48, 57, 4, 4, 33, 32, 41, 33, 24, 36];
        let mut msg = Header { command: Command(command), ..Header::default() }.to_bytes().to_vec();
        msg.extend(sizes[size].to_le_bytes());
        msg.extend(body);
        let _ = Request::parse(Command(command), &msg);
        let _ = Pretty(&msg).to_string();
        // As the reply, and as a failed reply.
        msg[16] |= 1;
        let _ = Pretty(&msg).to_string();
        msg[11] = 0xC0;
        let _ = Pretty(&msg).to_string();
    }

    #[test]
    fn arbitrary_pdus(mut pdu in vec(any::<u8>(), 0..300), first in 0xFAu8..=0xFF) {
        let _ = Pretty(&pdu).to_string();
        if pdu.len() >= 4 {
            pdu[0] = first;
            pdu[1..4].copy_from_slice(b"SMB");
            let _ = Pretty(&pdu).to_string();
            let _ = TransformHeader::parse(&pdu);
            let _ = CompressionHeader::parse(&pdu);
        }
        prop_assert!(Compound::new(&pdu).count() <= 1 + pdu.len() / 64);
    }

    #[test]
    fn arbitrary_contexts(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(chain) = CreateContexts::from_bytes(&bytes) {
            for context in chain.iter() {
                prop_assert!(context.name.len() >= 4);
                let _ = CreateContext::parse(context);
            }
        }
        for class in 0..=u8::MAX {
            let _ = SetFileInfo::parse(FileInfoClass(class), &bytes);
        }
        for context_type in 0..=9 {
            let _ = NegotiateContext::parse(ContextType(context_type), &bytes);
        }
    }
}
