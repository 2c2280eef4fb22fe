// SPDX-License-Identifier: GPL-2.0-or-later
//! The lock order check of debug builds, a small `CONFIG_PROVE_LOCKING`.
//!
//! Every thread keeps the classes it holds. Taking class B while holding A records "A before B"; recording it
//! when "B before A" is already known, directly or through others, panics with both names, whether or not the
//! two threads ever met. Locks of one class may not be nested (the kernel would need `lock_nested`, which
//! Rust-for-Linux does not offer).

use crate::str::CStr;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

thread_local! {
    static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    /// Pairs that this thread has seen recorded, so that the shared graph is locked once per pair.
    static SEEN: RefCell<HashSet<(usize, usize)>> = RefCell::new(HashSet::new());
}

#[derive(Default)]
struct Graph {
    names: HashMap<usize, &'static CStr>,
    after: HashMap<usize, HashSet<usize>>,
}

impl Graph {
    fn reaches(&self, from: usize, to: usize) -> bool {
        let mut seen = HashSet::new();
        let mut stack = vec![from];
        while let Some(at) = stack.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                stack.extend(self.after.get(&at).into_iter().flatten().copied());
            }
        }
        false
    }

    fn name(&self, class: usize) -> &'static CStr {
        self.names.get(&class).copied().unwrap_or(c"(unnamed)")
    }
}

static GRAPH: Mutex<Option<Graph>> = Mutex::new(None);

/// A lock is about to be taken.
pub(super) fn before(class: usize, name: &'static CStr) {
    if !cfg!(debug_assertions) {
        return;
    }
    let held = HELD.try_with(|h| h.borrow().clone()).unwrap_or_default();
    for &outer in &held {
        let fresh = SEEN
            .try_with(|s| s.borrow_mut().insert((outer, class)))
            .unwrap_or(false);
        if fresh {
            record(outer, class, name);
        }
    }
    if held.is_empty() {
        // The first of a chain has to be known by name too.
        let fresh = SEEN
            .try_with(|s| s.borrow_mut().insert((class, 0)))
            .unwrap_or(false);
        if fresh {
            let mut graph = GRAPH
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            graph
                .get_or_insert_with(Graph::default)
                .names
                .insert(class, name);
        }
    }
}

fn record(outer: usize, inner: usize, name: &'static CStr) {
    let (bad, outer_name) = {
        let mut graph = GRAPH
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let graph = graph.get_or_insert_with(Graph::default);
        graph.names.insert(inner, name);
        let bad = graph.reaches(inner, outer);
        if !bad {
            graph.after.entry(outer).or_default().insert(inner);
        }
        (bad, graph.name(outer))
    };
    if bad {
        let _ = SEEN.try_with(|s| s.borrow_mut().remove(&(outer, inner)));
        panic!("lock order: {name:?} is taken under {outer_name:?}, elsewhere it is the other way round");
    }
}

/// A lock was taken.
pub(super) fn acquired(class: usize) {
    if cfg!(debug_assertions) {
        let _ = HELD.try_with(|h| h.borrow_mut().push(class));
    }
}

/// A lock was released.
pub(super) fn released(class: usize) {
    if cfg!(debug_assertions) {
        let _ = HELD.try_with(|h| {
            let mut held = h.borrow_mut();
            if let Some(at) = held.iter().rposition(|c| *c == class) {
                held.remove(at);
            }
        });
    }
}
