// SPDX-License-Identifier: GPL-2.0-or-later
//! The daemon's workers: they take what the engine sends out of a bounded
//! queue and let the service answer it.
//!
//! The engine never waits for the queue. When it is full, an upcall is only
//! remembered by its token and refused as soon as a worker is free; events are
//! always taken, because forgetting one would leak what it ends. Only accesses to
//! files, which are for the log alone, are counted instead when too many wait.
//!
//! Events are handled one after the other, as they came: the audit is in order.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

use proto_shared::ipc::{Command, Event, EventKind, Upcall, UpcallKind};

use crate::audit;
use crate::link::{Link, Sink};
use crate::service::Service;

/// Most upcalls that wait.
const MAX_WAITING: usize = 4096;
/// Most events that wait before accesses to files are only counted.
const MAX_ACCESSES: usize = 4096;
/// Most bytes of upcalls that wait.
const MAX_BYTES: usize = 64 * 1024 * 1024;

enum Item {
    Message(u8, Vec<u8>),
    /// With how many accesses to files were lost before it.
    Event(Vec<u8>, u64),
    Refusal(u64, UpcallKind),
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    events: VecDeque<Vec<u8>>,
    /// A worker is at an event.
    at_event: bool,
    /// Accesses to files that were not taken.
    lost: u64,
    bytes: usize,
    stop: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    service: Arc<Service>,
    link: OnceLock<Arc<dyn Link>>,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, command: u8, attrs: &[u8]) {
        let mut queue = self.queue();
        if command == Command::EVENT.0 {
            let is_access = || Event::parse(attrs).is_ok_and(|e| e.kind == EventKind::FILE_ACCESS);
            if queue.events.len() >= MAX_ACCESSES && is_access() {
                queue.lost = queue.lost.saturating_add(1);
                return;
            }
            queue.events.push_back(attrs.to_vec());
            drop(queue);
            self.wake.notify_one();
            return;
        }
        let full =
            queue.items.len() >= MAX_WAITING || queue.bytes.saturating_add(attrs.len()) > MAX_BYTES;
        if full && command == Command::UPCALL.0 {
            // What is no upcall at all is not worth an answer.
            if let Ok(upcall) = Upcall::parse(attrs) {
                let refusal = Item::Refusal(upcall.token, upcall.kind);
                queue.items.push_front(refusal);
            }
        } else {
            queue.bytes = queue.bytes.saturating_add(attrs.len());
            queue
                .items
                .push_back(Item::Message(command, attrs.to_vec()));
        }
        drop(queue);
        self.wake.notify_one();
    }

    fn pop(&self) -> Option<Item> {
        let mut queue = self.queue();
        loop {
            if queue.stop {
                return None;
            }
            if !queue.at_event {
                if let Some(attrs) = queue.events.pop_front() {
                    queue.at_event = true;
                    let lost = std::mem::take(&mut queue.lost);
                    return Some(Item::Event(attrs, lost));
                }
            }
            if let Some(item) = queue.items.pop_front() {
                if let Item::Message(_, attrs) = &item {
                    queue.bytes = queue.bytes.saturating_sub(attrs.len());
                }
                return Some(item);
            }
            queue = self
                .wake
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        while let Some(item) = self.pop() {
            let mut reply = |command: u8, attrs: &[u8]| {
                let Some(link) = self.link.get() else {
                    return;
                };
                if let Err(e) = link.post(command, attrs) {
                    tracing::warn!(error = %e, "the engine does not take an answer");
                }
            };
            match item {
                Item::Message(command, attrs) => self.service.handle(command, &attrs, &mut reply),
                Item::Event(attrs, lost) => {
                    if lost != 0 {
                        tracing::warn!(target: audit::TARGET, lost, "accesses to files were not told: too many");
                    }
                    self.service.handle(Command::EVENT.0, &attrs, &mut reply);
                    let mut queue = self.queue();
                    queue.at_event = false;
                    let more = !queue.events.is_empty();
                    drop(queue);
                    if more {
                        self.wake.notify_one();
                    }
                }
                Item::Refusal(token, kind) => Service::refuse(token, kind, &mut reply),
            }
        }
    }
}

/// See the module. The workers end when it is dropped.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts `workers` threads.
    pub fn start(service: Arc<Service>, workers: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            service,
            link: OnceLock::new(),
        });
        let mut threads = Vec::new();
        for n in 0..workers {
            let shared = shared.clone();
            let name = format!("ksmbd-daemon-{n}");
            threads.push(Builder::new().name(name).spawn(move || shared.work())?);
        }
        Ok(Self { shared, threads })
    }

    /// What a link gives the engine's messages to.
    pub fn sink(&self) -> Sink {
        let shared = self.shared.clone();
        Arc::new(move |command, attrs| shared.push(command, attrs))
    }

    /// Where answers go; to be called once, before the engine is told HELLO.
    pub fn set_link(&self, link: Arc<dyn Link>) {
        // A second link would mean a second engine; the first stays.
        let _ = self.shared.link.set(link);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue().stop = true;
        self.shared.wake.notify_all();
        let me = std::thread::current().id();
        for thread in self.threads.drain(..) {
            if thread.thread().id() != me {
                let _ = thread.join();
            }
        }
    }
}
