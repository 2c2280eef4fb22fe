// SPDX-License-Identifier: GPL-2.0-or-later
//! A session of every dialect, signed and sealed: files go in and come out.

use ksmbd_memhost::client::{utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::Utf16;
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions};
use proto_shared::fscc::{directory, FileInfoClass};
use proto_shared::smb2::{
    Command, EchoRequest, FileId, QueryDirectoryRequest, QueryDirectoryResponse,
};
use proto_shared::status::NtStatus;

const ALL: AccessMask = AccessMask::FILE_ALL_ACCESS;

fn list(client: &mut Client<'_>, dir: FileId) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        let pattern = utf16("*");
        let request = QueryDirectoryRequest {
            info_class: FileInfoClass::ID_BOTH_DIRECTORY,
            flags: Default::default(),
            file_index: 0,
            file_id: dir,
            file_name: Utf16::new(&pattern).unwrap(),
            output_buffer_length: 4096,
        };
        let reply = client
            .call(Command::QUERY_DIRECTORY, |w| request.write(w))
            .unwrap();
        if reply.status() == NtStatus::NO_MORE_FILES {
            return names;
        }
        let message = reply.ok().unwrap();
        let response = QueryDirectoryResponse::parse(&message).unwrap();
        for entry in directory::entries(FileInfoClass::ID_BOTH_DIRECTORY, response.output) {
            let mut name = [0; 1024];
            names.push(entry.unwrap().name.to_utf8(&mut name).unwrap().to_string());
        }
    }
}

fn session(options: Options, settings: Settings) {
    let rig = Rig::with(settings);
    let mut client = Client::log_in(&rig, options);
    client
        .call(Command::ECHO, |w| EchoRequest.write(w))
        .unwrap()
        .ok()
        .unwrap();
    assert_eq!(
        client.tree_connect("nothing"),
        Err(NtStatus::BAD_NETWORK_NAME)
    );
    client.tree_connect("data").unwrap();
    let file = client
        .create(
            "hello.txt",
            ALL,
            CreateDisposition::CREATE,
            CreateOptions::NON_DIRECTORY_FILE,
        )
        .unwrap();
    let text: Vec<u8> = (0..50_000u32).map(|i| (i % 251) as u8).collect();
    client.write(file, 0, &text).unwrap();
    assert_eq!(client.read(file, 0, 65_536).unwrap(), text);
    assert_eq!(client.read(file, 49_999, 10).unwrap(), text[49_999..]);
    assert_eq!(client.read(file, 50_000, 10), Err(NtStatus::END_OF_FILE));
    client.close(file).unwrap();
    assert_eq!(client.read(file, 0, 1), Err(NtStatus::FILE_CLOSED));
    assert_eq!(rig.host().fs_ref().get("data/hello.txt").unwrap(), text);
    let again = client.create(
        "hello.txt",
        ALL,
        CreateDisposition::CREATE,
        CreateOptions::NONE,
    );
    assert_eq!(again, Err(NtStatus::OBJECT_NAME_COLLISION));
    let missing = client.create("no", ALL, CreateDisposition::OPEN, CreateOptions::NONE);
    assert_eq!(missing, Err(NtStatus::OBJECT_NAME_NOT_FOUND));
    let up = client.create(
        "..\\data",
        ALL,
        CreateDisposition::OPEN,
        CreateOptions::NONE,
    );
    assert_eq!(up, Err(NtStatus::OBJECT_PATH_SYNTAX_BAD));
    let dir = client
        .create(
            "sub",
            ALL,
            CreateDisposition::CREATE,
            CreateOptions::DIRECTORY_FILE,
        )
        .unwrap();
    client.close(dir).unwrap();
    let doomed = client
        .create(
            "sub\\x",
            ALL,
            CreateDisposition::OPEN_IF,
            CreateOptions::DELETE_ON_CLOSE,
        )
        .unwrap();
    assert!(rig.host().fs_ref().exists("data/sub/x"));
    client.close(doomed).unwrap();
    assert!(!rig.host().fs_ref().exists("data/sub/x"));
    let root = client
        .create(
            "",
            AccessMask::FILE_GENERIC_READ,
            CreateDisposition::OPEN,
            CreateOptions::DIRECTORY_FILE,
        )
        .unwrap();
    let mut names = list(&mut client, root);
    names.sort_unstable();
    assert_eq!(names, [".", "..", "hello.txt", "sub"]);
    assert!(client.alive);
}

#[test]
fn every_dialect() {
    for dialect in [0x0202, 0x0210, 0x0300, 0x0302, 0x0311] {
        for (sign, seal) in [(false, false), (true, false), (false, true)] {
            if seal && dialect < 0x0300 {
                continue;
            }
            println!("dialect {dialect:#x} sign {sign} seal {seal}");
            session(
                Options {
                    dialects: vec![dialect],
                    sign,
                    seal,
                    ..Options::default()
                },
                Settings::default(),
            );
        }
    }
}

#[test]
fn every_algorithm() {
    for cipher in [1, 2, 3, 4] {
        println!("cipher {cipher}");
        let options = Options {
            ciphers: vec![cipher],
            seal: true,
            ..Options::default()
        };
        session(
            options,
            Settings {
                encryption: 2,
                ..Settings::default()
            },
        );
    }
    for algorithm in [0, 1, 2] {
        println!("signing {algorithm}");
        let options = Options {
            signing: vec![algorithm],
            sign: true,
            ..Options::default()
        };
        session(
            options,
            Settings {
                signing: 2,
                ..Settings::default()
            },
        );
    }
}

#[test]
fn log_in() {
    let rig = Rig::new();
    let blob = |blob| Options {
        blob,
        ..Options::default()
    };
    let mut client = Client::connect(&rig, blob("nobody")).unwrap();
    client.negotiate().unwrap();
    assert_eq!(client.session_setup(), Err(NtStatus::LOGON_FAILURE));
    assert!(client.alive);
    for name in ["more:alice", "user:root", "user:guest"] {
        let mut client = Client::connect(&rig, blob(name)).unwrap();
        client.negotiate().unwrap();
        client.session_setup().unwrap();
        client.tree_connect("data").unwrap();
    }
}
