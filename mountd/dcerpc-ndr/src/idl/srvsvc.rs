// SPDX-License-Identifier: GPL-2.0-or-later
// Made by `cargo xtask gen-ndr`; change mountd/idl instead.
//! The server service (\[MS-SRVS\]).

#![allow(unused_imports, reason = "one list for all files")]
#![allow(clippy::large_enum_variant, reason = "arms are as the wire has them")]

use crate::types::{in_range, length_is, size_is, switch_is};
use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};
use crate::wire::{Error, Reader, Syntax, Writer};
#[cfg(test)]
use crate::tests::sample::{fix, of_number, Sample, Source};

/// `CONNECTION_INFO_0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionInfo0 {
    /// `coni0_id`.
    pub coni0_id: u32,
}
impl Ndr for ConnectionInfo0 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.coni0_id.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.coni0_id.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ConnectionInfo0 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            coni0_id: Sample::sample(s),
        }
    }
}

/// `CONNECTION_INFO_1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionInfo1 {
    /// `coni1_id`.
    pub coni1_id: u32,
    /// `coni1_type`.
    pub coni1_type: u32,
    /// `coni1_num_opens`.
    pub coni1_num_opens: u32,
    /// `coni1_num_users`.
    pub coni1_num_users: u32,
    /// `coni1_time`.
    pub coni1_time: u32,
    /// `coni1_username`.
    pub coni1_username: Option<String>,
    /// `coni1_netname`.
    pub coni1_netname: Option<String>,
}
impl Ndr for ConnectionInfo1 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.coni1_id.read(r)?;
        self.coni1_type.read(r)?;
        self.coni1_num_opens.read(r)?;
        self.coni1_num_users.read(r)?;
        self.coni1_time.read(r)?;
        self.coni1_username.read(r)?;
        self.coni1_netname.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.coni1_username.read_deferred(r)?;
        self.coni1_netname.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.coni1_id.write(w)?;
        self.coni1_type.write(w)?;
        self.coni1_num_opens.write(w)?;
        self.coni1_num_users.write(w)?;
        self.coni1_time.write(w)?;
        self.coni1_username.write(w)?;
        self.coni1_netname.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.coni1_username.write_deferred(w)?;
        self.coni1_netname.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ConnectionInfo1 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            coni1_id: Sample::sample(s),
            coni1_type: Sample::sample(s),
            coni1_num_opens: Sample::sample(s),
            coni1_num_users: Sample::sample(s),
            coni1_time: Sample::sample(s),
            coni1_username: Sample::sample(s),
            coni1_netname: Sample::sample(s),
        }
    }
}

/// `FILE_INFO_2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileInfo2 {
    /// `fi2_id`.
    pub fi2_id: u32,
}
impl Ndr for FileInfo2 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.fi2_id.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.fi2_id.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for FileInfo2 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            fi2_id: Sample::sample(s),
        }
    }
}

/// `FILE_INFO_3`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileInfo3 {
    /// `fi3_id`.
    pub fi3_id: u32,
    /// `fi3_permissions`.
    pub fi3_permissions: u32,
    /// `fi3_num_locks`.
    pub fi3_num_locks: u32,
    /// `fi3_pathname`.
    pub fi3_pathname: Option<String>,
    /// `fi3_username`.
    pub fi3_username: Option<String>,
}
impl Ndr for FileInfo3 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.fi3_id.read(r)?;
        self.fi3_permissions.read(r)?;
        self.fi3_num_locks.read(r)?;
        self.fi3_pathname.read(r)?;
        self.fi3_username.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.fi3_pathname.read_deferred(r)?;
        self.fi3_username.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.fi3_id.write(w)?;
        self.fi3_permissions.write(w)?;
        self.fi3_num_locks.write(w)?;
        self.fi3_pathname.write(w)?;
        self.fi3_username.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.fi3_pathname.write_deferred(w)?;
        self.fi3_username.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for FileInfo3 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            fi3_id: Sample::sample(s),
            fi3_permissions: Sample::sample(s),
            fi3_num_locks: Sample::sample(s),
            fi3_pathname: Sample::sample(s),
            fi3_username: Sample::sample(s),
        }
    }
}

/// `SESSION_INFO_0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo0 {
    /// `sesi0_cname`.
    pub sesi0_cname: Option<String>,
}
impl Ndr for SessionInfo0 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sesi0_cname.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sesi0_cname.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sesi0_cname.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sesi0_cname.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo0 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sesi0_cname: Sample::sample(s),
        }
    }
}

/// `SESSION_INFO_1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo1 {
    /// `sesi1_cname`.
    pub sesi1_cname: Option<String>,
    /// `sesi1_username`.
    pub sesi1_username: Option<String>,
    /// `sesi1_num_opens`.
    pub sesi1_num_opens: u32,
    /// `sesi1_time`.
    pub sesi1_time: u32,
    /// `sesi1_idle_time`.
    pub sesi1_idle_time: u32,
    /// `sesi1_user_flags`.
    pub sesi1_user_flags: u32,
}
impl Ndr for SessionInfo1 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sesi1_cname.read(r)?;
        self.sesi1_username.read(r)?;
        self.sesi1_num_opens.read(r)?;
        self.sesi1_time.read(r)?;
        self.sesi1_idle_time.read(r)?;
        self.sesi1_user_flags.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sesi1_cname.read_deferred(r)?;
        self.sesi1_username.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sesi1_cname.write(w)?;
        self.sesi1_username.write(w)?;
        self.sesi1_num_opens.write(w)?;
        self.sesi1_time.write(w)?;
        self.sesi1_idle_time.write(w)?;
        self.sesi1_user_flags.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sesi1_cname.write_deferred(w)?;
        self.sesi1_username.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo1 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sesi1_cname: Sample::sample(s),
            sesi1_username: Sample::sample(s),
            sesi1_num_opens: Sample::sample(s),
            sesi1_time: Sample::sample(s),
            sesi1_idle_time: Sample::sample(s),
            sesi1_user_flags: Sample::sample(s),
        }
    }
}

/// `SESSION_INFO_2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo2 {
    /// `sesi2_cname`.
    pub sesi2_cname: Option<String>,
    /// `sesi2_username`.
    pub sesi2_username: Option<String>,
    /// `sesi2_num_opens`.
    pub sesi2_num_opens: u32,
    /// `sesi2_time`.
    pub sesi2_time: u32,
    /// `sesi2_idle_time`.
    pub sesi2_idle_time: u32,
    /// `sesi2_user_flags`.
    pub sesi2_user_flags: u32,
    /// `sesi2_cltype_name`.
    pub sesi2_cltype_name: Option<String>,
}
impl Ndr for SessionInfo2 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sesi2_cname.read(r)?;
        self.sesi2_username.read(r)?;
        self.sesi2_num_opens.read(r)?;
        self.sesi2_time.read(r)?;
        self.sesi2_idle_time.read(r)?;
        self.sesi2_user_flags.read(r)?;
        self.sesi2_cltype_name.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sesi2_cname.read_deferred(r)?;
        self.sesi2_username.read_deferred(r)?;
        self.sesi2_cltype_name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sesi2_cname.write(w)?;
        self.sesi2_username.write(w)?;
        self.sesi2_num_opens.write(w)?;
        self.sesi2_time.write(w)?;
        self.sesi2_idle_time.write(w)?;
        self.sesi2_user_flags.write(w)?;
        self.sesi2_cltype_name.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sesi2_cname.write_deferred(w)?;
        self.sesi2_username.write_deferred(w)?;
        self.sesi2_cltype_name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo2 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sesi2_cname: Sample::sample(s),
            sesi2_username: Sample::sample(s),
            sesi2_num_opens: Sample::sample(s),
            sesi2_time: Sample::sample(s),
            sesi2_idle_time: Sample::sample(s),
            sesi2_user_flags: Sample::sample(s),
            sesi2_cltype_name: Sample::sample(s),
        }
    }
}

/// `SESSION_INFO_10`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo10 {
    /// `sesi10_cname`.
    pub sesi10_cname: Option<String>,
    /// `sesi10_username`.
    pub sesi10_username: Option<String>,
    /// `sesi10_time`.
    pub sesi10_time: u32,
    /// `sesi10_idle_time`.
    pub sesi10_idle_time: u32,
}
impl Ndr for SessionInfo10 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sesi10_cname.read(r)?;
        self.sesi10_username.read(r)?;
        self.sesi10_time.read(r)?;
        self.sesi10_idle_time.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sesi10_cname.read_deferred(r)?;
        self.sesi10_username.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sesi10_cname.write(w)?;
        self.sesi10_username.write(w)?;
        self.sesi10_time.write(w)?;
        self.sesi10_idle_time.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sesi10_cname.write_deferred(w)?;
        self.sesi10_username.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo10 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sesi10_cname: Sample::sample(s),
            sesi10_username: Sample::sample(s),
            sesi10_time: Sample::sample(s),
            sesi10_idle_time: Sample::sample(s),
        }
    }
}

/// `SESSION_INFO_502`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo502 {
    /// `sesi502_cname`.
    pub sesi502_cname: Option<String>,
    /// `sesi502_username`.
    pub sesi502_username: Option<String>,
    /// `sesi502_num_opens`.
    pub sesi502_num_opens: u32,
    /// `sesi502_time`.
    pub sesi502_time: u32,
    /// `sesi502_idle_time`.
    pub sesi502_idle_time: u32,
    /// `sesi502_user_flags`.
    pub sesi502_user_flags: u32,
    /// `sesi502_cltype_name`.
    pub sesi502_cltype_name: Option<String>,
    /// `sesi502_transport`.
    pub sesi502_transport: Option<String>,
}
impl Ndr for SessionInfo502 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sesi502_cname.read(r)?;
        self.sesi502_username.read(r)?;
        self.sesi502_num_opens.read(r)?;
        self.sesi502_time.read(r)?;
        self.sesi502_idle_time.read(r)?;
        self.sesi502_user_flags.read(r)?;
        self.sesi502_cltype_name.read(r)?;
        self.sesi502_transport.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sesi502_cname.read_deferred(r)?;
        self.sesi502_username.read_deferred(r)?;
        self.sesi502_cltype_name.read_deferred(r)?;
        self.sesi502_transport.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sesi502_cname.write(w)?;
        self.sesi502_username.write(w)?;
        self.sesi502_num_opens.write(w)?;
        self.sesi502_time.write(w)?;
        self.sesi502_idle_time.write(w)?;
        self.sesi502_user_flags.write(w)?;
        self.sesi502_cltype_name.write(w)?;
        self.sesi502_transport.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sesi502_cname.write_deferred(w)?;
        self.sesi502_username.write_deferred(w)?;
        self.sesi502_cltype_name.write_deferred(w)?;
        self.sesi502_transport.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo502 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sesi502_cname: Sample::sample(s),
            sesi502_username: Sample::sample(s),
            sesi502_num_opens: Sample::sample(s),
            sesi502_time: Sample::sample(s),
            sesi502_idle_time: Sample::sample(s),
            sesi502_user_flags: Sample::sample(s),
            sesi502_cltype_name: Sample::sample(s),
            sesi502_transport: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo0 {
    /// `shi0_netname`.
    pub shi0_netname: Option<String>,
}
impl Ndr for ShareInfo0 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi0_netname.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi0_netname.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi0_netname.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi0_netname.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo0 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi0_netname: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo1 {
    /// `shi1_netname`.
    pub shi1_netname: Option<String>,
    /// `shi1_type`.
    pub shi1_type: u32,
    /// `shi1_remark`.
    pub shi1_remark: Option<String>,
}
impl Ndr for ShareInfo1 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi1_netname.read(r)?;
        self.shi1_type.read(r)?;
        self.shi1_remark.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi1_netname.read_deferred(r)?;
        self.shi1_remark.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi1_netname.write(w)?;
        self.shi1_type.write(w)?;
        self.shi1_remark.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi1_netname.write_deferred(w)?;
        self.shi1_remark.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo1 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi1_netname: Sample::sample(s),
            shi1_type: Sample::sample(s),
            shi1_remark: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo2 {
    /// `shi2_netname`.
    pub shi2_netname: Option<String>,
    /// `shi2_type`.
    pub shi2_type: u32,
    /// `shi2_remark`.
    pub shi2_remark: Option<String>,
    /// `shi2_permissions`.
    pub shi2_permissions: u32,
    /// `shi2_max_uses`.
    pub shi2_max_uses: u32,
    /// `shi2_current_uses`.
    pub shi2_current_uses: u32,
    /// `shi2_path`.
    pub shi2_path: Option<String>,
    /// `shi2_passwd`.
    pub shi2_passwd: Option<String>,
}
impl Ndr for ShareInfo2 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi2_netname.read(r)?;
        self.shi2_type.read(r)?;
        self.shi2_remark.read(r)?;
        self.shi2_permissions.read(r)?;
        self.shi2_max_uses.read(r)?;
        self.shi2_current_uses.read(r)?;
        self.shi2_path.read(r)?;
        self.shi2_passwd.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi2_netname.read_deferred(r)?;
        self.shi2_remark.read_deferred(r)?;
        self.shi2_path.read_deferred(r)?;
        self.shi2_passwd.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi2_netname.write(w)?;
        self.shi2_type.write(w)?;
        self.shi2_remark.write(w)?;
        self.shi2_permissions.write(w)?;
        self.shi2_max_uses.write(w)?;
        self.shi2_current_uses.write(w)?;
        self.shi2_path.write(w)?;
        self.shi2_passwd.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi2_netname.write_deferred(w)?;
        self.shi2_remark.write_deferred(w)?;
        self.shi2_path.write_deferred(w)?;
        self.shi2_passwd.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo2 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi2_netname: Sample::sample(s),
            shi2_type: Sample::sample(s),
            shi2_remark: Sample::sample(s),
            shi2_permissions: Sample::sample(s),
            shi2_max_uses: Sample::sample(s),
            shi2_current_uses: Sample::sample(s),
            shi2_path: Sample::sample(s),
            shi2_passwd: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_501`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo501 {
    /// `shi501_netname`.
    pub shi501_netname: Option<String>,
    /// `shi501_type`.
    pub shi501_type: u32,
    /// `shi501_remark`.
    pub shi501_remark: Option<String>,
    /// `shi501_flags`.
    pub shi501_flags: u32,
}
impl Ndr for ShareInfo501 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi501_netname.read(r)?;
        self.shi501_type.read(r)?;
        self.shi501_remark.read(r)?;
        self.shi501_flags.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi501_netname.read_deferred(r)?;
        self.shi501_remark.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi501_netname.write(w)?;
        self.shi501_type.write(w)?;
        self.shi501_remark.write(w)?;
        self.shi501_flags.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi501_netname.write_deferred(w)?;
        self.shi501_remark.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo501 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi501_netname: Sample::sample(s),
            shi501_type: Sample::sample(s),
            shi501_remark: Sample::sample(s),
            shi501_flags: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_502_I`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo502I {
    /// `shi502_netname`.
    pub shi502_netname: Option<String>,
    /// `shi502_type`.
    pub shi502_type: u32,
    /// `shi502_remark`.
    pub shi502_remark: Option<String>,
    /// `shi502_permissions`.
    pub shi502_permissions: u32,
    /// `shi502_max_uses`.
    pub shi502_max_uses: u32,
    /// `shi502_current_uses`.
    pub shi502_current_uses: u32,
    /// `shi502_path`.
    pub shi502_path: Option<String>,
    /// `shi502_passwd`.
    pub shi502_passwd: Option<String>,
    /// Bytes of the security descriptor.
    pub shi502_reserved: u32,
    /// `shi502_security_descriptor`.
    pub shi502_security_descriptor: Option<Vec<u8>>,
}
impl ShareInfo502I {
    fn check(&self) -> Result<(), Error> {
        size_is(self.shi502_security_descriptor.counts(), self.shi502_reserved.number())?;
        Ok(())
    }
}
impl Ndr for ShareInfo502I {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s).max(<u32 as Ndr>::alignment(s)).max(<Option<Vec<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi502_netname.read(r)?;
        self.shi502_type.read(r)?;
        self.shi502_remark.read(r)?;
        self.shi502_permissions.read(r)?;
        self.shi502_max_uses.read(r)?;
        self.shi502_current_uses.read(r)?;
        self.shi502_path.read(r)?;
        self.shi502_passwd.read(r)?;
        self.shi502_reserved.read(r)?;
        self.shi502_security_descriptor.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi502_netname.read_deferred(r)?;
        self.shi502_remark.read_deferred(r)?;
        self.shi502_path.read_deferred(r)?;
        self.shi502_passwd.read_deferred(r)?;
        self.shi502_security_descriptor.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.shi502_netname.write(w)?;
        self.shi502_type.write(w)?;
        self.shi502_remark.write(w)?;
        self.shi502_permissions.write(w)?;
        self.shi502_max_uses.write(w)?;
        self.shi502_current_uses.write(w)?;
        self.shi502_path.write(w)?;
        self.shi502_passwd.write(w)?;
        self.shi502_reserved.write(w)?;
        self.shi502_security_descriptor.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi502_netname.write_deferred(w)?;
        self.shi502_remark.write_deferred(w)?;
        self.shi502_path.write_deferred(w)?;
        self.shi502_passwd.write_deferred(w)?;
        self.shi502_security_descriptor.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo502I {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            shi502_netname: Sample::sample(s),
            shi502_type: Sample::sample(s),
            shi502_remark: Sample::sample(s),
            shi502_permissions: Sample::sample(s),
            shi502_max_uses: Sample::sample(s),
            shi502_current_uses: Sample::sample(s),
            shi502_path: Sample::sample(s),
            shi502_passwd: Sample::sample(s),
            shi502_reserved: Sample::sample(s),
            shi502_security_descriptor: Sample::sample(s),
        };
        if let Some((n, _)) = v.shi502_security_descriptor.counts() {
            v.shi502_reserved = of_number(n);
        }
        v
    }
}

/// `SHARE_INFO_1004`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo1004 {
    /// `shi1004_remark`.
    pub shi1004_remark: Option<String>,
}
impl Ndr for ShareInfo1004 {
    fn alignment(s: Syntax) -> usize {
        <Option<String> as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi1004_remark.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi1004_remark.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi1004_remark.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi1004_remark.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo1004 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi1004_remark: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_1005`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo1005 {
    /// `shi1005_flags`.
    pub shi1005_flags: u32,
}
impl Ndr for ShareInfo1005 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi1005_flags.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi1005_flags.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo1005 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi1005_flags: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_1006`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo1006 {
    /// `shi1006_max_uses`.
    pub shi1006_max_uses: u32,
}
impl Ndr for ShareInfo1006 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi1006_max_uses.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi1006_max_uses.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo1006 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi1006_max_uses: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_1007`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo1007 {
    /// `shi1007_flags`.
    pub shi1007_flags: u32,
    /// The name for clients that know short ones only.
    pub shi1007_alternate_directory_name: Option<String>,
}
impl Ndr for ShareInfo1007 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi1007_flags.read(r)?;
        self.shi1007_alternate_directory_name.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi1007_alternate_directory_name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.shi1007_flags.write(w)?;
        self.shi1007_alternate_directory_name.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi1007_alternate_directory_name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo1007 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            shi1007_flags: Sample::sample(s),
            shi1007_alternate_directory_name: Sample::sample(s),
        }
    }
}

/// `SHARE_INFO_1501_I`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo1501I {
    /// Bytes of the security descriptor.
    pub shi1501_reserved: u32,
    /// `shi1501_security_descriptor`.
    pub shi1501_security_descriptor: Option<Vec<u8>>,
}
impl ShareInfo1501I {
    fn check(&self) -> Result<(), Error> {
        size_is(self.shi1501_security_descriptor.counts(), self.shi1501_reserved.number())?;
        Ok(())
    }
}
impl Ndr for ShareInfo1501I {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.shi1501_reserved.read(r)?;
        self.shi1501_security_descriptor.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.shi1501_security_descriptor.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.shi1501_reserved.write(w)?;
        self.shi1501_security_descriptor.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.shi1501_security_descriptor.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo1501I {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            shi1501_reserved: Sample::sample(s),
            shi1501_security_descriptor: Sample::sample(s),
        };
        if let Some((n, _)) = v.shi1501_security_descriptor.counts() {
            v.shi1501_reserved = of_number(n);
        }
        v
    }
}

/// `SERVER_INFO_100`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerInfo100 {
    /// `sv100_platform_id`.
    pub sv100_platform_id: u32,
    /// `sv100_name`.
    pub sv100_name: Option<String>,
}
impl Ndr for ServerInfo100 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sv100_platform_id.read(r)?;
        self.sv100_name.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sv100_name.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sv100_platform_id.write(w)?;
        self.sv100_name.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sv100_name.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerInfo100 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sv100_platform_id: Sample::sample(s),
            sv100_name: Sample::sample(s),
        }
    }
}

/// `SERVER_INFO_101`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerInfo101 {
    /// `sv101_platform_id`.
    pub sv101_platform_id: u32,
    /// `sv101_name`.
    pub sv101_name: Option<String>,
    /// `sv101_version_major`.
    pub sv101_version_major: u32,
    /// `sv101_version_minor`.
    pub sv101_version_minor: u32,
    /// `sv101_type`.
    pub sv101_type: u32,
    /// `sv101_comment`.
    pub sv101_comment: Option<String>,
}
impl Ndr for ServerInfo101 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sv101_platform_id.read(r)?;
        self.sv101_name.read(r)?;
        self.sv101_version_major.read(r)?;
        self.sv101_version_minor.read(r)?;
        self.sv101_type.read(r)?;
        self.sv101_comment.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sv101_name.read_deferred(r)?;
        self.sv101_comment.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sv101_platform_id.write(w)?;
        self.sv101_name.write(w)?;
        self.sv101_version_major.write(w)?;
        self.sv101_version_minor.write(w)?;
        self.sv101_type.write(w)?;
        self.sv101_comment.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sv101_name.write_deferred(w)?;
        self.sv101_comment.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerInfo101 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sv101_platform_id: Sample::sample(s),
            sv101_name: Sample::sample(s),
            sv101_version_major: Sample::sample(s),
            sv101_version_minor: Sample::sample(s),
            sv101_type: Sample::sample(s),
            sv101_comment: Sample::sample(s),
        }
    }
}

/// `SERVER_INFO_102`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerInfo102 {
    /// `sv102_platform_id`.
    pub sv102_platform_id: u32,
    /// `sv102_name`.
    pub sv102_name: Option<String>,
    /// `sv102_version_major`.
    pub sv102_version_major: u32,
    /// `sv102_version_minor`.
    pub sv102_version_minor: u32,
    /// `sv102_type`.
    pub sv102_type: u32,
    /// `sv102_comment`.
    pub sv102_comment: Option<String>,
    /// `sv102_users`.
    pub sv102_users: u32,
    /// Minutes until idle sessions end; 0xFFFFFFFF for never.
    pub sv102_disc: u32,
    /// `sv102_hidden`.
    pub sv102_hidden: u32,
    /// `sv102_announce`.
    pub sv102_announce: u32,
    /// `sv102_anndelta`.
    pub sv102_anndelta: u32,
    /// `sv102_licenses`.
    pub sv102_licenses: u32,
    /// `sv102_userpath`.
    pub sv102_userpath: Option<String>,
}
impl Ndr for ServerInfo102 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.sv102_platform_id.read(r)?;
        self.sv102_name.read(r)?;
        self.sv102_version_major.read(r)?;
        self.sv102_version_minor.read(r)?;
        self.sv102_type.read(r)?;
        self.sv102_comment.read(r)?;
        self.sv102_users.read(r)?;
        self.sv102_disc.read(r)?;
        self.sv102_hidden.read(r)?;
        self.sv102_announce.read(r)?;
        self.sv102_anndelta.read(r)?;
        self.sv102_licenses.read(r)?;
        self.sv102_userpath.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.sv102_name.read_deferred(r)?;
        self.sv102_comment.read_deferred(r)?;
        self.sv102_userpath.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.sv102_platform_id.write(w)?;
        self.sv102_name.write(w)?;
        self.sv102_version_major.write(w)?;
        self.sv102_version_minor.write(w)?;
        self.sv102_type.write(w)?;
        self.sv102_comment.write(w)?;
        self.sv102_users.write(w)?;
        self.sv102_disc.write(w)?;
        self.sv102_hidden.write(w)?;
        self.sv102_announce.write(w)?;
        self.sv102_anndelta.write(w)?;
        self.sv102_licenses.write(w)?;
        self.sv102_userpath.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.sv102_name.write_deferred(w)?;
        self.sv102_comment.write_deferred(w)?;
        self.sv102_userpath.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerInfo102 {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            sv102_platform_id: Sample::sample(s),
            sv102_name: Sample::sample(s),
            sv102_version_major: Sample::sample(s),
            sv102_version_minor: Sample::sample(s),
            sv102_type: Sample::sample(s),
            sv102_comment: Sample::sample(s),
            sv102_users: Sample::sample(s),
            sv102_disc: Sample::sample(s),
            sv102_hidden: Sample::sample(s),
            sv102_announce: Sample::sample(s),
            sv102_anndelta: Sample::sample(s),
            sv102_licenses: Sample::sample(s),
            sv102_userpath: Sample::sample(s),
        }
    }
}

/// `TIME_OF_DAY_INFO`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeOfDayInfo {
    /// `tod_elapsedt`.
    pub tod_elapsedt: u32,
    /// `tod_msecs`.
    pub tod_msecs: u32,
    /// `tod_hours`.
    pub tod_hours: u32,
    /// `tod_mins`.
    pub tod_mins: u32,
    /// `tod_secs`.
    pub tod_secs: u32,
    /// `tod_hunds`.
    pub tod_hunds: u32,
    /// `tod_timezone`.
    pub tod_timezone: u32,
    /// `tod_tinterval`.
    pub tod_tinterval: u32,
    /// `tod_day`.
    pub tod_day: u32,
    /// `tod_month`.
    pub tod_month: u32,
    /// `tod_year`.
    pub tod_year: u32,
    /// `tod_weekday`.
    pub tod_weekday: u32,
}
impl Ndr for TimeOfDayInfo {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.tod_elapsedt.read(r)?;
        self.tod_msecs.read(r)?;
        self.tod_hours.read(r)?;
        self.tod_mins.read(r)?;
        self.tod_secs.read(r)?;
        self.tod_hunds.read(r)?;
        self.tod_timezone.read(r)?;
        self.tod_tinterval.read(r)?;
        self.tod_day.read(r)?;
        self.tod_month.read(r)?;
        self.tod_year.read(r)?;
        self.tod_weekday.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.tod_elapsedt.write(w)?;
        self.tod_msecs.write(w)?;
        self.tod_hours.write(w)?;
        self.tod_mins.write(w)?;
        self.tod_secs.write(w)?;
        self.tod_hunds.write(w)?;
        self.tod_timezone.write(w)?;
        self.tod_tinterval.write(w)?;
        self.tod_day.write(w)?;
        self.tod_month.write(w)?;
        self.tod_year.write(w)?;
        self.tod_weekday.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
}
#[cfg(test)]
impl Sample for TimeOfDayInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            tod_elapsedt: Sample::sample(s),
            tod_msecs: Sample::sample(s),
            tod_hours: Sample::sample(s),
            tod_mins: Sample::sample(s),
            tod_secs: Sample::sample(s),
            tod_hunds: Sample::sample(s),
            tod_timezone: Sample::sample(s),
            tod_tinterval: Sample::sample(s),
            tod_day: Sample::sample(s),
            tod_month: Sample::sample(s),
            tod_year: Sample::sample(s),
            tod_weekday: Sample::sample(s),
        }
    }
}

/// A drive's letter and colon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskInfo {
    /// `Disk`.
    pub disk: FixedString<3>,
}
impl Ndr for DiskInfo {
    fn alignment(s: Syntax) -> usize {
        <FixedString<3> as Ndr>::alignment(s)
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.disk.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.disk.read_deferred(r)?;
        Ok(())
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.align(Self::alignment(w.syntax()));
        self.disk.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.disk.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for DiskInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            disk: Sample::sample(s),
        }
    }
}

/// `DISK_ENUM_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskEnumContainer {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Varying<DiskInfo>>,
}
impl DiskEnumContainer {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        length_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for DiskEnumContainer {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Varying<DiskInfo>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for DiskEnumContainer {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((_, n)) = v.buffer.counts() {
            fix(&mut v.buffer, n);
        }
        if let Some((_, n)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `CONNECT_INFO_0_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectInfo0Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ConnectionInfo0>>,
}
impl ConnectInfo0Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ConnectInfo0Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ConnectionInfo0>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ConnectInfo0Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `CONNECT_INFO_1_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectInfo1Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ConnectionInfo1>>,
}
impl ConnectInfo1Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ConnectInfo1Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ConnectionInfo1>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ConnectInfo1Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `FILE_INFO_2_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileInfo2Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<FileInfo2>>,
}
impl FileInfo2Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for FileInfo2Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<FileInfo2>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for FileInfo2Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `FILE_INFO_3_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileInfo3Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<FileInfo3>>,
}
impl FileInfo3Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for FileInfo3Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<FileInfo3>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for FileInfo3Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SESSION_INFO_0_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo0Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<SessionInfo0>>,
}
impl SessionInfo0Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for SessionInfo0Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<SessionInfo0>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo0Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SESSION_INFO_1_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo1Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<SessionInfo1>>,
}
impl SessionInfo1Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for SessionInfo1Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<SessionInfo1>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo1Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SESSION_INFO_2_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo2Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<SessionInfo2>>,
}
impl SessionInfo2Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for SessionInfo2Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<SessionInfo2>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo2Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SESSION_INFO_10_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo10Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<SessionInfo10>>,
}
impl SessionInfo10Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for SessionInfo10Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<SessionInfo10>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo10Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SESSION_INFO_502_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo502Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<SessionInfo502>>,
}
impl SessionInfo502Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for SessionInfo502Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<SessionInfo502>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionInfo502Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SHARE_INFO_0_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo0Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ShareInfo0>>,
}
impl ShareInfo0Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ShareInfo0Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ShareInfo0>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo0Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SHARE_INFO_1_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo1Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ShareInfo1>>,
}
impl ShareInfo1Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ShareInfo1Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ShareInfo1>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo1Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SHARE_INFO_2_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo2Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ShareInfo2>>,
}
impl ShareInfo2Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ShareInfo2Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ShareInfo2>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo2Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SHARE_INFO_501_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo501Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ShareInfo501>>,
}
impl ShareInfo501Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ShareInfo501Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ShareInfo501>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo501Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SHARE_INFO_502_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareInfo502Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ShareInfo502I>>,
}
impl ShareInfo502Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ShareInfo502Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ShareInfo502I>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareInfo502Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `CONNECT_ENUM_UNION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectEnumUnion {
    /// Case 0.
    Level0(Option<ConnectInfo0Container>),
    /// Case 1.
    Level1(Option<ConnectInfo1Container>),
    /// All others; first the tag.
    Other(u32, Option<DiskEnumContainer>),
}
impl Default for ConnectEnumUnion {
    fn default() -> Self {
        Self::Level0(Default::default())
    }
}
impl ConnectEnumUnion {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::Level0(_) => 0,
            Self::Level1(_) => 1,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl ConnectEnumUnion {
    fn arms(s: Syntax) -> usize {
        <Option<ConnectInfo0Container> as Ndr>::alignment(s).max(<Option<ConnectInfo1Container> as Ndr>::alignment(s)).max(<Option<DiskEnumContainer> as Ndr>::alignment(s))
    }
}
impl Ndr for ConnectEnumUnion {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            0 => Self::Level0(Default::default()),
            1 => Self::Level1(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::Level0(to) => to.read(r),
            Self::Level1(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.read_deferred(r),
            Self::Level1(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::Level0(to) => to.write(w),
            Self::Level1(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.write_deferred(w),
            Self::Level1(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for ConnectEnumUnion {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 3 {
            0 => Self::Level0(Sample::sample(s)),
            1 => Self::Level1(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// `FILE_ENUM_UNION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileEnumUnion {
    /// Case 2.
    Level2(Option<FileInfo2Container>),
    /// Case 3.
    Level3(Option<FileInfo3Container>),
    /// All others; first the tag.
    Other(u32, Option<DiskEnumContainer>),
}
impl Default for FileEnumUnion {
    fn default() -> Self {
        Self::Level2(Default::default())
    }
}
impl FileEnumUnion {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::Level2(_) => 2,
            Self::Level3(_) => 3,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl FileEnumUnion {
    fn arms(s: Syntax) -> usize {
        <Option<FileInfo2Container> as Ndr>::alignment(s).max(<Option<FileInfo3Container> as Ndr>::alignment(s)).max(<Option<DiskEnumContainer> as Ndr>::alignment(s))
    }
}
impl Ndr for FileEnumUnion {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            2 => Self::Level2(Default::default()),
            3 => Self::Level3(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::Level2(to) => to.read(r),
            Self::Level3(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::Level2(to) => to.read_deferred(r),
            Self::Level3(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::Level2(to) => to.write(w),
            Self::Level3(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::Level2(to) => to.write_deferred(w),
            Self::Level3(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for FileEnumUnion {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 3 {
            0 => Self::Level2(Sample::sample(s)),
            1 => Self::Level3(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// `SESSION_ENUM_UNION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEnumUnion {
    /// Case 0.
    Level0(Option<SessionInfo0Container>),
    /// Case 1.
    Level1(Option<SessionInfo1Container>),
    /// Case 2.
    Level2(Option<SessionInfo2Container>),
    /// Case 10.
    Level10(Option<SessionInfo10Container>),
    /// Case 502.
    Level502(Option<SessionInfo502Container>),
    /// All others; first the tag.
    Other(u32, Option<DiskEnumContainer>),
}
impl Default for SessionEnumUnion {
    fn default() -> Self {
        Self::Level0(Default::default())
    }
}
impl SessionEnumUnion {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::Level0(_) => 0,
            Self::Level1(_) => 1,
            Self::Level2(_) => 2,
            Self::Level10(_) => 10,
            Self::Level502(_) => 502,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl SessionEnumUnion {
    fn arms(s: Syntax) -> usize {
        <Option<SessionInfo0Container> as Ndr>::alignment(s).max(<Option<SessionInfo1Container> as Ndr>::alignment(s)).max(<Option<SessionInfo2Container> as Ndr>::alignment(s)).max(<Option<SessionInfo10Container> as Ndr>::alignment(s)).max(<Option<SessionInfo502Container> as Ndr>::alignment(s)).max(<Option<DiskEnumContainer> as Ndr>::alignment(s))
    }
}
impl Ndr for SessionEnumUnion {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            0 => Self::Level0(Default::default()),
            1 => Self::Level1(Default::default()),
            2 => Self::Level2(Default::default()),
            10 => Self::Level10(Default::default()),
            502 => Self::Level502(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::Level0(to) => to.read(r),
            Self::Level1(to) => to.read(r),
            Self::Level2(to) => to.read(r),
            Self::Level10(to) => to.read(r),
            Self::Level502(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.read_deferred(r),
            Self::Level1(to) => to.read_deferred(r),
            Self::Level2(to) => to.read_deferred(r),
            Self::Level10(to) => to.read_deferred(r),
            Self::Level502(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::Level0(to) => to.write(w),
            Self::Level1(to) => to.write(w),
            Self::Level2(to) => to.write(w),
            Self::Level10(to) => to.write(w),
            Self::Level502(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.write_deferred(w),
            Self::Level1(to) => to.write_deferred(w),
            Self::Level2(to) => to.write_deferred(w),
            Self::Level10(to) => to.write_deferred(w),
            Self::Level502(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for SessionEnumUnion {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 6 {
            0 => Self::Level0(Sample::sample(s)),
            1 => Self::Level1(Sample::sample(s)),
            2 => Self::Level2(Sample::sample(s)),
            3 => Self::Level10(Sample::sample(s)),
            4 => Self::Level502(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// `SHARE_ENUM_UNION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareEnumUnion {
    /// Case 0.
    Level0(Option<ShareInfo0Container>),
    /// Case 1.
    Level1(Option<ShareInfo1Container>),
    /// Case 2.
    Level2(Option<ShareInfo2Container>),
    /// Case 501.
    Level501(Option<ShareInfo501Container>),
    /// Case 502.
    Level502(Option<ShareInfo502Container>),
    /// All others; first the tag.
    Other(u32, Option<DiskEnumContainer>),
}
impl Default for ShareEnumUnion {
    fn default() -> Self {
        Self::Level0(Default::default())
    }
}
impl ShareEnumUnion {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::Level0(_) => 0,
            Self::Level1(_) => 1,
            Self::Level2(_) => 2,
            Self::Level501(_) => 501,
            Self::Level502(_) => 502,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl ShareEnumUnion {
    fn arms(s: Syntax) -> usize {
        <Option<ShareInfo0Container> as Ndr>::alignment(s).max(<Option<ShareInfo1Container> as Ndr>::alignment(s)).max(<Option<ShareInfo2Container> as Ndr>::alignment(s)).max(<Option<ShareInfo501Container> as Ndr>::alignment(s)).max(<Option<ShareInfo502Container> as Ndr>::alignment(s)).max(<Option<DiskEnumContainer> as Ndr>::alignment(s))
    }
}
impl Ndr for ShareEnumUnion {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            0 => Self::Level0(Default::default()),
            1 => Self::Level1(Default::default()),
            2 => Self::Level2(Default::default()),
            501 => Self::Level501(Default::default()),
            502 => Self::Level502(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::Level0(to) => to.read(r),
            Self::Level1(to) => to.read(r),
            Self::Level2(to) => to.read(r),
            Self::Level501(to) => to.read(r),
            Self::Level502(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.read_deferred(r),
            Self::Level1(to) => to.read_deferred(r),
            Self::Level2(to) => to.read_deferred(r),
            Self::Level501(to) => to.read_deferred(r),
            Self::Level502(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::Level0(to) => to.write(w),
            Self::Level1(to) => to.write(w),
            Self::Level2(to) => to.write(w),
            Self::Level501(to) => to.write(w),
            Self::Level502(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.write_deferred(w),
            Self::Level1(to) => to.write_deferred(w),
            Self::Level2(to) => to.write_deferred(w),
            Self::Level501(to) => to.write_deferred(w),
            Self::Level502(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for ShareEnumUnion {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 6 {
            0 => Self::Level0(Sample::sample(s)),
            1 => Self::Level1(Sample::sample(s)),
            2 => Self::Level2(Sample::sample(s)),
            3 => Self::Level501(Sample::sample(s)),
            4 => Self::Level502(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// `CONNECT_ENUM_STRUCT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectEnumStruct {
    /// `Level`.
    pub level: u32,
    /// `ConnectInfo`.
    pub connect_info: ConnectEnumUnion,
}
impl ConnectEnumStruct {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.connect_info.tag(), self.level.number())?;
        Ok(())
    }
}
impl Ndr for ConnectEnumStruct {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<ConnectEnumUnion as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.level.read(r)?;
        self.connect_info.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.connect_info.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.level.write(w)?;
        self.connect_info.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.connect_info.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ConnectEnumStruct {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            level: Sample::sample(s),
            connect_info: Sample::sample(s),
        };
        v.level = of_number(v.connect_info.tag());
        v
    }
}

/// `FILE_ENUM_STRUCT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileEnumStruct {
    /// `Level`.
    pub level: u32,
    /// `FileInfo`.
    pub file_info: FileEnumUnion,
}
impl FileEnumStruct {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.file_info.tag(), self.level.number())?;
        Ok(())
    }
}
impl Ndr for FileEnumStruct {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<FileEnumUnion as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.level.read(r)?;
        self.file_info.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.file_info.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.level.write(w)?;
        self.file_info.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.file_info.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for FileEnumStruct {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            level: Sample::sample(s),
            file_info: Sample::sample(s),
        };
        v.level = of_number(v.file_info.tag());
        v
    }
}

/// `SESSION_ENUM_STRUCT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionEnumStruct {
    /// `Level`.
    pub level: u32,
    /// `SessionInfo`.
    pub session_info: SessionEnumUnion,
}
impl SessionEnumStruct {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.session_info.tag(), self.level.number())?;
        Ok(())
    }
}
impl Ndr for SessionEnumStruct {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<SessionEnumUnion as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.level.read(r)?;
        self.session_info.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.session_info.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.level.write(w)?;
        self.session_info.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.session_info.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for SessionEnumStruct {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            level: Sample::sample(s),
            session_info: Sample::sample(s),
        };
        v.level = of_number(v.session_info.tag());
        v
    }
}

/// `SHARE_ENUM_STRUCT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareEnumStruct {
    /// `Level`.
    pub level: u32,
    /// `ShareInfo`.
    pub share_info: ShareEnumUnion,
}
impl ShareEnumStruct {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.share_info.tag(), self.level.number())?;
        Ok(())
    }
}
impl Ndr for ShareEnumStruct {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<ShareEnumUnion as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.level.read(r)?;
        self.share_info.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.share_info.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.level.write(w)?;
        self.share_info.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.share_info.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ShareEnumStruct {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            level: Sample::sample(s),
            share_info: Sample::sample(s),
        };
        v.level = of_number(v.share_info.tag());
        v
    }
}

/// All other levels have pointers, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareInfo {
    /// Case 0.
    ShareInfo0(Option<ShareInfo0>),
    /// Case 1.
    ShareInfo1(Option<ShareInfo1>),
    /// Case 2.
    ShareInfo2(Option<ShareInfo2>),
    /// Case 501.
    ShareInfo501(Option<ShareInfo501>),
    /// Case 502.
    ShareInfo502(Option<ShareInfo502I>),
    /// Case 1004.
    ShareInfo1004(Option<ShareInfo1004>),
    /// Case 1005.
    ShareInfo1005(Option<ShareInfo1005>),
    /// Case 1006.
    ShareInfo1006(Option<ShareInfo1006>),
    /// Case 1007.
    ShareInfo1007(Option<ShareInfo1007>),
    /// Case 1501.
    ShareInfo1501(Option<ShareInfo1501I>),
    /// All others; first the tag.
    Other(u32, Option<u32>),
}
impl Default for ShareInfo {
    fn default() -> Self {
        Self::ShareInfo0(Default::default())
    }
}
impl ShareInfo {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::ShareInfo0(_) => 0,
            Self::ShareInfo1(_) => 1,
            Self::ShareInfo2(_) => 2,
            Self::ShareInfo501(_) => 501,
            Self::ShareInfo502(_) => 502,
            Self::ShareInfo1004(_) => 1004,
            Self::ShareInfo1005(_) => 1005,
            Self::ShareInfo1006(_) => 1006,
            Self::ShareInfo1007(_) => 1007,
            Self::ShareInfo1501(_) => 1501,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl ShareInfo {
    fn arms(s: Syntax) -> usize {
        <Option<ShareInfo0> as Ndr>::alignment(s).max(<Option<ShareInfo1> as Ndr>::alignment(s)).max(<Option<ShareInfo2> as Ndr>::alignment(s)).max(<Option<ShareInfo501> as Ndr>::alignment(s)).max(<Option<ShareInfo502I> as Ndr>::alignment(s)).max(<Option<ShareInfo1004> as Ndr>::alignment(s)).max(<Option<ShareInfo1005> as Ndr>::alignment(s)).max(<Option<ShareInfo1006> as Ndr>::alignment(s)).max(<Option<ShareInfo1007> as Ndr>::alignment(s)).max(<Option<ShareInfo1501I> as Ndr>::alignment(s)).max(<Option<u32> as Ndr>::alignment(s))
    }
}
impl Ndr for ShareInfo {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            0 => Self::ShareInfo0(Default::default()),
            1 => Self::ShareInfo1(Default::default()),
            2 => Self::ShareInfo2(Default::default()),
            501 => Self::ShareInfo501(Default::default()),
            502 => Self::ShareInfo502(Default::default()),
            1004 => Self::ShareInfo1004(Default::default()),
            1005 => Self::ShareInfo1005(Default::default()),
            1006 => Self::ShareInfo1006(Default::default()),
            1007 => Self::ShareInfo1007(Default::default()),
            1501 => Self::ShareInfo1501(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::ShareInfo0(to) => to.read(r),
            Self::ShareInfo1(to) => to.read(r),
            Self::ShareInfo2(to) => to.read(r),
            Self::ShareInfo501(to) => to.read(r),
            Self::ShareInfo502(to) => to.read(r),
            Self::ShareInfo1004(to) => to.read(r),
            Self::ShareInfo1005(to) => to.read(r),
            Self::ShareInfo1006(to) => to.read(r),
            Self::ShareInfo1007(to) => to.read(r),
            Self::ShareInfo1501(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::ShareInfo0(to) => to.read_deferred(r),
            Self::ShareInfo1(to) => to.read_deferred(r),
            Self::ShareInfo2(to) => to.read_deferred(r),
            Self::ShareInfo501(to) => to.read_deferred(r),
            Self::ShareInfo502(to) => to.read_deferred(r),
            Self::ShareInfo1004(to) => to.read_deferred(r),
            Self::ShareInfo1005(to) => to.read_deferred(r),
            Self::ShareInfo1006(to) => to.read_deferred(r),
            Self::ShareInfo1007(to) => to.read_deferred(r),
            Self::ShareInfo1501(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::ShareInfo0(to) => to.write(w),
            Self::ShareInfo1(to) => to.write(w),
            Self::ShareInfo2(to) => to.write(w),
            Self::ShareInfo501(to) => to.write(w),
            Self::ShareInfo502(to) => to.write(w),
            Self::ShareInfo1004(to) => to.write(w),
            Self::ShareInfo1005(to) => to.write(w),
            Self::ShareInfo1006(to) => to.write(w),
            Self::ShareInfo1007(to) => to.write(w),
            Self::ShareInfo1501(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::ShareInfo0(to) => to.write_deferred(w),
            Self::ShareInfo1(to) => to.write_deferred(w),
            Self::ShareInfo2(to) => to.write_deferred(w),
            Self::ShareInfo501(to) => to.write_deferred(w),
            Self::ShareInfo502(to) => to.write_deferred(w),
            Self::ShareInfo1004(to) => to.write_deferred(w),
            Self::ShareInfo1005(to) => to.write_deferred(w),
            Self::ShareInfo1006(to) => to.write_deferred(w),
            Self::ShareInfo1007(to) => to.write_deferred(w),
            Self::ShareInfo1501(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for ShareInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 11 {
            0 => Self::ShareInfo0(Sample::sample(s)),
            1 => Self::ShareInfo1(Sample::sample(s)),
            2 => Self::ShareInfo2(Sample::sample(s)),
            3 => Self::ShareInfo501(Sample::sample(s)),
            4 => Self::ShareInfo502(Sample::sample(s)),
            5 => Self::ShareInfo1004(Sample::sample(s)),
            6 => Self::ShareInfo1005(Sample::sample(s)),
            7 => Self::ShareInfo1006(Sample::sample(s)),
            8 => Self::ShareInfo1007(Sample::sample(s)),
            9 => Self::ShareInfo1501(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// All other levels have pointers, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerInfo {
    /// Case 100.
    ServerInfo100(Option<ServerInfo100>),
    /// Case 101.
    ServerInfo101(Option<ServerInfo101>),
    /// Case 102.
    ServerInfo102(Option<ServerInfo102>),
    /// All others; first the tag.
    Other(u32, Option<u32>),
}
impl Default for ServerInfo {
    fn default() -> Self {
        Self::ServerInfo100(Default::default())
    }
}
impl ServerInfo {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::ServerInfo100(_) => 100,
            Self::ServerInfo101(_) => 101,
            Self::ServerInfo102(_) => 102,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl ServerInfo {
    fn arms(s: Syntax) -> usize {
        <Option<ServerInfo100> as Ndr>::alignment(s).max(<Option<ServerInfo101> as Ndr>::alignment(s)).max(<Option<ServerInfo102> as Ndr>::alignment(s)).max(<Option<u32> as Ndr>::alignment(s))
    }
}
impl Ndr for ServerInfo {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            100 => Self::ServerInfo100(Default::default()),
            101 => Self::ServerInfo101(Default::default()),
            102 => Self::ServerInfo102(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::ServerInfo100(to) => to.read(r),
            Self::ServerInfo101(to) => to.read(r),
            Self::ServerInfo102(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::ServerInfo100(to) => to.read_deferred(r),
            Self::ServerInfo101(to) => to.read_deferred(r),
            Self::ServerInfo102(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::ServerInfo100(to) => to.write(w),
            Self::ServerInfo101(to) => to.write(w),
            Self::ServerInfo102(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::ServerInfo100(to) => to.write_deferred(w),
            Self::ServerInfo101(to) => to.write_deferred(w),
            Self::ServerInfo102(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for ServerInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 4 {
            0 => Self::ServerInfo100(Sample::sample(s)),
            1 => Self::ServerInfo101(Sample::sample(s)),
            2 => Self::ServerInfo102(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// `SERVER_TRANSPORT_INFO_0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerTransportInfo0 {
    /// `svti0_numberofvcs`.
    pub svti0_numberofvcs: u32,
    /// `svti0_transportname`.
    pub svti0_transportname: Option<String>,
    /// `svti0_transportaddress`.
    pub svti0_transportaddress: Option<Vec<u8>>,
    /// `svti0_transportaddresslength`.
    pub svti0_transportaddresslength: u32,
    /// `svti0_networkaddress`.
    pub svti0_networkaddress: Option<String>,
}
impl ServerTransportInfo0 {
    fn check(&self) -> Result<(), Error> {
        size_is(self.svti0_transportaddress.counts(), self.svti0_transportaddresslength.number())?;
        Ok(())
    }
}
impl Ndr for ServerTransportInfo0 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s)).max(<Option<Vec<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.svti0_numberofvcs.read(r)?;
        self.svti0_transportname.read(r)?;
        self.svti0_transportaddress.read(r)?;
        self.svti0_transportaddresslength.read(r)?;
        self.svti0_networkaddress.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.svti0_transportname.read_deferred(r)?;
        self.svti0_transportaddress.read_deferred(r)?;
        self.svti0_networkaddress.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.svti0_numberofvcs.write(w)?;
        self.svti0_transportname.write(w)?;
        self.svti0_transportaddress.write(w)?;
        self.svti0_transportaddresslength.write(w)?;
        self.svti0_networkaddress.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.svti0_transportname.write_deferred(w)?;
        self.svti0_transportaddress.write_deferred(w)?;
        self.svti0_networkaddress.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerTransportInfo0 {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            svti0_numberofvcs: Sample::sample(s),
            svti0_transportname: Sample::sample(s),
            svti0_transportaddress: Sample::sample(s),
            svti0_transportaddresslength: Sample::sample(s),
            svti0_networkaddress: Sample::sample(s),
        };
        if let Some((n, _)) = v.svti0_transportaddress.counts() {
            v.svti0_transportaddresslength = of_number(n);
        }
        v
    }
}

/// `SERVER_TRANSPORT_INFO_1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerTransportInfo1 {
    /// `svti1_numberofvcs`.
    pub svti1_numberofvcs: u32,
    /// `svti1_transportname`.
    pub svti1_transportname: Option<String>,
    /// `svti1_transportaddress`.
    pub svti1_transportaddress: Option<Vec<u8>>,
    /// `svti1_transportaddresslength`.
    pub svti1_transportaddresslength: u32,
    /// `svti1_networkaddress`.
    pub svti1_networkaddress: Option<String>,
    /// `svti1_domain`.
    pub svti1_domain: Option<String>,
}
impl ServerTransportInfo1 {
    fn check(&self) -> Result<(), Error> {
        size_is(self.svti1_transportaddress.counts(), self.svti1_transportaddresslength.number())?;
        Ok(())
    }
}
impl Ndr for ServerTransportInfo1 {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<String> as Ndr>::alignment(s)).max(<Option<Vec<u8>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.svti1_numberofvcs.read(r)?;
        self.svti1_transportname.read(r)?;
        self.svti1_transportaddress.read(r)?;
        self.svti1_transportaddresslength.read(r)?;
        self.svti1_networkaddress.read(r)?;
        self.svti1_domain.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.svti1_transportname.read_deferred(r)?;
        self.svti1_transportaddress.read_deferred(r)?;
        self.svti1_networkaddress.read_deferred(r)?;
        self.svti1_domain.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.svti1_numberofvcs.write(w)?;
        self.svti1_transportname.write(w)?;
        self.svti1_transportaddress.write(w)?;
        self.svti1_transportaddresslength.write(w)?;
        self.svti1_networkaddress.write(w)?;
        self.svti1_domain.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.svti1_transportname.write_deferred(w)?;
        self.svti1_transportaddress.write_deferred(w)?;
        self.svti1_networkaddress.write_deferred(w)?;
        self.svti1_domain.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerTransportInfo1 {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            svti1_numberofvcs: Sample::sample(s),
            svti1_transportname: Sample::sample(s),
            svti1_transportaddress: Sample::sample(s),
            svti1_transportaddresslength: Sample::sample(s),
            svti1_networkaddress: Sample::sample(s),
            svti1_domain: Sample::sample(s),
        };
        if let Some((n, _)) = v.svti1_transportaddress.counts() {
            v.svti1_transportaddresslength = of_number(n);
        }
        v
    }
}

/// `SERVER_XPORT_INFO_0_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerXportInfo0Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ServerTransportInfo0>>,
}
impl ServerXportInfo0Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ServerXportInfo0Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ServerTransportInfo0>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerXportInfo0Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// `SERVER_XPORT_INFO_1_CONTAINER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerXportInfo1Container {
    /// `EntriesRead`.
    pub entries_read: u32,
    /// `Buffer`.
    pub buffer: Option<Vec<ServerTransportInfo1>>,
}
impl ServerXportInfo1Container {
    fn check(&self) -> Result<(), Error> {
        size_is(self.buffer.counts(), self.entries_read.number())?;
        Ok(())
    }
}
impl Ndr for ServerXportInfo1Container {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<Option<Vec<ServerTransportInfo1>> as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.entries_read.read(r)?;
        self.buffer.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.buffer.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.entries_read.write(w)?;
        self.buffer.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerXportInfo1Container {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            entries_read: Sample::sample(s),
            buffer: Sample::sample(s),
        };
        if let Some((n, _)) = v.buffer.counts() {
            v.entries_read = of_number(n);
        }
        v
    }
}

/// All other levels have pointers, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerXportEnumUnion {
    /// Case 0.
    Level0(Option<ServerXportInfo0Container>),
    /// Case 1.
    Level1(Option<ServerXportInfo1Container>),
    /// All others; first the tag.
    Other(u32, Option<u32>),
}
impl Default for ServerXportEnumUnion {
    fn default() -> Self {
        Self::Level0(Default::default())
    }
}
impl ServerXportEnumUnion {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::Level0(_) => 0,
            Self::Level1(_) => 1,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl ServerXportEnumUnion {
    fn arms(s: Syntax) -> usize {
        <Option<ServerXportInfo0Container> as Ndr>::alignment(s).max(<Option<ServerXportInfo1Container> as Ndr>::alignment(s)).max(<Option<u32> as Ndr>::alignment(s))
    }
}
impl Ndr for ServerXportEnumUnion {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            0 => Self::Level0(Default::default()),
            1 => Self::Level1(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::Level0(to) => to.read(r),
            Self::Level1(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.read_deferred(r),
            Self::Level1(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::Level0(to) => to.write(w),
            Self::Level1(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::Level0(to) => to.write_deferred(w),
            Self::Level1(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for ServerXportEnumUnion {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 3 {
            0 => Self::Level0(Sample::sample(s)),
            1 => Self::Level1(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// `SERVER_XPORT_ENUM_STRUCT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerXportEnumStruct {
    /// `Level`.
    pub level: u32,
    /// `XportInfo`.
    pub xport_info: ServerXportEnumUnion,
}
impl ServerXportEnumStruct {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.xport_info.tag(), self.level.number())?;
        Ok(())
    }
}
impl Ndr for ServerXportEnumStruct {
    fn alignment(s: Syntax) -> usize {
        <u32 as Ndr>::alignment(s).max(<ServerXportEnumUnion as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.align(Self::alignment(r.syntax()))?;
        self.level.read(r)?;
        self.xport_info.read(r)?;
        r.end(Self::alignment(r.syntax()));
        Ok(())
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        self.xport_info.read_deferred(r)?;
        self.check()
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        w.align(Self::alignment(w.syntax()));
        self.level.write(w)?;
        self.xport_info.write(w)?;
        w.end(Self::alignment(w.syntax()));
        Ok(())
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        self.xport_info.write_deferred(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for ServerXportEnumStruct {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            level: Sample::sample(s),
            xport_info: Sample::sample(s),
        };
        v.level = of_number(v.xport_info.tag());
        v
    }
}

/// All other levels have pointers, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileInfo {
    /// Case 2.
    FileInfo2(Option<FileInfo2>),
    /// Case 3.
    FileInfo3(Option<FileInfo3>),
    /// All others; first the tag.
    Other(u32, Option<u32>),
}
impl Default for FileInfo {
    fn default() -> Self {
        Self::FileInfo2(Default::default())
    }
}
impl FileInfo {
    /// What it is switched to.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::FileInfo2(_) => 2,
            Self::FileInfo3(_) => 3,
            Self::Other(tag, _) => tag.number(),
        }
    }
}
impl FileInfo {
    fn arms(s: Syntax) -> usize {
        <Option<FileInfo2> as Ndr>::alignment(s).max(<Option<FileInfo3> as Ndr>::alignment(s)).max(<Option<u32> as Ndr>::alignment(s))
    }
}
impl Ndr for FileInfo {
    fn alignment(s: Syntax) -> usize {
        Self::arms(s).max(<u32 as Ndr>::alignment(s))
    }
    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        r.begin_union(Self::alignment(r.syntax()))?;
        let mut tag = u32::default();
        tag.read(r)?;
        *self = match tag.number() {
            2 => Self::FileInfo2(Default::default()),
            3 => Self::FileInfo3(Default::default()),
            _ => Self::Other(tag, Default::default()),
        };
        r.align(Self::arms(r.syntax()))?;
        match self {
            Self::FileInfo2(to) => to.read(r),
            Self::FileInfo3(to) => to.read(r),
            Self::Other(_, to) => to.read(r),
        }
    }
    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {
        match self {
            Self::FileInfo2(to) => to.read_deferred(r),
            Self::FileInfo3(to) => to.read_deferred(r),
            Self::Other(_, to) => to.read_deferred(r),
        }
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        w.begin_union(Self::alignment(w.syntax()));
        (self.tag() as u32).write(w)?;
        w.align(Self::arms(w.syntax()));
        match self {
            Self::FileInfo2(to) => to.write(w),
            Self::FileInfo3(to) => to.write(w),
            Self::Other(_, to) => to.write(w),
        }
    }
    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {
        match self {
            Self::FileInfo2(to) => to.write_deferred(w),
            Self::FileInfo3(to) => to.write_deferred(w),
            Self::Other(_, to) => to.write_deferred(w),
        }
    }
}
#[cfg(test)]
impl Sample for FileInfo {
    fn sample(s: &mut Source<'_>) -> Self {
        match usize::from(s.byte()) % 3 {
            0 => Self::FileInfo2(Sample::sample(s)),
            1 => Self::FileInfo3(Sample::sample(s)),
            _ => Self::Other(of_number(99), Sample::sample(s)),
        }
    }
}

/// The interface's UUID in the order of the wire.
pub const UUID: [u8; 16] = [0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e, 0xe1, 0x88];
/// Its version: major in the low half, minor in the high half.
pub const VERSION: u32 = 3;

/// The calls of srvsvc that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// \[MS-SRVS\] 3.1.4.1.
    NetrConnectionEnum = 8,
    /// \[MS-SRVS\] 3.1.4.2.
    NetrFileEnum = 9,
    /// \[MS-SRVS\] 3.1.4.3.
    NetrFileGetInfo = 10,
    /// \[MS-SRVS\] 3.1.4.4.
    NetrFileClose = 11,
    /// \[MS-SRVS\] 3.1.4.5.
    NetrSessionEnum = 12,
    /// \[MS-SRVS\] 3.1.4.6.
    NetrSessionDel = 13,
    /// \[MS-SRVS\] 3.1.4.7.
    NetrShareAdd = 14,
    /// \[MS-SRVS\] 3.1.4.8.
    NetrShareEnum = 15,
    /// \[MS-SRVS\] 3.1.4.10.
    NetrShareGetInfo = 16,
    /// \[MS-SRVS\] 3.1.4.11.
    NetrShareSetInfo = 17,
    /// \[MS-SRVS\] 3.1.4.12.
    NetrShareDel = 18,
    /// \[MS-SRVS\] 3.1.4.13.
    NetrShareCheck = 20,
    /// \[MS-SRVS\] 3.1.4.17.
    NetrServerGetInfo = 21,
    /// \[MS-SRVS\] 3.1.4.19.
    NetrServerDiskEnum = 23,
    /// \[MS-SRVS\] 3.1.4.23.
    NetrServerTransportEnum = 26,
    /// \[MS-SRVS\] 3.1.4.21.
    NetrRemoteTOD = 28,
    /// \[MS-SRVS\] 3.1.4.9.
    NetrShareEnumSticky = 36,
}
impl Call {
    /// The call of a number.
    #[must_use]
    pub const fn of(opnum: u16) -> Option<Self> {
        Some(match opnum {
            8 => Self::NetrConnectionEnum,
            9 => Self::NetrFileEnum,
            10 => Self::NetrFileGetInfo,
            11 => Self::NetrFileClose,
            12 => Self::NetrSessionEnum,
            13 => Self::NetrSessionDel,
            14 => Self::NetrShareAdd,
            15 => Self::NetrShareEnum,
            16 => Self::NetrShareGetInfo,
            17 => Self::NetrShareSetInfo,
            18 => Self::NetrShareDel,
            20 => Self::NetrShareCheck,
            21 => Self::NetrServerGetInfo,
            23 => Self::NetrServerDiskEnum,
            26 => Self::NetrServerTransportEnum,
            28 => Self::NetrRemoteTOD,
            36 => Self::NetrShareEnumSticky,
            _ => return None,
        })
    }
}

/// A request in another form; none if the call is not served.
pub fn transcode(
    opnum: u16,
    stub: &[u8],
    (from, to): (Syntax, Syntax),
) -> Option<Result<Vec<u8>, Error>> {
    let call = Call::of(opnum)?;
    Some(match call {
        Call::NetrConnectionEnum => NetrConnectionEnumRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrFileEnum => NetrFileEnumRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrFileGetInfo => NetrFileGetInfoRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrFileClose => NetrFileCloseRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrSessionEnum => NetrSessionEnumRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrSessionDel => NetrSessionDelRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrShareAdd => NetrShareAddRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrShareEnum => NetrShareEnumRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrShareGetInfo => NetrShareGetInfoRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrShareSetInfo => NetrShareSetInfoRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrShareDel => NetrShareDelRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrShareCheck => NetrShareCheckRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrServerGetInfo => NetrServerGetInfoRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrServerDiskEnum => NetrServerDiskEnumRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrServerTransportEnum => NetrServerTransportEnumRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrRemoteTOD => NetrRemoteTODRequest::decode(stub, from).and_then(|m| m.encode(to)),
        Call::NetrShareEnumSticky => NetrShareEnumStickyRequest::decode(stub, from).and_then(|m| m.encode(to)),
    })
}

/// What NetrConnectionEnum asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrConnectionEnumRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `Qualifier`.
    pub qualifier: Option<String>,
    /// `InfoStruct`.
    pub info_struct: ConnectEnumStruct,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
}
impl Message for NetrConnectionEnumRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.qualifier.read_whole(r)?;
        v.info_struct.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.qualifier.write_whole(w)?;
        self.info_struct.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrConnectionEnumRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            qualifier: Sample::sample(s),
            info_struct: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
            resume_handle: Sample::sample(s),
        }
    }
}

/// What NetrConnectionEnum answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrConnectionEnumResponse {
    /// `InfoStruct`.
    pub info_struct: ConnectEnumStruct,
    /// `TotalEntries`.
    pub total_entries: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrConnectionEnumResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.total_entries.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.total_entries.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrConnectionEnumResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            total_entries: Sample::sample(s),
            resume_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrFileEnum asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrFileEnumRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `BasePath`.
    pub base_path: Option<String>,
    /// `UserName`.
    pub user_name: Option<String>,
    /// `InfoStruct`.
    pub info_struct: FileEnumStruct,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
}
impl Message for NetrFileEnumRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.base_path.read_whole(r)?;
        v.user_name.read_whole(r)?;
        v.info_struct.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.base_path.write_whole(w)?;
        self.user_name.write_whole(w)?;
        self.info_struct.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrFileEnumRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            base_path: Sample::sample(s),
            user_name: Sample::sample(s),
            info_struct: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
            resume_handle: Sample::sample(s),
        }
    }
}

/// What NetrFileEnum answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrFileEnumResponse {
    /// `InfoStruct`.
    pub info_struct: FileEnumStruct,
    /// `TotalEntries`.
    pub total_entries: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrFileEnumResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.total_entries.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.total_entries.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrFileEnumResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            total_entries: Sample::sample(s),
            resume_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrFileGetInfo asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrFileGetInfoRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `FileId`.
    pub file_id: u32,
    /// `Level`.
    pub level: u32,
}
impl Message for NetrFileGetInfoRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.file_id.read_whole(r)?;
        v.level.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.file_id.write_whole(w)?;
        self.level.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrFileGetInfoRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            file_id: Sample::sample(s),
            level: Sample::sample(s),
        }
    }
}

/// What NetrFileGetInfo answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrFileGetInfoResponse {
    /// `InfoStruct`.
    pub info_struct: FileInfo,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrFileGetInfoResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrFileGetInfoResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrFileClose asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrFileCloseRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `FileId`.
    pub file_id: u32,
}
impl Message for NetrFileCloseRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.file_id.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.file_id.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrFileCloseRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            file_id: Sample::sample(s),
        }
    }
}

/// What NetrFileClose answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrFileCloseResponse {
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrFileCloseResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrFileCloseResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            status: Sample::sample(s),
        }
    }
}

/// What NetrSessionEnum asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrSessionEnumRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `ClientName`.
    pub client_name: Option<String>,
    /// `UserName`.
    pub user_name: Option<String>,
    /// `InfoStruct`.
    pub info_struct: SessionEnumStruct,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
}
impl Message for NetrSessionEnumRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.client_name.read_whole(r)?;
        v.user_name.read_whole(r)?;
        v.info_struct.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.client_name.write_whole(w)?;
        self.user_name.write_whole(w)?;
        self.info_struct.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrSessionEnumRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            client_name: Sample::sample(s),
            user_name: Sample::sample(s),
            info_struct: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
            resume_handle: Sample::sample(s),
        }
    }
}

/// What NetrSessionEnum answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrSessionEnumResponse {
    /// `InfoStruct`.
    pub info_struct: SessionEnumStruct,
    /// `TotalEntries`.
    pub total_entries: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrSessionEnumResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.total_entries.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.total_entries.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrSessionEnumResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            total_entries: Sample::sample(s),
            resume_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrSessionDel asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrSessionDelRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `ClientName`.
    pub client_name: Option<String>,
    /// `UserName`.
    pub user_name: Option<String>,
}
impl Message for NetrSessionDelRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.client_name.read_whole(r)?;
        v.user_name.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.client_name.write_whole(w)?;
        self.user_name.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrSessionDelRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            client_name: Sample::sample(s),
            user_name: Sample::sample(s),
        }
    }
}

/// What NetrSessionDel answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrSessionDelResponse {
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrSessionDelResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrSessionDelResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            status: Sample::sample(s),
        }
    }
}

/// What NetrShareAdd asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareAddRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `Level`.
    pub level: u32,
    /// `InfoStruct`.
    pub info_struct: ShareInfo,
    /// `ParmErr`.
    pub parm_err: Option<u32>,
}
impl NetrShareAddRequest {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.info_struct.tag(), self.level.number())?;
        Ok(())
    }
}
impl Message for NetrShareAddRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.level.read_whole(r)?;
        v.info_struct.read_whole(r)?;
        v.parm_err.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.server_name.write_whole(w)?;
        self.level.write_whole(w)?;
        self.info_struct.write_whole(w)?;
        self.parm_err.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareAddRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            server_name: Sample::sample(s),
            level: Sample::sample(s),
            info_struct: Sample::sample(s),
            parm_err: Sample::sample(s),
        };
        v.level = of_number(v.info_struct.tag());
        v
    }
}

/// What NetrShareAdd answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareAddResponse {
    /// `ParmErr`.
    pub parm_err: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrShareAddResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.parm_err.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.parm_err.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareAddResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            parm_err: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrShareEnum asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareEnumRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `InfoStruct`.
    pub info_struct: ShareEnumStruct,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
}
impl Message for NetrShareEnumRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.info_struct.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.info_struct.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareEnumRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            info_struct: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
            resume_handle: Sample::sample(s),
        }
    }
}

/// What NetrShareEnum answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareEnumResponse {
    /// `InfoStruct`.
    pub info_struct: ShareEnumStruct,
    /// `TotalEntries`.
    pub total_entries: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrShareEnumResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.total_entries.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.total_entries.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareEnumResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            total_entries: Sample::sample(s),
            resume_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrShareGetInfo asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareGetInfoRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `NetName`.
    pub net_name: String,
    /// `Level`.
    pub level: u32,
}
impl Message for NetrShareGetInfoRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.net_name.read_whole(r)?;
        v.level.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.net_name.write_whole(w)?;
        self.level.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareGetInfoRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            net_name: Sample::sample(s),
            level: Sample::sample(s),
        }
    }
}

/// What NetrShareGetInfo answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareGetInfoResponse {
    /// `InfoStruct`.
    pub info_struct: ShareInfo,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrShareGetInfoResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareGetInfoResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrShareSetInfo asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareSetInfoRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `NetName`.
    pub net_name: String,
    /// `Level`.
    pub level: u32,
    /// `ShareInfo`.
    pub share_info: ShareInfo,
    /// `ParmErr`.
    pub parm_err: Option<u32>,
}
impl NetrShareSetInfoRequest {
    fn check(&self) -> Result<(), Error> {
        switch_is(self.share_info.tag(), self.level.number())?;
        Ok(())
    }
}
impl Message for NetrShareSetInfoRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.net_name.read_whole(r)?;
        v.level.read_whole(r)?;
        v.share_info.read_whole(r)?;
        v.parm_err.read_whole(r)?;
        v.check()?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.check()?;
        self.server_name.write_whole(w)?;
        self.net_name.write_whole(w)?;
        self.level.write_whole(w)?;
        self.share_info.write_whole(w)?;
        self.parm_err.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareSetInfoRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        let mut v = Self {
            server_name: Sample::sample(s),
            net_name: Sample::sample(s),
            level: Sample::sample(s),
            share_info: Sample::sample(s),
            parm_err: Sample::sample(s),
        };
        v.level = of_number(v.share_info.tag());
        v
    }
}

/// What NetrShareSetInfo answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareSetInfoResponse {
    /// `ParmErr`.
    pub parm_err: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrShareSetInfoResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.parm_err.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.parm_err.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareSetInfoResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            parm_err: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrShareDel asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareDelRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `NetName`.
    pub net_name: String,
    /// `Reserved`.
    pub reserved: u32,
}
impl Message for NetrShareDelRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.net_name.read_whole(r)?;
        v.reserved.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.net_name.write_whole(w)?;
        self.reserved.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareDelRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            net_name: Sample::sample(s),
            reserved: Sample::sample(s),
        }
    }
}

/// What NetrShareDel answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareDelResponse {
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrShareDelResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareDelResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            status: Sample::sample(s),
        }
    }
}

/// What NetrShareCheck asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareCheckRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `Device`.
    pub device: String,
}
impl Message for NetrShareCheckRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.device.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.device.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareCheckRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            device: Sample::sample(s),
        }
    }
}

/// What NetrShareCheck answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareCheckResponse {
    /// `Type`.
    pub type_: u32,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrShareCheckResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.type_.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.type_.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareCheckResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            type_: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrServerGetInfo asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrServerGetInfoRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `Level`.
    pub level: u32,
}
impl Message for NetrServerGetInfoRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.level.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.level.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrServerGetInfoRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            level: Sample::sample(s),
        }
    }
}

/// What NetrServerGetInfo answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrServerGetInfoResponse {
    /// `InfoStruct`.
    pub info_struct: ServerInfo,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrServerGetInfoResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrServerGetInfoResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrServerDiskEnum asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrServerDiskEnumRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `Level`.
    pub level: u32,
    /// `DiskInfoStruct`.
    pub disk_info_struct: DiskEnumContainer,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
}
impl Message for NetrServerDiskEnumRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.level.read_whole(r)?;
        v.disk_info_struct.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.level.write_whole(w)?;
        self.disk_info_struct.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrServerDiskEnumRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            level: Sample::sample(s),
            disk_info_struct: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
            resume_handle: Sample::sample(s),
        }
    }
}

/// What NetrServerDiskEnum answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrServerDiskEnumResponse {
    /// `DiskInfoStruct`.
    pub disk_info_struct: DiskEnumContainer,
    /// `TotalEntries`.
    pub total_entries: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrServerDiskEnumResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.disk_info_struct.read_whole(r)?;
        v.total_entries.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.disk_info_struct.write_whole(w)?;
        self.total_entries.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrServerDiskEnumResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            disk_info_struct: Sample::sample(s),
            total_entries: Sample::sample(s),
            resume_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrServerTransportEnum asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrServerTransportEnumRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `InfoStruct`.
    pub info_struct: ServerXportEnumStruct,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
}
impl Message for NetrServerTransportEnumRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.info_struct.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.info_struct.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrServerTransportEnumRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            info_struct: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
            resume_handle: Sample::sample(s),
        }
    }
}

/// What NetrServerTransportEnum answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrServerTransportEnumResponse {
    /// `InfoStruct`.
    pub info_struct: ServerXportEnumStruct,
    /// `TotalEntries`.
    pub total_entries: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrServerTransportEnumResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.total_entries.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.total_entries.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrServerTransportEnumResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            total_entries: Sample::sample(s),
            resume_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrRemoteTOD asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrRemoteTODRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
}
impl Message for NetrRemoteTODRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrRemoteTODRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
        }
    }
}

/// What NetrRemoteTOD answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrRemoteTODResponse {
    /// `BufferPtr`.
    pub buffer_ptr: Option<TimeOfDayInfo>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrRemoteTODResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.buffer_ptr.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.buffer_ptr.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrRemoteTODResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            buffer_ptr: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// What NetrShareEnumSticky asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareEnumStickyRequest {
    /// `ServerName`.
    pub server_name: Option<String>,
    /// `InfoStruct`.
    pub info_struct: ShareEnumStruct,
    /// `PreferedMaximumLength`.
    pub prefered_maximum_length: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
}
impl Message for NetrShareEnumStickyRequest {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.server_name.read_whole(r)?;
        v.info_struct.read_whole(r)?;
        v.prefered_maximum_length.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.server_name.write_whole(w)?;
        self.info_struct.write_whole(w)?;
        self.prefered_maximum_length.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareEnumStickyRequest {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            server_name: Sample::sample(s),
            info_struct: Sample::sample(s),
            prefered_maximum_length: Sample::sample(s),
            resume_handle: Sample::sample(s),
        }
    }
}

/// What NetrShareEnumSticky answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetrShareEnumStickyResponse {
    /// `InfoStruct`.
    pub info_struct: ShareEnumStruct,
    /// `TotalEntries`.
    pub total_entries: u32,
    /// `ResumeHandle`.
    pub resume_handle: Option<u32>,
    /// What the call returns.
    pub status: u32,
}
impl Message for NetrShareEnumStickyResponse {
    fn read(r: &mut Reader<'_>) -> Result<Self, Error> {
        let mut v = Self::default();
        v.info_struct.read_whole(r)?;
        v.total_entries.read_whole(r)?;
        v.resume_handle.read_whole(r)?;
        v.status.read_whole(r)?;
        Ok(v)
    }
    fn write(&self, w: &mut Writer) -> Result<(), Error> {
        self.info_struct.write_whole(w)?;
        self.total_entries.write_whole(w)?;
        self.resume_handle.write_whole(w)?;
        self.status.write_whole(w)?;
        Ok(())
    }
}
#[cfg(test)]
impl Sample for NetrShareEnumStickyResponse {
    fn sample(s: &mut Source<'_>) -> Self {
        Self {
            info_struct: Sample::sample(s),
            total_entries: Sample::sample(s),
            resume_handle: Sample::sample(s),
            status: Sample::sample(s),
        }
    }
}

/// Tests every message of the interface.
#[cfg(test)]
pub(crate) fn every(t: &mut crate::tests::Try<'_>) {
    t.message::<NetrConnectionEnumRequest>();
    t.message::<NetrConnectionEnumResponse>();
    t.message::<NetrFileEnumRequest>();
    t.message::<NetrFileEnumResponse>();
    t.message::<NetrFileGetInfoRequest>();
    t.message::<NetrFileGetInfoResponse>();
    t.message::<NetrFileCloseRequest>();
    t.message::<NetrFileCloseResponse>();
    t.message::<NetrSessionEnumRequest>();
    t.message::<NetrSessionEnumResponse>();
    t.message::<NetrSessionDelRequest>();
    t.message::<NetrSessionDelResponse>();
    t.message::<NetrShareAddRequest>();
    t.message::<NetrShareAddResponse>();
    t.message::<NetrShareEnumRequest>();
    t.message::<NetrShareEnumResponse>();
    t.message::<NetrShareGetInfoRequest>();
    t.message::<NetrShareGetInfoResponse>();
    t.message::<NetrShareSetInfoRequest>();
    t.message::<NetrShareSetInfoResponse>();
    t.message::<NetrShareDelRequest>();
    t.message::<NetrShareDelResponse>();
    t.message::<NetrShareCheckRequest>();
    t.message::<NetrShareCheckResponse>();
    t.message::<NetrServerGetInfoRequest>();
    t.message::<NetrServerGetInfoResponse>();
    t.message::<NetrServerDiskEnumRequest>();
    t.message::<NetrServerDiskEnumResponse>();
    t.message::<NetrServerTransportEnumRequest>();
    t.message::<NetrServerTransportEnumResponse>();
    t.message::<NetrRemoteTODRequest>();
    t.message::<NetrRemoteTODResponse>();
    t.message::<NetrShareEnumStickyRequest>();
    t.message::<NetrShareEnumStickyResponse>();
}
