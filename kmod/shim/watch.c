// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes by others than this module, by fsnotify.
 *
 * A watched directory has a mark on its inode; one that is watched with all
 * below it has a mark on its superblock, and what happens elsewhere is left
 * out. Events happen on the thread of whoever changes something, often with a
 * directory locked, so they are only put on a list here. One work item takes
 * them off it, in order.
 */

#include <linux/atomic.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fsnotify_backend.h>
#include <linux/limits.h>
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/path.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "host.h"
#include "shim.h"

/* More than this wait to be told only if nobody takes them. */
#define MAX_WAITING 8192

#define WANTED (FS_CREATE | FS_DELETE | FS_MOVED_FROM | FS_MOVED_TO |	\
		FS_MODIFY | FS_ATTRIB)

struct shim_watch {
	struct fsnotify_mark mark;
	u64 token;
	/* Compared only: who holds the watch holds the directory, too. */
	const struct inode *dir;
	bool deep;
	/* The rename whose first half has been told as one within a directory. */
	u32 cookie;
};

struct change {
	struct llist_node node;
	u64 token;
	u32 action;
	bool is_dir;
	u32 len;
	u8 path[];
};

static struct fsnotify_group *group;
static void *host_ctx;
static LLIST_HEAD(changes);
static atomic_t waiting;

static void tell(struct work_struct *work)
{
	struct llist_node *list = llist_reverse_order(llist_del_all(&changes));
	struct change *c, *next;

	llist_for_each_entry_safe(c, next, list, node) {
		ksmbd_host_changed(host_ctx, c->token, c->action, c->is_dir,
				   c->path, c->len);
		atomic_dec(&waiting);
		kfree(c);
	}
}

static DECLARE_WORK(tell_work, tell);

/* Puts "name/" before what is at buf[at], and tells where it begins then. */
static int prepend(u8 *buf, int at, struct dentry *d)
{
	spin_lock(&d->d_lock);
	at -= d->d_name.len + 1;
	if (at >= 0) {
		memcpy(buf + at, d->d_name.name, d->d_name.len);
		buf[at + d->d_name.len] = '/';
	}
	spin_unlock(&d->d_lock);
	return at;
}

/*
 * The way from the watched directory down to dir, with a slash at its end,
 * at the end of buf. Tells where it begins, or a negative number if dir lies
 * elsewhere.
 */
static int way_down(const struct shim_watch *w, struct inode *dir, u8 *buf,
		    int size)
{
	struct dentry *d = d_find_alias(dir);
	int at = size;

	while (d && at >= 0 && d_inode(d) != w->dir) {
		struct dentry *up;

		if (IS_ROOT(d)) {
			at = -1;
			break;
		}
		at = prepend(buf, at, d);
		up = dget_parent(d);
		dput(d);
		d = up;
	}
	if (!d)
		return -1;
	dput(d);
	return at;
}

static void put(const struct shim_watch *w, u32 action, bool is_dir,
		const u8 *way, size_t way_len, const struct qstr *name)
{
	struct change *c;

	if (atomic_inc_return(&waiting) > MAX_WAITING)
		action = SHIM_CHANGE_LOST;
	c = kmalloc(struct_size(c, path, way_len + name->len),
		    GFP_NOFS | __GFP_NOWARN);
	if (!c) {
		atomic_dec(&waiting);
		pr_warn_ratelimited("ksmbd: no memory to tell of a change\n");
		return;
	}
	c->token = w->token;
	c->action = action;
	c->is_dir = is_dir;
	c->len = way_len + name->len;
	memcpy(c->path, way, way_len);
	memcpy(c->path + way_len, name->name, name->len);
	if (llist_add(&c->node, &changes))
		queue_work(system_dfl_wq, &tell_work);
}

/* Which halves of renames belong together within one directory. */
static u32 action_of(struct shim_watch *w, u32 mask, struct inode *inode,
		     struct inode *dir, u32 cookie)
{
	if (mask & FS_CREATE)
		return SHIM_CHANGE_ADDED;
	if (mask & FS_DELETE)
		return SHIM_CHANGE_REMOVED;
	if (mask & FS_MOVED_FROM) {
		/*
		 * It has been moved already when this is told. Of a file with
		 * several names any may be found: then it went and came.
		 */
		struct dentry *dentry = inode ? d_find_alias(inode) : NULL;
		struct dentry *up = dentry ? dget_parent(dentry) : NULL;
		bool within = up && d_inode(up) == dir;

		dput(up);
		dput(dentry);
		if (!within)
			return SHIM_CHANGE_REMOVED;
		WRITE_ONCE(w->cookie, cookie);
		return SHIM_CHANGE_RENAMED_FROM;
	}
	if (mask & FS_MOVED_TO)
		return cookie && READ_ONCE(w->cookie) == cookie ?
		       SHIM_CHANGE_RENAMED_TO : SHIM_CHANGE_ADDED;
	return mask & FS_MODIFY ? SHIM_CHANGE_WRITTEN : SHIM_CHANGE_ATTRIBUTES;
}

static int on_event(struct fsnotify_group *group, u32 mask, const void *data,
		    int data_type, struct inode *dir, const struct qstr *name,
		    u32 cookie, struct fsnotify_iter_info *iter)
{
	struct inode *inode = fsnotify_data_inode(data, data_type);
	bool of_names = mask & (FS_CREATE | FS_DELETE | FS_MOVED_FROM |
				FS_MOVED_TO);
	struct fsnotify_mark *mark;
	u8 *buf = NULL;
	int type;

	if (!(mask & WANTED) || !dir || !name || shim_is_own())
		return 0;

	fsnotify_foreach_iter_mark_type(iter, mark, type) {
		struct shim_watch *w = container_of(mark, struct shim_watch,
						    mark);
		int at = PATH_MAX;
		u32 action;

		/* The watched directory's own attributes are its parent's news. */
		if (type == FSNOTIFY_ITER_TYPE_INODE && !of_names)
			continue;
		if (w->deep) {
			if (!buf)
				buf = kmalloc(PATH_MAX, GFP_NOFS | __GFP_NOWARN);
			at = buf ? way_down(w, dir, buf, PATH_MAX) : -1;
			if (at < 0)
				continue;
		} else if (dir != w->dir) {
			continue;
		}
		action = action_of(w, mask, inode, dir, cookie);
		put(w, action, mask & FS_ISDIR, buf ? buf + at : NULL,
		    buf ? PATH_MAX - at : 0, name);
	}
	kfree(buf);
	return 0;
}

static void on_free(struct fsnotify_mark *mark)
{
	kfree(container_of(mark, struct shim_watch, mark));
}

static const struct fsnotify_ops ops = {
	.handle_event = on_event,
	.free_mark = on_free,
};

struct shim_watch *shim_watch(const struct path *dir, bool deep, u64 token)
{
	struct inode *inode = d_inode(dir->dentry);
	struct shim_watch *w;
	int err;

	if (!S_ISDIR(inode->i_mode))
		return ERR_PTR(-ENOTDIR);
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return ERR_PTR(-ENOMEM);
	fsnotify_init_mark(&w->mark, group);
	w->mark.mask = WANTED | FS_ISDIR | FS_EVENT_ON_CHILD;
	w->token = token;
	w->dir = inode;
	w->deep = deep;
	if (deep)
		err = fsnotify_add_mark(&w->mark, inode->i_sb,
					FSNOTIFY_OBJ_TYPE_SB, 0);
	else
		err = fsnotify_add_mark(&w->mark, inode,
					FSNOTIFY_OBJ_TYPE_INODE, 0);
	if (err) {
		fsnotify_put_mark(&w->mark);
		return ERR_PTR(err);
	}
	return w;
}

void shim_watch_end(struct shim_watch *w)
{
	fsnotify_destroy_mark(&w->mark, group);
	fsnotify_put_mark(&w->mark);
}

int shim_watch_start(void *ctx)
{
	struct fsnotify_group *g;

	g = fsnotify_alloc_group(&ops, FSNOTIFY_GROUP_DUPS);
	if (IS_ERR(g))
		return PTR_ERR(g);
	host_ctx = ctx;
	group = g;
	return 0;
}

/* Every watch has ended. No callback runs any more when this returns. */
void shim_watch_stop(void)
{
	/* Frees of marks run this module's code. */
	fsnotify_wait_marks_destroyed();
	fsnotify_put_group(group);
	group = NULL;
	flush_work(&tell_work);
}
