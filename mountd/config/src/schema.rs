// SPDX-License-Identifier: GPL-2.0-or-later
//! All keys: their names, types, limits and defaults. Nothing else in the
//! crate knows a key by name, except for aliases.

use std::path::PathBuf;

use toml_edit::Value;

use crate::show::Show;
use crate::value::{self, Expected, HostPattern, MetricsAt, Principal};

/// A key that the configuration may have.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in the file.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
}

macro_rules! keys {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $help:literal])*
                $key:ident: $ty:ty = $default:expr, $parse:expr;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $( $(#[doc = $help])* pub $key: $ty, )* }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $key: $default, )* }
            }
        }

        impl $name {
            /// All keys of it.
            pub const KEYS: &'static [Key] = &[ $( Key {
                name: stringify!($key),
                help: concat!($( $help, )*),
            }, )* ];

            /// All keys and their values, spelled as the file has them; without
            /// those that have no value.
            #[must_use]
            pub fn values(&self) -> Vec<(&'static str, String)> {
                let all = [ $( (stringify!($key), self.$key.show(stringify!($key))), )* ];
                all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
            }

            /// Sets the key from a TOML value; `None` when it is no key.
            pub(crate) fn set(&mut self, key: &str, v: &Value) -> Option<Result<(), Expected>> {
                match key {
                    $( stringify!($key) => {
                        let parse: fn(&Value) -> Result<$ty, Expected> = $parse;
                        Some(parse(v).map(|t| self.$key = t))
                    } )*
                    _ => None,
                }
            }
        }
    };
}

/// How far signing or encryption goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Off unless the client insists.
    Disabled,
    /// On where client or share want it.
    Enabled,
    /// Clients without it are refused.
    Mandatory,
}

/// What becomes of logins that fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapToGuest {
    /// They are refused.
    Never,
    /// Unknown users become guests; wrong passwords are refused.
    BadUser,
}

pub(crate) const POLICY: &[(&str, Policy)] = &[
    ("disabled", Policy::Disabled),
    ("enabled", Policy::Enabled),
    ("auto", Policy::Enabled),
    ("mandatory", Policy::Mandatory),
];

pub(crate) const DIALECTS: &[(&str, u16)] = &[
    ("SMB2_02", 0x0202),
    ("SMB2_10", 0x0210),
    ("SMB3_00", 0x0300),
    ("SMB3_02", 0x0302),
    ("SMB3_11", 0x0311),
    ("SMB2", 0x0210),
    ("SMB3", 0x0311),
];

pub(crate) const CIPHERS: &[(&str, u16)] = &[
    ("aes-128-gcm", 2),
    ("aes-128-ccm", 1),
    ("aes-256-gcm", 4),
    ("aes-256-ccm", 3),
];

pub(crate) const SIGNING: &[(&str, u16)] = &[("aes-gmac", 2), ("aes-cmac", 1), ("hmac-sha256", 0)];

/// What stores things beside the file's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VfsObject {
    /// Windows security descriptors in `security.NTACL`.
    AclXattr,
    /// Named streams in `user.DosStream.*`.
    StreamsXattr,
    /// Apple's extensions, which need named streams.
    Fruit,
}

pub(crate) const VFS: &[(&str, VfsObject)] = &[
    ("acl_xattr", VfsObject::AclXattr),
    ("streams_xattr", VfsObject::StreamsXattr),
    ("fruit", VfsObject::Fruit),
];

/// Which accesses to files are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audited {
    /// Files that are opened.
    Open,
    /// Files that are made or overwritten.
    Create,
    /// Files that are removed.
    Delete,
    /// Files that are renamed or linked.
    Rename,
}

pub(crate) const AUDITED: &[(&str, Audited)] = &[
    ("open", Audited::Open),
    ("create", Audited::Create),
    ("delete", Audited::Delete),
    ("rename", Audited::Rename),
];

keys! {
    /// `[global]`: the server as a whole.
    pub struct Global {
        /// NetBIOS name; the host's name unless set.
        netbios_name: Option<String> = None, value::netbios;
        /// Workgroup or domain that the server says it is of.
        workgroup: String = "WORKGROUP".to_owned(), |v| value::netbios(v).map(Option::unwrap_or_default);
        /// Description of the server.
        server_string: String = "SMB server".to_owned(), |v| value::text(v, 255);
        /// TCP port; 0 takes any free one.
        tcp_port: u16 = 445, value::port;
        /// Interfaces to serve; empty means all.
        interfaces: Vec<String> = Vec::new(), value::interfaces;
        /// Whether to listen on the named interfaces only.
        bind_interfaces_only: bool = false, value::boolean;
        /// Lowest dialect.
        server_min_protocol: u16 = 0x0202, |v| value::choice(v, DIALECTS);
        /// Highest dialect.
        server_max_protocol: u16 = 0x0311, |v| value::choice(v, DIALECTS);
        /// Signing of messages.
        server_signing: Policy = Policy::Enabled, |v| value::choice(v, POLICY);
        /// Encryption of messages.
        smb3_encryption: Policy = Policy::Enabled, |v| value::choice(v, POLICY);
        /// Ciphers, best first.
        smb3_ciphers: Vec<u16> = vec![2, 4, 1, 3], |v| value::choices(v, CIPHERS, false);
        /// Signing algorithms, best first.
        smb3_signing_algorithms: Vec<u16> = vec![2, 1, 0], |v| value::choices(v, SIGNING, false);
        /// Several connections in one session.
        server_multi_channel_support: bool = false, value::boolean;
        /// Leases (client caching) on top of oplocks.
        smb2_leases: bool = false, value::boolean;
        /// Leases on directories, too.
        smb3_directory_leases: bool = false, value::boolean;
        /// Open files survive a lost connection.
        durable_handles: bool = false, value::boolean;
        /// SMB3 POSIX extensions, for Linux clients (`mount -o posix`); new, off until proven in long runs.
        posix_extensions: bool = false, value::boolean;
        /// Greatest READ.
        smb2_max_read: u32 = 4 << 20, |v| value::size(v, 64 << 10, 8 << 20);
        /// Greatest WRITE.
        smb2_max_write: u32 = 4 << 20, |v| value::size(v, 64 << 10, 8 << 20);
        /// Greatest query, set or ioctl.
        smb2_max_trans: u32 = 1 << 20, |v| value::size(v, 64 << 10, 8 << 20);
        /// Most credits of a connection.
        smb2_max_credits: u16 = 8192, |v| value::int(v, 1, 65535).map(|n| u16::try_from(n).unwrap_or(u16::MAX));
        /// Most connections.
        max_connections: u32 = 1024, |v| value::int(v, 1, 65536);
        /// Most connections of one address.
        max_ip_connections: u32 = 64, |v| value::int(v, 1, 65536);
        /// Most sessions.
        max_active_sessions: u32 = 1024, |v| value::int(v, 1, 65536);
        /// Most sessions of one connection.
        max_sessions_per_connection: u32 = 64, |v| value::int(v, 1, 65536);
        /// Most open files.
        max_open_files: u32 = 10000, |v| value::int(v, 1, 1 << 24);
        /// Most bytes of requests that one connection may have in work.
        max_inflight: u32 = 64 << 20, |v| value::size(v, 1 << 20, 1 << 30);
        /// Seconds until a connection without login is closed.
        auth_timeout: u32 = 30, |v| value::int(v, 1, 3600);
        /// Minutes until an idle connection without open files is closed; 0 never.
        deadtime: u32 = 0, |v| value::int(v, 0, 60 * 24 * 365);
        /// Seconds that the kernel waits for the daemon.
        ipc_timeout: u32 = 10, |v| value::int(v, 1, 600);
        /// System account that guests access files as.
        guest_account: String = "nobody".to_owned(), |v| value::text(v, 256);
        /// What becomes of logins that fail.
        map_to_guest: MapToGuest = MapToGuest::Never,
            |v| value::choice(v, &[("never", MapToGuest::Never), ("bad user", MapToGuest::BadUser)]);
        /// Anonymous logins: 0 may list shares, 1 may only connect, 2 are refused.
        restrict_anonymous: u32 = 0, |v| value::int(v, 0, 2);
        /// Keytab with the server's keys; Kerberos is off unless set.
        kerberos_keytab_file: PathBuf = PathBuf::new(), value::keytab;
        /// Service of the keytab that clients must have tickets for, like `cifs` or `cifs/files.example.com`; any unless set.
        kerberos_service_name: String = String::new(), value::service;
        /// Realms, besides the server's own, whose principals are the accounts of the same names.
        kerberos_realms: Vec<String> = Vec::new(), value::realms;
        /// Whether principals without an account are the system users of the same names.
        kerberos_system_users: bool = false, value::boolean;
        /// Who may change shares, list sessions and open files, and read registry and services over RPC.
        rpc_admins: Vec<Principal> = Vec::new(), value::principals;
        /// Where figures are told as OpenMetrics: a socket's path, or an address and port of the loopback; nowhere unless set.
        metrics: Option<MetricsAt> = None, value::metrics;
        /// Whether Windows' network view is told of the server, by WS-Discovery (UDP 3702, TCP 5357).
        ws_discovery: bool = false, value::boolean;
        /// Whether macOS and Linux desktops are told of the server, by mDNS/DNS-SD (UDP 5353).
        mdns: bool = false, value::boolean;
    }
}

keys! {
    /// The keys of `[share.NAME]`.
    pub struct ShareKeys {
        /// Directory that is shared.
        path: PathBuf = PathBuf::new(), value::path;
        /// Remark that clients show.
        comment: String = String::new(), |v| value::text(v, 255);
        /// Whether the share can be used at all.
        available: bool = true, value::boolean;
        /// Whether the share is listed.
        browseable: bool = true, value::boolean;
        /// Whether guests may use it.
        guest_ok: bool = false, value::boolean;
        /// System account that guests access its files as; that of `[global]` unless set.
        guest_account: String = String::new(), |v| value::text(v, 256);
        /// Whether nobody but the write_list may write.
        read_only: bool = true, value::boolean;
        /// Who may use it; empty means everybody.
        valid_users: Vec<Principal> = Vec::new(), value::principals;
        /// Who may not use it.
        invalid_users: Vec<Principal> = Vec::new(), value::principals;
        /// Who may only read.
        read_list: Vec<Principal> = Vec::new(), value::principals;
        /// Who may write though it is read_only.
        write_list: Vec<Principal> = Vec::new(), value::principals;
        /// Who accesses its files as root.
        admin_users: Vec<Principal> = Vec::new(), value::principals;
        /// Addresses that may use it.
        hosts_allow: Vec<HostPattern> = Vec::new(), value::hosts;
        /// Addresses that may not use it.
        hosts_deny: Vec<HostPattern> = Vec::new(), value::hosts;
        /// Most connections to it; 0 means no limit.
        max_connections: u32 = 128, |v| value::int(v, 0, 65536);
        /// Names that do not exist for clients.
        veto_files: Vec<String> = Vec::new(), value::patterns;
        /// Files with a leading dot are hidden files.
        hide_dot_files: bool = true, value::boolean;
        /// Access-based enumeration: files that the user cannot read are neither listed nor told of, and clients know it.
        hide_unreadable: bool = false, value::boolean;
        /// DOS attributes are kept in `user.DOSATTRIB`.
        store_dos_attributes: bool = true, value::boolean;
        /// New files belong to the owner of their directory.
        inherit_owner: bool = false, value::boolean;
        /// Oplocks and leases on it.
        oplocks: bool = false, value::boolean;
        /// Symbolic links are followed as long as they stay below the path.
        follow_symlinks: bool = false, value::boolean;
        /// Clients may make symbolic links, FIFOs and sockets, never devices.
        special_files: bool = false, value::boolean;
        /// Directory below the path with a snapshot of the share in each of its directories.
        snapshot_dir: String = String::new(), value::snapshot_dir;
        /// How times (UTC) are spelled in the names of snapshots.
        snapshot_format: String = "@GMT-%Y.%m.%d-%H.%M.%S".to_owned(), value::snapshot_format;
        /// File systems mounted below the path are part of it.
        crossmnt: bool = true, value::boolean;
        /// Names differ by case.
        case_sensitive: bool = false, value::boolean;
        /// Permission bits that new files may have.
        create_mask: u32 = 0o744, value::mode;
        /// Permission bits that new directories may have.
        directory_mask: u32 = 0o755, value::mode;
        /// Permission bits that new files get.
        force_create_mode: u32 = 0, value::mode;
        /// Permission bits that new directories get.
        force_directory_mode: u32 = 0, value::mode;
        /// System account that files are accessed as.
        force_user: String = String::new(), |v| value::text(v, 256);
        /// System group that files are accessed as.
        force_group: String = String::new(), |v| value::text(v, 256);
        /// What is kept in extended attributes.
        vfs_objects: Vec<VfsObject> = Vec::new(), |v| value::choices(v, VFS, true);
        /// Clients must encrypt.
        encrypt: bool = false, value::boolean;
        /// macOS may keep Time Machine backups here.
        time_machine: bool = false, value::boolean;
        /// Most bytes that Time Machine is told to use; 0 for no limit.
        time_machine_max_size: u64 = 0, value::volume_size;
        /// What kind of machine macOS shows this share's server as.
        apple_model: String = "Xserve".to_owned(), |v| value::text(v, 32);
        /// Clients may ask for persistent handles.
        continuous_availability: bool = false, value::boolean;
        /// Which accesses to files are logged for the audit: open, create, delete, rename; none unless set.
        audit: Vec<Audited> = Vec::new(), |v| value::choices(v, AUDITED, true);
        /// Label of the volume; the share's name unless set.
        volume_label: String = String::new(), |v| value::text(v, 32);
    }
}

/// Other spellings of keys; `true` where the value is the opposite.
const ALIASES: &[(&str, &str, bool)] = &[
    ("writable", "read_only", true),
    ("writeable", "read_only", true),
    ("write_ok", "read_only", true),
    ("public", "guest_ok", false),
    ("browsable", "browseable", false),
    ("directory", "path", false),
    ("allow_hosts", "hosts_allow", false),
    ("deny_hosts", "hosts_deny", false),
    ("create_mode", "create_mask", false),
    ("directory_mode", "directory_mask", false),
    ("shadow:snapdir", "snapshot_dir", false),
    ("shadow:format", "snapshot_format", false),
    ("dedicated_keytab_file", "kerberos_keytab_file", false),
];

/// Keys that other servers have and this one has not.
const ELSEWHERE: &[(&str, &str)] = &[
    (
        "kerberos_support",
        "set kerberos_keytab_file, for example to \"/etc/krb5.keytab\"",
    ),
    ("smbd_max_io_size", "SMB Direct is not supported yet"),
    ("root_directory", "give each share its own path"),
    (
        "share_fake_fscaps",
        "the capabilities follow from the file system",
    ),
    (
        "allow_insecure_wide_links",
        "links never lead out of a share; share the other directory too",
    ),
];

/// The name of a key as this server spells it, and whether the value is to be
/// inverted. Upper case, blanks and hyphens are taken as smb.conf has them.
#[must_use]
pub fn canonical_key(key: &str) -> (String, bool) {
    let words: Vec<String> = key
        .split([' ', '\t', '-', '_'])
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let key = words.join("_");
    match ALIASES.iter().find(|(alias, ..)| *alias == key) {
        Some((_, name, inverted)) => ((*name).to_owned(), *inverted),
        None => (key, false),
    }
}

/// What to say of a key that is none.
pub(crate) fn unknown_key(key: &str, known: &[&[Key]]) -> (String, String) {
    let (canonical, inverted) = canonical_key(key);
    let message = format!("unknown key `{key}`");
    if let Some((_, why)) = ELSEWHERE.iter().find(|(k, _)| *k == canonical) {
        return (message, (*why).to_owned());
    }
    let names = || known.iter().flat_map(|keys| keys.iter().map(|k| k.name));
    if canonical != key && names().any(|n| n == canonical) {
        let hint = if inverted {
            format!("write `{canonical}` with the opposite value")
        } else {
            format!("write it as `{canonical}`")
        };
        return (message, hint);
    }
    let best = names()
        .map(|n| (distance(n, &canonical), n))
        .min()
        .filter(|(d, n)| *d <= 2.max(n.len() / 4));
    let hint = match best {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => "see ksmbd.toml(5) for all keys".to_owned(),
    };
    (message, hint)
}

/// Number of edits from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let change = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
