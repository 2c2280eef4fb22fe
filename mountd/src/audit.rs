// SPDX-License-Identifier: GPL-2.0-or-later
//! Who did what: log-ins, tree connects, changes of shares, what administrators
//! end, and, on shares that ask for it, accesses to files.
//!
//! There is one way in, [`Record`]. It is a message of the log with the target
//! `audit`; [`Tap`] hands the same to whoever follows by `ksmbd.control events`.
//!
//! Nobody is waited for: a follower has a queue of [`QUEUE`] events, and what
//! does not fit is counted and told instead.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{json, Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

/// The target of its messages.
pub const TARGET: &str = "audit";
/// Most events that wait for one follower.
pub const QUEUE: usize = 1024;

/// What is told of one thing that happened. Empty texts are left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Record<'a> {
    /// What it is: `login`, `logoff`, `tree-connect`, `tree-disconnect`,
    /// `share`, `kill`, `open`, `create`, `delete`, `rename`, `link`.
    pub action: &'a str,
    /// The account.
    pub user: &'a str,
    /// The client as `address:port`.
    pub client: &'a str,
    /// The share.
    pub share: &'a str,
    /// Path of a file within the share.
    pub path: &'a str,
    /// Its new path, of what is renamed.
    pub to: &'a str,
    /// The session.
    pub session: Option<u64>,
}

macro_rules! emit {
    ($level:ident, $record:expr, $result:literal, $text:expr) => {{
        let r = $record;
        let some = |t| Some(t).filter(|t: &&str| !t.is_empty());
        tracing::$level!(
            target: TARGET,
            action = r.action,
            result = $result,
            user = some(r.user),
            client = some(r.client),
            share = some(r.share),
            path = some(r.path),
            to = some(r.to),
            session = r.session,
            "{}",
            $text
        )
    }};
}

impl Record<'_> {
    /// It was done; `more` may say how. Priority info.
    pub fn ok(&self, more: &str) {
        match more {
            "" => emit!(info, self, "ok", self.action),
            more => emit!(info, self, "ok", format_args!("{}: {more}", self.action)),
        }
    }

    /// It was refused. Priority warning.
    pub fn refused(&self, why: &str) {
        emit!(
            warn,
            self,
            "refused",
            format_args!("{} refused: {why}", self.action)
        );
    }

    /// It could not be done because the server is not in order. Priority error.
    pub fn failed(&self, why: &str) {
        emit!(
            error,
            self,
            "failed",
            format_args!("{} failed: {why}", self.action)
        );
    }
}

#[derive(Default)]
struct Queue {
    events: VecDeque<String>,
    lost: u64,
}

#[derive(Default)]
struct Slot {
    queue: Mutex<Queue>,
    wake: Condvar,
}

impl Slot {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those who follow.
#[derive(Default)]
pub struct Hub {
    followers: Mutex<Vec<Weak<Slot>>>,
}

impl Hub {
    fn followers(&self) -> MutexGuard<'_, Vec<Weak<Slot>>> {
        self.followers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of those who follow.
    pub fn len(&self) -> usize {
        self.followers()
            .iter()
            .filter(|f| f.strong_count() > 0)
            .count()
    }

    /// Whether nobody follows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Follows from now on, until the follower is dropped.
    pub fn follow(&self) -> Follower {
        let slot = Arc::new(Slot::default());
        self.followers().push(Arc::downgrade(&slot));
        Follower { slot }
    }

    fn publish(&self, line: impl FnOnce() -> String) {
        let mut followers = self.followers();
        followers.retain(|f| f.strong_count() > 0);
        if followers.is_empty() {
            return;
        }
        let line = line();
        for slot in followers.iter().filter_map(Weak::upgrade) {
            let mut queue = slot.queue();
            if queue.events.len() < QUEUE {
                queue.events.push_back(line.clone());
            } else {
                queue.lost = queue.lost.saturating_add(1);
            }
            drop(queue);
            slot.wake.notify_one();
        }
    }
}

/// One who follows.
pub struct Follower {
    slot: Arc<Slot>,
}

/// What a follower gets next.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// An event as a JSON object.
    Event(String),
    /// So many did not fit into the queue, at this place.
    Lost(u64),
    /// Nothing happened meanwhile.
    Nothing,
}

impl Follower {
    /// The next event, or nothing when there is none within `patience`.
    pub fn next(&self, patience: Duration) -> Next {
        let end = Instant::now() + patience;
        let mut queue = self.slot.queue();
        loop {
            if let Some(event) = queue.events.pop_front() {
                return Next::Event(event);
            }
            // Those that were lost came after all that waited.
            if queue.lost != 0 {
                return Next::Lost(std::mem::take(&mut queue.lost));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Nothing;
            }
            queue = self
                .slot
                .wake
                .wait_timeout(queue, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

/// The layer of the log that hands what is audited to a [`Hub`].
pub struct Tap(pub Arc<Hub>);

impl<S: Subscriber> Layer<S> for Tap {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != TARGET {
            return;
        }
        self.0.publish(|| {
            let mut fields = Fields(Map::new());
            fields.0.insert("time".to_owned(), now().into());
            event.record(&mut fields);
            Value::Object(fields.0).to_string()
        });
    }
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = json!(format!("{value:?}"));
        self.0.insert(field.name().to_owned(), text);
    }
}

/// Now, in UTC as in RFC 3339, with milliseconds.
fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    rfc3339(since.as_secs(), since.subsec_millis())
}

fn rfc3339(seconds: u64, millis: u32) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March have their odd day last; 400 of them have
    // 146 097 days.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, late) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!(
        "{:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{millis:03}Z",
        era * 400 + year + late,
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    const SHORT: Duration = Duration::from_millis(1);

    fn with_hub(f: impl FnOnce(&Hub)) {
        let hub = Arc::new(Hub::default());
        let subscriber = tracing_subscriber::registry().with(Tap(hub.clone()));
        tracing::subscriber::with_default(subscriber, || f(&hub));
    }

    #[test]
    fn followers_get_what_is_audited() {
        with_hub(|hub| {
            let record = Record {
                action: "login",
                user: "al\"ice",
                session: Some(u64::MAX),
                ..Record::default()
            };
            record.ok("");
            let follower = hub.follow();
            tracing::info!("something else");
            record.refused("wrong\npassword");
            let Next::Event(line) = follower.next(SHORT) else {
                panic!("no event")
            };
            assert!(!line.contains('\n'));
            let v: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(v["action"], "login");
            assert_eq!(v["result"], "refused");
            assert_eq!(v["user"], "al\"ice");
            assert_eq!(v["session"], u64::MAX);
            assert_eq!(v["message"], "login refused: wrong\npassword");
            assert!(v.get("client").is_none());
            assert!(v["time"].as_str().unwrap().ends_with('Z'));
            assert_eq!(follower.next(SHORT), Next::Nothing);
            drop(follower);
            assert!(hub.is_empty());
        });
    }

    #[test]
    fn who_is_slow_is_told_what_was_lost() {
        with_hub(|hub| {
            let slow = hub.follow();
            let record = Record {
                action: "open",
                ..Record::default()
            };
            for _ in 0..QUEUE + 7 {
                record.ok("");
            }
            for _ in 0..QUEUE {
                assert!(matches!(slow.next(SHORT), Next::Event(_)));
            }
            assert_eq!(slow.next(SHORT), Next::Lost(7));
            assert_eq!(slow.next(SHORT), Next::Nothing);
            record.ok("");
            assert!(matches!(slow.next(SHORT), Next::Event(_)));
        });
    }

    #[test]
    fn times() {
        assert_eq!(rfc3339(0, 0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_782_400, 7), "2000-02-29T00:00:00.007Z");
        assert_eq!(rfc3339(1_798_761_599, 999), "2026-12-31T23:59:59.999Z");
        assert_eq!(rfc3339(4_107_542_400, 0), "2100-03-01T00:00:00.000Z");
    }
}
