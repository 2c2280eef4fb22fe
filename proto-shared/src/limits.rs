// SPDX-License-Identifier: GPL-2.0-or-later
//! Wire maximums, each with its reason.
//!
//! These bound what a peer can make anybody allocate or walk; what a server
//! offers is configuration and lives in the engine.

/// Length of an SMB2 header in bytes (\[MS-SMB2\] 2.2.1).
pub const SMB2_HEADER_LEN: usize = 64;

/// Length of an SMB2 transform header in bytes (\[MS-SMB2\] 2.2.41).
pub const TRANSFORM_HEADER_LEN: usize = 52;

/// Length of the session header before each message on TCP, in bytes
/// (\[MS-SMB2\] 2.1).
pub const NETBIOS_HEADER_LEN: usize = 4;

/// Greatest message on TCP in bytes: the length field has 24 bits.
pub const MAX_NETBIOS_LEN: usize = 0x00FF_FFFF;

/// Greatest security descriptor in bytes. The ACL size field has 16 bits, and
/// Windows refuses more; anything longer is an attack or a mistake.
pub const MAX_SECURITY_DESCRIPTOR_LEN: usize = 0x1_0000;

/// Greatest number of sub authorities of a SID (\[MS-DTYP\] 2.4.2).
pub const MAX_SUB_AUTHORITIES: usize = 15;

/// Greatest SID in bytes on the wire.
pub const MAX_SID_LEN: usize = 68;

/// Greatest path in bytes of UTF-16: NTFS's 32767 characters.
pub const MAX_PATH_UTF16_LEN: usize = 65534;

/// Greatest single name in UTF-16 code units.
pub const MAX_COMPONENT_UNITS: usize = 255;

/// Greatest number of dialects that a negotiate request may offer. Seven are
/// defined; the rest is slack for what may come.
pub const MAX_DIALECTS: usize = 64;

/// Greatest number of contexts in a negotiate request. Eight types are
/// defined, and no type may come twice.
pub const MAX_NEGOTIATE_CONTEXTS: usize = 32;

/// Greatest number of create contexts in one request; about fifteen types
/// exist.
pub const MAX_CREATE_CONTEXTS: usize = 64;

/// Greatest number of elements of a lock request. A request can hold more
/// within its credits, but nobody needs them.
pub const MAX_LOCK_ELEMENTS: usize = 1024;

/// Greatest reparse data buffer in bytes (\[MS-FSCC\] 2.1.2).
pub const MAX_REPARSE_DATA_LEN: usize = 0x4000;

/// Greatest number of bytes of the name of one extended attribute.
pub const MAX_EA_NAME_LEN: usize = 255;
