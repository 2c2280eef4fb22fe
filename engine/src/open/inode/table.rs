// SPDX-License-Identifier: GPL-2.0-or-later
//! Where the inodes of a server are found. The rules are those of [`super`].

use kernel::alloc::AllocError;
use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};
use kernel::sync::{new_mutex, Arc, Mutex};

use super::{FileKey, Inode, Link};
use crate::caching::dirs::Pile;
use crate::caching::retry::Watched;
use crate::error::SmbResult;
use crate::host::Host;
use crate::name::{copy, RelPath};
use crate::open::names::NameSets;
use crate::server::Server;
use crate::stream::StreamName;

/// The path `dir`/`rest`.
fn join(dir: &RelPath, rest: &[u8]) -> SmbResult<RelPath> {
    let mut bytes = copy(dir.as_bytes())?;
    bytes.push(b'/', GFP_KERNEL)?;
    bytes.extend_from_slice(rest, GFP_KERNEL)?;
    RelPath::from_bytes(&bytes)
}

/// What [`InodeTable::opens_below`] found.
pub(crate) enum Below<H: Host> {
    /// No open at all.
    Nothing,
    /// Only opens whose handles are cached, so that they may be closed; this is the file of one.
    Cached(Arc<Inode<H>>),
    /// One that is in use.
    Used,
}

/// Keeps an inode in the table.
pub(crate) struct InodePin<H: Host> {
    server: Arc<Server<H>>,
    inode: Arc<Inode<H>>,
}

impl<H: Host> core::ops::Deref for InodePin<H> {
    type Target = Arc<Inode<H>>;

    fn deref(&self) -> &Self::Target {
        &self.inode
    }
}

impl<H: Host> Drop for InodePin<H> {
    fn drop(&mut self) {
        let gone = {
            let mut shard = self.server.inodes.shard(self.inode.key).lock();
            let left = self.inode.pins.load(Relaxed).saturating_sub(1);
            self.inode.pins.store(left, Relaxed);
            match shard.find(self.inode.key) {
                Ok(at) if left == 0 => shard.inodes.remove(at).ok(),
                _ => None,
            }
        };
        drop(gone);
    }
}

struct Shard<H: Host> {
    /// In the order of their keys.
    inodes: KVVec<Arc<Inode<H>>>,
}

impl<H: Host> Shard<H> {
    const fn new() -> Self {
        Self {
            inodes: KVVec::new(),
        }
    }

    fn find(&self, key: FileKey) -> core::result::Result<usize, usize> {
        self.inodes.binary_search_by_key(&key, |i| i.key)
    }

    /// The inodes of a file: its own and those of its streams.
    fn of_file(&self, file: FileKey) -> impl Iterator<Item = &Arc<Inode<H>>> {
        let first = self.find(FileKey { stream: 0, ..file });
        let all = self.inodes.get(first.unwrap_or_else(|at| at)..);
        let all = all.unwrap_or(&[]).iter();
        all.take_while(move |i| i.key.same_file(&file))
    }

    /// The inode of one of a file's streams.
    fn stream(&self, file: FileKey, name: &StreamName) -> Option<&Arc<Inode<H>>> {
        self.of_file(file)
            .find(|i| i.state.lock().stream.as_ref().is_some_and(|s| s.is(name)))
    }
}

/// The inodes of a server that are open.
#[pin_data]
pub struct InodeTable<H: Host> {
    #[pin]
    s0: Mutex<Shard<H>>,
    #[pin]
    s1: Mutex<Shard<H>>,
    #[pin]
    s2: Mutex<Shard<H>>,
    #[pin]
    s3: Mutex<Shard<H>>,
    #[pin]
    s4: Mutex<Shard<H>>,
    #[pin]
    s5: Mutex<Shard<H>>,
    #[pin]
    s6: Mutex<Shard<H>>,
    #[pin]
    s7: Mutex<Shard<H>>,
    /// Number of the named stream that was opened last.
    last_stream: Atomic<u64>,
    /// Which names large directories do not hold.
    #[pin]
    pub(crate) names: NameSets,
    /// Somebody had a lease on a directory once.
    pub(crate) dir_leases: Atomic<bool>,
    /// Of what the holders of such leases are to be told.
    #[pin]
    pub(crate) untold: Pile<H>,
    /// Breaks that are to be acknowledged.
    #[pin]
    pub(crate) watched: Watched,
}

impl<H: Host> InodeTable<H> {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            s0 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::0"),
            s1 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::1"),
            s2 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::2"),
            s3 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::3"),
            s4 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::4"),
            s5 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::5"),
            s6 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::6"),
            s7 <- new_mutex!(Shard::new(), "ksmbd::InodeTable::7"),
            last_stream: Atomic::new(0),
            names <- NameSets::new(),
            dir_leases: Atomic::new(false),
            untold <- Pile::new(),
            watched <- Watched::new(),
        })
    }

    fn shards(&self) -> [&Mutex<Shard<H>>; 8] {
        [
            &self.s0, &self.s1, &self.s2, &self.s3, &self.s4, &self.s5, &self.s6, &self.s7,
        ]
    }

    fn shard(&self, key: FileKey) -> &Mutex<Shard<H>> {
        // Neighbouring numbers come together, so the low bits spread them best.
        match (key.ino ^ key.dev) & 7 {
            0 => &self.s0,
            1 => &self.s1,
            2 => &self.s2,
            3 => &self.s3,
            4 => &self.s4,
            5 => &self.s5,
            6 => &self.s6,
            _ => &self.s7,
        }
    }

    fn find_and_pin(&self, key: FileKey) -> Option<Arc<Inode<H>>> {
        let shard = self.shard(key).lock();
        let inode = shard.inodes.get(shard.find(key).ok()?)?;
        inode
            .pins
            .store(inode.pins.load(Relaxed).saturating_add(1), Relaxed);
        Some(inode.clone())
    }

    /// The inode of a file that somebody has open.
    pub(crate) fn find(server: &Arc<Server<H>>, key: FileKey) -> Option<InodePin<H>> {
        let inode = server.inodes.find_and_pin(key)?;
        Some(InodePin {
            server: server.clone(),
            inode,
        })
    }

    /// The inode of a file, made if nobody has it open. The caller holds a node of the file.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn pin(server: &Arc<Server<H>>, key: FileKey) -> SmbResult<InodePin<H>> {
        if let Some(pin) = Self::find(server, key) {
            return Ok(pin);
        }
        let fresh = Inode::new(key, None)?;
        let mut shard = server.inodes.shard(key).lock();
        let inode = match shard.find(key) {
            // Somebody was faster.
            Ok(at) => {
                let there = shard.inodes.get(at).ok_or(AllocError)?;
                there
                    .pins
                    .store(there.pins.load(Relaxed).saturating_add(1), Relaxed);
                there.clone()
            }
            Err(at) => {
                shard.inodes.reserve(1, GFP_KERNEL)?;
                shard
                    .inodes
                    .insert_within_capacity(at, fresh.clone())
                    .map_err(|_| AllocError)?;
                fresh
            }
        };
        drop(shard);
        Ok(InodePin {
            server: server.clone(),
            inode,
        })
    }

    /// As [`InodeTable::find`], of one of a file's named streams.
    pub(crate) fn find_stream(
        server: &Arc<Server<H>>,
        file: FileKey,
        name: &StreamName,
    ) -> Option<InodePin<H>> {
        let shard = server.inodes.shard(file).lock();
        let inode = shard.stream(file, name)?.clone();
        inode
            .pins
            .store(inode.pins.load(Relaxed).saturating_add(1), Relaxed);
        drop(shard);
        Some(InodePin {
            server: server.clone(),
            inode,
        })
    }

    /// As [`InodeTable::pin`], of one of a file's named streams. The caller has the file's own pin.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` without memory.
    pub(crate) fn pin_stream(
        server: &Arc<Server<H>>,
        file: FileKey,
        name: &StreamName,
    ) -> SmbResult<InodePin<H>> {
        if let Some(pin) = Self::find_stream(server, file, name) {
            return Ok(pin);
        }
        let number = server.inodes.last_stream.fetch_add(1, Relaxed);
        let key = FileKey {
            stream: number.saturating_add(1),
            ..file
        };
        let fresh = Inode::new(key, Some(name.try_clone()?))?;
        let mut shard = server.inodes.shard(key).lock();
        let inode = match shard.stream(file, name) {
            // Somebody was faster.
            Some(there) => {
                let pins = there.pins.load(Relaxed).saturating_add(1);
                there.pins.store(pins, Relaxed);
                there.clone()
            }
            None => {
                let at = shard.find(key).unwrap_or_else(|at| at);
                shard.inodes.reserve(1, GFP_KERNEL)?;
                shard
                    .inodes
                    .insert_within_capacity(at, fresh.clone())
                    .map_err(|_| AllocError)?;
                fresh
            }
        };
        drop(shard);
        Ok(InodePin {
            server: server.clone(),
            inode,
        })
    }

    /// Follows a rename of one of a file's names, as [`Inode::renamed`], also for its streams.
    pub(crate) fn renamed(&self, file: FileKey, root: FileKey, from: &RelPath, to: &RelPath) {
        let shard = self.shard(file).lock();
        for inode in shard.of_file(file) {
            inode.renamed(root, from, to);
        }
    }

    /// Who has a file open below the directory `dir` of the share with this root. Opens that are no older than
    /// `since` are taken as being used, whatever their holders cache.
    pub(crate) fn opens_below(&self, root: FileKey, dir: &RelPath, since: u64) -> Below<H> {
        let mut below = Below::Nothing;
        for shard in self.shards() {
            let shard = shard.lock();
            for inode in shard.inodes.iter() {
                let state = inode.state.lock();
                // Streams have an inode of their own here.
                let opens = state.opens.iter().filter(|o| !o.of_stream);
                for o in opens.filter(|o| o.link.is_below(root, dir)) {
                    if o.id >= since || !state.caching.caches_handle(o.id) {
                        return Below::Used;
                    }
                    if matches!(below, Below::Nothing) {
                        below = Below::Cached(inode.clone());
                    }
                }
            }
        }
        below
    }

    /// Follows a rename of a directory: names equal to `from`, and those below it, begin with `to` from now on, as
    /// with [`Inode::renamed`].
    pub(crate) fn renamed_dir(&self, root: FileKey, from: &RelPath, to: &RelPath) {
        for shard in self.shards() {
            let shard = shard.lock();
            for inode in shard.inodes.iter() {
                for l in inode
                    .state
                    .lock()
                    .links
                    .iter()
                    .filter(|l| l.link.root == root)
                {
                    let new = {
                        let path = l.link.path.lock();
                        if path.as_bytes() == from.as_bytes() {
                            to.try_clone().ok()
                        } else {
                            Link::below(&path, from).and_then(|rest| join(to, rest).ok())
                        }
                    };
                    if let Some(new) = new {
                        l.link.set_path(new);
                    }
                }
            }
        }
    }

    /// Number of files that are open.
    pub fn len(&self) -> usize {
        self.shards()
            .iter()
            .fold(0, |n, s| n.saturating_add(s.lock().inodes.len()))
    }

    /// Whether no file is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
