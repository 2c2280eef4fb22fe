// SPDX-License-Identifier: GPL-2.0-or-later
//! Create contexts (\[MS-SMB2\] 2.2.13.2, 2.2.14.2): a chain of named blobs,
//! and the blobs' forms.
//!
//! Invariant of [`CreateContexts`]: the chain was walked once without error,
//! so walking it again ends and yields every context.

use super::apple::{AppleQuery, AppleServerCaps, AppleServerQuery, APPLE_SERVER_QUERY};
use super::negotiate_context::POSIX_TAG;
use super::types::{FileId, LeaseKey, LeaseState};
use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::access::AccessMask;
use crate::dtyp::{FileTime, Guid, Sid};
use crate::limits::MAX_CREATE_CONTEXTS;
use crate::status::NtStatus;

/// Bytes of a context before its name.
const CONTEXT_HEADER_LEN: usize = 16;
/// No context has a shorter name.
const MIN_NAME_LEN: usize = 4;

/// Names of the contexts (\[MS-SMB2\] 2.2.13.2).
pub mod name {
    /// SMB2_CREATE_EA_BUFFER.
    pub const EA_BUFFER: &[u8] = b"ExtA";
    /// SMB2_CREATE_SD_BUFFER.
    pub const SD_BUFFER: &[u8] = b"SecD";
    /// SMB2_CREATE_DURABLE_HANDLE_REQUEST.
    pub const DURABLE_REQUEST: &[u8] = b"DHnQ";
    /// SMB2_CREATE_DURABLE_HANDLE_RECONNECT.
    pub const DURABLE_RECONNECT: &[u8] = b"DHnC";
    /// SMB2_CREATE_ALLOCATION_SIZE.
    pub const ALLOCATION_SIZE: &[u8] = b"AlSi";
    /// SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST.
    pub const MAXIMAL_ACCESS: &[u8] = b"MxAc";
    /// SMB2_CREATE_TIMEWARP_TOKEN.
    pub const TIMEWARP: &[u8] = b"TWrp";
    /// SMB2_CREATE_QUERY_ON_DISK_ID.
    pub const QUERY_ON_DISK_ID: &[u8] = b"QFid";
    /// SMB2_CREATE_REQUEST_LEASE, both versions.
    pub const LEASE: &[u8] = b"RqLs";
    /// SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2.
    pub const DURABLE_REQUEST_V2: &[u8] = b"DH2Q";
    /// SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2.
    pub const DURABLE_RECONNECT_V2: &[u8] = b"DH2C";
    /// SMB2_CREATE_APP_INSTANCE_ID.
    pub const APP_INSTANCE_ID: &[u8] = &[
        0x45, 0xBC, 0xA6, 0x6A, 0xEF, 0xA7, 0xF7, 0x4A, 0x90, 0x08, 0xFA, 0x46, 0x2E, 0x14, 0x4D,
        0x74,
    ];
    /// SMB2_CREATE_APP_INSTANCE_VERSION.
    pub const APP_INSTANCE_VERSION: &[u8] = &[
        0xB9, 0x82, 0xD0, 0xB7, 0x3B, 0x56, 0x07, 0x4F, 0xA0, 0x7B, 0x52, 0x4A, 0x81, 0x16, 0xA0,
        0x10,
    ];
    /// SVHDX_OPEN_DEVICE_CONTEXT.
    pub const SVHDX_OPEN_DEVICE: &[u8] = &[
        0x9C, 0xCB, 0xCF, 0x9E, 0x04, 0xC1, 0xE6, 0x43, 0x98, 0x0E, 0x15, 0x8D, 0xA1, 0xF6, 0xEC,
        0x83,
    ];
    /// SMB2_CREATE_TAG_POSIX of the SMB3 POSIX extensions.
    pub const POSIX: &[u8] = &super::POSIX_TAG;
    /// Apple's extensions.
    pub const APPLE: &[u8] = b"AAPL";
}

/// The contexts of a CREATE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreateContexts<'a>(&'a [u8]);

impl<'a> CreateContexts<'a> {
    /// No context.
    pub const EMPTY: CreateContexts<'static> = CreateContexts(&[]);

    /// Parses `len` bytes at `offset` of `msg`, which must not lie before
    /// `min`; the whole chain is checked now.
    pub(super) fn parse(
        msg: &'a [u8],
        min: usize,
        offset: usize,
        len: usize,
    ) -> Result<Self, Malformed> {
        if len == 0 {
            return Ok(Self::EMPTY);
        }
        if offset % 8 != 0 {
            return Err(Malformed::new("CreateContextsOffset"));
        }
        Self::from_bytes(super::body::buffer(
            msg,
            min,
            offset,
            len,
            "create contexts",
        )?)
    }

    /// Checks a chain.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = (!bytes.is_empty()).then_some(bytes);
        let mut count = 0usize;
        while let Some(chain) = rest {
            count = count.saturating_add(1);
            if count > MAX_CREATE_CONTEXTS {
                return Err(Malformed::new("too many create contexts"));
            }
            (_, rest) = split_context(chain)?;
        }
        Ok(Self(bytes))
    }

    /// The chain.
    #[inline]
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Whether there is no context.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The contexts in order.
    #[inline]
    #[must_use]
    pub fn iter(&self) -> Contexts<'a> {
        Contexts((!self.0.is_empty()).then_some(self.0))
    }

    /// Data of the first context of that name (see [`name`]).
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.iter().find(|c| c.name == name).map(|c| c.data)
    }

    /// Whether there is a context of that name.
    #[inline]
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        self.find(name).is_some()
    }
}

/// One context: name and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawContext<'a> {
    /// Name, four bytes or more.
    pub name: &'a [u8],
    /// Data.
    pub data: &'a [u8],
}

/// Splits the first context from a chain.
fn split_context(chain: &[u8]) -> Result<(RawContext<'_>, Option<&[u8]>), Malformed> {
    let bad = Malformed::new("create context");
    let mut r = Reader::new(chain);
    let next = r.len32()?;
    let name_offset = r.len16()?;
    let name_len = r.len16()?;
    r.skip(2)?;
    let data_offset = r.len16()?;
    let data_len = r.len32()?;
    let (own, rest) = if next == 0 {
        (chain, None)
    } else {
        if next % 8 != 0 || next < CONTEXT_HEADER_LEN {
            return Err(Malformed::new("create context Next"));
        }
        match chain.split_at_checked(next) {
            Some((own, rest)) if !rest.is_empty() => (own, Some(rest)),
            _ => return Err(Malformed::new("create context Next")),
        }
    };
    if name_offset < CONTEXT_HEADER_LEN || name_offset % 8 != 0 || name_len < MIN_NAME_LEN {
        return Err(bad);
    }
    let own = Reader::new(own);
    let name = own.at(name_offset, name_len).map_err(|_| bad)?;
    let data: &[u8] = if data_len == 0 {
        &[]
    } else {
        let name_end = name_offset.checked_add(name_len).ok_or(bad)?;
        if data_offset < name_end || data_offset % 8 != 0 {
            return Err(bad);
        }
        own.at(data_offset, data_len).map_err(|_| bad)?
    };
    Ok((RawContext { name, data }, rest))
}

/// Iterator over [`CreateContexts`].
#[derive(Clone, Debug)]
pub struct Contexts<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Contexts<'a> {
    type Item = RawContext<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let chain = self.0.take()?;
        // Was walked without error when it was parsed.
        let (context, rest) = split_context(chain).ok()?;
        self.0 = rest;
        Some(context)
    }
}

/// Writes a chain: aligns, links and counts the contexts.
#[derive(Debug)]
pub struct CreateContextWriter<'w, 'a> {
    w: &'w mut Writer<'a>,
    base: usize,
    last: Option<usize>,
}

impl<'w, 'a> CreateContextWriter<'w, 'a> {
    /// A chain that begins where `w` stands, which is an 8-byte boundary of
    /// the message.
    #[must_use]
    pub fn new(w: &'w mut Writer<'a>) -> Self {
        let base = w.len();
        Self {
            w,
            base,
            last: None,
        }
    }

    /// Appends a context whose data `f` writes.
    pub fn add(
        &mut self,
        name: &[u8],
        f: impl FnOnce(&mut Writer<'_>) -> Result<(), NoSpace>,
    ) -> Result<(), NoSpace> {
        self.w.align_from(self.base, 8)?;
        let at = self.w.len();
        self.w.u32(0)?;
        self.w.len16(CONTEXT_HEADER_LEN)?;
        self.w.len16(name.len())?;
        self.w.u16(0)?;
        let data_fields = self.w.len();
        self.w.u16(0)?;
        self.w.u32(0)?;
        self.w.bytes(name)?;
        // Also without data: every implementation pads the name.
        self.w.align_from(self.base, 8)?;
        let data_at = self.w.len();
        f(self.w)?;
        let len = self.w.len().checked_sub(data_at).ok_or(NoSpace)?;
        if len != 0 {
            self.w
                .patch_len16(data_fields, data_at.checked_sub(at).ok_or(NoSpace)?)?;
            self.w.patch_len32(data_fields.saturating_add(2), len)?;
        }
        if let Some(last) = self.last {
            self.w
                .patch_len32(last, at.checked_sub(last).ok_or(NoSpace)?)?;
        }
        self.last = Some(at);
        Ok(())
    }

    /// Appends a whole chain as it is; nothing may be added behind it.
    pub(super) fn raw(&mut self, chain: &[u8]) -> Result<(), NoSpace> {
        self.w.bytes(chain)
    }
}

wire_flags! {
    /// Flags of a durable handle v2 (\[MS-SMB2\] 2.2.13.2.11).
    pub struct DurableFlags(u32) {
        PERSISTENT = 0x0000_0002,
    }
}

/// Request for a durable handle v2 (\[MS-SMB2\] 2.2.13.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurableRequestV2 {
    /// How long to keep the handle, in milliseconds; 0 leaves it to the server.
    pub timeout: u32,
    /// Flags.
    pub flags: DurableFlags,
    /// Names this create.
    pub create_guid: Guid,
}

impl DurableRequestV2 {
    /// Parses the data.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        let timeout = r.u32()?;
        let flags = DurableFlags(r.u32()?);
        r.skip(8)?;
        let create_guid = Guid::parse(&mut r)?;
        r.finish("DH2Q")?;
        Ok(Self {
            timeout,
            flags,
            create_guid,
        })
    }

    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.timeout)?;
        w.u32(self.flags.0)?;
        w.u64(0)?;
        self.create_guid.write(w)
    }
}

/// Reconnect of a durable handle v2 (\[MS-SMB2\] 2.2.13.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurableReconnectV2 {
    /// Handle.
    pub file_id: FileId,
    /// Names the create.
    pub create_guid: Guid,
    /// Flags.
    pub flags: DurableFlags,
}

impl DurableReconnectV2 {
    /// Parses the data.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        let out = Self {
            file_id: FileId::parse(&mut r)?,
            create_guid: Guid::parse(&mut r)?,
            flags: DurableFlags(r.u32()?),
        };
        r.finish("DH2C")?;
        Ok(out)
    }

    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        self.file_id.write(w)?;
        self.create_guid.write(w)?;
        w.u32(self.flags.0)
    }
}

/// Grant of a durable handle v2 (\[MS-SMB2\] 2.2.14.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurableResponseV2 {
    /// How long the handle is kept, in milliseconds.
    pub timeout: u32,
    /// Flags.
    pub flags: DurableFlags,
}

impl DurableResponseV2 {
    /// Parses the data.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        Ok(Self {
            timeout: r.u32()?,
            flags: DurableFlags(r.u32()?),
        })
    }

    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.timeout)?;
        w.u32(self.flags.0)
    }
}

wire_flags! {
    /// Flags of a lease (\[MS-SMB2\] 2.2.13.2.8, 2.2.14.2.10).
    pub struct LeaseFlags(u32) {
        BREAK_IN_PROGRESS = 0x0000_0002,
        PARENT_LEASE_KEY_SET = 0x0000_0004,
    }
}

/// What a v2 lease has more than a v1 lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseV2 {
    /// Key of the lease on the directory, with
    /// [`LeaseFlags::PARENT_LEASE_KEY_SET`].
    pub parent_lease_key: LeaseKey,
    /// Counts the changes of state.
    pub epoch: u16,
}

/// Lease, in request and reply (\[MS-SMB2\] 2.2.13.2.8, 2.2.13.2.10,
/// 2.2.14.2.10, 2.2.14.2.11). The length tells the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Key.
    pub lease_key: LeaseKey,
    /// State asked for or granted.
    pub lease_state: LeaseState,
    /// Flags.
    pub flags: LeaseFlags,
    /// Rest of a v2 lease.
    pub v2: Option<LeaseV2>,
}

impl Lease {
    /// Length of a v1 lease in bytes.
    pub const V1_LEN: usize = 32;
    /// Length of a v2 lease in bytes.
    pub const V2_LEN: usize = 52;

    /// Parses the data.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        let lease_key = LeaseKey(r.array()?);
        let lease_state = LeaseState(r.u32()?);
        let flags = LeaseFlags(r.u32()?);
        r.skip(8)?;
        let v2 = if data.len() == Self::V1_LEN {
            None
        } else {
            let parent_lease_key = LeaseKey(r.array()?);
            let epoch = r.u16()?;
            r.skip(2)?;
            r.finish("RqLs")?;
            Some(LeaseV2 {
                parent_lease_key,
                epoch,
            })
        };
        Ok(Self {
            lease_key,
            lease_state,
            flags,
            v2,
        })
    }

    /// Appends the data in the version that `v2` tells.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.bytes(&self.lease_key.0)?;
        w.u32(self.lease_state.0)?;
        w.u32(self.flags.0)?;
        w.u64(0)?;
        if let Some(v2) = &self.v2 {
            w.bytes(&v2.parent_lease_key.0)?;
            w.u16(v2.epoch)?;
            w.u16(0)?;
        }
        Ok(())
    }
}

/// Version of an application instance (\[MS-SMB2\] 2.2.13.2.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppInstanceVersion {
    /// Upper half.
    pub high: u64,
    /// Lower half.
    pub low: u64,
}

/// Grant of the on-disk id (\[MS-SMB2\] 2.2.14.2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnDiskId {
    /// Number of the file within its volume.
    pub disk_file_id: u64,
    /// Number of the volume.
    pub volume_id: u64,
}

impl OnDiskId {
    /// Parses the data.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        Ok(Self {
            disk_file_id: r.u64()?,
            volume_id: r.u64()?,
        })
    }

    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u64(self.disk_file_id)?;
        w.u64(self.volume_id)?;
        w.zeros(16)
    }
}

/// Answer to the question for maximal access (\[MS-SMB2\] 2.2.14.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaximalAccess {
    /// Whether it could be told.
    pub query_status: NtStatus,
    /// The rights.
    pub maximal_access: AccessMask,
}

impl MaximalAccess {
    /// Parses the data.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        Ok(Self {
            query_status: NtStatus(r.u32()?),
            maximal_access: AccessMask(r.u32()?),
        })
    }

    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.query_status.0)?;
        w.u32(self.maximal_access.0)
    }
}

/// Reply to the POSIX context (\[SMB3 POSIX\] 2.2.14.2.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PosixResponse {
    /// Number of hard links.
    pub nlink: u32,
    /// Reparse tag, 0 if none.
    pub reparse_tag: u32,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub owner: Sid,
    /// Group.
    pub group: Sid,
}

impl PosixResponse {
    /// Parses the data.
    pub fn parse(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        Ok(Self {
            nlink: r.u32()?,
            reparse_tag: r.u32()?,
            mode: r.u32()?,
            owner: Sid::parse(&mut r)?,
            group: Sid::parse(&mut r)?,
        })
    }

    /// Appends the data.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.nlink)?;
        w.u32(self.reparse_tag)?;
        w.u32(self.mode)?;
        self.owner.write(w)?;
        self.group.write(w)
    }
}

/// A context of a CREATE request, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateContext<'a> {
    /// Extended attributes: a chain for [`crate::fscc::ea::full_ea_entries`].
    EaBuffer(&'a [u8]),
    /// Self-relative security descriptor.
    SdBuffer(&'a [u8]),
    /// Asks for a durable handle.
    DurableRequest,
    /// Takes up a durable handle.
    DurableReconnect(FileId),
    /// Bytes to allocate.
    AllocationSize(u64),
    /// Asks for the maximal access; with a time: only if the file changed
    /// since.
    MaximalAccess(Option<FileTime>),
    /// Which snapshot.
    Timewarp(FileTime),
    /// Asks for the on-disk id.
    QueryOnDiskId,
    /// Asks for a lease.
    Lease(Lease),
    /// Asks for a durable handle v2.
    DurableRequestV2(DurableRequestV2),
    /// Takes up a durable handle v2.
    DurableReconnectV2(DurableReconnectV2),
    /// Application instance.
    AppInstanceId(Guid),
    /// Its version.
    AppInstanceVersion(AppInstanceVersion),
    /// Shared virtual disk; not looked into.
    SvhdxOpenDevice(&'a [u8]),
    /// POSIX open with these permission bits.
    Posix {
        /// Mode of a file that is created.
        mode: u32,
    },
    /// Apple's question for capabilities.
    AppleServerQuery(AppleServerQuery),
    /// Anything else; to be ignored.
    Other(RawContext<'a>),
}

impl<'a> CreateContext<'a> {
    /// Parses a context by its name. Errors: data of a known context that has
    /// not its form.
    pub fn parse(raw: RawContext<'a>) -> Result<Self, Malformed> {
        let data = raw.data;
        let mut r = Reader::new(data);
        Ok(match raw.name {
            name::EA_BUFFER => Self::EaBuffer(data),
            name::SD_BUFFER => Self::SdBuffer(data),
            name::DURABLE_REQUEST => {
                r.skip(16)?;
                r.finish("DHnQ")?;
                Self::DurableRequest
            }
            name::DURABLE_RECONNECT => {
                let id = FileId::parse(&mut r)?;
                r.finish("DHnC")?;
                Self::DurableReconnect(id)
            }
            name::ALLOCATION_SIZE => {
                let size = r.u64()?;
                r.finish("AlSi")?;
                Self::AllocationSize(size)
            }
            name::MAXIMAL_ACCESS if data.is_empty() => Self::MaximalAccess(None),
            name::MAXIMAL_ACCESS => {
                let time = FileTime::parse(&mut r)?;
                r.finish("MxAc")?;
                Self::MaximalAccess(Some(time))
            }
            name::TIMEWARP => {
                let time = FileTime::parse(&mut r)?;
                r.finish("TWrp")?;
                Self::Timewarp(time)
            }
            name::QUERY_ON_DISK_ID => Self::QueryOnDiskId,
            name::LEASE => Self::Lease(Lease::parse(data)?),
            name::DURABLE_REQUEST_V2 => Self::DurableRequestV2(DurableRequestV2::parse(data)?),
            name::DURABLE_RECONNECT_V2 => {
                Self::DurableReconnectV2(DurableReconnectV2::parse(data)?)
            }
            name::APP_INSTANCE_ID => {
                if r.u16()? != 20 {
                    return Err(Malformed::new("AppInstanceId"));
                }
                r.skip(2)?;
                Self::AppInstanceId(Guid::parse(&mut r)?)
            }
            name::APP_INSTANCE_VERSION => {
                if r.u16()? != 24 {
                    return Err(Malformed::new("AppInstanceVersion"));
                }
                r.skip(6)?;
                Self::AppInstanceVersion(AppInstanceVersion {
                    high: r.u64()?,
                    low: r.u64()?,
                })
            }
            name::SVHDX_OPEN_DEVICE => Self::SvhdxOpenDevice(data),
            name::POSIX => {
                let mode = r.u32()?;
                r.finish("POSIX context")?;
                Self::Posix { mode }
            }
            name::APPLE => {
                if r.u32()? != APPLE_SERVER_QUERY {
                    return Ok(Self::Other(raw));
                }
                r.skip(4)?;
                let query = AppleServerQuery {
                    request: AppleQuery(r.u64()?),
                    client_capabilities: AppleServerCaps(r.u64()?),
                };
                Self::AppleServerQuery(query)
            }
            _ => Self::Other(raw),
        })
    }
}
