// SPDX-License-Identifier: GPL-2.0-or-later
//! Growable arrays with fallible growth, as `kernel::alloc::kvec`.
//!
//! A thin layer over the standard vector that asks [`crate::shim`] before it allocates and tells it of every
//! allocation and release. Growth follows the kernel's rule (at least double), so that both builds allocate
//! at the same points.

use super::allocator::{KVmalloc, Kmalloc, Vmalloc};
use super::{AllocError, Allocator, Box, Flags};
use crate::error::{code::EINVAL, Error};
use crate::shim;
use core::borrow::{Borrow, BorrowMut};
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut, Index, IndexMut};
use core::slice::SliceIndex;
use pinned_init::Zeroable;

/// Makes a [`KVec`] of the given elements.
#[macro_export]
macro_rules! kvec {
    () => {
        $crate::alloc::KVec::new()
    };
    ($elem:expr; $n:expr) => {
        $crate::alloc::KVec::from_elem($elem, $n, $crate::alloc::flags::GFP_KERNEL)
    };
    ($($x:expr),+ $(,)?) => {
        $crate::alloc::KBox::new([$($x),+], $crate::alloc::flags::GFP_KERNEL).map($crate::alloc::KVec::from)
    };
}

/// A growable array.
pub struct Vec<T, A: Allocator> {
    inner: std::vec::Vec<T>,
    _allocator: PhantomData<fn() -> A>,
}

/// An array in physically contiguous memory.
pub type KVec<T> = Vec<T, Kmalloc>;
/// An array in virtually contiguous memory.
pub type VVec<T> = Vec<T, Vmalloc>;
/// An array in either kind of memory.
pub type KVVec<T> = Vec<T, KVmalloc>;

// As in the kernel, where it is a pointer and two numbers: moving it does not move the elements.
impl<T, A: Allocator> Unpin for Vec<T, A> {}

impl<T, A: Allocator> Vec<T, A> {
    /// Number of elements that fit without growing.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Makes `additional` elements count that were written to the spare capacity.
    ///
    /// # Safety
    /// They must lie within the capacity and be initialized.
    #[inline]
    pub unsafe fn inc_len(&mut self, additional: usize) {
        let len = self.inner.len() + additional;
        debug_assert!(len <= self.inner.capacity());
        // SAFETY: The caller's promise.
        unsafe { self.inner.set_len(len) }
    }

    /// All elements.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        &self.inner
    }

    /// All elements.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.inner
    }

    /// Where the elements begin.
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.inner.as_mut_ptr()
    }

    /// Where the elements begin.
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self.inner.as_ptr()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// An array without elements; allocates nothing.
    #[inline]
    pub const fn new() -> Self {
        Self {
            inner: std::vec::Vec::new(),
            _allocator: PhantomData,
        }
    }

    /// The capacity that is not in use.
    pub fn spare_capacity_mut(&mut self) -> &mut [MaybeUninit<T>] {
        self.inner.spare_capacity_mut()
    }

    /// Appends an element.
    ///
    /// # Errors
    /// When growing fails; `v` is dropped then.
    pub fn push(&mut self, v: T, flags: Flags) -> Result<(), AllocError> {
        self.reserve(1, flags)?;
        self.inner.push(v);
        Ok(())
    }

    /// Appends an element if that needs no growing.
    ///
    /// # Errors
    /// Gives the element back.
    pub fn push_within_capacity(&mut self, v: T) -> Result<(), PushError<T>> {
        if self.inner.len() < self.inner.capacity() {
            self.inner.push(v);
            Ok(())
        } else {
            Err(PushError(v))
        }
    }

    /// Inserts an element if that needs no growing.
    ///
    /// # Errors
    /// Gives the element back.
    pub fn insert_within_capacity(
        &mut self,
        index: usize,
        element: T,
    ) -> Result<(), InsertError<T>> {
        if index > self.inner.len() {
            return Err(InsertError::IndexOutOfBounds(element));
        }
        if self.inner.len() >= self.inner.capacity() {
            return Err(InsertError::OutOfCapacity(element));
        }
        self.inner.insert(index, element);
        Ok(())
    }

    /// Takes the last element.
    pub fn pop(&mut self) -> Option<T> {
        self.inner.pop()
    }

    /// Takes element `i` and closes the gap.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove(&mut self, i: usize) -> Result<T, RemoveError> {
        if i < self.inner.len() {
            Ok(self.inner.remove(i))
        } else {
            Err(RemoveError)
        }
    }

    /// An empty array with room for `capacity` elements.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn with_capacity(capacity: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut v = Self::new();
        v.reserve(capacity, flags)?;
        Ok(v)
    }

    /// `n` elements whose bytes are zero.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn zeroed(n: usize, flags: Flags) -> Result<Self, AllocError>
    where
        T: Zeroable,
    {
        let mut v = Self::with_capacity(n, flags)?;
        let spare = v.spare_capacity_mut();
        // SAFETY: The spare capacity is ours to write, and holds at least `n` elements.
        unsafe { core::ptr::write_bytes(spare.as_mut_ptr(), 0, n) };
        // SAFETY: All-zero bytes are a valid `T`, and `n` of them were just written.
        unsafe { v.inc_len(n) };
        Ok(v)
    }

    /// Removes all elements.
    #[inline]
    pub fn clear(&mut self) {
        self.inner.clear();
    }

    /// Makes room for `additional` elements.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn reserve(&mut self, additional: usize, flags: Flags) -> Result<(), AllocError> {
        let len = self.inner.len();
        let cap = self.inner.capacity();
        if cap - len >= additional {
            return Ok(());
        }
        if size_of::<T>() == 0 {
            return Err(AllocError);
        }
        let needed = len.checked_add(additional).ok_or(AllocError)?;
        let new_cap = cap.checked_mul(2).ok_or(AllocError)?.max(needed);
        let size = new_cap.checked_mul(size_of::<T>()).ok_or(AllocError)?;
        shim::permit(size, A::MAX_SIZE, flags)?;
        self.inner
            .try_reserve_exact(new_cap - len)
            .map_err(|_| AllocError)?;
        if cap == 0 {
            shim::note_alloc();
        }
        if flags.zero() {
            let spare = self.inner.spare_capacity_mut();
            // SAFETY: The spare capacity is ours to write.
            unsafe { core::ptr::write_bytes(spare.as_mut_ptr(), 0, spare.len()) };
        }
        Ok(())
    }

    /// Keeps at most `len` elements.
    pub fn truncate(&mut self, len: usize) {
        self.inner.truncate(len);
    }

    /// Takes all elements out; the capacity stays.
    pub fn drain_all(&mut self) -> DrainAll<'_, T> {
        DrainAll(self.inner.drain(..))
    }

    /// Keeps the elements for which `f` says so, in order.
    pub fn retain(&mut self, f: impl FnMut(&mut T) -> bool) {
        self.inner.retain_mut(f);
    }
}

impl<T> Vec<T, KVmalloc> {
    /// Gives memory back, down to `min_capacity` elements.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn shrink_to(&mut self, min_capacity: usize, flags: Flags) -> Result<(), AllocError> {
        let target = self.inner.len().max(min_capacity);
        if self.inner.capacity() <= target || size_of::<T>() == 0 {
            return Ok(());
        }
        shim::permit(target * size_of::<T>(), usize::MAX, flags)?;
        self.inner.shrink_to(target);
        if self.inner.capacity() == 0 {
            shim::note_free();
        }
        Ok(())
    }
}

impl<T: Clone, A: Allocator> Vec<T, A> {
    /// Appends `n` clones of `value`.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn extend_with(&mut self, n: usize, value: T, flags: Flags) -> Result<(), AllocError> {
        self.reserve(n, flags)?;
        self.inner.extend(core::iter::repeat_n(value, n));
        Ok(())
    }

    /// Appends clones of all of `other`.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn extend_from_slice(&mut self, other: &[T], flags: Flags) -> Result<(), AllocError> {
        self.reserve(other.len(), flags)?;
        self.inner.extend_from_slice(other);
        Ok(())
    }

    /// `n` clones of `value`.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn from_elem(value: T, n: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut v = Self::with_capacity(n, flags)?;
        v.extend_with(n, value, flags)?;
        Ok(v)
    }

    /// Makes it `new_len` elements long, with clones of `value` where it grows.
    ///
    /// # Errors
    /// When allocation fails.
    pub fn resize(&mut self, new_len: usize, value: T, flags: Flags) -> Result<(), AllocError> {
        match new_len.checked_sub(self.len()) {
            Some(n) => self.extend_with(n, value, flags),
            None => {
                self.truncate(new_len);
                Ok(())
            }
        }
    }
}

impl<T, A: Allocator> Drop for Vec<T, A> {
    fn drop(&mut self) {
        release(&self.inner);
    }
}

/// Counts the release of what `inner` holds.
fn release<T>(inner: &std::vec::Vec<T>) {
    if size_of::<T>() != 0 && inner.capacity() != 0 {
        shim::note_free();
    }
}

impl<T, A: Allocator, const N: usize> From<Box<[T; N], A>> for Vec<T, A> {
    fn from(b: Box<[T; N], A>) -> Self {
        let raw = Box::into_raw(b);
        // SAFETY: The box came from the global allocator with the layout of `[T; N]`, which is that of `N`
        // times `T`, and is ours now.
        let inner = unsafe { std::vec::Vec::from_raw_parts(raw.cast::<T>(), N, N) };
        Self {
            inner,
            _allocator: PhantomData,
        }
    }
}

impl<T, A: Allocator> Default for Vec<T, A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, A: Allocator> fmt::Debug for Vec<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T, A: Allocator> Deref for Vec<T, A> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.inner
    }
}

impl<T, A: Allocator> DerefMut for Vec<T, A> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.inner
    }
}

impl<T, A: Allocator> Borrow<[T]> for Vec<T, A> {
    fn borrow(&self) -> &[T] {
        self
    }
}

impl<T, A: Allocator> BorrowMut<[T]> for Vec<T, A> {
    fn borrow_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T: Eq, A: Allocator> Eq for Vec<T, A> {}

impl<T, I: SliceIndex<[T]>, A: Allocator> Index<I> for Vec<T, A> {
    type Output = I::Output;

    #[inline]
    fn index(&self, index: I) -> &I::Output {
        Index::index(&**self, index)
    }
}

impl<T, I: SliceIndex<[T]>, A: Allocator> IndexMut<I> for Vec<T, A> {
    #[inline]
    fn index_mut(&mut self, index: I) -> &mut I::Output {
        IndexMut::index_mut(&mut **self, index)
    }
}

macro_rules! slice_eq {
    ($([$($params:tt)*] $lhs:ty, $rhs:ty;)*) => {
        $(
            impl<T: PartialEq<U>, U, $($params)*> PartialEq<$rhs> for $lhs {
                #[inline]
                fn eq(&self, other: &$rhs) -> bool {
                    self[..] == other[..]
                }
            }
        )*
    };
}

slice_eq! {
    [A1: Allocator, A2: Allocator] Vec<T, A1>, Vec<U, A2>;
    [A: Allocator] Vec<T, A>, &[U];
    [A: Allocator] Vec<T, A>, &mut [U];
    [A: Allocator] &[T], Vec<U, A>;
    [A: Allocator] &mut [T], Vec<U, A>;
    [A: Allocator] Vec<T, A>, [U];
    [A: Allocator] [T], Vec<U, A>;
    [A: Allocator, const N: usize] Vec<T, A>, [U; N];
    [A: Allocator, const N: usize] Vec<T, A>, &[U; N];
}

impl<'a, T, A: Allocator> IntoIterator for &'a Vec<T, A> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T, A: Allocator> IntoIterator for &'a mut Vec<T, A> {
    type Item = &'a mut T;
    type IntoIter = core::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T, A: Allocator> IntoIterator for Vec<T, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    fn into_iter(mut self) -> IntoIter<T, A> {
        let inner = core::mem::take(&mut self.inner);
        let counted = size_of::<T>() != 0 && inner.capacity() != 0;
        IntoIter {
            inner: inner.into_iter(),
            counted,
            _allocator: PhantomData,
        }
    }
}

/// An array's elements, owned.
pub struct IntoIter<T, A: Allocator> {
    inner: std::vec::IntoIter<T>,
    /// Whether an allocation is behind it.
    counted: bool,
    _allocator: PhantomData<fn() -> A>,
}

impl<T, A: Allocator> IntoIter<T, A> {
    /// The elements that are left, as an array.
    pub fn collect(mut self, flags: Flags) -> Vec<T, A> {
        let _ = flags;
        let rest = core::mem::take(&mut self.inner).collect::<std::vec::Vec<T>>();
        let counted = core::mem::replace(&mut self.counted, false);
        let holds = size_of::<T>() != 0 && rest.capacity() != 0;
        match (counted, holds) {
            (true, false) => shim::note_free(),
            (false, true) => shim::note_alloc(),
            _ => {}
        }
        Vec {
            inner: rest,
            _allocator: PhantomData,
        }
    }
}

impl<T, A: Allocator> Iterator for IntoIter<T, A> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.inner.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<T, A: Allocator> Drop for IntoIter<T, A> {
    fn drop(&mut self) {
        if self.counted {
            shim::note_free();
        }
    }
}

/// All elements of an array, taken out of it.
pub struct DrainAll<'vec, T>(std::vec::Drain<'vec, T>);

impl<T> Iterator for DrainAll<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// The element that there was no room for.
pub struct PushError<T>(pub T);

impl<T> fmt::Debug for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no capacity left")
    }
}

impl<T> From<PushError<T>> for Error {
    fn from(_: PushError<T>) -> Self {
        EINVAL
    }
}

/// There is no such element.
pub struct RemoveError;

impl fmt::Debug for RemoveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such element")
    }
}

impl From<RemoveError> for Error {
    fn from(_: RemoveError) -> Self {
        EINVAL
    }
}

/// The element that could not be inserted.
pub enum InsertError<T> {
    /// The position lies behind the end.
    IndexOutOfBounds(T),
    /// There is no room.
    OutOfCapacity(T),
}

impl<T> fmt::Debug for InsertError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InsertError::IndexOutOfBounds(_) => "position behind the end",
            InsertError::OutOfCapacity(_) => "no capacity left",
        })
    }
}

impl<T> From<InsertError<T>> for Error {
    fn from(_: InsertError<T>) -> Self {
        EINVAL
    }
}
