// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Delegations of files and directories that clients cache, so that local
 * processes do not read what is old or change what nobody hears of.
 *
 * A guard has the file open for itself and one delegation of it. Other than a
 * lease, that one is also in the way of who removes or renames the file,
 * changes its attributes, or makes and removes names in the directory. These
 * calls on_break() with the lease's spin lock held and then waits, so the news
 * is only put on a list here; a work item takes it to the server, which tells
 * the clients and in the end lowers the lease or gives it up.
 */

#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/filelock.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/path.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "host.h"
#include "shim.h"

#define BROKEN_BY_OPEN	1
#define BROKEN_BY_WRITE	2

/* So often is a delegation asked for whose inode is busy. */
#define SET_TRIES	8

struct shim_guard {
	struct file *file;
	/* One is the owner's, one the list's while it is on it. */
	refcount_t refs;
	/* Why it is on the list, or 0. */
	atomic_t broken;
	struct llist_node node;
	u64 dev;
	u64 ino;
};

static void *host_ctx;
static LLIST_HEAD(news);

/*
 * That has been looked at already, by the server itself. Work items of its own
 * queues stay allocated while their function runs, for this looks at them.
 */
bool shim_is_own(void)
{
	unsigned long fn = 0;

	if (current->flags & PF_WQ_WORKER) {
		struct work_struct *work = current_work();

		fn = work ? (unsigned long)work->func : 0;
	} else if (current->flags & PF_KTHREAD) {
		fn = (unsigned long)kthread_func(current);
	}
	return fn && within_module(fn, THIS_MODULE);
}

static void put(struct shim_guard *g)
{
	if (refcount_dec_and_test(&g->refs))
		kfree(g);
}

static void tell(struct work_struct *work)
{
	struct llist_node *list = llist_reverse_order(llist_del_all(&news));
	struct shim_guard *g, *next;

	llist_for_each_entry_safe(g, next, list, node) {
		/* From here on it may be put on the list again. */
		int why = atomic_xchg(&g->broken, 0);

		ksmbd_host_broken(host_ctx, g->dev, g->ino,
				  why & BROKEN_BY_WRITE);
		put(g);
	}
}

static DECLARE_WORK(tell_work, tell);

static bool on_break(struct file_lease *fl)
{
	struct shim_guard *g = fl->c.flc_owner;
	int why = fl->c.flc_flags & FL_UNLOCK_PENDING ? BROKEN_BY_WRITE :
							BROKEN_BY_OPEN;

	if (!atomic_fetch_or(why, &g->broken)) {
		refcount_inc(&g->refs);
		llist_add(&g->node, &news);
		queue_work(system_dfl_wq, &tell_work);
	}
	return false;
}

static bool breaker_is_own(struct file_lease *fl)
{
	return shim_is_own();
}

/* The server looks for itself, for it knows how many opens are its own. */
static int no_conflict(struct file *file, int type)
{
	return 0;
}

static const struct lease_manager_operations ops = {
	.lm_break = on_break,
	.lm_change = lease_modify,
	.lm_breaker_owns_lease = breaker_is_own,
	.lm_open_conflict = no_conflict,
};

struct shim_guard *shim_guard(const struct path *node, const struct cred *cred,
			      u64 dev, u64 ino)
{
	umode_t mode = d_inode(node->dentry)->i_mode;
	struct shim_guard *g;

	if (!S_ISREG(mode) && !S_ISDIR(mode))
		return ERR_PTR(-EINVAL);
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return ERR_PTR(-ENOMEM);
	g->file = dentry_open(node, O_RDONLY | O_LARGEFILE, cred);
	if (IS_ERR(g->file)) {
		long err = PTR_ERR(g->file);

		kfree(g);
		return ERR_PTR(err);
	}
	refcount_set(&g->refs, 1);
	g->dev = dev;
	g->ino = ino;
	return g;
}

static u32 writers(const struct inode *inode)
{
	int all = atomic_read(&inode->i_writecount);

	return all > 0 ? all : 0;
}

u32 shim_writers(const struct path *node)
{
	return writers(d_inode(node->dentry));
}

u32 shim_guard_writers(struct shim_guard *g)
{
	return writers(file_inode(g->file));
}

static void unset(struct shim_guard *g)
{
	void *owner = g;

	/* There may be none: one that is not given up in time is taken away. */
	kernel_setlease(g->file, F_UNLCK, NULL, &owner);
}

static int set(struct shim_guard *g, int type)
{
	struct file_lease *fl;
	int err;

	fl = locks_alloc_lease();
	if (!fl)
		return -ENOMEM;
	fl->c.flc_flags = FL_DELEG;
	fl->c.flc_type = type;
	fl->c.flc_owner = g;
	fl->c.flc_pid = current->tgid;
	fl->c.flc_file = g->file;
	fl->fl_lmops = &ops;
	err = kernel_setlease(g->file, type, &fl, NULL);
	/* It is taken only if there was none before. */
	if (fl)
		locks_free_lease(fl);
	return err;
}

int shim_guard_set(struct shim_guard *g, bool any)
{
	struct inode *inode = file_inode(g->file);
	/* A directory's contents are nobody's to keep back. */
	int type = any && S_ISREG(inode->i_mode) ? F_WRLCK : F_RDLCK;
	int err, tries = SET_TRIES;

	while ((err = set(g, type)) == -EAGAIN && --tries) {
		/*
		 * The kernel does not wait for the lock of an inode that is
		 * being written to, most of all by ourselves.
		 */
		inode_lock(inode);
		inode_unlock(inode);
	}
	/* Who opens from here on sees it; who did before is counted from here on. */
	smp_mb();
	return err == -EINVAL ? -EOPNOTSUPP : err;
}

void shim_guard_end(struct shim_guard *g)
{
	unset(g);
	filp_close(get_file(g->file), NULL);
	__fput_sync(g->file);
	put(g);
}

int shim_guard_start(void *ctx)
{
	host_ctx = ctx;
	return 0;
}

/* No guard is left. Nobody is told anything when this returns. */
void shim_guard_stop(void)
{
	flush_work(&tell_work);
}
