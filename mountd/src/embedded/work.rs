// SPDX-License-Identifier: GPL-2.0-or-later
//! Threads that run the engine's jobs.
//!
//! There are a few from the first job on. When all are busy, and so may be waiting for a disk or a peer, a
//! further one is made, up to a limit; one that has been idle for a while goes away again.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Most threads.
const MOST: usize = 128;
/// How long a thread beyond the first few stays without work.
const IDLE: Duration = Duration::from_secs(10);
/// Stack of a thread: the engine does not recurse.
pub(super) const STACK: usize = 1 << 20;

/// A job that can be run once.
pub(super) trait Run: Send + 'static {
    fn run(self);
}

/// The threads, and what there is for them to do.
pub(super) struct Workers<J: Run> {
    shared: Arc<Shared<J>>,
}

struct Shared<J> {
    state: Mutex<State<J>>,
    wake: Condvar,
    /// Threads that stay.
    core: usize,
}

struct State<J> {
    jobs: VecDeque<J>,
    threads: usize,
    idle: usize,
    stop: bool,
}

impl<J: Run> Workers<J> {
    pub(super) fn new() -> Self {
        let cpus = std::thread::available_parallelism().map_or(2, usize::from);
        let state = State {
            jobs: VecDeque::new(),
            threads: 0,
            idle: 0,
            stop: false,
        };
        let shared = Shared {
            state: Mutex::new(state),
            wake: Condvar::new(),
            core: 2 * cpus,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Queues a job.
    ///
    /// # Errors
    /// Gives it back without memory, without any thread, or after [`Workers::stop`].
    pub(super) fn spawn(&self, job: J) -> Result<(), J> {
        let mut state = self
            .shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if state.stop || state.jobs.try_reserve(1).is_err() {
            return Err(job);
        }
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() {
            drop(state);
            self.shared.wake.notify_one();
            return Ok(());
        }
        if state.threads < MOST {
            let shared = self.shared.clone();
            let thread = std::thread::Builder::new()
                .name("ksmbd-worker".into())
                .stack_size(STACK);
            if thread.spawn(move || work(&shared)).is_ok() {
                state.threads += 1;
            } else if state.threads == 0 {
                return match state.jobs.pop_back() {
                    Some(job) => Err(job),
                    None => Ok(()),
                };
            }
        }
        Ok(())
    }

    /// Lets the threads end once there is nothing left to do. Jobs are refused from now on.
    pub(super) fn stop(&self) {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stop = true;
        self.shared.wake.notify_all();
    }
}

fn work<J: Run>(shared: &Shared<J>) {
    let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(job) = state.jobs.pop_front() {
            drop(state);
            job.run();
            state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        if state.stop {
            break;
        }
        state.idle += 1;
        let (next, waited) = shared
            .wake
            .wait_timeout(state, IDLE)
            .unwrap_or_else(PoisonError::into_inner);
        state = next;
        state.idle -= 1;
        if waited.timed_out() && state.jobs.is_empty() && state.threads > shared.core {
            break;
        }
    }
    state.threads -= 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Barrier;

    struct Job(Box<dyn FnOnce() + Send>);

    impl Run for Job {
        fn run(self) {
            (self.0)();
        }
    }

    #[test]
    fn blocked_jobs_do_not_hold_up_others() {
        let workers = Workers::new();
        let barrier = Arc::new(Barrier::new(41));
        for _ in 0..40 {
            let barrier = barrier.clone();
            assert!(workers
                .spawn(Job(Box::new(move || {
                    barrier.wait();
                })))
                .is_ok());
        }
        barrier.wait();
        workers.stop();
        assert!(workers.spawn(Job(Box::new(|| {}))).is_err());
    }

    #[test]
    fn all_jobs_run_once() {
        let workers = Workers::new();
        let count = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5000 {
                        let count = count.clone();
                        let job = Job(Box::new(move || {
                            count.fetch_add(1, Ordering::Relaxed);
                        }));
                        assert!(workers.spawn(job).is_ok());
                    }
                });
            }
        });
        while count.load(Ordering::Relaxed) < 20_000 {
            std::thread::yield_now();
        }
        workers.stop();
    }
}
