// SPDX-License-Identifier: GPL-2.0-or-later
//! Logs: to stderr in the foreground, to syslog when detached. Where stderr is
//! the journal, each line begins with its priority.
//!
//! The level comes of `-v`; `KSMBD_LOG` (`LEVEL` or `TARGET=LEVEL`, separated by
//! commas) overrides it. No log line holds a password, hash, key or token: none of
//! their types can be printed.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::audit::{self, Hub, Tap};

/// Sets logging up for the whole process; what is audited goes to `hub`, too,
/// whatever the level.
pub fn init(verbose: u8, to_syslog: bool, hub: Arc<Hub>) {
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
    let tap = tracing_subscriber::registry().with(Tap(hub));
    let lines = tracing_subscriber::fmt::layer().with_target(false);
    if to_syslog {
        let lines = lines
            .with_ansi(false)
            .event_format(Plain { prefix: false })
            .with_writer(Syslog::open());
        tap.with(lines.with_filter(filter)).init();
    } else if std::env::var_os("JOURNAL_STREAM").is_some() {
        // The journal adds the time by itself.
        let lines = lines
            .with_ansi(false)
            .event_format(Plain { prefix: true })
            .with_writer(io::stderr);
        tap.with(lines.with_filter(filter)).init();
    } else {
        let lines = lines
            .with_ansi(io::stderr().is_terminal())
            .with_writer(io::stderr);
        tap.with(lines.with_filter(filter)).init();
    }
    if let Some((value, why)) = refused {
        tracing::warn!("KSMBD_LOG={value:?} is not used: {why}; write LEVEL or TARGET=LEVEL,…");
    }
}

/// Severity as syslog(3) counts.
const fn severity(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

/// Message and fields without time and level, for logs that keep these
/// themselves; with the prefix by which the journal takes a line's priority
/// (sd-daemon(3)). What is audited says so in front.
struct Plain {
    prefix: bool,
}

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let meta = event.metadata();
        let mut text = String::new();
        ctx.format_fields(Writer::new(&mut text), event)?;
        let audit = if meta.target() == audit::TARGET {
            "audit: "
        } else {
            ""
        };
        // Every line is a message of its own to the journal.
        for line in text.lines() {
            if self.prefix {
                write!(writer, "<{}>", severity(*meta.level()))?;
            }
            writeln!(writer, "{audit}{line}")?;
        }
        Ok(())
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
        Line {
            severity: severity(*meta.level()),
            ..self.make_writer()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Where a test's log goes.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(buf);
            Ok(buf.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_for_the_journal_have_their_priority() {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .event_format(Plain { prefix: true })
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(lines);
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!("a\nb");
            tracing::warn!(n = 5, "c");
            let record = audit::Record {
                action: "login",
                user: "alice",
                client: "192.0.2.1:5",
                ..audit::Record::default()
            };
            record.ok("");
            record.refused("no");
            tracing::debug!("d");
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            text,
            "<3>a\n<3>b\n<4>c n=5\n\
             <6>audit: login action=\"login\" result=\"ok\" user=\"alice\" client=\"192.0.2.1:5\"\n\
             <4>audit: login refused: no action=\"login\" result=\"refused\" user=\"alice\" \
             client=\"192.0.2.1:5\"\n<7>d\n"
        );
    }
}
