// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP sockets of the initial network namespace.
 */

#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/net.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "shim.h"

#define BACKLOG 128

/* A peer that is gone without a word is found after about two minutes. */
#define KEEP_IDLE_S	60
#define KEEP_INTVL_S	10
#define KEEP_COUNT	6

/* What a peer has to take within one send time-out to count as alive. */
#define SEND_PROGRESS	(64 << 10)

static struct socket *listen_on(int family, u16 port, int ifindex)
{
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_ANY_INIT,
		.sin6_port = htons(port),
	};
	struct sockaddr_in in4 = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_ANY),
		.sin_port = htons(port),
	};
	struct sockaddr_unsized *addr;
	struct socket *sock;
	int err, len;

	err = sock_create_kern(&init_net, family, SOCK_STREAM, IPPROTO_TCP,
			       &sock);
	if (err)
		return ERR_PTR(err);

	sock_set_reuseaddr(sock->sk);
	tcp_sock_set_nodelay(sock->sk);
	if (family == AF_INET6) {
		/* Whatever net.ipv6.bindv6only says: serve both. */
		lock_sock(sock->sk);
		sock->sk->sk_ipv6only = 0;
		release_sock(sock->sk);
		addr = (struct sockaddr_unsized *)&in6;
		len = sizeof(in6);
	} else {
		addr = (struct sockaddr_unsized *)&in4;
		len = sizeof(in4);
	}
	if (ifindex) {
		err = sock_bindtoindex(sock->sk, ifindex, true);
		if (err)
			goto release;
	}
	err = kernel_bind(sock, addr, len);
	if (err)
		goto release;
	err = kernel_listen(sock, BACKLOG);
	if (err)
		goto release;
	return sock;

release:
	sock_release(sock);
	return ERR_PTR(err);
}

struct socket *shim_sock_listen(u16 port, int ifindex)
{
	struct socket *sock = listen_on(AF_INET6, port, ifindex);

	/* No IPv6 in this kernel, or switched off. */
	if (IS_ERR(sock) && (PTR_ERR(sock) == -EAFNOSUPPORT ||
			     PTR_ERR(sock) == -EADDRNOTAVAIL))
		sock = listen_on(AF_INET, port, ifindex);
	return sock;
}

struct socket *shim_sock_accept(struct socket *listener,
				struct shim_peer *peer)
{
	struct sockaddr_storage addr = {};
	struct socket *sock;
	int err;

	err = kernel_accept(listener, &sock, 0);
	if (err)
		return ERR_PTR(err);
	err = kernel_getpeername(sock, (struct sockaddr *)&addr);
	if (err < 0) {
		sock_release(sock);
		return ERR_PTR(err);
	}

	*peer = (struct shim_peer){};
	if (addr.ss_family == AF_INET6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;

		memcpy(peer->addr, &in6->sin6_addr, 16);
		peer->port = ntohs(in6->sin6_port);
		peer->v4 = ipv6_addr_v4mapped(&in6->sin6_addr);
	} else {
		struct sockaddr_in *in4 = (struct sockaddr_in *)&addr;

		peer->addr[10] = 0xff;
		peer->addr[11] = 0xff;
		memcpy(peer->addr + 12, &in4->sin_addr, 4);
		peer->port = ntohs(in4->sin_port);
		peer->v4 = 1;
	}
	return sock;
}

/* The local port, in host order. */
u16 shim_sock_port(struct socket *sock)
{
	return inet_sk(sock->sk)->inet_num;
}

int shim_sock_tune(struct socket *sock, u32 send_timeout_ms)
{
	struct sock *sk = sock->sk;

	tcp_sock_set_nodelay(sk);
	sock_set_keepalive(sk);
	tcp_sock_set_keepidle(sk, KEEP_IDLE_S);
	tcp_sock_set_keepintvl(sk, KEEP_INTVL_S);
	tcp_sock_set_keepcnt(sk, KEEP_COUNT);
	WRITE_ONCE(sk->sk_sndtimeo, msecs_to_jiffies(send_timeout_ms));
	return 0;
}

/*
 * All of it; 0 if the peer has closed before the first byte. With a time-out
 * (0: none), -EAGAIN if not a byte comes for so long.
 */
ssize_t shim_sock_recv(struct socket *sock, void *buf, size_t len,
		       u32 timeout_ms)
{
	struct msghdr msg = {};
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	size_t done = 0;

	WRITE_ONCE(sock->sk->sk_rcvtimeo,
		   timeout_ms ? msecs_to_jiffies(timeout_ms) :
				MAX_SCHEDULE_TIMEOUT);
	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	while (done < len) {
		int ret = sock_recvmsg(sock, &msg, MSG_WAITALL);

		if (ret < 0)
			return ret;
		if (!ret)
			return done ? -ECONNRESET : 0;
		done += ret;
	}
	return done;
}

int shim_sock_send(struct socket *sock, struct kvec *vec, size_t count,
		   size_t total)
{
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, vec, count, total);
	while (msg_data_left(&msg)) {
		int ret = sock_sendmsg(sock, &msg);

		if (ret < 0)
			return ret;
		/* It returns early only when the time-out has passed. */
		if (ret < SEND_PROGRESS && msg_data_left(&msg))
			return -EAGAIN;
	}
	return 0;
}

bool shim_sock_has_data(struct socket *sock)
{
	const struct tcp_sock *tp = tcp_sk(sock->sk);

	/* A hint: no lock, the numbers may be stale. */
	return READ_ONCE(tp->rcv_nxt) != READ_ONCE(tp->copied_seq);
}

u32 shim_sock_retransmissions(struct socket *sock)
{
	return READ_ONCE(inet_csk(sock->sk)->icsk_retransmits);
}

void shim_sock_shutdown(struct socket *sock)
{
	kernel_sock_shutdown(sock, SHUT_RDWR);
}

void shim_sock_release(struct socket *sock)
{
	sock_release(sock);
}

int shim_ifindex(const u8 *name, size_t len)
{
	char ifname[IFNAMSIZ];
	struct net_device *dev;
	int index = -ENODEV;

	if (!len || len >= sizeof(ifname))
		return -ENODEV;
	memcpy(ifname, name, len);
	ifname[len] = 0;
	rcu_read_lock();
	dev = dev_get_by_name_rcu(&init_net, ifname);
	if (dev)
		index = dev->ifindex;
	rcu_read_unlock();
	return index;
}
