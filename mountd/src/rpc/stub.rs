// SPDX-License-Identifier: GPL-2.0-or-later
//! The arguments of one request, and how a call is made of them.

use dcerpc_ndr::{Error, Message, Syntax};

use super::pdu::fault;
use super::Fault;

impl From<Error> for Fault {
    fn from(e: Error) -> Self {
        tracing::debug!(error = %e, "bad arguments of a call");
        Self(fault::BAD_STUB_DATA)
    }
}

/// Arguments, and the form that the context they came by was bound with.
#[derive(Clone, Copy)]
pub(super) struct Stub<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) syntax: Syntax,
}

impl Stub<'_> {
    /// Reads the arguments, makes the call and writes its answer. Errors: the
    /// arguments are none of this call, the call's own, or the answer cannot
    /// be written.
    pub(super) fn serve<I: Message, O: Message>(
        self,
        call: impl FnOnce(I) -> Result<O, Fault>,
    ) -> Result<Vec<u8>, Fault> {
        let answer = call(I::decode(self.bytes, self.syntax)?)?;
        Ok(answer.encode(self.syntax)?)
    }
}
