// SPDX-License-Identifier: GPL-2.0-or-later
//! The registry (\[MS-RRP\]), to read, for those whom `rpc_admins` names: the
//! few keys by which administrators' tools learn what a machine is. Nothing
//! is stored; values are made of the configuration when they are asked for.

use super::handles::{Handles, Opened};
use super::ndr::{Reader, Writer, HANDLE_LEN};
use super::pdu::{fault, Syntax};
use super::{is_admin, werror, Caller, Fault};
use crate::state::State;

/// 338CD001-2244-31F1-AAAA-900038001003, version 1.0.
pub(super) const SYNTAX: Syntax = Syntax {
    uuid: [
        0x01, 0xd0, 0x8c, 0x33, 0x44, 0x22, 0xf1, 0x31, 0xaa, 0xaa, 0x90, 0x00, 0x38, 0x00, 0x10,
        0x03,
    ],
    version: 1,
};

const WINDOWS: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const COMPUTER: &str = r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName";
const PRODUCT: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";
const PARAMETERS: &str = r"SYSTEM\CurrentControlSet\Services\LanmanServer\Parameters";
const SHARES: &str = r"SYSTEM\CurrentControlSet\Services\LanmanServer\Shares";
const TCPIP: &str = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
/// Keys of HKEY_LOCAL_MACHINE that have values; what is above them has only
/// keys.
const LEAVES: [&str; 6] = [WINDOWS, COMPUTER, PRODUCT, PARAMETERS, SHARES, TCPIP];

/// Access that reads (\[MS-RRP\] 2.2.4): KEY_QUERY_VALUE, ENUMERATE_SUB_KEYS,
/// NOTIFY, both WOW64 views, READ_CONTROL, MAXIMUM_ALLOWED, GENERIC_EXECUTE,
/// GENERIC_READ.
const READS: u32 = 0x1 | 0x8 | 0x10 | 0x100 | 0x200 | 0x2_0000 | 0x0200_0000 | 0xA000_0000;
const REG_SZ: u32 = 1;
const REG_MULTI_SZ: u32 = 7;
/// Version of the registry (\[MS-RRP\] 3.1.5.24).
const VERSION: u32 = 5;
/// Most bytes of a value that a client has room for.
const MAX_DATA: u32 = 1024 * 1024;

pub(super) fn call(
    state: &State,
    caller: &Caller,
    handles: &mut Handles,
    opnum: u16,
    stub: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mut r = Reader::new(stub);
    match opnum {
        // OpenLocalMachine; the other roots have nothing.
        2 => open_root(state, caller, handles, &mut r),
        0 | 1 | 3 | 4 | 27 | 32 | 33 => Ok(answer_handle(Err(werror::FILE_NOT_FOUND))),
        5 => close(handles, &mut r),
        9 => enum_key(handles, &mut r),
        10 => enum_value(state, handles, &mut r),
        15 => open_key(handles, &mut r),
        16 => query_info(state, handles, &mut r),
        17 => query_value(state, handles, &mut r),
        26 => version(handles, &mut r),
        _ => Err(Fault(fault::OP_RNG_ERROR)),
    }
}

/// A handle, or a null one, and the code.
pub(super) fn answer_handle(opened: Result<[u8; HANDLE_LEN], u32>) -> Vec<u8> {
    let mut w = Writer::new();
    w.handle(&opened.unwrap_or_default());
    w.u32(opened.err().unwrap_or(werror::OK));
    w.into_bytes()
}

/// Closes a handle of whatever kind, and answers a null one.
pub(super) fn close(handles: &mut Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    handles.close(&r.handle()?)?;
    Ok(answer_handle(Ok([0; HANDLE_LEN])))
}

fn key(handles: &Handles, r: &mut Reader<'_>) -> Result<&'static str, Fault> {
    match handles.get(&r.handle()?)? {
        Opened::Key(path) => Ok(path),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

fn opened(handles: &mut Handles, path: &'static str, access: u32) -> Vec<u8> {
    answer_handle(if access & !READS != 0 {
        Err(werror::ACCESS_DENIED)
    } else {
        let new = handles.open(Opened::Key(path));
        new.ok_or(werror::NO_SYSTEM_RESOURCES)
    })
}

/// OpenLocalMachine (\[MS-RRP\] 3.1.5.3).
fn open_root(
    state: &State,
    caller: &Caller,
    handles: &mut Handles,
    r: &mut Reader<'_>,
) -> Result<Vec<u8>, Fault> {
    if r.pointer()? {
        let _server = r.u16()?;
    }
    let access = r.u32()?;
    if !is_admin(state, caller) {
        return Ok(answer_handle(Err(werror::ACCESS_DENIED)));
    }
    Ok(opened(handles, "", access))
}

/// The part of a leaf's path that a path means, if it leads there.
fn find(path: &str) -> Option<&'static str> {
    LEAVES.into_iter().find_map(|leaf| {
        let (head, rest) = leaf.split_at_checked(path.len())?;
        let whole = rest.is_empty() || rest.starts_with('\\') || path.is_empty();
        (whole && head.eq_ignore_ascii_case(path)).then_some(head)
    })
}

/// Names of the keys in a key, in order and without repetition.
fn children(path: &str) -> Vec<&'static str> {
    let mut out: Vec<&'static str> = Vec::new();
    for leaf in LEAVES {
        let rest = match leaf.strip_prefix(path) {
            Some(rest) if path.is_empty() => rest,
            Some(rest) => match rest.strip_prefix('\\') {
                Some(rest) => rest,
                None => continue,
            },
            None => continue,
        };
        let name = rest.split('\\').next().unwrap_or(rest);
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// A value: name, type, bytes.
type Value = (String, u32, Vec<u8>);

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn text(name: &str, text: &str) -> Value {
    (name.to_owned(), REG_SZ, utf16(&format!("{text}\0")))
}

/// The values of a key.
fn values(state: &State, path: &str) -> Vec<Value> {
    let config = state.config();
    match path {
        WINDOWS => vec![
            text("CurrentVersion", "10.0"),
            text("ProductName", "ksmbd"),
            text("SystemRoot", "C:\\"),
        ],
        COMPUTER => vec![text("ComputerName", &state.netbios_name(&config))],
        PRODUCT => vec![text("ProductType", "ServerNT")],
        PARAMETERS => vec![text("srvcomment", &config.global.server_string)],
        SHARES => config
            .shares
            .iter()
            .filter(|s| s.browseable && s.available)
            .map(|s| {
                let uses = match s.max_connections {
                    0 => u32::MAX,
                    n => n,
                };
                let path = super::srvsvc::windows_path(&s.path.display().to_string());
                let lines = format!(
                    "CSCFlags=0\0MaxUses={uses}\0Path={path}\0Permissions=0\0Remark={}\0\
                     ShareName={}\0Type=0\0\0",
                    s.comment, s.name
                );
                (s.name.clone(), REG_MULTI_SZ, utf16(&lines))
            })
            .collect(),
        TCPIP => vec![text("Hostname", state.host())],
        _ => Vec::new(),
    }
}

/// BaseRegOpenKey (\[MS-RRP\] 3.1.5.15).
fn open_key(handles: &mut Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let parent = key(handles, r)?;
    let present = r.counted_header()?;
    let name = r.counted(present)?;
    let _options = r.u32()?;
    let access = r.u32()?;
    let name = name.trim_matches('\\');
    let path = match (parent, name) {
        (path, "") | ("", path) => path.to_owned(),
        _ => format!("{parent}\\{name}"),
    };
    Ok(match find(&path) {
        Some(path) => opened(handles, path, access),
        None => answer_handle(Err(werror::FILE_NOT_FOUND)),
    })
}

/// An RRP_UNICODE_STRING with its terminator, which counts (\[MS-RRP\] 2.2.4.2).
fn write_name(w: &mut Writer, name: &str) {
    let len = name.encode_utf16().count().saturating_add(1) * 2;
    let len = u16::try_from(len).unwrap_or(u16::MAX - 1);
    // As the pointer within demands.
    w.align4();
    w.u16(len);
    w.u16(len);
    w.pointer(true);
    w.string(name);
}

/// Room for a name in bytes, of an RRP_UNICODE_STRING that is to be filled.
fn read_room(r: &mut Reader<'_>) -> Result<usize, Fault> {
    let (room, present) = r.counted_room()?;
    r.counted(present)?;
    Ok(usize::from(room))
}

fn fits(name: &str, room: usize) -> bool {
    (name.encode_utf16().count() + 1) * 2 <= room
}

/// BaseRegEnumKey (\[MS-RRP\] 3.1.5.10).
fn enum_key(handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let path = key(handles, r)?;
    let index = r.u32()?;
    let room = read_room(r)?;
    let class = r.pointer()?;
    if class {
        read_room(r)?;
    }
    let time = r.pointer()?;
    let all = children(path);
    let name = all.get(usize::try_from(index).unwrap_or(usize::MAX));
    let (name, code) = match name {
        Some(name) if fits(name, room) => (*name, werror::OK),
        Some(_) => ("", werror::MORE_DATA),
        None => ("", werror::NO_MORE_ITEMS),
    };
    let mut w = Writer::new();
    write_name(&mut w, name);
    w.pointer(class);
    if class {
        write_name(&mut w, "");
    }
    w.pointer(time);
    if time {
        w.old_u64(0);
    }
    w.u32(code);
    Ok(w.into_bytes())
}

/// What a client has for a value: whether it wants type and data, the room
/// for data, whether it wants both lengths.
struct Room {
    kind: bool,
    data: bool,
    size: Option<u32>,
    len: bool,
}

impl Room {
    fn read(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let kind = r.unique_u32()?.is_some();
        let data = r.pointer()?;
        if data {
            let (max, offset, actual) = (r.array_len(MAX_DATA)?, r.u32()?, r.u32()?);
            if offset != 0 || actual > max {
                return Err(Fault(fault::BAD_STUB_DATA));
            }
            r.skip(actual)?;
        }
        Ok(Self {
            kind,
            data,
            size: r.unique_u32()?,
            len: r.unique_u32()?.is_some(),
        })
    }

    /// Writes type, data and lengths of a value; the code that goes with it.
    fn write(&self, w: &mut Writer, value: Option<&Value>) -> u32 {
        let (kind, bytes) = value.map_or((0, &[][..]), |(_, kind, bytes)| (*kind, bytes));
        let needed = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let short = self.data && self.size.is_none_or(|size| size < needed);
        w.pointer(self.kind);
        if self.kind {
            w.u32(kind);
        }
        let sent = if short || !self.data { 0 } else { needed };
        w.pointer(self.data);
        if self.data {
            w.u32(self.size.unwrap_or(0).min(MAX_DATA).max(sent));
            w.u32(0);
            w.u32(sent);
            if sent != 0 {
                w.raw(bytes);
            }
        }
        w.pointer(self.size.is_some());
        if self.size.is_some() {
            w.u32(needed);
        }
        w.pointer(self.len);
        if self.len {
            w.u32(sent);
        }
        if short {
            werror::MORE_DATA
        } else {
            werror::OK
        }
    }
}

/// BaseRegEnumValue (\[MS-RRP\] 3.1.5.11).
fn enum_value(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let path = key(handles, r)?;
    let index = r.u32()?;
    let name_room = read_room(r)?;
    let room = Room::read(r)?;
    let all = values(state, path);
    let value = all.get(usize::try_from(index).unwrap_or(usize::MAX));
    let named = value.filter(|(name, ..)| fits(name, name_room));
    let mut w = Writer::new();
    write_name(&mut w, named.map_or("", |(name, ..)| name));
    let code = room.write(&mut w, value);
    w.u32(match (value, named) {
        (None, _) => werror::NO_MORE_ITEMS,
        (Some(_), None) => werror::MORE_DATA,
        (Some(_), Some(_)) => code,
    });
    Ok(w.into_bytes())
}

/// BaseRegQueryValue (\[MS-RRP\] 3.1.5.17).
fn query_value(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let path = key(handles, r)?;
    let present = r.counted_header()?;
    let name = r.counted(present)?;
    let room = Room::read(r)?;
    let all = values(state, path);
    let value = all.iter().find(|(n, ..)| n.eq_ignore_ascii_case(&name));
    let mut w = Writer::new();
    let code = room.write(&mut w, value);
    w.u32(value.map_or(werror::FILE_NOT_FOUND, |_| code));
    Ok(w.into_bytes())
}

/// BaseRegQueryInfoKey (\[MS-RRP\] 3.1.5.16).
fn query_info(state: &State, handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let path = key(handles, r)?;
    read_room(r)?;
    let (keys, values) = (children(path), values(state, path));
    let n = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let chars = |text: &str| text.encode_utf16().count() * 2;
    let mut w = Writer::new();
    write_name(&mut w, "");
    w.u32(n(keys.len()));
    w.u32(n(keys.iter().map(|k| chars(k)).max().unwrap_or(0)));
    w.u32(0);
    w.u32(n(values.len()));
    w.u32(n(values.iter().map(|v| chars(&v.0)).max().unwrap_or(0)));
    w.u32(n(values.iter().map(|v| v.2.len()).max().unwrap_or(0)));
    w.u32(0);
    w.old_u64(0);
    w.u32(werror::OK);
    Ok(w.into_bytes())
}

/// BaseRegGetVersion (\[MS-RRP\] 3.1.5.24).
fn version(handles: &Handles, r: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    key(handles, r)?;
    let mut w = Writer::new();
    w.u32(VERSION);
    w.u32(werror::OK);
    Ok(w.into_bytes())
}
