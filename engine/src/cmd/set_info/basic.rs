// SPDX-License-Identifier: GPL-2.0-or-later
//! FileBasicInformation: times and attributes ([MS-FSA] 2.1.5.15.2).
//!
//! Of the four times a host sets two. Creation is stored beside the attributes, change is the file system's.
//! A time that a handle sets, or freezes with -1, no longer follows what the handle writes, until -2.

use proto_shared::dtyp::FileTime;
use proto_shared::fscc::file::BasicInfo;
use proto_shared::fscc::flags::FileAttributes;
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::change_notify::CompletionFilter;
use proto_shared::status::NtStatus;

use crate::error::SmbResult;
use crate::host::{Attr, FileKind, Host, SetAttr};
use crate::notify;
use crate::open::attributes::timespec;
use crate::open::dos_attrib::STORED;
use crate::open::{Open, WriteAttributes};
use crate::time::Timespec;
use crate::work::Work;

pub(super) fn set<H: Host>(w: &Work<H>, open: &Open<H>, info: &BasicInfo) -> SmbResult {
    let tree = w.tree()?;
    let file = open.write_attributes(&tree.require_writable()?)?;
    let times = &info.times;
    for time in [
        times.creation,
        times.last_access,
        times.last_write,
        times.change,
    ] {
        // Negative, and none of the marks.
        if time.0 > i64::MAX as u64 && time != FileTime::FREEZE && time != FileTime::THAW {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
    }
    if !FileAttributes::VALID.contains(info.attributes)
        || info.attributes.contains(FileAttributes::DIRECTORY) && !open.is_dir()
        || info.attributes.contains(FileAttributes::TEMPORARY) && open.is_dir()
    {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let attr = file.attr(w.fs())?;
    set_attributes(w, &file, info, &attr)?;
    set_times(w, open, &file, info, &attr)?;
    notify::modified(w.server(), open, changed(info));
    Ok(())
}

/// Whether a listing shows a difference afterwards.
pub(super) fn sets_something(info: &BasicInfo) -> bool {
    !changed(info).is_empty() || info.times.change.is_time()
}

/// What those who watch are told of.
fn changed(info: &BasicInfo) -> CompletionFilter {
    let mut filter = CompletionFilter::NONE;
    if !info.attributes.is_empty() {
        filter |= CompletionFilter::ATTRIBUTES;
    }
    if info.times.creation.is_time() {
        filter |= CompletionFilter::CREATION;
    }
    if info.times.last_access.is_time() {
        filter |= CompletionFilter::LAST_ACCESS;
    }
    if info.times.last_write.is_time() {
        filter |= CompletionFilter::LAST_WRITE;
    }
    filter
}

fn set_attributes<H: Host>(
    w: &Work<H>,
    file: &WriteAttributes<'_, H>,
    info: &BasicInfo,
    attr: &Attr,
) -> SmbResult {
    let created = Some(info.times.creation).filter(|t| t.is_time());
    if info.attributes.is_empty() && created.is_none() {
        return Ok(());
    }
    if !w.tree()?.has(TreeFlags::STORE_DOS_ATTRIBUTES) {
        // What remains of the attributes is whether the file may be written.
        if info.attributes.is_empty() || attr.kind != FileKind::File {
            return Ok(());
        }
        let mode = if info.attributes.contains(FileAttributes::READONLY) {
            attr.mode & !0o222
        } else if attr.mode & 0o222 == 0 {
            attr.mode | 0o200
        } else {
            return Ok(());
        };
        file.set_attr(
            w.fs(),
            &SetAttr {
                mode: Some(mode),
                ..SetAttr::default()
            },
        )?;
        return Ok(());
    }
    let mut dos = file.load_dos(w.fs())?.unwrap_or_default();
    if !info.attributes.is_empty() {
        // Being sparse is changed by FSCTL_SET_SPARSE only.
        let sparse = dos.attributes.unwrap_or_default() & FileAttributes::SPARSE_FILE;
        dos.attributes =
            Some((info.attributes & STORED).without(FileAttributes::SPARSE_FILE) | sparse);
    }
    if created.is_some() {
        dos.created = created;
    }
    file.store_dos(w.fs(), &dos)
}

fn set_times<H: Host>(
    w: &Work<H>,
    open: &Open<H>,
    file: &WriteAttributes<'_, H>,
    info: &BasicInfo,
    attr: &Attr,
) -> SmbResult {
    let mtime = change(info.times.last_write, attr.mtime);
    let atime = change(info.times.last_access, attr.atime);
    let ctime = change(info.times.change, attr.ctime);
    let set = SetAttr {
        mtime: mtime.set,
        atime: atime.set,
        ..SetAttr::default()
    };
    if set.mtime.is_some() || set.atime.is_some() {
        file.set_attr(w.fs(), &set)?;
    }
    open.set_frozen(|frozen| {
        if let Some(time) = mtime.freeze {
            frozen.mtime = time;
        }
        if let Some(time) = atime.freeze {
            frozen.atime = time;
        }
        if let Some(time) = ctime.freeze {
            frozen.ctime = time;
        }
    });
    Ok(())
}

/// What becomes of one time: set now, and frozen or thawed.
struct Change {
    set: Option<Timespec>,
    freeze: Option<Option<Timespec>>,
}

fn change(asked: FileTime, now: Timespec) -> Change {
    match asked {
        FileTime::ZERO => Change {
            set: None,
            freeze: None,
        },
        FileTime::FREEZE => Change {
            set: None,
            freeze: Some(Some(now)),
        },
        FileTime::THAW => Change {
            set: None,
            freeze: Some(None),
        },
        time => {
            let time = timespec(time);
            Change {
                set: Some(time),
                freeze: Some(Some(time)),
            }
        }
    }
}
