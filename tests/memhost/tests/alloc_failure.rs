// SPDX-License-Identifier: GPL-2.0-or-later
//! The n-th allocation fails, for every n, in every kind of request: the client gets a clean error (or loses
//! the connection, or does not notice), nothing leaks, and the server goes on.

use std::collections::BTreeMap;

use kernel::shim;
use ksmbd_memhost::client::{
    create_request, read_request, utf16, Client, Options, BAD_SIGNATURE, CLOSED,
};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions};
use proto_shared::fscc::{CtlCode, FileInfoClass};
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::query_info::InfoType;
use proto_shared::smb2::{
    Command, FileId, FlushRequest, IoctlRequest, LockRequest, LogoffRequest, QueryDirectoryRequest,
    QueryInfoRequest, SetInfoRequest, TreeDisconnectRequest,
};
use proto_shared::status::NtStatus;

type Result = std::result::Result<(), NtStatus>;

/// How far a client is brought before allocations begin to fail.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Stage {
    Connected,
    Negotiated,
    LoggedIn,
    InTree,
    Open,
}

/// What is swept.
struct Case {
    name: &'static str,
    stage: Stage,
    /// Whether the same request must succeed afterwards, if the connection is still there.
    again: bool,
    run: fn(&mut Client<'_>, FileId) -> Result,
}

const ALL: AccessMask = AccessMask::FILE_ALL_ACCESS;

fn call(
    client: &mut Client<'_>,
    command: Command,
    body: impl FnOnce(
        &mut proto_shared::codec::Writer<'_>,
    ) -> std::result::Result<(), proto_shared::codec::NoSpace>,
) -> Result {
    client.call(command, body)?.ok().map(drop)
}

fn query_info(client: &mut Client<'_>, file_id: FileId, info_type: InfoType, class: u8) -> Result {
    let request = QueryInfoRequest {
        info_type,
        info_class: class,
        output_buffer_length: 4096,
        input: &[],
        additional_information: 7,
        flags: Default::default(),
        file_id,
    };
    call(client, Command::QUERY_INFO, |w| request.write(w))
}

fn set_info(
    client: &mut Client<'_>,
    file_id: FileId,
    class: FileInfoClass,
    buffer: &[u8],
) -> Result {
    let request = SetInfoRequest {
        info_type: InfoType::FILE,
        info_class: class.0,
        additional_information: 0,
        file_id,
        buffer,
    };
    call(client, Command::SET_INFO, |w| request.write(w))
}

fn rename(client: &mut Client<'_>, file_id: FileId, to: &str) -> Result {
    let name = utf16(to);
    let mut buffer = vec![0; 16];
    buffer.extend_from_slice(&(name.len() as u32).to_le_bytes());
    buffer.extend_from_slice(&name);
    set_info(client, file_id, FileInfoClass::RENAME, &buffer)
}

const CASES: &[Case] = &[
    Case {
        name: "negotiate",
        stage: Stage::Connected,
        again: false,
        run: |c, _| c.negotiate(),
    },
    Case {
        name: "session setup",
        stage: Stage::Negotiated,
        again: true,
        run: |c, _| c.session_setup(),
    },
    Case {
        name: "tree connect",
        stage: Stage::LoggedIn,
        again: true,
        run: |c, _| c.tree_connect("data"),
    },
    Case {
        name: "pipe tree",
        stage: Stage::LoggedIn,
        again: true,
        run: |c, _| c.tree_connect("IPC$"),
    },
    Case {
        name: "create new",
        stage: Stage::InTree,
        again: false,
        run: |c, _| {
            c.create(
                "dir\\new",
                ALL,
                CreateDisposition::CREATE,
                CreateOptions::NONE,
            )
            .map(drop)
        },
    },
    Case {
        name: "create directory",
        stage: Stage::InTree,
        again: false,
        run: |c, _| {
            c.create(
                "dir\\d",
                ALL,
                CreateDisposition::CREATE,
                CreateOptions::DIRECTORY_FILE,
            )
            .map(drop)
        },
    },
    Case {
        name: "open other case",
        stage: Stage::InTree,
        again: true,
        run: |c, _| {
            c.create(
                "DIR\\FILE",
                ALL,
                CreateDisposition::OPEN,
                CreateOptions::NONE,
            )
            .map(drop)
        },
    },
    Case {
        name: "supersede",
        stage: Stage::InTree,
        again: true,
        run: |c, _| {
            c.create(
                "dir\\file",
                ALL,
                CreateDisposition::SUPERSEDE,
                CreateOptions::NONE,
            )
            .map(drop)
        },
    },
    Case {
        name: "delete on close",
        stage: Stage::InTree,
        again: true,
        run: |c, _| {
            let f = c.create(
                "dir\\gone",
                ALL,
                CreateDisposition::OPEN_IF,
                CreateOptions::DELETE_ON_CLOSE,
            )?;
            c.close(f)
        },
    },
    Case {
        name: "create with contexts",
        stage: Stage::InTree,
        again: true,
        run: |c, _| {
            let name = utf16("dir\\file");
            let request = create_request(&name, ALL, CreateDisposition::OPEN, CreateOptions::NONE);
            call(c, Command::CREATE, |w| {
                request.write_with(w, |contexts| {
                    contexts.add(b"MxAc", |_| Ok(()))?;
                    contexts.add(b"QFid", |_| Ok(()))
                })
            })
        },
    },
    Case {
        name: "close",
        stage: Stage::Open,
        again: false,
        run: |c, f| c.close(f),
    },
    Case {
        name: "flush",
        stage: Stage::Open,
        again: true,
        run: |c, f| call(c, Command::FLUSH, |w| FlushRequest { file_id: f }.write(w)),
    },
    Case {
        name: "read",
        stage: Stage::Open,
        again: true,
        run: |c, f| {
            let data = c.read(f, 1, 1000)?;
            assert_eq!(data, b"ontent");
            Ok(())
        },
    },
    Case {
        name: "write",
        stage: Stage::Open,
        again: true,
        run: |c, f| c.write(f, 100, &[1; 5000]),
    },
    Case {
        name: "lock",
        stage: Stage::Open,
        again: false,
        run: |c, f| {
            let element = |offset, flags| LockElement {
                offset,
                length: 10,
                flags,
            };
            let exclusive = LockFlags::EXCLUSIVE_LOCK | LockFlags::FAIL_IMMEDIATELY;
            let lock = [element(0, exclusive), element(20, exclusive)];
            call(c, Command::LOCK, |w| LockRequest::write(f, 0, 0, &lock, w))?;
            let unlock = [
                element(0, LockFlags::UNLOCK),
                element(20, LockFlags::UNLOCK),
            ];
            call(c, Command::LOCK, |w| {
                LockRequest::write(f, 0, 0, &unlock, w)
            })
        },
    },
    Case {
        name: "stream of a file that is made for it",
        stage: Stage::InTree,
        again: true,
        run: |c, _| {
            let f = c.create(
                "dir\\host:s",
                ALL,
                CreateDisposition::OPEN_IF,
                CreateOptions::NONE,
            )?;
            c.close(f)
        },
    },
    // Not again: when it fails behind the disposition, the handle stays open and the stream is about to go.
    Case {
        name: "stream",
        stage: Stage::InTree,
        again: false,
        run: |c, _| {
            let f = c.create(
                "dir\\file:S",
                ALL,
                CreateDisposition::OVERWRITE_IF,
                CreateOptions::NONE,
            )?;
            c.write(f, 10, b"text")?;
            assert_eq!(c.read(f, 9, 100)?, b"\0text");
            query_info(c, f, InfoType::FILE, FileInfoClass::STREAM.0)?;
            query_info(c, f, InfoType::FILE, FileInfoClass::ALL.0)?;
            set_info(c, f, FileInfoClass::END_OF_FILE, &7u64.to_le_bytes())?;
            set_info(c, f, FileInfoClass::DISPOSITION, &[1])?;
            c.close(f)
        },
    },
    Case {
        name: "query directory",
        stage: Stage::InTree,
        again: true,
        run: |c, _| {
            let dir = c.create(
                "dir",
                AccessMask::FILE_GENERIC_READ,
                CreateDisposition::OPEN,
                CreateOptions::NONE,
            )?;
            for class in [
                FileInfoClass::ID_BOTH_DIRECTORY,
                FileInfoClass::NAMES,
                FileInfoClass::DIRECTORY,
            ] {
                let pattern = utf16("*i*");
                let request = QueryDirectoryRequest {
                    info_class: class,
                    flags: proto_shared::smb2::query_directory::QueryDirectoryFlags::REOPEN,
                    file_index: 0,
                    file_id: dir,
                    file_name: Utf16::new(&pattern).unwrap(),
                    output_buffer_length: 8192,
                };
                call(c, Command::QUERY_DIRECTORY, |w| request.write(w))?;
            }
            c.close(dir)
        },
    },
    Case {
        name: "query info",
        stage: Stage::Open,
        again: true,
        run: |c, f| {
            for class in [
                FileInfoClass::ALL,
                FileInfoClass::BASIC,
                FileInfoClass::STREAM,
                FileInfoClass::NETWORK_OPEN,
            ] {
                query_info(c, f, InfoType::FILE, class.0)?;
            }
            for class in [1, 3, 5, 7] {
                query_info(c, f, InfoType::FILESYSTEM, class)?;
            }
            query_info(c, f, InfoType::SECURITY, 0)
        },
    },
    Case {
        name: "set info",
        stage: Stage::Open,
        again: true,
        run: |c, f| {
            let mut basic = [0; 40];
            basic[16..24].copy_from_slice(&0x01da_0000_0000_0000u64.to_le_bytes());
            basic[32] = 0x02;
            set_info(c, f, FileInfoClass::BASIC, &basic)?;
            set_info(c, f, FileInfoClass::END_OF_FILE, &77u64.to_le_bytes())?;
            set_info(c, f, FileInfoClass::ALLOCATION, &8192u64.to_le_bytes())?;
            set_info(c, f, FileInfoClass::DISPOSITION, &[1])?;
            set_info(c, f, FileInfoClass::DISPOSITION, &[0])
        },
    },
    // Not again: where there was no memory to note the new name, the file seems to be in its own way.
    Case {
        name: "rename",
        stage: Stage::Open,
        again: false,
        run: |c, f| rename(c, f, "dir\\renamed"),
    },
    Case {
        name: "ioctl",
        stage: Stage::Open,
        again: true,
        run: |c, f| {
            let request = IoctlRequest {
                ctl_code: CtlCode::CREATE_OR_GET_OBJECT_ID,
                file_id: f,
                input: &[],
                max_input_response: 0,
                max_output_response: 1024,
                flags: proto_shared::smb2::ioctl::IoctlFlags::IS_FSCTL,
            };
            match call(c, Command::IOCTL, |w| request.write(w)) {
                Err(NtStatus::INVALID_DEVICE_REQUEST | NtStatus::NOT_SUPPORTED) => Ok(()),
                other => other,
            }
        },
    },
    Case {
        name: "pipe",
        stage: Stage::LoggedIn,
        again: true,
        run: |c, _| {
            c.tree_connect("IPC$")?;
            let pipe = c.create(
                "srvsvc",
                AccessMask(0x0012_019f),
                CreateDisposition::OPEN,
                CreateOptions::NONE,
            )?;
            c.write(pipe, 0, b"a request")?;
            let request = read_request(pipe, 0, 1024);
            call(c, Command::READ, |w| request.write(w))?;
            c.close(pipe)
        },
    },
    Case {
        name: "tree disconnect",
        stage: Stage::Open,
        again: false,
        run: |c, _| {
            call(c, Command::TREE_DISCONNECT, |w| {
                TreeDisconnectRequest.write(w)
            })
        },
    },
    Case {
        name: "logoff",
        stage: Stage::Open,
        again: false,
        run: |c, _| call(c, Command::LOGOFF, |w| LogoffRequest.write(w)),
    },
];

/// What a failed allocation may look like to the client.
fn clean(status: NtStatus) -> bool {
    [
        NtStatus::INSUFFICIENT_RESOURCES,
        NtStatus::INSUFF_SERVER_RESOURCES,
        NtStatus::NO_MEMORY,
        CLOSED,
        // A refusal without memory to look up the session's key has no signature; clients that want one end the
        // connection.
        BAD_SIGNATURE,
    ]
    .contains(&status)
}

fn prepare<'a>(rig: &'a Rig, stage: Stage, options: &Options) -> (Client<'a>, FileId) {
    let mut client = Client::connect(rig, options.clone()).unwrap();
    let mut file = FileId::default();
    if stage >= Stage::Negotiated {
        client.negotiate().unwrap();
    }
    if stage >= Stage::LoggedIn {
        client.session_setup().unwrap();
    }
    if stage >= Stage::InTree {
        client.tree_connect("data").unwrap();
    }
    if stage >= Stage::Open {
        file = client
            .create(
                "dir\\file",
                ALL,
                CreateDisposition::OPEN,
                CreateOptions::NONE,
            )
            .unwrap();
    }
    (client, file)
}

/// Sweeps one case; returns how many allocations it has.
fn sweep(case: &Case, options: &Options, statuses: &mut BTreeMap<String, usize>) -> u64 {
    for n in 0.. {
        let before = shim::live_allocations_here();
        let hits = {
            let rig = Rig::with(Settings::default());
            let files = rig.host().fs_ref();
            files.mkdir("data/dir", 1000, 0o755);
            files.put("data/dir/file", 1000, 0o644, b"content");
            let (mut client, file) = prepare(&rig, case.stage, options);
            shim::fail_after(n);
            let mut result = (case.run)(&mut client, file);
            let hits = shim::fail_never();
            if result == Err(NtStatus::IO_TIMEOUT) {
                // The answer of the daemon got lost: the deadline must find the request.
                rig.advance_ms(10_000);
                result = match client.reply_to(client.message_id - 1) {
                    // How a command calls that is its own affair.
                    Ok(reply) if reply.status().is_error() => Err(NtStatus::INSUFFICIENT_RESOURCES),
                    Ok(reply) => reply.ok().map(drop),
                    Err(status) => Err(status),
                };
            }
            if let Err(status) = result {
                assert!(
                    hits != 0,
                    "{}: {status:?} without a failed allocation",
                    case.name
                );
                assert!(
                    clean(status),
                    "{}: {status:?} when allocation {n} fails",
                    case.name
                );
                *statuses.entry(format!("{status:?}")).or_default() += 1;
            } else if hits != 0 {
                *statuses.entry("not noticed".into()).or_default() += 1;
            }
            if client.alive && case.again {
                let again = (case.run)(&mut client, file);
                assert_eq!(again, Ok(()), "{}: after allocation {n} failed", case.name);
            }
            // Whatever happened, the next client is served.
            drop(client);
            let (mut other, _) = prepare(&rig, Stage::InTree, &Options::default());
            let dir = other
                .create(
                    "dir",
                    AccessMask::FILE_GENERIC_READ,
                    CreateDisposition::OPEN,
                    CreateOptions::NONE,
                )
                .unwrap();
            other.close(dir).unwrap();
            assert_eq!(
                rig.server.parked_count(),
                0,
                "{}: a request waits for ever",
                case.name
            );
            hits
        };
        let leaked = shim::live_allocations_here() - before;
        assert_eq!(
            leaked, 0,
            "{}: {leaked} allocations leak when allocation {n} fails",
            case.name
        );
        if hits == 0 {
            return n;
        }
    }
    unreachable!("some n is behind the last allocation")
}

fn sweep_all(options: &Options) {
    for case in CASES {
        let mut statuses = BTreeMap::new();
        let n = sweep(case, options, &mut statuses);
        println!("{:20} {n:4} allocations: {statuses:?}", case.name);
        assert!(n > 0, "{}: nothing was swept", case.name);
    }
}

#[test]
fn plain() {
    sweep_all(&Options::default());
}

#[test]
fn signed() {
    sweep_all(&Options {
        sign: true,
        ..Options::default()
    });
}

#[test]
fn sealed() {
    sweep_all(&Options {
        seal: true,
        ..Options::default()
    });
}

#[test]
fn old_dialects() {
    for dialect in [0x0202, 0x0210, 0x0300] {
        sweep_all(&Options {
            dialects: vec![dialect],
            sign: true,
            ..Options::default()
        });
    }
}
