// SPDX-License-Identifier: GPL-2.0-or-later
//! Logs: to stderr in the foreground, to syslog when detached.
//!
//! The level comes of `-v`; `KSMBD_LOG` (`LEVEL` or `TARGET=LEVEL`, separated by
//! commas) overrides it. No log line holds a password, hash, key or token: none of
//! their types can be printed.

use std::io::{self, IsTerminal, Write};
use std::os::unix::net::UnixDatagram;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Sets logging up for the whole process.
pub fn init(verbose: u8, to_syslog: bool) {
    let default = match verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let (filter, refused) = match std::env::var("KSMBD_LOG").map(|v| (v.parse::<Targets>(), v)) {
        Ok((Ok(filter), _)) => (filter, None),
        Ok((Err(why), v)) => (Targets::new().with_default(default), Some((v, why))),
        Err(_) => (Targets::new().with_default(default), None),
    };
    // The filter decides, not the builder.
    let builder = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_target(false);
    if to_syslog {
        builder
            .with_ansi(false)
            .with_level(false)
            .without_time()
            .with_writer(Syslog::open())
            .finish()
            .with(filter)
            .init();
    } else {
        // The journal adds the time by itself.
        let journal = std::env::var_os("JOURNAL_STREAM").is_some();
        let builder = builder
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr);
        if journal {
            builder.without_time().finish().with(filter).init();
        } else {
            builder.finish().with(filter).init();
        }
    }
    if let Some((value, why)) = refused {
        tracing::warn!("KSMBD_LOG={value:?} is not used: {why}; write LEVEL or TARGET=LEVEL,…");
    }
}

/// RFC 3164 messages to /dev/log.
struct Syslog(Option<UnixDatagram>);

impl Syslog {
    fn open() -> Self {
        let socket = UnixDatagram::unbound().ok();
        Self(socket.filter(|s| s.connect("/dev/log").is_ok()))
    }
}

/// One message.
struct Line<'a> {
    socket: Option<&'a UnixDatagram>,
    severity: u8,
}

impl Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if let Some(socket) = self.socket {
            // Facility 3: daemons.
            let mut message = format!(
                "<{}>ksmbd.mountd[{}]: ",
                24 + self.severity,
                std::process::id()
            )
            .into_bytes();
            message.extend_from_slice(text.trim_ascii_end());
            // Whoever does not read the log does not stop the server.
            let _ = socket.send(&message);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Syslog {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            socket: self.0.as_ref(),
            severity: 6,
        }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line<'a> {
        let severity = match *meta.level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            _ => 7,
        };
        Line {
            severity,
            ..self.make_writer()
        }
    }
}
