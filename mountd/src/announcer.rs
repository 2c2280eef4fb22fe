// SPDX-License-Identifier: GPL-2.0-or-later
//! Starts and feeds the process that announces the server (`ksmbd_announce`).
//!
//! That process listens to the network, so it is nobody: it has no privilege, no
//! key, no descriptor of this one but the pipe by which it is told what to
//! announce. When this process ends, however it does, the pipe does, and so it
//! ends, too.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ksmbd_announce::Plan;
use ksmbd_config::Config;

use crate::state::State;

/// How long it may take to say good-bye.
const GOODBYE: Duration = Duration::from_secs(5);
/// How soon one that ended is started again.
const AGAIN: Duration = Duration::from_secs(60);
/// As whom it runs when the system has no `nobody`.
const NOBODY: (u32, u32) = (65534, 65534);

struct Running {
    child: Child,
    input: ChildStdin,
}

#[derive(Default)]
struct Inner {
    running: Option<Running>,
    /// What is announced, or nothing.
    plan: Option<Plan>,
    started: Option<Instant>,
}

/// See the module.
pub(crate) struct Announcer {
    inner: Mutex<Inner>,
    /// The log is syslog.
    to_syslog: bool,
}

/// What the configuration wants announced; `None` is nothing.
pub(crate) fn plan(state: &State, config: &Config, port: u16) -> Option<Plan> {
    let g = &config.global;
    if !g.ws_discovery && !g.mdns {
        return None;
    }
    let time_machine = config
        .shares
        .iter()
        .filter(|s| s.available && s.browseable && s.time_machine)
        .map(|s| s.name.clone())
        .collect();
    let guid = u128::from_be_bytes(state.store().server_guid());
    let hex = format!("{guid:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    Some(Plan {
        name: state.netbios_name(config),
        workgroup: g.workgroup.clone(),
        comment: g.server_string.clone(),
        uuid: [
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32),
        ]
        .join("-"),
        port,
        interfaces: g.interfaces.clone(),
        ws_discovery: g.ws_discovery,
        mdns: g.mdns,
        time_machine,
    })
}

impl Announcer {
    /// One that announces nothing yet.
    #[must_use]
    pub(crate) fn new(to_syslog: bool) -> Self {
        Self {
            inner: Mutex::default(),
            to_syslog,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces this from now on, or nothing. That it cannot be done is logged:
    /// the server serves all the same.
    pub(crate) fn apply(&self, plan: Option<Plan>) {
        let mut inner = self.inner();
        if inner.plan == plan && (plan.is_none() || inner.running.is_some()) {
            return;
        }
        inner.plan = plan;
        self.tell(&mut inner);
    }

    /// Starts it again if it ended by itself. Call now and then.
    pub(crate) fn check(&self) {
        let mut inner = self.inner();
        if let Some(running) = &mut inner.running {
            match running.child.try_wait() {
                Ok(Some(status)) => {
                    tracing::warn!("the process that announces the server ended: {status}");
                    inner.running = None;
                }
                _ => return,
            }
        }
        let soon = inner.started.is_some_and(|at| at.elapsed() < AGAIN);
        if inner.plan.is_some() && !soon {
            self.tell(&mut inner);
        }
    }

    fn tell(&self, inner: &mut Inner) {
        let Some(plan) = inner.plan.clone() else {
            end(inner.running.take());
            return;
        };
        if inner.running.is_none() {
            inner.started = Some(Instant::now());
            match self.spawn() {
                Ok(running) => inner.running = Some(running),
                Err(e) => {
                    tracing::warn!("the server is not announced: cannot start a process: {e}");
                    return;
                }
            }
        }
        let sent = match (serde_json::to_string(&plan), &mut inner.running) {
            (Ok(text), Some(running)) => running.input.write_all(format!("{text}\n").as_bytes()),
            (Err(e), _) => Err(io::Error::other(e)),
            (_, None) => return,
        };
        if let Err(e) = sent {
            tracing::warn!("the server is not announced: {e}");
            end(inner.running.take());
        }
    }

    fn spawn(&self) -> io::Result<Running> {
        // This very program, even when its path is not nobody's to look at.
        let mut c = Command::new("/proc/self/exe");
        c.arg0("ksmbd.mountd").arg("--announce");
        if self.to_syslog {
            c.arg("--launched");
        }
        c.env_clear();
        for name in ["KSMBD_LOG", "JOURNAL_STREAM"] {
            if let Some(value) = std::env::var_os(name) {
                c.env(name, value);
            }
        }
        c.current_dir("/");
        c.stdin(Stdio::piped()).stdout(Stdio::null());
        if rustix::process::geteuid().is_root() {
            // Groups go with it, and with the user all capabilities.
            let (uid, gid) = nobody();
            c.uid(uid).gid(gid);
        }
        let mut child = c.spawn()?;
        let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Running { child, input })
    }
}

fn nobody() -> (u32, u32) {
    match nix::unistd::User::from_name("nobody") {
        Ok(Some(user)) if user.uid.as_raw() != 0 => (user.uid.as_raw(), user.gid.as_raw()),
        _ => NOBODY,
    }
}

fn end(running: Option<Running>) {
    let Some(Running { mut child, input }) = running else {
        return;
    };
    drop(input);
    let end = Instant::now() + GOODBYE;
    while Instant::now() < end {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            _ => return,
        }
    }
    // It has had its time.
    let _ = child.kill();
    let _ = child.wait();
}

impl Drop for Announcer {
    fn drop(&mut self) {
        end(self.inner().running.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn off_by_default_and_as_configured() {
        let (state, _dir) = testing::state("");
        assert_eq!(plan(&state, &state.config(), 445), None);
        let (state, _dir) = testing::state(
            "[global]\nws_discovery = true\nworkgroup = \"HOME\"\ninterfaces = [\"eth0\"]\n\
             [share.a]\npath = \"/a\"\ntime_machine = true\n\
             [share.b]\npath = \"/b\"\ntime_machine = true\nbrowseable = false\n",
        );
        let plan = plan(&state, &state.config(), 4450).unwrap();
        assert_eq!((plan.name.as_str(), plan.port), ("FILES", 4450));
        assert_eq!(plan.interfaces, ["eth0"]);
        assert_eq!((plan.ws_discovery, plan.mdns), (true, false));
        assert_eq!(plan.time_machine, ["a"]);
        assert_eq!(plan.uuid.len(), 36);
    }
}
