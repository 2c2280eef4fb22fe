// SPDX-License-Identifier: GPL-2.0-or-later
//! The part of macOS' `copyfile` that copying ranges does not know: the named streams of a file.
//!
//! A client asks for it by FSCTL_SRV_COPYCHUNK without a range ([`crate::fsctl::copy`]).

use kernel::prelude::*;

use proto_shared::status::NtStatus;

use super::forks::Rules;
use crate::error::SmbResult;
use crate::host::{Fs, Host};
use crate::open::Open;
use crate::stream;

/// Copies all named streams of one open file to another.
///
/// # Errors
/// `INVALID_PARAMETER` if one of the two is a stream itself; the host's. What was copied before stays.
pub(crate) fn streams<H: Host>(fs: &H::Fs, source: &Open<H>, target: &Open<H>) -> SmbResult {
    let (from, to) = (source.disk()?, target.disk()?);
    if from.stream.is_some() || to.stream.is_some() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if !super::has(source.tree()) {
        return Ok(());
    }
    let rules = Rules::of(source.tree());
    let mut names = KVec::new();
    let mut failed = Ok(());
    stream::list::<H>(fs, from.node(), &mut |name, size| {
        if rules.is_there(name, size) {
            failed = name
                .try_clone()
                .and_then(|name| Ok(names.push(name, GFP_KERNEL)?));
        }
        failed.is_ok()
    })?;
    failed?;
    let (reader, writer) = (&source.tree().disk()?.creds, &target.tree().disk()?.creds);
    for name in &names {
        let value = match stream::load::<H>(fs, from.node(), reader, name) {
            // It went meanwhile.
            Err(e) if e == ENODATA => continue,
            value => value?,
        };
        fs.in_turn(to.inode().key().ino, &mut || {
            stream::store::<H>(fs, to.node(), writer, name, &value)
        })?;
    }
    Ok(())
}
