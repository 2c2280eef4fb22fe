// SPDX-License-Identifier: GPL-2.0-or-later
//! What is logged with the target `audit`.

use std::io;
use std::sync::{Arc, Mutex};

use proto_shared::ipc::{TreeConnectRequest, UserFlags};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::share::{self, Trees};
use crate::testing;

/// Where a test's log goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `f` logs for the audit.
fn audit(f: impl FnOnce()) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish()
        .with(Targets::new().with_target("audit", LevelFilter::INFO));
    tracing::subscriber::with_default(subscriber, f);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn tree_connects_and_refusals_are_audited() {
    let (state, _dir) = testing::state("[share.data]\npath = \"/srv/data\"\n");
    let trees = Trees::default();
    let connect = |share: &'static str| {
        let request = TreeConnectRequest {
            session_id: 5,
            tree_id: 1,
            account: "alice",
            uid: 1000,
            gid: 1000,
            groups: (&[1000u32][..]).into(),
            user_flags: UserFlags::NONE,
            share,
            peer: "10.0.0.1:4000",
            dialect: 0x0311,
            encrypted: false,
        };
        audit(|| {
            let _ = share::connect(&state, &trees, &request);
            tracing::info!("something else");
        })
    };
    let text = connect("data");
    assert!(
        text.contains(
            "audit: tree-connect: read-only action=\"tree-connect\" result=\"ok\" user=\"alice\" \
             client=\"10.0.0.1:4000\" share=\"data\""
        ),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1, "{text}");
    // What a client names does not get out of its line.
    let text = connect("no\nINFO audit: login");
    assert!(
        text.contains("tree-connect refused: there is no such share"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1, "{text}");
}
