// SPDX-License-Identifier: GPL-2.0-or-later
//! Where the server says that it is enough.

use ksmbd_memhost::client::{Client, Options};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::smb2::change_notify::{ChangeNotifyFlags, CompletionFilter};
use proto_shared::smb2::{CancelRequest, ChangeNotifyRequest, Command, FileId, Header};
use proto_shared::status::NtStatus as N;

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(
        rig,
        Options {
            sign: true,
            ..Options::default()
        },
    );
    c.tree_connect("data").unwrap();
    c
}

fn watch(c: &mut Client<'_>, file_id: FileId) -> (u64, Result<N, N>) {
    let request = ChangeNotifyRequest {
        flags: ChangeNotifyFlags::NONE,
        output_buffer_length: 4096,
        file_id,
        completion_filter: CompletionFilter::FILE_NAME,
    };
    let header = c.header(Command::CHANGE_NOTIFY);
    c.send(Client::message(&header, |w| request.write(w), 0));
    let id = header.message_id;
    (id, c.reply_to(id).map(|r| r.status()))
}

#[test]
fn only_so_many_requests_wait() {
    let rig = Rig::new();
    rig.host().fs_ref().mkdir("data/d", 1000, 0o777);
    let mut c = client(&rig);
    // One directory's handle has a limit of its own.
    let dirs: [FileId; 6] =
        core::array::from_fn(|_| c.create("d", A(0x1FF), D::OPEN, O::DIRECTORY_FILE).unwrap());
    let mut first = None;
    for n in 0..511 {
        let (id, reply) = watch(&mut c, dirs[n / 100]);
        assert_eq!(reply, Err(N::IO_TIMEOUT), "{n}");
        first.get_or_insert(id);
    }
    let (_, reply) = watch(&mut c, dirs[5]);
    assert_eq!(reply, Ok(N::INSUFFICIENT_RESOURCES));
    // One that ends makes room for another one.
    let id = first.unwrap();
    let interim = c.unasked.iter().map(|m| Header::parse(m).unwrap());
    let interim = interim.into_iter().find(|h| h.message_id == id).unwrap();
    let mut cancel = c.header(Command::CANCEL);
    (cancel.flags, cancel.async_id, cancel.message_id) = (interim.flags, interim.async_id, id);
    cancel.flags = proto_shared::smb2::HeaderFlags::ASYNC_COMMAND;
    c.send(Client::message(&cancel, |w| CancelRequest.write(w), 0));
    assert_eq!(c.reply_to(id).unwrap().status(), N::CANCELLED);
    assert_eq!(watch(&mut c, dirs[5]).1, Err(N::IO_TIMEOUT));
    assert_eq!(watch(&mut c, dirs[5]).1, Ok(N::INSUFFICIENT_RESOURCES));
}

#[test]
fn files_end_where_those_of_ntfs_do() {
    const END: u64 = 0xFFF_FFFF_0000;
    let rig = Rig::new();
    let mut c = client(&rig);
    let f = c
        .create("f", A::FILE_ALL_ACCESS, D::CREATE, O::NONE)
        .unwrap();
    assert_eq!(c.write(f, END, b"x"), Err(N::INVALID_PARAMETER));
    assert_eq!(c.write(f, END - 1, b"xy"), Err(N::INVALID_PARAMETER));
    assert_eq!(c.write(f, END, b""), Ok(()));
}

#[test]
fn to_wait_for_a_file_is_an_access() {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o666, b"x");
    let mut c = client(&rig);
    let f = c.create("f", A::SYNCHRONIZE, D::OPEN, O::NONE).unwrap();
    assert_eq!(c.read(f, 0, 1), Err(N::ACCESS_DENIED));
    let none = c.create("f", A::NONE, D::OPEN, O::NONE);
    assert_eq!(none.unwrap_err(), N::ACCESS_DENIED);
}
