// SPDX-License-Identifier: GPL-2.0-or-later
//! The program as users and scripts call it.

use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Runs the program; answers exit status, stdout and stderr.
fn run(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_ksmbd-addshare"))
        .args(args)
        .arg("--config")
        .arg(dir.join("ksmbd.toml"))
        .arg("--runtime-dir")
        .arg(dir)
        .output()
        .unwrap();
    (
        out.status.code().unwrap(),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

#[test]
fn life_of_a_share() {
    let dir = TempDir::new().unwrap();
    let d = dir.path().to_str().unwrap();
    let run = |args: &[&str]| run(dir.path(), args);
    let text = || std::fs::read_to_string(dir.path().join("ksmbd.toml")).unwrap();

    let (code, _, err) = run(&["-a", "data", "--path", d, "--comment", "12", "--guest-ok"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let t = text();
    assert!(t.contains("[share.data]\n"), "{t}");
    assert!(t.contains(&format!("path = \"{d}\"\n")), "{t}");
    assert!(t.contains("comment = \"12\"\n"), "{t}");
    assert!(t.contains("guest_ok = true\nread_only = false\n"), "{t}");

    let (code, _, err) = run(&["-a", "DATA", "--path", d]);
    assert_eq!(code, 1);
    assert!(err.contains("ksmbd.addshare -u data"), "{err}");

    // The old form.
    let (code, _, err) = run(&[
        "-o",
        "valid users = alice, @staff",
        "-o",
        "writeable = no",
        "-u",
        "data",
    ]);
    assert_eq!((code, err.as_str()), (0, ""));
    let t = text();
    assert!(t.contains("read_only = true\n"), "{t}");
    assert!(t.contains("valid_users = [\"alice\", \"@staff\"]\n"), "{t}");
    let (code, _, _) = run(&["-u", "global", "-o", "server string = A B"]);
    assert_eq!(code, 0);
    assert!(text().contains("server_string = \"A B\"\n"));

    let (code, _, err) = run(&["archive", "-o", "path = /nowhere/at/all", "--read-only"]);
    assert_eq!(code, 0);
    assert!(err.contains("is no directory"), "{err}");
    assert!(text().contains("read_only = true\n"));

    let (code, _, _) = run(&["-d", "Archive"]);
    assert_eq!(code, 0);
    assert!(!text().contains("archive"));
    let (code, _, err) = run(&["-d", "archive"]);
    assert_eq!(code, 1);
    assert!(err.contains("there is no share `archive`"), "{err}");
}

#[test]
fn what_cannot_be() {
    let dir = TempDir::new().unwrap();
    let run = |args: &[&str]| run(dir.path(), args);
    let fails = |args: &[&str], part: &str| {
        let (code, _, err) = run(args);
        assert_eq!(code, 1, "{args:?}");
        assert!(err.contains(part), "{args:?}: {err}");
    };
    fails(&["-a", "x"], "--path DIR");
    fails(&["-u", "x", "--path", "/tmp"], "ksmbd.addshare -a x");
    fails(&["-a", "a/b", "--path", "/tmp"], "cannot be a share name");
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "brwseable = no"],
        "did you mean `browseable`?",
    );
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "create mask = 999"],
        "octal",
    );
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "nonsense"],
        "KEY = VALUE",
    );
    fails(
        &["-a", "x", "--path", "/tmp", "-o", "path = /x"],
        "given twice",
    );
    fails(&["-d", "global"], "always there");
    fails(&["-a", "-d", "x"], "cannot be used with");
    fails(&[], "required");
    assert!(
        !dir.path().join("ksmbd.toml").exists(),
        "a failure writes nothing"
    );
    // A broken file is not made worse.
    std::fs::write(dir.path().join("ksmbd.toml"), "[share.a]\n").unwrap();
    fails(
        &["-a", "x", "--path", "/tmp"],
        "ksmbd.toml:1:1: share `a` has no path",
    );
    let (code, out, _) = run(&["--help"]);
    assert_eq!(code, 0);
    assert!(out.contains("Usage: ksmbd.addshare"), "{out}");
}

#[test]
fn import() {
    let dir = TempDir::new().unwrap();
    let conf = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let run = |args: &[&str]| run(dir.path(), args);
    let smb = conf(
        "smb.conf",
        "# Samba's\n[global]\n  workgroup = OFFICE\n  server signing = required\n  log level = 2\n  \
         map to guest = Bad User\n  hosts allow =\n\n[homes]\n  browseable = no\n\n\
         [data]\n  path = /srv/data\n  comment = Files; all # of them\n  writable = yes\n  \
         valid users = alice, \\\n     @staff\n  create mask = 0744\n  hosts allow = 192.168.1. 127.0.0.1\n\
         [mine]\n  path = /srv/%U\n[tight]\n  path = /srv/tight\n  valid users = %S\n\
         [hosts]\n  path = /srv/hosts\n  hosts deny = ALL EXCEPT 10.\n[enc]\n  path = /srv/enc\n  smb encrypt = required\n\
         [mac]\n  path = /srv/mac\n  vfs objects = fruit streams_xattr\n  fruit:metadata = stream\n  fruit:resource = file\n  \
         fruit:time machine = yes\n  fruit:time machine max size = 2T\n  fruit:model = MacPro\n",
    );
    let (code, out, err) = run(&["--import", &smb]);
    assert_eq!((code, err.as_str()), (0, ""));
    for line in [
        ":3: mapped: [global] workgroup: workgroup",
        ":4: mapped: [global] server signing: server_signing",
        ":5: unsupported: [global] log level: unknown key `log_level`",
        ":7: default: [global] hosts allow: no value",
        ":9: unsupported: [homes]: is no directory",
        ":15: mapped: [data] writable: writable",
        ":18: default: [data] create mask",
        ":20: unsupported: [mine]: its path has %U",
        ":22: switched off: [tight]: `valid users` could not",
        ":24: unsupported: [tight] valid users: the value has %S",
        ":25: switched off: [hosts]: `hosts deny`",
        ":30: mapped: [enc] smb encrypt: encrypt",
        ":33: mapped: [mac] vfs objects: vfs objects",
        ":34: default: [mac] fruit:metadata: in streams",
        ":35: unsupported: [mac] fruit:resource: AppleDouble files",
        ":36: mapped: [mac] fruit:time machine: time_machine",
        ":37: mapped: [mac] fruit:time machine max size: time_machine_max_size",
        ":38: mapped: [mac] fruit:model: apple_model",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let load = || ksmbd_config::Config::load(&dir.path().join("ksmbd.toml")).unwrap();
    let config = load();
    assert_eq!(config.global.workgroup, "OFFICE");
    assert_eq!(config.shares.len(), 5);
    let mac = config.share("mac").unwrap();
    assert_eq!(
        (mac.time_machine, mac.time_machine_max_size),
        (true, 2 << 40)
    );
    assert_eq!(mac.apple_model, "MacPro");
    assert_eq!(mac.vfs_objects.len(), 2);
    let data = config.share("data").unwrap();
    assert_eq!(data.comment, "Files; all # of them");
    assert!(!data.read_only && data.available && data.valid_users.len() == 2);
    let host = |ip: &str| {
        data.hosts_allow
            .iter()
            .any(|h| h.matches(ip.parse().unwrap()))
    };
    assert!(host("192.168.1.7") && host("127.0.0.1") && !host("192.168.2.7"));
    assert!(!config.share("tight").unwrap().available);
    assert!(!config.share("hosts").unwrap().available);
    assert!(config.share("enc").unwrap().encrypt);

    // Again: what exists stays.
    let before = load();
    let (code, out, _) = run(&["--import", &smb, "--json"]);
    assert_eq!(code, 0);
    let v: serde_json::Value = serde_json::from_str(&out).unwrap();
    let data = v
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["section"] == "data")
        .unwrap();
    assert_eq!(data["result"], "unsupported");
    assert_eq!(load(), before);

    let ksmbd = conf(
        "ksmbd.conf",
        "[global]\ntcp port = 4450 ; mine\n[old]\npath = /old # here\nread only = yes\n",
    );
    assert_eq!(run(&["--import", &ksmbd]).0, 0);
    assert_eq!(load().global.tcp_port, 4450);
    assert_eq!(load().share("old").unwrap().path, Path::new("/old"));

    // Kerberos has a key more there.
    let keytab = || load().global.kerberos_keytab_file;
    for (text, line, path) in [
        ("kerberos support = no\n", ":2: default:", ""),
        (
            "kerberos support = yes\n",
            ":2: mapped: [global] kerberos support: kerberos_keytab_file",
            "/etc/krb5.keytab",
        ),
        (
            "kerberos keytab file = FILE:/k\nkerberos support = yes\nkerberos service name = cifs/a.b\n",
            ":4: mapped: [global] kerberos service name",
            "/k",
        ),
        (
            "kerberos support = no\nkerberos keytab file = /k\n",
            ":2: unsupported: [global] kerberos support: there is a keytab",
            "/k",
        ),
        ("kerberos support = maybe\n", "no counterpart", "/k"),
    ] {
        let file = conf("ksmbd.conf", &format!("[global]\n{text}"));
        let (_, out, _) = run(&["--import", &file]);
        assert!(out.contains(line), "{line}\n{out}");
        assert_eq!(keytab(), Path::new(path), "{text}");
    }
    assert_eq!(load().global.kerberos_service_name, "cifs/a.b");

    for (text, why) in [
        ("[a\n", ":1: a section has no ]"),
        ("[a]\n\nnothing\n", ":3: neither [SECTION] nor KEY = VALUE"),
        ("a = b\n", ":1: a key before any [SECTION]"),
    ] {
        let before = load();
        let (code, _, err) = run(&["--import", &conf("bad.conf", text)]);
        assert_eq!(code, 1);
        assert!(err.contains(why), "{err}");
        assert_eq!(load(), before);
    }
    let (code, _, err) = run(&["--import", "/no/such"]);
    assert_eq!(code, 1);
    assert!(err.contains("reading /no/such: No such file"), "{err}");
    assert_eq!(run(&["data", "--import", "/no/such"]).0, 1);
    assert_eq!(run(&[]).0, 1);
}
