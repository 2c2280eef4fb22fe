// SPDX-License-Identifier: GPL-2.0-or-later
//! The registry (\[MS-RRP\]), to read, for those whom `rpc_admins` names: the
//! few keys by which administrators' tools learn what a machine is. Nothing
//! is stored; values are made of the configuration when they are asked for.

use dcerpc_ndr::idl::dtyp::{Filetime, RpcUnicodeString};
use dcerpc_ndr::idl::winreg::{
    self, BaseRegCloseKeyRequest, BaseRegCloseKeyResponse, BaseRegEnumKeyRequest,
    BaseRegEnumKeyResponse, BaseRegEnumValueRequest, BaseRegEnumValueResponse,
    BaseRegGetVersionRequest, BaseRegGetVersionResponse, BaseRegOpenKeyRequest,
    BaseRegOpenKeyResponse, BaseRegQueryInfoKeyRequest, BaseRegQueryInfoKeyResponse,
    BaseRegQueryValueRequest, BaseRegQueryValueResponse, Call, OpenClassesRootRequest,
    OpenClassesRootResponse, OpenLocalMachineRequest, OpenLocalMachineResponse,
};
use dcerpc_ndr::types::{Handle, Varying};

use super::handles::{Handles, Opened};
use super::pdu::{fault, Syntax};
use super::stub::Stub;
use super::{is_admin, werror, Caller, Fault};
use crate::state::State;

pub(super) const SYNTAX: Syntax = Syntax {
    uuid: winreg::UUID,
    version: winreg::VERSION,
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
    stub: Stub<'_>,
) -> Result<Vec<u8>, Fault> {
    let Some(call) = Call::of(opnum) else {
        return Err(Fault(fault::OP_RNG_ERROR));
    };
    match call {
        Call::OpenLocalMachine => stub.serve(|r| Ok(open_root(state, caller, handles, &r))),
        // The other roots, whose calls have the same form, have nothing.
        Call::OpenClassesRoot
        | Call::OpenCurrentUser
        | Call::OpenPerformanceData
        | Call::OpenUsers
        | Call::OpenCurrentConfig
        | Call::OpenPerformanceText
        | Call::OpenPerformanceNlsText => stub.serve(|_: OpenClassesRootRequest| {
            Ok(OpenClassesRootResponse {
                ph_key: Handle::default(),
                status: werror::FILE_NOT_FOUND,
            })
        }),
        Call::BaseRegCloseKey => stub.serve(|r: BaseRegCloseKeyRequest| {
            handles.close(&r.h_key.0)?;
            Ok(BaseRegCloseKeyResponse::default())
        }),
        Call::BaseRegEnumKey => stub.serve(|r| enum_key(handles, &r)),
        Call::BaseRegEnumValue => stub.serve(|r| enum_value(state, handles, &r)),
        Call::BaseRegOpenKey => stub.serve(|r| open_key(handles, &r)),
        Call::BaseRegQueryInfoKey => stub.serve(|r| query_info(state, handles, &r)),
        Call::BaseRegQueryValue => stub.serve(|r| query_value(state, handles, &r)),
        Call::BaseRegGetVersion => stub.serve(|r: BaseRegGetVersionRequest| {
            key(handles, r.h_key)?;
            Ok(BaseRegGetVersionResponse {
                lpdw_version: VERSION,
                status: werror::OK,
            })
        }),
    }
}

/// A new handle, or a null one, and the code.
pub(super) fn new_handle(handles: &mut Handles, what: Result<Opened, u32>) -> (Handle, u32) {
    let opened = what.and_then(|w| handles.open(w).ok_or(werror::NO_SYSTEM_RESOURCES));
    match opened {
        Ok(handle) => (Handle(handle), werror::OK),
        Err(code) => (Handle::default(), code),
    }
}

fn key(handles: &Handles, handle: Handle) -> Result<&'static str, Fault> {
    match handles.get(&handle.0)? {
        Opened::Key(path) => Ok(path),
        _ => Err(Fault(fault::CONTEXT_MISMATCH)),
    }
}

fn readable(path: &'static str, access: u32) -> Result<Opened, u32> {
    if access & !READS != 0 {
        Err(werror::ACCESS_DENIED)
    } else {
        Ok(Opened::Key(path))
    }
}

/// OpenLocalMachine (\[MS-RRP\] 3.1.5.3).
fn open_root(
    state: &State,
    caller: &Caller,
    handles: &mut Handles,
    r: &OpenLocalMachineRequest,
) -> OpenLocalMachineResponse {
    let what = if is_admin(state, caller) {
        readable("", r.sam_desired)
    } else {
        Err(werror::ACCESS_DENIED)
    };
    let (ph_key, status) = new_handle(handles, what);
    OpenLocalMachineResponse { ph_key, status }
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
fn open_key(
    handles: &mut Handles,
    r: &BaseRegOpenKeyRequest,
) -> Result<BaseRegOpenKeyResponse, Fault> {
    let parent = key(handles, r.h_key)?;
    let name = r.lp_sub_key.text()?;
    let name = name.trim_matches('\\');
    let path = match (parent, name) {
        (path, "") | ("", path) => path.to_owned(),
        _ => format!("{parent}\\{name}"),
    };
    let found = find(&path).ok_or(werror::FILE_NOT_FOUND);
    let what = found.and_then(|path| readable(path, r.sam_desired));
    let (phk_result, status) = new_handle(handles, what);
    Ok(BaseRegOpenKeyResponse { phk_result, status })
}

/// An RRP_UNICODE_STRING with its terminator, which counts (\[MS-RRP\] 2.2.4.2).
fn name_of(name: &str) -> Result<RpcUnicodeString, Fault> {
    Ok(RpcUnicodeString::terminated(name)?)
}

/// Whether a client has room for a name.
fn fits(name: &str, room: &RpcUnicodeString) -> bool {
    (name.encode_utf16().count() + 1) * 2 <= usize::from(room.maximum_length)
}

/// BaseRegEnumKey (\[MS-RRP\] 3.1.5.10).
fn enum_key(handles: &Handles, r: &BaseRegEnumKeyRequest) -> Result<BaseRegEnumKeyResponse, Fault> {
    let path = key(handles, r.h_key)?;
    let all = children(path);
    let name = all.get(usize::try_from(r.dw_index).unwrap_or(usize::MAX));
    let (name, status) = match name {
        Some(name) if fits(name, &r.lp_name_in) => (*name, werror::OK),
        Some(_) => ("", werror::MORE_DATA),
        None => ("", werror::NO_MORE_ITEMS),
    };
    Ok(BaseRegEnumKeyResponse {
        lp_name_out: name_of(name)?,
        lplp_class_out: r.lp_class_in.as_ref().map(|_| name_of("")).transpose()?,
        lpft_last_write_time: r.lpft_last_write_time.as_ref().map(|_| Filetime::default()),
        status,
    })
}

/// What a client has for a value: whether it wants type and data, the room
/// for data, whether it wants both lengths.
struct Room {
    kind: bool,
    data: bool,
    size: Option<u32>,
    len: bool,
}

/// Type, data, both lengths, and the code that goes with them.
type Told = (
    Option<u32>,
    Option<Varying<u8>>,
    Option<u32>,
    Option<u32>,
    u32,
);

impl Room {
    fn tell(&self, value: Option<&Value>) -> Told {
        let (kind, bytes) = value.map_or((0, &[][..]), |(_, kind, bytes)| (*kind, bytes));
        let needed = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let short = self.data && self.size.is_none_or(|size| size < needed);
        let bytes = if short || !self.data { &[] } else { bytes };
        let sent = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        (
            self.kind.then_some(kind),
            self.data.then(|| Varying {
                max: u64::from(self.size.unwrap_or(0).min(MAX_DATA).max(sent)),
                items: bytes.to_vec(),
            }),
            self.size.map(|_| needed),
            self.len.then_some(sent),
            if short { werror::MORE_DATA } else { werror::OK },
        )
    }
}

/// BaseRegEnumValue (\[MS-RRP\] 3.1.5.11).
fn enum_value(
    state: &State,
    handles: &Handles,
    r: &BaseRegEnumValueRequest,
) -> Result<BaseRegEnumValueResponse, Fault> {
    let path = key(handles, r.h_key)?;
    let room = Room {
        kind: r.lp_type.is_some(),
        data: r.lp_data.is_some(),
        size: r.lpcb_data,
        len: r.lpcb_len.is_some(),
    };
    let all = values(state, path);
    let value = all.get(usize::try_from(r.dw_index).unwrap_or(usize::MAX));
    let named = value.filter(|(name, ..)| fits(name, &r.lp_value_name_in));
    let (lp_type, lp_data, lpcb_data, lpcb_len, code) = room.tell(value);
    Ok(BaseRegEnumValueResponse {
        lp_value_name_out: name_of(named.map_or("", |(name, ..)| name))?,
        lp_type,
        lp_data,
        lpcb_data,
        lpcb_len,
        status: match (value, named) {
            (None, _) => werror::NO_MORE_ITEMS,
            (Some(_), None) => werror::MORE_DATA,
            (Some(_), Some(_)) => code,
        },
    })
}

/// BaseRegQueryValue (\[MS-RRP\] 3.1.5.17).
fn query_value(
    state: &State,
    handles: &Handles,
    r: &BaseRegQueryValueRequest,
) -> Result<BaseRegQueryValueResponse, Fault> {
    let path = key(handles, r.h_key)?;
    let name = r.lp_value_name.text()?;
    let room = Room {
        kind: r.lp_type.is_some(),
        data: r.lp_data.is_some(),
        size: r.lpcb_data,
        len: r.lpcb_len.is_some(),
    };
    let all = values(state, path);
    let value = all.iter().find(|(n, ..)| n.eq_ignore_ascii_case(&name));
    let (lp_type, lp_data, lpcb_data, lpcb_len, code) = room.tell(value);
    Ok(BaseRegQueryValueResponse {
        lp_type,
        lp_data,
        lpcb_data,
        lpcb_len,
        status: value.map_or(werror::FILE_NOT_FOUND, |_| code),
    })
}

/// BaseRegQueryInfoKey (\[MS-RRP\] 3.1.5.16).
fn query_info(
    state: &State,
    handles: &Handles,
    r: &BaseRegQueryInfoKeyRequest,
) -> Result<BaseRegQueryInfoKeyResponse, Fault> {
    let path = key(handles, r.h_key)?;
    let (keys, values) = (children(path), values(state, path));
    let n = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let chars = |text: &str| text.encode_utf16().count() * 2;
    Ok(BaseRegQueryInfoKeyResponse {
        lp_class_out: name_of("")?,
        lpc_sub_keys: n(keys.len()),
        lpcb_max_sub_key_len: n(keys.iter().map(|k| chars(k)).max().unwrap_or(0)),
        lpcb_max_class_len: 0,
        lpc_values: n(values.len()),
        lpcb_max_value_name_len: n(values.iter().map(|v| chars(&v.0)).max().unwrap_or(0)),
        lpcb_max_value_len: n(values.iter().map(|v| v.2.len()).max().unwrap_or(0)),
        lpcb_security_descriptor: 0,
        lpft_last_write_time: Filetime::default(),
        status: werror::OK,
    })
}
