// SPDX-License-Identifier: GPL-2.0-or-later
//! A million cut, grown and flipped forms of the golden packets: every parser
//! ends without panic, and what it lends lies within the message.
//!
//! The generator is seeded, so that a failure comes back; a run with other
//! numbers is the fuzzer's work.

use super::data::*;
use super::message;
use core::fmt::Write;
use proto_shared::fscc::{directory, FileInfoClass, SetFileInfo};
use proto_shared::pretty::Pretty;
use proto_shared::smb2::create_context::CreateContext;
use proto_shared::smb2::{Command, Header, Request};

const MUTATIONS: u32 = 1_000_000;

/// Requests by command, and replies.
const PACKETS: [(u16, bool, &str); 33] = [
    (0, false, NEGOTIATE_REQ),
    (1, false, SESSION_SETUP_REQ),
    (2, false, LOGOFF_REQ),
    (3, false, TREE_CONNECT_REQ),
    (4, false, TREE_DISCONNECT_REQ),
    (5, false, CREATE_REQ),
    (6, false, CLOSE_REQ),
    (7, false, FLUSH_REQ),
    (8, false, READ_REQ),
    (9, false, WRITE_REQ),
    (10, false, LOCK_REQ),
    (11, false, IOCTL_REQ),
    (12, false, ECHO_REQ),
    (13, false, ECHO_REQ),
    (14, false, QUERY_DIRECTORY_REQ),
    (15, false, CHANGE_NOTIFY_REQ),
    (16, false, QUERY_INFO_REQ),
    (17, false, SET_INFO_REQ),
    (18, false, OPLOCK_BREAK),
    (18, false, LEASE_ACK),
    (0, true, NEGOTIATE_RSP),
    (1, true, SESSION_SETUP_RSP),
    (3, true, TREE_CONNECT_RSP),
    (5, true, CREATE_RSP),
    (6, true, CLOSE_RSP),
    (8, true, READ_RSP),
    (9, true, WRITE_RSP),
    (11, true, IOCTL_RSP),
    (14, true, QUERY_DIRECTORY_RSP),
    (15, true, CHANGE_NOTIFY_RSP),
    (16, true, QUERY_INFO_RSP),
    (17, true, SET_INFO_RSP),
    (18, true, LEASE_NOTIFICATION),
];

/// A small generator: xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// Discards text: the printers shall run, not fill memory.
struct Sink;

impl Write for Sink {
    fn write_str(&mut self, _: &str) -> core::fmt::Result {
        Ok(())
    }
}

fn seed(command: u16, reply: bool, body: &str) -> Vec<u8> {
    let mut msg = message(body);
    let header = Header {
        command: Command(command),
        flags: proto_shared::smb2::HeaderFlags(u32::from(reply)),
        ..Header::default()
    };
    msg[..64].copy_from_slice(&header.to_bytes());
    msg
}

fn mutate(msg: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        // Mostly the body: a broken header goes no further.
        let floor = if random.below(8) == 0 { 0 } else { 64 };
        if msg.len() <= floor {
            return;
        }
        let at = floor + random.below(msg.len() - floor);
        match random.below(6) {
            0 => msg[at] ^= 1 << random.below(8),
            1 => msg[at] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)],
            2 => msg[at] = random.next() as u8,
            3 => msg.truncate(at),
            4 => {
                let extra = random.below(40);
                msg.resize(msg.len() + extra, random.next() as u8);
            }
            _ => {
                let value = random.next().to_le_bytes();
                let end = msg.len().min(at + 4);
                msg[at..end].copy_from_slice(&value[..end - at]);
            }
        }
    }
}

fn exercise(msg: &[u8]) {
    write!(Sink, "{}", Pretty(msg)).unwrap();
    let Ok(header) = Header::parse(msg) else {
        return;
    };
    match Request::parse(header.command, msg) {
        Ok(Request::Write(req)) => {
            let end = req.data_offset + req.data_len;
            assert!(end <= msg.len());
            assert_eq!(req.data(), &msg[req.data_offset..end]);
        }
        Ok(Request::Create(req)) => {
            for context in req.contexts.iter() {
                let _ = CreateContext::parse(context);
            }
        }
        Ok(Request::SetInfo(req)) => {
            let _ = SetFileInfo::parse(FileInfoClass(req.info_class), req.buffer);
        }
        _ => {}
    }
    let class = FileInfoClass(msg.len() as u8);
    assert!(directory::entries(class, msg).count() <= msg.len());
}

#[test]
fn mutated_packets_are_harmless() {
    let seeds: Vec<_> = PACKETS
        .iter()
        .map(|(command, reply, body)| seed(*command, *reply, body))
        .collect();
    for msg in &seeds {
        let text = Pretty(msg).to_string();
        assert!(!text.contains("malformed"), "{text}");
    }
    let mut random = Random(0x6B73_6D62_6421);
    let mut msg = Vec::new();
    for _ in 0..MUTATIONS {
        msg.clear();
        msg.extend_from_slice(&seeds[random.below(seeds.len())]);
        mutate(&mut msg, &mut random);
        exercise(&msg);
    }
}

#[test]
fn compounds_of_mutated_packets_are_harmless() {
    let mut random = Random(0x0005_EED5);
    let mut pdu = Vec::new();
    for _ in 0..MUTATIONS / 20 {
        pdu.clear();
        let parts = 1 + random.below(3);
        for part in 0..parts {
            let (command, reply, body) = PACKETS[random.below(PACKETS.len())];
            let start = pdu.len();
            pdu.extend(seed(command, reply, body));
            if part + 1 < parts {
                pdu.resize(pdu.len().next_multiple_of(8), 0);
                let next = (pdu.len() - start) as u32;
                pdu[start + 20..start + 24].copy_from_slice(&next.to_le_bytes());
            }
        }
        mutate(&mut pdu, &mut random);
        write!(Sink, "{}", Pretty(&pdu)).unwrap();
    }
}

#[test]
fn pretty_lines() {
    let msg = seed(5, false, CREATE_REQ);
    assert_eq!(
        Pretty(&msg).to_string(),
        "CREATE req mid=0 tid=0 sid=0x0 cr=0/0 name=\"dir\\ä.txt\" access=READ_DATA|WRITE_DATA|\
         APPEND_DATA|READ_EA|WRITE_EA|READ_ATTRIBUTES|WRITE_ATTRIBUTES|READ_CONTROL|SYNCHRONIZE \
         share=READ|WRITE|DELETE disp=OPEN_IF opts=NON_DIRECTORY_FILE attr=NORMAL oplock=LEASE \
         ctx=Lease(Lease { lease_key: 000102030405060708090a0b0c0d0e0f, lease_state: \
         READ_CACHING|HANDLE_CACHING|WRITE_CACHING, flags: PARENT_LEASE_KEY_SET, v2: \
         Some(LeaseV2 { parent_lease_key: 101112131415161718191a1b1c1d1e1f, epoch: 5 }) }),\
         DurableRequestV2(DurableRequestV2 { timeout: 60000, flags: 0x0, create_guid: \
         23222120-2524-2726-2829-2a2b2c2d2e2f }),MaximalAccess(None)"
    );
    // Tokens are told by their length only.
    let msg = seed(1, false, SESSION_SETUP_REQ);
    let text = Pretty(&msg).to_string();
    assert!(
        text.ends_with("token=8B") && !text.contains("NTLMSSP"),
        "{text}"
    );
    assert_eq!(Pretty(b"GET / HTTP").to_string(), "not SMB, 10 bytes");
}
