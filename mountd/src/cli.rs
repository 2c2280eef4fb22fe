// SPDX-License-Identifier: GPL-2.0-or-later
//! The command line of `ksmbd.mountd`, and what the process does from its
//! start to its end.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::IpAddr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::mpsc::{channel, RecvTimeoutError, Sender};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail, Context, Result};
use clap::{ArgAction, Parser};
use ksmbd_config::daemon::DEFAULT_RUNTIME_DIR;
use ksmbd_config::{Config, DEFAULT_CONFIG};
use ksmbd_store::{key_file_of, Options, Store, DEFAULT_DB};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::accounts::Nss;
use crate::announcer::{self, Announcer};
use crate::audit::Hub;
use crate::cmodule::CModule;
use crate::control::{self, Order};
use crate::daemon::{warn_of, Daemon, Host, Overrides};
use crate::link::{Link, Sink};
use crate::logging;
use crate::metrics;
use crate::netlink::{ConnectError, Netlink};
use crate::pool::Pool;
use crate::runtime::{control_path, remove_stale, Lock};
use crate::service::Service;
use crate::state::State;

/// Daemon of the ksmbd SMB server.
///
/// Starts the server in the kernel module and answers its questions: who a
/// user is, who may use a share. With --embedded the server runs in this
/// process instead and needs no module.
#[derive(Parser, Debug)]
#[command(name = "ksmbd.mountd", bin_name = "ksmbd.mountd", version)]
pub struct Args {
    /// Configuration file
    #[arg(short = 'C', long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// Account database
    #[arg(short = 'P', long, alias = "pwddb", value_name = "FILE", default_value = DEFAULT_DB)]
    db: PathBuf,
    /// Key file of the database [default: beside it, with the ending .key]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// TCP port, instead of the configured one; 0 takes any free one
    #[arg(short, long, value_name = "N")]
    port: Option<u16>,
    /// Listen only on the interface that has this address; may be repeated
    #[arg(long, value_name = "ADDR")]
    bind: Vec<IpAddr>,
    /// Directory of lock and control socket
    #[arg(long, value_name = "DIR", default_value = DEFAULT_RUNTIME_DIR)]
    runtime_dir: PathBuf,
    /// Stay in the foreground and log to stderr [=0 to detach]
    #[arg(short, long, value_name = "0|1", num_args = 0..=1, require_equals = true,
          default_missing_value = "1", value_parser = clap::value_parser!(u8).range(0..=1))]
    nodetach: Option<u8>,
    /// Serve from this process instead of the kernel module; stays in the foreground
    #[arg(long)]
    embedded: bool,
    /// Log more; twice even more
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
    /// (for ksmbd.mountd itself) Announce the server as the input says
    #[arg(long, hide = true)]
    announce: bool,
    /// (for ksmbd.mountd itself) The launcher has started this process
    #[arg(long, hide = true)]
    launched: bool,
}

impl Args {
    fn foreground(&self) -> bool {
        match self.nodetach {
            Some(n) => n == 1,
            None => self.embedded,
        }
    }
}

/// The command line, for manual page and completions.
#[must_use]
pub fn command() -> clap::Command {
    <Args as clap::CommandFactory>::command()
}

/// Runs the program; answers its exit status.
pub fn main() -> u8 {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            // Usage errors are 1, as in ksmbd-tools; help and version are 0.
            let _ = e.print();
            return u8::from(e.use_stderr());
        }
    };
    let hub = Arc::new(Hub::default());
    let result = if args.announce {
        logging::init(args.verbose, args.launched, hub);
        announce()
    } else if args.foreground() {
        logging::init(args.verbose, false, hub.clone());
        run(&args, false, hub)
    } else if args.launched {
        logging::init(args.verbose, true, hub.clone());
        run(&args, true, hub)
    } else {
        launch()
    };
    match result {
        Ok(()) => 0,
        Err(e) => {
            // The launcher passes this on to whoever started it.
            eprintln!("ksmbd.mountd: {e:#}");
            if args.launched {
                tracing::error!("{e:#}");
            }
            1
        }
    }
}

/// Announces until the daemon ends. Signals for the whole group, of systemd or a
/// terminal, come here as well; that they are only taken leaves the time to say
/// good-bye.
fn announce() -> Result<()> {
    let _taken = Signals::new([SIGHUP, SIGTERM, SIGINT, SIGQUIT]).context("catching signals")?;
    ksmbd_announce::run()
}

/// Starts this program again in a session of its own and waits until that one
/// serves, so that "started" means it.
fn launch() -> Result<()> {
    let program = std::env::current_exe().context("finding this program")?;
    let mut child = Process::new(program)
        .args(std::env::args_os().skip(1))
        .arg("--launched")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting the daemon")?;
    let stdout = child.stdout.take().context("starting the daemon")?;
    let ready = BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .any(|line| line == "ready");
    if ready {
        return Ok(());
    }
    let mut text = String::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(64 * 1024).read_to_string(&mut text);
    }
    let status = child.wait().context("waiting for the daemon")?;
    let text = text.trim().trim_start_matches("ksmbd.mountd: ");
    if text.is_empty() {
        bail!("the daemon ended at its start ({status}); see the system log");
    }
    bail!("{text}")
}

/// Tells whoever started us that we serve, and lets go of the terminal.
fn ready(detached: bool) -> Result<()> {
    // That systemd cannot be told does not keep the server from serving.
    if let Err(e) = notify("READY=1") {
        tracing::warn!("systemd could not be told: {e}");
    }
    let mut out = io::stdout().lock();
    // Whoever started us may not read.
    let _ = out.write_all(b"ready\n").and_then(|()| out.flush());
    if detached {
        let null = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/null")
            .context("opening /dev/null")?;
        rustix::stdio::dup2_stdout(&null).context("detaching")?;
        rustix::stdio::dup2_stderr(&null).context("detaching")?;
    }
    Ok(())
}

/// Tells systemd (sd_notify(3)) when it is who started us with `Type=notify`.
fn notify(state: &str) -> io::Result<()> {
    let Some(to) = std::env::var_os("NOTIFY_SOCKET").filter(|s| !s.is_empty()) else {
        return Ok(());
    };
    let address = match to.as_encoded_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(&to)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}

fn load_config(args: &Args) -> Result<Config> {
    let missing_is_fine = args.config == Path::new(DEFAULT_CONFIG);
    match Config::load(&args.config) {
        Ok(config) => Ok(config),
        Err(ksmbd_config::Error::Io { source, path, .. })
            if source.kind() == io::ErrorKind::NotFound =>
        {
            if !missing_is_fine {
                bail!(
                    "there is no configuration {}; make one: ksmbd.addshare -a NAME --path DIR \
                     --config {0}",
                    path.display()
                );
            }
            tracing::warn!(
                "there is no configuration {}; serving no share; add one: \
                 ksmbd.addshare -a NAME --path DIR",
                path.display()
            );
            Ok(Config::default())
        }
        Err(e) => Err(anyhow!("the configuration has errors:\n{e}")),
    }
}

#[cfg(feature = "embedded")]
fn embedded(sink: Sink) -> Result<Arc<dyn Link>> {
    crate::embedded::start(sink).context("starting the embedded server")
}

#[cfg(not(feature = "embedded"))]
fn embedded(_: Sink) -> Result<Arc<dyn Link>> {
    bail!("this ksmbd.mountd was built without --embedded (cargo feature `embedded`)")
}

/// The module that is loaded: ours, or the C one that the kernel comes with.
fn kernel(service: &Arc<Service>, sink: Sink) -> Result<(Arc<dyn Link>, Host)> {
    match Netlink::connect(sink.clone()) {
        Ok(link) => Ok((link, Host::Kernel)),
        Err(ConnectError::NoModule) => match CModule::connect(service.clone(), sink)? {
            Some(link) => Ok((link, Host::CModule)),
            None => Err(ConnectError::NoModule.into()),
        },
        Err(e) => Err(e.into()),
    }
}

fn run(args: &Args, detached: bool, hub: Arc<Hub>) -> Result<()> {
    if detached {
        rustix::process::setsid().context("detaching")?;
        std::env::set_current_dir("/").context("detaching")?;
    }
    let config = load_config(args)?;
    warn_of(&config);
    let lock = Lock::take(&args.runtime_dir)?;
    let key_file = args
        .key_file
        .clone()
        .unwrap_or_else(|| key_file_of(&args.db));
    let store = Store::open(&Options::new(&args.db, key_file)).map_err(|e| anyhow!("{e}"))?;
    let host_name = rustix::system::uname();
    let host_name = host_name.nodename().to_string_lossy();
    let state = State::new(config, store, Box::new(Nss), &host_name).map_err(|e| anyhow!("{e}"))?;
    let service = Arc::new(Service::new(Arc::new(state)).context("starting")?);

    let socket = control_path(&args.runtime_dir);
    let listener = control::bind(&socket)?;
    let metrics_at = service.state().config().global.metrics.clone();
    let metrics_at = metrics_at.map(|at| metrics::bind(&at)).transpose()?;
    // Before any thread, so that no signal is lost.
    let signals = Signals::new([SIGHUP, SIGTERM, SIGINT, SIGQUIT]).context("catching signals")?;
    let workers = std::thread::available_parallelism().map_or(4, |n| (n.get() * 2).clamp(4, 16));
    let kept = service.clone();
    let pool = Pool::start(service.clone(), workers).context("starting the workers")?;
    let (link, host): (Arc<dyn Link>, Host) = if args.embedded {
        (embedded(pool.sink())?, Host::Embedded)
    } else {
        kernel(&service, pool.sink())?
    };
    pool.set_link(link.clone());
    let overrides = Overrides {
        port: args.port,
        bind: args.bind.clone(),
    };
    let daemon = Daemon::attach(service, link, host, args.config.clone(), overrides)?;

    let (tx, rx) = channel();
    control::serve(listener, daemon.clone(), hub, tx.clone())?;
    if let Some(listener) = metrics_at {
        metrics::serve(listener, &daemon)?;
    }
    watch_signals(signals, tx)?;
    let announcer = Announcer::new(detached);
    let announce = || {
        let state = daemon.service().state();
        let port = daemon.port().unwrap_or(state.config().global.tcp_port);
        announcer.apply(announcer::plan(state, &state.config(), port));
    };
    announce();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        host = host.name(),
        engine = daemon.engine(),
        "serving"
    );
    ready(detached)?;

    loop {
        match rx.recv_timeout(Duration::from_secs(1)) {
            Ok(Order::Stop) => break,
            Ok(Order::Reload) => {
                if let Err(e) = daemon.reload() {
                    tracing::error!("the configuration was not loaded again: {e:#}");
                }
            }
            Err(RecvTimeoutError::Timeout) if daemon.has_stopped() => {
                tracing::warn!("the server was stopped from elsewhere, ending");
                let _ = remove_stale(&socket);
                return Ok(());
            }
            Err(RecvTimeoutError::Timeout) => {
                // Whoever let it be loaded again: a tool, a client, a signal.
                announce();
                announcer.check();
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    tracing::info!("stopping");
    drop(announcer);
    let _ = notify("STOPPING=1");
    let stopped = daemon.stop();
    // Whoever copies the database of a stopped server has all of it.
    if let Err(e) = kept.state().store().settle() {
        tracing::warn!("{e}");
    }
    let _ = remove_stale(&socket);
    // The lock goes last: it says that a daemon is there.
    drop(lock);
    stopped?;
    tracing::info!("stopped");
    Ok(())
}

fn watch_signals(mut signals: Signals, orders: Sender<Order>) -> Result<()> {
    std::thread::Builder::new()
        .name("ksmbd-signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                let order = if signal == SIGHUP {
                    Order::Reload
                } else {
                    Order::Stop
                };
                if orders.send(order).is_err() {
                    return;
                }
            }
        })
        .context("watching for signals")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from([&["ksmbd.mountd"], args].concat())
    }

    #[test]
    fn foreground_or_not() {
        let fg = |args: &[&str]| parse(args).unwrap().foreground();
        assert!(!fg(&[]));
        assert!(fg(&["-n"]) && fg(&["--nodetach"]) && fg(&["--nodetach=1"]) && fg(&["-n=1"]));
        assert!(!fg(&["--nodetach=0"]));
        assert!(fg(&["--embedded"]));
        assert!(!fg(&["--embedded", "--nodetach=0"]));
        assert!(parse(&["--nodetach=2"]).is_err());
        assert!(parse(&["extra"]).is_err());
        assert!(parse(&["--port", "70000"]).is_err());
        assert!(parse(&["--bind", "here"]).is_err());
    }

    #[test]
    fn spelled_as_before() {
        let a = parse(&["-v", "-v", "-p", "4450", "-C", "/a", "-P", "/b"]).unwrap();
        assert_eq!((a.verbose, a.port), (2, Some(4450)));
        assert_eq!((a.config, a.db), ("/a".into(), "/b".into()));
        let a = parse(&["--pwddb", "/b", "--bind", "::1", "--bind", "127.0.0.1"]).unwrap();
        assert_eq!((a.db, a.bind.len()), ("/b".into(), 2));
    }
}
