// SPDX-License-Identifier: GPL-2.0-or-later
//! `demo`: a share on 127.0.0.1, from the embedded host or, with `--kernel`,
//! from the module in the guest. Ends with 0 on SIGINT and SIGTERM.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{bail, Context, Result};

use crate::embedded::{Account, Embedded, Settings};
use crate::flags::{Demo, Machine, Server, ShareFs};
use crate::run;
use crate::vm::{self, Job};

pub(crate) fn main(f: &Demo) -> Result<i32> {
    run::catch_signals()?;
    let (share, dir) = share(f)?;
    // Before the long steps: a port in use is known at once.
    TcpListener::bind((Ipv4Addr::LOCALHOST, f.port)).with_context(|| {
        format!(
            "port {} of 127.0.0.1 is taken; choose another by --port",
            f.port
        )
    })?;
    if f.kernel {
        kernel(f, &share, dir)
    } else {
        embedded(f, &share, dir)
    }
}

/// The share's name and directory, which is made if it is not there.
fn share(f: &Demo) -> Result<(String, PathBuf)> {
    let (name, dir) = match &f.share {
        Some(s) => {
            let (name, dir) = s.split_once('=').context("--share wants NAME=DIR")?;
            (name.to_owned(), PathBuf::from(dir))
        }
        None => ("demo".to_owned(), run::target_dir().join("demo/share")),
    };
    if name.is_empty() {
        bail!("--share wants NAME=DIR");
    }
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let dir = dir.canonicalize()?;
    Ok((name, dir))
}

/// The contract: one line that begins with `ready:`, then a command to paste.
fn announce(f: &Demo, share: &str) {
    let mut out = std::io::stdout().lock();
    let (port, user) = (f.port, &f.user);
    let auth = shell_word(&format!("{user}%{}", f.password));
    let text = format!(
        "ready: //127.0.0.1:{port}/{share} user={user}\n\
         try: smbclient //127.0.0.1/{share} -p {port} -U {auth} -c 'put README.md; ls'\n"
    );
    // Whoever started us may have stopped reading.
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .ok();
}

/// A word for a shell, quoted only where it needs to be.
fn shell_word(s: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "%_-.".contains(c);
    if s.chars().all(plain) {
        s.to_owned()
    } else {
        vm::quote(s)
    }
}

fn embedded(f: &Demo, share: &str, dir: PathBuf) -> Result<i32> {
    let bin = vm::build_programs()?;
    let mut server = Embedded::start(&Settings {
        bin,
        port: f.port,
        dir: None,
        config: String::new(),
        shares: vec![(share.to_owned(), dir)],
        env: Vec::new(),
        accounts: vec![Account {
            name: f.user.clone(),
            password: f.password.clone(),
            uid: None,
        }],
    })?;
    announce(f, share);
    while !run::interrupted() {
        if let Some(status) = server.ended()? {
            bail!(
                "the server ended by itself: {status}\n{}",
                server.log_tail()
            );
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    server.stop()?;
    Ok(0)
}

fn kernel(f: &Demo, share: &str, dir: PathBuf) -> Result<i32> {
    let machine = Machine {
        debug: None,
        server: Server::Ours,
        fs: ShareFs::Tmpfs,
        timeout: u64::MAX,
        forward: Some(f.port),
        smp: 2,
        mem: "3G".into(),
        module: None,
        console: false,
        keep: false,
        systemd: false,
        applications: false,
        files: Vec::new(),
    };
    let settings = vec![
        format!("SHARE={}", vm::quote(share)),
        format!("SMB_USER={}", vm::quote(&f.user)),
        format!("SMB_PASSWORD={}", vm::quote(&f.password)),
    ];
    let on_ready = {
        let (f, share) = (f.clone(), share.to_owned());
        Box::new(move || announce(&f, &share))
    };
    let outcome = vm::run(
        &machine,
        &Job::Serve {
            settings,
            share: dir,
            on_ready,
        },
    )?;
    Ok(if run::interrupted() && outcome.splats.is_empty() {
        0
    } else {
        outcome.code.max(1)
    })
}
