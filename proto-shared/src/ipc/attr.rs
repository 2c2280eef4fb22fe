// SPDX-License-Identifier: GPL-2.0-or-later
//! Netlink attributes: the carrier of every IPC message.
//!
//! An attribute is `len: u16, type: u16` in native byte order, then the
//! payload, padded with zeros to a multiple of four; `len` counts header and
//! payload but not the padding. The two top bits of the type are flags
//! (nested, byte order) and not part of it.
//!
//! Invariants: an [`Attrs`] exists only for a stream that was walked once from
//! end to end, so its iterators cannot fail. Unknown types are passed over. A
//! type that stands for one value must not occur twice.

use core::marker::PhantomData;

use crate::codec::{align_up, Malformed, NoSpace, Writer};
use crate::status::NtStatus;

/// Length of an attribute header in bytes.
pub const ATTR_HEADER_LEN: usize = 4;

/// Greatest payload of one attribute in bytes. A multiple of 8, so that lists
/// of numbers split between numbers.
pub const MAX_CHUNK: usize = 60 * 1024;

/// Greatest text in bytes: a path of `PATH_MAX`.
pub const MAX_STR: usize = 4096;

const TYPE_MASK: u16 = 0x3FFF;
const NESTED: u16 = 0x8000;

/// One attribute.
#[derive(Clone, Copy)]
pub struct Attr<'a> {
    /// Its type without flag bits.
    pub ty: u16,
    /// Its payload without padding.
    pub payload: &'a [u8],
}

/// Splits the first attribute off `rest`.
fn split(rest: &[u8]) -> Result<(Attr<'_>, &[u8]), Malformed> {
    const TRUNCATED: Malformed = Malformed::new("attribute truncated");
    let header: [u8; ATTR_HEADER_LEN] = rest
        .get(..ATTR_HEADER_LEN)
        .and_then(|h| h.try_into().ok())
        .ok_or(TRUNCATED)?;
    let [l0, l1, t0, t1] = header;
    let len = usize::from(u16::from_ne_bytes([l0, l1]));
    let ty = u16::from_ne_bytes([t0, t1]) & TYPE_MASK;
    let payload = rest.get(ATTR_HEADER_LEN..len).ok_or(TRUNCATED)?;
    // The last attribute may lack its padding, as everywhere in netlink.
    let next = align_up(len, 4).ok_or(TRUNCATED)?;
    Ok((Attr { ty, payload }, rest.get(next..).unwrap_or(&[])))
}

/// A stream of attributes that was found well formed.
#[derive(Clone, Copy)]
pub struct Attrs<'a> {
    stream: &'a [u8],
}

/// The name under which the contract knows [`Attrs`].
pub type AttrReader<'a> = Attrs<'a>;

impl<'a> Attrs<'a> {
    /// Checks `stream` from end to end.
    pub fn new(stream: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = stream;
        while !rest.is_empty() {
            (_, rest) = split(rest)?;
        }
        Ok(Self { stream })
    }

    /// The bytes of the stream.
    #[must_use]
    pub const fn stream(&self) -> &'a [u8] {
        self.stream
    }

    /// All attributes in order.
    #[must_use]
    pub const fn iter(&self) -> AttrIter<'a> {
        AttrIter { rest: self.stream }
    }

    /// The payload of the only attribute of type `ty`, if there is one.
    /// Errors: there are several.
    pub fn one(&self, ty: u16) -> Result<Option<&'a [u8]>, Malformed> {
        let mut found = None;
        for attr in self.iter() {
            if attr.ty == ty && found.replace(attr.payload).is_some() {
                return Err(Malformed::new("attribute given twice"));
            }
        }
        Ok(found)
    }

    /// As [`Attrs::one`], but it must be there.
    pub fn required(&self, ty: u16) -> Result<&'a [u8], Malformed> {
        self.one(ty)?
            .ok_or(Malformed::new("required attribute is missing"))
    }

    /// The payloads of all attributes of type `ty` in order.
    #[must_use]
    pub const fn all(&self, ty: u16) -> Payloads<'a> {
        Payloads {
            iter: self.iter(),
            ty,
        }
    }
}

impl<'a> IntoIterator for Attrs<'a> {
    type Item = Attr<'a>;
    type IntoIter = AttrIter<'a>;
    fn into_iter(self) -> AttrIter<'a> {
        self.iter()
    }
}

/// See [`Attrs::iter`].
#[derive(Clone, Copy)]
pub struct AttrIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for AttrIter<'a> {
    type Item = Attr<'a>;
    fn next(&mut self) -> Option<Attr<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        // The stream was checked when `Attrs` was made.
        let (attr, rest) = split(self.rest).ok()?;
        self.rest = rest;
        Some(attr)
    }
}

/// See [`Attrs::all`].
#[derive(Clone, Copy)]
pub struct Payloads<'a> {
    iter: AttrIter<'a>,
    ty: u16,
}

impl<'a> Iterator for Payloads<'a> {
    type Item = &'a [u8];
    fn next(&mut self) -> Option<&'a [u8]> {
        let ty = self.ty;
        self.iter.find(|a| a.ty == ty).map(|a| a.payload)
    }
}

enum Sink<'a> {
    Buf(Writer<'a>),
    Count(usize),
}

/// Writes attributes into a bounded buffer, or only counts the bytes.
pub struct AttrWriter<'a> {
    out: Sink<'a>,
}

impl<'a> AttrWriter<'a> {
    /// A writer that fills `buf` from its start.
    #[must_use]
    pub fn new(buf: &'a mut [u8]) -> Self {
        Self {
            out: Sink::Buf(Writer::new(buf)),
        }
    }

    /// A writer that keeps nothing and counts, so that a caller can allocate
    /// exactly what a message needs.
    #[must_use]
    pub fn counting() -> Self {
        Self {
            out: Sink::Count(0),
        }
    }

    /// Number of bytes written, or counted.
    #[must_use]
    #[allow(
        clippy::len_without_is_empty,
        reason = "a position rather than a container's length"
    )]
    pub fn len(&self) -> usize {
        match &self.out {
            Sink::Buf(w) => w.len(),
            Sink::Count(n) => *n,
        }
    }

    /// What was written; empty for a counting writer.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        match &self.out {
            Sink::Buf(w) => w.written(),
            Sink::Count(_) => &[],
        }
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<(), NoSpace> {
        match &mut self.out {
            Sink::Buf(w) => w.bytes(bytes),
            Sink::Count(n) => {
                *n = n.checked_add(bytes.len()).ok_or(NoSpace)?;
                Ok(())
            }
        }
    }

    fn pad(&mut self) -> Result<(), NoSpace> {
        match &mut self.out {
            Sink::Buf(w) => w.align(4),
            Sink::Count(n) => {
                *n = align_up(*n, 4).ok_or(NoSpace)?;
                Ok(())
            }
        }
    }

    fn rewind(&mut self, len: usize) {
        match &mut self.out {
            Sink::Buf(w) => w.truncate(len),
            Sink::Count(n) => *n = len,
        }
    }

    /// Appends one attribute whose payload is the `parts` one after the
    /// other. Nothing is appended on error.
    fn attr(&mut self, ty: u16, parts: &[&[u8]]) -> Result<(), NoSpace> {
        let start = self.len();
        let out = self.try_attr(ty, parts);
        if out.is_err() {
            self.rewind(start);
        }
        out
    }

    fn try_attr(&mut self, ty: u16, parts: &[&[u8]]) -> Result<(), NoSpace> {
        let mut len = ATTR_HEADER_LEN;
        for part in parts {
            len = len.checked_add(part.len()).ok_or(NoSpace)?;
        }
        self.raw(&u16::try_from(len).map_err(|_| NoSpace)?.to_ne_bytes())?;
        self.raw(&ty.to_ne_bytes())?;
        for part in parts {
            self.raw(part)?;
        }
        self.pad()
    }

    /// Appends a number of one byte.
    pub fn u8(&mut self, ty: u16, value: u8) -> Result<(), NoSpace> {
        self.attr(ty, &[&[value]])
    }

    /// Appends a number of two bytes.
    pub fn u16(&mut self, ty: u16, value: u16) -> Result<(), NoSpace> {
        self.attr(ty, &[&value.to_ne_bytes()])
    }

    /// Appends a number of four bytes.
    pub fn u32(&mut self, ty: u16, value: u32) -> Result<(), NoSpace> {
        self.attr(ty, &[&value.to_ne_bytes()])
    }

    /// Appends a number of eight bytes.
    pub fn u64(&mut self, ty: u16, value: u64) -> Result<(), NoSpace> {
        self.attr(ty, &[&value.to_ne_bytes()])
    }

    /// Appends UTF-8 text, not terminated. Errors: no space, longer than
    /// [`MAX_STR`], or a NUL within.
    pub fn str(&mut self, ty: u16, value: &str) -> Result<(), NoSpace> {
        if value.len() > MAX_STR || value.as_bytes().contains(&0) {
            return Err(NoSpace);
        }
        self.attr(ty, &[value.as_bytes()])
    }

    /// Appends bytes, in as many attributes as it takes: none when `value` is
    /// empty, else one for each [`MAX_CHUNK`].
    pub fn bytes(&mut self, ty: u16, value: &[u8]) -> Result<(), NoSpace> {
        for chunk in value.chunks(MAX_CHUNK) {
            self.attr(ty, &[chunk])?;
        }
        Ok(())
    }

    /// Appends an attribute that holds the attributes that `f` writes.
    /// Nothing is appended on error; more than 65531 bytes are one.
    pub fn nested(
        &mut self,
        ty: u16,
        f: impl FnOnce(&mut Self) -> Result<(), NoSpace>,
    ) -> Result<(), NoSpace> {
        let start = self.len();
        let out = self.try_nested(start, ty, f);
        if out.is_err() {
            self.rewind(start);
        }
        out
    }

    fn try_nested(
        &mut self,
        start: usize,
        ty: u16,
        f: impl FnOnce(&mut Self) -> Result<(), NoSpace>,
    ) -> Result<(), NoSpace> {
        self.raw(&[0; 2])?;
        self.raw(&(ty | NESTED).to_ne_bytes())?;
        f(self)?;
        let len = self.len().checked_sub(start).ok_or(NoSpace)?;
        let len = u16::try_from(len).map_err(|_| NoSpace)?;
        if let Sink::Buf(w) = &mut self.out {
            w.patch(start, &len.to_ne_bytes())?;
        }
        self.pad()
    }
}

/// A type that one field of a message can have.
pub(super) trait Field<'a>: Sized {
    fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace>;
    fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed>;
}

fn fixed<const N: usize>(payload: &[u8]) -> Result<[u8; N], Malformed> {
    payload
        .try_into()
        .map_err(|_| Malformed::new("attribute has the wrong size"))
}

macro_rules! number_field {
    ($($int:ty),*) => {$(
        impl<'a> Field<'a> for $int {
            fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
                w.attr(ty, &[&self.to_ne_bytes()])
            }
            fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
                Ok(<$int>::from_ne_bytes(fixed(attrs.required(ty)?)?))
            }
        }
        impl<'a> Field<'a> for Option<$int> {
            fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
                self.map_or(Ok(()), |v| v.put(ty, w))
            }
            fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
                attrs
                    .one(ty)?
                    .map(|p| fixed(p).map(<$int>::from_ne_bytes))
                    .transpose()
            }
        }
    )*};
}
number_field!(u8, u16, u32, u64, i32);

/// Implements [`Field`] for newtypes around numbers.
macro_rules! newtype_field {
    ($($name:ty: $int:ty),* $(,)?) => {$(
        impl<'a> $crate::ipc::attr::Field<'a> for $name {
            fn put(
                &self,
                ty: u16,
                w: &mut $crate::ipc::AttrWriter<'_>,
            ) -> Result<(), $crate::codec::NoSpace> {
                $crate::ipc::attr::Field::put(&self.0, ty, w)
            }
            fn get(
                attrs: &$crate::ipc::Attrs<'a>,
                ty: u16,
            ) -> Result<Self, $crate::codec::Malformed> {
                <$int as $crate::ipc::attr::Field<'a>>::get(attrs, ty).map(Self)
            }
        }
    )*};
}
pub(super) use newtype_field;

newtype_field!(NtStatus: u32);

impl<'a> Field<'a> for bool {
    fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
        w.u8(ty, u8::from(*self))
    }
    fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
        match u8::get(attrs, ty)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed::new("truth value is neither 0 nor 1")),
        }
    }
}

impl<'a> Field<'a> for [u8; 16] {
    fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
        w.attr(ty, &[self])
    }
    fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
        fixed(attrs.required(ty)?)
    }
}

/// Text. An absent attribute is the empty text.
impl<'a> Field<'a> for &'a str {
    fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
        w.str(ty, self)
    }
    fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
        let bytes = attrs.one(ty)?.unwrap_or(&[]);
        if bytes.len() > MAX_STR || bytes.contains(&0) {
            return Err(Malformed::new("text too long or with NUL"));
        }
        core::str::from_utf8(bytes).map_err(|_| Malformed::new("text is not UTF-8"))
    }
}

/// Bytes in one attribute. An absent attribute is the empty slice.
impl<'a> Field<'a> for &'a [u8] {
    fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
        if self.len() > MAX_CHUNK {
            return Err(NoSpace);
        }
        w.bytes(ty, self)
    }
    fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
        Ok(attrs.one(ty)?.unwrap_or(&[]))
    }
}

/// Bytes that may be longer than one attribute can hold: the payloads of all
/// attributes of one type of a stream, one after the other. To write one,
/// make it of a slice.
#[derive(Clone, Copy)]
pub struct Blob<'a>(BlobInner<'a>);

#[derive(Clone, Copy)]
enum BlobInner<'a> {
    Slice(&'a [u8]),
    Attrs(Payloads<'a>),
}

impl<'a> From<&'a [u8]> for Blob<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(BlobInner::Slice(bytes))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Blob<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self(BlobInner::Slice(bytes))
    }
}

impl Default for Blob<'_> {
    fn default() -> Self {
        Self(BlobInner::Slice(&[]))
    }
}

impl<'a> Blob<'a> {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks().fold(0, |n, c| n.saturating_add(c.len()))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks().all(<[u8]>::is_empty)
    }

    /// The pieces in order; none is longer than an attribute can be, unless
    /// this was made of a slice.
    #[must_use]
    pub const fn chunks(&self) -> Chunks<'a> {
        Chunks(Some(self.0))
    }

    /// Fills the start of `out`; answers how much. Errors: `out` is too short;
    /// it is then left in part overwritten.
    pub fn copy_to(&self, out: &mut [u8]) -> Result<usize, NoSpace> {
        let mut w = Writer::new(out);
        for chunk in self.chunks() {
            w.bytes(chunk)?;
        }
        Ok(w.len())
    }

    /// The bytes without copying, if they lie in one piece.
    #[must_use]
    pub fn as_slice(&self) -> Option<&'a [u8]> {
        let mut chunks = self.chunks();
        let first = chunks.next().unwrap_or(&[]);
        chunks.next().is_none().then_some(first)
    }
}

/// Equality of the bytes, however they are split.
impl PartialEq for Blob<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chunks().flatten().eq(other.chunks().flatten())
    }
}

/// Prints the length only: a blob may hold what must not be in a log.
impl core::fmt::Debug for Blob<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "<{} bytes>", self.len())
    }
}

/// See [`Blob::chunks`].
#[derive(Clone, Copy)]
pub struct Chunks<'a>(Option<BlobInner<'a>>);

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a [u8];
    fn next(&mut self) -> Option<&'a [u8]> {
        match self.0.as_mut()? {
            BlobInner::Slice(bytes) => {
                let bytes = *bytes;
                self.0 = None;
                Some(bytes)
            }
            BlobInner::Attrs(payloads) => payloads.next(),
        }
    }
}

impl<'a> Field<'a> for Blob<'a> {
    fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
        for chunk in self.chunks() {
            w.bytes(ty, chunk)?;
        }
        Ok(())
    }
    fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
        Ok(Self(BlobInner::Attrs(attrs.all(ty))))
    }
}

/// A list of numbers; to write one, make it of a slice.
#[derive(Clone, Copy)]
pub struct NumList<'a, T> {
    inner: ListInner<'a, T>,
}

#[derive(Clone, Copy)]
enum ListInner<'a, T> {
    Slice(&'a [T]),
    Attrs(Payloads<'a>, PhantomData<T>),
}

/// A list of u16, in order of preference or of occurrence.
pub type U16List<'a> = NumList<'a, u16>;
/// A list of u32.
pub type U32List<'a> = NumList<'a, u32>;
/// A list of u64.
pub type U64List<'a> = NumList<'a, u64>;

impl<'a, T> From<&'a [T]> for NumList<'a, T> {
    fn from(slice: &'a [T]) -> Self {
        Self {
            inner: ListInner::Slice(slice),
        }
    }
}

impl<T> Default for NumList<'_, T> {
    fn default() -> Self {
        Self {
            inner: ListInner::Slice(&[]),
        }
    }
}

macro_rules! num_list {
    ($($int:ty),*) => {$(
        impl<'a> NumList<'a, $int> {
            /// The numbers in order.
            pub fn iter(&self) -> impl Iterator<Item = $int> + Clone + 'a {
                let (slice, payloads) = match self.inner {
                    ListInner::Slice(s) => (s, None),
                    ListInner::Attrs(p, _) => (&[][..], Some(p)),
                };
                slice.iter().copied().chain(
                    payloads
                        .into_iter()
                        .flatten()
                        .flat_map(|p| p.chunks_exact(size_of::<$int>()))
                        .filter_map(|n| n.try_into().ok())
                        .map(<$int>::from_ne_bytes),
                )
            }

            /// How many there are.
            #[must_use]
            pub fn len(&self) -> usize {
                match self.inner {
                    ListInner::Slice(s) => s.len(),
                    ListInner::Attrs(p, _) => p.fold(0, |n: usize, c| {
                        n.saturating_add(c.chunks_exact(size_of::<$int>()).len())
                    }),
                }
            }

            /// Whether there is none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }

        impl<'a> Field<'a> for NumList<'a, $int> {
            fn put(&self, ty: u16, w: &mut AttrWriter<'_>) -> Result<(), NoSpace> {
                const N: usize = size_of::<$int>();
                let mut left = self.len();
                let mut numbers = self.iter();
                while left != 0 {
                    let now = left.min(MAX_CHUNK / N);
                    let start = w.len();
                    let mut put = || {
                        let len = now.checked_mul(N).ok_or(NoSpace)?;
                        let len = len.checked_add(ATTR_HEADER_LEN).ok_or(NoSpace)?;
                        w.raw(&u16::try_from(len).map_err(|_| NoSpace)?.to_ne_bytes())?;
                        w.raw(&ty.to_ne_bytes())?;
                        for n in numbers.by_ref().take(now) {
                            w.raw(&n.to_ne_bytes())?;
                        }
                        w.pad()
                    };
                    if let Err(e) = put() {
                        w.rewind(start);
                        return Err(e);
                    }
                    left = left.saturating_sub(now);
                }
                Ok(())
            }
            fn get(attrs: &Attrs<'a>, ty: u16) -> Result<Self, Malformed> {
                let payloads = attrs.all(ty);
                if payloads.clone().any(|p| !p.chunks_exact(size_of::<$int>()).remainder().is_empty()) {
                    return Err(Malformed::new("list ends within a number"));
                }
                Ok(Self { inner: ListInner::Attrs(payloads, PhantomData) })
            }
        }

        impl core::fmt::Debug for NumList<'_, $int> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }

        impl PartialEq for NumList<'_, $int> {
            fn eq(&self, other: &Self) -> bool {
                self.iter().eq(other.iter())
            }
        }
    )*};
}
num_list!(u16, u32, u64);
