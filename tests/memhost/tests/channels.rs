// SPDX-License-Identifier: GPL-2.0-or-later
//! Several connections in one session ([MS-SMB2] 3.3.5.5.2, 3.3.5.15.11), and log-ins without a name.

use std::net::IpAddr;

use ksmbd_engine::host::Interface;
use ksmbd_memhost::client::{create_request, utf16, Client, Options, CLOSED};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions};
use proto_shared::fscc::network::{NetworkInterface, INTERFACE_LEN};
use proto_shared::fscc::CtlCode;
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::ioctl::IoctlFlags;
use proto_shared::smb2::{Command, FileId, IoctlRequest, IoctlResponse};
use proto_shared::status::NtStatus as N;

fn rig(flags: ConfigFlags) -> Rig {
    Rig::with(Settings {
        flags,
        ..Settings::default()
    })
}

fn signed(dialect: u16, algorithm: u16) -> Options {
    Options {
        dialects: vec![dialect],
        signing: vec![algorithm],
        sign: true,
        // Two legs: the reply to the first is signed and part of the hash.
        blob: "more:alice",
        ..Options::default()
    }
}

/// A second connection, not logged in.
fn second(rig: &Rig, options: Options) -> Client<'_> {
    let mut c = Client::connect(rig, options).unwrap();
    c.negotiate().unwrap();
    c
}

const HMAC: u16 = 0;
const CMAC: u16 = 1;
const GMAC: u16 = 2;

#[test]
fn a_second_connection_becomes_a_channel() {
    let rig = rig(ConfigFlags::MULTICHANNEL);
    for (dialect, algorithm) in [
        (0x0300, CMAC),
        (0x0311, CMAC),
        (0x0311, GMAC),
        (0x0311, HMAC),
    ] {
        let mut first = Client::log_in(&rig, signed(dialect, algorithm));
        first.tree_connect("data").unwrap();
        let file = first
            .create(
                "f",
                AccessMask::FILE_ALL_ACCESS,
                CreateDisposition::OPEN_IF,
                CreateOptions::NONE,
            )
            .unwrap();
        first.write(file, 0, b"one").unwrap();
        let mut other = second(&rig, signed(dialect, algorithm));
        assert_eq!(other.bind(&first), Ok(()), "{dialect:x} {algorithm}");
        other.tree_id = first.tree_id;
        assert_eq!(other.read(file, 0, 3).unwrap(), b"one");
        other.close(file).unwrap();
        // The session lives on without its first connection.
        drop(first);
        other.tree_connect("data").unwrap();
    }
}

#[test]
fn who_may_not_bind_is_told_why_and_signed() {
    let rig = rig(ConfigFlags::MULTICHANNEL);
    let cases = [
        ((0x0311, GMAC), (0x0311, CMAC), N::REQUEST_OUT_OF_SEQUENCE),
        ((0x0311, GMAC), (0x0311, HMAC), N::REQUEST_OUT_OF_SEQUENCE),
        ((0x0311, GMAC), (0x0300, CMAC), N::REQUEST_OUT_OF_SEQUENCE),
        ((0x0311, GMAC), (0x0210, HMAC), N::REQUEST_OUT_OF_SEQUENCE),
        ((0x0311, CMAC), (0x0311, GMAC), N::NOT_SUPPORTED),
        ((0x0300, CMAC), (0x0311, GMAC), N::NOT_SUPPORTED),
        ((0x0210, HMAC), (0x0311, GMAC), N::NOT_SUPPORTED),
        ((0x0210, HMAC), (0x0210, HMAC), N::REQUEST_NOT_ACCEPTED),
        ((0x0311, CMAC), (0x0210, HMAC), N::REQUEST_NOT_ACCEPTED),
        ((0x0210, HMAC), (0x0311, CMAC), N::INVALID_PARAMETER),
        ((0x0302, CMAC), (0x0311, CMAC), N::INVALID_PARAMETER),
    ];
    for (of_first, of_second, status) in cases {
        let mut first = Client::log_in(&rig, signed(of_first.0, of_first.1));
        let mut other = second(&rig, signed(of_second.0, of_second.1));
        // The client refuses what is not signed, so this shows both.
        assert_eq!(
            other.bind(&first),
            Err(status),
            "{of_first:x?} {of_second:x?}"
        );
        first.tree_connect("data").unwrap();
    }
}

#[test]
fn who_fails_to_prove_himself_again_loses_the_session_on_all_channels() {
    let rig = rig(ConfigFlags::MULTICHANNEL);
    let mut first = Client::log_in(&rig, signed(0x0311, CMAC));
    first.tree_connect("data").unwrap();
    let mut other = second(&rig, signed(0x0311, CMAC));
    other.bind(&first).unwrap();
    other.tree_id = first.tree_id;
    other.set_blob("mallory");
    assert_eq!(other.reauthenticate(), Err(N::LOGON_FAILURE));
    for c in [&mut first, &mut other] {
        let header = c.header(Command::CREATE);
        let name = utf16("f");
        let request = create_request(
            &name,
            AccessMask::FILE_ALL_ACCESS,
            CreateDisposition::OPEN_IF,
            CreateOptions::NONE,
        );
        let message = Client::message(&header, |w| request.write(w), 0);
        c.send(message);
        let reply = c.reply_to(header.message_id).unwrap();
        assert_eq!(reply.status(), N::USER_SESSION_DELETED);
        // What is not signed might be said by anybody.
        assert!(reply.header.is_signed());
    }
}

#[test]
fn the_ciphers_must_be_the_same() {
    let rig = rig(ConfigFlags::MULTICHANNEL);
    let with = |cipher| Options {
        ciphers: vec![cipher],
        ..signed(0x0311, CMAC)
    };
    let first = Client::log_in(&rig, with(2));
    let mut other = second(&rig, with(1));
    assert_eq!(other.bind(&first), Err(N::INVALID_PARAMETER));
}

fn network_interfaces(c: &mut Client<'_>, room: u32) -> Result<Vec<u8>, N> {
    let request = IoctlRequest {
        ctl_code: CtlCode::QUERY_NETWORK_INTERFACE_INFO,
        file_id: FileId::ALL_ONES,
        max_input_response: 0,
        max_output_response: room,
        flags: IoctlFlags::IS_FSCTL,
        input: &[],
    };
    let message = c.call(Command::IOCTL, |w| request.write(w))?.ok()?;
    Ok(IoctlResponse::parse(&message).unwrap().output.to_vec())
}

#[test]
fn interfaces_are_told() {
    let rig = rig(ConfigFlags::MULTICHANNEL);
    let at = |index, address: &str| Interface {
        index,
        address: address.parse::<IpAddr>().unwrap(),
        speed: 10_000_000_000,
        several_queues: index == 2,
    };
    let mut c = Client::log_in(&rig, Options::default());
    c.tree_connect("data").unwrap();
    rig.host().set_interfaces(&[at(1, "127.0.0.1")]);
    // A machine of its own: then loopback is better than nothing.
    let alone = network_interfaces(&mut c, 65_536).unwrap();
    assert_eq!(alone.len(), INTERFACE_LEN);
    rig.host().set_interfaces(&[
        at(1, "127.0.0.1"),
        at(1, "::1"),
        at(2, "192.0.2.7"),
        at(3, "2001:db8::7"),
        at(3, "fe80::7"),
    ]);
    let list = network_interfaces(&mut c, 65_536).unwrap();
    assert_eq!(list.len(), 2 * INTERFACE_LEN);
    let (v4, next) = NetworkInterface::parse(&list).unwrap();
    let v4 = v4.unwrap();
    assert_eq!(
        (v4.if_index, v4.address.to_string()),
        (2, "192.0.2.7".into())
    );
    assert_eq!(v4.link_speed, 10_000_000_000);
    let (v6, end) = NetworkInterface::parse(&list[next..]).unwrap();
    assert_eq!(
        (v6.unwrap().address.to_string(), end),
        ("2001:db8::7".into(), 0)
    );
    assert_eq!(
        network_interfaces(&mut c, INTERFACE_LEN as u32),
        Err(N::BUFFER_TOO_SMALL)
    );
}

#[test]
fn without_channels_no_interfaces_are_told() {
    let rig = rig(ConfigFlags::NONE);
    let mut c = Client::log_in(&rig, Options::default());
    c.tree_connect("data").unwrap();
    assert_eq!(network_interfaces(&mut c, 65_536), Err(N::NOT_SUPPORTED));
}

#[test]
fn nobody_may_sign_and_need_not() {
    let rig = rig(ConfigFlags::NONE);
    for sign in [false, true] {
        let mut c = Client::log_in(
            &rig,
            Options {
                blob: "user:nobody",
                sign,
                ..Options::default()
            },
        );
        c.tree_connect("data").unwrap();
    }
}

#[test]
fn nobody_encrypts_only_beside_somebody() {
    let rig = rig(ConfigFlags::NONE);
    let options = |blob| Options {
        blob,
        seal: true,
        ..Options::default()
    };
    // The key of nobody is everybody's: such a frame ends the connection.
    let mut alone = Client::log_in(&rig, options("user:nobody"));
    assert_eq!(alone.tree_connect("data"), Err(CLOSED));
    let mut c = Client::log_in(&rig, options("user:alice"));
    c.tree_connect("data").unwrap();
    c.set_blob("user:nobody");
    c.session_setup().unwrap();
    c.tree_connect("data").unwrap();
}
