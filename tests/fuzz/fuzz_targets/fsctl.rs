// SPDX-License-Identifier: GPL-2.0-or-later
//! Inputs of IOCTL, and reparse data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto_shared::codec::Writer;
use proto_shared::fscc::fsctl::{
    AllocatedRange, CopyChunkRequest, DuplicateExtents, FileLevelTrim, PipeWait, ResiliencyRequest,
    SetZeroData, ValidateNegotiateRequest,
};
use proto_shared::fscc::network::NetworkInterface;
use proto_shared::fscc::reparse::ReparseData;
use proto_shared::fscc::snapshot::{is_format, parse, token, TOKEN_FORMAT};

fuzz_target!(|data: &[u8]| {
    if let Ok(req) = CopyChunkRequest::parse(data) {
        assert_eq!(req.chunks().count(), req.count());
    }
    if let Ok(zero) = SetZeroData::parse(data) {
        assert!(zero.offset.checked_add(zero.length()).is_some());
    }
    if let Ok(range) = AllocatedRange::parse(data) {
        assert!(i64::try_from(range.offset + range.length).is_ok());
    }
    for extents in [
        DuplicateExtents::parse(data),
        DuplicateExtents::parse_ex(data),
    ]
    .into_iter()
    .flatten()
    {
        assert!(i64::try_from(extents.source_offset + extents.byte_count).is_ok());
        assert!(i64::try_from(extents.target_offset + extents.byte_count).is_ok());
    }
    if let Ok(trim) = FileLevelTrim::parse(data) {
        assert_eq!(trim.ranges().count(), trim.count());
    }
    let _ = ResiliencyRequest::parse(data);
    let _ = ReparseData::head(data);
    if let Ok(name) = std::str::from_utf8(data) {
        if let Some(time) = parse(TOKEN_FORMAT, name) {
            assert_eq!(token(time).as_ref().map(|t| &t[..]), Some(data));
        }
        let (format, name) = name.split_once('\n').unwrap_or((name, ""));
        if is_format(format) {
            let _ = parse(format, name);
        }
    }
    let _ = PipeWait::parse(data);
    let _ = ValidateNegotiateRequest::parse(data);
    let _ = NetworkInterface::parse(data);
    if let Ok(reparse) = ReparseData::parse(data) {
        let mut buf = vec![0xAA; data.len() * 4 + 1024];
        let mut w = Writer::new(&mut buf);
        if reparse.write(&mut w).is_ok() && w.len() <= 0x4000 {
            assert_eq!(ReparseData::parse(w.written()), Ok(reparse));
        }
    }
});
