// SPDX-License-Identifier: GPL-2.0-or-later
//! The engine's way of writing, compiled and run: if this file breaks, the engine will.
#![forbid(unsafe_code)]

use kernel::kvec;
use kernel::prelude::*;
use kernel::sync::atomic::{Acquire, Atomic, Full, Relaxed, Release};
use kernel::sync::{
    new_condvar, new_mutex, new_spinlock, Arc, Completion, CondVar, Mutex, Refcount, SetOnce,
    SpinLock, UniqueArc,
};
use kernel::{pr_info, shim};

#[pin_data]
struct Server<T: Send + 'static> {
    id: u64,
    #[pin]
    table: Mutex<KVec<u64>>,
    #[pin]
    hot: SpinLock<u32>,
    #[pin]
    wake: CondVar,
    #[pin]
    done: Completion,
    count: Atomic<u64>,
    refs: Refcount,
    name: SetOnce<KVec<u8>>,
    extra: T,
}

impl<T: Send + 'static> Server<T> {
    fn new(id: u64, extra: T) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            id,
            table <- new_mutex!(KVec::with_capacity(4, GFP_KERNEL)?, "table"),
            hot <- new_spinlock!(0),
            wake <- new_condvar!(),
            done <- Completion::new(),
            count: Atomic::new(0),
            refs: Refcount::new(1),
            name: SetOnce::new(),
            extra,
        })
    }
}

#[pin_data(PinnedDrop)]
struct Infallible {
    #[pin]
    value: Mutex<u32>,
}

impl Infallible {
    fn new(v: u32) -> impl PinInit<Self> {
        pin_init!(Self { value <- new_mutex!(v) })
    }
}

#[pinned_drop]
impl PinnedDrop for Infallible {
    fn drop(self: Pin<&mut Self>) {
        pr_info!("gone {}\n", *self.value.lock());
    }
}

#[test]
fn structures_and_locks() -> Result {
    let server = Arc::pin_init(Server::new(7, KBox::new(5u8, GFP_KERNEL)?), GFP_KERNEL)?;
    {
        let mut table = server.table.lock();
        table.push(3, GFP_KERNEL)?;
        *server.hot.lock() += 1;
        assert_eq!(shim::locks_held(), 1);
    }
    assert_eq!(shim::locks_held(), 0);
    assert_eq!((server.id, *server.extra), (7, 5));
    assert!(server.name.populate(kvec![1, 2]?));
    assert!(!server.name.populate(KVec::new()));
    assert_eq!(server.name.as_ref().ok_or(ENOENT)?, &[1u8, 2]);
    server.count.fetch_add(2, Relaxed);
    server.count.store(9, Release);
    assert_eq!(server.count.cmpxchg(9, 10, Full), Ok(9));
    assert_eq!(server.count.load(Acquire), 10);
    server.refs.inc();
    assert!(!server.refs.dec_and_test());
    let other = server.clone();
    assert!(Arc::ptr_eq(&other, &server));
    std::thread::scope(|s| {
        s.spawn(|| {
            let mut hot = other.hot.lock();
            while *hot != 99 {
                drop(hot);
                std::thread::yield_now();
                hot = other.hot.lock();
            }
            drop(hot);
            *other.table.lock() = KVec::new();
            other.wake.notify_all();
            other.done.complete_all();
        });
        *server.hot.lock() = 99;
        let mut table = server.table.lock();
        while !table.is_empty() {
            server.wake.wait(&mut table);
        }
        drop(table);
        server.done.wait_for_completion();
    });
    assert!(Arc::into_unique_or_drop(other).is_none());
    assert!(Arc::into_unique_or_drop(server).is_some());
    let i = KBox::pin_init(Infallible::new(4), GFP_KERNEL)?;
    assert_eq!(*i.value.lock(), 4);
    Ok(())
}

#[test]
fn arrays() -> Result {
    let mut v: KVec<u32> = kvec![1, 2, 3]?;
    v.reserve(3, GFP_KERNEL)?;
    v.insert_within_capacity(1, 9)?;
    assert_eq!(v, [1, 9, 2, 3]);
    assert_eq!(v.remove(0)?, 1);
    assert!(v.remove(8).is_err());
    v.retain(|x| *x != 2);
    assert_eq!(v.as_slice(), &[9, 3]);
    v.resize(4, 0, GFP_KERNEL)?;
    assert_eq!(v, &[9, 3, 0, 0]);
    let sum: u32 = (&v).into_iter().sum();
    assert_eq!(sum, 12);
    let drained: u32 = v.drain_all().sum();
    assert_eq!((drained, v.len()), (12, 0));
    v.extend_from_slice(&[5, 6], GFP_KERNEL)?;
    let mut it = v.into_iter();
    it.next();
    assert_eq!(it.collect(GFP_KERNEL), [6]);
    assert_eq!(VVec::<u8>::zeroed(3, GFP_KERNEL)?, [0; 3]);
    assert!(KVec::<u8>::with_capacity((4 << 20) + 1, GFP_KERNEL).is_err());
    assert_eq!(Error::from_errno(-2), ENOENT);
    assert_eq!(format!("{ENOENT:?}"), "ENOENT");
    assert_eq!(ENOENT.to_errno(), -2);
    let text = kernel::str::CString::try_from_fmt(fmt!("user.{}", 5))?;
    assert_eq!(&*text, c"user.5");
    Ok(())
}

#[test]
fn injected_failures_and_leaks() {
    let build = || -> Result<usize> {
        let mut v = KVec::new();
        for i in 0..20u8 {
            v.push(KBox::new(i, GFP_KERNEL)?, GFP_KERNEL)?;
        }
        let a = Arc::new(v, GFP_KERNEL)?;
        let u = UniqueArc::new(a.clone(), GFP_KERNEL)?;
        Ok(u.len())
    };
    // Live counts are of all threads, so other tests of this file are counted too: run it in a process' thread
    // of its own when in doubt. The failures are this thread's alone.
    let mut failed = 0;
    loop {
        shim::fail_after(failed);
        let result = build();
        if shim::fail_never() == 0 {
            assert_eq!(result, Ok(20));
            break;
        }
        assert_eq!(result, Err(ENOMEM));
        failed += 1;
    }
    assert!(failed > 22);
}

#[test]
#[should_panic(expected = "the other way round")]
#[cfg(debug_assertions)]
fn lock_order() {
    let a = Arc::pin_init(new_mutex!(0, "a"), GFP_KERNEL).unwrap();
    let b = Arc::pin_init(new_mutex!(0, "b"), GFP_KERNEL).unwrap();
    {
        let _a = a.lock();
        let _b = b.lock();
    }
    let _b = b.lock();
    let _a = a.lock();
}

#[test]
#[should_panic(expected = "under a spin lock")]
#[cfg(debug_assertions)]
fn sleeping_in_atomic_context() {
    let s = Arc::pin_init(new_spinlock!(0), GFP_KERNEL).unwrap();
    let _s = s.lock();
    let _ = KBox::new(1, GFP_KERNEL);
}
