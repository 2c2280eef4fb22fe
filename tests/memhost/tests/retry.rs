// SPDX-License-Identifier: GPL-2.0-or-later
//! Breaks that do not come through on one connection ([MS-SMB2] 3.3.4.6).

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask;
use proto_shared::fscc::flags::{CreateDisposition, CreateOptions};
use proto_shared::ipc::ConfigFlags;
use proto_shared::smb2::oplock_break::{BreakRequest, OplockBreak};
use proto_shared::smb2::{Command, CreateRequest, CreateResponse, FileId, OplockLevel};
use proto_shared::status::NtStatus as N;

const BATCH: OplockLevel = OplockLevel::BATCH;

fn rig() -> Rig {
    let rig = Rig::with(Settings {
        flags: ConfigFlags::MULTICHANNEL,
        ..Settings::default()
    });
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"content");
    rig.host().fs_ref().put("data/g", 1000, 0o666, b"content");
    rig
}

fn options() -> Options {
    Options {
        sign: true,
        blob: "more:alice",
        ..Options::default()
    }
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, options());
    c.tree_connect("data").unwrap();
    c
}

fn send(c: &mut Client<'_>) -> u64 {
    send_open(c, "f")
}

/// Asks for a batch oplock on a file.
fn send_open(c: &mut Client<'_>, path: &str) -> u64 {
    let header = c.header(Command::CREATE);
    let path = utf16(path);
    let (access, none) = (AccessMask::FILE_ALL_ACCESS, CreateOptions::NONE);
    let request = CreateRequest {
        oplock_level: BATCH,
        ..create_request(&path, access, CreateDisposition::OPEN, none)
    };
    c.send(Client::message(&header, |w| request.write(w), 0));
    header.message_id
}

fn answer(c: &mut Client<'_>, request: u64) -> Result<(FileId, OplockLevel), N> {
    let message = c.reply_to(request)?.ok()?;
    let reply = CreateResponse::parse(&message).unwrap();
    Ok((reply.file_id, reply.oplock_level))
}

/// The breaks that came so far, as (file, level).
fn breaks(c: &mut Client<'_>) -> Vec<(FileId, OplockLevel)> {
    assert_eq!(c.reply_to(u64::MAX - 1).unwrap_err(), N::IO_TIMEOUT);
    c.unasked
        .drain(..)
        .map(|m| OplockBreak::parse(&m).unwrap())
        .map(|b| (b.file_id, b.oplock_level))
        .collect()
}

#[test]
fn another_channel_is_tried() {
    let rig = rig();
    let mut first = client(&rig);
    let mut other = Client::connect(&rig, options()).unwrap();
    other.negotiate().unwrap();
    other.bind(&first).unwrap();
    other.tree_id = first.tree_id;
    let request = send(&mut first);
    let (held, level) = answer(&mut first, request).unwrap();
    assert_eq!(level, BATCH);

    let mut second = client(&rig);
    let waiting = send(&mut second);
    let told = vec![(held, OplockLevel::II)];
    assert_eq!(breaks(&mut first), told);
    // A connection that is only slow is left alone.
    rig.advance_ms(5_000);
    assert_eq!(breaks(&mut other), []);
    first.wire.set_retransmissions(1);
    rig.advance_ms(1_000);
    assert_eq!(breaks(&mut other), told);
    // The next one goes there at once.
    let request = send_open(&mut other, "g");
    let (g, _) = answer(&mut other, request).unwrap();
    let mut third = client(&rig);
    send_open(&mut third, "g");
    assert_eq!(breaks(&mut other), [(g, OplockLevel::II)]);
    // It is told once, and the first connection stays: what it has could still come.
    rig.advance_ms(5_000);
    assert_eq!(breaks(&mut other), []);
    assert!(!first.wire.is_dead());

    let ack = BreakRequest::Oplock(OplockBreak {
        oplock_level: OplockLevel::II,
        file_id: held,
    });
    let reply = other.call(Command::OPLOCK_BREAK, |w| ack.write(w)).unwrap();
    assert_eq!(reply.status(), N::SUCCESS);
    assert_eq!(answer(&mut second, waiting).unwrap().1, OplockLevel::II);
}

#[test]
fn a_peer_out_of_reach_is_given_up_before_the_time_is_over() {
    let rig = rig();
    let mut first = client(&rig);
    let request = send(&mut first);
    answer(&mut first, request).unwrap();
    let mut second = client(&rig);
    let waiting = send(&mut second);
    first.wire.set_retransmissions(7);
    rig.advance_ms(32_000);
    assert!(!first.wire.is_dead());
    rig.advance_ms(2_000);
    assert!(first.wire.is_dead());
    rig.disconnect(&first.conn, &first.wire);
    // Nobody has the file open any more, so all is to be had.
    assert_eq!(answer(&mut second, waiting).unwrap().1, BATCH);
}
