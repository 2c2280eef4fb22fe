// SPDX-License-Identifier: GPL-2.0-or-later
//! `conformance clients`: every foreign client script of `tests/interop`, in all
//! variants, with what was sent decoded by tshark afterwards.
//!
//! A frame that Wireshark's dissectors call malformed fails the run: they were
//! written by people who read the specifications without reading us.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{bail, Context, Result};

use crate::debian::{self, Need};
use crate::flags::Clients;
use crate::run::{self, cmd, output, say, target_dir};
use crate::sandbox;
use crate::test::{self, Score};

/// The real one: Wireshark takes a server's SPNEGO token for that of a client
/// when it comes from a port that anybody may have.
const PORT: u16 = 445;
/// Frames with a transform header.
const SEALED: &str = "smb2.header.transform.signature";
/// What is captured of each side's packets in bytes: a whole 64 KiB segment of
/// the loopback device with its headers.
const SNAPLEN: &str = "262144";
/// Kernel buffer of the capture in MiB; frames that do not fit in are lost.
const BUFFER_MIB: &str = "256";

pub(super) fn main(f: &Clients) -> Result<i32> {
    let mut needs = test::CLIENTS.to_vec();
    if !sandbox::is_root() {
        bail!("serving on port 445 and capturing on the loopback device need root");
    }
    needs.push(Need("tshark", "tshark"));
    debian::need(&needs)?;
    let dir = target_dir().join("clients");
    fs::create_dir_all(&dir)?;
    let total = test::interop(
        Some(PORT),
        &[("SIZE_MB", &f.size_mb.to_string()), ("ALL", "1")],
        &mut |name, run| {
            let file = dir.join(format!("{}.pcapng", name.replace('/', "-")));
            let capture = Capture::start(&file)?;
            let mut score = run()?;
            capture.stop()?;
            score.add(&decode(name, &file)?);
            if score.is_good() && !f.keep {
                fs::remove_file(&file).ok();
            }
            Ok(score)
        },
    )?;
    Ok(total.print())
}

/// A capture of one port's traffic.
struct Capture(Child);

impl Capture {
    fn start(file: &Path) -> Result<Self> {
        let filter = format!("tcp port {PORT}");
        let mut c = cmd(
            "dumpcap",
            [
                "-i", "lo", "-q", "-s", SNAPLEN, "-B", BUFFER_MIB, "-f", &filter, "-w",
            ],
        );
        c.arg(file).stderr(Stdio::piped());
        let mut child = c.spawn().context("cannot run dumpcap")?;
        // It names its file once it captures.
        let stderr = child.stderr.take().context("no pipe")?;
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        if !lines.any(|l| l.starts_with("File:")) {
            child.kill().ok();
            child.wait().ok();
            bail!("dumpcap does not capture on lo");
        }
        // Its last words must have somewhere to go.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self(child))
    }

    fn stop(mut self) -> Result<()> {
        // What was sent last is still on its way to the file.
        std::thread::sleep(Duration::from_millis(500));
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::INT)?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Counts what was decoded, and shows what could not be.
fn decode(name: &str, file: &Path) -> Result<Score> {
    say(format!("{name}: decoding what was sent"));
    let fields = |filter: &str, field: &str| -> Result<Vec<String>> {
        let mut c = cmd("tshark", ["-r"]);
        c.arg(file);
        c.args(["-Y", filter, "-T", "fields", "-e", "frame.number", "-e"]);
        c.arg(field).stderr(Stdio::null());
        Ok(output(c)?.lines().map(str::to_owned).collect())
    };
    let smb = fields("smb2", "smb2.cmd")?.len();
    if smb == 0 {
        return Ok(Score::fail(format!("{name}: tshark saw no SMB2")));
    }
    // Without the key, what was encrypted comes out as noise.
    let sealed = fields(SEALED, "smb2.sesid")?.len();
    // And TCP of a busy machine says things twice, which is not what is asked here.
    let filter = format!("_ws.malformed && !{SEALED} && !tcp.analysis.flags");
    let malformed = fields(&filter, "_ws.col.Info")?;
    for line in malformed.iter().take(20) {
        eprintln!("    malformed: {line}");
    }
    if run::interrupted() {
        bail!("interrupted");
    }
    println!(
        "{name}: {smb} frames with SMB2, {sealed} of them encrypted, {} malformed",
        malformed.len()
    );
    Ok(if malformed.is_empty() {
        Score::pass()
    } else {
        Score::fail(format!("{name}: malformed frames in {}", file.display()))
    })
}
