// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Places in the tree: lookups beneath a share's root, and everything that is
 * done to a name or to an inode's metadata, each under given credentials.
 *
 * A "node" is a struct path with both references held. Since it holds the
 * dentry, a rename by whoever else takes the node along; "its name" always
 * means the name it has when the call looks.
 */

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/filelock.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/posix_acl.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/statfs.h>
#include <linux/user_namespace.h>
#include <linux/xattr.h>

#include "shim.h"

/* Races with renames make a scoped walk answer EAGAIN; try that often. */
#define WALK_TRIES 8

/* So often is an operation tried that waits for delegations to be returned. */
#define DELEG_TRIES 16

int shim_root_open(const char *cstr, struct path *out)
{
	int err;

	/*
	 * Kernel threads have a root of their own, and the daemon may be in a
	 * chroot: share paths are meant in the view of the init process.
	 */
	scoped_with_init_fs() {
		scoped_with_kernel_creds()
			err = kern_path(cstr, LOOKUP_FOLLOW | LOOKUP_DIRECTORY,
					out);
	}
	return err;
}

void shim_path_get(const struct path *path)
{
	path_get(path);
}

void shim_path_put(const struct path *path)
{
	path_put(path);
}

static char *copy_name(const u8 *name, size_t len)
{
	if (len >= PATH_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (memchr(name, 0, len))
		return ERR_PTR(-EINVAL);
	return kmemdup_nul(name, len, GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

int shim_walk(const struct path *root, const struct cred *cred,
	      const u8 *rel, size_t len, u32 flags, struct path *out)
{
	unsigned int lookup = LOOKUP_BENEATH | LOOKUP_NO_MAGICLINKS;
	int tries = WALK_TRIES;
	char *name;
	int err;

	if (!len) {
		*out = *root;
		path_get(out);
		return 0;
	}
	/* An absolute path would be taken from the root as well; refuse it. */
	if (rel[0] == '/')
		return -EINVAL;

	name = copy_name(rel, len);
	if (IS_ERR(name))
		return PTR_ERR(name);
	if (!(flags & SHIM_WALK_FOLLOW))
		lookup |= LOOKUP_NO_SYMLINKS;
	if (flags & SHIM_WALK_FOLLOW_LAST)
		lookup |= LOOKUP_FOLLOW;

	scoped_with_creds(cred) {
		do {
			err = vfs_path_lookup(root->dentry, root->mnt, name,
					      lookup, out);
			if (retry_estale(err, lookup)) {
				lookup |= LOOKUP_REVAL;
				err = -EAGAIN;
			}
		} while (err == -EAGAIN && --tries);
	}
	kfree(name);
	return err;
}

/*
 * The umask of whatever thread runs this has gone into the mode. What the
 * caller asked for is final, unless a default ACL has decided otherwise.
 */
static void enforce_mode(struct mnt_idmap *idmap, struct inode *dir,
			 struct dentry *child, umode_t mode)
{
	struct inode *inode = d_inode(child);
	struct posix_acl *acl = NULL;
	struct iattr attr = {
		.ia_valid = ATTR_MODE | ATTR_CTIME,
	};

	if (!((inode->i_mode ^ mode) & 0777))
		return;
	if (IS_POSIXACL(dir))
		acl = get_inode_acl(dir, ACL_TYPE_DEFAULT);
	if (!IS_ERR_OR_NULL(acl)) {
		posix_acl_release(acl);
		return;
	}

	inode_lock(inode);
	attr.ia_mode = (inode->i_mode & ~0777) | (mode & 0777);
	/* It exists and belongs to its maker already: no reason to fail. */
	notify_change(idmap, child, &attr, NULL);
	inode_unlock(inode);
}

/* What is made: the type in the mode, and where a link leads. */
static int create_once(const struct path *parent, struct qstr *name,
		       umode_t mode, const char *target, struct path *out,
		       struct delegated_inode *di)
{
	struct mnt_idmap *idmap = mnt_idmap(parent->mnt);
	struct inode *inode = d_inode(parent->dentry);
	struct dentry *child;
	int err;

	err = mnt_want_write(parent->mnt);
	if (err)
		return err;
	child = start_creating(idmap, parent->dentry, name);
	if (IS_ERR(child)) {
		err = PTR_ERR(child);
		goto drop;
	}
	if (d_is_positive(child)) {
		err = -EEXIST;
		goto end;
	}
	switch (mode & S_IFMT) {
	case S_IFDIR:
		child = vfs_mkdir(idmap, inode, child, mode & 07777, di);
		if (IS_ERR(child)) {
			/* vfs_mkdir() has unlocked and put it. */
			err = PTR_ERR(child);
			goto drop;
		}
		break;
	case S_IFREG:
		err = vfs_create(idmap, child, mode & 07777, di);
		break;
	case S_IFLNK:
		err = vfs_symlink(idmap, inode, child, target, di);
		break;
	case S_IFIFO:
	case S_IFSOCK:
		err = vfs_mknod(idmap, inode, child, mode, 0, di);
		break;
	default:
		err = -EINVAL;
	}
	if (err)
		goto end;
	if (d_unhashed(child) || d_is_negative(child)) {
		err = -ESTALE;
		goto end;
	}
	if (!S_ISLNK(mode))
		enforce_mode(idmap, inode, child, mode & 07777);
	out->mnt = mntget(parent->mnt);
	out->dentry = dget(child);
end:
	end_creating(child);
drop:
	mnt_drop_write(parent->mnt);
	return err;
}

static int create(const struct path *parent, const struct cred *cred,
		  const u8 *name, size_t len, umode_t mode, const char *target,
		  struct path *out)
{
	struct delegated_inode di = {};
	int tries = DELEG_TRIES;
	int err;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (!d_is_dir(parent->dentry))
		return -ENOTDIR;
	scoped_with_creds(cred) {
		do {
			struct qstr q = QSTR_LEN(name, len);

			err = create_once(parent, &q, mode, target, out, &di);
			if (is_delegated(&di))
				err = break_deleg_wait(&di) ?: -EAGAIN;
		} while (err == -EAGAIN && --tries);
	}
	return err;
}

int shim_create(const struct path *parent, const struct cred *cred,
		const u8 *name, size_t len, bool dir, u32 mode,
		struct path *out)
{
	mode &= 07777;
	mode |= dir ? S_IFDIR : S_IFREG;
	return create(parent, cred, name, len, mode, NULL, out);
}

int shim_mknod(const struct path *parent, const struct cred *cred,
	       const u8 *name, size_t len, u32 what, u32 mode,
	       struct path *out)
{
	mode &= 07777;
	mode |= what == SHIM_MAKE_SOCKET ? S_IFSOCK : S_IFIFO;
	return create(parent, cred, name, len, mode, NULL, out);
}

int shim_symlink(const struct path *parent, const struct cred *cred,
		 const u8 *name, size_t len, const u8 *to, size_t to_len,
		 struct path *out)
{
	char *target;
	int err;

	if (!to_len)
		return -ENOENT;
	target = copy_name(to, to_len);
	if (IS_ERR(target))
		return PTR_ERR(target);
	err = create(parent, cred, name, len, S_IFLNK | 0777, target, out);
	kfree(target);
	return err;
}

static int remove_once(const struct path *node, struct delegated_inode *di)
{
	struct mnt_idmap *idmap = mnt_idmap(node->mnt);
	struct dentry *parent, *child;
	int err;

	err = mnt_want_write(node->mnt);
	if (err)
		return err;
	parent = dget_parent(node->dentry);
	child = start_removing_dentry(parent, node->dentry);
	if (IS_ERR(child)) {
		/* EINVAL: removed, or moved since dget_parent(). */
		err = PTR_ERR(child);
		if (err == -EINVAL)
			err = d_unhashed(node->dentry) ? -ENOENT : -EAGAIN;
		goto put;
	}
	if (d_is_dir(child))
		err = vfs_rmdir(idmap, d_inode(parent), child, di);
	else
		err = vfs_unlink(idmap, d_inode(parent), child, di);
	end_removing(child);
put:
	dput(parent);
	mnt_drop_write(node->mnt);
	return err;
}

int shim_remove(const struct path *root, const struct path *node,
		const struct cred *cred)
{
	struct delegated_inode di = {};
	int tries = DELEG_TRIES;
	int err;

	if (node->dentry == root->dentry ||
	    node->dentry == node->mnt->mnt_root)
		return -EBUSY;
	if (!path_is_under(node, root))
		return -EXDEV;
	scoped_with_creds(cred) {
		do {
			err = remove_once(node, &di);
			if (is_delegated(&di))
				err = break_deleg_wait(&di) ?: -EAGAIN;
		} while (err == -EAGAIN && --tries);
	}
	return err;
}

static int rename_once(const struct path *node, const struct path *new_parent,
		       struct qstr *name, bool replace,
		       struct delegated_inode *di)
{
	struct renamedata rd = {
		.mnt_idmap = mnt_idmap(node->mnt),
		.new_parent = new_parent->dentry,
		.delegated_inode = di,
		.flags = replace ? 0 : RENAME_NOREPLACE,
	};
	int err;

	err = mnt_want_write(node->mnt);
	if (err)
		return err;
	err = start_renaming_dentry(&rd, 0, node->dentry, name);
	if (err) {
		if (err == -EINVAL && d_unhashed(node->dentry))
			err = -ENOENT;
		goto drop;
	}
	/*
	 * RENAME_NOREPLACE has been answered by the lookup under the lock;
	 * a file system that does not know the flag need not see it.
	 */
	rd.flags = 0;
	err = vfs_rename(&rd);
	end_renaming(&rd);
drop:
	mnt_drop_write(node->mnt);
	return err;
}

int shim_rename(const struct path *root, const struct path *node,
		const struct cred *cred, const struct path *new_parent,
		const u8 *name, size_t len, bool replace)
{
	struct delegated_inode di = {};
	int tries = DELEG_TRIES;
	int err;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (node->dentry == root->dentry ||
	    node->dentry == node->mnt->mnt_root)
		return -EBUSY;
	if (!d_is_dir(new_parent->dentry))
		return -ENOTDIR;
	if (node->mnt != new_parent->mnt || !path_is_under(node, root) ||
	    !path_is_under(new_parent, root))
		return -EXDEV;
	scoped_with_creds(cred) {
		do {
			struct qstr q = QSTR_LEN(name, len);

			err = rename_once(node, new_parent, &q, replace, &di);
			if (is_delegated(&di))
				err = break_deleg_wait(&di) ?: -EAGAIN;
		} while (err == -EAGAIN && --tries);
	}
	return err;
}

static int link_once(const struct path *node, const struct path *new_parent,
		     struct qstr *name, struct delegated_inode *di)
{
	struct mnt_idmap *idmap = mnt_idmap(new_parent->mnt);
	struct dentry *child;
	int err;

	err = mnt_want_write(new_parent->mnt);
	if (err)
		return err;
	child = start_creating(idmap, new_parent->dentry, name);
	if (IS_ERR(child)) {
		err = PTR_ERR(child);
		goto drop;
	}
	if (d_is_positive(child))
		err = -EEXIST;
	else
		err = vfs_link(node->dentry, idmap, d_inode(new_parent->dentry),
			       child, di);
	end_creating(child);
drop:
	mnt_drop_write(new_parent->mnt);
	return err;
}

int shim_link(const struct path *node, const struct cred *cred,
	      const struct path *new_parent, const u8 *name, size_t len)
{
	struct delegated_inode di = {};
	int tries = DELEG_TRIES;
	int err;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (!d_is_dir(new_parent->dentry))
		return -ENOTDIR;
	if (node->mnt != new_parent->mnt)
		return -EXDEV;
	scoped_with_creds(cred) {
		do {
			struct qstr q = QSTR_LEN(name, len);

			err = link_once(node, new_parent, &q, &di);
			if (is_delegated(&di))
				err = break_deleg_wait(&di) ?: -EAGAIN;
		} while (err == -EAGAIN && --tries);
	}
	return err;
}

static struct shim_time to_shim(const struct timespec64 *ts, bool set)
{
	return (struct shim_time){
		.sec = ts->tv_sec,
		.nsec = ts->tv_nsec,
		.set = set,
	};
}

int shim_get_attr(const struct path *node, struct shim_attr *out)
{
	struct kstat stat;
	int err;

	err = vfs_getattr(node, &stat, STATX_BASIC_STATS | STATX_BTIME,
			  AT_STATX_SYNC_AS_STAT);
	if (err)
		return err;
	*out = (struct shim_attr){
		.dev = huge_encode_dev(stat.dev),
		.ino = stat.ino,
		.size = stat.size,
		.allocated = stat.blocks << 9,
		.mode = stat.mode,
		.nlink = stat.nlink,
		.uid = from_kuid_munged(&init_user_ns, stat.uid),
		.gid = from_kgid_munged(&init_user_ns, stat.gid),
		.rdev_major = MAJOR(stat.rdev),
		.rdev_minor = MINOR(stat.rdev),
		.block_size = stat.blksize,
		.atime = to_shim(&stat.atime, true),
		.mtime = to_shim(&stat.mtime, true),
		.ctime = to_shim(&stat.ctime, true),
		.btime = to_shim(&stat.btime,
				 stat.result_mask & STATX_BTIME),
	};
	return 0;
}

static int to_iattr(const struct shim_setattr *from, const struct inode *inode,
		    struct mnt_idmap *idmap, struct iattr *to)
{
	*to = (struct iattr){ .ia_valid = ATTR_CTIME };

	if (from->what & SHIM_SET_MODE) {
		to->ia_mode = (from->mode & S_IALLUGO) |
			      (inode->i_mode & ~S_IALLUGO);
		to->ia_valid |= ATTR_MODE;
	}
	if (from->what & SHIM_SET_UID) {
		kuid_t kuid = make_kuid(&init_user_ns, from->uid);

		if (!uid_valid(kuid))
			return -EINVAL;
		to->ia_vfsuid = VFSUIDT_INIT(kuid);
		to->ia_valid |= ATTR_UID;
	}
	if (from->what & SHIM_SET_GID) {
		kgid_t kgid = make_kgid(&init_user_ns, from->gid);

		if (!gid_valid(kgid))
			return -EINVAL;
		to->ia_vfsgid = VFSGIDT_INIT(kgid);
		to->ia_valid |= ATTR_GID;
	}
	if (from->atime.set) {
		to->ia_atime.tv_sec = from->atime.sec;
		to->ia_atime.tv_nsec = from->atime.nsec;
		to->ia_valid |= ATTR_ATIME | ATTR_ATIME_SET;
	}
	if (from->mtime.set) {
		to->ia_mtime.tv_sec = from->mtime.sec;
		to->ia_mtime.tv_nsec = from->mtime.nsec;
		to->ia_valid |= ATTR_MTIME | ATTR_MTIME_SET;
	}
	/*
	 * A new owner does not inherit set-id bits. Where the caller gives a
	 * mode as well, that mode is what it wants (and the VFS takes only
	 * one of the two).
	 */
	if ((to->ia_valid & (ATTR_UID | ATTR_GID)) &&
	    !(to->ia_valid & ATTR_MODE) && !S_ISDIR(inode->i_mode))
		to->ia_valid |= ATTR_KILL_SUID | ATTR_KILL_PRIV |
				setattr_should_drop_sgid(idmap, inode);
	return 0;
}

int shim_set_attr(const struct path *node, const struct cred *cred,
		  const struct shim_setattr *attr)
{
	struct mnt_idmap *idmap = mnt_idmap(node->mnt);
	struct inode *inode = d_inode(node->dentry);
	struct delegated_inode di = {};
	int tries = DELEG_TRIES;
	struct iattr iattr;
	int err;

	scoped_with_creds(cred) {
		do {
			err = mnt_want_write(node->mnt);
			if (err)
				break;
			inode_lock(inode);
			err = to_iattr(attr, inode, idmap, &iattr);
			if (!err)
				err = notify_change(idmap, node->dentry,
						    &iattr, &di);
			inode_unlock(inode);
			mnt_drop_write(node->mnt);
			if (is_delegated(&di))
				err = break_deleg_wait(&di) ?: -EAGAIN;
		} while (err == -EAGAIN && --tries);
	}
	return err;
}

int shim_permission(const struct path *node, const struct cred *cred,
		    u32 mask)
{
	int want = 0;
	int err;

	if (mask & 1)
		want |= MAY_EXEC;
	if (mask & 2)
		want |= MAY_WRITE;
	if (mask & 4)
		want |= MAY_READ;
	scoped_with_creds(cred)
		err = inode_permission(mnt_idmap(node->mnt),
				       d_inode(node->dentry),
				       want | MAY_ACCESS);
	if (!err && (want & MAY_WRITE) && __mnt_is_readonly(node->mnt))
		err = -EROFS;
	return err;
}

ssize_t shim_get_xattr(const struct path *node, const struct cred *cred,
		       const char *cstr, void *buf, size_t size)
{
	ssize_t ret;

	/* A size of 0 asks for the length; file systems look at the pointer. */
	scoped_with_creds(cred)
		ret = vfs_getxattr(mnt_idmap(node->mnt), node->dentry, cstr,
				   size ? buf : NULL, size);
	return ret;
}

int shim_set_xattr(const struct path *node, const struct cred *cred,
		   const char *cstr, const void *value, size_t size)
{
	int err;

	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	scoped_with_creds(cred) {
		err = mnt_want_write(node->mnt);
		if (!err) {
			err = vfs_setxattr(mnt_idmap(node->mnt), node->dentry,
					   cstr, value, size, 0);
			mnt_drop_write(node->mnt);
		}
	}
	return err;
}

int shim_remove_xattr(const struct path *node, const struct cred *cred,
		      const char *cstr)
{
	int err;

	scoped_with_creds(cred) {
		err = mnt_want_write(node->mnt);
		if (!err) {
			err = vfs_removexattr(mnt_idmap(node->mnt),
					      node->dentry, cstr);
			mnt_drop_write(node->mnt);
		}
	}
	return err;
}

ssize_t shim_list_xattr(const struct path *node, const struct cred *cred,
			char *buf, size_t size)
{
	ssize_t ret;

	scoped_with_creds(cred)
		ret = vfs_listxattr(node->dentry, size ? buf : NULL, size);
	return ret;
}

ssize_t shim_read_link(const struct path *node, const struct cred *cred,
		       u8 *buf, size_t size)
{
	DEFINE_DELAYED_CALL(done);
	const char *target;
	ssize_t ret;

	if (!d_is_symlink(node->dentry))
		return -EINVAL;
	scoped_with_creds(cred)
		target = vfs_get_link(node->dentry, &done);
	if (IS_ERR(target))
		return PTR_ERR(target);
	if (!target)
		return -EIO;
	ret = strlen(target);
	if (ret > size)
		ret = -ERANGE;
	else
		memcpy(buf, target, ret);
	do_delayed_call(&done);
	return ret;
}

int shim_stat_fs(const struct path *node, struct shim_statfs *out)
{
	struct kstatfs st;
	int err;

	err = vfs_statfs(node, &st);
	if (err)
		return err;
	*out = (struct shim_statfs){
		.block_size = st.f_frsize > 0 ? st.f_frsize : st.f_bsize,
		.blocks = st.f_blocks,
		.blocks_free = st.f_bfree,
		.blocks_available = st.f_bavail,
		.files = st.f_files,
		.files_free = st.f_ffree,
		.fsid = (u32)st.f_fsid.val[0] |
			(u64)(u32)st.f_fsid.val[1] << 32,
		.magic = st.f_type,
		.name_max = st.f_namelen,
	};
	return 0;
}

/*
 * The names between @base (without) and @dentry (with), put in front of @at.
 * Both paths are taken lockless and compared, so a rename between the two
 * only shows as a mismatch.
 */
static char *prepend_below(const struct dentry *dentry,
			   const struct dentry *base, char *buf, char *at,
			   char *scratch)
{
	size_t room = at - buf;
	size_t len, top_len;
	char *top, *full;

	if (dentry == base)
		return at;
	if (room < 2)
		return ERR_PTR(-ERANGE);
	full = dentry_path_raw(dentry, scratch, PATH_MAX);
	if (IS_ERR(full))
		return full;
	len = strlen(full);
	if (len >= room)
		return ERR_PTR(-ERANGE);
	at -= len;
	memcpy(at, full, len);

	top = dentry_path_raw(base, scratch, PATH_MAX);
	if (IS_ERR(top))
		return top;
	top_len = strlen(top);
	if (top_len == 1)
		return at;	/* base is the file system's root */
	if (top_len >= len || memcmp(at, top, top_len) || at[top_len] != '/')
		return ERR_PTR(-EAGAIN);
	return at + top_len;
}

ssize_t shim_path_of(const struct path *root, const struct path *node,
		     u8 *out, size_t size)
{
	int tries = WALK_TRIES;
	struct path place;
	char *scratch, *buf, *at;
	ssize_t ret;

	if (node->dentry == root->dentry || !path_is_under(node, root))
		return -EXDEV;
	scratch = kmalloc(2 * PATH_MAX, GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	buf = scratch + PATH_MAX;
again:
	if (d_unlinked(node->dentry)) {
		ret = -ENOENT;
		goto free;
	}
	at = buf + PATH_MAX;
	place = *node;
	path_get(&place);
	for (;;) {
		bool last = place.mnt == root->mnt;

		at = prepend_below(place.dentry,
				   last ? root->dentry : place.mnt->mnt_root,
				   buf, at, scratch);
		if (IS_ERR(at) || last)
			break;
		if (!follow_up(&place)) {
			at = ERR_PTR(-EXDEV);
			break;
		}
	}
	path_put(&place);
	if (IS_ERR(at)) {
		ret = PTR_ERR(at);
		if (ret == -EAGAIN && --tries)
			goto again;
		goto free;
	}
	/* Without the leading '/'. */
	at++;
	ret = buf + PATH_MAX - at;
	if (ret > size)
		ret = -ERANGE;
	else
		memcpy(out, at, ret);
free:
	kfree(scratch);
	return ret;
}
