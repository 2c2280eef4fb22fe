// SPDX-License-Identifier: GPL-2.0-or-later
//! TCP sockets.
//!
//! C header: `shim/shim.h`, part sock.c; `include/linux/net.h`.

use super::ffi::{self, Kvec};
use super::{checked, count};
use core::ptr::NonNull;
use kernel::error::to_result;
use kernel::prelude::*;

/// A socket, released when dropped.
pub(crate) struct Socket(NonNull<ffi::Socket>);

// SAFETY: Sockets do their own locking; the pointer is owned.
unsafe impl Send for Socket {}
// SAFETY: See above.
unsafe impl Sync for Socket {}

/// Where a peer is.
pub(crate) struct Peer {
    /// IPv6 address, or IPv4 mapped into it.
    pub(crate) ip: [u8; 16],
    /// Port in host order.
    pub(crate) port: u16,
}

impl Socket {
    /// Listens on a port, on one interface if `ifindex` is not 0.
    ///
    /// # Errors
    /// `EADDRINUSE`, and what else binding says.
    pub(crate) fn listen(port: u16, ifindex: c_int) -> Result<Self> {
        // SAFETY: No requirements.
        checked(unsafe { ffi::shim_sock_listen(port, ifindex) }).map(Self)
    }

    /// The local port.
    pub(crate) fn port(&self) -> u16 {
        // SAFETY: The socket is alive.
        unsafe { ffi::shim_sock_port(self.0.as_ptr()) }
    }

    /// Waits for a connection.
    ///
    /// # Errors
    /// `EINVAL` once the listener is shut down.
    pub(crate) fn accept(&self) -> Result<(Self, Peer)> {
        let mut peer = ffi::Peer::default();
        // SAFETY: The socket is alive, `peer` is valid for writes.
        let sock = checked(unsafe { ffi::shim_sock_accept(self.0.as_ptr(), &mut peer) })?;
        let peer = Peer {
            ip: peer.addr,
            port: peer.port,
        };
        Ok((Self(sock), peer))
    }

    /// Sets what a connection of the server wants: no delay, keep-alive, a limit on waiting in [`Self::send`].
    ///
    /// # Errors
    /// None at present.
    pub(crate) fn tune(&self, send_timeout_ms: u32) -> Result {
        // SAFETY: The socket is alive.
        to_result(unsafe { ffi::shim_sock_tune(self.0.as_ptr(), send_timeout_ms) })
    }

    /// Fills `buf`. `Ok(false)` if the peer has closed before the first byte. A time-out of 0 is none.
    ///
    /// # Errors
    /// `ECONNRESET` if it has closed within, `EAGAIN` if nothing comes for the time given, and what TCP says.
    pub(crate) fn recv(&self, buf: &mut [u8], timeout_ms: u32) -> Result<bool> {
        // SAFETY: The socket is alive, the slice is valid for writes.
        let got = count(unsafe {
            ffi::shim_sock_recv(self.0.as_ptr(), buf.as_mut_ptr(), buf.len(), timeout_ms)
        })?;
        Ok(got == buf.len())
    }

    /// Sends all pieces, one behind the other. Not to be called concurrently, messages would mix.
    ///
    /// # Errors
    /// `EAGAIN` when the peer takes nothing for the time given, and what TCP says.
    pub(crate) fn send(&self, pieces: &mut Pieces<'_>) -> Result {
        let total = pieces.total;
        let vec = pieces.as_mut_slice();
        // SAFETY: The socket is alive; the pieces' memory is borrowed by `pieces`.
        to_result(unsafe { ffi::shim_sock_send(self.0.as_ptr(), vec.as_mut_ptr(), vec.len(), total) })
    }

    /// A hint whether more has arrived.
    pub(crate) fn has_data(&self) -> bool {
        // SAFETY: The socket is alive.
        unsafe { ffi::shim_sock_has_data(self.0.as_ptr()) }
    }

    /// Ends both directions; whoever waits in another call returns.
    pub(crate) fn shutdown(&self) {
        // SAFETY: The socket is alive.
        unsafe { ffi::shim_sock_shutdown(self.0.as_ptr()) }
    }

    /// How often in a row the same data was sent again in vain.
    pub(crate) fn retransmissions(&self) -> u32 {
        // SAFETY: The socket is alive.
        unsafe { ffi::shim_sock_retransmissions(self.0.as_ptr()) }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: This value owns the socket.
        unsafe { ffi::shim_sock_release(self.0.as_ptr()) }
    }
}

/// The number of an interface.
///
/// # Errors
/// `ENODEV` if there is none of that name.
pub(crate) fn ifindex(name: &[u8]) -> Result<c_int> {
    // SAFETY: The slice is valid.
    let index = unsafe { ffi::shim_ifindex(name.as_ptr(), name.len()) };
    to_result(index.min(0))?;
    Ok(index)
}

/// How many pieces fit without an allocation.
const INLINE: usize = 8;

/// A list of memory pieces for C, each borrowed for `'a`.
pub(crate) struct Pieces<'a> {
    inline: [Kvec; INLINE],
    heap: KVec<Kvec>,
    used: usize,
    total: usize,
    _borrow: core::marker::PhantomData<&'a mut [u8]>,
}

impl<'a> Pieces<'a> {
    /// Room for `count` pieces.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn with_capacity(count: usize) -> Result<Self> {
        let heap = if count > INLINE {
            KVec::with_capacity(count, GFP_KERNEL)?
        } else {
            KVec::new()
        };
        let none = Kvec {
            base: core::ptr::null_mut(),
            len: 0,
        };
        Ok(Self {
            inline: [none; INLINE],
            heap,
            used: 0,
            total: 0,
            _borrow: core::marker::PhantomData,
        })
    }

    fn add(&mut self, piece: Kvec) -> Result {
        let total = self.total.checked_add(piece.len).ok_or(EMSGSIZE)?;
        if self.heap.capacity() != 0 {
            self.heap.push(piece, GFP_KERNEL)?;
        } else {
            *self.inline.get_mut(self.used).ok_or(EMSGSIZE)? = piece;
            self.used = self.used.saturating_add(1);
        }
        self.total = total;
        Ok(())
    }

    /// Adds bytes to be read by C.
    ///
    /// # Errors
    /// `EMSGSIZE`, `ENOMEM`.
    pub(crate) fn push(&mut self, bytes: &'a [u8]) -> Result {
        self.add(Kvec {
            base: bytes.as_ptr().cast_mut().cast(),
            len: bytes.len(),
        })
    }

    pub(super) fn as_slice(&self) -> &[Kvec] {
        if self.heap.capacity() != 0 {
            &self.heap
        } else {
            self.inline.get(..self.used).unwrap_or(&[])
        }
    }

    fn as_mut_slice(&mut self) -> &mut [Kvec] {
        if self.heap.capacity() != 0 {
            &mut self.heap
        } else {
            self.inline.get_mut(..self.used).unwrap_or(&mut [])
        }
    }
}

/// A list of memory pieces that C may change.
pub(crate) struct PiecesMut<'a>(Pieces<'a>);

impl<'a> PiecesMut<'a> {
    /// Room for `count` pieces.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn with_capacity(count: usize) -> Result<Self> {
        Pieces::with_capacity(count).map(Self)
    }

    /// Adds bytes to be changed by C.
    ///
    /// # Errors
    /// `EMSGSIZE`, `ENOMEM`.
    pub(crate) fn push(&mut self, bytes: &'a mut [u8]) -> Result {
        self.0.add(Kvec {
            base: bytes.as_mut_ptr().cast(),
            len: bytes.len(),
        })
    }

    pub(super) fn as_slice(&self) -> &[Kvec] {
        self.0.as_slice()
    }
}
