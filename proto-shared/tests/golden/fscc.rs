// SPDX-License-Identifier: GPL-2.0-or-later
//! Information classes and controls.

use super::unhex;
use proto_shared::codec::{NoSpace, Reader, Writer};
use proto_shared::dtyp::access::AccessMask;
use proto_shared::dtyp::{FileTime, Guid, Sid, Utf16};
use proto_shared::fscc::directory::{self, fixed_len};
use proto_shared::fscc::file::{
    AccessInfo, AlignmentInfo, AllInfo, AttributeTagInfo, BasicInfo, CompressionInfo, EaInfo,
    IdInfo, InternalInfo, ModeInfo, NameInfo, NetworkOpenInfo, PipeInfo, PositionInfo, PosixInfo,
    StandardInfo, StatInfo, StreamWriter, Times,
};
use proto_shared::fscc::fs::{
    AttributeInfo, ControlInfo, DeviceCharacteristics, DeviceInfo, DeviceType, FsAttributes,
    FullSizeInfo, ObjectIdInfo, PosixFsInfo, SectorFlags, SectorSizeInfo, SizeInfo, VolumeInfo,
};
use proto_shared::fscc::fsctl::{
    parse_set_sparse, write_resume_key, AllocatedRange, CopyChunk, CopyChunkRequest,
    CopyChunkResponse, DuplicateExtents, FileLevelTrim, PipeWait, SetZeroData,
    ValidateNegotiateResponse, RESUME_KEY_RESPONSE_LEN,
};
use proto_shared::fscc::set::{DispositionFlags, RenameFlags, RenameInfo};
use proto_shared::fscc::{DirEntry, DirWriter, FileAttributes, FileInfoClass, Fit, SetFileInfo};
use proto_shared::smb2::{Capabilities, Dialect, FileId, SecurityMode};

const TIMES: Times = Times {
    creation: FileTime(0x0101),
    last_access: FileTime(0x0202),
    last_write: FileTime(0x0303),
    change: FileTime(0x0404),
};
const TIMES_HEX: &str = "0101000000000000020200000000000003030000000000000404000000000000";

const STANDARD: StandardInfo = StandardInfo {
    allocation_size: 4096,
    end_of_file: 77,
    number_of_links: 2,
    delete_pending: true,
    directory: false,
};
const STANDARD_HEX: &str = "00100000000000004d00000000000000020000000100 0000";

const POSIX: PosixInfo = PosixInfo {
    times: TIMES,
    end_of_file: 77,
    allocation_size: 4096,
    attributes: FileAttributes::ARCHIVE,
    inode: 0x1234,
    device_id: 9,
    hard_links: 1,
    reparse_tag: 0,
    mode: 0o100644,
    owner: Sid::LOCAL_SYSTEM,
    group: Sid::BUILTIN_USERS,
};

fn bytes<T>(write: impl FnOnce(&mut Writer<'_>) -> Result<T, NoSpace>) -> Vec<u8> {
    let mut buf = vec![0xAA; 2048];
    let mut w = Writer::new(&mut buf);
    write(&mut w).unwrap();
    w.written().to_vec()
}

fn hex(text: &str) -> Vec<u8> {
    unhex(&text.replace(' ', ""))
}

#[test]
fn file_information() {
    let basic = BasicInfo {
        times: TIMES,
        attributes: FileAttributes::ARCHIVE,
    };
    let basic_hex = format!("{TIMES_HEX}20000000 00000000");
    assert_eq!(bytes(|w| basic.write(w)), hex(&basic_hex));
    assert_eq!(hex(&basic_hex).len(), BasicInfo::LEN);
    assert_eq!(
        BasicInfo::parse(&mut Reader::new(&hex(&basic_hex))),
        Ok(basic)
    );
    assert_eq!(bytes(|w| STANDARD.write(w)), hex(STANDARD_HEX));
    assert_eq!(hex(STANDARD_HEX).len(), StandardInfo::LEN);

    let all = AllInfo {
        basic,
        standard: STANDARD,
        internal: InternalInfo { index_number: 0x42 },
        ea: EaInfo { ea_size: 3 },
        access: AccessInfo {
            access: AccessMask::FILE_ALL_ACCESS,
        },
        position: PositionInfo {
            current_byte_offset: 5,
        },
        mode: ModeInfo { mode: 2 },
        alignment: AlignmentInfo {
            alignment_requirement: 0,
        },
        name: "\\a",
    };
    let all_hex = format!(
        "{basic_hex}{STANDARD_HEX}4200000000000000 03000000 ff011f00 0500000000000000 02000000 \
         00000000 04000000 5c006100"
    );
    assert_eq!(bytes(|w| all.write(w)), hex(&all_hex));
    assert_eq!(hex(&all_hex).len(), AllInfo::FIXED_LEN + 4);

    let network = NetworkOpenInfo {
        times: TIMES,
        allocation_size: 4096,
        end_of_file: 77,
        attributes: FileAttributes::ARCHIVE,
    };
    let network_hex = format!("{TIMES_HEX}0010000000000000 4d00000000000000 20000000 00000000");
    assert_eq!(bytes(|w| network.write(w)), hex(&network_hex));
    assert_eq!(hex(&network_hex).len(), NetworkOpenInfo::LEN);

    let stat = StatInfo {
        file_id: 0x42,
        times: TIMES,
        allocation_size: 4096,
        end_of_file: 77,
        attributes: FileAttributes::ARCHIVE,
        reparse_tag: 0,
        number_of_links: 1,
        effective_access: AccessMask::FILE_GENERIC_READ,
    };
    let stat_hex = format!(
        "4200000000000000{TIMES_HEX}0010000000000000 4d00000000000000 20000000 00000000 01000000 \
         89001200"
    );
    assert_eq!(bytes(|w| stat.write(w)), hex(&stat_hex));
    assert_eq!(hex(&stat_hex).len(), StatInfo::LEN);

    let tag = AttributeTagInfo {
        attributes: FileAttributes::REPARSE_POINT,
        reparse_tag: 0xA000_000C,
    };
    assert_eq!(bytes(|w| tag.write(w)), hex("00040000 0c0000a0"));
    let id = IdInfo {
        volume_serial_number: 7,
        file_id: 0x42,
    };
    assert_eq!(
        bytes(|w| id.write(w)),
        hex("0700000000000000 42000000000000000000000000000000")
    );
    let compression = CompressionInfo {
        compressed_file_size: 77,
        ..CompressionInfo::default()
    };
    assert_eq!(bytes(|w| compression.write(w)).len(), CompressionInfo::LEN);
    let pipe = PipeInfo {
        read_mode: 1,
        completion_mode: 0,
    };
    assert_eq!(bytes(|w| pipe.write(w)), hex("01000000 00000000"));
    let posix = bytes(|w| POSIX.write(w));
    assert_eq!(posix.len(), 80 + 12 + 16);
    assert_eq!(PosixInfo::parse(&mut Reader::new(&posix)), Ok(POSIX));
}

#[test]
fn names_are_cut_where_the_buffer_ends() {
    let info = NameInfo {
        name: "\\dir\\name",
    };
    for size in 0..32 {
        let mut buf = [0xAA; 32];
        let mut w = Writer::with_limit(&mut buf, size);
        match info.write(&mut w) {
            Err(NoSpace) => assert!(size < 4),
            Ok(fit) => {
                assert_eq!(fit.is_whole(), size >= 22);
                assert_eq!(w.written()[..4], [18, 0, 0, 0]);
                assert_eq!(w.len(), size.min(22) & !1);
            }
        }
    }
    let whole = bytes(|w| {
        assert_eq!(info.write(w), Ok(Fit::Whole));
        Ok(())
    });
    let name = NameInfo::parse(&mut Reader::new(&whole)).unwrap();
    assert!(name.eq_str("\\dir\\name"));
}

#[test]
fn streams() {
    let made = bytes(|w| {
        let mut s = StreamWriter::new(w);
        s.push("::$DATA", 77, 4096)?;
        s.push(":x:$DATA", 1, 2)
    });
    let want = hex(
        "28000000 0e000000 4d00000000000000 0010000000000000 3a003a002400440041005400 4100 0000\
         00000000 10000000 0100000000000000 0200000000000000 3a0078003a0024004400410054004100",
    );
    assert_eq!(made, want);
}

fn entry<'a>(name: &'a str, posix: Option<&'a PosixInfo>) -> DirEntry<'a> {
    DirEntry {
        apple: None,
        file_index: 0,
        times: TIMES,
        end_of_file: 77,
        allocation_size: 4096,
        attributes: FileAttributes::ARCHIVE,
        ea_size: 3,
        reparse_tag: 0,
        file_id: 0x1234,
        short_name: "A~1",
        name,
        posix,
    }
}

const DIRECTORY_CLASSES: [FileInfoClass; 9] = [
    FileInfoClass::DIRECTORY,
    FileInfoClass::FULL_DIRECTORY,
    FileInfoClass::BOTH_DIRECTORY,
    FileInfoClass::NAMES,
    FileInfoClass::ID_BOTH_DIRECTORY,
    FileInfoClass::ID_FULL_DIRECTORY,
    FileInfoClass::ID_EXTD_DIRECTORY,
    FileInfoClass::ID_EXTD_BOTH_DIRECTORY,
    FileInfoClass::POSIX,
];

#[test]
fn directory_entries_of_every_class() {
    let long = "n".repeat(255);
    let names = [".", "..", "ä😀", "name.txt", &long];
    for class in DIRECTORY_CLASSES {
        let mut buf = vec![0xAA; 4096];
        let mut w = Writer::new(&mut buf);
        w.zeros(72).unwrap();
        let mut dir = DirWriter::new(&mut w, class).unwrap();
        for name in names {
            dir.push(&entry(name, Some(&POSIX))).unwrap();
        }
        assert_eq!(dir.count(), names.len());
        let output = &w.written()[72..];
        let parsed: Vec<_> = directory::entries(class, output)
            .map(|e| e.unwrap())
            .collect();
        assert_eq!(parsed.len(), names.len());
        for (e, name) in parsed.iter().zip(names) {
            assert!(e.name.eq_str(name), "{class}");
            if class != FileInfoClass::NAMES {
                assert_eq!((e.times, e.end_of_file), (TIMES, 77), "{class}");
                assert_eq!(e.attributes, FileAttributes::ARCHIVE);
            }
        }
        // The first entry is "." of two bytes behind the fixed part, which in
        // the POSIX class has longer SIDs than the shortest.
        let fixed = fixed_len(class).unwrap();
        if class != FileInfoClass::POSIX {
            assert_eq!(output[fixed..fixed + 2], [b'.', 0], "{class}");
        }
        assert_eq!(
            u32::from_le_bytes(output[..4].try_into().unwrap()) % 8,
            0,
            "{class}"
        );
        // A limit anywhere cuts whole entries only.
        for limit in 0..output.len() {
            let mut buf = vec![0xAA; 4096];
            let mut w = Writer::with_limit(&mut buf, limit);
            let mut dir = DirWriter::new(&mut w, class).unwrap();
            let fitting = names
                .iter()
                .take_while(|name| dir.push(&entry(name, Some(&POSIX))).is_ok())
                .count();
            assert_eq!(dir.count(), fitting);
            let good = directory::entries(class, w.written())
                .inspect(|e| assert!(e.is_ok()))
                .count();
            assert_eq!(good, fitting);
        }
    }
    let mut buf = [0; 8];
    assert!(DirWriter::new(&mut Writer::new(&mut buf), FileInfoClass::BASIC).is_none());
}

#[test]
fn directory_golden() {
    let made = bytes(|w| {
        DirWriter::new(w, FileInfoClass::ID_BOTH_DIRECTORY)
            .unwrap()
            .push(&entry("ab", None))
    });
    let want = hex(&format!(
        "00000000 00000000 {TIMES_HEX} 4d00000000000000 0010000000000000 20000000 04000000 \
         03000000 06 00 41007e003100 {} 0000 3412000000000000 61006200",
        "00".repeat(18)
    ));
    assert_eq!(made, want);
    let link = DirEntry {
        attributes: FileAttributes::REPARSE_POINT,
        reparse_tag: 0xA000_000C,
        ..entry("ab", None)
    };
    let made = bytes(|w| {
        DirWriter::new(w, FileInfoClass::ID_BOTH_DIRECTORY)
            .unwrap()
            .push(&link)
    });
    assert_eq!(made[64..68], 0xA000_000Cu32.to_le_bytes());
    let made = bytes(|w| {
        DirWriter::new(w, FileInfoClass::ID_EXTD_DIRECTORY)
            .unwrap()
            .push(&link)
    });
    assert_eq!(made[64..72], hex("03000000 0c0000a0"));
}

#[test]
fn file_system_information() {
    let volume = VolumeInfo {
        creation_time: FileTime(1),
        serial_number: 0xCAFE,
        supports_objects: false,
        label: "d",
    };
    assert_eq!(
        bytes(|w| volume.write(w)),
        hex("0100000000000000 feca0000 02000000 00 00 6400")
    );
    let attributes = AttributeInfo {
        attributes: FsAttributes::CASE_PRESERVED_NAMES | FsAttributes::UNICODE_ON_DISK,
        maximum_component_name_length: 255,
        name: "NTFS",
    };
    assert_eq!(
        bytes(|w| attributes.write(w)),
        hex("06000000 ff000000 08000000 4e00540046005300")
    );
    let size = SizeInfo {
        total_allocation_units: 10,
        available_allocation_units: 5,
        sectors_per_allocation_unit: 8,
        bytes_per_sector: 512,
    };
    assert_eq!(
        bytes(|w| size.write(w)),
        hex("0a00000000000000 0500000000000000 08000000 00020000")
    );
    let full = FullSizeInfo {
        total_allocation_units: 10,
        caller_available_allocation_units: 5,
        actual_available_allocation_units: 6,
        sectors_per_allocation_unit: 8,
        bytes_per_sector: 512,
    };
    assert_eq!(
        bytes(|w| full.write(w)),
        hex("0a00000000000000 0500000000000000 0600000000000000 08000000 00020000")
    );
    let device = DeviceInfo {
        device_type: DeviceType::DISK,
        characteristics: DeviceCharacteristics::DEVICE_IS_MOUNTED,
    };
    assert_eq!(bytes(|w| device.write(w)), hex("07000000 20000000"));
    let control = ControlInfo {
        default_quota_threshold: u64::MAX,
        default_quota_limit: u64::MAX,
        flags: 0,
    };
    let made = bytes(|w| control.write(w));
    assert_eq!(made.len(), ControlInfo::LEN);
    assert_eq!(ControlInfo::parse(&mut Reader::new(&made)), Ok(control));
    let object = ObjectIdInfo {
        object_id: Guid([1; 16]),
        extended_info: [2; 48],
    };
    assert_eq!(bytes(|w| object.write(w)).len(), ObjectIdInfo::LEN);
    let sector = SectorSizeInfo {
        logical_bytes_per_sector: 512,
        physical_bytes_for_atomicity: 4096,
        physical_bytes_for_performance: 4096,
        effective_physical_bytes_for_atomicity: 4096,
        flags: SectorFlags::ALIGNED_DEVICE,
        byte_offset_for_sector_alignment: 0,
        byte_offset_for_partition_alignment: 0,
    };
    assert_eq!(
        bytes(|w| sector.write(w)),
        hex("00020000 00100000 00100000 00100000 01000000 00000000 00000000")
    );
    let posix = PosixFsInfo {
        block_size: 4096,
        ..PosixFsInfo::default()
    };
    assert_eq!(bytes(|w| posix.write(w)).len(), PosixFsInfo::LEN);
}

#[test]
fn set_information() {
    let name = [b'n', 0, b'e', 0];
    let rename = RenameInfo {
        flags: RenameFlags::REPLACE_IF_EXISTS,
        root_directory: 0,
        name: Utf16::new(&name).unwrap(),
    };
    let extended = RenameInfo {
        flags: RenameFlags::REPLACE_IF_EXISTS | RenameFlags::POSIX_SEMANTICS,
        ..rename
    };
    let cases = [
        (
            SetFileInfo::Rename(rename),
            "0100000000000000 0000000000000000 04000000 6e006500",
        ),
        (
            SetFileInfo::RenameEx(extended),
            "0300000000000000 0000000000000000 04000000 6e006500",
        ),
        (
            SetFileInfo::Link(rename),
            "0100000000000000 0000000000000000 04000000 6e006500",
        ),
        (SetFileInfo::Disposition(true), "01"),
        (
            SetFileInfo::DispositionEx(
                DispositionFlags::DELETE | DispositionFlags::POSIX_SEMANTICS,
            ),
            "03000000",
        ),
        (SetFileInfo::EndOfFile(1), "0100000000000000"),
        (SetFileInfo::Allocation(2), "0200000000000000"),
        (SetFileInfo::Position(3), "0300000000000000"),
        (SetFileInfo::ValidDataLength(4), "0400000000000000"),
        (SetFileInfo::Mode(2), "02000000"),
    ];
    for (value, wire) in cases {
        let wire = hex(wire);
        let class = value.class();
        assert_eq!(bytes(|w| value.write(w)), wire, "{class}");
        assert_eq!(SetFileInfo::parse(class, &wire), Ok(Some(value)), "{class}");
        for cut in 0..wire.len() {
            assert!(SetFileInfo::parse(class, &wire[..cut]).is_err(), "{class}");
        }
        assert!(SetFileInfo::min_len(class).unwrap() <= wire.len());
    }
    assert_eq!(SetFileInfo::parse(FileInfoClass::ALL, &[0; 200]), Ok(None));
    // Negative sizes.
    for class in [
        FileInfoClass::END_OF_FILE,
        FileInfoClass::ALLOCATION,
        FileInfoClass::POSITION,
        FileInfoClass::VALID_DATA_LENGTH,
    ] {
        assert!(SetFileInfo::parse(class, &[0xFF; 8]).is_err());
    }
}

#[test]
fn controls() {
    let made = bytes(|w| write_resume_key(&[7; 24], w));
    assert_eq!(made.len(), RESUME_KEY_RESPONSE_LEN);

    let chunks = [
        CopyChunk {
            source_offset: 1,
            target_offset: 2,
            length: 3,
        },
        CopyChunk {
            source_offset: u64::MAX,
            target_offset: 5,
            length: 6,
        },
    ];
    let made = bytes(|w| CopyChunkRequest::write(&[7; 24], &chunks, w));
    assert_eq!(made.len(), 32 + 48);
    let parsed = CopyChunkRequest::parse(&made).unwrap();
    assert_eq!((parsed.source_key, parsed.count()), ([7; 24], 2));
    assert!(parsed.chunks().eq(chunks));
    let mut bad = made;
    bad[24..28].fill(0xFF);
    assert!(CopyChunkRequest::parse(&bad).is_err());

    let limits = CopyChunkResponse {
        chunks_written: 256,
        chunk_bytes_written: 1 << 20,
        total_bytes_written: 16 << 20,
    };
    let made = bytes(|w| limits.write(w));
    assert_eq!(made, hex("00010000 00001000 00000001"));
    assert_eq!(CopyChunkResponse::parse(&made), Ok(limits));

    let validate = ValidateNegotiateResponse {
        capabilities: Capabilities(0x6F),
        guid: Guid([3; 16]),
        security_mode: SecurityMode::SIGNING_ENABLED,
        dialect: Dialect::SMB3_0,
    };
    let made = bytes(|w| validate.write(w));
    assert_eq!(made.len(), ValidateNegotiateResponse::LEN);
    assert_eq!(ValidateNegotiateResponse::parse(&made), Ok(validate));

    let zero = SetZeroData::parse(&hex("0100000000000000 0500000000000000")).unwrap();
    assert_eq!(zero.length(), 4);
    for bad in [
        "0500000000000000 0100000000000000",
        "ffffffffffffffff 0100000000000000",
        "0100000000000000 ffffffffffffffff",
        "0100000000000000 01000000000000",
    ] {
        assert!(SetZeroData::parse(&hex(bad)).is_err());
    }
    assert!(AllocatedRange::parse(&hex("ffffffffffffff7f 0000000000000000")).is_ok());
    assert!(AllocatedRange::parse(&hex("ffffffffffffff7f 0100000000000000")).is_err());

    let file = "0100000000000000 0200000000000000";
    let extents = format!("{file}0000000000000000 0010000000000000 0020000000000000");
    let parsed = DuplicateExtents::parse(&hex(&extents)).unwrap();
    assert_eq!(
        parsed,
        DuplicateExtents {
            source: FileId {
                persistent: 1,
                volatile: 2
            },
            source_offset: 0,
            target_offset: 4096,
            byte_count: 8192,
            flags: 0,
        }
    );
    let ex = format!("3000000000000000{extents}01000000 00000000");
    assert_eq!(DuplicateExtents::parse_ex(&hex(&ex)).unwrap().flags, 1);
    let overflow = format!("{file}ffffffffffffff7f 0010000000000000 0020000000000000");
    assert!(DuplicateExtents::parse(&hex(&overflow)).is_err());

    assert!(parse_set_sparse(&[]) && parse_set_sparse(&[1]) && !parse_set_sparse(&[0]));
    let trim = hex("00000000 01000000 0100000000000000 0200000000000000");
    let parsed = FileLevelTrim::parse(&trim).unwrap();
    assert_eq!(
        parsed.ranges().next(),
        Some(Ok(AllocatedRange {
            offset: 1,
            length: 2
        }))
    );
    let wait = hex("ffffffffffffffff 02000000 00 00 7000");
    let parsed = PipeWait::parse(&wait).unwrap();
    assert!(parsed.timeout.is_none() && parsed.name.eq_str("p"));
}
