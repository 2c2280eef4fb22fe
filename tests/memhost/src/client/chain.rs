// SPDX-License-Identifier: GPL-2.0-or-later
//! Frames of several messages.

use proto_shared::limits::SMB2_HEADER_LEN;

use super::Client;

/// Where NextCommand is in a header ([MS-SMB2] 2.2.1).
const NEXT_COMMAND: usize = 20;

impl Client<'_> {
    /// A compound of these messages: padded and linked, each of them signed or all of them sealed as the options say.
    /// Without keys (nobody is logged in) neither is done.
    pub fn chain(&mut self, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
        let last = parts.len().saturating_sub(1);
        for part in parts.iter_mut().take(last) {
            part.resize(part.len().next_multiple_of(8), 0);
            let next = (part.len() as u32).to_le_bytes();
            if let Some(slot) = part.get_mut(NEXT_COMMAND..NEXT_COMMAND + 4) {
                slot.copy_from_slice(&next);
            }
        }
        let keys = self.keys.as_ref();
        if self.options.seal && self.cipher.is_some() && keys.is_some_and(|k| k.to_server.is_some())
        {
            return self.seal(parts.concat());
        }
        if self.options.sign && keys.is_some() {
            for part in parts.iter_mut().filter(|p| p.len() >= SMB2_HEADER_LEN) {
                self.sign(part);
            }
        }
        parts.concat()
    }
}
