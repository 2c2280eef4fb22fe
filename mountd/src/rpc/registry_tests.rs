// SPDX-License-Identifier: GPL-2.0-or-later
//! winreg and svcctl as a client calls them.

use super::*;
use crate::testing;
use ndr::{Reader, Writer, HANDLE_LEN};
use tempfile::TempDir;

struct Bench {
    state: Arc<State>,
    handles: Handles,
    caller: Caller,
    interface: Interface,
    _dir: TempDir,
}

const CONFIG: &str = "[global]\nnetbios_name = \"FILES\"\nrpc_admins = [\"alice\"]\n\
                      [share.data]\npath = \"/srv/data\"\ncomment = \"The data\"\n";

fn bench(interface: Interface) -> Bench {
    let (state, dir) = testing::state(CONFIG);
    Bench {
        state,
        handles: Handles::new(7),
        caller: Caller {
            account: "alice".into(),
            flags: UserFlags::NONE,
        },
        interface,
        _dir: dir,
    }
}

type Handle = [u8; HANDLE_LEN];
const MAXIMUM: u32 = 0x0200_0000;

fn stub(f: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::new();
    f(&mut w);
    w.into_bytes()
}

fn last(out: &[u8]) -> u32 {
    u32::from_le_bytes(out[out.len() - 4..].try_into().unwrap())
}

impl Bench {
    fn call(&mut self, opnum: u16, stub: &[u8]) -> Result<Vec<u8>, Fault> {
        let (state, caller) = (self.state.clone(), self.caller.clone());
        let stub = Stub {
            bytes: stub,
            syntax: Form::Ndr20,
        };
        self.interface
            .call(&state, &caller, &mut self.handles, opnum, stub)
    }

    fn open(&mut self, opnum: u16, stub: &[u8]) -> (Handle, u32) {
        let out = self.call(opnum, stub).unwrap();
        let mut r = Reader::new(&out);
        (r.handle().unwrap(), r.u32().unwrap())
    }

    fn root(&mut self) -> (Handle, u32) {
        self.open(
            2,
            &stub(|w| {
                w.pointer(true);
                w.u16(0x5C);
                w.u32(MAXIMUM);
            }),
        )
    }

    fn key(&mut self, parent: &Handle, name: &str, access: u32) -> (Handle, u32) {
        self.open(
            15,
            &stub(|w| {
                w.handle(parent);
                w.whole(name);
                w.u32(0);
                w.u32(access);
            }),
        )
    }

    /// Names of the keys in a key.
    fn keys(&mut self, key: &Handle) -> Vec<String> {
        let mut out = Vec::new();
        loop {
            let answer = self
                .call(9, &enum_stub(key, out.len() as u32, 512))
                .unwrap();
            if last(&answer) == werror::NO_MORE_ITEMS {
                return out;
            }
            assert_eq!(last(&answer), werror::OK);
            let mut r = Reader::new(&answer);
            let present = r.counted_header().unwrap();
            out.push(r.counted(present).unwrap());
        }
    }

    /// A value: code, type, needed, data.
    fn value(&mut self, key: &Handle, name: &str, room: Option<u32>) -> (u32, u32, u32, Vec<u8>) {
        let ask = stub(|w| {
            w.handle(key);
            w.whole(name);
            write_room(w, room);
        });
        let out = self.call(17, &ask).unwrap();
        let mut r = Reader::new(&out);
        let kind = r.unique_u32().unwrap().unwrap();
        let mut data = Vec::new();
        if r.pointer().unwrap() {
            let max = r.u32().unwrap();
            assert_eq!(r.u32(), Ok(0));
            let n = r.u32().unwrap();
            assert!(n <= max);
            data = out[out.len() - 20 - (n as usize).next_multiple_of(4)..][..n as usize].to_vec();
            r.skip(n).unwrap();
        }
        let needed = r.unique_u32().unwrap().unwrap();
        assert_eq!(r.unique_u32().unwrap(), Some(data.len() as u32));
        (r.u32().unwrap(), kind, needed, data)
    }
}

fn write_room(w: &mut Writer, room: Option<u32>) {
    w.pointer(true);
    w.u32(0);
    w.pointer(room.is_some());
    if let Some(room) = room {
        w.u32(room);
        w.u32(0);
        w.u32(0);
    }
    w.pointer(true);
    w.u32(room.unwrap_or(0));
    w.pointer(true);
    w.u32(0);
}

fn enum_stub(key: &Handle, index: u32, room: u16) -> Vec<u8> {
    stub(|w| {
        w.handle(key);
        w.u32(index);
        w.u16(0);
        w.u16(room);
        w.pointer(true);
        w.u32(u32::from(room) / 2);
        w.u32(0);
        w.u32(0);
        w.pointer(false);
        w.pointer(true);
        w.u32(0);
        w.u32(0);
    })
}

const SHARES: &str = r"system\CurrentControlSet\services\LanmanServer\Shares";

fn text(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|u| u16::from_le_bytes([u[0], u[1]]))
        .collect();
    String::from_utf16(&units).unwrap()
}

#[test]
fn keys_lead_to_values() {
    let mut b = bench(Interface::Winreg);
    let (root, code) = b.root();
    assert_eq!(code, 0);
    assert_eq!(b.keys(&root), ["SOFTWARE", "SYSTEM"]);
    let (set, _) = b.key(&root, r"SYSTEM\CurrentControlSet\", MAXIMUM);
    assert_eq!(b.keys(&set), ["Control", "Services"]);
    let (services, _) = b.key(&set, "Services", 0x2_0019);
    assert_eq!(b.keys(&services), ["LanmanServer", "Tcpip"]);
    let (shares, code) = b.key(&root, SHARES, MAXIMUM);
    assert_eq!(code, 0);
    assert!(b.keys(&shares).is_empty());
    let (code, kind, needed, data) = b.value(&shares, "DATA", Some(1000));
    assert_eq!((code, kind, needed as usize), (0, 7, data.len()));
    let data = text(&data);
    assert!(data.contains("\0Path=C:\\srv\\data\0"), "{data}");
    assert!(data.ends_with("Type=0\0\0"));
    // Without room, and with too little.
    assert_eq!(b.value(&shares, "data", None), (0, 7, needed, vec![]));
    let short = (werror::MORE_DATA, 7, needed, vec![]);
    assert_eq!(b.value(&shares, "data", Some(needed - 1)), short);
    assert_eq!(b.value(&shares, "none", Some(9)).0, werror::FILE_NOT_FOUND);
    let (name, _) = b.key(
        &root,
        r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName",
        MAXIMUM,
    );
    let value = b.value(&name, "computername", Some(100)).3;
    assert_eq!(text(&value), "FILES\0");
    let out = b.call(
        16,
        &stub(|w| {
            w.handle(&shares);
            w.u32(0);
            w.pointer(false);
        }),
    );
    let out = out.unwrap();
    // Behind the class: keys, longest of them, class, values, longest name.
    let n: Vec<u32> = out[24..]
        .chunks(4)
        .map(|c| u32::from_le_bytes(c.try_into().unwrap()))
        .collect();
    assert_eq!(n[..6], [0, 0, 0, 1, 8, needed]);
    assert_eq!(b.call(26, &shares).unwrap(), [5, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn values_are_listed() {
    let mut b = bench(Interface::Winreg);
    let (root, _) = b.root();
    let (key, _) = b.key(
        &root,
        r"SOFTWARE\Microsoft\Windows NT\CurrentVersion",
        MAXIMUM,
    );
    let mut ask = |index: u32, room: u16| {
        let ask = stub(|w| {
            w.handle(&key);
            w.u32(index);
            w.u16(0);
            w.u16(room);
            w.pointer(true);
            w.u32(u32::from(room) / 2);
            w.u32(0);
            w.u32(0);
            write_room(w, Some(100));
        });
        let out = b.call(10, &ask).unwrap();
        let mut r = Reader::new(&out);
        let present = r.counted_header().unwrap();
        (r.counted(present).unwrap(), last(&out))
    };
    assert_eq!(ask(0, 100), ("CurrentVersion".into(), 0));
    assert_eq!(ask(2, 100), ("SystemRoot".into(), 0));
    assert_eq!(ask(3, 100), (String::new(), werror::NO_MORE_ITEMS));
    assert_eq!(ask(u32::MAX, 100).1, werror::NO_MORE_ITEMS);
    assert_eq!(ask(0, 8), (String::new(), werror::MORE_DATA));
}

#[test]
fn nothing_is_written_and_others_see_nothing() {
    let mut b = bench(Interface::Winreg);
    let (root, _) = b.root();
    for access in [2, 4, 0x20, 0x1_0000, 0x4_0000, 0x1000_0000, 0x4000_0000] {
        let denied = ([0; HANDLE_LEN], werror::ACCESS_DENIED);
        assert_eq!(b.key(&root, SHARES, access), denied, "{access:#x}");
    }
    for name in ["SYS", "SYSTEM\\x", "\\\\x", "SYSTEM\\CurrentControlSe"] {
        assert_eq!(b.key(&root, name, 1).1, werror::FILE_NOT_FOUND, "{name}");
    }
    let users = stub(|w| {
        w.pointer(false);
        w.u32(MAXIMUM);
    });
    assert_eq!(b.open(4, &users).1, werror::FILE_NOT_FOUND);
    for opnum in [6, 7, 8, 19, 22] {
        assert_eq!(b.call(opnum, &root), Err(Fault(fault::OP_RNG_ERROR)));
    }
    let manager = stub(|w| {
        w.pointer(false);
        w.pointer(false);
        w.u32(1);
    });
    for (name, flags) in [("bob", UserFlags::NONE), ("alice", UserFlags::GUEST)] {
        b.caller = Caller {
            account: name.into(),
            flags,
        };
        b.interface = Interface::Winreg;
        assert_eq!(b.root(), ([0; HANDLE_LEN], werror::ACCESS_DENIED));
        b.interface = Interface::Svcctl;
        let denied = ([0; HANDLE_LEN], werror::ACCESS_DENIED);
        assert_eq!(b.open(15, &manager), denied);
    }
}

#[test]
fn services_run() {
    let mut b = bench(Interface::Svcctl);
    let (manager, code) = b.open(
        15,
        &stub(|w| {
            w.pointer(false);
            w.pointer(false);
            w.u32(0xF003F);
        }),
    );
    assert_eq!(code, 0);
    let list = |room: u32, kinds: u32| {
        stub(|w| {
            w.handle(&manager);
            w.u32(kinds);
            w.u32(3);
            w.u32(room);
            w.pointer(true);
            w.u32(0);
        })
    };
    let out = b.call(14, &list(0, 0x30)).unwrap();
    assert_eq!(last(&out), werror::MORE_DATA);
    let needed = u32::from_le_bytes(out[4..8].try_into().unwrap());
    let out = b.call(14, &list(needed, 0x30)).unwrap();
    assert_eq!(last(&out), 0);
    let buf = &out[4..][..needed as usize];
    let at = u32::from_le_bytes(buf[36..40].try_into().unwrap()) as usize;
    assert_eq!(text(&buf[at..at + 28]), "RemoteRegistry");
    assert!(text(&buf[72..]).contains("LanmanServer\0Server\0"));
    let tail = &out[4 + (needed as usize).next_multiple_of(4)..];
    assert_eq!(tail[..8], [0, 0, 0, 0, 2, 0, 0, 0]);
    // Drivers, of which there are none.
    let out = b.call(14, &list(4, 1)).unwrap();
    assert_eq!((out[8..16].to_vec(), last(&out)), (vec![0; 8], 0));
    let mut open = |name: &str| {
        let ask = stub(|w| {
            w.handle(&manager);
            w.string(name);
            w.u32(4);
        });
        b.open(16, &ask)
    };
    assert_eq!(open("nothing").1, werror::NO_SUCH_SERVICE);
    let (service, _) = open("remoteregistry");
    let out = b.call(6, &service).unwrap();
    assert_eq!((out[4], out.len(), last(&out)), (4, 32, 0));
    let config = |room: u32| {
        stub(|w| {
            w.handle(&service);
            w.u32(room);
        })
    };
    assert_eq!(last(&b.call(17, &config(0)).unwrap()), 122);
    assert_eq!(last(&b.call(17, &config(8192)).unwrap()), 0);
    assert!(b.call(17, &config(8193)).is_err());
    assert_eq!(b.call(6, &manager), Err(Fault(fault::CONTEXT_MISMATCH)));
    assert_eq!(b.call(0, &service).unwrap(), [0; 24]);
    assert_eq!(b.call(6, &service), Err(Fault(fault::CONTEXT_MISMATCH)));
    // Nothing is started, stopped, made or removed.
    for opnum in [1, 2, 11, 12, 19] {
        assert_eq!(b.call(opnum, &manager), Err(Fault(fault::OP_RNG_ERROR)));
    }
}

/// What is cut off or has other numbers in it is refused, and never more.
#[test]
fn spoilt_stubs() {
    for interface in [Interface::Winreg, Interface::Svcctl] {
        let mut b = bench(Interface::Winreg);
        let (root, _) = b.root();
        b.interface = interface;
        let mut good = enum_stub(&root, 0, 100);
        good.extend(enum_stub(&root, 1, 8));
        for opnum in 0..50 {
            for len in 0..good.len() {
                let _ = b.call(opnum, &good[..len]);
                let mut bad = good[..len].to_vec();
                if let Some(byte) = bad.iter_mut().skip(HANDLE_LEN).last() {
                    *byte = 0xFF;
                }
                let _ = b.call(opnum, &bad);
            }
        }
    }
}
