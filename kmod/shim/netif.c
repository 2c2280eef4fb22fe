// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The addresses of the interfaces of the initial network namespace that are
 * up, for clients that want to reach the server by several of them.
 */

#include <linux/ethtool.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/net_namespace.h>

#include "shim.h"

struct list {
	struct shim_netif *out;
	size_t most;
	size_t used;
};

static struct shim_netif *next(struct list *list)
{
	if (list->used >= list->most)
		return NULL;
	return &list->out[list->used++];
}

static u32 link_mbit(struct net_device *dev)
{
	struct ethtool_link_ksettings settings;

	if (__ethtool_get_link_ksettings(dev, &settings) ||
	    settings.base.speed == (u32)SPEED_UNKNOWN)
		return 0;
	return settings.base.speed;
}

static void add_v4(struct net_device *dev, const struct shim_netif *common,
		   struct list *list)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	const struct in_ifaddr *ifa;
	struct shim_netif *to;

	if (!in_dev)
		return;
	in_dev_for_each_ifa_rtnl(ifa, in_dev) {
		to = next(list);
		if (!to)
			return;
		*to = *common;
		to->v4 = 1;
		memcpy(to->addr, &ifa->ifa_local, sizeof(ifa->ifa_local));
	}
}

static void add_v6(struct net_device *dev, const struct shim_netif *common,
		   struct list *list)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct inet6_dev *in6_dev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;
	struct shim_netif *to;

	if (!in6_dev)
		return;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		/* Not yet, or no longer, to be used. */
		if (ifa->flags & (IFA_F_TENTATIVE | IFA_F_DEPRECATED))
			continue;
		to = next(list);
		if (!to)
			break;
		*to = *common;
		memcpy(to->addr, &ifa->addr, sizeof(ifa->addr));
	}
	read_unlock_bh(&in6_dev->lock);
#endif
}

/*
 * Writes at most that many addresses, of the one interface if there is a name,
 * and tells how many there were.
 */
int shim_netifs(const u8 *name, size_t len, struct shim_netif *out,
		size_t most)
{
	struct list list = { .out = out, .most = most };
	struct net_device *dev;

	rtnl_lock();
	for_each_netdev(&init_net, dev) {
		struct shim_netif common = {};

		if (!(dev->flags & IFF_UP))
			continue;
		if (len && (strlen(dev->name) != len ||
			    memcmp(dev->name, name, len)))
			continue;
		common.index = dev->ifindex;
		common.queues = min_t(u32, dev->real_num_rx_queues, U16_MAX);
		common.mbit = link_mbit(dev);
		add_v4(dev, &common, &list);
		add_v6(dev, &common, &list);
	}
	rtnl_unlock();
	return list.used;
}
