/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Rust side calls: one function per whole step. src/sys/ffi.rs holds
 * the same list and has to be kept equal by hand; layouts are asserted on
 * both sides (SHIM_LAYOUT below, static_assert there).
 *
 * Every function may sleep unless it says otherwise. Errors are negative
 * errno values. Bytes are passed as pointer and length, never as C strings,
 * unless the parameter is called "cstr".
 */
#ifndef KSMBD_SHIM_H
#define KSMBD_SHIM_H

#include <linux/build_bug.h>
#include <linux/path.h>
#include <linux/types.h>
#include <linux/uio.h>

struct cred;
struct crypto_aead;
struct file;
struct socket;
struct task_struct;
struct workqueue_struct;

/* ---- path.c: places in the tree ---------------------------------------- */

struct shim_time {
	s64 sec;
	u32 nsec;
	u32 set;
};

struct shim_attr {
	u64 dev;
	u64 ino;
	u64 size;
	u64 allocated;
	u32 mode;
	u32 nlink;
	u32 uid;
	u32 gid;
	u32 rdev_major;
	u32 rdev_minor;
	u32 block_size;
	u32 pad;
	struct shim_time atime;
	struct shim_time mtime;
	struct shim_time ctime;
	struct shim_time btime;
};

#define SHIM_SET_MODE	1u
#define SHIM_SET_UID	2u
#define SHIM_SET_GID	4u

struct shim_setattr {
	u32 what;
	u32 mode;
	u32 uid;
	u32 gid;
	struct shim_time atime;
	struct shim_time mtime;
};

struct shim_statfs {
	u64 block_size;
	u64 blocks;
	u64 blocks_free;
	u64 blocks_available;
	u64 files;
	u64 files_free;
	u64 fsid;
	u64 magic;
	u64 name_max;
};

#define SHIM_WALK_FOLLOW	1u	/* links on the way */
#define SHIM_WALK_FOLLOW_LAST	2u	/* a link at the end */

int shim_root_open(const char *cstr, struct path *out);
void shim_path_get(const struct path *path);
void shim_path_put(const struct path *path);
int shim_walk(const struct path *root, const struct cred *cred,
	      const u8 *rel, size_t len, u32 flags, struct path *out);
int shim_create(const struct path *parent, const struct cred *cred,
		const u8 *name, size_t len, bool dir, u32 mode,
		struct path *out);

#define SHIM_MAKE_FIFO		0u
#define SHIM_MAKE_SOCKET	1u

int shim_mknod(const struct path *parent, const struct cred *cred,
	       const u8 *name, size_t len, u32 what, u32 mode,
	       struct path *out);
int shim_symlink(const struct path *parent, const struct cred *cred,
		 const u8 *name, size_t len, const u8 *to, size_t to_len,
		 struct path *out);
int shim_remove(const struct path *root, const struct path *node,
		const struct cred *cred);
int shim_rename(const struct path *root, const struct path *node,
		const struct cred *cred, const struct path *new_parent,
		const u8 *name, size_t len, bool replace);
int shim_link(const struct path *node, const struct cred *cred,
	      const struct path *new_parent, const u8 *name, size_t len);
int shim_get_attr(const struct path *node, struct shim_attr *out);
int shim_set_attr(const struct path *node, const struct cred *cred,
		  const struct shim_setattr *attr);
int shim_permission(const struct path *node, const struct cred *cred,
		    u32 mask);
ssize_t shim_get_xattr(const struct path *node, const struct cred *cred,
		       const char *cstr, void *buf, size_t size);
int shim_set_xattr(const struct path *node, const struct cred *cred,
		   const char *cstr, const void *value, size_t size);
int shim_remove_xattr(const struct path *node, const struct cred *cred,
		      const char *cstr);
ssize_t shim_list_xattr(const struct path *node, const struct cred *cred,
			char *buf, size_t size);
ssize_t shim_read_link(const struct path *node, const struct cred *cred,
		       u8 *buf, size_t size);
int shim_stat_fs(const struct path *node, struct shim_statfs *out);
ssize_t shim_path_of(const struct path *root, const struct path *node,
		     u8 *out, size_t size);

/* ---- file.c: open files ------------------------------------------------- */

#define SHIM_OPEN_READ		1u
#define SHIM_OPEN_WRITE		2u
#define SHIM_OPEN_SYNC		4u

#define SHIM_ALLOC_KEEP_SIZE	0u
#define SHIM_ALLOC_PUNCH	1u
#define SHIM_ALLOC_ZERO		2u

struct file *shim_open(const struct path *node, const struct cred *cred,
		       u32 flags);
void shim_close(struct file *file);
int shim_read_dir(struct file *file, u64 pos, void *sink, u64 *next,
		  bool *eof);
ssize_t shim_read(struct file *file, u64 offset, void *buf, size_t len);
ssize_t shim_write(struct file *file, u64 offset, const void *buf,
		   size_t len);
int shim_flush(struct file *file);
int shim_truncate(struct file *file, u64 size);
int shim_allocate(struct file *file, u32 how, u64 offset, u64 len);
ssize_t shim_copy_range(struct file *from, u64 from_offset, struct file *to,
			u64 to_offset, u64 len);
int shim_next_data(struct file *file, u64 from, u64 *start, u64 *end);
int shim_clone_range(struct file *from, u64 from_offset, struct file *to,
		     u64 to_offset, u64 len);

/* ---- cred.c -------------------------------------------------------------- */

const struct cred *shim_cred_new(u32 uid, u32 gid, const u32 *groups,
				 size_t count);
const struct cred *shim_cred_kernel(void);
void shim_cred_put(const struct cred *cred);

/* ---- sock.c ------------------------------------------------------------- */

struct shim_peer {
	u8 addr[16];	/* IPv4 as ::ffff:a.b.c.d */
	u16 port;	/* host order */
	u16 v4;		/* 1 if it is IPv4 */
};

struct socket *shim_sock_listen(u16 port, int ifindex);
struct socket *shim_sock_accept(struct socket *listener,
				struct shim_peer *peer);
u16 shim_sock_port(struct socket *sock);
int shim_sock_tune(struct socket *sock, u32 send_timeout_ms);
ssize_t shim_sock_recv(struct socket *sock, void *buf, size_t len,
		       u32 timeout_ms);
int shim_sock_send(struct socket *sock, struct kvec *vec, size_t count,
		   size_t total);
bool shim_sock_has_data(struct socket *sock);
u32 shim_sock_retransmissions(struct socket *sock);
void shim_sock_shutdown(struct socket *sock);	/* does not sleep for long */
void shim_sock_release(struct socket *sock);
int shim_ifindex(const u8 *name, size_t len);

/* ---- netif.c: addresses of network interfaces ---------------------------- */

struct shim_netif {
	u64 mbit;	/* 0 if not known */
	u32 index;
	u16 v4;		/* 1 if it is IPv4 */
	u16 queues;	/* for receiving */
	u8 addr[16];	/* IPv4 in the first four */
};

int shim_netifs(const u8 *name, size_t len, struct shim_netif *out,
		size_t most);

/* ---- thread.c: kthreads and work queues ---------------------------------- */

struct task_struct *shim_thread_run(int (*main)(void *), void *arg,
				    const char *cstr);
int shim_thread_join(struct task_struct *task);
bool shim_thread_should_stop(void);
void shim_thread_sleep_ms(u32 ms);
struct workqueue_struct *shim_queue_new(const char *cstr, bool ordered);
void shim_queue_flush(struct workqueue_struct *queue);
void shim_queue_destroy(struct workqueue_struct *queue);

/* ---- misc.c -------------------------------------------------------------- */

u64 shim_now_ns(void);				/* any context */
void shim_wall_clock(s64 *sec, u32 *nsec);	/* any context */
void shim_random(void *buf, size_t len);
void *shim_mem_alloc(size_t size);
void shim_mem_free(void *mem);
void shim_wipe(void *mem, size_t len);		/* any context */

/* ---- crypto.c ------------------------------------------------------------ */

#define SHIM_MAC_HMAC_SHA256	0u
#define SHIM_MAC_AES_CMAC	1u
#define SHIM_MAC_AES_GMAC	2u

struct shim_mac;

void shim_sha512(const struct kvec *parts, size_t count, u8 out[64]);
void shim_hmac_sha256(const u8 *key, size_t key_len, const struct kvec *parts,
		      size_t count, u8 out[32]);
struct shim_mac *shim_mac_new(u32 algorithm, const u8 *key, size_t len);
void shim_mac_free(struct shim_mac *mac);
void shim_mac(const struct shim_mac *mac, const u8 nonce[12],
	      const struct kvec *parts, size_t count, u8 out[16]);
bool shim_aead_available(bool ccm);
struct crypto_aead *shim_aead_new(bool ccm, const u8 *key, size_t len);
void shim_aead_free(struct crypto_aead *tfm);
int shim_aead_crypt(struct crypto_aead *tfm, bool encrypt, const u8 *nonce,
		    size_t nonce_len, const u8 *aad, size_t aad_len,
		    const struct kvec *text, size_t count, u8 tag[16]);
const char *shim_aead_driver(bool ccm, char *buf, size_t size);

/* ---- genl.c --------------------------------------------------------------- */

int shim_genl_register(void *ctx);
void shim_genl_unregister(void);
int shim_genl_send(u32 portid, u32 seq, u8 command, const u8 *attrs,
		   size_t len);

/* ---- guard.c -------------------------------------------------------------- */

/*
 * A delegation of a regular file or a directory, which others break by opening
 * it and by changing its names and attributes.
 */
struct shim_guard;

int shim_guard_start(void *ctx);
void shim_guard_stop(void);
/* "dev" and "ino" are what ksmbd_host_broken() is told. */
struct shim_guard *shim_guard(const struct path *node, const struct cred *cred,
			      u64 dev, u64 ino);
/* How often the file is open for writing, by whomever. */
u32 shim_writers(const struct path *node);
/*
 * Takes the delegation or changes it: against any open (not of a directory), or
 * against those for writing; always against changes. -EAGAIN if others have one
 * that is in the way or wait for this one.
 */
int shim_guard_set(struct shim_guard *guard, bool any);
/* As shim_writers(). */
u32 shim_guard_writers(struct shim_guard *guard);
void shim_guard_end(struct shim_guard *guard);

/* Whether this thread does a client's work. */
bool shim_is_own(void);

/* ---- watch.c -------------------------------------------------------------- */

#define SHIM_CHANGE_ADDED	0u
#define SHIM_CHANGE_REMOVED	1u
#define SHIM_CHANGE_RENAMED_FROM 2u
#define SHIM_CHANGE_RENAMED_TO	3u
#define SHIM_CHANGE_WRITTEN	4u
#define SHIM_CHANGE_ATTRIBUTES	5u
#define SHIM_CHANGE_LOST	6u

struct shim_watch;

int shim_watch_start(void *ctx);
void shim_watch_stop(void);
struct shim_watch *shim_watch(const struct path *dir, bool deep, u64 token);
void shim_watch_end(struct shim_watch *watch);

#define SHIM_LAYOUT(type, size) \
	static_assert(sizeof(struct type) == (size))
SHIM_LAYOUT(shim_time, 16);
SHIM_LAYOUT(shim_attr, 128);
SHIM_LAYOUT(shim_setattr, 48);
SHIM_LAYOUT(shim_statfs, 72);
SHIM_LAYOUT(shim_peer, 20);
SHIM_LAYOUT(shim_netif, 32);

#endif /* KSMBD_SHIM_H */
