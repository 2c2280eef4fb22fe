// SPDX-License-Identifier: GPL-2.0-or-later
//! SMB1, as far as a client uses it to ask for SMB2 (\[MS-SMB2\] 3.3.5.3).

pub mod header;
pub mod negotiate;

pub use header::Smb1Header;
pub use negotiate::Smb1NegotiateRequest;
