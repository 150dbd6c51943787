/*
 * The floor: the system calls that the boot and the stop of a subhost cannot do without,
 * made by a program that does nothing else: no configuration, no checks, no messages.
 *
 *     floor boot NAME BASE [CGROUP]   BASE has root, work and live; root has .reaper
 *     floor stop NAME BASE [CGROUP]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static void fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(long result, const char *what)
{
	if (result < 0)
		fail(what);
}

static char netns[200], group[400], note[200];

static void names(const char *name, const char *cgroup)
{
	snprintf(netns, sizeof netns, "/run/netns/%s", name);
	snprintf(note, sizeof note, "/run/floor-%s", name);
	if (cgroup)
		snprintf(group, sizeof group, "%s/%s", cgroup, name);
}

/* A message to rtnetlink. */
struct message {
	struct nlmsghdr head;
	struct ifinfomsg link;
	char rest[400];
};

static struct rtattr *attribute(struct message *m, int type, const void *data, int size)
{
	struct rtattr *a = (void *)((char *)m + NLMSG_ALIGN(m->head.nlmsg_len));
	a->rta_type = type;
	a->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	m->head.nlmsg_len = NLMSG_ALIGN(m->head.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void close_nest(struct message *m, struct rtattr *a)
{
	a->rta_len = (char *)m + m->head.nlmsg_len - (char *)a;
}

/* One request makes the pair, puts the peer into its namespace, and sets our end up. The
 * kernel refuses to set the peer up in it. */
static void make_cable(int rtnl, const char *name, int fd)
{
	struct message m = {
		.head = { NLMSG_LENGTH(sizeof m.link), RTM_NEWLINK,
			  NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 1, 0 },
		.link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP },
	};
	struct { struct nlmsghdr head; struct nlmsgerr error; char rest[500]; } answer;
	struct ifinfomsg there = { 0 };
	struct rtattr *info, *data, *peer;
	char host[IFNAMSIZ];

	attribute(&m, IFLA_IFNAME, host, snprintf(host, sizeof host, "%s0", name) + 1);
	info = attribute(&m, IFLA_LINKINFO, 0, 0);
	attribute(&m, IFLA_INFO_KIND, "veth", 5);
	data = attribute(&m, IFLA_INFO_DATA, 0, 0);
	peer = attribute(&m, VETH_INFO_PEER, &there, sizeof there);
	attribute(&m, IFLA_IFNAME, "eth0", 5);
	attribute(&m, IFLA_NET_NS_FD, &fd, sizeof fd);
	close_nest(&m, peer);
	close_nest(&m, data);
	close_nest(&m, info);
	must(send(rtnl, &m, m.head.nlmsg_len, 0), "send");
	must(recv(rtnl, &answer, sizeof answer, 0), "recv");
	if (answer.head.nlmsg_type == NLMSG_ERROR && answer.error.error) {
		errno = -answer.error.error;
		fail("the cable");
	}
}

static void set_up(int ioctls, const char *name)
{
	struct ifreq link = { .ifr_flags = IFF_UP | IFF_RUNNING };

	strcpy(link.ifr_name, name);
	must(ioctl(ioctls, SIOCSIFFLAGS, &link), name);
}

/* Names a new network namespace, in which this process is from then on. */
static void make_netns(const char *name)
{
	int fd, ioctls, rtnl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	must(rtnl, "netlink");
	mkdir("/run/netns", 0755);
	must(fd = open(netns, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), netns);
	close(fd);
	must(unshare(CLONE_NEWNET), "unshare net");
	must(mount("/proc/self/ns/net", netns, "", MS_BIND, 0), netns);
	must(fd = open(netns, O_RDONLY | O_CLOEXEC), netns);
	must(ioctls = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	set_up(ioctls, "lo");
	make_cable(rtnl, name, fd);
	set_up(ioctls, "eth0");
}

static void make_dev(void)
{
	static const struct { const char *name; int mode, major, minor; } nodes[] = {
		{ "dev/console", 0622, 5, 1 }, { "dev/null", 0666, 1, 3 },
		{ "dev/zero", 0666, 1, 5 }, { "dev/ptmx", 0666, 5, 2 }, { "dev/tty", 0666, 5, 0 },
		{ "dev/random", 0444, 1, 8 }, { "dev/urandom", 0444, 1, 9 },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
		{ "/proc/kcore", "dev/core" },
	};
	unsigned i;

	must(mount("dev", "dev", "tmpfs", 0, "size=50M,mode=755"), "dev");
	for (i = 0; i < sizeof nodes / sizeof *nodes; i++)
		must(mknod(nodes[i].name, S_IFCHR | nodes[i].mode,
			   makedev(nodes[i].major, nodes[i].minor)), nodes[i].name);
	for (i = 0; i < sizeof links / sizeof *links; i++)
		must(symlink(links[i][0], links[i][1]), links[i][1]);
	must(mkdir("dev/shm", 01777), "dev/shm");
	must(mkdir("dev/pts", 0755), "dev/pts");
	must(mount("devpts", "dev/pts", "devpts", 0, 0), "dev/pts");
}

/* What pid 1 does before it becomes the reaper. */
static void enter(const char *name, const char *base)
{
	char options[1000], live[300];

	umask(0);
	must(unshare(CLONE_NEWCGROUP), "unshare cgroup");
	must(mount("", "/", "", MS_REC | MS_PRIVATE, 0), "private");
	snprintf(live, sizeof live, "%s/live", base);
	snprintf(options, sizeof options, "lowerdir=/,upperdir=%s/root,workdir=%s/work",
		 base, base);
	must(mount(name, live, "overlay", 0, options), "overlay");
	must(chdir(live), live);
	make_dev();
	must(mount("sysfs", "sys", "sysfs", MS_RDONLY, 0), "sys");
	must(mount("tmpfs", "run", "tmpfs", 0, "size=50M,mode=755"), "run");
	must(mkdir("run/lock", 01777), "run/lock");
	must(mount("proc", "proc", "proc", 0, 0), "proc");
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "/");
	execl("/.reaper", "/.reaper", name, "stay", (char *)0);
	fail("/.reaper");
}

static long clone_into_group(void)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD,
	};

	if (*group) {
		int fd;
		must(mkdir(group, 0755), group);
		must(fd = open(group, O_PATH | O_CLOEXEC), group);
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = fd;
	}
	return syscall(SYS_clone3, &args, sizeof args);
}

static int boot(const char *name, const char *base)
{
	char c, pid_text[20];
	int fd, running[2];
	long pid;

	make_netns(name);
	must(unshare(CLONE_NEWTIME), "unshare time");
	must(pipe2(running, O_CLOEXEC), "pipe");
	must(pid = clone_into_group(), "clone3");
	if (pid == 0)
		enter(name, base);
	close(running[1]);
	must(fd = open(note, O_WRONLY | O_CREAT | O_TRUNC, 0600), note);
	must(write(fd, pid_text, snprintf(pid_text, sizeof pid_text, "%ld", pid)), note);
	return read(running[0], &c, 1) != 0; /* executing the reaper closes its end */
}

static int stop(void)
{
	struct pollfd end = { .events = POLLIN };
	char pid_text[20] = "";
	int fd;

	must(fd = open(note, O_RDONLY), note);
	must(read(fd, pid_text, sizeof pid_text - 1), note);
	must(end.fd = syscall(SYS_pidfd_open, atoi(pid_text), 0), "pidfd_open");
	must(syscall(SYS_pidfd_send_signal, end.fd, SIGKILL, 0, 0), "kill");
	must(poll(&end, 1, -1), "poll");
	must(umount2(netns, MNT_DETACH), netns);
	must(unlink(netns), netns);
	if (*group)
		must(rmdir(group), group);
	return unlink(note) != 0;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	names(argv[2], argv[4]);
	return strcmp(argv[1], "boot") == 0 ? boot(argv[2], argv[3]) : stop();
}
