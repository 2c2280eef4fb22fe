// SPDX-License-Identifier: GPL-2.0-or-later
//! The kernel as a host of the engine.

use kernel::prelude::*;
use kernel::sync::Arc;

use ksmbd_engine::host::{Host, Interface, Listen};
use ksmbd_engine::server::Job;
use ksmbd_engine::time::{Monotonic, Timespec};

use crate::crypto::KernelCrypto;
use crate::ipc::Link;
use crate::net::conn::Transport;
use crate::net::Net;
use crate::sys::{clock, interface};
use crate::sys::queue::{Queue, Task};
use crate::vfs::{Data, Frame, KernelFs};

/// Everything the engine needs, from the kernel.
pub(crate) struct KernelHost {
    pub(crate) fs: KernelFs,
    pub(crate) crypto: KernelCrypto,
    pub(crate) workers: Arc<Queue>,
    pub(crate) net: Arc<Net>,
    pub(crate) link: Arc<Link>,
}

impl Task for Job<KernelHost> {
    fn run(self) {
        self.run();
    }
}

impl Host for KernelHost {
    type Pdu = Frame;
    type Payload = Data;
    type Transport = Transport;
    type Fs = KernelFs;
    type Crypto = KernelCrypto;

    fn fs(&self) -> &KernelFs {
        &self.fs
    }

    fn crypto(&self) -> &KernelCrypto {
        &self.crypto
    }

    fn now(&self) -> Monotonic {
        Monotonic(clock::now_ns())
    }

    fn wall_clock(&self) -> Timespec {
        let (sec, nsec) = clock::wall_clock();
        Timespec { sec, nsec }
    }

    fn random(&self, out: &mut [u8]) {
        clock::random(out);
    }

    fn spawn(&self, job: Job<Self>) -> Result<(), Job<Self>> {
        self.workers.submit(job)
    }

    fn post(&self, command: u8, attrs: &[u8]) -> Result {
        self.link.post(command, attrs)
    }

    fn listen(&self, listen: &Listen<'_>) -> Result<u16> {
        Net::listen(&self.net, listen)
    }

    fn stop_listening(&self) {
        self.net.stop_listening();
    }

    fn interfaces(&self, only: &[u8]) -> Result<KVec<Interface>> {
        interface::list(only)
    }
}
