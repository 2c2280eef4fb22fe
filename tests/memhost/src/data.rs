// SPDX-License-Identifier: GPL-2.0-or-later
//! Frames and file data: plain vectors.

use ksmbd_engine::host::{Payload, Pdu};
use ksmbd_hostcrypto::Bytes;

/// A frame, or file data.
pub struct Data(pub Vec<u8>);

impl Pdu for Data {
    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Payload for Data {
    fn len(&self) -> usize {
        self.0.len()
    }
}

impl Bytes for Data {
    fn as_slice(&self) -> &[u8] {
        &self.0
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
