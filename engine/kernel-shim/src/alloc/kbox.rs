// SPDX-License-Identifier: GPL-2.0-or-later
//! Owned allocations, as `kernel::alloc::kbox`.
//!
//! The kernel's box also turns into `Box<dyn Trait>`; stable Rust keeps that for the standard library's, so
//! the engine must do without.

use super::allocator::{KVmalloc, Kmalloc, Vmalloc};
use super::{AllocError, Allocator, Flags};
use crate::init::InPlaceInit;
use crate::shim;
use core::alloc::Layout;
use core::borrow::{Borrow, BorrowMut};
use core::fmt;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::ptr::NonNull;
use pinned_init::{InPlaceWrite, Init, PinInit, Zeroable};

/// An owned allocation.
///
/// # Invariants
/// The pointer came from [`allocate`] with the layout of `T` (dangling if that has no size) and is owned.
pub struct Box<T: ?Sized, A: Allocator>(NonNull<T>, PhantomData<fn() -> A>);

/// A box in physically contiguous memory.
pub type KBox<T> = Box<T, Kmalloc>;
/// A box in virtually contiguous memory.
pub type VBox<T> = Box<T, Vmalloc>;
/// A box in either kind of memory.
pub type KVBox<T> = Box<T, KVmalloc>;

// SAFETY: A box owns its value.
unsafe impl<T: Send + ?Sized, A: Allocator> Send for Box<T, A> {}
// SAFETY: A box owns its value.
unsafe impl<T: Sync + ?Sized, A: Allocator> Sync for Box<T, A> {}

/// Allocates from the process' allocator.
pub(crate) fn allocate(
    layout: Layout,
    max: usize,
    flags: Flags,
) -> Result<NonNull<u8>, AllocError> {
    if layout.size() == 0 {
        return NonNull::new(core::ptr::without_provenance_mut(layout.align())).ok_or(AllocError);
    }
    shim::permit(layout.size(), max, flags)?;
    // SAFETY: The size is not 0.
    let ptr = unsafe {
        if flags.zero() {
            std::alloc::alloc_zeroed(layout)
        } else {
            std::alloc::alloc(layout)
        }
    };
    let ptr = NonNull::new(ptr).ok_or(AllocError)?;
    shim::note_alloc();
    Ok(ptr)
}

/// Gives back what [`allocate`] gave.
///
/// # Safety
/// `ptr` came from [`allocate`] with this layout and is not used any more.
pub(crate) unsafe fn deallocate(ptr: NonNull<u8>, layout: Layout) {
    if layout.size() != 0 {
        shim::note_free();
        // SAFETY: The caller's promise.
        unsafe { std::alloc::dealloc(ptr.as_ptr(), layout) };
    }
}

impl<T: ?Sized, A: Allocator> Box<T, A> {
    /// A box of what [`Box::into_raw`] gave.
    ///
    /// # Safety
    /// It did, with the same allocator, and nobody else uses it.
    pub const unsafe fn from_raw(raw: *mut T) -> Self {
        // SAFETY: The caller's promise; boxes are never null.
        Self(unsafe { NonNull::new_unchecked(raw) }, PhantomData)
    }

    /// Gives up ownership.
    pub fn into_raw(b: Self) -> *mut T {
        ManuallyDrop::new(b).0.as_ptr()
    }

    /// Gives up the memory for good.
    pub fn leak<'a>(b: Self) -> &'a mut T {
        // SAFETY: The pointer is valid and nobody frees it any more.
        unsafe { &mut *Self::into_raw(b) }
    }

    /// Pins the value.
    pub fn into_pin(this: Self) -> Pin<Self> {
        // SAFETY: The value does not move with the box.
        unsafe { Pin::new_unchecked(this) }
    }
}

impl<T, A: Allocator> Box<MaybeUninit<T>, A> {
    /// The value has been initialized.
    ///
    /// # Safety
    /// It has.
    pub unsafe fn assume_init(self) -> Box<T, A> {
        Box(NonNull::from(Self::leak(self)).cast(), PhantomData)
    }

    /// Initializes the value.
    pub fn write(mut self, value: T) -> Box<T, A> {
        (*self).write(value);
        // SAFETY: It was just written.
        unsafe { self.assume_init() }
    }
}

impl<T, A: Allocator> Box<T, A> {
    /// Allocates and moves `x` in.
    ///
    /// # Errors
    /// When allocation fails; `x` is dropped then.
    pub fn new(x: T, flags: Flags) -> Result<Self, AllocError> {
        Ok(Self::new_uninit(flags)?.write(x))
    }

    /// Allocates.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn new_uninit(flags: Flags) -> Result<Box<MaybeUninit<T>, A>, AllocError> {
        let ptr = allocate(Layout::new::<T>(), A::MAX_SIZE, flags)?;
        Ok(Box(ptr.cast(), PhantomData))
    }

    /// Allocates a value whose bytes are zero.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn zeroed(flags: Flags) -> Result<Self, AllocError>
    where
        T: Zeroable,
    {
        let b = Self::new_uninit(flags | super::flags::__GFP_ZERO)?;
        // SAFETY: All-zero bytes are a valid `T`.
        Ok(unsafe { b.assume_init() })
    }

    /// Allocates, moves `x` in and pins it.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn pin(x: T, flags: Flags) -> Result<Pin<Self>, AllocError>
    where
        A: 'static,
    {
        Ok(Self::new(x, flags)?.into())
    }

    /// Drops the value, keeps the allocation.
    pub fn drop_contents(this: Self) -> Box<MaybeUninit<T>, A> {
        let raw = Self::into_raw(this);
        // SAFETY: The value is valid, and is not looked at again.
        unsafe { core::ptr::drop_in_place(raw) };
        // SAFETY: `MaybeUninit<T>` has `T`'s layout and needs no valid value.
        unsafe { Box::from_raw(raw.cast()) }
    }

    /// Moves the value out.
    pub fn into_inner(b: Self) -> T {
        let raw = Self::into_raw(b);
        // SAFETY: The value is valid, and is not looked at again.
        let value = unsafe { raw.read() };
        // SAFETY: As in `drop_contents`.
        drop(unsafe { Box::<MaybeUninit<T>, A>::from_raw(raw.cast()) });
        value
    }
}

impl<T: ?Sized, A: Allocator> From<Box<T, A>> for Pin<Box<T, A>> {
    fn from(b: Box<T, A>) -> Self {
        Box::into_pin(b)
    }
}

impl<T, A: Allocator + 'static> InPlaceWrite<T> for Box<MaybeUninit<T>, A> {
    type Initialized = Box<T, A>;

    fn write_init<E>(mut self, init: impl Init<T, E>) -> Result<Self::Initialized, E> {
        let slot = (*self).as_mut_ptr();
        // SAFETY: The slot is ours; on error it is only freed.
        unsafe { init.__init(slot)? };
        // SAFETY: The initializer said so.
        Ok(unsafe { self.assume_init() })
    }

    fn write_pin_init<E>(mut self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E> {
        let slot = (*self).as_mut_ptr();
        // SAFETY: The slot is ours and is pinned below; on error it is only freed.
        unsafe { init.__pinned_init(slot)? };
        // SAFETY: The initializer said so.
        Ok(unsafe { self.assume_init() }.into())
    }
}

impl<T, A: Allocator + 'static> InPlaceInit<T> for Box<T, A> {
    type PinnedSelf = Pin<Self>;

    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Pin<Self>, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.write_pin_init(init)
    }

    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.write_init(init)
    }
}

impl<T: ?Sized, A: Allocator> Deref for Box<T, A> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: By the type's invariant.
        unsafe { self.0.as_ref() }
    }
}

impl<T: ?Sized, A: Allocator> DerefMut for Box<T, A> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type's invariant.
        unsafe { self.0.as_mut() }
    }
}

impl<T: ?Sized, A: Allocator> Borrow<T> for Box<T, A> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized, A: Allocator> BorrowMut<T> for Box<T, A> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: ?Sized + fmt::Display, A: Allocator> fmt::Display for Box<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug, A: Allocator> fmt::Debug for Box<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized, A: Allocator> Drop for Box<T, A> {
    fn drop(&mut self) {
        let layout = Layout::for_value::<T>(self);
        // SAFETY: The value is valid, and is not looked at again.
        unsafe { core::ptr::drop_in_place(self.0.as_ptr()) };
        // SAFETY: By the type's invariant.
        unsafe { deallocate(self.0.cast(), layout) };
    }
}
