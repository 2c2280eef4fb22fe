// SPDX-License-Identifier: GPL-2.0-or-later
//! From TOML values to typed ones.
//!
//! Each function takes a value and answers either the typed value or a text
//! that completes "`key` …": what is expected there.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use toml_edit::Value;

/// What a value should have been.
pub(crate) type Expected = String;

type Parsed<T> = Result<T, Expected>;

fn expected<T>(what: &str) -> Parsed<T> {
    Err(what.to_owned())
}

pub(crate) fn boolean(v: &Value) -> Parsed<bool> {
    v.as_bool()
        .ok_or_else(|| "must be true or false (without quotes)".to_owned())
}

pub(crate) fn text(v: &Value, max: usize) -> Parsed<String> {
    match v.as_str() {
        Some(s) if s.len() <= max && !s.chars().any(char::is_control) => Ok(s.to_owned()),
        _ => Err(format!(
            "must be text in quotes, at most {max} bytes, on one line"
        )),
    }
}

pub(crate) fn netbios(v: &Value) -> Parsed<Option<String>> {
    match v.as_str() {
        Some(s)
            if (1..=15).contains(&s.len())
                && s.bytes()
                    .all(|b| b.is_ascii_graphic() && !b"\"/\\[]:;|=,*?<>".contains(&b)) =>
        {
            Ok(Some(s.to_ascii_uppercase()))
        }
        _ => expected("must be 1 to 15 ASCII letters, digits or hyphens in quotes"),
    }
}

pub(crate) fn path(v: &Value) -> Parsed<PathBuf> {
    match v.as_str() {
        Some(s) if s.starts_with('/') && s.len() < 4096 && !s.contains('\0') => Ok(s.into()),
        _ => expected("must be an absolute path in quotes, like \"/srv/data\""),
    }
}

/// A keytab's path, as krb5 has it with its kind before it or not.
pub(crate) fn keytab(v: &Value) -> Parsed<PathBuf> {
    let what = "must be the absolute path of a keytab in quotes, like \"/etc/krb5.keytab\"";
    let Some(text) = v.as_str() else {
        return expected(what);
    };
    if text.is_empty() {
        return Ok(PathBuf::new());
    }
    let file = text.strip_prefix("FILE:").unwrap_or(text);
    path(&Value::from(file)).map_err(|_| what.to_owned())
}

/// A service's name, with or without its host.
pub(crate) fn service(v: &Value) -> Parsed<String> {
    match v.as_str() {
        Some(s)
            if s.len() <= 255
                && s.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
                && s.matches(['/', '@']).count() <= 1
                && !s.starts_with(['/', '@'])
                && !s.ends_with(['/', '@']) =>
        {
            Ok(s.to_owned())
        }
        _ => expected("must be a service in quotes, like \"cifs\" or \"cifs/files.example.com\""),
    }
}

/// Names of realms.
pub(crate) fn realms(v: &Value) -> Parsed<Vec<String>> {
    texts(v, "an array of realms, like [\"EXAMPLE.COM\"]", |s| {
        let ok = (1..=255).contains(&s.len()) && !s.contains(['/', '@', '\0', ' ']);
        ok.then(|| s.to_owned())
    })
}

/// Where metrics are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricsAt {
    /// A Unix socket.
    Unix(PathBuf),
    /// An address of the loopback.
    Tcp(SocketAddr),
}

pub(crate) fn metrics(v: &Value) -> Parsed<Option<MetricsAt>> {
    if v.as_str() == Some("") {
        return Ok(None);
    }
    if let Ok(path) = path(v) {
        // As long as the address of a socket may be.
        if path.as_os_str().len() < 108 {
            return Ok(Some(MetricsAt::Unix(path)));
        }
    }
    match v.as_str().map(str::parse::<SocketAddr>) {
        Some(Ok(a)) if a.ip().is_loopback() && a.port() != 0 => Ok(Some(MetricsAt::Tcp(a))),
        _ => expected(
            "must be the path of a socket or a port of the loopback in quotes, like \
             \"/run/ksmbd/metrics.sock\" or \"127.0.0.1:9445\"",
        ),
    }
}

pub(crate) fn int(v: &Value, min: u32, max: u32) -> Parsed<u32> {
    v.as_integer()
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| (min..=max).contains(n))
        .ok_or_else(|| format!("must be a whole number from {min} to {max}"))
}

pub(crate) fn port(v: &Value) -> Parsed<u16> {
    int(v, 0, 65535).map(|n| u16::try_from(n).unwrap_or(0))
}

/// Bytes: a number, or text with a suffix.
fn bytes(v: &Value) -> Option<u64> {
    match v {
        Value::Integer(n) => u64::try_from(*n.value()).ok(),
        Value::String(s) => {
            let s = s.value().trim();
            let (digits, unit) = match s.find(|c: char| !c.is_ascii_digit()) {
                Some(at) => s.split_at(at),
                None => (s, ""),
            };
            let shift = match unit.trim().to_ascii_uppercase().as_str() {
                "" | "B" => Some(0),
                "K" | "KB" | "KIB" => Some(10),
                "M" | "MB" | "MIB" => Some(20),
                "G" | "GB" | "GIB" => Some(30),
                "T" | "TB" | "TIB" => Some(40),
                _ => None,
            };
            let n: Option<u64> = digits.parse().ok();
            n.zip(shift)
                .and_then(|(n, shift): (u64, u32)| n.checked_mul(1 << shift))
        }
        _ => None,
    }
}

pub(crate) fn size(v: &Value, min: u32, max: u32) -> Parsed<u32> {
    bytes(v)
        .and_then(|n| u32::try_from(n).ok())
        .filter(|n| (min..=max).contains(n))
        .ok_or_else(|| {
            format!(
                "must be a size from {} to {}, like 65536 or \"4M\"",
                show_size(min),
                show_size(max)
            )
        })
}

/// What a volume may have; 0 means no limit.
pub(crate) fn volume_size(v: &Value) -> Parsed<u64> {
    bytes(v)
        // TOML's numbers, and file sizes, are no larger.
        .filter(|n| i64::try_from(*n).is_ok())
        .ok_or_else(|| {
            "must be a size in bytes, like \"500G\" or \"2T\"; 0 for no limit".to_owned()
        })
}

fn show_size(n: u32) -> String {
    match n {
        n if n >= 1 << 20 && n % (1 << 20) == 0 => format!("{}M", n >> 20),
        n if n >= 1 << 10 && n % (1 << 10) == 0 => format!("{}K", n >> 10),
        n => n.to_string(),
    }
}

/// Permission bits: 0o744 or "0744". A bare 744 would be decimal, which
/// nobody means.
pub(crate) fn mode(v: &Value) -> Parsed<u32> {
    let mode = match v {
        Value::Integer(n) => {
            let octal = n.display_repr().trim_start().starts_with("0o") || *n.value() == 0;
            u32::try_from(*n.value()).ok().filter(|_| octal)
        }
        Value::String(s) => {
            let digits = s.value();
            let digits = digits.strip_prefix("0o").unwrap_or(digits);
            u32::from_str_radix(digits, 8)
                .ok()
                .filter(|_| !digits.starts_with('+'))
        }
        _ => None,
    };
    mode.filter(|m| *m <= 0o7777)
        .ok_or_else(|| "must be permission bits in octal, like 0o755 or \"0755\"".to_owned())
}

/// Texts in an array; one text stands for an array of one.
fn texts<T>(v: &Value, what: &str, f: impl Fn(&str) -> Option<T>) -> Parsed<Vec<T>> {
    let out: Option<Vec<T>> = match v {
        Value::String(s) => f(s.value()).map(|t| vec![t]),
        Value::Array(a) => a.iter().map(|v| v.as_str().and_then(&f)).collect(),
        _ => None,
    };
    out.ok_or_else(|| format!("must be {what}"))
}

/// A user or a group in a list of who may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An account, to be compared without regard to case.
    User(String),
    /// A group of the system, written `@name`.
    Group(String),
}

pub(crate) fn principals(v: &Value) -> Parsed<Vec<Principal>> {
    texts(
        v,
        "an array of user names and @groups, like [\"alice\", \"@staff\"]",
        |s| {
            let (group, name) = match s.strip_prefix(['@', '+', '&']) {
                Some(name) => (true, name),
                None => (false, s),
            };
            if name.trim() != name || name.is_empty() || name.chars().any(char::is_control) {
                return None;
            }
            Some(if group {
                Principal::Group(name.to_owned())
            } else {
                Principal::User(name.to_owned())
            })
        },
    )
}

/// A range of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// Everybody.
    All,
    /// An address and the number of leading bits that count.
    Net(IpAddr, u8),
}

impl std::fmt::Display for HostPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Net(ip, prefix) => write!(f, "{ip}/{prefix}"),
        }
    }
}

fn bits_of(ip: IpAddr) -> (u128, u8) {
    match ip {
        IpAddr::V4(a) => (u128::from(u32::from(a)), 32),
        IpAddr::V6(a) => (u128::from(a), 128),
    }
}

impl HostPattern {
    /// Whether `ip` is in the range. An IPv4 address in IPv6 form counts as
    /// IPv4.
    #[must_use]
    pub fn matches(&self, ip: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::Net(net, prefix) => {
                let (net, width) = bits_of(*net);
                let (ip, ip_width) = bits_of(ip.to_canonical());
                // A shift by the whole width means that no bit counts.
                let ignored = u32::from(width.saturating_sub(*prefix));
                width == ip_width && (net ^ ip).checked_shr(ignored).unwrap_or(0) == 0
            }
        }
    }

    fn parse(s: &str) -> Option<Self> {
        if s.eq_ignore_ascii_case("all") {
            return Some(Self::All);
        }
        let (ip, prefix) = match s.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (s, None),
        };
        let ip: IpAddr = ip.parse().ok()?;
        let (_, width) = bits_of(ip);
        let prefix = match prefix {
            Some(p) => p.parse().ok().filter(|p| *p <= width)?,
            None => width,
        };
        Some(Self::Net(ip, prefix))
    }
}

pub(crate) fn hosts(v: &Value) -> Parsed<Vec<HostPattern>> {
    texts(
        v,
        "an array of addresses, networks or \"all\", like [\"192.168.0.0/24\", \"fd00::/8\"]; \
         host names are not looked up",
        HostPattern::parse,
    )
}

pub(crate) fn interfaces(v: &Value) -> Parsed<Vec<String>> {
    texts(v, "an array of interface names, like [\"eth0\"]", |s| {
        let ok = (1..=15).contains(&s.len())
            && !s.contains(['/', '\0'])
            && !s.chars().any(char::is_whitespace);
        ok.then(|| s.to_owned())
    })
}

/// A directory below a share's path, without a way out of it.
pub(crate) fn snapshot_dir(v: &Value) -> Parsed<String> {
    let dir = text(v, 255)?;
    let below = |part: &str| !part.is_empty() && part != "." && part != "..";
    if dir.is_empty() || dir.split('/').all(below) {
        Ok(dir)
    } else {
        Err("must be a directory below the share's path, like \".snapshots\"".to_owned())
    }
}

/// A name with a time in it: date and maybe time of day, or the seconds since 1970.
pub(crate) fn snapshot_format(v: &Value) -> Parsed<String> {
    let format = text(v, 255)?;
    let bare = format.replace("%%", "");
    let count = |c: char| bare.matches(&format!("%{c}")).count();
    let known: usize = "YmdHMSs".chars().map(count).sum();
    let date = "Ymd".chars().all(|c| count(c) == 1);
    let none = "YmdHMS".chars().all(|c| count(c) == 0);
    let time = "HMS".chars().all(|c| count(c) <= 1);
    let whole = date && time && count('s') == 0 || none && count('s') == 1;
    if whole && known == bare.matches('%').count() && !format.contains('/') {
        Ok(format)
    } else {
        Err(
            "must have %Y, %m and %d, and %H, %M and %S if they matter, or %s alone, like \
             \"@GMT-%Y.%m.%d-%H.%M.%S\""
                .to_owned(),
        )
    }
}

/// `veto_files`: also takes smb.conf's form "/a/b*/".
pub(crate) fn patterns(v: &Value) -> Parsed<Vec<String>> {
    let slashed: Vec<&str> = match v.as_str() {
        Some(s) if s.contains('/') => s.split('/').filter(|p| !p.is_empty()).collect(),
        _ => Vec::new(),
    };
    if !slashed.is_empty() {
        return Ok(slashed.into_iter().map(str::to_owned).collect());
    }
    texts(
        v,
        "an array of name patterns with * and ?, like [\"*.tmp\", \".DS_Store\"]",
        |s| {
            let ok = (1..=255).contains(&s.len()) && !s.contains(['/', '\0']);
            ok.then(|| s.to_owned())
        },
    )
}

/// Text that must be one of `choices`, without regard to case.
pub(crate) fn choice<T: Copy>(v: &Value, choices: &[(&str, T)]) -> Parsed<T> {
    v.as_str()
        .and_then(|s| {
            choices
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(s))
        })
        .map(|(_, value)| *value)
        .ok_or_else(|| {
            let names: Vec<String> = choices.iter().map(|(n, _)| format!("\"{n}\"")).collect();
            format!("must be one of {}", names.join(", "))
        })
}

/// An array whose texts must be some of `choices`, each at most once.
pub(crate) fn choices<T: Copy + PartialEq>(
    v: &Value,
    choices: &[(&str, T)],
    may_be_empty: bool,
) -> Parsed<Vec<T>> {
    let names: Vec<String> = choices.iter().map(|(n, _)| format!("\"{n}\"")).collect();
    let what = format!("an array of some of {}", names.join(", "));
    let out = texts(v, &what, |s| {
        choices
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(s))
            .map(|(_, value)| *value)
    })?;
    let twice = out.iter().enumerate().any(|(n, v)| out[..n].contains(v));
    if twice || (out.is_empty() && !may_be_empty) {
        return Err(format!("must be {what}, each once"));
    }
    Ok(out)
}
