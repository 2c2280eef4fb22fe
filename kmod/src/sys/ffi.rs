// SPDX-License-Identifier: GPL-2.0-or-later
//! `shim/shim.h` in Rust's words. Only this folder uses it.
//!
//! C header: `shim/shim.h`.

use kernel::prelude::*;

/// An object that only C looks into.
macro_rules! opaque {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$meta])*
            #[repr(C)]
            pub(super) struct $name {
                _opaque: [u8; 0],
            }
        )*
    };
}

opaque! {
    /// `struct cred`
    Cred,
    /// `struct file`
    File,
    /// `struct socket`
    Socket,
    /// `struct task_struct`
    Task,
    /// `struct workqueue_struct`
    Queue,
    /// `struct shim_mac`
    Mac,
    /// `struct crypto_aead`
    Aead,
    /// `struct shim_watch`
    Watch,
    /// `struct shim_guard`
    Guard,
}

/// `SHIM_CHANGE_*`
pub(crate) struct Change;

impl Change {
    pub(crate) const ADDED: u32 = 0;
    pub(crate) const REMOVED: u32 = 1;
    pub(crate) const RENAMED_FROM: u32 = 2;
    pub(crate) const RENAMED_TO: u32 = 3;
    pub(crate) const WRITTEN: u32 = 4;
    pub(crate) const ATTRIBUTES: u32 = 5;
}

/// `struct path`
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Path {
    mnt: *mut c_void,
    dentry: *mut c_void,
}

impl Path {
    pub(super) const EMPTY: Self = Self {
        mnt: core::ptr::null_mut(),
        dentry: core::ptr::null_mut(),
    };
}

/// `struct kvec`
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Kvec {
    pub(super) base: *mut c_void,
    pub(super) len: usize,
}

/// `struct shim_time`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Time {
    pub(crate) sec: i64,
    pub(crate) nsec: u32,
    pub(crate) set: u32,
}

/// `struct shim_attr`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Attr {
    pub(crate) dev: u64,
    pub(crate) ino: u64,
    pub(crate) size: u64,
    pub(crate) allocated: u64,
    pub(crate) mode: u32,
    pub(crate) nlink: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) rdev_major: u32,
    pub(crate) rdev_minor: u32,
    pub(crate) block_size: u32,
    pub(crate) pad: u32,
    pub(crate) atime: Time,
    pub(crate) mtime: Time,
    pub(crate) ctime: Time,
    pub(crate) btime: Time,
}

/// `struct shim_setattr`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct SetAttr {
    pub(crate) what: u32,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) atime: Time,
    pub(crate) mtime: Time,
}

/// `struct shim_statfs`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct StatFs {
    pub(crate) block_size: u64,
    pub(crate) blocks: u64,
    pub(crate) blocks_free: u64,
    pub(crate) blocks_available: u64,
    pub(crate) files: u64,
    pub(crate) files_free: u64,
    pub(crate) fsid: u64,
    pub(crate) magic: u64,
    pub(crate) name_max: u64,
}

/// `struct shim_peer`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct Peer {
    pub(super) addr: [u8; 16],
    pub(super) port: u16,
    pub(super) v4: u16,
}

/// `struct shim_netif`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(super) struct Netif {
    pub(super) mbit: u64,
    pub(super) index: u32,
    pub(super) v4: u16,
    pub(super) queues: u16,
    pub(super) addr: [u8; 16],
}

static_assert!(size_of::<Path>() == size_of::<kernel::bindings::path>());
static_assert!(size_of::<Kvec>() == 16);
static_assert!(size_of::<Time>() == 16);
static_assert!(size_of::<Attr>() == 128);
static_assert!(size_of::<SetAttr>() == 48);
static_assert!(size_of::<StatFs>() == 72);
static_assert!(size_of::<Peer>() == 20);
static_assert!(size_of::<Netif>() == 32);

pub(crate) const SET_MODE: u32 = 1;
pub(crate) const SET_UID: u32 = 2;
pub(crate) const SET_GID: u32 = 4;

pub(super) const WALK_FOLLOW: u32 = 1;
pub(super) const WALK_FOLLOW_LAST: u32 = 2;

pub(super) const MAKE_FIFO: u32 = 0;
pub(super) const MAKE_SOCKET: u32 = 1;

pub(super) const OPEN_READ: u32 = 1;
pub(super) const OPEN_WRITE: u32 = 2;
pub(super) const OPEN_SYNC: u32 = 4;

/// The function of a kernel thread.
pub(super) type ThreadMain = unsafe extern "C" fn(*mut c_void) -> c_int;

extern "C" {
    // path.c
    pub(super) fn shim_root_open(cstr: *const c_char, out: *mut Path) -> c_int;
    pub(super) fn shim_path_get(path: *const Path);
    pub(super) fn shim_path_put(path: *const Path);
    pub(super) fn shim_walk(
        root: *const Path,
        cred: *const Cred,
        rel: *const u8,
        len: usize,
        flags: u32,
        out: *mut Path,
    ) -> c_int;
    pub(super) fn shim_create(
        parent: *const Path,
        cred: *const Cred,
        name: *const u8,
        len: usize,
        dir: bool,
        mode: u32,
        out: *mut Path,
    ) -> c_int;
    pub(super) fn shim_mknod(
        parent: *const Path,
        cred: *const Cred,
        name: *const u8,
        len: usize,
        what: u32,
        mode: u32,
        out: *mut Path,
    ) -> c_int;
    pub(super) fn shim_symlink(
        parent: *const Path,
        cred: *const Cred,
        name: *const u8,
        len: usize,
        to: *const u8,
        to_len: usize,
        out: *mut Path,
    ) -> c_int;
    pub(super) fn shim_remove(root: *const Path, node: *const Path, cred: *const Cred) -> c_int;
    pub(super) fn shim_rename(
        root: *const Path,
        node: *const Path,
        cred: *const Cred,
        new_parent: *const Path,
        name: *const u8,
        len: usize,
        replace: bool,
    ) -> c_int;
    pub(super) fn shim_link(
        node: *const Path,
        cred: *const Cred,
        new_parent: *const Path,
        name: *const u8,
        len: usize,
    ) -> c_int;
    pub(super) fn shim_get_attr(node: *const Path, out: *mut Attr) -> c_int;
    pub(super) fn shim_set_attr(node: *const Path, cred: *const Cred, attr: *const SetAttr) -> c_int;
    pub(super) fn shim_permission(node: *const Path, cred: *const Cred, mask: u32) -> c_int;
    pub(super) fn shim_get_xattr(
        node: *const Path,
        cred: *const Cred,
        cstr: *const c_char,
        buf: *mut u8,
        size: usize,
    ) -> isize;
    pub(super) fn shim_set_xattr(
        node: *const Path,
        cred: *const Cred,
        cstr: *const c_char,
        value: *const u8,
        size: usize,
    ) -> c_int;
    pub(super) fn shim_remove_xattr(node: *const Path, cred: *const Cred, cstr: *const c_char) -> c_int;
    pub(super) fn shim_list_xattr(
        node: *const Path,
        cred: *const Cred,
        buf: *mut u8,
        size: usize,
    ) -> isize;
    pub(super) fn shim_read_link(
        node: *const Path,
        cred: *const Cred,
        buf: *mut u8,
        size: usize,
    ) -> isize;
    pub(super) fn shim_stat_fs(node: *const Path, out: *mut StatFs) -> c_int;
    pub(super) fn shim_path_of(root: *const Path, node: *const Path, out: *mut u8, size: usize) -> isize;

    // file.c
    pub(super) fn shim_open(node: *const Path, cred: *const Cred, flags: u32) -> *mut File;
    pub(super) fn shim_close(file: *mut File);
    pub(super) fn shim_read_dir(
        file: *mut File,
        pos: u64,
        sink: *mut c_void,
        next: *mut u64,
        eof: *mut bool,
    ) -> c_int;
    pub(super) fn shim_read(file: *mut File, offset: u64, buf: *mut u8, len: usize) -> isize;
    pub(super) fn shim_write(file: *mut File, offset: u64, buf: *const u8, len: usize) -> isize;
    pub(super) fn shim_flush(file: *mut File) -> c_int;
    pub(super) fn shim_truncate(file: *mut File, size: u64) -> c_int;
    pub(super) fn shim_allocate(file: *mut File, how: u32, offset: u64, len: u64) -> c_int;
    pub(super) fn shim_next_data(file: *mut File, from: u64, start: *mut u64, end: *mut u64) -> c_int;
    pub(super) fn shim_clone_range(
        from: *mut File,
        from_offset: u64,
        to: *mut File,
        to_offset: u64,
        len: u64,
    ) -> c_int;
    pub(super) fn shim_copy_range(
        from: *mut File,
        from_offset: u64,
        to: *mut File,
        to_offset: u64,
        len: u64,
    ) -> isize;

    // cred.c
    pub(super) fn shim_cred_new(uid: u32, gid: u32, groups: *const u32, count: usize) -> *mut Cred;
    pub(super) fn shim_cred_kernel() -> *mut Cred;
    pub(super) fn shim_cred_put(cred: *const Cred);

    // sock.c
    pub(super) fn shim_sock_listen(port: u16, ifindex: c_int) -> *mut Socket;
    pub(super) fn shim_sock_accept(listener: *mut Socket, peer: *mut Peer) -> *mut Socket;
    pub(super) fn shim_sock_port(sock: *mut Socket) -> u16;
    pub(super) fn shim_sock_tune(sock: *mut Socket, send_timeout_ms: u32) -> c_int;
    pub(super) fn shim_sock_recv(
        sock: *mut Socket,
        buf: *mut u8,
        len: usize,
        timeout_ms: u32,
    ) -> isize;
    pub(super) fn shim_sock_send(sock: *mut Socket, vec: *mut Kvec, count: usize, total: usize) -> c_int;
    pub(super) fn shim_sock_has_data(sock: *mut Socket) -> bool;
    pub(super) fn shim_sock_shutdown(sock: *mut Socket);
    pub(super) fn shim_sock_retransmissions(sock: *mut Socket) -> u32;
    pub(super) fn shim_sock_release(sock: *mut Socket);
    pub(super) fn shim_ifindex(name: *const u8, len: usize) -> c_int;

    // netif.c
    pub(super) fn shim_netifs(name: *const u8, len: usize, out: *mut Netif, most: usize) -> c_int;

    // thread.c
    pub(super) fn shim_thread_run(main: ThreadMain, arg: *mut c_void, name: *const c_char) -> *mut Task;
    pub(super) fn shim_thread_join(task: *mut Task) -> c_int;
    pub(super) fn shim_thread_should_stop() -> bool;
    pub(super) fn shim_thread_sleep_ms(ms: u32);
    pub(super) fn shim_queue_new(name: *const c_char, ordered: bool) -> *mut Queue;
    pub(super) fn shim_queue_flush(queue: *mut Queue);
    pub(super) fn shim_queue_destroy(queue: *mut Queue);

    // misc.c
    pub(super) fn shim_now_ns() -> u64;
    pub(super) fn shim_wall_clock(sec: *mut i64, nsec: *mut u32);
    pub(super) fn shim_random(buf: *mut u8, len: usize);
    pub(super) fn shim_mem_alloc(size: usize) -> *mut u8;
    pub(super) fn shim_mem_free(mem: *mut u8);
    pub(super) fn shim_wipe(mem: *mut u8, len: usize);

    // crypto.c
    pub(super) fn shim_sha512(parts: *const Kvec, count: usize, out: *mut u8);
    pub(super) fn shim_hmac_sha256(
        key: *const u8,
        key_len: usize,
        parts: *const Kvec,
        count: usize,
        out: *mut u8,
    );
    pub(super) fn shim_mac_new(algorithm: u32, key: *const u8, len: usize) -> *mut Mac;
    pub(super) fn shim_mac_free(mac: *mut Mac);
    pub(super) fn shim_mac(mac: *const Mac, nonce: *const u8, parts: *const Kvec, count: usize, out: *mut u8);
    pub(super) fn shim_aead_available(ccm: bool) -> bool;
    pub(super) fn shim_aead_driver(ccm: bool, buf: *mut u8, size: usize) -> *const c_char;
    pub(super) fn shim_aead_new(ccm: bool, key: *const u8, len: usize) -> *mut Aead;
    pub(super) fn shim_aead_free(tfm: *mut Aead);
    pub(super) fn shim_aead_crypt(
        tfm: *mut Aead,
        encrypt: bool,
        nonce: *const u8,
        nonce_len: usize,
        aad: *const u8,
        aad_len: usize,
        text: *const Kvec,
        count: usize,
        tag: *mut u8,
    ) -> c_int;

    // genl.c
    pub(super) fn shim_genl_register(ctx: *mut c_void) -> c_int;
    pub(super) fn shim_genl_unregister();
    pub(super) fn shim_genl_send(portid: u32, seq: u32, command: u8, attrs: *const u8, len: usize) -> c_int;

    // guard.c
    pub(super) fn shim_guard_start(ctx: *mut c_void) -> c_int;
    pub(super) fn shim_guard_stop();
    pub(super) fn shim_guard(node: *const Path, cred: *const Cred, dev: u64, ino: u64) -> *mut Guard;
    pub(super) fn shim_writers(node: *const Path) -> u32;
    pub(super) fn shim_guard_set(guard: *mut Guard, any: bool) -> c_int;
    pub(super) fn shim_guard_writers(guard: *mut Guard) -> u32;
    pub(super) fn shim_guard_end(guard: *mut Guard);

    // watch.c
    pub(super) fn shim_watch_start(ctx: *mut c_void) -> c_int;
    pub(super) fn shim_watch_stop();
    pub(super) fn shim_watch(dir: *const Path, deep: bool, token: u64) -> *mut Watch;
    pub(super) fn shim_watch_end(watch: *mut Watch);
}
