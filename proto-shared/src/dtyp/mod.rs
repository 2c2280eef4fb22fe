// SPDX-License-Identifier: GPL-2.0-or-later
//! Common data types of the Windows protocols (\[MS-DTYP\]).

pub mod access;
pub mod acl;
pub mod filetime;
pub mod guid;
pub mod ntacl;
pub mod security_descriptor;
pub mod sid;
pub mod utf16;
pub mod wildcard;

pub use acl::{Ace, AceFlags, AceType, Acl};
pub use filetime::FileTime;
pub use guid::Guid;
pub use security_descriptor::SecurityDescriptor;
pub use sid::Sid;
pub use utf16::Utf16;
