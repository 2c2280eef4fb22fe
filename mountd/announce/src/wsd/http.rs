// SPDX-License-Identifier: GPL-2.0-or-later
//! One HTTP request a connection: `POST /UUID` with a SOAP message. Bounded in
//! size and time; nothing else of HTTP is there.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use super::MAX_MESSAGE;

/// How long a request may take to come, and its answer to go.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Most bytes of a request's head.
const MAX_HEAD: usize = 4096;

/// What a request comes to.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    /// The body of a POST to the path.
    Post(Vec<u8>),
    /// What is answered instead.
    Refused(&'static str),
    /// The client went.
    Gone,
}

/// Reads a request and answers it with what `answer` makes of its body.
pub(super) fn serve(
    stream: &mut (impl Read + Write),
    path: &str,
    answer: impl FnOnce(&[u8]) -> Option<String>,
) -> io::Result<()> {
    let (status, body) = match read(stream, path)? {
        Request::Gone => return Ok(()),
        Request::Refused(status) => (status, String::new()),
        Request::Post(body) => match answer(&body) {
            Some(text) => ("200 OK", text),
            None => ("400 Bad Request", String::new()),
        },
    };
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/soap+xml\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes())
}

fn read(stream: &mut impl Read, path: &str) -> io::Result<Request> {
    let start = Instant::now();
    let mut bytes = Vec::new();
    let mut buf = [0; 1024];
    let mut more = |bytes: &mut Vec<u8>| -> io::Result<bool> {
        // Each read has its timeout; all of them together have the same.
        if start.elapsed() > PATIENCE {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let n = stream.read(&mut buf)?;
        bytes.extend_from_slice(buf.get(..n).unwrap_or_default());
        Ok(n != 0)
    };
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if bytes.len() >= MAX_HEAD {
            return Ok(Request::Refused("431 Request Header Fields Too Large"));
        }
        if !more(&mut bytes)? {
            return Ok(Request::Gone);
        }
    };
    let head = bytes.get(..end).unwrap_or_default();
    let Ok(head) = std::str::from_utf8(head) else {
        return Ok(Request::Refused("400 Bad Request"));
    };
    let mut lines = head.split("\r\n");
    let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    match words.as_slice() {
        ["POST", to, version] if version.starts_with("HTTP/1.") => {
            if *to != path {
                return Ok(Request::Refused("404 Not Found"));
            }
        }
        [_, _, version] if version.starts_with("HTTP/1.") => {
            return Ok(Request::Refused("405 Method Not Allowed"));
        }
        _ => return Ok(Request::Refused("400 Bad Request")),
    }
    let mut length = None;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok(Request::Refused("411 Length Required"));
        }
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let Some(length) = length else {
        return Ok(Request::Refused("411 Length Required"));
    };
    if length > MAX_MESSAGE {
        return Ok(Request::Refused("413 Content Too Large"));
    }
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if !more(&mut body)? {
            return Ok(Request::Gone);
        }
    }
    body.truncate(length);
    Ok(Request::Post(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake(Vec<u8>, Vec<u8>);

    impl Read for Fake {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(buf.len()).min(7);
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

    fn ask(request: &str) -> String {
        let mut fake = Fake(request.as_bytes().to_vec(), Vec::new());
        serve(&mut fake, "/id", |body| {
            (body == b"hello").then(|| "there".to_owned())
        })
        .unwrap();
        String::from_utf8(fake.1).unwrap()
    }

    #[test]
    fn one_request() {
        let out = ask("POST /id HTTP/1.1\r\ncontent-LENGTH: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n");
        assert!(out.starts_with("HTTP/1.1 200 OK\r\n"), "{out}");
        assert!(
            out.ends_with("Content-Length: 5\r\nConnection: close\r\n\r\nthere"),
            "{out}"
        );
        assert_eq!(ask("POST /id HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel"), "");
        assert_eq!(ask("POST /id HTTP/1.1\r\n"), "");
    }

    #[test]
    fn what_is_refused() {
        let long = format!("POST /id HTTP/1.1\r\nX: {}", "x".repeat(9000));
        for (request, status) in [
            ("POST /id HTTP/1.1\r\nContent-Length: 5\r\n\r\nother", "400"),
            ("POST /other HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "404"),
            ("GET /id HTTP/1.1\r\n\r\n", "405"),
            ("POST /id\r\n\r\n", "400"),
            ("POST /id HTTP/1.1\r\n\r\n", "411"),
            ("POST /id HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "411"),
            (
                "POST /id HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "411",
            ),
            (
                "POST /id HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                "413",
            ),
            (&long, "431"),
        ] {
            let out = ask(request);
            assert!(
                out.starts_with(&format!("HTTP/1.1 {status} ")),
                "{request}: {out}"
            );
        }
    }
}
