// SPDX-License-Identifier: GPL-2.0-or-later
//! Local processes and what clients cache: the host's leases follow it, and who is in their way breaks it.

use ksmbd_engine::host::GuardLevel;
use ksmbd_engine::server::Server;
use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::smb2::{Command, CreateResponse, FileId, Header, OplockBreak, OplockLevel as L};

fn rig() -> Rig {
    let rig = Rig::with(Settings::default());
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"text");
    rig
}

fn client(rig: &Rig, address: u8) -> Client<'_> {
    let mut c = Client::log_in(
        rig,
        Options {
            address,
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    c
}

fn open(c: &mut Client<'_>, access: A, level: L) -> (FileId, L) {
    let name = utf16("f");
    let request = proto_shared::smb2::CreateRequest {
        oplock_level: level,
        ..create_request(&name, access, D::OPEN, O::NONE)
    };
    let reply = c.call(Command::CREATE, |w| request.write(w)).unwrap();
    let message = reply.ok().unwrap();
    let reply = CreateResponse::parse(&message).unwrap();
    (reply.file_id, reply.oplock_level)
}

/// What is guarded.
fn guarded(rig: &Rig) -> Option<GuardLevel> {
    rig.host().fs_ref().guarded("data/f").map(|g| g.2)
}

/// A local process is in the way of the guard.
fn local_open(rig: &Rig, writes: bool) {
    let (dev, ino, _) = rig.host().fs_ref().guarded("data/f").unwrap();
    Server::local_open(&rig.server, dev, ino, writes);
    rig.settle();
}

/// The level that a break takes an oplock to, if one came.
fn broken(c: &mut Client<'_>) -> Option<L> {
    let at = c
        .unasked
        .iter()
        .position(|m| Header::parse(m).unwrap().command == Command::OPLOCK_BREAK);
    let at = match at {
        Some(at) => at,
        // Takes in what has come.
        None => {
            let _ = c.reply_to(u64::MAX - 1);
            c.unasked
                .iter()
                .position(|m| Header::parse(m).unwrap().command == Command::OPLOCK_BREAK)?
        }
    };
    let message = c.unasked.remove(at);
    Some(OplockBreak::parse(&message).unwrap().oplock_level)
}

fn acknowledge(c: &mut Client<'_>, file_id: FileId, oplock_level: L) {
    let ack = OplockBreak {
        oplock_level,
        file_id,
    };
    c.call(Command::OPLOCK_BREAK, |w| ack.write(w))
        .unwrap()
        .ok()
        .unwrap();
}

const READ: A = A(A::READ_DATA.0 | A::READ_ATTRIBUTES.0);
const BOTH: A = A(READ.0 | A::WRITE_DATA.0);

#[test]
fn the_guard_follows_what_is_cached() {
    let rig = rig();
    let mut c = client(&rig, 1);
    let (none, _) = open(&mut c, BOTH, L::NONE);
    assert_eq!(guarded(&rig), None);
    c.close(none).unwrap();
    let (file, level) = open(&mut c, READ, L::BATCH);
    assert_eq!(level, L::BATCH);
    assert_eq!(guarded(&rig), Some(GuardLevel::Open));
    // Another client's open leaves both with level II.
    let mut d = client(&rig, 2);
    let name = utf16("f");
    let request = proto_shared::smb2::CreateRequest {
        oplock_level: L::II,
        ..create_request(&name, READ, D::OPEN, O::NONE)
    };
    let header = d.header(Command::CREATE);
    d.send(Client::message(&header, |w| request.write(w), 0));
    assert_eq!(broken(&mut c), Some(L::II));
    acknowledge(&mut c, file, L::II);
    d.reply_to(header.message_id).unwrap().ok().unwrap();
    assert_eq!(guarded(&rig), Some(GuardLevel::Write));
    c.close(file).unwrap();
    assert_eq!(guarded(&rig), Some(GuardLevel::Write));
    drop(d);
    assert_eq!(guarded(&rig), None);
}

/// A handle that is being closed is open for writing a little longer than it counts among the opens.
#[test]
fn what_the_server_writes_is_no_local_writer() {
    let rig = rig();
    let mut c = client(&rig, 1);
    let (file, level) = open(&mut c, BOTH, L::BATCH);
    assert_eq!(level, L::BATCH);
    let mut d = client(&rig, 2);
    let name = utf16("f");
    let request = proto_shared::smb2::CreateRequest {
        oplock_level: L::II,
        ..create_request(&name, BOTH, D::OPEN, O::NONE)
    };
    let header = d.header(Command::CREATE);
    d.send(Client::message(&header, |w| request.write(w), 0));
    assert_eq!(broken(&mut c), Some(L::II));
    // Instead of an acknowledgement.
    c.close(file).unwrap();
    let message = d.reply_to(header.message_id).unwrap().ok().unwrap();
    let reply = CreateResponse::parse(&message).unwrap();
    assert_eq!(reply.oplock_level, L::II);
    assert_eq!(guarded(&rig), Some(GuardLevel::Write));
    let (more, _) = open(&mut c, BOTH, L::NONE);
    c.close(more).unwrap();
    assert_eq!(broken(&mut d), None);
    assert_eq!(guarded(&rig), Some(GuardLevel::Write));
    assert_eq!(broken(&mut c), None);
}

#[test]
fn a_local_reader_has_data_written_back() {
    let rig = rig();
    let mut c = client(&rig, 1);
    let (file, _) = open(&mut c, BOTH, L::BATCH);
    local_open(&rig, false);
    // As long as the client has not answered, the process waits.
    assert_eq!(guarded(&rig), Some(GuardLevel::Open));
    assert_eq!(broken(&mut c), Some(L::II));
    acknowledge(&mut c, file, L::II);
    assert_eq!(guarded(&rig), Some(GuardLevel::Write));
}

#[test]
fn a_local_writer_takes_everything() {
    let rig = rig();
    let mut c = client(&rig, 1);
    let (file, _) = open(&mut c, READ, L::II);
    assert_eq!(guarded(&rig), Some(GuardLevel::Write));
    local_open(&rig, true);
    // Nobody waits for an answer to this.
    assert_eq!(broken(&mut c), Some(L::NONE));
    assert_eq!(guarded(&rig), None);
    c.close(file).unwrap();
    let (file, _) = open(&mut c, READ, L::EXCLUSIVE);
    local_open(&rig, true);
    assert_eq!(broken(&mut c), Some(L::NONE));
    assert_eq!(guarded(&rig), Some(GuardLevel::Open));
    acknowledge(&mut c, file, L::NONE);
    assert_eq!(guarded(&rig), None);
}

#[test]
fn a_client_that_does_not_answer_runs_out_of_time() {
    let rig = rig();
    let mut c = client(&rig, 1);
    let _ = open(&mut c, BOTH, L::BATCH);
    local_open(&rig, true);
    assert_eq!(guarded(&rig), Some(GuardLevel::Open));
    rig.advance_ms(40_000);
    assert_eq!(guarded(&rig), None);
}

#[test]
fn nothing_is_cached_while_local_processes_write() {
    let rig = rig();
    rig.host().fs_ref().set_local_writer("data/f", true);
    let mut c = client(&rig, 1);
    let (file, level) = open(&mut c, READ, L::II);
    assert_eq!(level, L::NONE);
    assert_eq!(broken(&mut c), None);
    assert_eq!(guarded(&rig), None);
    c.close(file).unwrap();
    rig.host().fs_ref().set_local_writer("data/f", false);
    let (_, level) = open(&mut c, READ, L::II);
    assert_eq!(level, L::II);
    assert_eq!(broken(&mut c), None);
    assert_eq!(guarded(&rig), Some(GuardLevel::Write));
}

#[test]
fn files_that_nobody_knows_break_nothing() {
    let rig = rig();
    Server::local_open(&rig.server, 1, 4711, true);
    let mut c = client(&rig, 1);
    let (_, level) = open(&mut c, READ, L::BATCH);
    assert_eq!(level, L::BATCH);
}
