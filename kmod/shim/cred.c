// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Credentials for file operations: exactly the ids that the daemon resolved,
 * and no capability unless the user is root.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#include "shim.h"

const struct cred *shim_cred_new(u32 uid, u32 gid, const u32 *groups,
				 size_t count)
{
	kuid_t kuid = make_kuid(&init_user_ns, uid);
	kgid_t kgid = make_kgid(&init_user_ns, gid);
	struct group_info *info;
	struct cred *cred;
	size_t i;

	if (!uid_valid(kuid) || !gid_valid(kgid) || count > NGROUPS_MAX)
		return ERR_PTR(-EINVAL);

	info = groups_alloc(count);
	if (!info)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < count; i++) {
		info->gid[i] = make_kgid(&init_user_ns, groups[i]);
		if (!gid_valid(info->gid[i])) {
			put_group_info(info);
			return ERR_PTR(-EINVAL);
		}
	}
	groups_sort(info);

	cred = prepare_kernel_cred(&init_task);
	if (!cred) {
		put_group_info(info);
		return ERR_PTR(-ENOMEM);
	}
	set_groups(cred, info);
	put_group_info(info);

	/*
	 * The fs ids decide every check that the VFS makes. The others follow
	 * so that nothing that looks at them sees root behind a user.
	 */
	cred->fsuid = kuid;
	cred->fsgid = kgid;
	cred->uid = kuid;
	cred->euid = kuid;
	cred->suid = kuid;
	cred->gid = kgid;
	cred->egid = kgid;
	cred->sgid = kgid;

	if (!uid_eq(kuid, GLOBAL_ROOT_UID)) {
		cap_clear(cred->cap_effective);
		cap_clear(cred->cap_permitted);
		cap_clear(cred->cap_inheritable);
		cap_clear(cred->cap_ambient);
	}
	return cred;
}

const struct cred *shim_cred_kernel(void)
{
	struct cred *cred = prepare_kernel_cred(&init_task);

	return cred ? cred : ERR_PTR(-ENOMEM);
}

void shim_cred_put(const struct cred *cred)
{
	put_cred(cred);
}
