// SPDX-License-Identifier: GPL-2.0-or-later
//! The body that the replies to QUERY_DIRECTORY, CHANGE_NOTIFY and QUERY_INFO
//! have in common: one output buffer (\[MS-SMB2\] 2.2.34, 2.2.36, 2.2.38).

use super::body::{self, PendingBuffer};
use crate::codec::{Malformed, NoSpace, Writer};
use crate::limits::SMB2_HEADER_LEN;

const RESPONSE_SIZE: u16 = 9;
const RESPONSE_FIXED: usize = 8;

pub(super) fn parse(msg: &[u8]) -> Result<&[u8], Malformed> {
    let mut r = body::open(msg, RESPONSE_SIZE, RESPONSE_FIXED)?;
    let offset = r.len16()?;
    let len = r.len32()?;
    body::buffer(msg, r.position(), offset, len, "output buffer")
}

pub(super) fn begin(w: &mut Writer<'_>) -> Result<PendingBuffer, NoSpace> {
    w.u16(RESPONSE_SIZE)?;
    w.len16(SMB2_HEADER_LEN.saturating_add(RESPONSE_FIXED))?;
    let len_at = w.len();
    w.u32(0)?;
    Ok(PendingBuffer::new(len_at, w.len()))
}

pub(super) fn write(output: &[u8], w: &mut Writer<'_>) -> Result<(), NoSpace> {
    let pending = begin(w)?;
    w.bytes(output)?;
    pending.finish(w).map(|_| ())
}
