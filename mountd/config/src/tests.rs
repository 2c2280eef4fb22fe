// SPDX-License-Identifier: GPL-2.0-or-later
//! Reading: values, defaults, errors with places. Editing: what stays.

use super::*;
use std::net::IpAddr;
use tempfile::TempDir;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(text, Path::new("ksmbd.toml"))
}

fn errors(text: &str) -> Vec<String> {
    match parse(text) {
        Err(Error::Invalid(p)) => p.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn empty_is_defaults() {
    let c = parse("").unwrap();
    assert_eq!(c, Config::default());
    assert_eq!(c.global.tcp_port, 445);
    assert!(c.share("data").is_none());
}

#[test]
fn everything_at_once() {
    let c = parse(
        r#"
        [global]
        netbios_name = "files"
        tcp_port = 4450
        interfaces = ["eth0", "lo"]
        bind_interfaces_only = true
        server_min_protocol = "SMB3_00"
        smb3_encryption = "mandatory"
        smb2_max_read = "8M"
        smb3_ciphers = ["AES-256-GCM"]
        map_to_guest = "Bad User"
        create_mask = 0o664
        max_connections = 7

        [share.Data]
        path = "/srv/data"
        read_only = false
        valid_users = ["alice", "@staff"]
        hosts_allow = "10.0.0.0/8"
        veto_files = "/*.tmp/.DS_Store/"
        directory_mask = "0775"
        vfs_objects = ["streams_xattr"]

        [share."two words"]
        path = "/x"
        create_mask = "600"
        "#,
    )
    .unwrap();
    let g = &c.global;
    assert_eq!(g.netbios_name.as_deref(), Some("FILES"));
    assert_eq!((g.tcp_port, g.max_connections), (4450, 7));
    assert_eq!(g.server_min_protocol, 0x0300);
    assert_eq!(g.smb3_encryption, Policy::Mandatory);
    assert_eq!((g.smb2_max_read, &g.smb3_ciphers[..]), (8 << 20, &[4][..]));
    assert_eq!(g.map_to_guest, MapToGuest::BadUser);
    let s = c.share("dATA").unwrap();
    assert_eq!(s.name, "Data");
    assert_eq!((s.create_mask, s.directory_mask), (0o664, 0o775));
    assert_eq!(s.max_connections, 128);
    assert_eq!(
        s.valid_users,
        [
            Principal::User("alice".into()),
            Principal::Group("staff".into())
        ]
    );
    assert_eq!(s.veto_files, ["*.tmp", ".DS_Store"]);
    assert_eq!(s.vfs_objects, [VfsObject::StreamsXattr]);
    assert!(s.hosts_allow[0].matches("10.1.2.3".parse().unwrap()));
    assert_eq!(c.share("Two Words").unwrap().create_mask, 0o600);
}

#[test]
fn errors_have_place_and_hint_and_come_together() {
    let e = errors(
        "[global]\ntcp_port = 70000\nguest_okay = true\n\n[share.a]\n  path = \"srv\"\nwritable = true\ncreate_mask = 744\n",
    );
    assert_eq!(e.len(), 5, "{e:#?}");
    assert_eq!(
        e[0],
        "ksmbd.toml:2:12: `tcp_port` must be a whole number from 0 to 65535"
    );
    assert_eq!(
        e[1],
        "ksmbd.toml:3:1: unknown key `guest_okay` (did you mean `guest_ok`?)"
    );
    assert!(e[2].starts_with("ksmbd.toml:6:10: `path` must be an absolute path"));
    assert_eq!(
        e[3],
        "ksmbd.toml:7:1: unknown key `writable` (write `read_only` with the opposite value)"
    );
    assert!(e[4].starts_with("ksmbd.toml:8:15: `create_mask` must be permission bits in octal"));
}

#[test]
fn errors_of_structure() {
    assert!(errors("[share.a]\ncomment = \"x\"\n")[0].contains("1:1: share `a` has no path"));
    assert!(errors("[data]\npath = \"/x\"\n")[0].contains("a share is [share.data]"));
    assert!(errors("tcp_port = 1\n")[0].contains("keys are in [global]"));
    assert!(
        errors("[share.IPC$]\n")[0].contains("TOML")
            || errors("[share.\"IPC$\"]\npath=\"/x\"\n")[0].contains("reserved")
    );
    assert!(errors("[share.a]\npath=\"/x\"\n[share.A]\npath=\"/x\"\n")[0].contains("twice"));
    assert!(errors("[global\n")[0].starts_with("ksmbd.toml:1:"));
    assert!(errors("[global]\nkerberos_support = true\n")[0].contains("set kerberos_keytab_file"));
    assert!(errors("[global]\npath = \"/x\"\n")[0].contains("belongs in [share.NAME]"));
    assert!(errors(
        "[global]\nserver_min_protocol = \"SMB3_11\"\nserver_max_protocol = \"SMB2_10\"\n"
    )[0]
    .contains("no client could connect"));
    assert!(errors("[global]\nsmb3_ciphers = []\n")[0].contains("each once"));
    assert!(errors("[global]\n\"guest ok\" = true\n")[0].contains("write it as `guest_ok`"));
}

#[test]
fn every_key_is_settable_and_documented() {
    for key in Global::KEYS.iter().chain(ShareKeys::KEYS) {
        assert!(!key.help.trim().is_empty(), "{}", key.name);
        assert_eq!(canonical_key(key.name), (key.name.to_owned(), false));
    }
}

#[test]
fn hosts() {
    let of = |p: &str| {
        let text = format!("[share.a]\npath=\"/x\"\nhosts_allow = [\"{p}\"]");
        parse(&text).unwrap().shares[0].hosts_allow[0].clone()
    };
    let ip = |s: &str| s.parse::<IpAddr>().unwrap();
    assert!(of("ALL").matches(ip("::1")));
    assert!(of("0.0.0.0/0").matches(ip("9.9.9.9")));
    assert!(!of("0.0.0.0/0").matches(ip("fe80::1")));
    assert!(of("192.168.1.0/24").matches(ip("::ffff:192.168.1.77")));
    assert!(!of("192.168.1.0/24").matches(ip("192.168.2.1")));
    assert!(of("fd00::/8").matches(ip("fdff::1")));
    assert!(of("10.0.0.1").matches(ip("10.0.0.1")));
    assert!(errors("[share.a]\npath=\"/x\"\nhosts_allow = [\"nas.lan\"]")[0].contains("looked up"));
    assert!(errors("[share.a]\npath=\"/x\"\nhosts_allow = [\"1.2.3.4/33\"]").len() == 1);
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

#[test]
fn edits_keep_comments() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ksmbd.toml");
    std::fs::write(
        &path,
        "# ours\n[global]\ntcp_port = 4450 # high\n\n# the data\n[share.data]\npath = \"/srv/data\"\nread_only  =  true   # for now\n\n[share.z]\npath = \"/z\"\n",
    )
    .unwrap();
    let mut e = Editor::open(&path).unwrap();
    e.set_share(
        "DATA",
        &pairs(&[
            ("writeable", "yes"),
            ("Valid Users", "alice, @staff bob"),
            ("create mask", "0640"),
            ("comment", "12"),
            ("veto files", "/*.bak/~*/"),
        ]),
    )
    .unwrap();
    e.add_share(
        "new one",
        &pairs(&[("path", "/srv/new"), ("guest ok", "1")]),
    )
    .unwrap();
    e.remove_share("z").unwrap();
    e.set_global(&pairs(&[("server min protocol", "SMB3_00")]))
        .unwrap();
    let config = e.save().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("# ours\n[global]\ntcp_port = 4450 # high\n"),
        "{text}"
    );
    assert!(text.contains("# the data\n[share.data]\n"), "{text}");
    assert!(text.contains("read_only  =  false   # for now\n"), "{text}");
    assert!(
        text.contains("valid_users = [\"alice\", \"@staff\", \"bob\"]"),
        "{text}"
    );
    assert!(text.contains("create_mask = \"0640\""), "{text}");
    assert!(text.contains("comment = \"12\""), "{text}");
    assert!(
        text.contains("[share.\"new one\"]\npath = \"/srv/new\"\nguest_ok = true\n"),
        "{text}"
    );
    assert!(!text.contains("share.z"), "{text}");
    assert_eq!(config, Config::load(&path).unwrap());
    assert_eq!(config.share("data").unwrap().veto_files, ["*.bak", "~*"]);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);

    let mut e = Editor::open(&path).unwrap();
    e.set_share("data", &pairs(&[("comment", "")])).unwrap();
    assert!(e.save().unwrap().share("data").unwrap().comment.is_empty());
}

#[test]
fn edits_that_cannot_be() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("sub/ksmbd.toml");
    let mut e = Editor::open(&path).unwrap();
    let err = |r: Result<(), Error>| r.unwrap_err().to_string();
    assert!(err(e.set_share("x", &[])).contains("ksmbd.addshare -a x"));
    assert!(err(e.add_share("a/b", &[])).contains("cannot be a share name"));
    e.add_share("a", &pairs(&[("path", "/a")])).unwrap();
    assert!(err(e.add_share("A", &[])).contains("exists"));
    assert!(err(e.set_share("a", &pairs(&[("pth", "/a")]))).contains("did you mean `path`?"));
    assert!(err(e.set_share("a", &pairs(&[("writable", "perhaps")]))).contains("must be"));
    assert!(err(e.set_share("a", &pairs(&[("browseable", "perhaps")]))).contains("true or false"));
    e.save().unwrap();
    assert!(std::fs::read_to_string(&path)
        .unwrap()
        .contains("[share.a]\npath = \"/a\"\n"));

    // A share without a path is not saved, and the file stays.
    let mut e = Editor::open(&path).unwrap();
    e.add_share("b", &[]).unwrap();
    assert!(e.save().is_err());
    assert_eq!(Config::load(&path).unwrap().shares.len(), 1);
}

/// What is shown means the same when it is read again, and is JSON's too.
#[test]
fn shown_values_read_back() {
    let config = parse(
        "[global]\nnetbios_name = \"FS\"\nserver_min_protocol = \"SMB3_00\"\n\
         smb3_ciphers = [\"aes-256-ccm\", \"aes-128-gcm\"]\nmap_to_guest = \"bad user\"\n\
         server_string = 'a \"b\" \\ c'\n\
         [share.a]\npath = \"/a\"\ncreate_mask = 0o640\nvalid_users = [\"bob\", \"@staff\"]\n\
         hosts_allow = [\"10.0.0.0/8\", \"fd00::1\", \"all\"]\nvfs_objects = \"acl_xattr\"\n",
    )
    .unwrap();
    let mut text = "[global]\n".to_owned();
    for (key, value) in config.global.values() {
        text.push_str(&format!("{key} = {value}\n"));
    }
    text.push_str("[share.a]\n");
    for (key, value) in config.shares[0].keys.values() {
        text.push_str(&format!("{key} = {value}\n"));
    }
    assert!(text.contains("create_mask = \"0640\""), "{text}");
    assert_eq!(parse(&text).unwrap(), config);
}

/// The table in docs/configuration.md has every key, once and in this order.
#[test]
fn documented() {
    let text = include_str!("../../../docs/configuration.md");
    let (_, text) = text.split_once("## `[global]`").unwrap();
    let (global, share) = text.split_once("## `[share.NAME]`").unwrap();
    for (text, keys) in [(global, Global::KEYS), (share, ShareKeys::KEYS)] {
        let rows: Vec<&str> = text
            .lines()
            .filter_map(|l| l.strip_prefix("| `")?.split('`').next())
            .collect();
        let names: Vec<&str> = keys.iter().map(|k| k.name).collect();
        assert_eq!(rows, names);
    }
}

#[test]
fn kerberos_keys() {
    let read = |line: &str| {
        Config::parse(&format!("[global]\n{line}\n"), Path::new("x")).map(|c| c.global)
    };
    let keytab = |value: &str| {
        read(&format!("kerberos_keytab_file = {value}")).map(|g| g.kerberos_keytab_file)
    };
    assert_eq!(keytab("\"\"").unwrap(), Path::new(""));
    for path in ["/etc/krb5.keytab", "FILE:/etc/krb5.keytab"] {
        let path = keytab(&format!("\"{path}\"")).unwrap();
        assert_eq!(path, Path::new("/etc/krb5.keytab"));
    }
    for bad in ["1", "\"krb5.keytab\"", "\"MEMORY:x\"", "\"FILE:\""] {
        assert!(keytab(bad).unwrap_err().to_string().contains("keytab"));
    }
    let service = |name: &str| read(&format!("kerberos_service_name = \"{name}\""));
    for good in ["cifs", "cifs/files.example.com", "cifs@files.example.com"] {
        assert_eq!(service(good).unwrap().kerberos_service_name, good);
    }
    for bad in ["cifs/", "/x", "cifs/a@B", "two words", "a\\\\b"] {
        assert!(service(bad).is_err(), "{bad}");
    }
    let realms = |list: &str| read(&format!("kerberos_realms = {list}"));
    assert_eq!(
        realms("[\"A.COM\", \"B.COM\"]")
            .unwrap()
            .kerberos_realms
            .len(),
        2
    );
    for bad in ["[\"\"]", "[\"a@B\"]", "true"] {
        assert!(realms(bad).is_err(), "{bad}");
    }
}

#[test]
fn warnings_about_keytabs() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let keytab = dir.path().join("keytab");
    let warnings = |line: &str| {
        let text = format!("[global]\n{line}\n");
        let config = Config::parse(&text, Path::new("x")).unwrap();
        let found = config.warnings(&text, Path::new("x"));
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let line = format!("kerberos_keytab_file = \"{}\"", keytab.display());
    assert!(warnings(&line)[0].contains("cannot be read"));
    std::fs::write(&keytab, b"").unwrap();
    std::fs::set_permissions(&keytab, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(warnings(&line)[0].contains("chmod 600"));
    std::fs::set_permissions(&keytab, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(warnings(&line).is_empty());
    assert!(warnings("kerberos_system_users = true")[0].contains("has no effect"));
}

#[test]
fn where_metrics_are_told() {
    let parse = |value: &str| {
        let text = format!("[global]\nmetrics = {value}\n");
        Config::parse(&text, Path::new("x")).map(|c| c.global.metrics)
    };
    let unix = MetricsAt::Unix("/run/m.sock".into());
    assert_eq!(parse("\"/run/m.sock\"").unwrap(), Some(unix));
    for good in ["127.0.0.1:9445", "[::1]:9445"] {
        let at = MetricsAt::Tcp(good.parse().unwrap());
        assert_eq!(parse(&format!("{good:?}")).unwrap(), Some(at));
    }
    assert_eq!(parse("\"\"").unwrap(), None);
    let long = format!("\"/{}\"", "x".repeat(200));
    for bad in [
        "true",
        "9445",
        "\"0.0.0.0:9445\"",
        "\"127.0.0.1:0\"",
        "\"m.sock\"",
        &long,
    ] {
        let e = parse(bad).unwrap_err().to_string();
        assert!(e.contains("a port of the loopback"), "{bad}: {e}");
    }
}

/// A thousand shares are read, found and edited; a name that comes twice is
/// found among them.
#[test]
fn a_thousand_shares() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("ksmbd.toml");
    let text: String = (0..1000)
        .map(|n| format!("[share.Share{n}]\npath = \"/srv/{n}\"\n\n"))
        .collect();
    std::fs::write(&path, &text).unwrap();
    let config = Config::load(&path).unwrap();
    assert_eq!(config.shares.len(), 1000);
    for n in [0, 1, 500, 999] {
        let share = config.share(&format!("sHARE{n}")).unwrap();
        assert_eq!(share.path, Path::new(&format!("/srv/{n}")));
    }
    assert!(config.share("share1000").is_none() && config.share("share").is_none());
    let mut editor = Editor::open(&path).unwrap();
    editor.remove_share("share500").unwrap();
    editor
        .add_share("more", &[("path".to_owned(), "/more".to_owned())])
        .unwrap();
    let config = editor.save().unwrap();
    assert_eq!(config.shares.len(), 1000);
    assert!(config.share("share500").is_none() && config.share("more").is_some());
    let twice = format!("{text}[share.sHare77]\npath = \"/\"\n");
    assert_eq!(
        errors(&twice),
        ["ksmbd.toml:3001:1: share `sHare77` is given twice (names do not differ by case)"]
    );
}

#[test]
fn snapshots() {
    let share = |line: &str| format!("[share.a]\npath = \"/srv\"\n{line}\n");
    let one = |text: &str| parse(text).unwrap().shares.remove(0);
    let plain = one(&share(""));
    assert_eq!(plain.snapshot_dir, "");
    assert_eq!(plain.snapshot_format, "@GMT-%Y.%m.%d-%H.%M.%S");
    for format in [
        "%s",
        "daily-%Y%m%d",
        "100%% %d.%m.%Y %H",
        "%Y-%m-%dT%H:%M:%S",
    ] {
        let text = share(&format!(
            "snapshot_dir = \"backup/daily\"\nshadow:format = \"{format}\""
        ));
        let text = text.replace("shadow:format", "snapshot_format");
        let share = one(&text);
        assert_eq!(
            (share.snapshot_dir.as_str(), share.snapshot_format.as_str()),
            ("backup/daily", format)
        );
    }
    for bad in ["/abs", "..", "a/../b", "a//b", "./a", "a/"] {
        let errors = errors(&share(&format!("snapshot_dir = \"{bad}\"")));
        assert!(errors[0].contains("below the share's path"), "{errors:?}");
    }
    for bad in [
        "", "%Y", "%y%m%d", "%Y%m%d%d", "%Y%m%d%s", "a/%s", "%Y%m%d%", "x",
    ] {
        let errors = errors(&share(&format!("snapshot_format = \"{bad}\"")));
        assert!(errors[0].contains("must have %Y"), "{bad}: {errors:?}");
    }
    assert_eq!(canonical_key("shadow: snapdir").0, "shadow:_snapdir");
    assert_eq!(canonical_key("shadow:snapdir").0, "snapshot_dir");
    assert_eq!(canonical_key("shadow:format").0, "snapshot_format");
}
