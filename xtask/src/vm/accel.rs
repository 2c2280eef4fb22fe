// SPDX-License-Identifier: GPL-2.0-or-later
//! KVM or TCG.
//!
//! /dev/kvm may exist and yet not run this kernel (nested virtualisation with
//! gaps), so a timed boot decides, once per host and kernel.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::{payload, qemu};
use crate::guest::{self, Guest};
use crate::run::{cmd, output, say};
use crate::{cache, versions};

/// How QEMU runs the guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Accel {
    Kvm,
    Tcg,
}

/// The better one that works. `KSMBD_VM_ACCEL=kvm|tcg` overrules.
pub(super) fn choose(guest: &Guest) -> Result<Accel> {
    match std::env::var("KSMBD_VM_ACCEL").as_deref() {
        Ok("kvm") => return Ok(Accel::Kvm),
        Ok("tcg") => return Ok(Accel::Tcg),
        _ => {}
    }
    let openable = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/kvm")
        .is_ok();
    if !openable {
        return Ok(Accel::Tcg);
    }
    let host = output(cmd("uname", ["-nrv"]))?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let key = cache::fingerprint(&format!("{host} {boot} {}", versions::KERNEL));
    let file = cache::dir()?.join(format!("kvm-{key}"));
    if let Ok(text) = fs::read_to_string(&file) {
        return Ok(if text.trim() == "works" {
            Accel::Kvm
        } else {
            Accel::Tcg
        });
    }
    let _lock = cache::lock(&cache::dir()?.join("locks/kvm"), "KVM probe")?;
    if file.exists() {
        drop(_lock);
        return choose(guest);
    }
    say("does KVM run this kernel? trying");
    let works = probe(guest).unwrap_or(false);
    say(if works {
        "KVM works"
    } else {
        "KVM does not; the guest runs emulated (TCG)"
    });
    fs::write(&file, if works { "works" } else { "fails" })?;
    Ok(if works { Accel::Kvm } else { Accel::Tcg })
}

fn probe(guest: &Guest) -> Result<bool> {
    let dir = cache::dir()?.join(format!("probe-{}", std::process::id()));
    fs::create_dir_all(&dir)?;
    let result = probe_in(guest, &dir);
    fs::remove_dir_all(&dir).ok();
    result
}

fn probe_in(guest: &Guest, dir: &Path) -> Result<bool> {
    payload::probe(dir)?;
    guest::initrd(guest, &dir.join("initrd"))?;
    qemu::probe(guest, dir, Accel::Kvm, Duration::from_secs(40))
}
