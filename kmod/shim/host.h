/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the shim calls of the Rust side; defined in src/sys/ with
 * #[no_mangle]. "ctx" and "sink" are what Rust handed in.
 */
#ifndef KSMBD_HOST_H
#define KSMBD_HOST_H

#include <linux/types.h>

/* One directory entry; false stops before it. The directory is locked. */
bool ksmbd_host_dirent(void *sink, const u8 *name, size_t len, u64 ino,
		       u64 pos);

/* A message from a process with CAP_NET_ADMIN; takes a copy of it. */
int ksmbd_host_message(void *ctx, u32 portid, u32 seq, u8 command,
		       const u8 *attrs, int len);

/* The generic netlink socket with this portid is gone. */
void ksmbd_host_portid_gone(void *ctx, u32 portid);

/* Somebody else changed what is watched; action is one of SHIM_CHANGE_*. */
void ksmbd_host_changed(void *ctx, u64 token, u32 action, bool is_dir,
			const u8 *path, size_t len);

/*
 * Somebody waits to open the file that is guarded with these numbers, "writes"
 * to write to it or to truncate it.
 */
void ksmbd_host_broken(void *ctx, u64 dev, u64 ino, bool writes);

#endif /* KSMBD_HOST_H */
