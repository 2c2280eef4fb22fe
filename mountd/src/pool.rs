// SPDX-License-Identifier: GPL-2.0-or-later
//! The daemon's workers: they take what the engine sends out of a bounded
//! queue and let the service answer it.
//!
//! The engine never waits for the queue. When it is full, an upcall is only
//! remembered by its token and refused as soon as a worker is free; events are
//! always taken, because forgetting one would leak what it ends.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

use proto_shared::ipc::{Command, Upcall, UpcallKind};

use crate::link::{Link, Sink};
use crate::service::Service;

/// Most upcalls that wait.
const MAX_WAITING: usize = 4096;
/// Most bytes of upcalls that wait.
const MAX_BYTES: usize = 64 * 1024 * 1024;

enum Item {
    Message(u8, Vec<u8>),
    Refusal(u64, UpcallKind),
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
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
