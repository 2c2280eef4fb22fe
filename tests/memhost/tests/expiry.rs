// SPDX-License-Identifier: GPL-2.0-or-later
//! Log-ins that end, as those by Kerberos do ([MS-SMB2] 3.3.5.2.9), and what else comes with tickets: long tokens.

use ksmbd_memhost::client::{Client, Options, BAD_SIGNATURE};
use ksmbd_memhost::Rig;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::FileTime;
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::smb2::lock::{LockElement, LockFlags};
use proto_shared::smb2::session_setup::{SessionSetupFlags, SetupSecurityMode};
use proto_shared::smb2::{
    Capabilities, Command, EchoRequest, FileId, LockRequest, LogoffRequest, SessionSetupRequest,
};
use proto_shared::status::NtStatus as N;

const EXPIRED: N = N::NETWORK_SESSION_EXPIRED;

fn rig() -> Rig {
    let rig = Rig::new();
    rig.host().fs_ref().put("data/f", 1000, 0o666, &[7; 100]);
    rig
}

/// Log-ins from now on end in `seconds`; `None`: never.
fn logins_last(rig: &Rig, seconds: Option<i64>) {
    let now = rig.host().clock().wall();
    rig.daemon.lock().unwrap().expiry =
        seconds.map_or(0, |s| FileTime::from_unix(now.sec + s, now.nsec).0);
}

fn client(rig: &Rig, seal: bool) -> Client<'_> {
    let options = Options {
        sign: true,
        seal,
        ..Options::default()
    };
    let mut c = Client::log_in(rig, options);
    c.tree_connect("data").unwrap();
    c
}

fn open(c: &mut Client<'_>) -> Result<FileId, N> {
    c.create("f", A::FILE_ALL_ACCESS, D::OPEN, O::NONE)
}

fn lock(c: &mut Client<'_>, id: FileId, flags: LockFlags) -> N {
    let element = LockElement {
        offset: 0,
        length: 1,
        flags,
    };
    c.call(Command::LOCK, |w| {
        LockRequest::write(id, 0, 0, &[element], w)
    })
    .map_or_else(|e| e, |r| r.status())
}

#[test]
fn a_session_ends_with_its_login_and_comes_back_with_the_next() {
    for seal in [false, true] {
        let rig = rig();
        logins_last(&rig, Some(60));
        let mut c = client(&rig, seal);
        let file = open(&mut c).unwrap();
        assert_eq!(lock(&mut c, file, LockFlags::EXCLUSIVE_LOCK), N::SUCCESS);
        rig.advance_ms(59_900);
        assert_eq!(c.read(file, 0, 3).unwrap(), [7; 3]);
        rig.advance_ms(200);
        for _ in 0..2 {
            assert_eq!(c.read(file, 0, 3), Err(EXPIRED));
            assert_eq!(c.write(file, 0, b"x"), Err(EXPIRED));
            assert_eq!(open(&mut c), Err(EXPIRED));
            let tree = c.tree_id;
            assert_eq!(c.tree_connect("data"), Err(EXPIRED));
            c.tree_id = tree;
        }
        // What only gives back goes on.
        assert_eq!(lock(&mut c, file, LockFlags::UNLOCK), N::SUCCESS);
        assert_eq!(lock(&mut c, file, LockFlags::EXCLUSIVE_LOCK), EXPIRED);
        // The next log-in lasts: tree and open are still there, and the keys are the old ones.
        logins_last(&rig, Some(60));
        assert_eq!(c.reauthenticate(), Ok(()), "sealed: {seal}");
        assert_eq!(c.read(file, 0, 3).unwrap(), [7; 3]);
        rig.advance_ms(60_100);
        assert_eq!(c.read(file, 0, 3), Err(EXPIRED));
        assert_eq!(c.close(file), Ok(()));
        // One that never ends.
        logins_last(&rig, None);
        assert_eq!(c.reauthenticate(), Ok(()));
        rig.advance_ms(600_000);
        assert!(open(&mut c).is_ok());
    }
}

#[test]
fn an_expired_session_can_be_left() {
    let rig = rig();
    logins_last(&rig, Some(1));
    let mut c = client(&rig, false);
    open(&mut c).unwrap();
    rig.advance_ms(1500);
    let echo = c.call(Command::ECHO, |w| EchoRequest.write(w)).unwrap();
    assert_eq!(echo.status(), N::SUCCESS);
    let left = c.call(Command::LOGOFF, |w| LogoffRequest.write(w));
    assert_eq!(left.unwrap().status(), N::SUCCESS);
    // Nobody is left who could sign the answer.
    assert_eq!(open(&mut c), Err(BAD_SIGNATURE));
}

#[test]
fn who_does_not_prove_himself_again_is_out() {
    let rig = rig();
    logins_last(&rig, Some(1));
    let mut c = client(&rig, false);
    rig.advance_ms(1500);
    assert_eq!(open(&mut c), Err(EXPIRED));
    c.set_blob("mallory");
    assert_eq!(c.reauthenticate(), Err(N::LOGON_FAILURE));
    assert_eq!(open(&mut c), Err(N::USER_SESSION_DELETED));
}

/// What was asked before the end is answered after it: the end counts when a request begins.
#[test]
fn requests_under_way_are_finished() {
    let rig = rig();
    let mut c = client(&rig, false);
    let mut other = client(&rig, false);
    let (file, theirs) = (open(&mut c).unwrap(), open(&mut other).unwrap());
    assert_eq!(
        lock(&mut other, theirs, LockFlags::EXCLUSIVE_LOCK),
        N::SUCCESS
    );
    logins_last(&rig, Some(5));
    c.reauthenticate().unwrap();
    let header = c.header(Command::LOCK);
    let element = LockElement {
        offset: 0,
        length: 1,
        flags: LockFlags::EXCLUSIVE_LOCK,
    };
    c.send(Client::message(
        &header,
        |w| LockRequest::write(file, 0, 0, &[element], w),
        0,
    ));
    assert_eq!(c.reply_to(header.message_id).err(), Some(N::IO_TIMEOUT));
    rig.advance_ms(6000);
    assert_eq!(open(&mut c), Err(EXPIRED));
    assert_eq!(lock(&mut other, theirs, LockFlags::UNLOCK), N::SUCCESS);
    let waited = c.reply_to(header.message_id).unwrap();
    assert_eq!(waited.status(), N::SUCCESS);
}

/// A second connection cannot join a session whose log-in has ended.
#[test]
fn an_expired_session_gets_no_channels() {
    use ksmbd_memhost::daemon::Settings;
    use proto_shared::ipc::ConfigFlags;
    let rig = Rig::with(Settings {
        flags: ConfigFlags::MULTICHANNEL,
        ..Settings::default()
    });
    logins_last(&rig, Some(1));
    let options = Options {
        sign: true,
        ..Options::default()
    };
    let mut first = Client::log_in(&rig, options.clone());
    rig.advance_ms(1500);
    assert_eq!(first.tree_connect("data"), Err(EXPIRED));
    let mut second = Client::connect(&rig, options).unwrap();
    second.negotiate().unwrap();
    assert_eq!(second.bind(&first), Err(EXPIRED));
}

/// The whole SecurityBuffer of 16 bits of length gets to the daemon, in the first request of a connection.
#[test]
fn tokens_as_long_as_they_can_be() {
    let rig = rig();
    for len in [4096, 48 << 10, 60 << 10, 65_535] {
        let mut c = Client::connect(&rig, Options::default()).unwrap();
        c.negotiate().unwrap();
        let token = vec![b'x'; len];
        let request = SessionSetupRequest {
            flags: SessionSetupFlags::NONE,
            security_mode: SetupSecurityMode::SIGNING_ENABLED,
            capabilities: Capabilities::NONE,
            previous_session_id: 0,
            security_buffer: &token,
        };
        let header = c.header(Command::SESSION_SETUP);
        let message = Client::message(&header, |w| request.write(w), len);
        let before = rig.daemon.lock().unwrap().upcalls;
        assert_eq!(c.exchange(message).unwrap().status(), N::LOGON_FAILURE);
        let daemon = rig.daemon.lock().unwrap();
        assert_eq!((daemon.token_len, daemon.upcalls), (len, before + 1));
    }
}
