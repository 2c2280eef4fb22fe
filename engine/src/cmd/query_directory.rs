// SPDX-License-Identifier: GPL-2.0-or-later
//! QUERY_DIRECTORY ([MS-SMB2] 3.3.5.18).
//!
//! The scan itself is in [`crate::info::directory`]. A reply holds at most 64 KiB of entries, whatever the
//! client has room for: more would be one large allocation for something that the next request can fetch.

use kernel::error::code::EACCES;
use kernel::sync::Arc;

use proto_shared::codec::Writer;
use proto_shared::dtyp::wildcard;
use proto_shared::fscc::directory::fixed_len;
use proto_shared::fscc::{DirEntry, DirWriter, FileInfoClass};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::apple::AppleEntry;
use proto_shared::smb2::query_directory::QueryDirectoryFlags;
use proto_shared::smb2::{QueryDirectoryRequest, QueryDirectoryResponse};
use proto_shared::status::NtStatus;

use crate::apple;
use crate::error::SmbResult;
use crate::host::{FileKind, Fs, Host};
use crate::info::directory::{leaves_out, presentable, Batch, Scan, Stage, Turn};
use crate::info::{posix, reparse_tag, times};
use crate::name::{Name, RelPath};
use crate::open::attributes::Meta;
use crate::open::{lookup, Disk, ListDirectory, Open};
use crate::security;
use crate::tree::{DiskShare, Tree};
use crate::work::{Event, Outcome, Reply, Resume, Token, Work};

/// Most bytes of entries in one reply.
const MAX_LISTING: usize = 64 << 10;
/// Length of the reply's body before its entries.
const FIXED: usize = 8;

/// A QUERY_DIRECTORY that waits for another one on the same handle.
pub struct Pending<H: Host> {
    open: Arc<Open<H>>,
    token: Token,
}

#[inline(never)]
pub(crate) fn handle<H: Host>(w: &Work<H>, out: &mut Reply<H>) -> SmbResult<Outcome<H>> {
    let req = QueryDirectoryRequest::parse(w.msg())?;
    if req.output_buffer_length > w.negotiated()?.max_trans {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    w.require_charge(req.output_buffer_length as usize)?;
    let open = w.open(req.file_id)?;
    // Whether it is a directory and may be listed comes before what is asked of it.
    open.list()?;
    let fixed = fixed_part(req.info_class, w.negotiated()?.posix)?;
    if (req.output_buffer_length as usize) < fixed {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    loop {
        if let Some(mut turn) = open.dir_cursor().begin(w.server()) {
            query(w, out, &req, &open, &mut turn)?;
            return Ok(Outcome::Done);
        }
        let token = w.reserve(0)?;
        let waits = open.dir_cursor().wait(token);
        if !matches!(waits, Ok(true)) {
            w.server().parking.release(token);
        }
        if waits? {
            let resume = Resume::QueryDirectory(Pending { open, token });
            return Ok(Outcome::Park {
                token,
                interim: false,
                resume,
            });
        }
    }
}

#[inline(never)]
pub(crate) fn resume<H: Host>(
    w: &Work<H>,
    p: Pending<H>,
    event: Event,
    out: &mut Reply<H>,
) -> SmbResult<Outcome<H>> {
    let status = match event {
        Event::Ready => return handle(w, out),
        Event::Cancelled => NtStatus::CANCELLED,
        Event::Closed => NtStatus::FILE_CLOSED,
        Event::TimedOut | Event::Upcall(_) => NtStatus::INTERNAL_ERROR,
    };
    p.open.dir_cursor().give_up(w.server(), p.token);
    Err(status.into())
}

/// Length of an entry before its name, or what is said of classes that list no directory
/// ([MS-SMB2] 3.3.5.18).
fn fixed_part(class: FileInfoClass, posix: bool) -> SmbResult<usize> {
    let newer = [
        FileInfoClass::ID_GLOBAL_TX_DIRECTORY,
        FileInfoClass::ID_64_EXTD_DIRECTORY,
        FileInfoClass::ID_64_EXTD_BOTH_DIRECTORY,
        FileInfoClass::ID_ALL_EXTD_DIRECTORY,
        FileInfoClass::ID_ALL_EXTD_BOTH_DIRECTORY,
    ];
    match fixed_len(class) {
        // Where the POSIX extensions are not negotiated their class does not exist.
        Some(len) if posix || class != FileInfoClass::POSIX => Ok(len),
        _ if newer.contains(&class) => Err(NtStatus::NOT_SUPPORTED.into()),
        _ => Err(NtStatus::INVALID_INFO_CLASS.into()),
    }
}

fn query<H: Host>(
    w: &Work<H>,
    out: &mut Reply<H>,
    req: &QueryDirectoryRequest<'_>,
    open: &Open<H>,
    turn: &mut Turn<'_, H>,
) -> SmbResult {
    if req.flags.contains(QueryDirectoryFlags::REOPEN) {
        turn.restart(true);
    } else if req.flags.contains(QueryDirectoryFlags::RESTART_SCANS) {
        turn.restart(false);
    }
    let scan = &mut turn.scan;
    if scan.pattern.is_empty() {
        scan.set_pattern(req.file_name)?;
    }
    let first = scan.stage == Stage::Dot;
    let lister = Lister {
        fs: w.fs(),
        tree: open.tree(),
        share: open.tree().disk()?,
        disk: open.disk()?,
        list: open.list()?,
        posix: open.is_posix(),
        single: req.flags.contains(QueryDirectoryFlags::RETURN_SINGLE_ENTRY),
    };
    let room = (req.output_buffer_length as usize).min(MAX_LISTING);
    let count = out.write(room.saturating_add(FIXED), |wr| {
        let output = QueryDirectoryResponse::begin(wr)?;
        let count = lister.fill(scan, req.info_class, wr);
        output.finish(wr)?;
        Ok(count)
    })??;
    match count {
        0 if first => Err(NtStatus::NO_SUCH_FILE.into()),
        0 => Err(NtStatus::NO_MORE_FILES.into()),
        _ => Ok(()),
    }
}

/// What listing one directory needs.
struct Lister<'a, H: Host> {
    fs: &'a H::Fs,
    tree: &'a Tree<H>,
    share: &'a DiskShare<H>,
    disk: &'a Disk<H>,
    list: ListDirectory<'a, H>,
    /// Names are told as they are.
    posix: bool,
    single: bool,
}

impl<H: Host> Lister<'_, H> {
    /// Appends entries until there is no more room or no more name; yields how many. A failure counts only if
    /// nothing was appended before: the next request then meets it again.
    fn fill(&self, scan: &mut Scan, class: FileInfoClass, wr: &mut Writer<'_>) -> SmbResult<usize> {
        let mut entries = DirWriter::new(wr, class).ok_or(NtStatus::INVALID_INFO_CLASS)?;
        match self.go_on(scan, &mut entries) {
            Err(e) if entries.count() == 0 => Err(e),
            _ => Ok(entries.count()),
        }
    }

    fn go_on(&self, scan: &mut Scan, entries: &mut DirWriter<'_, '_>) -> SmbResult {
        loop {
            if self.is_enough(entries) {
                return Ok(());
            }
            match scan.stage {
                Stage::Dot => {
                    if wildcard::matches(scan.pattern(), ".") {
                        let path = self.disk.path()?;
                        put(entries, ".", &self.of(self.list.node(), b".", &path)?)?;
                    }
                    scan.stage = Stage::DotDot;
                }
                Stage::DotDot => {
                    if wildcard::matches(scan.pattern(), "..") {
                        put(entries, "..", &self.above()?)?;
                    }
                    scan.stage = Stage::Names(0);
                }
                Stage::Names(_) if !wildcard::has_wildcard(scan.pattern()) => {
                    if let Some((name, entry)) = self.one(scan.pattern())? {
                        put(entries, name.as_str(), &entry)?;
                    }
                    scan.stage = Stage::End;
                }
                Stage::Names(pos) => self.many(scan, pos, entries)?,
                Stage::End => return Ok(()),
            }
        }
    }

    fn is_enough(&self, entries: &DirWriter<'_, '_>) -> bool {
        self.single && entries.count() != 0
    }

    /// The directory above this one; the share's root stands for what is above itself.
    fn above(&self) -> SmbResult<Listed> {
        if let Some((parent, _)) = self.disk.path()?.split_last()? {
            let follow = self.tree.has(TreeFlags::FOLLOW_SYMLINKS);
            let (root, creds) = (&self.share.root, &self.share.creds);
            // It may have been moved, or be out of this user's reach.
            if let Ok(node) = self.fs.walk(root, creds, &parent, follow, follow) {
                return self.of(&node, b"..", &parent);
            }
        }
        self.of(self.list.node(), b"..", &self.disk.path()?)
    }

    /// Finds the one name that a pattern without wildcards means, without reading the directory if it is there
    /// as it is spelled.
    fn one(&self, pattern: &str) -> SmbResult<Option<(Name, Listed)>> {
        if presentable(pattern.as_bytes(), self.posix).is_none() {
            return Ok(None);
        }
        let Some(name) = component(pattern)? else {
            return Ok(None);
        };
        if lookup::is_vetoed(self.share, name.as_bytes()) {
            return Ok(None);
        }
        if let Some(entry) = self.entry(&name)? {
            return Ok(Some((name, entry)));
        }
        if self.posix || self.tree.has(TreeFlags::CASE_SENSITIVE) {
            return Ok(None);
        }
        let Some(name) = lookup::search::<H>(self.fs, self.share, self.list.node(), &name)? else {
            return Ok(None);
        };
        Ok(self.entry(&name)?.map(|entry| (name, entry)))
    }

    /// Appends a batch of names from `pos` on.
    fn many(&self, scan: &mut Scan, pos: u64, entries: &mut DirWriter<'_, '_>) -> SmbResult {
        let mut batch = Batch::new()?;
        let end = batch.fill(
            self.fs,
            &self.list,
            self.share,
            scan.pattern(),
            pos,
            self.posix,
        )?;
        for (text, at) in batch.names() {
            // Until it is in the reply, this is where the next request begins.
            scan.stage = Stage::Names(at);
            if self.is_enough(entries) {
                return Ok(());
            }
            let Some(name) = component(text)? else {
                continue;
            };
            if let Some(entry) = self.entry(&name)? {
                put(entries, text, &entry)?;
            }
        }
        // A host that does not get ahead has nothing more to say.
        scan.stage = if end.eof || end.pos == pos {
            Stage::End
        } else {
            Stage::Names(end.pos)
        };
        Ok(())
    }

    /// What an entry says of a name; `None` if the entry is left out.
    fn entry(&self, name: &Name) -> SmbResult<Option<Listed>> {
        match self.look_at(name) {
            Ok(entry) => Ok(Some(entry)),
            Err(e) if leaves_out(&e) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// What is said of a file that was found.
    fn of(&self, node: &<H::Fs as Fs>::Node, name: &[u8], path: &RelPath) -> SmbResult<Listed> {
        self.with(node, Meta::of(self.fs, self.tree, node, name)?, path)
    }

    fn with(&self, node: &<H::Fs as Fs>::Node, meta: Meta, path: &RelPath) -> SmbResult<Listed> {
        Ok(Listed {
            id: apple::file_id(self.tree, &meta.attr),
            apple: apple::entry(self.fs, self.tree, node, path, &meta)?,
            meta,
        })
    }

    fn look_at(&self, name: &Name) -> SmbResult<Listed> {
        let (root, creds) = (&self.share.root, &self.share.creds);
        let mut node = self.list.child(self.fs, name)?;
        let mut meta = Meta::of(self.fs, self.tree, &node, name.as_bytes())?;
        let mut path = self.disk.path()?;
        path.push(name)?;
        if meta.attr.kind == FileKind::Symlink && self.tree.has(TreeFlags::FOLLOW_SYMLINKS) {
            node = self.fs.walk(root, creds, &path, true, true)?;
            meta = Meta::of(self.fs, self.tree, &node, name.as_bytes())?;
        }
        if self.tree.has(TreeFlags::HIDE_UNREADABLE)
            && meta.attr.kind != FileKind::Symlink
            && !security::may_read(self.fs, self.tree, &node)?
        {
            return Err(EACCES.into());
        }
        self.with(&node, meta, &path)
    }
}

/// What an entry says.
struct Listed {
    meta: Meta,
    /// The file's number, as the client is told it.
    id: u64,
    apple: Option<AppleEntry>,
}

/// A name as a component, if it can be one; a lack of memory does not make it none.
fn component(text: &str) -> SmbResult<Option<Name>> {
    match Name::from_bytes(text.as_bytes()) {
        Ok(name) => Ok(Some(name)),
        Err(e) if e.status == NtStatus::INSUFFICIENT_RESOURCES => Err(e),
        Err(_) => Ok(None),
    }
}

/// Appends an entry.
///
/// # Errors
/// `INFO_LENGTH_MISMATCH` if it does not fit; who finds entries before it takes that for a full reply.
fn put(entries: &mut DirWriter<'_, '_>, name: &str, listed: &Listed) -> SmbResult {
    let meta = &listed.meta;
    let posix = (entries.class() == FileInfoClass::POSIX).then(|| posix::info(meta));
    let entry = DirEntry {
        posix: posix.as_ref(),
        times: times(meta),
        end_of_file: meta.end_of_file(),
        allocation_size: meta.allocation_size(),
        attributes: meta.attributes,
        reparse_tag: reparse_tag(meta.attr.kind).0,
        file_id: listed.id,
        apple: listed.apple.as_ref(),
        name,
        // Neither EaSize nor a short name: the one would cost a look at each file, the other is not made up.
        // FileIndex is 0 because nobody can resume at an index.
        ..DirEntry::default()
    };
    entries
        .push(&entry)
        .map_err(|_| NtStatus::INFO_LENGTH_MISMATCH.into())
}
