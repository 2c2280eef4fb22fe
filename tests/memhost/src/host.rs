// SPDX-License-Identifier: GPL-2.0-or-later
//! The host itself.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use kernel::alloc::{flags::GFP_KERNEL, KVec};
use kernel::error::{code::*, Result};
use ksmbd_engine::host::{Host, Interface, Listen, Segment, Transport};
use ksmbd_engine::server::Job;
use ksmbd_engine::time::{Monotonic, Timespec};
use ksmbd_hostcrypto::{Bytes, HostCrypto};

use crate::clock::Clock;
use crate::data::Data;
use crate::fs::MemFs;
use crate::{locked, Queue};

/// The host.
pub struct MemHost {
    fs: MemFs,
    crypto: HostCrypto<Data>,
    clock: Arc<Clock>,
    random: AtomicU64,
    jobs: Mutex<VecDeque<Job<MemHost>>>,
    posts: Mutex<VecDeque<(u8, Vec<u8>)>>,
    listening: Mutex<Option<u16>>,
    interfaces: Mutex<Vec<Interface>>,
    detached: AtomicBool,
}

impl Default for MemHost {
    fn default() -> Self {
        Self::new()
    }
}

impl MemHost {
    /// A host with an empty share at `/data`.
    pub fn new() -> Self {
        let clock = Arc::new(Clock::default());
        let fs = MemFs::new(clock.clone());
        fs.mkdir("data", 0, 0o777);
        Self {
            fs,
            crypto: HostCrypto::new(),
            clock,
            random: AtomicU64::new(1),
            jobs: Mutex::default(),
            posts: Mutex::default(),
            listening: Mutex::default(),
            interfaces: Mutex::default(),
            detached: AtomicBool::new(false),
        }
    }

    /// The files, without the trait in between.
    pub fn fs_ref(&self) -> &MemFs {
        &self.fs
    }

    /// Virtual time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The port that the engine wants to be listened on.
    pub fn listening(&self) -> Option<u16> {
        *locked(&self.listening)
    }

    /// Takes the daemon away (or brings it back): posts fail.
    pub fn detach_daemon(&self, detached: bool) {
        self.detached.store(detached, Ordering::Relaxed);
    }

    /// Gives the machine these network interfaces.
    pub fn set_interfaces(&self, list: &[Interface]) {
        *locked(&self.interfaces) = list.to_vec();
    }

    pub(crate) fn take_job(&self) -> Option<Job<MemHost>> {
        locked(&self.jobs).pop_front()
    }

    pub(crate) fn take_post(&self) -> Option<(u8, Vec<u8>)> {
        locked(&self.posts).pop_front()
    }
}

impl Host for MemHost {
    type Pdu = Data;
    type Payload = Data;
    type Transport = Wire;
    type Fs = MemFs;
    type Crypto = HostCrypto<Data>;

    fn fs(&self) -> &MemFs {
        &self.fs
    }

    fn crypto(&self) -> &HostCrypto<Data> {
        &self.crypto
    }

    fn now(&self) -> Monotonic {
        self.clock.now()
    }

    fn wall_clock(&self) -> Timespec {
        self.clock.wall()
    }

    fn random(&self, out: &mut [u8]) {
        // SplitMix64: the same numbers in every run.
        for chunk in out.chunks_mut(8) {
            let mut z = self
                .random
                .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let bytes = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }

    fn spawn(&self, job: Job<Self>) -> Result<(), Job<Self>> {
        assert_eq!(
            kernel::shim::locks_held(),
            0,
            "a job is handed over under an engine lock"
        );
        locked(&self.jobs).push_back(job);
        Ok(())
    }

    fn post(&self, command: u8, attrs: &[u8]) -> Result {
        if self.detached.load(Ordering::Relaxed) {
            return Err(ECONNREFUSED);
        }
        locked(&self.posts).push_back((command, attrs.to_vec()));
        Ok(())
    }

    fn listen(&self, listen: &Listen<'_>) -> Result<u16> {
        let port = if listen.port == 0 {
            49_152
        } else {
            listen.port
        };
        *locked(&self.listening) = Some(port);
        Ok(port)
    }

    fn stop_listening(&self) {
        *locked(&self.listening) = None;
    }

    fn interfaces(&self, _only: &[u8]) -> Result<KVec<Interface>> {
        let mut list = KVec::new();
        for i in locked(&self.interfaces).iter() {
            list.push(*i, GFP_KERNEL)?;
        }
        Ok(list)
    }
}

/// A connection's sending side: frames are kept for the client to take.
#[derive(Clone, Default)]
pub struct Wire(Arc<WireState>);

#[derive(Default)]
struct WireState {
    frames: Queue<Vec<u8>>,
    dead: AtomicBool,
    closed: AtomicBool,
    retransmissions: AtomicU32,
}

impl Wire {
    /// Takes the oldest frame that the engine sent.
    pub fn take(&self) -> Option<Vec<u8>> {
        locked(&self.0.frames).pop_front()
    }

    /// Whether the engine ended the connection.
    pub fn is_dead(&self) -> bool {
        self.0.dead.load(Ordering::Relaxed)
    }

    /// As if the transport had sent something again so often, in vain.
    pub fn set_retransmissions(&self, count: u32) {
        self.0.retransmissions.store(count, Ordering::Relaxed);
    }

    /// Whether this is the first call.
    pub(crate) fn close(&self) -> bool {
        self.0.dead.store(true, Ordering::Relaxed);
        !self.0.closed.swap(true, Ordering::Relaxed)
    }
}

impl Transport for Wire {
    type Payload = Data;

    fn send(&self, message: KVec<Segment<Data>>) -> Result {
        assert_eq!(
            kernel::shim::locks_held(),
            0,
            "a frame is sent under an engine lock"
        );
        if self.is_dead() {
            return Err(EPIPE);
        }
        let mut frame = Vec::new();
        for segment in &message {
            frame.extend_from_slice(match segment {
                Segment::Bytes(b) => b,
                Segment::Payload(p) => p.as_slice(),
            });
        }
        locked(&self.0.frames).push_back(frame);
        Ok(())
    }

    fn shutdown(&self) {
        self.0.dead.store(true, Ordering::Relaxed);
    }

    fn max_message(&self) -> usize {
        0xff_ffff
    }

    fn retransmissions(&self) -> u32 {
        self.0.retransmissions.load(Ordering::Relaxed)
    }
}
