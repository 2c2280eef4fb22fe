// SPDX-License-Identifier: GPL-2.0-or-later
//! Truncated, oversized and bit-flipped forms of every request: the server neither panics nor hangs, answers or
//! ends the connection, and never says SUCCESS to a body that the parser of `proto_shared` refuses.
//!
//! `KSMBD_MUTATIONS` sets how many (a million unless told), `KSMBD_SEED` where the numbers begin.

use std::collections::BTreeMap;

use ksmbd_memhost::client::{create_request, read_request, utf16, Client, Options};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions};
use proto_shared::fscc::{CtlCode, FileInfoClass};
use proto_shared::limits::SMB2_HEADER_LEN;
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::smb2::header::{Header, HeaderFlags};
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{
    CancelRequest, ChangeNotifyRequest, CloseRequest, Command, EchoRequest, FileId, FlushRequest,
    IoctlRequest, LockRequest, LogoffRequest, OplockBreak, OplockLevel, QueryDirectoryRequest,
    QueryInfoRequest, Request, SessionSetupRequest, SetInfoRequest, TreeConnectRequest,
    TreeDisconnectRequest, WriteRequest,
};
use proto_shared::status::NtStatus;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Files that the requests are about.
struct Handles {
    file: FileId,
    dir: FileId,
}

/// Builds a well-formed request of some kind. Kinds are numbered from 0.
fn build(client: &mut Client<'_>, h: &Handles, kind: usize) -> Vec<u8> {
    let message =
        |client: &mut Client<'_>, command, body: &dyn Fn(&mut proto_shared::codec::Writer<'_>)| {
            let header = client.header(command);
            Client::message(
                &header,
                |w| {
                    body(w);
                    Ok(())
                },
                4096,
            )
        };
    let set_info = |class: FileInfoClass, buffer: Vec<u8>| {
        move |client: &mut Client<'_>, file_id| {
            let request = SetInfoRequest {
                info_type: InfoType::FILE,
                info_class: class.0,
                additional_information: 0,
                file_id,
                buffer: &buffer,
            };
            message(client, Command::SET_INFO, &|w| request.write(w).unwrap())
        }
    };
    let query_info = |client: &mut Client<'_>, info_type, info_class, input: &[u8]| {
        let request = QueryInfoRequest {
            info_type,
            info_class,
            output_buffer_length: 2048,
            input,
            additional_information: 7,
            flags: Default::default(),
            file_id: h.file,
        };
        message(client, Command::QUERY_INFO, &|w| request.write(w).unwrap())
    };
    let ioctl = |client: &mut Client<'_>, ctl_code, input: &[u8]| {
        let request = IoctlRequest {
            ctl_code,
            file_id: h.file,
            input,
            max_input_response: 0,
            max_output_response: 4096,
            flags: IoctlFlags::IS_FSCTL,
        };
        message(client, Command::IOCTL, &|w| request.write(w).unwrap())
    };
    let query_directory = |client: &mut Client<'_>, info_class, flags| {
        let pattern = utf16("*e*");
        let request = QueryDirectoryRequest {
            info_class,
            flags,
            file_index: 0,
            file_id: h.dir,
            file_name: Utf16::new(&pattern).unwrap(),
            output_buffer_length: 2048,
        };
        message(client, Command::QUERY_DIRECTORY, &|w| {
            request.write(w).unwrap()
        })
    };
    let renamed = |to: &str| {
        let name = utf16(to);
        let mut buffer = vec![0; 16];
        buffer[0] = 1;
        buffer.extend_from_slice(&(name.len() as u32).to_le_bytes());
        buffer.extend_from_slice(&name);
        buffer
    };
    match kind {
        0 => message(client, Command::NEGOTIATE, &|w| {
            w.bytes(&[36, 0, 2, 0, 1, 0, 0, 0, 0x44, 0, 0, 0]).unwrap();
            w.bytes(&[7; 16]).unwrap();
            w.bytes(&[0x70, 0, 0, 0, 1, 0, 0, 0, 0x10, 2, 0x11, 3, 0, 0, 0, 0])
                .unwrap();
            w.bytes(&[1, 0, 6, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0])
                .unwrap();
        }),
        1 => {
            let request = SessionSetupRequest {
                flags: Default::default(),
                security_mode: Default::default(),
                capabilities: Default::default(),
                previous_session_id: 0,
                security_buffer: b"user:alice",
            };
            message(client, Command::SESSION_SETUP, &|w| {
                request.write(w).unwrap()
            })
        }
        2 => message(client, Command::LOGOFF, &|w| {
            LogoffRequest.write(w).unwrap()
        }),
        3 => {
            let path = utf16("\\\\memhost\\data");
            let request = TreeConnectRequest {
                flags: Default::default(),
                path: Utf16::new(&path).unwrap(),
                context_count: 0,
            };
            message(client, Command::TREE_CONNECT, &|w| {
                request.write(w).unwrap()
            })
        }
        4 => message(client, Command::TREE_DISCONNECT, &|w| {
            TreeDisconnectRequest.write(w).unwrap()
        }),
        5 | 6 => {
            let name = utf16(["dir\\some file", "a\\b:stream"][kind - 5]);
            let all = AccessMask::FILE_ALL_ACCESS;
            let request =
                create_request(&name, all, CreateDisposition::OPEN_IF, CreateOptions::NONE);
            message(client, Command::CREATE, &|w| {
                request
                    .write_with(w, |c| {
                        c.add(b"MxAc", |_| Ok(()))?;
                        c.add(b"AlSi", |w| w.u64(4096))?;
                        c.add(b"DHnQ", |w| w.zeros(16))?;
                        c.add(b"RqLs", |w| w.zeros(52))
                    })
                    .unwrap();
            })
        }
        7 => {
            let request = CloseRequest {
                flags: Default::default(),
                file_id: h.file,
            };
            message(client, Command::CLOSE, &|w| request.write(w).unwrap())
        }
        8 => message(client, Command::FLUSH, &|w| {
            FlushRequest { file_id: h.file }.write(w).unwrap()
        }),
        9 => message(client, Command::READ, &|w| {
            read_request(h.file, 3, 100).write(w).unwrap()
        }),
        10 => {
            let request = WriteRequest::new(h.file, 5, b"some bytes to write");
            message(client, Command::WRITE, &|w| request.write(w).unwrap())
        }
        11 => {
            let element = LockElement {
                offset: 0,
                length: 5,
                flags: LockFlags::EXCLUSIVE_LOCK | LockFlags::FAIL_IMMEDIATELY,
            };
            let elements = [
                element,
                LockElement {
                    offset: 10,
                    ..element
                },
            ];
            message(client, Command::LOCK, &|w| {
                LockRequest::write(h.file, 0, 0, &elements, w).unwrap()
            })
        }
        12 => ioctl(client, CtlCode::VALIDATE_NEGOTIATE_INFO, &[0; 24]),
        13 => ioctl(
            client,
            CtlCode::SET_ZERO_DATA,
            &[0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0],
        ),
        14 => ioctl(client, CtlCode::SRV_COPYCHUNK, &[1; 56]),
        15 => ioctl(
            client,
            CtlCode::QUERY_ALLOCATED_RANGES,
            &[0, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0],
        ),
        16 => message(client, Command::CANCEL, &|w| {
            CancelRequest.write(w).unwrap()
        }),
        17 => message(client, Command::ECHO, &|w| EchoRequest.write(w).unwrap()),
        18 => query_directory(
            client,
            FileInfoClass::ID_BOTH_DIRECTORY,
            QueryDirectoryFlags::REOPEN,
        ),
        19 => query_directory(
            client,
            FileInfoClass::NAMES,
            QueryDirectoryFlags::RESTART_SCANS,
        ),
        20 => {
            let request = ChangeNotifyRequest {
                flags: Default::default(),
                output_buffer_length: 1024,
                file_id: h.dir,
                completion_filter: CompletionFilter(3),
            };
            message(client, Command::CHANGE_NOTIFY, &|w| {
                request.write(w).unwrap()
            })
        }
        21 => query_info(client, InfoType::FILE, FileInfoClass::ALL.0, &[]),
        22 => query_info(client, InfoType::FILESYSTEM, 5, &[]),
        23 => query_info(client, InfoType::SECURITY, 0, &[]),
        24 => query_info(
            client,
            InfoType::FILE,
            FileInfoClass::FULL_EA.0,
            &[0, 0, 0, 0, 2, b'e', b'a', 0],
        ),
        25 => set_info(FileInfoClass::BASIC, vec![0; 40])(client, h.file),
        26 => set_info(FileInfoClass::RENAME, renamed("dir\\renamed"))(client, h.file),
        27 => set_info(FileInfoClass::LINK, renamed("dir\\linked"))(client, h.file),
        28 => set_info(FileInfoClass::END_OF_FILE, vec![9, 0, 0, 0, 0, 0, 0, 0])(client, h.file),
        29 => set_info(FileInfoClass::DISPOSITION, vec![0])(client, h.file),
        30 => set_info(
            FileInfoClass::FULL_EA,
            vec![0, 0, 0, 0, 0, 2, 3, 0, b'e', b'a', 0, b'v', b'a', b'l'],
        )(client, h.file),
        31 => {
            let request = OplockBreak {
                oplock_level: OplockLevel::NONE,
                file_id: h.file,
            };
            message(client, Command::OPLOCK_BREAK, &|w| {
                request.write(w).unwrap()
            })
        }
        _ => unreachable!("kinds end at {KINDS}"),
    }
}

const KINDS: usize = 32;

/// Spoils a message, mostly in its body.
fn mutate(random: &mut Random, message: &mut Vec<u8>) {
    let body = SMB2_HEADER_LEN;
    for _ in 0..=random.below(3) {
        let len = message.len();
        match random.below(16) {
            // Cut off.
            0 | 1 => {
                let keep = if random.below(8) == 0 {
                    random.below(len)
                } else {
                    body + random.below(len - body)
                };
                message.truncate(keep.max(1));
                if message.len() <= body {
                    return;
                }
            }
            // Too long.
            2 => {
                let more = 1 + random.below(300);
                let byte = random.next() as u8;
                message.resize(len + more, byte);
            }
            // A bit of the body.
            3..=7 => {
                let at = body + random.below(len - body);
                message[at] ^= 1 << random.below(8);
            }
            // A byte of the body, with a liking for extremes.
            8..=11 => {
                let at = body + random.below(len - body);
                message[at] = [0, 1, 0x7f, 0x80, 0xff, random.next() as u8][random.below(6)];
            }
            // A number of the body.
            12 | 13 => {
                let value =
                    [0, 1, 0xffff, 0xffff_ffff, 0x8000_0000, random.next() as u32][random.below(6)];
                let at = body + random.below(len - body);
                for (slot, byte) in message[at..].iter_mut().zip(value.to_le_bytes()) {
                    *slot = byte;
                }
            }
            // The header, except for what would only end the connection: ids, command, links.
            14 => {
                let at = [6, 14, 16, 19, 36, 40, 60][random.below(7)];
                message[at] ^= 1 << random.below(8);
            }
            // The header anywhere.
            _ => {
                if random.below(8) == 0 {
                    let at = random.below(body);
                    message[at] ^= 1 << random.below(8);
                }
            }
        }
    }
}

/// Logs in and opens what the requests are about, unless the rounds before left it closed (read-only, or
/// something else under its name).
fn start(rig: &Rig) -> Option<(Client<'_>, Handles)> {
    let mut client = Client::log_in(rig, Options::default());
    client.tree_connect("data").unwrap();
    let all = AccessMask::FILE_ALL_ACCESS;
    let file = client
        .create(
            "dir\\a file",
            all,
            CreateDisposition::OPEN_IF,
            CreateOptions::NONE,
        )
        .ok()?;
    let dir = client
        .create(
            "dir",
            AccessMask::FILE_GENERIC_READ,
            CreateDisposition::OPEN,
            CreateOptions::NONE,
        )
        .ok()?;
    Some((client, Handles { file, dir }))
}

fn rig() -> Rig {
    let rig = Rig::new();
    let files = rig.host().fs_ref();
    files.mkdir("data/dir", 1000, 0o777);
    for name in ["one", "two", "three"] {
        files.put(&format!("data/dir/{name}"), 1000, 0o666, b"some content");
    }
    rig
}

/// Whether the server must not say SUCCESS to this.
fn is_malformed(message: &[u8]) -> bool {
    match Header::parse(message) {
        Ok(header) => Request::parse(header.command, message).is_err(),
        Err(_) => true,
    }
}

fn settings() -> (u64, u64) {
    let number = |name, default| {
        std::env::var(name)
            .ok()
            .map_or(default, |v| v.parse().expect("a number"))
    };
    (
        number("KSMBD_MUTATIONS", 1_000_000),
        number("KSMBD_SEED", 1),
    )
}

#[test]
fn requests() {
    let (count, seed) = settings();
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let totals = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..threads)
            .map(|t| scope.spawn(move || run(count / threads, seed + t * 1_000_003)))
            .collect();
        let mut totals = BTreeMap::<String, u64>::new();
        for run in runs {
            for (status, n) in run.join().unwrap() {
                *totals.entry(status).or_default() += n;
            }
        }
        totals
    });
    for (status, n) in &totals {
        println!("{n:8} {status}");
    }
    // The mutations would be worth little if nothing got past the header.
    assert!(totals.contains_key("SUCCESS") && totals.contains_key("INVALID_PARAMETER"));
}

fn run(count: u64, seed: u64) -> BTreeMap<String, u64> {
    let mut random = Random(seed);
    let mut statuses = BTreeMap::new();
    let mut done = 0;
    while done < count {
        let rig = rig();
        // Files and locks pile up: now and then everything begins anew.
        for _ in 0..8 {
            let Some((mut client, handles)) = start(&rig) else {
                break;
            };
            let mut closed = 0;
            for _ in 0..250 {
                if done >= count || !client.alive {
                    break;
                }
                done += 1;
                let kind = random.below(KINDS);
                let mut message = build(&mut client, &handles, kind);
                mutate(&mut random, &mut message);
                let malformed = is_malformed(&message);
                let status = match client.exchange(message.clone()) {
                    Ok(reply) => reply.status(),
                    Err(status) => status,
                };
                if malformed {
                    assert_ne!(
                        status,
                        NtStatus::SUCCESS,
                        "kind {kind}, seed {seed}: {message:02x?}"
                    );
                }
                *statuses.entry(format!("{status:?}")).or_insert(0) += 1;
                client.unasked.clear();
                // What ends the session, or takes the files away, ends this round too.
                // (A single FILE_CLOSED is a spoilt handle.)
                closed += usize::from(status == NtStatus::FILE_CLOSED);
                let ends = Header::parse(&message).map(|h| h.command);
                if status == NtStatus::SUCCESS
                    && [Ok(Command::LOGOFF), Ok(Command::TREE_DISCONNECT)].contains(&ends)
                    || closed > 20
                {
                    break;
                }
            }
        }
    }
    statuses
}

/// Appends a message to a compound.
fn chain(compound: &mut Vec<u8>, mut message: Vec<u8>) {
    if !compound.is_empty() {
        let last = *last_of(compound).last().unwrap();
        compound.resize(compound.len().next_multiple_of(8), 0);
        let next = (compound.len() - last) as u32;
        compound[last + 20..last + 24].copy_from_slice(&next.to_le_bytes());
        message[16] |= HeaderFlags::RELATED_OPERATIONS.0 as u8;
    }
    compound.append(&mut message);
}

/// Where the messages of a compound begin.
fn last_of(compound: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    loop {
        let at = starts[starts.len() - 1];
        let next = u32::from_le_bytes(compound[at + 20..at + 24].try_into().unwrap()) as usize;
        if next == 0 {
            return starts;
        }
        starts.push(at + next);
    }
}

/// CREATE, QUERY_INFO, WRITE and CLOSE of what the first one opens.
fn compound(client: &mut Client<'_>) -> Vec<u8> {
    let any = Handles {
        file: FileId::ALL_ONES,
        dir: FileId::ALL_ONES,
    };
    let mut frame = Vec::new();
    for kind in [5, 21, 10, 7] {
        let message = build(client, &any, kind);
        chain(&mut frame, message);
    }
    frame
}

/// The first frame of a client that speaks SMB1 too ([MS-SMB] 2.2.4.5.1).
fn smb1_negotiate() -> Vec<u8> {
    let mut frame = b"\xffSMBr\0\0\0\0\x18\x53\xc8".to_vec();
    frame.resize(32, 0);
    let dialects = b"\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0";
    frame.push(0);
    frame.extend_from_slice(&(dialects.len() as u16).to_le_bytes());
    frame.extend_from_slice(dialects);
    frame
}

/// Spoils any byte.
fn scramble(random: &mut Random, frame: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        let len = frame.len();
        let at = random.below(len);
        match random.below(8) {
            0 => frame.truncate(at.max(1)),
            1 => frame.resize(len + random.below(100), 0xa5),
            2 => frame[at] = random.next() as u8,
            _ => frame[at] ^= 1 << random.below(8),
        }
    }
}

/// Compounds and first frames, spoilt anywhere. What of a compound is malformed cannot be told from outside;
/// that every reply parses is checked by the client.
#[test]
fn frames() {
    let (count, seed) = settings();
    let mut random = Random(seed);
    let mut answered = 0;
    let mut done = 0;
    while done < count / 20 {
        let rig = rig();
        for _ in 0..20 {
            let Some((mut client, _)) = start(&rig) else {
                break;
            };
            while client.alive && client.message_id < 200 {
                done += 1;
                let mut frame = compound(&mut client);
                scramble(&mut random, &mut frame);
                let first = Header::parse(&frame).map_or(0, |h| h.message_id);
                client.send(frame);
                answered += u64::from(client.reply_to(first).is_ok());
                client.unasked.clear();
            }
            let mut other = Client::connect(&rig, Options::default()).unwrap();
            done += 1;
            let mut frame = smb1_negotiate();
            scramble(&mut random, &mut frame);
            other.send_raw(&frame);
        }
    }
    assert!(answered > 0);
}

/// Encrypted frames, spoilt anywhere: they end the connection, and nothing of them is carried out.
#[test]
fn sealed() {
    let (count, seed) = settings();
    let mut random = Random(seed);
    let rig = rig();
    let sealing = Options {
        seal: true,
        ..Options::default()
    };
    for _ in 0..count / 500 {
        let mut client = Client::log_in(&rig, sealing.clone());
        client.tree_connect("data").unwrap();
        let name = utf16("dir\\never");
        let header = client.header(Command::CREATE);
        let all = AccessMask::FILE_ALL_ACCESS;
        let request = create_request(&name, all, CreateDisposition::CREATE, CreateOptions::NONE);
        let message = Client::message(&header, |w| request.write(w), 0);
        let good = client.seal(message);
        let mut frame = good.clone();
        scramble(&mut random, &mut frame);
        if frame == good {
            continue;
        }
        client.send_raw(&frame);
        assert!(!client.alive, "{frame:02x?}");
        assert!(!rig.host().fs_ref().exists("data/dir/never"));
    }
}

/// Requests to pipes, spoilt like those to files.
#[test]
fn pipes() {
    let (count, seed) = settings();
    let mut random = Random(seed);
    let mut done = 0;
    while done < count / 20 {
        let rig = rig();
        let mut client = Client::log_in(&rig, Options::default());
        client.tree_connect("IPC$").unwrap();
        let access = AccessMask(0x0012_019f);
        let mut open =
            || client.create("echo", access, CreateDisposition::OPEN, CreateOptions::NONE);
        let file = open().unwrap();
        let handles = Handles { file, dir: file };
        for _ in 0..200 {
            if !client.alive {
                break;
            }
            done += 1;
            let kind = [5, 7, 8, 9, 10, 11, 12, 14, 18, 21, 22, 25, 28][random.below(13)];
            let mut message = build(&mut client, &handles, kind);
            if kind == 12 {
                // FSCTL_PIPE_TRANSCEIVE.
                message[SMB2_HEADER_LEN + 4..SMB2_HEADER_LEN + 8]
                    .copy_from_slice(&CtlCode::PIPE_TRANSCEIVE.0.to_le_bytes());
            }
            mutate(&mut random, &mut message);
            let malformed = is_malformed(&message);
            let reply = client.exchange(message.clone());
            let success = reply.is_ok_and(|r| r.status() == NtStatus::SUCCESS);
            assert!(!(malformed && success), "kind {kind}: {message:02x?}");
            client.unasked.clear();
        }
    }
}
