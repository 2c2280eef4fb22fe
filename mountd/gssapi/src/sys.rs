// SPDX-License-Identifier: GPL-2.0-or-later
//! The calls of `libgssapi_krb5.so.2` (RFC 2744, and MIT's `gssapi_ext.h`).
//!
//! Handles are owned by types that give them back; each knows the library it
//! is of, which is never closed.

mod iov;

use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{self, null_mut, NonNull};

use zeroize::{Zeroize, Zeroizing};

use crate::Error;
use iov::Iov;

type Handle = *mut c_void;

/// `gss_OID_desc`.
#[repr(C)]
struct Oid {
    length: u32,
    elements: *const c_void,
}

/// `gss_OID_set_desc`.
#[repr(C)]
struct OidSet {
    count: usize,
    elements: *const Oid,
}

/// `gss_buffer_desc`.
#[repr(C)]
struct Buffer {
    length: usize,
    value: *mut c_void,
}

/// `gss_buffer_set_desc`.
#[repr(C)]
struct BufferSet {
    count: usize,
    elements: *mut Buffer,
}

/// `gss_key_value_element_desc`.
#[repr(C)]
struct KeyValue {
    key: *const c_char,
    value: *const c_char,
}

/// `gss_key_value_set_desc`.
#[repr(C)]
struct KeyValueSet {
    count: u32,
    elements: *const KeyValue,
}

/// GSS_C_ACCEPT.
const ACCEPT: c_int = 2;
/// GSS_C_INDEFINITE.
const INDEFINITE: u32 = u32::MAX;
/// The calling and routine errors of a major status.
const ERRORS: u32 = 0xFFFF_0000;
/// GSS_S_CONTINUE_NEEDED.
const CONTINUE_NEEDED: u32 = 1;
/// GSS_S_DUPLICATE_TOKEN and GSS_S_OLD_TOKEN: a signature that came before.
const SEEN_BEFORE: u32 = 2 | 4;
/// GSS_C_ANON_FLAG.
const ANONYMOUS: u32 = 64;
/// GSS_C_GSS_CODE and GSS_C_MECH_CODE.
const CODES: [c_int; 2] = [1, 2];

/// Kerberos 5 (RFC 4121 4.1).
const KRB5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// GSS_C_NT_HOSTBASED_SERVICE (RFC 2743 4.1).
const HOSTBASED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x01, 0x04];
/// GSS_C_INQ_SSPI_SESSION_KEY.
const SESSION_KEY: &[u8] = &[
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x05, 0x05,
];

impl Oid {
    /// `bytes` are below 128, so the length is right.
    const fn of(bytes: &'static [u8]) -> Self {
        Self {
            // CAST: see above.
            length: bytes.len() as u32,
            elements: bytes.as_ptr().cast(),
        }
    }
}

impl Buffer {
    const EMPTY: Self = Self {
        length: 0,
        value: null_mut(),
    };

    /// For calls that only read.
    fn of(bytes: &[u8]) -> Self {
        Self {
            length: bytes.len(),
            value: bytes.as_ptr().cast_mut().cast(),
        }
    }
}

macro_rules! library {
    ($($name:ident($($arg:ty),*);)*) => {
        /// The library's functions.
        pub(crate) struct Library {
            $($name: unsafe extern "C" fn($($arg),*) -> u32,)*
        }

        impl Library {
            /// Opens it by its name.
            pub(crate) fn open(name: &str) -> Result<Self, String> {
                let c_name = CString::new(name).map_err(|e| e.to_string())?;
                // SAFETY: The name ends in NUL. The library's initialisers are those of a system library.
                let handle = unsafe { libc::dlopen(c_name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
                let handle = NonNull::new(handle).ok_or_else(why)?;
                Ok(Self {
                    $($name: {
                        let symbol = symbol(handle, concat!(stringify!($name), "\0"))?;
                        // SAFETY: The function of this name has this type in every library of this
                        // name: RFC 2744 and MIT's header say so. It stays, as nothing closes the
                        // library.
                        unsafe {
                            std::mem::transmute::<NonNull<c_void>, unsafe extern "C" fn($($arg),*) -> u32>(symbol)
                        }
                    },)*
                })
            }
        }
    };
}

library! {
    gss_import_name(*mut u32, *const Buffer, *const Oid, *mut Handle);
    gss_release_name(*mut u32, *mut Handle);
    gss_display_name(*mut u32, Handle, *mut Buffer, *mut *const Oid);
    gss_acquire_cred_from(*mut u32, Handle, u32, *const OidSet, c_int, *const KeyValueSet, *mut Handle, *mut *mut OidSet, *mut u32);
    gss_release_cred(*mut u32, *mut Handle);
    gss_accept_sec_context(*mut u32, *mut Handle, Handle, *const Buffer, *const c_void, *mut Handle, *mut *const Oid, *mut Buffer, *mut u32, *mut u32, *mut Handle);
    gss_delete_sec_context(*mut u32, *mut Handle, *mut Buffer);
    gss_inquire_context(*mut u32, Handle, *mut Handle, *mut Handle, *mut u32, *mut *const Oid, *mut u32, *mut c_int, *mut c_int);
    gss_inquire_sec_context_by_oid(*mut u32, Handle, *const Oid, *mut *mut BufferSet);
    gss_get_mic(*mut u32, Handle, u32, *const Buffer, *mut Buffer);
    gss_verify_mic(*mut u32, Handle, *const Buffer, *const Buffer, *mut u32);
    gss_get_mic_iov_length(*mut u32, Handle, u32, *mut Iov, c_int);
    gss_wrap_iov_length(*mut u32, Handle, c_int, u32, *mut c_int, *mut Iov, c_int);
    gss_wrap_iov(*mut u32, Handle, c_int, u32, *mut c_int, *mut Iov, c_int);
    gss_unwrap_iov(*mut u32, Handle, *mut c_int, *mut u32, *mut Iov, c_int);
    gss_release_buffer(*mut u32, *mut Buffer);
    gss_release_buffer_set(*mut u32, *mut *mut BufferSet);
    gss_display_status(*mut u32, u32, c_int, *const Oid, *mut u32, *mut Buffer);
}

/// What the loader last complained about.
fn why() -> String {
    // SAFETY: dlerror takes nothing and answers a string that holds until the thread's next call of it, or null.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "no reason was given".to_owned();
    }
    // SAFETY: It is not null, hence a string that ends in NUL.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_string_lossy().into_owned()
}

/// Looks a function up; `name` ends in NUL.
fn symbol(handle: NonNull<c_void>, name: &str) -> Result<NonNull<c_void>, String> {
    let name = CStr::from_bytes_with_nul(name.as_bytes()).map_err(|e| e.to_string())?;
    // SAFETY: The handle is of a library that is open, the name ends in NUL.
    let found = unsafe { libc::dlsym(handle.as_ptr(), name.as_ptr()) };
    NonNull::new(found).ok_or_else(why)
}

impl Library {
    /// Nothing, or why not.
    fn check(&self, what: &'static str, major: u32, minor: u32) -> Result<(), Error> {
        if major & ERRORS == 0 {
            return Ok(());
        }
        let mut why = String::new();
        for (kind, code) in CODES.into_iter().zip([major, minor]) {
            let mut more = 0;
            // A status has a few texts; a library that always has another one must not hold us up.
            for _ in 0..4 {
                let text = self.status_text(code, kind, &mut more);
                if !text.is_empty() && !why.contains(&text) {
                    if !why.is_empty() {
                        why.push_str(": ");
                    }
                    why.push_str(&text);
                }
                if more == 0 {
                    break;
                }
            }
        }
        Err(Error { what, why })
    }

    fn status_text(&self, code: u32, kind: c_int, more: &mut u32) -> String {
        let mech = Oid::of(KRB5);
        let mut text = Buffer::EMPTY;
        let mut minor = 0;
        // SAFETY: All pointers are to live values; the text is released below.
        let major =
            unsafe { (self.gss_display_status)(&mut minor, code, kind, &mech, more, &mut text) };
        if major & ERRORS != 0 {
            *more = 0;
            return String::new();
        }
        String::from_utf8_lossy(&self.take(text)).into_owned()
    }

    /// The bytes of a buffer that the library filled; it is released.
    fn take(&self, mut buffer: Buffer) -> Vec<u8> {
        let out = if buffer.value.is_null() {
            Vec::new()
        } else {
            // SAFETY: The library filled it: the value points to that many bytes, until the release.
            unsafe { std::slice::from_raw_parts(buffer.value.cast::<u8>(), buffer.length) }.to_vec()
        };
        let mut minor = 0;
        // SAFETY: The buffer is one that the library filled, and is not used again.
        unsafe { (self.gss_release_buffer)(&mut minor, &mut buffer) };
        out
    }
}

/// A name.
pub(crate) struct Name {
    lib: &'static Library,
    handle: Handle,
}

impl Name {
    /// `service`, or `service@host`.
    pub(crate) fn service(lib: &'static Library, service: &str) -> Result<Self, Error> {
        let text = Buffer::of(service.as_bytes());
        let kind = Oid::of(HOSTBASED);
        let mut name = Self {
            lib,
            handle: null_mut(),
        };
        let mut minor = 0;
        // SAFETY: All pointers are to live values, and the text is only read.
        let major = unsafe { (lib.gss_import_name)(&mut minor, &text, &kind, &mut name.handle) };
        lib.check("the Kerberos service name is none", major, minor)?;
        Ok(name)
    }

    fn text(&self) -> Result<String, Error> {
        const WHAT: &str = "a principal has no name";
        if self.handle.is_null() {
            return Err(Error {
                what: WHAT,
                why: "it is missing".to_owned(),
            });
        }
        let mut text = Buffer::EMPTY;
        let mut minor = 0;
        // SAFETY: The handle is a name's; the type of the name is not asked for.
        let major =
            unsafe { (self.lib.gss_display_name)(&mut minor, self.handle, &mut text, null_mut()) };
        self.lib.check(WHAT, major, minor)?;
        String::from_utf8(self.lib.take(text)).map_err(|e| Error {
            what: WHAT,
            why: e.to_string(),
        })
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: The handle is a name's or null, and nobody else has it.
        unsafe { (self.lib.gss_release_name)(&mut minor, &mut self.handle) };
    }
}

/// Keys to accept clients with.
pub(crate) struct Cred {
    lib: &'static Library,
    handle: Handle,
}

// SAFETY: MIT's credentials have locks of their own and may be used by any thread, also by several at a time.
unsafe impl Send for Cred {}
// SAFETY: See above.
unsafe impl Sync for Cred {}

impl Cred {
    /// Those of a keytab: of `name`, or all.
    pub(crate) fn of_keytab(
        lib: &'static Library,
        keytab: &Path,
        name: Option<&Name>,
    ) -> Result<Self, Error> {
        const WHAT: &str = "the keytab cannot be used";
        let mut value = b"FILE:".to_vec();
        value.extend_from_slice(keytab.as_os_str().as_bytes());
        let value = CString::new(value).map_err(|e| Error {
            what: WHAT,
            why: e.to_string(),
        })?;
        let pair = KeyValue {
            key: c"keytab".as_ptr(),
            value: value.as_ptr(),
        };
        let store = KeyValueSet {
            count: 1,
            elements: &pair,
        };
        let krb5 = Oid::of(KRB5);
        let mechs = OidSet {
            count: 1,
            elements: &krb5,
        };
        let mut cred = Self {
            lib,
            handle: null_mut(),
        };
        let mut minor = 0;
        // SAFETY: All pointers are to values that live through the call, the sets hold as many elements as they say,
        // and what is not asked for is null. The name, where there is one, is a name's handle.
        let major = unsafe {
            (lib.gss_acquire_cred_from)(
                &mut minor,
                name.map_or(null_mut(), |n| n.handle),
                INDEFINITE,
                &mechs,
                ACCEPT,
                &store,
                &mut cred.handle,
                null_mut(),
                null_mut(),
            )
        };
        lib.check(WHAT, major, minor)?;
        Ok(cred)
    }
}

impl Drop for Cred {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: The handle is a credential's or null, and nobody else has it.
        unsafe { (self.lib.gss_release_cred)(&mut minor, &mut self.handle) };
    }
}

/// What a token did.
pub(crate) struct Step {
    pub(crate) more: bool,
    pub(crate) token: Vec<u8>,
    pub(crate) anonymous: bool,
}

/// A client's log-in.
pub(crate) struct Context {
    lib: &'static Library,
    handle: Handle,
}

// SAFETY: A context may be used by any thread, one at a time: all its uses that change something take `&mut self`, and
// the type is not Sync.
unsafe impl Send for Context {}

impl Context {
    pub(crate) fn new(lib: &'static Library) -> Self {
        Self {
            lib,
            handle: null_mut(),
        }
    }

    pub(crate) fn accept(&mut self, cred: &Cred, token: &[u8]) -> Result<Step, Error> {
        let input = Buffer::of(token);
        let mut output = Buffer::EMPTY;
        let (mut minor, mut flags) = (0, 0);
        // SAFETY: The handles are of a context (or null, for the first token) and of a credential; the input is only
        // read; what is not asked for is null, delegated credentials among it.
        let major = unsafe {
            (self.lib.gss_accept_sec_context)(
                &mut minor,
                &mut self.handle,
                cred.handle,
                &input,
                ptr::null(),
                null_mut(),
                null_mut(),
                &mut output,
                &mut flags,
                null_mut(),
                null_mut(),
            )
        };
        // There may be one with an error, too.
        let token = self.lib.take(output);
        self.lib
            .check("the client's ticket was not accepted", major, minor)?;
        Ok(Step {
            more: major & CONTINUE_NEEDED != 0,
            token,
            anonymous: flags & ANONYMOUS != 0,
        })
    }

    /// Client, service, seconds left.
    pub(crate) fn parties(&self) -> Result<(String, String, Option<u32>), Error> {
        let name = || Name {
            lib: self.lib,
            handle: null_mut(),
        };
        let (mut client, mut service) = (name(), name());
        let (mut minor, mut lifetime) = (0, 0);
        // SAFETY: The handle is an established context's; what is not asked for is null.
        let major = unsafe {
            (self.lib.gss_inquire_context)(
                &mut minor,
                self.handle,
                &mut client.handle,
                &mut service.handle,
                &mut lifetime,
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
            )
        };
        self.lib.check("the log-in has no names", major, minor)?;
        let lifetime = (lifetime != INDEFINITE).then_some(lifetime);
        Ok((client.text()?, service.text()?, lifetime))
    }

    pub(crate) fn session_key(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        const WHAT: &str = "the log-in has no session key";
        let oid = Oid::of(SESSION_KEY);
        let mut set: *mut BufferSet = null_mut();
        let mut minor = 0;
        // SAFETY: The handle is an established context's; the set is released below.
        let major = unsafe {
            (self.lib.gss_inquire_sec_context_by_oid)(&mut minor, self.handle, &oid, &mut set)
        };
        self.lib.check(WHAT, major, minor)?;
        let mut key = Zeroizing::new(Vec::new());
        // SAFETY: The library made the set, or left null.
        if let Some(found) = unsafe { set.as_ref() } {
            if found.count > 0 && !found.elements.is_null() {
                // SAFETY: It has at least one element. Nobody else has the set.
                let first = unsafe { &mut *found.elements };
                if !first.value.is_null() {
                    // SAFETY: The library filled the element: that many bytes, until the release.
                    let bytes = unsafe {
                        std::slice::from_raw_parts_mut(first.value.cast::<u8>(), first.length)
                    };
                    key.extend_from_slice(bytes);
                    bytes.zeroize();
                }
            }
        }
        // SAFETY: The set is the library's or null, and is not used again.
        unsafe { (self.lib.gss_release_buffer_set)(&mut minor, &mut set) };
        if key.is_empty() {
            return Err(Error {
                what: WHAT,
                why: "it is empty".to_owned(),
            });
        }
        Ok(key)
    }

    pub(crate) fn get_mic(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let message = Buffer::of(message);
        let mut mic = Buffer::EMPTY;
        let mut minor = 0;
        // SAFETY: The handle is an established context's; the message is only read.
        let major =
            unsafe { (self.lib.gss_get_mic)(&mut minor, self.handle, 0, &message, &mut mic) };
        let mic = self.lib.take(mic);
        self.lib.check("signing failed", major, minor)?;
        Ok(mic)
    }

    pub(crate) fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> bool {
        let (message, mic) = (Buffer::of(message), Buffer::of(mic));
        let mut minor = 0;
        // SAFETY: The handle is an established context's; message and signature are only read.
        let major = unsafe {
            (self.lib.gss_verify_mic)(&mut minor, self.handle, &message, &mic, null_mut())
        };
        major & (ERRORS | SEEN_BEFORE) == 0
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: The handle is a context's or null, and nobody else has it; no token is asked for.
        unsafe { (self.lib.gss_delete_sec_context)(&mut minor, &mut self.handle, null_mut()) };
    }
}
