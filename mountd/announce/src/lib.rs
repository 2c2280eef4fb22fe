// SPDX-License-Identifier: GPL-2.0-or-later
//! Tells the local network that the server is there: WS-Discovery for Windows'
//! network view, mDNS/DNS-SD for macOS and Linux desktops.
//!
//! This runs in a process of its own, without privileges and without anything
//! that is secret: what it reads comes from a hostile network. The daemon starts
//! it and writes it a [`Plan`] as a line of JSON; a further line replaces the
//! plan, and the end of the input ends it, after it has said good-bye.
//!
//! What the network may cost is bounded: messages up to [`wsd::MAX_MESSAGE`],
//! XML of so many nodes and without a DTD, answers only to addresses of the same
//! link and only so many a second ([`limit`]), few connections at a time.
#![forbid(unsafe_code)]

pub mod limit;
pub mod links;
mod mdns;
pub mod wsd;

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{channel, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Longest plan in bytes.
const MAX_PLAN: u64 = 256 * 1024;
/// How often addresses of interfaces are looked at.
const RESCAN: Duration = Duration::from_secs(5);

/// What is announced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The server's NetBIOS name.
    pub name: String,
    /// Workgroup or domain.
    pub workgroup: String,
    /// What the server says of itself.
    pub comment: String,
    /// Names the server for ever, as 8-4-4-4-12 hexadecimal digits.
    pub uuid: String,
    /// Port of the SMB server.
    pub port: u16,
    /// Interfaces; empty means all but the loopback.
    pub interfaces: Vec<String>,
    /// WS-Discovery.
    pub ws_discovery: bool,
    /// mDNS.
    pub mdns: bool,
    /// Shares that take Time Machine backups.
    pub time_machine: Vec<String>,
}

/// Runs until the end of the standard input.
///
/// # Errors
/// The first plan cannot be read, or no thread can be had.
pub fn run() -> Result<()> {
    // Nothing that runs here may ever be more than this process is.
    rustix::thread::set_no_new_privs(true).context("giving up privileges")?;
    let (tx, rx) = channel();
    std::thread::Builder::new()
        .name("plans".to_owned())
        .spawn(move || read_plans(&tx))
        .context("starting a thread")?;
    let Ok(mut plan) = rx.recv() else {
        return Ok(());
    };
    loop {
        let mdns = plan
            .mdns
            .then(|| mdns::Responder::start(&plan))
            .and_then(or_warn);
        let mut wsd = plan
            .ws_discovery
            .then(|| wsd::Responder::start(&plan))
            .and_then(or_warn);
        let next = loop {
            match rx.recv_timeout(RESCAN) {
                Ok(next) => break Some(next),
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(wsd) = &mut wsd {
                        wsd.rescan();
                    }
                }
            }
        };
        // Good-bye to those who were told.
        drop((mdns, wsd));
        match next {
            Some(next) => plan = next,
            None => return Ok(()),
        }
    }
}

fn or_warn<T>(result: Result<T>) -> Option<T> {
    result
        .map_err(|e| tracing::warn!("the server is not announced: {e:#}"))
        .ok()
}

fn read_plans(to: &Sender<Plan>) {
    let mut input = io::stdin().lock();
    loop {
        let mut line = String::new();
        match input.by_ref().take(MAX_PLAN).read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        match serde_json::from_str(&line) {
            Ok(plan) => {
                if to.send(plan).is_err() {
                    return;
                }
            }
            Err(e) => {
                tracing::error!("the daemon's plan of announcements: {e}");
                return;
            }
        }
    }
}
