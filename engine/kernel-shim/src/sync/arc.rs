// SPDX-License-Identifier: GPL-2.0-or-later
//! Reference counting, as `kernel::sync::arc`: no weak references, the value is pinned, allocation can fail.

use crate::alloc::kbox::{allocate, deallocate};
use crate::alloc::{allocator::Kmalloc, AllocError, Allocator, Flags};
use crate::init::InPlaceInit;
use core::alloc::Layout;
use core::borrow::{Borrow, BorrowMut};
use core::fmt;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::{fence, AtomicUsize, Ordering};
use pinned_init::{InPlaceWrite, Init, PinInit};

#[repr(C)]
struct Inner<T: ?Sized> {
    refs: AtomicUsize,
    data: T,
}

/// A counted reference.
///
/// # Invariants
/// The pointer is to a live `Inner` of whose count this reference owns one.
pub struct Arc<T: ?Sized> {
    ptr: NonNull<Inner<T>>,
    _owns: PhantomData<Inner<T>>,
}

// SAFETY: Any thread may get at `&T`, and the last one drops `T`.
unsafe impl<T: ?Sized + Sync + Send> Send for Arc<T> {}
// SAFETY: As above; a shared reference can be cloned.
unsafe impl<T: ?Sized + Sync + Send> Sync for Arc<T> {}

// As in the kernel: moving a reference does not move the value.
impl<T: ?Sized> Unpin for Arc<T> {}

impl<T> Arc<T> {
    /// Allocates and moves `contents` in.
    ///
    /// # Errors
    /// When allocation fails; `contents` is dropped then.
    pub fn new(contents: T, flags: Flags) -> Result<Self, AllocError> {
        Ok(UniqueArc::new(contents, flags)?.into())
    }
}

impl<T> InPlaceInit<T> for Arc<T> {
    type PinnedSelf = Self;

    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_pin_init(init, flags).map(Self::from)
    }

    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        UniqueArc::try_init(init, flags).map(Self::from)
    }
}

impl<T: ?Sized> Arc<T> {
    fn inner(&self) -> &Inner<T> {
        // SAFETY: By the type's invariant.
        unsafe { self.ptr.as_ref() }
    }

    /// Where the value is.
    pub fn as_ptr(this: &Self) -> *const T {
        core::ptr::from_ref(&this.inner().data)
    }

    /// A borrowed reference that can be cloned into an owned one.
    pub fn as_arc_borrow(&self) -> ArcBorrow<'_, T> {
        ArcBorrow {
            ptr: self.ptr,
            _borrows: PhantomData,
        }
    }

    /// Whether both refer to the same value.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        core::ptr::addr_eq(this.ptr.as_ptr(), other.ptr.as_ptr())
    }

    /// Gives up this reference; if it was the last, the value is returned as a unique reference.
    pub fn into_unique_or_drop(this: Self) -> Option<Pin<UniqueArc<T>>> {
        let this = ManuallyDrop::new(this);
        if this.inner().refs.fetch_sub(1, Ordering::Release) != 1 {
            return None;
        }
        fence(Ordering::Acquire);
        // Nobody else has a reference, so nobody sees the count go up again.
        this.inner().refs.store(1, Ordering::Relaxed);
        let inner = ManuallyDrop::new(Self {
            ptr: this.ptr,
            _owns: PhantomData,
        });
        Some(
            UniqueArc {
                inner: ManuallyDrop::into_inner(inner),
            }
            .into(),
        )
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner().data
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    fn clone(&self) -> Self {
        let before = self.inner().refs.fetch_add(1, Ordering::Relaxed);
        // The kernel's count saturates; reaching this means a leak in a loop.
        assert!(before < isize::MAX as usize, "reference count overflow");
        Self {
            ptr: self.ptr,
            _owns: PhantomData,
        }
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        if self.inner().refs.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        fence(Ordering::Acquire);
        let layout = Layout::for_value::<Inner<T>>(self.inner());
        // SAFETY: This was the last reference; the value is valid and not looked at again.
        unsafe { core::ptr::drop_in_place(self.ptr.as_ptr()) };
        // SAFETY: It came from `allocate` with this layout.
        unsafe { deallocate(self.ptr.cast(), layout) };
    }
}

impl<T: ?Sized> From<UniqueArc<T>> for Arc<T> {
    fn from(item: UniqueArc<T>) -> Self {
        item.inner
    }
}

impl<T: ?Sized> From<Pin<UniqueArc<T>>> for Arc<T> {
    fn from(item: Pin<UniqueArc<T>>) -> Self {
        // SAFETY: An `Arc` never moves its value.
        unsafe { Pin::into_inner_unchecked(item).inner }
    }
}

/// A borrowed counted reference.
pub struct ArcBorrow<'a, T: ?Sized + 'a> {
    ptr: NonNull<Inner<T>>,
    _borrows: PhantomData<&'a Inner<T>>,
}

// SAFETY: It is as good as `&Arc<T>`.
unsafe impl<T: ?Sized + Sync + Send> Send for ArcBorrow<'_, T> {}
// SAFETY: It is as good as `&Arc<T>`.
unsafe impl<T: ?Sized + Sync + Send> Sync for ArcBorrow<'_, T> {}

impl<T: ?Sized> Clone for ArcBorrow<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for ArcBorrow<'_, T> {}

impl<T: ?Sized> From<ArcBorrow<'_, T>> for Arc<T> {
    fn from(b: ArcBorrow<'_, T>) -> Self {
        let borrowed = ManuallyDrop::new(Arc {
            ptr: b.ptr,
            _owns: PhantomData,
        });
        Arc::clone(&borrowed)
    }
}

impl<T: ?Sized> Deref for ArcBorrow<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: The reference that was borrowed keeps the value.
        unsafe { &self.ptr.as_ref().data }
    }
}

/// The only reference to a value, so it can be changed.
pub struct UniqueArc<T: ?Sized> {
    inner: Arc<T>,
}

impl<T> UniqueArc<T> {
    /// Allocates and moves `value` in.
    ///
    /// # Errors
    /// When allocation fails; `value` is dropped then.
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        Ok(Self::new_uninit(flags)?.write(value))
    }

    /// Allocates.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn new_uninit(flags: Flags) -> Result<UniqueArc<MaybeUninit<T>>, AllocError> {
        let ptr = allocate(Layout::new::<Inner<T>>(), Kmalloc::MAX_SIZE, flags)?;
        let ptr = ptr.cast::<Inner<MaybeUninit<T>>>();
        // SAFETY: Ours to write, with the right layout.
        unsafe { core::ptr::addr_of_mut!((*ptr.as_ptr()).refs).write(AtomicUsize::new(1)) };
        Ok(UniqueArc {
            inner: Arc {
                ptr,
                _owns: PhantomData,
            },
        })
    }
}

impl<T: ?Sized> UniqueArc<T> {
    /// Where the value is.
    pub fn as_ptr(this: &Self) -> *const T {
        Arc::as_ptr(&this.inner)
    }
}

impl<T> UniqueArc<MaybeUninit<T>> {
    /// Initializes the value.
    pub fn write(mut self, value: T) -> UniqueArc<T> {
        (*self).write(value);
        // SAFETY: It was just written.
        unsafe { self.assume_init() }
    }

    /// The value has been initialized.
    ///
    /// # Safety
    /// It has.
    pub unsafe fn assume_init(self) -> UniqueArc<T> {
        let inner = ManuallyDrop::new(self.inner);
        UniqueArc {
            inner: Arc {
                ptr: inner.ptr.cast(),
                _owns: PhantomData,
            },
        }
    }

    /// Initializes the value in place.
    ///
    /// # Errors
    /// The initializer's.
    pub fn init_with<E>(self, init: impl Init<T, E>) -> Result<UniqueArc<T>, E> {
        self.write_init(init)
    }

    /// Initializes the value in place and pins it.
    ///
    /// # Errors
    /// The initializer's.
    pub fn pin_init_with<E>(self, init: impl PinInit<T, E>) -> Result<Pin<UniqueArc<T>>, E> {
        self.write_pin_init(init)
    }
}

impl<T> InPlaceWrite<T> for UniqueArc<MaybeUninit<T>> {
    type Initialized = UniqueArc<T>;

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

impl<T> InPlaceInit<T> for UniqueArc<T> {
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

impl<T: ?Sized> From<UniqueArc<T>> for Pin<UniqueArc<T>> {
    fn from(obj: UniqueArc<T>) -> Self {
        // SAFETY: The value does not move with the reference.
        unsafe { Pin::new_unchecked(obj) }
    }
}

impl<T: ?Sized> Deref for UniqueArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for UniqueArc<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: There is no other reference.
        unsafe { &mut (*self.inner.ptr.as_ptr()).data }
    }
}

impl<T: ?Sized> Borrow<T> for UniqueArc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T: ?Sized> BorrowMut<T> for UniqueArc<T> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

macro_rules! forward_fmt {
    ($($pointer:ident $what:ident;)*) => {
        $(
            impl<T: fmt::$what + ?Sized> fmt::$what for $pointer<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    (**self).fmt(f)
                }
            }
        )*
    };
}

forward_fmt! {
    Arc Display;
    Arc Debug;
    UniqueArc Display;
    UniqueArc Debug;
}
