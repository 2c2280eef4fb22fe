// SPDX-License-Identifier: GPL-2.0-or-later
//! File system control codes, information classes and attributes
//! (\[MS-FSCC\]).

pub mod classes;
pub mod flags;
pub mod fsctl;

pub use classes::{FileInfoClass, FsInfoClass};
pub use flags::{CreateAction, CreateDisposition, CreateOptions, FileAttributes, ShareAccess};
pub use fsctl::CtlCode;
