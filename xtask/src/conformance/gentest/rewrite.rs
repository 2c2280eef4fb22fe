// SPDX-License-Identifier: GPL-2.0-or-later
//! Between gentest and a server: requests pass through with some of their
//! fields changed, in the same way for both servers, and the last one of each
//! connection is kept for the report.
//!
//! gentest fills fields with random bits, most of which mean nothing. Where
//! Samba lets pass what the specifications refuse, one server fails and the
//! other does not, and the run ends there. Such bits are taken out here.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{bail, Context, Result};

/// Length of the SMB2 header; offsets of fields count from its end.
const HEADER: usize = 64;
const LOGOFF: u16 = 2;
const TREE_DISCONNECT: u16 = 4;
const CREATE: u16 = 5;
const READ: u16 = 8;
const WRITE: u16 = 9;
const LOCK: u16 = 10;
const SET_INFO: u16 = 17;

/// A field of a request.
struct Field {
    name: &'static str,
    command: u16,
    at: At,
    len: usize,
}

/// Where a field is.
enum At {
    /// So far from the end of the header.
    Body(usize),
    /// So far from the beginning of a set-info's buffer of that file
    /// information class.
    Info(u8, usize),
    /// The tag of the EA context of a create that names a stream.
    EasOfStream,
    /// The data offset of a write, where there is no data.
    NoData,
    /// The number of elements of a lock that has several, not all of which are
    /// valid.
    FaultyLocks,
}

const FIELDS: &[Field] = &[
    field("create.access", CREATE, At::Body(24), 4),
    field("create.attributes", CREATE, At::Body(28), 4),
    field("create.share", CREATE, At::Body(32), 4),
    field("create.options", CREATE, At::Body(40), 4),
    field("create.stream_eas", CREATE, At::EasOfStream, 4),
    field("read.channel", READ, At::Body(36), 4),
    field("read.channel_info", READ, At::Body(44), 4),
    field("write.channel", WRITE, At::Body(32), 4),
    field("write.channel_info", WRITE, At::Body(40), 4),
    field("write.offset_of_nothing", WRITE, At::NoData, 2),
    field("lock.faulty_count", LOCK, At::FaultyLocks, 2),
    field("basic.change_time", SET_INFO, At::Info(4, 24), 8),
    field("basic.attributes", SET_INFO, At::Info(4, 32), 4),
    field("rename.root", SET_INFO, At::Info(10, 8), 8),
];

const fn field(name: &'static str, command: u16, at: At, len: usize) -> Field {
    Field {
        name,
        command,
        at,
        len,
    }
}

/// What is done to a field: bits are cleared, then others set.
pub(super) struct Change {
    field: &'static Field,
    clear: u64,
    set: u64,
}

impl Change {
    /// `FIELD clear MASK` or `FIELD set VALUE`, numbers in hexadecimal.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut words = text.split_whitespace();
        let (Some(name), Some(verb), Some(number), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            bail!("not `FIELD clear|set NUMBER`");
        };
        let field = FIELDS
            .iter()
            .find(|f| f.name == name)
            .with_context(|| format!("{name} is no field"))?;
        let number = u64::from_str_radix(number.trim_start_matches("0x"), 16)?;
        let (clear, set) = match verb {
            "clear" => (number, 0),
            "set" => (u64::MAX, number),
            _ => bail!("{verb} is neither clear nor set"),
        };
        Ok(Self { field, clear, set })
    }

    fn apply(&self, message: &mut [u8]) {
        if u16_at(message, 12) != Some(self.field.command) {
            return;
        }
        let Some(at) = self.field.at.find(message) else {
            return;
        };
        let Some(bytes) = message.get_mut(at..at + self.field.len) else {
            return;
        };
        let mut value = [0; 8];
        value[..bytes.len()].copy_from_slice(bytes);
        let value = (u64::from_le_bytes(value) & !self.clear) | self.set;
        let len = bytes.len();
        bytes.copy_from_slice(&value.to_le_bytes()[..len]);
    }
}

impl At {
    fn find(&self, message: &[u8]) -> Option<usize> {
        let body = |at: usize| HEADER + at;
        match *self {
            Self::Body(at) => Some(body(at)),
            Self::Info(class, at) => {
                let is_file = *message.get(body(2))? == 1 && *message.get(body(3))? == class;
                let start = usize::from(u16_at(message, body(8))?);
                is_file.then_some(start + at)
            }
            Self::EasOfStream => {
                name(message)?.contains(':').then_some(())?;
                context(message, b"ExtA")
            }
            Self::NoData => (u32_at(message, body(4))? == 0).then_some(body(2)),
            Self::FaultyLocks => {
                let count = usize::from(u16_at(message, body(2))?);
                // Shared or exclusive, and not to wait.
                let valid = |n| matches!(u32_at(message, body(40 + 24 * n)), Some(0x11 | 0x12));
                (count > 1 && !(0..count).all(valid)).then_some(body(2))
            }
        }
    }
}

fn u16_at(b: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(b.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(b: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(b.get(at..at + 4)?.try_into().ok()?))
}

/// The name that a CREATE asks for.
fn name(message: &[u8]) -> Option<String> {
    let at = usize::from(u16_at(message, HEADER + 44)?);
    let len = usize::from(u16_at(message, HEADER + 46)?);
    let units: Vec<u16> = message
        .get(at..at + len)?
        .chunks_exact(2)
        .map(|c| u16::from_le_bytes([c[0], c[1]]))
        .collect();
    Some(String::from_utf16_lossy(&units))
}

/// Where the tag of a CREATE's context is.
fn context(message: &[u8], tag: &[u8; 4]) -> Option<usize> {
    let mut at = usize::try_from(u32_at(message, HEADER + 48)?).ok()?;
    loop {
        let found = at + usize::from(u16_at(message, at + 4)?);
        if message.get(found..found + 4)? == tag {
            return Some(found);
        }
        match usize::try_from(u32_at(message, at)?).ok()? {
            0 => return None,
            next => at += next,
        }
    }
}

/// A request as the report shows it.
pub(super) fn describe(message: &[u8]) -> String {
    let word = |at| u32_at(message, HEADER + at).unwrap_or(0);
    match u16_at(message, 12) {
        Some(CREATE) => format!(
            "CREATE {:?} access {:#x} attributes {:#x} share {:#x} disposition {:#x} options {:#x}",
            name(message).unwrap_or_default(),
            word(24),
            word(28),
            word(32),
            word(36),
            word(40),
        ),
        Some(command) => {
            let body = message.get(HEADER..).unwrap_or(&[]);
            let hex: String = body.iter().take(120).map(|b| format!("{b:02x}")).collect();
            format!("command {command}: {hex}")
        }
        None => String::new(),
    }
}

/// The last request that passed.
pub(super) type Last = Arc<Mutex<Vec<u8>>>;

/// Passes connections on to a server's port on 127.0.0.1, in the background
/// and for as long as the process lives.
pub(super) fn serve(address: &str, port: u16, changes: Arc<Vec<Change>>) -> Result<Last> {
    let listener = TcpListener::bind(address).with_context(|| format!("cannot use {address}"))?;
    let last = Last::default();
    let shown = last.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(std::io::Result::ok) {
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                // The client sees its connection end.
                continue;
            };
            client.set_nodelay(true).ok();
            server.set_nodelay(true).ok();
            if let (Ok(c), Ok(s)) = (client.try_clone(), server.try_clone()) {
                let (changes, last) = (changes.clone(), last.clone());
                std::thread::spawn(move || requests(c, s, &changes, &last));
                std::thread::spawn(move || replies(server, client));
            }
        }
    });
    Ok(shown)
}

fn requests(mut from: TcpStream, mut to: TcpStream, changes: &[Change], last: &Last) {
    let mut frame = Vec::new();
    loop {
        let mut head = [0; 4];
        if from.read_exact(&mut head).is_err() {
            break;
        }
        let len = u32::from_be_bytes(head) & 0x00FF_FFFF;
        frame.clear();
        frame.extend_from_slice(&head);
        frame.resize(4 + len as usize, 0);
        if from.read_exact(&mut frame[4..]).is_err() {
            break;
        }
        let message = &mut frame[4..];
        // Single plain requests; gentest sends no others.
        if message.starts_with(b"\xfeSMB") {
            for c in changes {
                c.apply(message);
            }
            // What gentest sends when it ends is of no interest.
            if !matches!(u16_at(message, 12), Some(LOGOFF | TREE_DISCONNECT)) {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                message.clone_into(&mut last);
            }
        }
        if to.write_all(&frame).is_err() {
            break;
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}

fn replies(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 || to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(command: u16, body: &[u8]) -> Vec<u8> {
        let mut m = vec![0; HEADER];
        m[12..14].copy_from_slice(&command.to_le_bytes());
        m.extend_from_slice(body);
        m
    }

    #[test]
    fn changes_fields() {
        let mut m = message(CREATE, &[0xFF; 56]);
        let c = Change::parse("create.share clear 0xfffffff8").unwrap();
        c.apply(&mut m);
        assert_eq!(u32_at(&m, HEADER + 32), Some(7));
        assert_eq!(u32_at(&m, HEADER + 36), Some(u32::MAX));
        let mut other = message(READ, &[0xFF; 48]);
        c.apply(&mut other);
        assert_eq!(other, message(READ, &[0xFF; 48]));
        // A write of nothing, and one of something.
        let c = Change::parse("write.offset_of_nothing set 0x70").unwrap();
        for (len, want) in [(0, 0x70), (1, 0)] {
            let mut body = [0; 48];
            body[4] = len;
            let mut m = message(WRITE, &body);
            c.apply(&mut m);
            assert_eq!(u16_at(&m, HEADER + 2), Some(want));
        }
        // Too short for the field: as it was.
        let mut short = message(CREATE, &[0xFF; 30]);
        Change::parse("create.options set 0")
            .unwrap()
            .apply(&mut short);
        assert_eq!(short, message(CREATE, &[0xFF; 30]));
        assert!(Change::parse("create.share flip 1").is_err());
        assert!(Change::parse("create.nothing set 1").is_err());
    }

    #[test]
    fn finds_contexts() {
        let mut body = vec![0; 56];
        body[44..46].copy_from_slice(&120u16.to_le_bytes());
        body[46..48].copy_from_slice(&6u16.to_le_bytes());
        body[48..52].copy_from_slice(&128u32.to_le_bytes());
        let mut m = message(CREATE, &body);
        m.extend_from_slice(b"a\0:\0b\0\0\0");
        m.extend_from_slice(&[0, 0, 0, 0, 16, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        m.extend_from_slice(b"ExtA");
        assert_eq!(name(&m).as_deref(), Some("a:b"));
        let c = Change::parse("create.stream_eas set 0x58585858").unwrap();
        c.apply(&mut m);
        assert!(m.ends_with(b"XXXX"));
        assert!(describe(&m).contains("a:b"));
    }
}
