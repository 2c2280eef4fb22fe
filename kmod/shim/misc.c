// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time, randomness, memory, and what the module says about itself in C only.
 */

#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "shim.h"

/*
 * "gcm(aes)" always resolves, but without these only to the library's
 * block-by-block code.
 */
MODULE_SOFTDEP("pre: aesni-intel");

u64 shim_now_ns(void)
{
	return ktime_get_ns();
}

void shim_wall_clock(s64 *sec, u32 *nsec)
{
	struct timespec64 ts;

	ktime_get_real_ts64(&ts);
	*sec = ts.tv_sec;
	*nsec = ts.tv_nsec;
}

void shim_random(void *buf, size_t len)
{
	get_random_bytes(buf, len);
}

/*
 * Zeroed once, because Rust slices are made of it; what comes back from the
 * pool is not zeroed again.
 */
void *shim_mem_alloc(size_t size)
{
	return kvzalloc(size, GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
}

void shim_mem_free(void *mem)
{
	kvfree(mem);
}

void shim_wipe(void *mem, size_t len)
{
	memzero_explicit(mem, len);
}
