// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Open files. Reads and writes run under the credentials that the file was
 * opened with: they decide about quota, reserved blocks and set-id bits, which
 * the thread's own (root) would get wrong.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>

#include "host.h"
#include "shim.h"

struct file *shim_open(const struct path *node, const struct cred *cred,
		       u32 flags)
{
	umode_t mode = d_inode(node->dentry)->i_mode;
	bool read = flags & SHIM_OPEN_READ, write = flags & SHIM_OPEN_WRITE;
	int how = O_LARGEFILE;
	struct file *file;

	/* Opening a device or FIFO has effects; nothing here may cause them. */
	if (!S_ISREG(mode) && !S_ISDIR(mode))
		return ERR_PTR(S_ISLNK(mode) ? -ELOOP : -ENXIO);
	if (S_ISDIR(mode)) {
		if (write)
			return ERR_PTR(-EISDIR);
		how |= O_DIRECTORY;
	}
	if (read && write)
		how |= O_RDWR;
	else if (write)
		how |= O_WRONLY;
	if (flags & SHIM_OPEN_SYNC)
		how |= O_DSYNC;

	/* dentry_open() leaves the permission check to its caller. */
	scoped_with_creds(cred) {
		int err = inode_permission(mnt_idmap(node->mnt),
					   d_inode(node->dentry),
					   MAY_OPEN | (write ? MAY_WRITE : 0) |
					   (read || !write ? MAY_READ : 0));

		/* Nobody here opens for appending only. */
		if (!err && write && IS_APPEND(d_inode(node->dentry)))
			err = -EPERM;
		file = err ? ERR_PTR(err) : dentry_open(node, how, cred);
	}
	return file;
}

void shim_close(struct file *file)
{
	/*
	 * Now, not from a work item some time later: a client that has its
	 * CLOSE answered may count on it. filp_close() lets file systems with
	 * a flush operation (NFS, FUSE) write back first.
	 */
	get_file(file);
	filp_close(file, NULL);
	__fput_sync(file);
}

struct read_dir_ctx {
	struct dir_context ctx;
	void *sink;
	bool stopped;
	bool delivered;
};

static bool read_dir_actor(struct dir_context *ctx, const char *name, int len,
			   loff_t pos, u64 ino, unsigned int type)
{
	struct read_dir_ctx *rd = container_of(ctx, struct read_dir_ctx, ctx);

	rd->delivered = true;
	if (len <= 0 || memchr(name, '/', len) || memchr(name, 0, len))
		return true;	/* a corrupt file system; skip it */
	if (!ksmbd_host_dirent(rd->sink, (const u8 *)name, len, ino, pos)) {
		rd->stopped = true;
		return false;
	}
	return true;
}

int shim_read_dir(struct file *file, u64 pos, void *sink, u64 *next, bool *eof)
{
	struct read_dir_ctx rd = {
		.ctx.actor = read_dir_actor,
		.ctx.count = INT_MAX,
		.sink = sink,
	};
	loff_t at;
	int err = 0;

	if (!S_ISDIR(file_inode(file)->i_mode))
		return -ENOTDIR;
	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (pos > LLONG_MAX)
		return -EINVAL;

	/* One position per file: callers take turns. */
	mutex_lock(&file->f_pos_lock);
	/* From the start always: some file systems take a snapshot there. */
	if (!pos || file->f_pos != (loff_t)pos) {
		at = vfs_llseek(file, pos, SEEK_SET);
		if (at < 0) {
			err = at;
			goto unlock;
		}
	}
	scoped_with_creds(file->f_cred) {
		/* Some file systems return early; the end is "nothing more". */
		do {
			rd.delivered = false;
			err = iterate_dir(file, &rd.ctx);
		} while (!err && rd.delivered && !rd.stopped);
	}
	/* A directory that has been removed lists as empty. */
	if (err == -ENOENT)
		err = 0;
	*next = rd.ctx.pos;
	*eof = !rd.stopped;
unlock:
	mutex_unlock(&file->f_pos_lock);
	return err;
}

ssize_t shim_read(struct file *file, u64 offset, void *buf, size_t len)
{
	size_t done = 0;
	ssize_t ret = 0;
	loff_t pos;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (S_ISDIR(file_inode(file)->i_mode))
		return -EISDIR;
	if (offset > LLONG_MAX)
		return 0;	/* nothing can be there */
	pos = offset;
	scoped_with_creds(file->f_cred) {
		while (done < len) {
			ret = kernel_read(file, buf + done, len - done, &pos);
			if (ret <= 0)
				break;
			done += ret;
		}
	}
	return done ?: ret;
}

ssize_t shim_write(struct file *file, u64 offset, const void *buf, size_t len)
{
	size_t done = 0;
	ssize_t ret = 0;
	loff_t pos;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (offset > LLONG_MAX || len > LLONG_MAX - offset)
		return -EFBIG;
	pos = offset;
	scoped_with_creds(file->f_cred) {
		while (done < len) {
			ret = kernel_write(file, buf + done, len - done, &pos);
			if (ret <= 0)
				break;
			done += ret;
		}
	}
	if (done < len)
		return ret < 0 ? ret : -EIO;
	return done;
}

int shim_flush(struct file *file)
{
	int err;

	scoped_with_creds(file->f_cred)
		err = vfs_fsync(file, 0);
	return err;
}

int shim_truncate(struct file *file, u64 size)
{
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = d_inode(dentry);
	struct iattr attr = {
		.ia_valid = ATTR_SIZE | ATTR_FILE | ATTR_MTIME | ATTR_CTIME |
			    ATTR_OPEN,
		.ia_size = size,
		.ia_file = file,
	};
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	if (size > inode->i_sb->s_maxbytes)
		return -EFBIG;
	if (IS_APPEND(inode))
		return -EPERM;

	scoped_with_creds(file->f_cred) {
		sb_start_write(inode->i_sb);
		inode_lock(inode);
		err = file_remove_privs(file);
		if (!err)
			err = notify_change(file_mnt_idmap(file), dentry,
					    &attr, NULL);
		inode_unlock(inode);
		sb_end_write(inode->i_sb);
	}
	return err;
}

int shim_allocate(struct file *file, u32 how, u64 offset, u64 len)
{
	int mode;
	int err;

	switch (how) {
	case SHIM_ALLOC_KEEP_SIZE:
		mode = FALLOC_FL_KEEP_SIZE;
		break;
	case SHIM_ALLOC_PUNCH:
		mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
		break;
	case SHIM_ALLOC_ZERO:
		mode = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
		break;
	default:
		return -EINVAL;
	}
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (offset > LLONG_MAX || len > LLONG_MAX - offset)
		return -EFBIG;
	if (!len)
		return 0;
	scoped_with_creds(file->f_cred)
		err = vfs_fallocate(file, mode, offset, len);
	return err;
}

ssize_t shim_copy_range(struct file *from, u64 from_offset, struct file *to,
			u64 to_offset, u64 len)
{
	ssize_t ret;

	if (!(from->f_mode & FMODE_READ) || !(to->f_mode & FMODE_WRITE))
		return -EBADF;
	if (from_offset > LLONG_MAX || to_offset > LLONG_MAX)
		return -EFBIG;
	len = min_t(u64, len, MAX_RW_COUNT);
	scoped_with_creds(to->f_cred) {
		ret = vfs_copy_file_range(from, from_offset, to, to_offset,
					  len, 0);
		/* Other file systems on both sides: let pages go through. */
		if (ret == -EXDEV || ret == -EOPNOTSUPP)
			ret = vfs_copy_file_range(from, from_offset, to,
						  to_offset, len,
						  COPY_FILE_SPLICE);
	}
	return ret;
}

/* The next range that is no hole: -ENXIO if none follows. */
int shim_next_data(struct file *file, u64 from, u64 *start, u64 *end)
{
	loff_t at;

	if (from > LLONG_MAX)
		return -ENXIO;
	/* The position is nobody's: all else says where. */
	scoped_with_creds(file->f_cred) {
		at = vfs_llseek(file, from, SEEK_DATA);
		if (at >= 0) {
			*start = at;
			at = vfs_llseek(file, at, SEEK_HOLE);
		}
	}
	if (at < 0)
		return at == -EINVAL ? -EOPNOTSUPP : at;
	*end = at;
	return 0;
}

int shim_clone_range(struct file *from, u64 from_offset, struct file *to,
		     u64 to_offset, u64 len)
{
	loff_t ret;

	if (!(from->f_mode & FMODE_READ) || !(to->f_mode & FMODE_WRITE))
		return -EBADF;
	if (from_offset > LLONG_MAX || to_offset > LLONG_MAX ||
	    len > LLONG_MAX)
		return -EFBIG;
	/* For the file system 0 is "up to the end". */
	if (!len)
		return 0;
	scoped_with_creds(to->f_cred)
		ret = vfs_clone_file_range(from, from_offset, to, to_offset,
					   len, 0);
	if (ret < 0)
		return ret;
	return ret == (loff_t)len ? 0 : -EIO;
}
