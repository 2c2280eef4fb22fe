// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generic netlink family "KSMBD". Attributes are not looked at here: the
 * one parser for them is proto_shared::ipc.
 */

#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "host.h"
#include "shim.h"

#define FAMILY_VERSION 1

/* The daemon finds the family by name, which loads the module. */
MODULE_ALIAS_GENL_FAMILY("KSMBD");

/* Commands that a process may send; see proto_shared::ipc. */
enum {
	CMD_HELLO = 1,
	CMD_START = 2,
	CMD_STOP = 3,
	CMD_UPCALL_REPLY = 5,
	CMD_LIST = 7,
	CMD_CLOSE = 8,
	CMD_UPDATE = 9,
	CMD_END = 255,
};

static void *host_ctx;

static int take_message(struct sk_buff *skb, struct genl_info *info)
{
	return ksmbd_host_message(host_ctx, info->snd_portid, info->snd_seq,
				  info->genlhdr->cmd,
				  genlmsg_data(info->genlhdr),
				  genlmsg_len(info->genlhdr));
}

#define OP(command) {							\
	.cmd = (command),						\
	.flags = GENL_ADMIN_PERM,					\
	.validate = GENL_DONT_VALIDATE_STRICT,				\
	.doit = take_message,						\
}

static const struct genl_small_ops ops[] = {
	OP(CMD_HELLO),
	OP(CMD_START),
	OP(CMD_STOP),
	OP(CMD_UPCALL_REPLY),
	OP(CMD_LIST),
	OP(CMD_CLOSE),
	OP(CMD_UPDATE),
};

static struct genl_family family __ro_after_init = {
	.name = "KSMBD",
	.version = FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.small_ops = ops,
	.n_small_ops = ARRAY_SIZE(ops),
	/*
	 * Commands from here on would have their attributes refused, because
	 * there is no policy to judge them by.
	 */
	.resv_start_op = CMD_END,
};

static int on_netlink(struct notifier_block *nb, unsigned long event,
		      void *data)
{
	const struct netlink_notify *n = data;

	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC &&
	    net_eq(n->net, &init_net))
		ksmbd_host_portid_gone(host_ctx, n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block netlink_nb = {
	.notifier_call = on_netlink,
};

int shim_genl_register(void *ctx)
{
	int err;

	host_ctx = ctx;
	err = netlink_register_notifier(&netlink_nb);
	if (err)
		return err;
	err = genl_register_family(&family);
	if (err)
		netlink_unregister_notifier(&netlink_nb);
	return err;
}

/* No callback runs any more when this returns. */
void shim_genl_unregister(void)
{
	genl_unregister_family(&family);
	netlink_unregister_notifier(&netlink_nb);
}

/* A request's answer carries its number; a post has none. */
int shim_genl_send(u32 portid, u32 seq, u8 command, const u8 *attrs,
		   size_t len)
{
	struct sk_buff *skb;
	void *head;
	int err;

	if (!portid)
		return -ECONNREFUSED;
	if (len > INT_MAX / 2)
		return -EMSGSIZE;
	skb = genlmsg_new(len, GFP_KERNEL | __GFP_NOWARN);
	if (!skb)
		return -ENOMEM;
	head = genlmsg_put(skb, portid, seq, &family, 0, command);
	if (!head || skb_tailroom(skb) < len) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	skb_put_data(skb, attrs, len);
	genlmsg_end(skb, head);
	err = genlmsg_unicast(&init_net, skb, portid);
	if (err == -EAGAIN)
		err = -ENOBUFS;	/* the daemon does not read */
	return err;
}
