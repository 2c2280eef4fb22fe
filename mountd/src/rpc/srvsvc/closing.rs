// SPDX-License-Identifier: GPL-2.0-or-later
//! Sessions and open files that an administrator ends, one open file, and the
//! transports (\[MS-SRVS\] 3.1.4.3, 3.1.4.4, 3.1.4.6, 3.1.4.23), for those
//! whom `rpc_admins` names.

use proto_shared::ipc::{ConnectionEntry, ListWhat};

use dcerpc_ndr::idl::srvsvc::{
    FileInfo, NetrFileCloseRequest, NetrFileCloseResponse, NetrFileGetInfoRequest,
    NetrFileGetInfoResponse, NetrServerTransportEnumRequest, NetrServerTransportEnumResponse,
    NetrSessionDelRequest, NetrSessionDelResponse, ServerTransportInfo0, ServerTransportInfo1,
    ServerXportEnumStruct, ServerXportEnumUnion, ServerXportInfo0Container,
    ServerXportInfo1Container,
};

use super::super::{is_admin, werror, Caller};
use super::lists::{container, Ask, Entry};
use super::live::{all_files, filter, list, sessions_of, File};
use crate::state::State;

/// The transport's name: SMB over TCP.
const TRANSPORT: &str = "\\Device\\NetbiosSmb";

/// NetrSessionDel (\[MS-SRVS\] 3.1.4.6): ends the sessions of a client, a user,
/// or a user at a client.
pub(super) fn end_sessions(
    state: &State,
    caller: &Caller,
    request: NetrSessionDelRequest,
) -> NetrSessionDelResponse {
    let (client, user) = (filter(request.client_name), filter(request.user_name));
    let status = try_end(state, caller, client, user);
    NetrSessionDelResponse {
        status: status.map_or_else(|code| code, |()| werror::OK),
    }
}

fn try_end(
    state: &State,
    caller: &Caller,
    client: Option<String>,
    user: Option<String>,
) -> Result<(), u32> {
    if !is_admin(state, caller) {
        tracing::info!(target: "audit", user = caller.account, "ending of sessions refused");
        return Err(werror::ACCESS_DENIED);
    }
    if client.is_none() && user.is_none() {
        return Err(werror::INVALID_PARAMETER);
    }
    let admin = state.admin().ok_or(werror::NOT_SUPPORTED)?;
    let mut done = Ok(());
    for session in sessions_of(state, client, user)? {
        match admin.close(ListWhat::SESSIONS, session.id, None) {
            Ok(()) => tracing::info!(
                target: "audit",
                user = caller.account,
                session = session.id,
                of = session.account,
                client = session.client,
                "session ended"
            ),
            // It may have ended in between.
            Err(e) => {
                tracing::warn!(session = session.id, "cannot end the session: {e:#}");
                done = Err(werror::GEN_FAILURE);
            }
        }
    }
    done
}

/// The open file of a number; it has 32 bits on the wire, so two may have the
/// same: then it names none.
fn file(state: &State, caller: &Caller, id: u32) -> Result<File, u32> {
    if !is_admin(state, caller) {
        return Err(werror::ACCESS_DENIED);
    }
    let mut found = all_files(state)?.into_iter().filter(|f| f.id == id);
    match (found.next(), found.next()) {
        (Some(file), None) => Ok(file),
        _ => Err(werror::FILE_ID_NOT_FOUND),
    }
}

/// NetrFileGetInfo (\[MS-SRVS\] 3.1.4.3), levels 2, 3.
pub(super) fn file_info(
    state: &State,
    caller: &Caller,
    request: &NetrFileGetInfoRequest,
) -> NetrFileGetInfoResponse {
    let level = request.level;
    let found = if matches!(level, 2 | 3) {
        file(state, caller, request.file_id)
    } else {
        Err(werror::INVALID_LEVEL)
    };
    let info = found.as_ref().ok();
    let info_struct = match level {
        2 => FileInfo::FileInfo2(info.map(File::info_2)),
        3 => FileInfo::FileInfo3(info.map(File::info_3)),
        _ => FileInfo::Other(level, None),
    };
    NetrFileGetInfoResponse {
        info_struct,
        status: found.map_or_else(|code| code, |_| werror::OK),
    }
}

/// NetrFileClose (\[MS-SRVS\] 3.1.4.4).
pub(super) fn close_file(
    state: &State,
    caller: &Caller,
    request: &NetrFileCloseRequest,
) -> NetrFileCloseResponse {
    let closed = file(state, caller, request.file_id).and_then(|file| {
        let admin = state.admin().ok_or(werror::NOT_SUPPORTED)?;
        let (id, session) = file.whole_id;
        match admin.close(ListWhat::OPENS, id, Some(session)) {
            Ok(()) => {
                tracing::info!(
                    target: "audit",
                    user = caller.account,
                    of = file.account,
                    path = file.path,
                    "open file closed"
                );
                Ok(())
            }
            Err(e) => {
                tracing::warn!(path = file.path, "cannot close the file: {e:#}");
                Err(werror::GEN_FAILURE)
            }
        }
    });
    NetrFileCloseResponse {
        status: closed.map_or_else(|code| code, |()| werror::OK),
    }
}

struct Transport {
    clients: u32,
    name: String,
    domain: String,
}

impl Entry for Transport {
    fn size(&self) -> usize {
        100 + 2 * (TRANSPORT.len() + self.domain.len())
    }
}

impl Transport {
    /// The name as NetBIOS has it: 16 bytes, padded with blanks.
    fn address(&self) -> Vec<u8> {
        let mut out: Vec<u8> = self.name.bytes().take(15).collect();
        out.resize(16, b' ');
        out
    }

    fn info_0(&self) -> ServerTransportInfo0 {
        let address = self.address();
        ServerTransportInfo0 {
            svti0_numberofvcs: self.clients,
            svti0_transportname: Some(TRANSPORT.to_owned()),
            svti0_transportaddresslength: u32::try_from(address.len()).unwrap_or(0),
            svti0_transportaddress: Some(address),
            // The address of the adapter, of which there is no one.
            svti0_networkaddress: Some("000000000000".to_owned()),
        }
    }

    fn info_1(&self) -> ServerTransportInfo1 {
        let same = self.info_0();
        ServerTransportInfo1 {
            svti1_numberofvcs: same.svti0_numberofvcs,
            svti1_transportname: same.svti0_transportname,
            svti1_transportaddresslength: same.svti0_transportaddresslength,
            svti1_transportaddress: same.svti0_transportaddress,
            svti1_networkaddress: same.svti0_networkaddress,
            svti1_domain: Some(self.domain.clone()),
        }
    }
}

/// NetrServerTransportEnum (\[MS-SRVS\] 3.1.4.23), levels 0, 1: there is TCP.
pub(super) fn transports(
    state: &State,
    caller: &Caller,
    request: &NetrServerTransportEnumRequest,
) -> NetrServerTransportEnumResponse {
    let level = request.info_struct.level;
    let found = if !matches!(level, 0 | 1) {
        Err(werror::INVALID_LEVEL)
    } else if is_admin(state, caller) {
        let config = state.config();
        list(state, ListWhat::CONNECTIONS, |bytes| {
            ConnectionEntry::parse(bytes).map(|_| ())
        })
        .map(|clients| {
            vec![Transport {
                clients: u32::try_from(clients.len()).unwrap_or(u32::MAX),
                name: state.netbios_name(&config),
                domain: config.global.workgroup.clone(),
            }]
        })
    } else {
        Err(werror::ACCESS_DENIED)
    };
    let ask = Ask {
        prefered_max: request.prefered_maximum_length,
        resume: request.resume_handle,
    };
    let page = ask.page(found);
    let all = page.entries.as_ref();
    let xport_info = match level {
        0 => ServerXportEnumUnion::Level0(container!(
            all,
            ServerXportInfo0Container,
            Transport::info_0
        )),
        1 => ServerXportEnumUnion::Level1(container!(
            all,
            ServerXportInfo1Container,
            Transport::info_1
        )),
        _ => ServerXportEnumUnion::Other(level, None),
    };
    NetrServerTransportEnumResponse {
        info_struct: ServerXportEnumStruct { level, xport_info },
        total_entries: page.total,
        resume_handle: page.resume,
        status: page.status,
    }
}
