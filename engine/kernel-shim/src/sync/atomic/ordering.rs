// SPDX-License-Identifier: GPL-2.0-or-later
//! Memory orderings as types, as `kernel::sync::atomic::ordering`.

use core::sync::atomic::Ordering as Core;

/// Orders nothing.
pub struct Relaxed;
/// Orders later accesses after the load.
pub struct Acquire;
/// Orders earlier accesses before the store.
pub struct Release;
/// Orders everything on both sides.
pub struct Full;

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Relaxed {}
    impl Sealed for super::Acquire {}
    impl Sealed for super::Release {}
    impl Sealed for super::Full {}
}

/// Any ordering, for operations that read and write.
pub trait Ordering: sealed::Sealed {
    #[doc(hidden)]
    const READ_WRITE: Core;
}

/// Orderings of loads.
pub trait AcquireOrRelaxed: Ordering {
    #[doc(hidden)]
    const LOAD: Core;
}

/// Orderings of stores.
pub trait ReleaseOrRelaxed: Ordering {
    #[doc(hidden)]
    const STORE: Core;
}

impl Ordering for Relaxed {
    const READ_WRITE: Core = Core::Relaxed;
}

impl Ordering for Acquire {
    const READ_WRITE: Core = Core::Acquire;
}

impl Ordering for Release {
    const READ_WRITE: Core = Core::Release;
}

impl Ordering for Full {
    const READ_WRITE: Core = Core::SeqCst;
}

impl AcquireOrRelaxed for Acquire {
    const LOAD: Core = Core::Acquire;
}

impl AcquireOrRelaxed for Relaxed {
    const LOAD: Core = Core::Relaxed;
}

impl ReleaseOrRelaxed for Release {
    const STORE: Core = Core::Release;
}

impl ReleaseOrRelaxed for Relaxed {
    const STORE: Core = Core::Relaxed;
}
