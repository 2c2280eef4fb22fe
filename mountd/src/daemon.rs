// SPDX-License-Identifier: GPL-2.0-or-later
//! The daemon as a whole: attach to an engine, start or take over its server,
//! reload, list, stop.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail, Context, Result};
use ksmbd_config::{Config, MapToGuest, Policy, Share};
use proto_shared::auth::spnego::{write_init2, OID_KRB5, OID_MS_KRB5, OID_NTLMSSP};
use proto_shared::codec::{NoSpace, Writer};
use proto_shared::ipc::{
    AttrWriter, Capabilities, Change, Command, ConfigFlags, ConnectionEntry, Hello, HelloReply,
    List, ListReply, ListWhat, ServerConfig, SessionEntry, Status, Stop, TreeEntry, Update,
    MIN_PROTOCOL_VERSION, PROTOCOL_VERSION,
};

use crate::audit::Record;
use crate::auth::kerberos;
use crate::link::Link;
use crate::service::{build, Notice, Service};
use crate::share::Trees;
use crate::state::{Admin, State};

/// How long the server may take to end its connections.
const DRAIN: Duration = Duration::from_secs(10);
/// Most entries of one page of a list.
const PAGE: u32 = 500;
/// Most entries of a whole list.
const MAX_ENTRIES: usize = 200_000;

/// What the command line says; it comes before the configuration file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// TCP port.
    pub port: Option<u16>,
    /// Addresses to listen on.
    pub bind: Vec<IpAddr>,
}

/// An engine's host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The kernel module.
    Kernel,
    /// The C module that the kernel comes with.
    CModule,
    /// This process.
    Embedded,
}

impl Host {
    /// Its name for users.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::CModule => "kernel (C module)",
            Self::Embedded => "embedded",
        }
    }
}

/// What [`Daemon::close`] is told of what is not there.
#[derive(Debug, thiserror::Error)]
#[error("there is nothing with this id (any more)")]
struct Missing;

#[derive(Default)]
struct Signs {
    stopped: bool,
    port: Option<u16>,
}

/// See the module.
pub struct Daemon {
    service: Arc<Service>,
    link: Arc<dyn Link>,
    host: Host,
    config_path: PathBuf,
    overrides: Overrides,
    engine: String,
    signs: Arc<(Mutex<Signs>, Condvar)>,
    /// Only one reload at a time.
    reloading: Mutex<()>,
}

/// The STATUS answer to what `doing` names.
fn expect_status(answer: (u8, Vec<u8>), doing: &str) -> Result<()> {
    let (command, attrs) = answer;
    if Command(command) != Command::STATUS {
        bail!("{doing}: the engine answers with {}", Command(command));
    }
    let status =
        Status::parse(&attrs).map_err(|e| anyhow!("{doing}: the engine's answer is {e}"))?;
    if status.code == 0 {
        return Ok(());
    }
    let error = io::Error::from_raw_os_error(status.code.saturating_abs());
    let error = match status.message {
        "" => anyhow::Error::new(error),
        more => anyhow::Error::new(error).context(more.to_owned()),
    };
    Err(error.context(doing.to_owned()))
}

fn message(write: impl Fn(&mut AttrWriter<'_>) -> Result<(), NoSpace>) -> Result<Vec<u8>> {
    let bytes = build(write).map_err(|_| {
        anyhow!("the configuration does not fit into a message to the engine (a name too long?)")
    })?;
    Ok(bytes.to_vec())
}

/// Text for a user about an error that says too little by itself.
fn explain(e: &anyhow::Error, port: u16) -> Option<String> {
    let errno = e.downcast_ref::<io::Error>()?.raw_os_error()?;
    let errno = rustix::io::Errno::from_raw_os_error(errno);
    Some(match errno {
        rustix::io::Errno::ADDRINUSE => format!(
            "port {port} is in use by another server; stop that one (Samba: systemctl stop smbd), \
             or choose another port: --port N"
        ),
        rustix::io::Errno::ACCESS | rustix::io::Errno::PERM => format!(
            "not allowed to listen on port {port}; run as root, or choose a port above 1023: \
             --port 4450"
        ),
        rustix::io::Errno::BUSY => "another ksmbd.mountd is attached to the ksmbd module, or the \
             server is just stopping; stop the other one: ksmbd.control --shutdown"
            .to_owned(),
        rustix::io::Errno::PROTO | rustix::io::Errno::PROTONOSUPPORT => format!(
            "the ksmbd module does not speak version {MIN_PROTOCOL_VERSION} to \
             {PROTOCOL_VERSION} of the protocol; install module and daemon from the same release"
        ),
        rustix::io::Errno::SHUTDOWN => "the ksmbd module is being unloaded".to_owned(),
        _ => return None,
    })
}

impl Daemon {
    /// Greets the engine and starts its server, or takes over the one that it
    /// already runs: then clients stay.
    ///
    /// # Errors
    /// The engine speaks another version, or cannot start.
    pub fn attach(
        service: Arc<Service>,
        link: Arc<dyn Link>,
        host: Host,
        config_path: PathBuf,
        overrides: Overrides,
    ) -> Result<Arc<Self>> {
        let signs: Arc<(Mutex<Signs>, Condvar)> = Arc::default();
        let seen = signs.clone();
        service.on_notice(move |notice| {
            let mut signs = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
            match notice {
                Notice::Listening(port) => {
                    tracing::info!(port, "listening");
                    signs.port = Some(port);
                }
                Notice::Stopped => signs.stopped = true,
            }
            seen.1.notify_all();
        });
        let weak = Arc::downgrade(&link);
        service.on_full(move |trees| {
            if let Some(link) = weak.upgrade() {
                if let Err(e) = count_trees(&*link, trees) {
                    tracing::warn!(
                        error = format!("{e:#}"),
                        "the tree connects cannot be counted"
                    );
                }
            }
        });
        let port = overrides
            .port
            .unwrap_or(service.state().config().global.tcp_port);
        let engine = hello(&*link).map_err(|e| match explain(&e, port) {
            Some(text) => anyhow!(text),
            None => e,
        })?;
        let daemon = Self {
            service,
            link,
            host,
            config_path,
            overrides,
            engine,
            signs,
            reloading: Mutex::new(()),
        };
        daemon.start().map_err(|e| match explain(&e, port) {
            Some(text) => anyhow!(text),
            None => e,
        })?;
        // An engine that ran before us has tree connects that count.
        count_trees(&*daemon.link, daemon.service.trees())?;
        let daemon = Arc::new(daemon);
        let weak = Arc::downgrade(&daemon);
        daemon.service.state().set_admin(weak);
        Ok(daemon)
    }

    /// Sends START with the configuration as it is now.
    fn start(&self) -> Result<()> {
        let attrs = start_message(self.service.state(), &self.overrides)?;
        let answer = self
            .link
            .send(Command::START.0, &attrs)
            .context("starting the server")?;
        expect_status(answer, "starting the server")
    }

    /// Which host it is.
    pub fn host(&self) -> Host {
        self.host
    }

    /// Name and version of the engine.
    pub fn engine(&self) -> &str {
        &self.engine
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The port that is listened on: as the engine told it, else as it was
    /// told (an engine that already listens does not tell again).
    pub fn port(&self) -> Option<u16> {
        let told = self
            .signs
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .port;
        let config = self.service.state().config();
        let asked = self.overrides.port.unwrap_or(config.global.tcp_port);
        told.or((asked != 0).then_some(asked))
    }

    /// Reads the configuration again and lets it take effect. Shares that
    /// changed are connected anew by their clients; what cannot be read
    /// changes nothing.
    ///
    /// # Errors
    /// The configuration has errors, or the engine refuses it.
    pub fn reload(&self) -> Result<String> {
        let _one = self
            .reloading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = Config::load(&self.config_path).map_err(|e| anyhow!("{e}"))?;
        warn_of(&new);
        let old = self.service.state().set_config(new);
        let new = self.service.state().config();
        if let Err(e) = self.start() {
            self.service.state().set_config((*old).clone());
            return Err(e.context("the old configuration stays"));
        }
        let mut changed = 0;
        let note = |share: &Share, what: &str| {
            let record = Record {
                action: "share",
                share: &share.name,
                ..Record::default()
            };
            record.ok(what);
        };
        for share in &old.shares {
            let now = new.share(&share.name);
            let change = match now {
                Some(now) if now == share => continue,
                Some(now) if now.available => Change::CHANGED,
                _ => Change::REMOVED,
            };
            let removed = change == Change::REMOVED;
            note(share, if removed { "removed" } else { "changed" });
            if now.is_some_and(|now| same_for_clients(share, now)) {
                continue;
            }
            changed += 1;
            self.update(&share.name, "", change)?;
        }
        for share in &new.shares {
            if old.share(&share.name).is_none() {
                note(share, "added");
            }
        }
        let text = format!("{} shares, {changed} of them changed", new.shares.len());
        tracing::info!("configuration loaded again: {text}");
        Ok(text)
    }

    /// Tells the engine that a share or an account changed.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn update(&self, share: &str, account: &str, change: Change) -> Result<()> {
        let update = Update {
            share,
            account,
            change,
        };
        let attrs = message(|w| update.write(w))?;
        expect_status(
            self.link.send(Command::UPDATE.0, &attrs)?,
            "telling of the change",
        )
    }

    /// Closes something by force.
    ///
    /// # Errors
    /// There is no such thing.
    pub fn close(&self, what: ListWhat, id: u64, session_id: Option<u64>) -> Result<()> {
        let close = proto_shared::ipc::Close {
            what,
            id,
            session_id,
        };
        let attrs = message(|w| close.write(w))?;
        match expect_status(self.link.send(Command::CLOSE.0, &attrs)?, "closing") {
            Err(e)
                if e.downcast_ref::<io::Error>()
                    .is_some_and(|e| e.kind() == io::ErrorKind::NotFound) =>
            {
                Err(anyhow!(Missing))
            }
            other => other,
        }
    }

    /// Whether [`Daemon::close`] found nothing.
    pub(crate) fn is_missing(e: &anyhow::Error) -> bool {
        e.downcast_ref::<Missing>().is_some()
    }

    /// Calls `entry` with each entry of a list.
    ///
    /// # Errors
    /// The engine refuses, or its list does not end.
    pub fn list(&self, what: ListWhat, entry: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        list(&*self.link, what, entry)
    }

    /// Stops the server and waits for its connections to end.
    ///
    /// # Errors
    /// It does not end within ten seconds.
    pub fn stop(&self) -> Result<()> {
        let attrs = message(|w| Stop {}.write(w))?;
        expect_status(
            self.link
                .send(Command::STOP.0, &attrs)
                .context("stopping the server")?,
            "stopping the server",
        )?;
        let end = Instant::now() + DRAIN;
        let (signs, wake) = &*self.signs;
        let mut signs = signs.lock().unwrap_or_else(PoisonError::into_inner);
        while !signs.stopped {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("the server does not end its connections within {DRAIN:?}");
            }
            signs = wake
                .wait_timeout(signs, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        Ok(())
    }

    /// Whether the server has stopped by itself: the module is being unloaded.
    pub fn has_stopped(&self) -> bool {
        self.signs
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stopped
    }
}

impl Admin for Daemon {
    fn list(&self, what: ListWhat, entry: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        Self::list(self, what, entry)
    }

    fn close(&self, what: ListWhat, id: u64, session: Option<u64>) -> Result<()> {
        Self::close(self, what, id, session)
    }

    fn config_path(&self) -> &Path {
        &self.config_path
    }

    fn reload(&self) -> Result<String> {
        Self::reload(self)
    }
}

/// Whether those who are connected may stay: nothing changed but what only
/// matters to those who come or look.
fn same_for_clients(old: &Share, new: &Share) -> bool {
    let mut old = old.clone();
    old.keys.comment.clone_from(&new.keys.comment);
    old.keys.browseable = new.keys.browseable;
    old.keys.max_connections = new.keys.max_connections;
    old == *new
}

/// Greets; answers name and version of the engine.
fn hello(link: &dyn Link) -> Result<String> {
    let hello = Hello {
        min_version: MIN_PROTOCOL_VERSION,
        max_version: PROTOCOL_VERSION,
        capabilities: Capabilities::NONE,
        software: concat!("ksmbd.mountd ", env!("CARGO_PKG_VERSION")),
    };
    let attrs = message(|w| hello.write(w))?;
    let (command, attrs) = link
        .send(Command::HELLO.0, &attrs)
        .context("greeting the engine")?;
    match Command(command) {
        Command::HELLO => {
            let reply =
                HelloReply::parse(&attrs).map_err(|e| anyhow!("the engine's HELLO: {e}"))?;
            if !(MIN_PROTOCOL_VERSION..=PROTOCOL_VERSION).contains(&reply.version) {
                bail!(
                    "the engine ({}) wants version {} of the protocol, this daemon speaks \
                     {MIN_PROTOCOL_VERSION} to {PROTOCOL_VERSION}; install both from the same \
                     release",
                    reply.software,
                    reply.version
                );
            }
            Ok(reply.software.to_owned())
        }
        _ => {
            expect_status((command, attrs), "greeting the engine")?;
            bail!("the engine does not greet back")
        }
    }
}

fn list(link: &dyn Link, what: ListWhat, entry: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let (mut cursor, mut seen) = (0, 0usize);
    loop {
        let ask = List {
            what,
            cursor,
            max: PAGE,
        };
        let attrs = message(|w| ask.write(w))?;
        let (command, attrs) = link.send(Command::LIST.0, &attrs).context("listing")?;
        if Command(command) != Command::LIST {
            expect_status((command, attrs), "listing")?;
            bail!("the engine does not list");
        }
        let reply = ListReply::parse(&attrs).map_err(|e| anyhow!("the engine's list: {e}"))?;
        for bytes in reply.entries() {
            seen += 1;
            entry(bytes)?;
        }
        match reply.next_cursor {
            0 => return Ok(()),
            next if next != cursor && seen <= MAX_ENTRIES => cursor = next,
            _ => bail!("the engine's list does not end"),
        }
    }
}

/// Puts the engine's tree connects into the table.
fn count_trees(link: &dyn Link, trees: &Trees) -> Result<()> {
    let mut all = Vec::new();
    list(link, ListWhat::TREES, &mut |bytes| {
        let t = TreeEntry::parse(bytes).map_err(|e| anyhow!("a tree connect: {e}"))?;
        all.push((t.session_id, t.tree_id, t.share.to_owned()));
        Ok(())
    })?;
    let any = !all.is_empty();
    trees.replace(all.into_iter());
    if !any {
        return Ok(());
    }
    let mut peers = HashMap::new();
    list(link, ListWhat::CONNECTIONS, &mut |bytes| {
        let c = ConnectionEntry::parse(bytes).map_err(|e| anyhow!("a connection: {e}"))?;
        peers.insert(c.id, c.peer.to_owned());
        Ok(())
    })?;
    let mut names = HashMap::new();
    list(link, ListWhat::SESSIONS, &mut |bytes| {
        let s = SessionEntry::parse(bytes).map_err(|e| anyhow!("a session: {e}"))?;
        let peer = s.connections.iter().find_map(|id| peers.get(&id).cloned());
        names.insert(s.id, (s.account.to_owned(), peer.unwrap_or_default()));
        Ok(())
    })?;
    trees.name_sessions(|id| names.get(&id).cloned());
    Ok(())
}

/// Says what is legal but hardly meant.
pub fn warn_of(config: &Config) {
    for share in &config.shares {
        if !share.path.is_dir() {
            tracing::warn!(
                share = share.name,
                path = %share.path.display(),
                "the share's path is no directory; clients cannot connect until it is one"
            );
        }
        if share.guest_ok && config.global.map_to_guest == MapToGuest::Never {
            tracing::debug!(
                share = share.name,
                "guest_ok only serves anonymous logins while map_to_guest is \"never\""
            );
        }
    }
}

/// Names of the interfaces that have these addresses, separated by NUL bytes.
fn interfaces_of(addresses: &[IpAddr]) -> Result<Vec<u8>> {
    let have: Vec<(String, IpAddr)> = nix::ifaddrs::getifaddrs()
        .context("listing the interfaces")?
        .filter_map(|i| {
            let address = i.address?;
            let ip = address
                .as_sockaddr_in()
                .map(|a| IpAddr::V4(a.ip()))
                .or_else(|| address.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))?;
            Some((i.interface_name, ip))
        })
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for address in addresses {
        if address.is_unspecified() {
            return Ok(Vec::new());
        }
        let found = have.iter().find(|(_, ip)| ip == address);
        // All of 127/8 is the loopback's, whatever it lists.
        let found = found.or_else(|| {
            have.iter()
                .find(|(_, ip)| address.is_loopback() && ip.is_loopback())
        });
        let Some((name, _)) = found else {
            bail!("no interface has the address {address}; see: ip address");
        };
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    Ok(names.join("\0").into_bytes())
}

const fn policy(p: Policy) -> u8 {
    match p {
        Policy::Disabled => 0,
        Policy::Enabled => 1,
        Policy::Mandatory => 2,
    }
}

/// The START message.
fn start_message(state: &State, overrides: &Overrides) -> Result<Vec<u8>> {
    let config = state.config();
    let g = &config.global;
    let interfaces = if overrides.bind.is_empty() {
        if g.bind_interfaces_only {
            g.interfaces.join("\0").into_bytes()
        } else {
            Vec::new()
        }
    } else {
        interfaces_of(&overrides.bind)?
    };
    let mut flags = ConfigFlags::NONE;
    for (on, flag) in [
        (g.server_multi_channel_support, ConfigFlags::MULTICHANNEL),
        (g.smb2_leases, ConfigFlags::LEASES),
        (
            g.smb2_leases && g.smb3_directory_leases,
            ConfigFlags::DIRECTORY_LEASES,
        ),
        (g.durable_handles, ConfigFlags::DURABLE),
        (g.posix_extensions, ConfigFlags::POSIX),
    ] {
        if on {
            flags |= flag;
        }
    }
    let mut token = [0; 256];
    let mut w = Writer::new(&mut token);
    // In the order of Windows; Kerberos' older name is for those who know no other.
    let all: [&[u8]; 3] = [OID_MS_KRB5, OID_KRB5, OID_NTLMSSP];
    let mechs = if kerberos::is_offered(&config) {
        &all[..]
    } else {
        &all[2..]
    };
    write_init2(&mut w, mechs).map_err(|_| anyhow!("the SPNEGO token is too long"))?;
    let netbios_name = state.netbios_name(&config);
    let start = ServerConfig {
        server_guid: state.store().server_guid(),
        netbios_name: &netbios_name,
        tcp_port: overrides.port.unwrap_or(g.tcp_port),
        interfaces: &interfaces,
        min_dialect: g.server_min_protocol,
        max_dialect: g.server_max_protocol,
        signing: policy(g.server_signing),
        encryption: policy(g.smb3_encryption),
        ciphers: g.smb3_ciphers.as_slice().into(),
        signing_algorithms: g.smb3_signing_algorithms.as_slice().into(),
        max_read: g.smb2_max_read,
        max_write: g.smb2_max_write,
        max_trans: g.smb2_max_trans,
        max_credits: g.smb2_max_credits,
        max_connections: g.max_connections,
        max_connections_per_ip: g.max_ip_connections,
        max_sessions: g.max_active_sessions,
        max_sessions_per_connection: g.max_sessions_per_connection,
        max_opens: g.max_open_files,
        max_inflight_bytes: u64::from(g.max_inflight),
        auth_timeout_ms: g.auth_timeout.saturating_mul(1000),
        upcall_timeout_ms: g.ipc_timeout.saturating_mul(1000),
        dead_time_s: g.deadtime.saturating_mul(60),
        flags,
        security_blob: w.written().into(),
    };
    message(|w| start.write(w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use proto_shared::auth::spnego::NegToken;

    #[test]
    fn start_says_what_the_configuration_says() {
        let (state, _dir) = testing::state(
            "[global]\ntcp_port = 4450\nserver_signing = \"mandatory\"\ndeadtime = 2\n\
             smb3_ciphers = [\"aes-256-gcm\"]\ninterfaces = [\"eth0\", \"eth1\"]\n",
        );
        let bytes = start_message(&state, &Overrides::default()).unwrap();
        let c = ServerConfig::parse(&bytes).unwrap();
        assert_eq!((c.tcp_port, c.signing, c.encryption), (4450, 2, 1));
        assert_eq!((c.dead_time_s, c.auth_timeout_ms), (120, 30_000));
        assert!(c.ciphers.iter().eq([4]));
        // Named, but not the only ones.
        assert!(c.interfaces.is_empty());
        assert_eq!(c.netbios_name, "FILES");
        assert_eq!(c.security_blob.as_slice().unwrap()[..2], [0x60, 0x48]);
        let bytes = start_message(
            &state,
            &Overrides {
                port: Some(0),
                bind: vec!["127.0.0.1".parse().unwrap(), "127.0.0.9".parse().unwrap()],
            },
        )
        .unwrap();
        let c = ServerConfig::parse(&bytes).unwrap();
        assert_eq!((c.tcp_port, c.interfaces), (0, &b"lo"[..]));
    }

    #[test]
    fn kerberos_is_offered_only_with_a_keytab() {
        let dir = tempfile::tempdir().unwrap();
        let keytab = dir.path().join("keytab");
        let (state, _dir) = testing::state(&format!(
            "[global]\nkerberos_keytab_file = \"{}\"\n",
            keytab.display()
        ));
        let offered = || {
            let bytes = start_message(&state, &Overrides::default()).unwrap();
            let blob = ServerConfig::parse(&bytes).unwrap().security_blob;
            match NegToken::parse(blob.as_slice().unwrap()).unwrap() {
                NegToken::Init(t) => t.mechs.iter().map(<[u8]>::to_vec).collect::<Vec<_>>(),
                NegToken::Resp(_) => panic!("no NegTokenInit2"),
            }
        };
        assert_eq!(offered(), [OID_NTLMSSP]);
        std::fs::write(&keytab, testing::keytab()).unwrap();
        // Without the library it is as without a keytab.
        if kerberos::is_offered(&state.config()) {
            assert_eq!(offered(), [OID_MS_KRB5, OID_KRB5, OID_NTLMSSP]);
        } else {
            assert_eq!(offered(), [OID_NTLMSSP]);
        }
    }

    #[test]
    fn addresses_that_nobody_has() {
        let e = interfaces_of(&["192.0.2.77".parse().unwrap()]).unwrap_err();
        assert!(e.to_string().contains("192.0.2.77"));
        assert!(interfaces_of(&["0.0.0.0".parse().unwrap()])
            .unwrap()
            .is_empty());
    }
}
