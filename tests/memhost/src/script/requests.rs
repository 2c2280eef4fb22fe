// SPDX-License-Identifier: GPL-2.0-or-later
//! Requests from a fuzzer's bytes: bodies are written as they should be, their values are the fuzzer's.

use proto_shared::codec::{NoSpace, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions, FileAttributes, ShareAccess};
use proto_shared::fscc::{CtlCode, FileInfoClass};
use proto_shared::smb2::change_notify::{ChangeNotifyFlags, CompletionFilter};
use proto_shared::smb2::close::CloseFlags;
use proto_shared::smb2::create_context::{name, CreateContextWriter};
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{
    ChangeNotifyRequest, CloseRequest, Command, CreateRequest, EchoRequest, FileId, FlushRequest,
    IoctlRequest, LockRequest, OplockLevel, QueryDirectoryRequest, QueryInfoRequest,
    SetInfoRequest, TreeConnectRequest, WriteRequest,
};

use super::input::Input;
use crate::client::{create_request, read_request, utf16};

type Written = Result<(), NoSpace>;

/// Names that mean something in the share that [`super::run`] makes, and some that never do.
const NAMES: [&str; 32] = [
    "f",
    "g",
    "d",
    "d\\f",
    "d\\g",
    "d\\new",
    "new",
    "",
    "f:s",
    "f:s:$DATA",
    "f::$DATA",
    "d:s",
    "d\\sub",
    "d\\sub\\deep",
    "link",
    "dirlink",
    "dirlink\\f",
    "loop",
    "D\\F",
    "e",
    "e\\x",
    "f:t",
    "d::$INDEX_ALLOCATION",
    "*",
    "..\\f",
    "\\f",
    "d\\.\\f",
    "closed",
    "ro",
    "echo",
    "srvsvc",
    "a name that is rather long, longer than eight and three",
];

const ACCESS: [u32; 10] = [
    0x001f_01ff, // everything
    0x0012_0089, // generic read
    0x0012_0116, // generic write
    0x0200_0000, // the most that there is
    0x0001_0000, // delete
    0x0000_0080, // attributes only
    0x8000_0000,
    0x1000_0000,
    0x0006_0000, // descriptor
    0x0000_0007,
];

const CODES: [CtlCode; 30] = [
    CtlCode::SRV_REQUEST_RESUME_KEY,
    CtlCode::SRV_COPYCHUNK,
    CtlCode::SRV_COPYCHUNK_WRITE,
    CtlCode::SET_SPARSE,
    CtlCode::SET_ZERO_DATA,
    CtlCode::QUERY_ALLOCATED_RANGES,
    CtlCode::QUERY_FILE_REGIONS,
    CtlCode::DUPLICATE_EXTENTS_TO_FILE,
    CtlCode::DUPLICATE_EXTENTS_TO_FILE_EX,
    CtlCode::FILE_LEVEL_TRIM,
    CtlCode::GET_REPARSE_POINT,
    CtlCode::SET_REPARSE_POINT,
    CtlCode::DELETE_REPARSE_POINT,
    CtlCode::GET_COMPRESSION,
    CtlCode::SET_COMPRESSION,
    CtlCode::CREATE_OR_GET_OBJECT_ID,
    CtlCode::GET_OBJECT_ID,
    CtlCode::SET_OBJECT_ID,
    CtlCode::DELETE_OBJECT_ID,
    CtlCode::VALIDATE_NEGOTIATE_INFO,
    CtlCode::QUERY_NETWORK_INTERFACE_INFO,
    CtlCode::DFS_GET_REFERRALS,
    CtlCode::PIPE_TRANSCEIVE,
    CtlCode::PIPE_WAIT,
    CtlCode::PIPE_PEEK,
    CtlCode::SRV_ENUMERATE_SNAPSHOTS,
    CtlCode::LMR_REQUEST_RESILIENCY,
    CtlCode::GET_INTEGRITY_INFORMATION,
    CtlCode::SET_INTEGRITY_INFORMATION,
    CtlCode::OFFLOAD_READ,
];

const OFFSETS: [u64; 9] = [
    0,
    1,
    10,
    100,
    4095,
    4096,
    65_536,
    i64::MAX as u64 - 1,
    u64::MAX,
];
const LENGTHS: [u64; 8] = [1, 0, 10, 100, 4096, 65_536, 65_537, u64::MAX];
/// Room for answers.
const ROOM: [u64; 8] = [4096, 0, 1, 8, 24, 64, 65_536, 0xffff_ffff];

/// A self-relative descriptor: owner S-1-22-1-1000, and everybody may what the mask says.
fn descriptor(input: &mut Input<'_>) -> Vec<u8> {
    let mut sd = vec![
        1, 0, 4, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 36, 0, 0, 0,
    ];
    sd.extend([1, 2, 0, 0, 0, 0, 0, 22, 1, 0, 0, 0, 0xe8, 3, 0, 0]);
    let mask = input.pick(&ACCESS).to_le_bytes();
    let (kind, flags) = (input.u8() & 1, input.u8() & 0x1f);
    sd.extend([2, 0, 28, 0, 1, 0, 0, 0, kind, flags, 20, 0]);
    sd.extend(mask);
    sd.extend([1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    sd
}

/// What requests may name: files that were opened.
pub(super) struct Known<'a> {
    pub(super) files: &'a [FileId],
}

impl Known<'_> {
    /// Mostly a file that there is, now and then that of the request before or none.
    pub(super) fn file(&self, input: &mut Input<'_>) -> FileId {
        let at = input.u8();
        match self.files.get(usize::from(at) % self.files.len().max(1)) {
            Some(file) if at < 0xe0 => *file,
            _ if at == 0xff => FileId {
                persistent: input.u64(),
                volatile: input.u64(),
            },
            _ => FileId::ALL_ONES,
        }
    }
}

fn path(input: &mut Input<'_>) -> Vec<u8> {
    let at = input.u8();
    if at >= 0xf0 {
        let raw = input.blob();
        return raw[..raw.len() & !1].to_vec();
    }
    utf16(NAMES[usize::from(at) % NAMES.len()])
}

fn filler(input: &mut Input<'_>) -> Vec<u8> {
    let len = input.pick(&[1_usize, 10, 100, 0, 4096, 20_000, 65_536, 65_537]);
    vec![input.u8(); len]
}

/// Writes a request's body, and says what command it belongs to.
pub(super) fn body(
    input: &mut Input<'_>,
    known: &Known<'_>,
    w: &mut Writer<'_>,
) -> Result<Command, NoSpace> {
    let kind = input.u8() % 24;
    match kind {
        0..=4 => create(input, known, w).map(|()| Command::CREATE),
        5 => {
            let request = CloseRequest {
                flags: CloseFlags(u16::from(input.u8() & 3)),
                file_id: known.file(input),
            };
            request.write(w).map(|()| Command::CLOSE)
        }
        6 => {
            let file_id = known.file(input);
            FlushRequest { file_id }.write(w).map(|()| Command::FLUSH)
        }
        7 | 8 => {
            let mut request = read_request(
                known.file(input),
                input.number(&OFFSETS),
                input.number(&LENGTHS) as u32,
            );
            request.minimum_count = u32::from(input.u8());
            request.write(w).map(|()| Command::READ)
        }
        9 | 10 => {
            let data = filler(input);
            let request = WriteRequest::new(known.file(input), input.number(&OFFSETS), &data);
            request.write(w).map(|()| Command::WRITE)
        }
        11 | 12 => lock(input, known, w).map(|()| Command::LOCK),
        13 | 14 => ioctl(input, known, w).map(|()| Command::IOCTL),
        15 => {
            let pattern = match input.u8() {
                at @ 0..=7 => {
                    utf16(["*", "*e*", "f", "?", "<.>", "", "D", "\"x*"][usize::from(at)])
                }
                _ => path(input),
            };
            let request = QueryDirectoryRequest {
                info_class: FileInfoClass(input.pick(&[1, 2, 3, 12, 37, 38, 60, 78, 79, 80, 100])),
                flags: QueryDirectoryFlags(input.u8()),
                file_index: u32::from(input.u8()),
                file_id: known.file(input),
                file_name: utf16_of(&pattern),
                output_buffer_length: input.number(&ROOM) as u32,
            };
            request.write(w).map(|()| Command::QUERY_DIRECTORY)
        }
        16 => {
            let request = ChangeNotifyRequest {
                flags: ChangeNotifyFlags(u16::from(input.u8() & 1)),
                output_buffer_length: input.number(&ROOM) as u32,
                file_id: known.file(input),
                completion_filter: CompletionFilter(input.number(&[0xfff, 3, 0x10, 0]) as u32),
            };
            request.write(w).map(|()| Command::CHANGE_NOTIFY)
        }
        17 | 18 => {
            let list = input.blob();
            let request = QueryInfoRequest {
                info_type: InfoType(input.pick(&[1, 1, 2, 3, 4])),
                info_class: input.u8(),
                output_buffer_length: input.number(&ROOM) as u32,
                input: list,
                additional_information: input.number(&[7, 0xf, 4, 0]) as u32,
                flags: Default::default(),
                file_id: known.file(input),
            };
            request.write(w).map(|()| Command::QUERY_INFO)
        }
        19..=21 => set_info(input, known, w).map(|()| Command::SET_INFO),
        22 => {
            let share = input.pick(&["data", "IPC$", "DATA", "none", "da:ta", ""]);
            let path = utf16(&format!("\\\\memhost\\{share}"));
            let request = TreeConnectRequest {
                flags: Default::default(),
                path: utf16_of(&path),
                context_count: 0,
            };
            request.write(w).map(|()| Command::TREE_CONNECT)
        }
        _ => {
            let command = input.pick(&[
                Command::ECHO,
                Command::ECHO,
                Command::ECHO,
                Command::TREE_DISCONNECT,
                Command::ECHO,
                Command::LOGOFF,
            ]);
            EchoRequest.write(w).map(|()| command)
        }
    }
}

fn utf16_of(bytes: &[u8]) -> Utf16<'_> {
    Utf16::new(bytes).unwrap_or_default()
}

fn create(input: &mut Input<'_>, known: &Known<'_>, w: &mut Writer<'_>) -> Written {
    let path = path(input);
    // What most requests look like needs few of the fuzzer's bytes.
    let shape = input.u8();
    // Many together mostly exclude each other.
    let contexts = match input.u8() {
        0..=0x5f => 0,
        0x60..=0x9f => 1,
        0xa0..=0xbf => 3,
        0xc0..=0xef => 1 << (input.u8() & 7),
        _ => input.u8(),
    };
    let access = match shape & 3 {
        0 | 1 => AccessMask::FILE_ALL_ACCESS.0,
        2 => input.pick(&ACCESS),
        _ => input.number(&ACCESS.map(u64::from)) as u32,
    };
    let disposition = match shape & 4 {
        0 => CreateDisposition::OPEN_IF,
        _ => CreateDisposition(u32::from(input.u8() % 7)),
    };
    let options = match shape >> 3 & 3 {
        0 | 1 => 0,
        2 => input.pick(&[0x1000, 1, 0x40, 0x1001, 0x20_0000, 4, 0x4000, 0x2000]),
        _ => input.number(&[1, 1, 0x40, 0x1040]) as u32,
    };
    let request = CreateRequest {
        oplock_level: OplockLevel(match shape >> 5 & 3 {
            0 => 0,
            1 => 9,
            2 => 0xff,
            _ => input.pick(&[1, 8, 9, 0xff, 2]),
        }),
        share_access: ShareAccess(if shape & 0x80 == 0 {
            7
        } else {
            u32::from(input.u8() & 7)
        }),
        file_attributes: FileAttributes(if contexts & 0x80 == 0 {
            0x80
        } else {
            input.u32()
        }),
        ..create_request(
            &path,
            AccessMask(access),
            CreateDisposition(disposition.0),
            CreateOptions(options),
        )
    };
    request.write_with(w, |c| add_contexts(input, known, contexts, c))
}

fn guid(input: &mut Input<'_>) -> [u8; 16] {
    [input.u8() % 4; 16]
}

/// Each bit of `which` is a context, or a group of which the fuzzer takes one.
fn add_contexts(
    input: &mut Input<'_>,
    known: &Known<'_>,
    which: u8,
    c: &mut CreateContextWriter<'_, '_>,
) -> Written {
    if which & 1 != 0 {
        lease(input, c)?;
    }
    if which & 2 != 0 {
        match input.u8() % 2 {
            0 => c.add(name::DURABLE_REQUEST, |w| w.zeros(16))?,
            _ => {
                let timeout = input.number(&[0, 1000, 60_000]) as u32;
                let (flags, guid) = (input.u8() & 2, guid(input));
                c.add(name::DURABLE_REQUEST_V2, |w| {
                    w.u32(timeout)?;
                    w.u32(u32::from(flags))?;
                    w.zeros(8)?;
                    w.bytes(&guid)
                })?;
            }
        }
    }
    if which & 4 != 0 {
        let (file, v2, flags, guid) = (
            known.file(input),
            input.u8() & 1 != 0,
            input.u8() & 2,
            guid(input),
        );
        let name = if v2 {
            name::DURABLE_RECONNECT_V2
        } else {
            name::DURABLE_RECONNECT
        };
        c.add(name, |w| {
            w.u64(file.persistent)?;
            w.u64(file.volatile)?;
            if v2 {
                w.bytes(&guid)?;
                w.u32(u32::from(flags))?;
            }
            Ok(())
        })?;
    }
    if which & 8 != 0 {
        c.add(name::MAXIMAL_ACCESS, |_| Ok(()))?;
        c.add(name::QUERY_ON_DISK_ID, |_| Ok(()))?;
    }
    if which & 16 != 0 {
        match input.u8() % 5 {
            0 => {
                let size = input.number(&OFFSETS);
                c.add(name::ALLOCATION_SIZE, |w| w.u64(size))?;
            }
            1 => {
                let time = input.u64();
                c.add(name::TIMEWARP, |w| w.u64(time))?;
            }
            2 => {
                let mode = u32::from(input.u16());
                c.add(name::POSIX, |w| w.u32(mode))?;
            }
            3 => {
                let text = input.blob();
                c.add(name::APPLE, |w| w.bytes(text))?;
            }
            _ => {
                // A name and a value, the value the fuzzer's.
                let value = input.blob();
                c.add(name::EA_BUFFER, |w| {
                    w.zeros(5)?;
                    w.u8(2)?;
                    w.u16(value.len() as u16)?;
                    w.bytes(b"ea\0")?;
                    w.bytes(value)
                })?;
            }
        }
    }
    if which & 32 != 0 {
        let sd = descriptor(input);
        c.add(name::SD_BUFFER, |w| w.bytes(&sd))?;
    }
    if which & 64 != 0 {
        let (id, version) = (guid(input), input.u8());
        c.add(name::APP_INSTANCE_ID, |w| {
            w.u32(20)?;
            w.bytes(&id)
        })?;
        if version != 0 {
            c.add(name::APP_INSTANCE_VERSION, |w| {
                w.u64(24)?;
                w.u64(u64::from(version >> 4))?;
                w.u64(u64::from(version & 15))
            })?;
        }
    }
    Ok(())
}

fn lease(input: &mut Input<'_>, c: &mut CreateContextWriter<'_, '_>) -> Written {
    let form = input.u8();
    let key = [form >> 4 & 3; 16];
    let state = u32::from(form & 7);
    c.add(name::LEASE, |w| {
        w.bytes(&key)?;
        w.u32(state)?;
        if form & 8 == 0 {
            return w.zeros(12);
        }
        let (flags, parent) = (input.u8() & 6, input.u8() & 3);
        w.u32(u32::from(flags))?;
        w.zeros(8)?;
        w.bytes(&[parent; 16])?;
        w.u16(u16::from(input.u8()))?;
        w.u16(0)
    })
}

fn lock(input: &mut Input<'_>, known: &Known<'_>, w: &mut Writer<'_>) -> Written {
    let count = usize::from(input.u8() % 5);
    let elements: Vec<_> = (0..count)
        .map(|_| LockElement {
            offset: input.number(&OFFSETS),
            length: input.number(&LENGTHS),
            flags: LockFlags(input.pick(&[0x12, 2, 1, 0x11, 4, 0, 0x16, 0xff])),
        })
        .collect();
    let (sequence, bucket) = (input.u8(), input.pick(&[0, 1, 2, 64, 65, 0x0fff_ffff]));
    LockRequest::write(known.file(input), sequence & 15, bucket, &elements, w)
}

fn ioctl(input: &mut Input<'_>, known: &Known<'_>, w: &mut Writer<'_>) -> Written {
    let at = input.u8();
    let ctl_code = match CODES.get(usize::from(at)) {
        Some(code) => *code,
        None if at < 0xf0 => CODES[usize::from(at) % CODES.len()],
        None => CtlCode(input.u32()),
    };
    let file = known.file(input);
    let mut data = Vec::new();
    let own = input.u8();
    match ctl_code {
        _ if own & 7 == 7 => data.extend_from_slice(input.blob()),
        CtlCode::SRV_COPYCHUNK | CtlCode::SRV_COPYCHUNK_WRITE => {
            // The resume key begins with the handle.
            let source = known.file(input);
            data.extend(source.persistent.to_le_bytes());
            data.extend(source.volatile.to_le_bytes());
            data.extend([0; 8]);
            let count = u32::from(input.u8() % 4);
            data.extend(count.to_le_bytes());
            data.extend([0; 4]);
            for _ in 0..count {
                data.extend(input.number(&OFFSETS).to_le_bytes());
                data.extend(input.number(&OFFSETS).to_le_bytes());
                data.extend((input.number(&LENGTHS) as u32).to_le_bytes());
                data.extend([0; 4]);
            }
        }
        CtlCode::DUPLICATE_EXTENTS_TO_FILE | CtlCode::DUPLICATE_EXTENTS_TO_FILE_EX => {
            if ctl_code == CtlCode::DUPLICATE_EXTENTS_TO_FILE_EX {
                data.extend(48_u64.to_le_bytes());
            }
            let source = known.file(input);
            data.extend(source.persistent.to_le_bytes());
            data.extend(source.volatile.to_le_bytes());
            for _ in 0..3 {
                data.extend(input.number(&OFFSETS).to_le_bytes());
            }
            if ctl_code == CtlCode::DUPLICATE_EXTENTS_TO_FILE_EX {
                data.extend([input.u8() & 1, 0, 0, 0, 0, 0, 0, 0]);
            }
        }
        CtlCode::SET_ZERO_DATA | CtlCode::QUERY_ALLOCATED_RANGES => {
            data.extend(input.number(&OFFSETS).to_le_bytes());
            data.extend(input.number(&OFFSETS).to_le_bytes());
        }
        CtlCode::SET_SPARSE => data.push(own & 1),
        _ => data.extend_from_slice(input.blob()),
    }
    let request = IoctlRequest {
        ctl_code,
        file_id: file,
        input: &data,
        max_input_response: 0,
        max_output_response: input.number(&ROOM) as u32,
        flags: if own & 0x80 == 0 {
            IoctlFlags::IS_FSCTL
        } else {
            IoctlFlags::NONE
        },
    };
    request.write(w)
}

fn set_info(input: &mut Input<'_>, known: &Known<'_>, w: &mut Writer<'_>) -> Written {
    let form = input.u8();
    let mut info_type = InfoType::FILE;
    let mut buffer = Vec::new();
    let mut info_class = FileInfoClass(0);
    match form & 15 {
        0..=3 => {
            info_class = FileInfoClass(input.pick(&[10, 11, 65, 72]));
            let name = match input.u8() {
                at @ 0..=3 => utf16([":s", ":t:$DATA", "::$DATA", ":"][usize::from(at)]),
                _ => path(input),
            };
            buffer.push(form >> 4);
            buffer.extend([0; 15]);
            buffer.extend((name.len() as u32).to_le_bytes());
            buffer.extend(name);
        }
        4 => {
            info_class = FileInfoClass(input.pick(&[13, 64]));
            buffer.extend([form >> 4, 0, 0, 0]);
        }
        5 | 6 => {
            info_class = FileInfoClass(input.pick(&[20, 19, 14, 16]));
            buffer.extend(input.number(&OFFSETS).to_le_bytes());
        }
        7 | 8 => {
            info_class = FileInfoClass::BASIC;
            for _ in 0..4 {
                buffer.extend(
                    input
                        .number(&[0, u64::MAX, u64::MAX - 1, 0x01d9_0000_0000_0000])
                        .to_le_bytes(),
                );
            }
            buffer.extend(u32::from(input.u16()).to_le_bytes());
            buffer.extend([0; 4]);
        }
        9 => {
            info_class = FileInfoClass::FULL_EA;
            let value = input.blob();
            buffer.extend([0, 0, 0, 0, 0, 2]);
            buffer.extend((value.len() as u16).to_le_bytes());
            buffer.extend(b"ea\0");
            buffer.extend(value);
        }
        10 | 11 => {
            info_type = InfoType::SECURITY;
            buffer = descriptor(input);
        }
        _ => {
            info_type = InfoType(input.pick(&[1, 1, 2, 3, 4]));
            info_class = FileInfoClass(input.u8());
            buffer.extend_from_slice(input.blob());
        }
    }
    let request = SetInfoRequest {
        info_type,
        info_class: info_class.0,
        additional_information: input.number(&[7, 4, 1, 0]) as u32,
        file_id: known.file(input),
        buffer: &buffer,
    };
    request.write(w)
}
