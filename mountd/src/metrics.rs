// SPDX-License-Identifier: GPL-2.0-or-later
//! Figures of the server as OpenMetrics text (version 1.0.0) by HTTP GET, on a
//! Unix socket or on the loopback; off unless `metrics` in `[global]` is set.
//!
//! What is told are counts: no names of users, clients or files. A request is
//! read up to 4 KiB and five seconds, and no more than four at a time.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail, Context, Result};
use ksmbd_config::MetricsAt;
use proto_shared::ipc::{ListWhat, ServerEntry};

use crate::control;
use crate::daemon::Daemon;

/// Most bytes of a request.
const MAX_REQUEST: usize = 4096;
/// How long a request may take to come, and its answer to go.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most clients at a time.
const MAX_CLIENTS: usize = 4;

/// One figure: name, kind, help, value. Counters get `_total`.
type Figure = (&'static str, &'static str, &'static str, u64);

/// What metrics are asked for at.
pub enum Listener {
    /// A Unix socket.
    Unix(UnixListener),
    /// A port of the loopback.
    Tcp(TcpListener),
}

/// Makes the socket; as [`control::bind`] to be called before other threads
/// make files.
///
/// # Errors
/// Nothing can listen there.
pub fn bind(at: &MetricsAt) -> Result<Listener> {
    match at {
        MetricsAt::Tcp(address) => Ok(Listener::Tcp(
            TcpListener::bind(address)
                .with_context(|| format!("cannot listen for metrics on {address}"))?,
        )),
        MetricsAt::Unix(path) => {
            // What an earlier daemon left may go; anything else stays.
            match fs::symlink_metadata(path) {
                Ok(m) if !m.file_type().is_socket() => bail!(
                    "cannot tell metrics at {}: it is there and no socket; name another path",
                    path.display()
                ),
                _ => {}
            }
            Ok(Listener::Unix(control::bind(path)?))
        }
    }
}

/// Serves in a thread of its own until the process ends.
///
/// # Errors
/// The thread cannot be started.
pub fn serve(listener: Listener, daemon: &Arc<Daemon>) -> Result<()> {
    let weak = Arc::downgrade(daemon);
    let figures = move || match weak.upgrade() {
        Some(daemon) => figures(&daemon),
        None => bail!("the daemon ends"),
    };
    match listener {
        Listener::Tcp(listener) => spawn(figures, move || {
            let (stream, _) = listener.accept()?;
            stream.set_write_timeout(Some(PATIENCE))?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        }),
        Listener::Unix(listener) => spawn(figures, move || {
            let (stream, _) = listener.accept()?;
            stream.set_write_timeout(Some(PATIENCE))?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        }),
    }
}

fn spawn<S: Read + Write + Send + 'static>(
    figures: impl Fn() -> Result<Vec<Figure>> + Send + Sync + 'static,
    mut accept: impl FnMut() -> io::Result<S> + Send + 'static,
) -> Result<()> {
    let figures = Arc::new(figures);
    let clients = Arc::new(AtomicUsize::new(0));
    std::thread::Builder::new()
        .name("ksmbd-metrics".to_owned())
        .spawn(move || loop {
            let Ok(stream) = accept() else {
                // Out of descriptors, for example: not in a hot loop.
                std::thread::sleep(Duration::from_millis(100));
                continue;
            };
            if clients.fetch_add(1, Ordering::Relaxed) >= MAX_CLIENTS {
                clients.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            let (figures, count) = (figures.clone(), clients.clone());
            let spawned = std::thread::Builder::new().spawn(move || {
                let mut stream = stream;
                if let Err(e) = client(&mut stream, &*figures) {
                    tracing::debug!(error = %e, "a client of the metrics");
                }
                count.fetch_sub(1, Ordering::Relaxed);
            });
            if spawned.is_err() {
                clients.fetch_sub(1, Ordering::Relaxed);
            }
        })
        .context("starting the metrics thread")?;
    Ok(())
}

/// Reads one request and answers it; the connection ends with the answer.
fn client(
    stream: &mut (impl Read + Write),
    figures: &impl Fn() -> Result<Vec<Figure>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    let start = Instant::now();
    let mut buf = [0; 512];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        // Each read has its timeout; all of them together have the same.
        if head.len() >= MAX_REQUEST || start.elapsed() > PATIENCE {
            return respond(stream, "431 Request Header Fields Too Large", "");
        }
        match stream.read(&mut buf) {
            Ok(0) => return Ok(()),
            Ok(n) => head.extend_from_slice(buf.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let line = head.split(|b| *b == b'\r').next().unwrap_or_default();
    let words: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
    match words.as_slice() {
        [b"GET", b"/metrics" | b"/", version] if version.starts_with(b"HTTP/1.") => {
            match figures() {
                Ok(figures) => respond(stream, "200 OK", &text(&figures)),
                Err(e) => {
                    tracing::warn!("no metrics: {e:#}");
                    respond(stream, "503 Service Unavailable", "")
                }
            }
        }
        [b"GET", _, version] if version.starts_with(b"HTTP/1.") => {
            respond(stream, "404 Not Found", "")
        }
        [_, _, version] if version.starts_with(b"HTTP/1.") => {
            respond(stream, "405 Method Not Allowed", "")
        }
        _ => respond(stream, "400 Bad Request", ""),
    }
}

fn respond(stream: &mut impl Write, status: &str, body: &str) -> io::Result<()> {
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/openmetrics-text; version=1.0.0; \
         charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes())
}

fn text(figures: &[Figure]) -> String {
    let mut out = String::new();
    for (name, kind, help, value) in figures {
        let suffix = if *kind == "counter" { "_total" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "# TYPE ksmbd_{name} {kind}\n# HELP ksmbd_{name} {help}\nksmbd_{name}{suffix} {value}\n"
        );
    }
    out.push_str("# EOF\n");
    out
}

fn figures(daemon: &Daemon) -> Result<Vec<Figure>> {
    let shares = daemon.service().state().config().shares.len();
    let n = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let mut out = vec![
        ("shares", "gauge", "Shares in the configuration.", n(shares)),
        (
            "logins_under_way",
            "gauge",
            "Log-ins that are not finished.",
            n(daemon.service().auth().pending()),
        ),
        (
            "pipes",
            "gauge",
            "Open named pipes.",
            n(daemon.service().pipes().len()),
        ),
    ];
    daemon.list(ListWhat::SERVER, &mut |bytes| {
        let e = ServerEntry::parse(bytes).map_err(|e| anyhow!("the engine's status: {e}"))?;
        out.extend([
            (
                "up",
                "gauge",
                "Whether the server accepts connections.",
                u64::from(e.state == 1),
            ),
            (
                "uptime_seconds",
                "gauge",
                "Seconds since the start.",
                e.uptime_s,
            ),
            (
                "connections",
                "gauge",
                "Connections.",
                u64::from(e.connections),
            ),
            ("sessions", "gauge", "Sessions.", u64::from(e.sessions)),
            (
                "tree_connects",
                "gauge",
                "Tree connects.",
                u64::from(e.trees),
            ),
            ("open_files", "gauge", "Open files.", u64::from(e.opens)),
            (
                "requests",
                "counter",
                "Requests since the start.",
                e.requests,
            ),
            (
                "request_errors",
                "counter",
                "Requests answered with an error.",
                e.errors,
            ),
            ("received_bytes", "counter", "Bytes received.", e.bytes_in),
            ("sent_bytes", "counter", "Bytes sent.", e.bytes_out),
        ]);
        Ok(())
    })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client that sends these bytes, in reads of 100.
    struct Fake(Vec<u8>, Vec<u8>);

    impl Read for Fake {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(buf.len()).min(100);
            buf[..n].copy_from_slice(&self.0[..n]);
            self.0.drain(..n);
            Ok(n)
        }
    }

    impl Write for Fake {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.1.extend_from_slice(buf);
            Ok(buf.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn ask(request: &[u8]) -> String {
        let mut fake = Fake(request.to_vec(), Vec::new());
        let figures = || {
            Ok(vec![
                ("up", "gauge", "Up.", 1),
                ("requests", "counter", "Requests.", u64::MAX),
            ])
        };
        client(&mut fake, &figures).unwrap();
        String::from_utf8(fake.1).unwrap()
    }

    #[test]
    fn what_is_there_stays() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("m.sock");
        let at = MetricsAt::Unix(path.clone());
        drop(bind(&at).unwrap());
        // Left by the one before.
        drop(bind(&at).unwrap());
        fs::remove_file(&path).unwrap();
        fs::write(&path, "mine").unwrap();
        let e = bind(&at).err().unwrap().to_string();
        assert!(e.contains("no socket; name another path"), "{e}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn figures_in_the_form_of_openmetrics() {
        let out = ask(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        let (head, body) = out.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
        assert_eq!(
            body,
            "# TYPE ksmbd_up gauge\n# HELP ksmbd_up Up.\nksmbd_up 1\n\
             # TYPE ksmbd_requests counter\n# HELP ksmbd_requests Requests.\n\
             ksmbd_requests_total 18446744073709551615\n# EOF\n"
        );
    }

    #[test]
    fn what_is_no_request() {
        for (request, status) in [
            (&b"GET /other HTTP/1.1\r\n\r\n"[..], "404"),
            (b"POST /metrics HTTP/1.1\r\n\r\n", "405"),
            (b"GET /metrics\r\n\r\n", "400"),
            (b"GET /metrics HTTP/2\r\n\r\n", "400"),
            (b"\r\n\r\n", "400"),
            (b"\xFF\xFE\r\n\r\n", "400"),
        ] {
            let out = ask(request);
            assert!(out.starts_with(&format!("HTTP/1.1 {status} ")), "{out}");
        }
        let long = [&b"GET / HTTP/1.1\r\nX: "[..], &[b'x'; 10_000]].concat();
        assert!(ask(&long).starts_with("HTTP/1.1 431 "));
        assert_eq!(ask(b"GET / HTTP/1.1\r\n"), "", "gone before the end");
    }
}
