// SPDX-License-Identifier: GPL-2.0-or-later
//! Work queues of our own.
//!
//! C header: `shim/shim.h`, part thread.c; `include/linux/workqueue.h`.

use super::{checked, ffi};
use core::ptr::NonNull;
use kernel::prelude::*;
use kernel::workqueue::{self, impl_has_work, new_work, Work, WorkItem};

/// Something to be done by a worker.
pub(crate) trait Task: Send + 'static {
    /// Does it.
    fn run(self);
}

/// A work queue; dropping it waits for everything in it.
pub(crate) struct Queue(NonNull<ffi::Queue>);

// SAFETY: Work queues do their own locking; the pointer is owned.
unsafe impl Send for Queue {}
// SAFETY: See above.
unsafe impl Sync for Queue {}

#[pin_data]
struct Entry<T: Task> {
    #[pin]
    work: Work<Entry<T>>,
    task: Option<T>,
}

impl_has_work! {
    impl{T: Task} HasWork<Self> for Entry<T> { self.work }
}

impl<T: Task> WorkItem for Entry<T> {
    type Pointer = Pin<KBox<Self>>;

    fn run(mut this: Pin<KBox<Self>>) {
        if let Some(task) = this.as_mut().project().task.take() {
            task.run();
        }
        // Only now: `shim_is_own` looks at the work item that is being run.
        drop(this);
    }
}

impl Queue {
    /// A queue that spreads over all CPUs, or one that does one thing at a time in order.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(crate) fn new(name: &CStr, ordered: bool) -> Result<Self> {
        // SAFETY: The name is a C string, which the call copies.
        checked(unsafe { ffi::shim_queue_new(name.as_char_ptr(), ordered) }).map(Self)
    }

    /// Has a worker do `task`.
    ///
    /// # Errors
    /// Gives the task back without memory.
    pub(crate) fn submit<T: Task>(&self, task: T) -> Result<(), T> {
        let Ok(room) = KBox::<Entry<T>>::new_uninit(GFP_KERNEL) else {
            return Err(task);
        };
        let entry = room.write_pin_init(pin_init!(Entry {
            work <- new_work!("ksmbd::Entry"),
            task: Some(task),
        }));
        let entry: Pin<KBox<Entry<T>>> = match entry {
            Ok(entry) => entry,
            Err(never) => match never {},
        };
        // SAFETY: The pointer is a work queue that lives as long as this value, and so longer than the call.
        let queue = unsafe { workqueue::Queue::from_raw(self.0.as_ptr().cast()) };
        queue.enqueue(entry);
        Ok(())
    }

    /// Waits for everything that is in it now.
    pub(crate) fn flush(&self) {
        // SAFETY: The queue is alive.
        unsafe { ffi::shim_queue_flush(self.0.as_ptr()) }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: This value owns the queue; the call runs what is left in it first.
        unsafe { ffi::shim_queue_destroy(self.0.as_ptr()) }
    }
}
