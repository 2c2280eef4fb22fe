// SPDX-License-Identifier: GPL-2.0-or-later
//! Reparse data buffers (\[MS-FSCC\] 2.1.2).

use crate::codec::{Malformed, NoSpace, Reader, Writer};
use crate::dtyp::Utf16;
use crate::limits::MAX_REPARSE_DATA_LEN;
use crate::smb2::error::SymlinkFlags;

wire_enum! {
    /// Reparse tag (\[MS-FSCC\] 2.1.2.1).
    pub struct ReparseTag(u32) {
        NONE = 0x0000_0000,
        MOUNT_POINT = 0xA000_0003,
        DEDUP = 0x8000_0013,
        NFS = 0x8000_0014,
        SYMLINK = 0xA000_000C,
        LX_SYMLINK = 0xA000_001D,
        AF_UNIX = 0x8000_0023,
        LX_FIFO = 0x8000_0024,
        LX_CHR = 0x8000_0025,
        LX_BLK = 0x8000_0026,
    }
}

impl ReparseTag {
    /// Whether the tag belongs to Microsoft, so that no GUID follows.
    #[inline]
    #[must_use]
    pub const fn is_microsoft(self) -> bool {
        self.0 & 0x8000_0000 != 0
    }
}

wire_enum! {
    /// What a file with tag [`ReparseTag::NFS`] is (\[MS-FSCC\] 2.1.2.6).
    pub struct NfsType(u64) {
        LNK = 0x0000_0000_014B_4E4C,
        CHR = 0x0000_0000_0052_4843,
        BLK = 0x0000_0000_004B_4C42,
        FIFO = 0x0000_0000_4F46_4946,
        SOCK = 0x0000_0000_4B43_4F53,
    }
}

/// A reparse data buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReparseData<'a> {
    /// Symbolic link (\[MS-FSCC\] 2.1.2.4).
    Symlink {
        /// Target.
        substitute_name: Utf16<'a>,
        /// Target as it is shown.
        print_name: Utf16<'a>,
        /// Whether it is relative.
        flags: SymlinkFlags,
    },
    /// Mount point (\[MS-FSCC\] 2.1.2.5).
    MountPoint {
        /// Target.
        substitute_name: Utf16<'a>,
        /// Target as it is shown.
        print_name: Utf16<'a>,
    },
    /// Symbolic link of an NFS server (\[MS-FSCC\] 2.1.2.6).
    NfsSymlink {
        /// Target.
        target: Utf16<'a>,
    },
    /// Device of an NFS server.
    NfsDevice {
        /// [`NfsType::CHR`] or [`NfsType::BLK`].
        nfs_type: NfsType,
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// Pipe or socket of an NFS server.
    NfsSpecial(NfsType),
    /// Symbolic link of the Windows Subsystem for Linux.
    LxSymlink {
        /// Target, UTF-8 in general.
        target: &'a [u8],
    },
    /// Anything else, with the data behind the 8-byte head (and the GUID,
    /// if the tag is not Microsoft's).
    Other {
        /// Tag.
        tag: ReparseTag,
        /// Data.
        data: &'a [u8],
    },
}

/// Version of an [`ReparseData::LxSymlink`].
const LX_SYMLINK_VERSION: u32 = 2;

impl<'a> ReparseData<'a> {
    /// Parses a buffer of at most 16 KiB. Errors besides truncation: data of a
    /// known tag that has not its form.
    pub fn parse(buffer: &'a [u8]) -> Result<Self, Malformed> {
        let bad = Malformed::new("reparse data");
        if buffer.len() > MAX_REPARSE_DATA_LEN {
            return Err(Malformed::new("reparse data over 16 KiB"));
        }
        let mut r = Reader::new(buffer);
        let tag = ReparseTag(r.u32()?);
        let len = r.len16()?;
        r.skip(2)?;
        // For foreign tags the length does not count the GUID.
        let guid = if tag.is_microsoft() { 0 } else { 16 };
        let data = r.take(len.checked_add(guid).ok_or(bad)?)?;
        r.finish("ReparseDataLength")?;
        let mut r = Reader::new(data);
        Ok(match tag {
            ReparseTag::SYMLINK | ReparseTag::MOUNT_POINT => {
                let substitute_offset = r.len16()?;
                let substitute_len = r.len16()?;
                let print_offset = r.len16()?;
                let print_len = r.len16()?;
                let flags = if tag == ReparseTag::SYMLINK {
                    SymlinkFlags(r.u32()?)
                } else {
                    SymlinkFlags::NONE
                };
                let path = Reader::new(r.rest());
                let substitute_name = Utf16::new(path.at(substitute_offset, substitute_len)?)?;
                let print_name = Utf16::new(path.at(print_offset, print_len)?)?;
                if tag == ReparseTag::SYMLINK {
                    Self::Symlink {
                        substitute_name,
                        print_name,
                        flags,
                    }
                } else {
                    Self::MountPoint {
                        substitute_name,
                        print_name,
                    }
                }
            }
            ReparseTag::NFS => match NfsType(r.u64()?) {
                NfsType::LNK => Self::NfsSymlink {
                    target: Utf16::new(r.rest())?,
                },
                nfs_type @ (NfsType::CHR | NfsType::BLK) => {
                    let out = Self::NfsDevice {
                        nfs_type,
                        major: r.u32()?,
                        minor: r.u32()?,
                    };
                    r.finish("NFS device")?;
                    out
                }
                nfs_type @ (NfsType::FIFO | NfsType::SOCK) => {
                    r.finish("NFS special file")?;
                    Self::NfsSpecial(nfs_type)
                }
                _ => return Err(bad),
            },
            ReparseTag::LX_SYMLINK => {
                if r.u32()? != LX_SYMLINK_VERSION {
                    return Err(bad);
                }
                Self::LxSymlink { target: r.rest() }
            }
            _ => Self::Other { tag, data },
        })
    }

    /// Tag and ReparseDataLength of a buffer whose data does not matter, as in FSCTL_DELETE_REPARSE_POINT (\[MS-FSCC\]
    /// 2.3.4). Error: less than a head.
    pub fn head(buffer: &[u8]) -> Result<(ReparseTag, u16), Malformed> {
        let mut r = Reader::new(buffer);
        Ok((ReparseTag(r.u32()?), r.u16()?))
    }

    /// The tag.
    #[must_use]
    pub const fn tag(&self) -> ReparseTag {
        match self {
            Self::Symlink { .. } => ReparseTag::SYMLINK,
            Self::MountPoint { .. } => ReparseTag::MOUNT_POINT,
            Self::NfsSymlink { .. } | Self::NfsDevice { .. } | Self::NfsSpecial(_) => {
                ReparseTag::NFS
            }
            Self::LxSymlink { .. } => ReparseTag::LX_SYMLINK,
            Self::Other { tag, .. } => *tag,
        }
    }

    /// Appends the buffer.
    pub fn write(&self, w: &mut Writer<'_>) -> Result<(), NoSpace> {
        w.u32(self.tag().0)?;
        let len_at = w.len();
        w.u32(0)?;
        let data_at = w.len();
        match self {
            Self::Symlink {
                substitute_name,
                print_name,
                flags,
            } => write_names(*substitute_name, *print_name, Some(*flags), w)?,
            Self::MountPoint {
                substitute_name,
                print_name,
            } => write_names(*substitute_name, *print_name, None, w)?,
            Self::NfsSymlink { target } => {
                w.u64(NfsType::LNK.0)?;
                w.bytes(target.as_bytes())?;
            }
            Self::NfsDevice {
                nfs_type,
                major,
                minor,
            } => {
                w.u64(nfs_type.0)?;
                w.u32(*major)?;
                w.u32(*minor)?;
            }
            Self::NfsSpecial(nfs_type) => w.u64(nfs_type.0)?,
            Self::LxSymlink { target } => {
                w.u32(LX_SYMLINK_VERSION)?;
                w.bytes(target)?;
            }
            Self::Other { data, .. } => w.bytes(data)?,
        }
        let guid = if self.tag().is_microsoft() { 0 } else { 16 };
        let len = w
            .len()
            .checked_sub(data_at)
            .and_then(|n| n.checked_sub(guid))
            .ok_or(NoSpace)?;
        w.patch_len16(len_at, len)
    }
}

fn write_names(
    substitute: Utf16<'_>,
    print: Utf16<'_>,
    flags: Option<SymlinkFlags>,
    w: &mut Writer<'_>,
) -> Result<(), NoSpace> {
    w.u16(0)?;
    w.len16(substitute.as_bytes().len())?;
    w.len16(substitute.as_bytes().len())?;
    w.len16(print.as_bytes().len())?;
    if let Some(flags) = flags {
        w.u32(flags.0)?;
    }
    w.bytes(substitute.as_bytes())?;
    w.bytes(print.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn round_trip(data: &ReparseData<'_>) -> Vec<u8> {
        let mut buf = [0; 256];
        let mut w = Writer::new(&mut buf);
        data.write(&mut w).unwrap();
        assert_eq!(ReparseData::parse(w.written()).as_ref(), Ok(data));
        w.written().to_vec()
    }

    #[test]
    fn golden_symlink() {
        let wire = round_trip(&ReparseData::Symlink {
            substitute_name: Utf16::new(b"a\0").unwrap(),
            print_name: Utf16::new(b"b\0").unwrap(),
            flags: SymlinkFlags::RELATIVE,
        });
        assert_eq!(
            wire,
            [0x0C, 0, 0, 0xA0, 16, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2, 0, 1, 0, 0, 0, b'a', 0, b'b', 0]
        );
    }

    #[test]
    fn all_kinds() {
        round_trip(&ReparseData::MountPoint {
            substitute_name: Utf16::new(b"a\0").unwrap(),
            print_name: Utf16::EMPTY,
        });
        round_trip(&ReparseData::NfsSymlink {
            target: Utf16::new(b"t\0").unwrap(),
        });
        round_trip(&ReparseData::NfsDevice {
            nfs_type: NfsType::CHR,
            major: 1,
            minor: 3,
        });
        round_trip(&ReparseData::NfsSpecial(NfsType::FIFO));
        round_trip(&ReparseData::LxSymlink { target: b"/etc" });
        round_trip(&ReparseData::Other {
            tag: ReparseTag(0x1234),
            data: &[9; 20],
        });
        round_trip(&ReparseData::Other {
            tag: ReparseTag::AF_UNIX,
            data: &[],
        });
    }

    #[test]
    fn golden_special_files() {
        // As Linux' client writes them with `reparse=nfs` and `reparse=wsl`.
        let fifo = b"\x14\0\0\x80\x08\0\0\0FIFO\0\0\0\0";
        assert_eq!(
            ReparseData::parse(fifo),
            Ok(ReparseData::NfsSpecial(NfsType::FIFO))
        );
        let link = b"\x14\0\0\x80\x0c\0\0\0LNK\x01\0\0\0\0a\0/\0";
        let target = Utf16::new(b"a\0/\0").unwrap();
        assert_eq!(
            ReparseData::parse(link),
            Ok(ReparseData::NfsSymlink { target })
        );
        let link = b"\x1d\0\0\xa0\x07\0\0\0\x02\0\0\0a/b";
        assert_eq!(
            ReparseData::parse(link),
            Ok(ReparseData::LxSymlink { target: b"a/b" })
        );
        let fifo = b"\x24\0\0\x80\0\0\0\0";
        let tag = ReparseTag::LX_FIFO;
        assert_eq!(
            ReparseData::parse(fifo),
            Ok(ReparseData::Other { tag, data: &[] })
        );
        assert_eq!(ReparseData::head(fifo), Ok((tag, 0)));
        assert!(ReparseData::head(&fifo[..5]).is_err());
    }

    #[test]
    fn length_must_be_exact() {
        let wire = round_trip(&ReparseData::NfsSpecial(NfsType::SOCK));
        for cut in 0..wire.len() {
            assert!(ReparseData::parse(&wire[..cut]).is_err());
        }
        let mut long = wire;
        long.push(0);
        assert!(ReparseData::parse(&long).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_data(tag in 0usize..10, data in any::<Vec<u8>>()) {
            let tag = [0xA000_0003u32, 0x8000_0014, 0xA000_000C, 0xA000_001D, 0x8000_0023,
                0x8000_0024, 0x8000_0025, 0x8000_0026, 0, 0x7777][tag];
            let mut wire = Vec::new();
            wire.extend(tag.to_le_bytes());
            wire.extend((data.len() as u16).to_le_bytes());
            wire.extend([0, 0]);
            wire.extend(&data);
            let _ = ReparseData::parse(&wire);
        }
    }
}
