// SPDX-License-Identifier: GPL-2.0-or-later
//! Locks, as `kernel::sync::lock`.
//!
//! Both kinds are a standard mutex; a spin lock differs in what may be done while it is held, and builds with
//! debug assertions check that.

use crate::alloc::Flags;
use crate::str::CStr;
use crate::sync::LockClassKey;
use core::cell::{Cell, UnsafeCell};
use core::marker::{PhantomData, PhantomPinned};
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::ptr::addr_of_mut;
use pinned_init::{pin_init_from_closure, PinInit};

pub mod mutex;
mod order;
pub mod spinlock;

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::mutex::MutexBackend {}
    impl Sealed for super::spinlock::SpinLockBackend {}
}

/// A kind of lock. (The kernel's has methods that only [`Lock`] calls.)
pub trait Backend: sealed::Sealed {
    /// Whether the holder must not sleep.
    #[doc(hidden)]
    const ATOMIC: bool;
}

/// A value behind a lock.
pub struct Lock<T: ?Sized, B: Backend> {
    raw: std::sync::Mutex<()>,
    class: usize,
    name: &'static CStr,
    _backend: PhantomData<fn() -> B>,
    _pin: PhantomPinned,
    data: UnsafeCell<T>,
}

// SAFETY: It owns its value.
unsafe impl<T: ?Sized + Send, B: Backend> Send for Lock<T, B> {}
// SAFETY: It lets one thread at a time at its value.
unsafe impl<T: ?Sized + Send, B: Backend> Sync for Lock<T, B> {}

impl<T, B: Backend> Lock<T, B> {
    /// A lock around what `t` initializes.
    pub fn new(
        t: impl PinInit<T>,
        name: &'static CStr,
        key: Pin<&'static LockClassKey>,
    ) -> impl PinInit<Self> {
        let class = key.id();
        let init = move |slot: *mut Self| {
            // SAFETY: `slot` is valid for writes, and every field is written or there is an error.
            unsafe {
                match t.__pinned_init(addr_of_mut!((*slot).data).cast::<T>()) {
                    Ok(()) => {}
                    Err(never) => match never {},
                }
                addr_of_mut!((*slot).raw).write(std::sync::Mutex::new(()));
                addr_of_mut!((*slot).class).write(class);
                addr_of_mut!((*slot).name).write(name);
            }
            Ok(())
        };
        // SAFETY: As told in the closure; the value stays pinned in the lock, which is never moved.
        unsafe { pin_init_from_closure(init) }
    }
}

impl<T: ?Sized, B: Backend> Lock<T, B> {
    /// Takes the lock, waiting for it if need be.
    pub fn lock(&self) -> Guard<'_, T, B> {
        if !B::ATOMIC {
            assert_may_sleep("a mutex is taken");
        }
        order::before(self.class, self.name);
        let raw = self
            .raw
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Guard::new(self, raw)
    }

    /// Takes the lock if nobody has it.
    pub fn try_lock(&self) -> Option<Guard<'_, T, B>> {
        let raw = match self.raw.try_lock() {
            Ok(raw) => raw,
            Err(std::sync::TryLockError::Poisoned(p)) => p.into_inner(),
            Err(std::sync::TryLockError::WouldBlock) => return None,
        };
        Some(Guard::new(self, raw))
    }
}

/// Access to the value of a lock that is held.
#[must_use = "the lock unlocks immediately when the guard is unused"]
pub struct Guard<'a, T: ?Sized, B: Backend> {
    lock: &'a Lock<T, B>,
    /// `None` only inside [`Guard::park`].
    raw: Option<std::sync::MutexGuard<'a, ()>>,
}

// SAFETY: It gives shared access to the value only.
unsafe impl<T: Sync + ?Sized, B: Backend> Sync for Guard<'_, T, B> {}

impl<'a, T: ?Sized, B: Backend> Guard<'a, T, B> {
    fn new(lock: &'a Lock<T, B>, raw: std::sync::MutexGuard<'a, ()>) -> Self {
        order::acquired(lock.class);
        enter(B::ATOMIC);
        Self {
            lock,
            raw: Some(raw),
        }
    }

    /// The lock.
    pub fn lock_ref(&self) -> &'a Lock<T, B> {
        self.lock
    }

    /// The value, pinned.
    pub fn as_mut(&mut self) -> Pin<&mut T> {
        // SAFETY: The lock is held, and its value never moves.
        unsafe { Pin::new_unchecked(&mut *self.lock.data.get()) }
    }

    /// Lets `wait` release the lock and take it again.
    pub(crate) fn park(
        &mut self,
        wait: impl FnOnce(std::sync::MutexGuard<'a, ()>) -> std::sync::MutexGuard<'a, ()>,
    ) {
        if let Some(raw) = self.raw.take() {
            order::released(self.lock.class);
            leave(B::ATOMIC);
            assert_may_sleep("a condition is waited for");
            order::before(self.lock.class, self.lock.name);
            self.raw = Some(wait(raw));
            order::acquired(self.lock.class);
            enter(B::ATOMIC);
        }
    }
}

impl<T: ?Sized, B: Backend> Deref for Guard<'_, T, B> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: The lock is held.
        unsafe { &*self.lock.data.get() }
    }
}

// As in the kernel: only through `as_mut` if the value is not `Unpin`.
impl<T: ?Sized + Unpin, B: Backend> DerefMut for Guard<'_, T, B> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: The lock is held.
        unsafe { &mut *self.lock.data.get() }
    }
}

impl<T: ?Sized, B: Backend> Drop for Guard<'_, T, B> {
    fn drop(&mut self) {
        order::released(self.lock.class);
        leave(B::ATOMIC);
    }
}

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static ATOMIC: Cell<usize> = const { Cell::new(0) };
}

fn enter(atomic: bool) {
    let _ = HELD.try_with(|h| h.set(h.get() + 1));
    if atomic {
        let _ = ATOMIC.try_with(|a| a.set(a.get() + 1));
    }
}

fn leave(atomic: bool) {
    let _ = HELD.try_with(|h| h.set(h.get().saturating_sub(1)));
    if atomic {
        let _ = ATOMIC.try_with(|a| a.set(a.get().saturating_sub(1)));
    }
}

/// How many locks this thread holds.
pub(crate) fn held() -> usize {
    HELD.try_with(Cell::get).unwrap_or(0)
}

/// Panics, in debug builds, if this thread holds a spin lock.
pub(crate) fn assert_may_sleep(what: &str) {
    if cfg!(debug_assertions) && ATOMIC.try_with(Cell::get).unwrap_or(0) != 0 {
        panic!("{what} under a spin lock");
    }
}

/// The same for an allocation that may sleep.
pub(crate) fn assert_may_allocate(flags: Flags) {
    if flags.may_sleep() {
        assert_may_sleep("memory is allocated with GFP_KERNEL");
    }
}
