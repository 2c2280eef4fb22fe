// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel threads and work queues.
 *
 * A thread is always joined: shim_thread_join() returns only when the thread
 * has left the module's text for good, so the module may go afterwards.
 */

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/workqueue.h>

#include "shim.h"

struct task_struct *shim_thread_run(int (*main)(void *), void *arg,
				    const char *cstr)
{
	struct task_struct *task = kthread_create(main, arg, "%s", cstr);

	if (IS_ERR(task))
		return task;
	/* It may end before it is joined. */
	get_task_struct(task);
	wake_up_process(task);
	return task;
}

/* -EINTR if the thread had been stopped before it ran at all. */
int shim_thread_join(struct task_struct *task)
{
	return kthread_stop_put(task);
}

bool shim_thread_should_stop(void)
{
	return kthread_should_stop();
}

void shim_thread_sleep_ms(u32 ms)
{
	set_current_state(TASK_INTERRUPTIBLE);
	if (!kthread_should_stop())
		schedule_timeout(msecs_to_jiffies(ms));
	__set_current_state(TASK_RUNNING);
}

struct workqueue_struct *shim_queue_new(const char *cstr, bool ordered)
{
	struct workqueue_struct *queue;

	if (ordered)
		queue = alloc_ordered_workqueue("%s", 0, cstr);
	else
		/*
		 * Unbound: the work of one connection spreads over the CPUs.
		 * SYSFS lets an administrator set CPUs and niceness.
		 */
		queue = alloc_workqueue("%s", WQ_UNBOUND | WQ_SYSFS, 0, cstr);
	return queue ? queue : ERR_PTR(-ENOMEM);
}

void shim_queue_flush(struct workqueue_struct *queue)
{
	flush_workqueue(queue);
}

void shim_queue_destroy(struct workqueue_struct *queue)
{
	destroy_workqueue(queue);
}
