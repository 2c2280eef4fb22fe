// SPDX-License-Identifier: GPL-2.0-or-later
//! Extended attributes (\[MS-FSCC\] 2.4.16, 2.4.16.1).

use crate::codec::{Malformed, NoSpace, Reader, Writer};

/// Flag of an attribute that a file server must understand to open the file.
pub const FILE_NEED_EA: u8 = 0x80;

/// One attribute of FileFullEaInformation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullEa<'a> {
    /// 0 or [`FILE_NEED_EA`].
    pub flags: u8,
    /// Name: ASCII by the book, any bytes but NUL in fact.
    pub name: &'a [u8],
    /// Value; empty in set-info removes the attribute.
    pub value: &'a [u8],
}

/// Walks FileFullEaInformation entries; an error ends the walk. An empty
/// buffer has no entry.
pub fn full_ea_entries(buffer: &[u8]) -> impl Iterator<Item = Result<FullEa<'_>, Malformed>> {
    walk(buffer, |r| {
        let flags = r.u8()?;
        let name_len = usize::from(r.u8()?);
        let value_len = r.len16()?;
        let name = take_name(r, name_len)?;
        let value = r.take(value_len)?;
        Ok(FullEa { flags, name, value })
    })
}

/// Walks FileGetEaInformation entries, the names that a query asks for; an
/// error ends the walk.
pub fn get_ea_entries(buffer: &[u8]) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    walk(buffer, |r| {
        let name_len = usize::from(r.u8()?);
        take_name(r, name_len)
    })
}

fn take_name<'a>(r: &mut Reader<'a>, len: usize) -> Result<&'a [u8], Malformed> {
    let name = r.take(len)?;
    if r.u8()? != 0 || name.is_empty() || name.contains(&0) {
        return Err(Malformed::new("name of extended attribute"));
    }
    Ok(name)
}

fn walk<'a, T>(
    buffer: &'a [u8],
    entry: impl Fn(&mut Reader<'a>) -> Result<T, Malformed> + 'a,
) -> impl Iterator<Item = Result<T, Malformed>> + 'a
where
    T: 'a,
{
    let mut rest = (!buffer.is_empty()).then_some(buffer);
    core::iter::from_fn(move || {
        let bytes = rest.take()?;
        let mut step = || {
            let bad = Malformed::new("NextEntryOffset of extended attribute");
            let mut r = Reader::new(bytes);
            let next = r.len32()?;
            let item = entry(&mut r)?;
            if next != 0 {
                if next % 4 != 0 || next < r.position() {
                    return Err(bad);
                }
                rest = Some(bytes.get(next..).ok_or(bad)?);
            }
            Ok(item)
        };
        Some(step())
    })
}

/// Appends FileFullEaInformation entries, each on a 4-byte boundary.
#[derive(Debug)]
pub struct EaWriter<'w, 'a> {
    w: &'w mut Writer<'a>,
    base: usize,
    last: Option<usize>,
}

impl<'w, 'a> EaWriter<'w, 'a> {
    /// Entries that begin where `w` stands.
    #[must_use]
    pub fn new(w: &'w mut Writer<'a>) -> Self {
        let base = w.len();
        Self {
            w,
            base,
            last: None,
        }
    }

    /// Appends an attribute; when it does not fit, the chain is as before.
    pub fn push(&mut self, ea: &FullEa<'_>) -> Result<(), NoSpace> {
        let before = self.w.len();
        let result = self.try_push(ea);
        if result.is_err() {
            self.w.truncate(before);
        }
        result
    }

    fn try_push(&mut self, ea: &FullEa<'_>) -> Result<(), NoSpace> {
        self.w.align_from(self.base, 4)?;
        let at = self.w.len();
        self.w.u32(0)?;
        self.w.u8(ea.flags)?;
        self.w
            .u8(u8::try_from(ea.name.len()).map_err(|_| NoSpace)?)?;
        self.w.len16(ea.value.len())?;
        self.w.bytes(ea.name)?;
        self.w.u8(0)?;
        self.w.bytes(ea.value)?;
        if let Some(last) = self.last {
            self.w
                .patch_len32(last, at.checked_sub(last).ok_or(NoSpace)?)?;
        }
        self.last = Some(at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    #[test]
    fn golden() {
        let wire = [
            16, 0, 0, 0, 0, 3, 1, 0, b'o', b'n', b'e', 0, 1, 0, 0, 0, //
            0, 0, 0, 0, 0x80, 1, 0, 0, b't', 0,
        ];
        let list: Vec<_> = full_ea_entries(&wire).map(|e| e.unwrap()).collect();
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].name, b"one");
        assert_eq!(list[1].flags, FILE_NEED_EA);
        let mut buf = [0xAA; 26];
        let mut w = Writer::new(&mut buf);
        let mut ea = EaWriter::new(&mut w);
        for entry in &list {
            ea.push(entry).unwrap();
        }
        assert_eq!(w.written(), &wire[..]);
        let wanted = [0, 0, 0, 0, 3, b'o', b'n', b'e', 0];
        assert_eq!(get_ea_entries(&wanted).next(), Some(Ok(&b"one"[..])));
    }

    #[test]
    fn refuses_bad_names_and_loops() {
        for wire in [
            &[0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &[0, 0, 0, 0, 0, 1, 0, 0, b'a', b'b'],
            &[0, 0, 0, 0, 0, 2, 0, 0, b'a', 0, 0],
            &[4, 0, 0, 0, 0, 1, 0, 0, b'a', 0, 0, 0],
            &[0xFC, 0xFF, 0xFF, 0xFF, 0, 1, 0, 0, b'a', 0],
            &[0, 0, 0, 0, 0, 1, 5, 0, b'a', 0],
        ] {
            assert!(full_ea_entries(wire).next().unwrap().is_err());
            assert!(full_ea_entries(wire).count() == 1);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes(bytes in any::<Vec<u8>>()) {
            prop_assert!(full_ea_entries(&bytes).count() <= bytes.len());
            prop_assert!(get_ea_entries(&bytes).count() <= bytes.len());
        }
    }
}
