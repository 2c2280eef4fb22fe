// SPDX-License-Identifier: GPL-2.0-or-later
//! Reads from pipes in which there is nothing yet, and every way in which waiting can end.

use ksmbd_memhost::client::{read_request, Client, Options};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::smb2::{CancelRequest, Command, FileId, Header, ReadResponse};
use proto_shared::status::NtStatus as N;

/// Most requests of a connection that wait after an interim reply.
const MAX_PENDING: usize = 511;

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("IPC$").unwrap();
    c
}

fn pipe(c: &mut Client<'_>) -> FileId {
    c.create("srvsvc", A(0x0012_019F), D::OPEN, O::NONE)
        .unwrap()
}

fn send_read(c: &mut Client<'_>, pipe: FileId) -> u64 {
    let req = read_request(pipe, 0, 1024);
    let header = c.header(Command::READ);
    let message = Client::message(&header, |w| req.write(w), 0);
    c.send(message);
    header.message_id
}

/// The interim reply to `request`, taken out of what came unasked.
fn interim(c: &mut Client<'_>, request: u64) -> Header {
    let at = c.unasked.iter().position(|m| {
        let h = Header::parse(m).unwrap();
        h.message_id == request && h.status == N::PENDING
    });
    Header::parse(&c.unasked.remove(at.expect("the read waits"))).unwrap()
}

/// Sends a read that has to wait.
fn wait(c: &mut Client<'_>, pipe: FileId) -> (u64, Header) {
    let request = send_read(c, pipe);
    assert_eq!(told(c, request), Err(N::IO_TIMEOUT));
    let header = interim(c, request);
    assert!(header.is_async());
    (request, header)
}

/// The final answer to a read, which may have come while another one was waited for.
fn told(c: &mut Client<'_>, request: u64) -> Result<Vec<u8>, N> {
    let early = c.unasked.iter().position(|m| {
        let h = Header::parse(m).unwrap();
        h.message_id == request && h.status != N::PENDING
    });
    let message = match early {
        Some(at) => c.unasked.remove(at),
        None => c.reply_to(request)?.message,
    };
    match Header::parse(&message).unwrap().status {
        N::SUCCESS | N::BUFFER_OVERFLOW => Ok(ReadResponse::parse(&message).unwrap().1.to_vec()),
        status => Err(status),
    }
}

#[test]
fn a_write_ends_the_wait() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let p = pipe(&mut c);
    let other = pipe(&mut c);
    let (read, _) = wait(&mut c, p);
    let (elsewhere, _) = wait(&mut c, other);
    c.write(p, 0, b"a request").unwrap();
    assert_eq!(told(&mut c, read), Ok(b"a request".to_vec()));
    // What was written to one pipe is nothing to read from another.
    assert_eq!(told(&mut c, elsewhere), Err(N::IO_TIMEOUT));
    c.write(other, 0, b"two").unwrap();
    assert_eq!(told(&mut c, elsewhere), Ok(b"two".to_vec()));
}

#[test]
fn one_write_serves_one_read() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let p = pipe(&mut c);
    let (first, _) = wait(&mut c, p);
    let (second, _) = wait(&mut c, p);
    c.write(p, 0, b"one").unwrap();
    assert_eq!(told(&mut c, first), Ok(b"one".to_vec()));
    assert_eq!(told(&mut c, second), Err(N::IO_TIMEOUT));
    // It waits on without a second interim reply.
    assert!(c.unasked.is_empty());
    c.write(p, 0, b"two").unwrap();
    assert_eq!(told(&mut c, second), Ok(b"two".to_vec()));
}

#[test]
fn closing_the_pipe_breaks_the_wait() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let p = pipe(&mut c);
    let (read, _) = wait(&mut c, p);
    c.close(p).unwrap();
    assert_eq!(told(&mut c, read), Err(N::PIPE_BROKEN));
}

#[test]
fn cancel_ends_the_wait_and_leaves_the_pipe() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let p = pipe(&mut c);
    let (read, interim) = wait(&mut c, p);
    let mut header = c.header(Command::CANCEL);
    header.message_id = read;
    header.flags |= proto_shared::smb2::HeaderFlags::ASYNC_COMMAND;
    header.async_id = interim.async_id;
    c.send(Client::message(&header, |w| CancelRequest.write(w), 0));
    assert_eq!(told(&mut c, read), Err(N::CANCELLED));
    c.write(p, 0, b"later").unwrap();
    let read = send_read(&mut c, p);
    assert_eq!(told(&mut c, read), Ok(b"later".to_vec()));
}

#[test]
fn reads_that_wait_are_limited() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let p = pipe(&mut c);
    let mut waiting = Vec::new();
    for _ in 0..MAX_PENDING {
        waiting.push(send_read(&mut c, p));
    }
    let refused = send_read(&mut c, p);
    assert_eq!(told(&mut c, refused), Err(N::INSUFFICIENT_RESOURCES));
    c.close(p).unwrap();
    for read in waiting {
        assert_eq!(told(&mut c, read), Err(N::PIPE_BROKEN));
    }
}

#[test]
fn a_connection_that_goes_takes_its_reads_along() {
    let rig = Rig::new();
    let mut c = client(&rig);
    let p = pipe(&mut c);
    let _ = wait(&mut c, p);
    drop(c);
    rig.settle();
    assert_eq!(rig.server.parked_count(), 0);
}
