// SPDX-License-Identifier: GPL-2.0-or-later
//! What a request fails with: the status that the client is told, and the errno behind it.

use kernel::alloc::AllocError;
use kernel::error::Error;
use kernel::prelude::*;

use proto_shared::codec::{Malformed, NoSpace};
use proto_shared::status::NtStatus;

/// A failed request.
#[derive(Clone, Copy)]
pub struct SmbError {
    /// What the client is told.
    pub status: NtStatus,
    /// What the host said, if it was the host.
    pub source: Option<Error>,
}

/// Result of everything that answers a client.
pub type SmbResult<T = ()> = core::result::Result<T, SmbError>;

impl core::fmt::Debug for SmbError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.source {
            Some(e) => write!(f, "{:?} (errno {})", self.status, e.to_errno()),
            None => write!(f, "{:?}", self.status),
        }
    }
}

impl From<NtStatus> for SmbError {
    fn from(status: NtStatus) -> Self {
        Self {
            status,
            source: None,
        }
    }
}

impl From<Malformed> for SmbError {
    fn from(_: Malformed) -> Self {
        NtStatus::INVALID_PARAMETER.into()
    }
}

impl From<NoSpace> for SmbError {
    fn from(_: NoSpace) -> Self {
        NtStatus::BUFFER_TOO_SMALL.into()
    }
}

impl From<AllocError> for SmbError {
    fn from(_: AllocError) -> Self {
        NtStatus::INSUFFICIENT_RESOURCES.into()
    }
}

impl From<Error> for SmbError {
    fn from(e: Error) -> Self {
        Self {
            status: status_of(e),
            source: Some(e),
        }
    }
}

/// The one table from errno to NTSTATUS. Where a command wants another answer for an errno, it says so itself.
pub fn status_of(e: Error) -> NtStatus {
    const TABLE: &[(Error, NtStatus)] = &[
        (ENOENT, NtStatus::OBJECT_NAME_NOT_FOUND),
        (ENOTDIR, NtStatus::OBJECT_PATH_NOT_FOUND),
        (EACCES, NtStatus::ACCESS_DENIED),
        (EPERM, NtStatus::ACCESS_DENIED),
        (EEXIST, NtStatus::OBJECT_NAME_COLLISION),
        (EISDIR, NtStatus::FILE_IS_A_DIRECTORY),
        (ENOTEMPTY, NtStatus::DIRECTORY_NOT_EMPTY),
        (ENOSPC, NtStatus::DISK_FULL),
        (EDQUOT, NtStatus::DISK_FULL),
        (EROFS, NtStatus::MEDIA_WRITE_PROTECTED),
        (EXDEV, NtStatus::NOT_SAME_DEVICE),
        (ENAMETOOLONG, NtStatus::OBJECT_NAME_INVALID),
        (EINVAL, NtStatus::INVALID_PARAMETER),
        (EBADF, NtStatus::ACCESS_DENIED),
        (ENOMEM, NtStatus::INSUFFICIENT_RESOURCES),
        (EMFILE, NtStatus::TOO_MANY_OPENED_FILES),
        (ENFILE, NtStatus::TOO_MANY_OPENED_FILES),
        (EMLINK, NtStatus::TOO_MANY_LINKS),
        (ELOOP, NtStatus::STOPPED_ON_SYMLINK),
        (EBUSY, NtStatus::SHARING_VIOLATION),
        (ETXTBSY, NtStatus::SHARING_VIOLATION),
        (EFBIG, NtStatus::DISK_FULL),
        (EOVERFLOW, NtStatus::ALLOTTED_SPACE_EXCEEDED),
        (EIO, NtStatus::UNEXPECTED_IO_ERROR),
        (ESTALE, NtStatus::FILE_CLOSED),
        (ENODATA, NtStatus::NOT_FOUND),
        (EOPNOTSUPP, NtStatus::NOT_SUPPORTED),
        (ENOSYS, NtStatus::NOT_SUPPORTED),
        (ENXIO, NtStatus::INVALID_DEVICE_REQUEST),
        (ENODEV, NtStatus::NO_SUCH_DEVICE),
        (ERANGE, NtStatus::BUFFER_TOO_SMALL),
        (EAGAIN, NtStatus::RETRY),
        (EINTR, NtStatus::CANCELLED),
        (ETIMEDOUT, NtStatus::IO_TIMEOUT),
        (ECONNREFUSED, NtStatus::NO_LOGON_SERVERS),
        (EBADMSG, NtStatus::ACCESS_DENIED),
    ];
    TABLE
        .iter()
        .find(|(errno, _)| errno.to_errno() == e.to_errno())
        .map_or(NtStatus::UNSUCCESSFUL, |(_, status)| *status)
}
